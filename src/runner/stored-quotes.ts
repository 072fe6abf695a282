import { ConfigError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import type { BookQuote } from '../core/quotes.js'
import { durationName, formatUtc, SECOND_MS } from '../core/time.js'
import { loadFacts } from '../store/load.js'
import { hashText } from '../store/files.js'
import { openStore, storeManifest } from '../store/store.js'

/** Best bid and ask of a data folder. */
export interface StoredQuotes {
  /** In the order in which they were known. */
  readonly quotes: readonly BookQuote[]
  /** Identifies all rows. */
  readonly hash: string
  /** The middle one of the times between two of an instrument, of that with the longest, ms; NaN where there are none. */
  readonly spacingMs: number
}

/** The series in which a recorder keeps best bid and ask of an instrument, as it samples them. */
export function bookSeriesId(instrumentId: string): string {
  return `series/book.${instrumentId.replaceAll(':', '.')}`
}

/**
 * Reads the recorded best bid and ask of instruments, each known from the moment at which its answer had come. An answer says how the book stands and not since when, so that a quote's age is counted from
 * there. Throws ConfigError where an instrument has none.
 */
export async function loadStoredQuotes(
  dataFolder: string,
  instruments: readonly Instrument[],
): Promise<StoredQuotes> {
  const store = openStore(dataFolder)
  const manifest = await storeManifest(store)
  const all: BookQuote[] = []
  const hashes: string[] = []
  const spacings: number[] = []
  for (const [instrument, { id }] of instruments.entries()) {
    const series = bookSeriesId(id)
    const entry = manifest.series[series]
    if (entry === undefined)
      throw new ConfigError(`the data folder holds no best bid and ask of ${id} (${series}): baleen data record keeps them; without, a session on stored data fills by bars`, { file: dataFolder, field: '--fill-model', value: 'quotes' }) // prettier-ignore
    hashes.push(entry.file.sha256)
    const quotes = quotesOf(instrument, await loadFacts(store, series))
    spacings.push(middleSpacing(quotes))
    all.push(...quotes)
  }
  all.sort((a, b) => a.time - b.time || a.instrument - b.instrument)
  return { quotes: all, hash: hashText(hashes.join('\n')), spacingMs: Math.max(...spacings) }
}

function quotesOf(instrument: number, { knownAt, values }: Awaited<ReturnType<typeof loadFacts>>): BookQuote[] {
  const { bid = [], ask = [], bidQuantity = [], askQuantity = [] } = values
  // One that says not how much it offers offers nothing.
  const size = (column: ArrayLike<number>, row: number): number => {
    const said = column[row] ?? NaN
    return Number.isNaN(said) ? 0 : said
  }
  return Array.from(knownAt, (time, row) => ({
    instrument,
    time,
    bid: bid[row] ?? NaN,
    bidSize: size(bidQuantity, row),
    ask: ask[row] ?? NaN,
    askSize: size(askQuantity, row),
  }))
} // prettier-ignore

function middleSpacing(quotes: readonly BookQuote[]): number {
  const steps = quotes.slice(1).map(({ time }, at) => time - (quotes[at] as BookQuote).time)
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? NaN
}

/** Throws ConfigError where quotes were sampled so seldom that most of the time none could be traded on. */
export function requireDenseQuotes({ quotes, spacingMs }: StoredQuotes, quoteLifeMs: number): void {
  if (!(spacingMs > quoteLifeMs)) return
  const [first, last] = [quotes[0]?.time ?? NaN, quotes.at(-1)?.time ?? NaN]
  const wanted = durationName(Math.ceil((2 * spacingMs) / SECOND_MS) * SECOND_MS)
  throw new ConfigError(
    `best bid and ask were recorded ${durationName(Math.round(spacingMs / SECOND_MS) * SECOND_MS)} apart (${formatUtc(first)} to ${formatUtc(last)} UTC), and one is traded on for ${durationName(quoteLifeMs)}: say --quote-life ${wanted}, or record more often`,
    { field: '--quote-life', value: durationName(quoteLifeMs) },
  )
}
