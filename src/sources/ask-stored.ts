import { storedBody, type StoredAnswer } from './smart-money/answer-log.js'
import type { Transport } from './transport.js'

export interface AskOptions {
  readonly transport: Transport
  /** UTC ms. */
  readonly now: () => number
  /** Real ms for a whole answer. */
  readonly timeoutMs: number
  /** Gives up what is under way. */
  readonly stop?: AbortSignal
}

/** Sends one request and answers what came of it, as it is to be stored: never throws for what the network does. */
export async function askStored(
  url: URL,
  params: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
  options: AskOptions,
): Promise<StoredAnswer> {
  const { transport, now, timeoutMs, stop } = options
  const asked = { url: url.href, params }
  const signals = [AbortSignal.timeout(timeoutMs), ...(stop === undefined ? [] : [stop])]
  try {
    const answer = await transport(url, headers, AbortSignal.any(signals))
    return { fetchedAt: now(), ...asked, status: answer.status, headers: answer.headers, ...storedBody(answer.bytes) } // prettier-ignore
  } catch (error) {
    const nothing = storedBody(Buffer.alloc(0))
    return { fetchedAt: now(), ...asked, status: null, headers: {}, ...nothing, failure: reasonOf(error) }
  }
}

/** The words of a failure, with the cause that `fetch` hides. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message
}
