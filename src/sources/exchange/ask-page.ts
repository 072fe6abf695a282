import { BaleenError, EXIT_CODES } from '../../core/errors.js'
import type { CandlePage } from './candle-pages.js'

export interface Patience {
  /** UTC ms, for Retry-After. */
  readonly now: () => number
  /** Waits. */
  readonly pause: (durationMs: number) => Promise<void>
}

/** How often a page is asked for before the download ends with what the venue said last, and what it waits where nobody says how long: 1, 2, 4 … s. */
const TRIES = 8

/** Rows of a page, asked for until the venue gives them. Throws BaleenError with the exit code of networks where it does not. */
export async function askPage(
  ask: () => Promise<CandlePage>,
  what: string,
  { now, pause }: Patience,
): Promise<readonly unknown[]> {
  let last = 'no answer'
  for (let tries = 0; tries < TRIES; tries++) {
    const page = await ask()
    if ('rows' in page) return page.rows
    last = `${page.failure}: ${page.message}`
    if (page.failure === 'refused') break
    const waitMs = page.retryAt === undefined ? 1_000 * 2 ** tries : page.retryAt - now()
    if (waitMs > 0) await pause(waitMs)
  }
  throw notAnswered(`${what} cannot be downloaded: ${last}`)
}

/** A network that does not answer, or a venue that does not. */
export function notAnswered(message: string): BaleenError {
  return new BaleenError(message, EXIT_CODES.network)
}
