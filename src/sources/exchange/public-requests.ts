import { askStored } from '../ask-stored.js'
import { retryAtMs } from '../retry-after.js'
import type { AnswerLog, StoredAnswer } from '../smart-money/answer-log.js'
import type { RequestBudget } from '../smart-money/budget.js'
import type { Meaning } from '../smart-money/meaning.js'
import { fetchTransport, type Transport } from '../transport.js'

/** Addresses of the two markets' public REST. */
export interface MarketAddresses {
  readonly spotRest: string
  readonly usdmRest: string
}

export const BINANCE: MarketAddresses = {
  spotRest: 'https://api.binance.com/api/v3',
  usdmRest: 'https://fapi.binance.com/fapi/v1',
}

export interface PublicRequestOptions {
  readonly addresses: MarketAddresses
  readonly budget: Pick<RequestBudget, 'take' | 'refused' | 'accepted'>
  readonly log: AnswerLog
  readonly now: () => number
  readonly timeoutMs?: number
  readonly transport?: Transport
  readonly stop?: AbortSignal
}

export interface PublicOutcome {
  readonly meaning: Meaning
  readonly message: string
  readonly answer?: StoredAnswer
  readonly retryAt?: number
}

/** What an answer of Binance's public REST means, by an allow-list. Pure. Source: "General API Information", "HTTP Return Codes" and "Limits". */
export function understandPublic(
  status: number,
  text: string,
): Pick<PublicOutcome, 'meaning' | 'message'> & { readonly json?: unknown } {
  // prettier-ignore
  if (status === 200) {
    const json = jsonOf(text)
    if (json !== undefined) return { meaning: 'answered', message: '', json }
    return { meaning: 'unreadable', message: 'the body is no JSON' }
  }
  const message = `HTTP ${status}: ${text.slice(0, 200)}`
  if (status === 429 || status === 418) return { meaning: 'limited', message }
  if (status === 403 || status === 451) return { meaning: 'withheld', message }
  if (status === 400) return { meaning: 'bad-request', message }
  return { meaning: status >= 500 ? 'unavailable' : 'unexpected', message }
}

/** An object or a list; undefined for all else. */
function jsonOf(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? json : undefined
  } catch {
    return undefined
  }
}

/** Asks Binance's public REST, one request a call, and keeps each answer as it came before it is read; nothing inside a Retry-After, in no process. */
export class PublicRequests {
  constructor(private readonly options: PublicRequestOptions) {}

  async ask(
    market: 'spot' | 'usdm',
    path: string,
    params: Readonly<Record<string, string>>,
  ): Promise<PublicOutcome> {
    const { addresses, budget, log, now, timeoutMs = 10_000, transport = fetchTransport, stop } = this.options
    const url = new URL(`${market === 'spot' ? addresses.spotRest : addresses.usdmRest}/${path}`)
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
    const waitUntil = await budget.take(now())
    if (waitUntil !== undefined) return { meaning: 'held-back', message: 'a Retry-After is not over', retryAt: waitUntil } // prettier-ignore
    const headers = { accept: 'application/json' }
    const answer = await askStored(url, params, headers, { transport, now, timeoutMs, ...(stop !== undefined && { stop }) }) // prettier-ignore
    await log.add(answer)
    if (answer.status === null) return { meaning: 'no-answer', message: answer.failure ?? '', answer }
    const { meaning, message } = understandPublic(
      answer.status,
      answer.encoding === 'utf8' ? answer.body : '',
    )
    const retryAt = retryAtMs(answer.headers['retry-after'] ?? null, answer.fetchedAt)
    if (meaning === 'limited' || (meaning !== 'answered' && retryAt !== undefined))
      await budget.refused(answer.fetchedAt, retryAt)
    if (meaning === 'answered') await budget.accepted(answer.fetchedAt)
    return { meaning, message, answer, ...(retryAt !== undefined && { retryAt }) }
  }
}
