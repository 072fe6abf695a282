import { ConfigError } from '../../core/errors.js'
import { askStored } from '../ask-stored.js'
import { retryAtMs } from '../retry-after.js'
import { fetchTransport, type Transport } from '../transport.js'
import type { AnswerLog, StoredAnswer } from './answer-log.js'
import type { RequestBudget } from './budget.js'
import { withoutKey } from './hide-key.js'
import { type Meaning, understand } from './meaning.js'
import type { Secret } from './secret.js'

export type Params = Readonly<Record<string, string>>

export interface ClientOptions {
  /** `https://api.smartmoneyapi.com`; plain http only to this very machine. */
  readonly baseUrl: string
  /** Without one only open endpoints answer. */
  readonly key?: Secret
  readonly budget: Pick<RequestBudget, 'take' | 'refused' | 'accepted'>
  readonly log: AnswerLog
  /** UTC ms. */
  readonly now: () => number
  /** Real ms for a whole answer; default 30 s. */
  readonly timeoutMs?: number
  /** Default the network; of a recorded day, `replayTransport`. */
  readonly transport?: Transport
  /** Gives up what is under way. */
  readonly stop?: AbortSignal
}

/** What came of one request. */
export interface Outcome {
  readonly meaning: Meaning
  readonly message: string
  /** The body of an answer: JSON of an unknown shape. */
  readonly body?: Readonly<Record<string, unknown>>
  /** As it was stored; undefined where nothing was sent. */
  readonly answer?: StoredAnswer
  /** UTC ms before which asking again is of no use, where that is known. */
  readonly retryAt?: number
}

const PATH = /^\/v1\/[A-Za-z0-9_\-/]{1,200}$/

/**
 * Asks the Smart Money API, one request a call: nothing is asked twice by itself, each request is taken from the budget before it leaves, and each answer is stored before it is read. Never throws
 * for what an answer holds; throws ConfigError for what cannot be asked, DataError where budget or answers cannot be kept.
 */
export class SmartMoneyClient {
  private readonly base: URL

  constructor(private readonly options: ClientOptions) {
    this.base = baseOf(options.baseUrl)
  }

  async ask(path: string, params: Params = {}): Promise<Outcome> {
    if (!PATH.test(path)) throw new ConfigError('a path begins with /v1/', { field: 'path', value: path })
    const { budget, log, now, key, timeoutMs = 30_000, transport = fetchTransport, stop } = this.options
    const url = new URL(path, this.base)
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
    const waitUntil = await budget.take(now())
    if (waitUntil !== undefined) return { meaning: 'held-back', message: 'no request is left before then', retryAt: waitUntil } // prettier-ignore

    const headers = { accept: 'application/json', ...(key !== undefined && { 'x-api-key': key.reveal() }) }
    const asking = { transport, now, timeoutMs, ...(stop !== undefined && { stop }) }
    const answer = withoutKey(await askStored(url, params, headers, asking), key)
    await log.add(answer)
    if (answer.status === null) return { meaning: 'no-answer', message: answer.failure ?? '', answer }
    const understood = understand(answer.status, answer.encoding === 'utf8' ? answer.body : '')
    const retryAt = retryAtMs(answer.headers['retry-after'] ?? null, answer.fetchedAt)
    // A 503 that says when to come again is obeyed like a 429.
    if (understood.meaning === 'limited' || (understood.meaning !== 'answered' && retryAt !== undefined))
      await budget.refused(answer.fetchedAt, retryAt)
    if (understood.meaning === 'answered') await budget.accepted(answer.fetchedAt)
    return { ...understood, answer, ...(retryAt !== undefined && { retryAt }) }
  }
}

function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHere = url?.protocol === 'http:' && (url.hostname === '127.0.0.1' || url.hostname === '[::1]')
  if (url !== undefined && (url.protocol === 'https:' || isHere) && url.username === '' && url.password === '') return url // prettier-ignore
  throw new ConfigError('an address of the API begins with https://, or with http://127.0.0.1', { field: 'baseUrl' }) // prettier-ignore
}
