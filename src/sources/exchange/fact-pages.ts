import { askPage, notAnswered, type Patience } from './ask-page.js'
import type { CandlePage } from './candle-pages.js'
import { NO_MEMORY, type PageMemory, remembered } from './page-memory.js'

/** One venue's facts of one instrument, window by window. */
export interface FactPages {
  /** `funding`, `open interest`. */
  readonly what: string
  /** So short that no page is ever cut. */
  readonly windowMs: number
  serverTime(): Promise<number | undefined>
  /** Facts of times from, included, to, excluded; rows as ccxt reads them. */
  page(fromMs: number, toMs: number): Promise<CandlePage>
}

export interface FactBackfillOptions extends Patience {
  readonly fromMs: number
  readonly toMs: number
  readonly progress?: (doneMs: number) => void
  readonly memory?: PageMemory
}

export interface FactBackfill {
  /** As they came, each once, in the order of their windows; what is wrong with one is found by the import. */
  readonly rows: readonly unknown[]
  /** UTC ms: what happened before this was asked for. */
  readonly askedUntilMs: number
}

/** Downloads facts window by window; windows begin at multiples of their length since 1970. Throws BaleenError with the exit code of networks where the venue does not answer. */
export async function backfillFacts(pages: FactPages, options: FactBackfillOptions): Promise<FactBackfill> {
  const { fromMs, toMs, progress, memory = NO_MEMORY } = options
  const serverTime = await pages.serverTime()
  if (serverTime === undefined)
    throw notAnswered(`${pages.what} cannot be downloaded: the venue does not tell its time`)
  const lastMs = Math.min(toMs, serverTime)
  const rows = new Map<string, unknown>()
  for (let at = fromMs; at < lastMs;) {
    const endMs = Math.min(lastMs, (Math.floor(at / pages.windowMs) + 1) * pages.windowMs)
    const start = at
    const ask = (): Promise<readonly unknown[]> =>
      askPage(() => pages.page(start, endMs), pages.what, options)
    for (const row of await remembered(memory, `${start} ${endMs}`, ask)) rows.set(JSON.stringify(row), row)
    at = endMs
    progress?.(at)
  }
  return { rows: [...rows.values()], askedUntilMs: Math.max(fromMs, lastMs) }
}
