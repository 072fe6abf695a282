import type { Candles, FactColumns, FundingSchedule } from '../../core/columns.js'
import type { InstrumentData } from '../../engine/options.js'
import type { KnownSettlement, PaperBar, PaperBars } from '../../engine/paper-lane.js'
import type { SessionFact } from '../../engine/session.js'
import type { JournalRow } from '../journal-file.js'
import { journalBody } from '../journal-text.js'
import type { PaperSessionSettings } from '../paper-session.js'

/** A fact that comes after a close was decided counts as known this much after it. */
const LATE_MS = 1

/** What a session was told, as a replay reads it: candles, settlements and facts by when they counted as known. O(n log n). */
export function recordedInputs(
  settings: PaperSessionSettings,
  rows: readonly JournalRow[],
): InstrumentData[] {
  const bars: PaperBar[] = []
  const facts: SessionFact[] = []
  const settlements: KnownSettlement[] = []
  let decided = -Infinity
  for (const { kind, text } of rows) {
    if (kind === 'bars') {
      const closing = journalBody(text) as PaperBars
      bars.push(...closing.bars)
      decided = closing.closeTime
    } else if (kind === 'settlement') settlements.push(journalBody(text) as KnownSettlement)
    else if (kind === 'fact') {
      const fact = journalBody(text) as SessionFact
      if (!Number.isNaN(fact.knownAt))
        facts.push({ ...fact, knownAt: fact.knownAt > decided ? fact.knownAt : decided + LATE_MS })
    }
  }
  return settings.instruments.map((instrument, index) => {
    const own = bars.filter((bar) => bar.instrument === index)
    const candles = candlesOf(own, settings.timeframeMs)
    const column = (value: (mark: NonNullable<PaperBar['mark']>) => number): Float64Array =>
      Float64Array.from(own, ({ mark }) => (mark === undefined ? NaN : value(mark)))
    const hasMark = own.some(({ mark }) => mark !== undefined)
    return {
      instrument,
      candles,
      funding:
        instrument.kind === 'spot' ? undefined : fundingOf(settlements.filter((one) => one.instrument === index)),
      facts: factsOf(settings, facts.filter((fact) => fact.instrument === index)),
      ...(hasMark && { mark: { open: column(({ open }) => open), high: column(({ high }) => high), low: column(({ low }) => low) } }),
    }
  }) // prettier-ignore
}

function candlesOf(bars: readonly PaperBar[], timeframeMs: number): Candles {
  const column = (value: (bar: PaperBar) => number): Float64Array => Float64Array.from(bars, value)
  return {
    timeframeMs,
    openTime: column(({ openTime }) => openTime),
    open: column(({ open }) => open),
    high: column(({ high }) => high),
    low: column(({ low }) => low),
    close: column(({ close }) => close),
    volume: column(({ volume }) => volume),
  }
}

/** A feed that began again has told of some twice. */
function fundingOf(settlements: readonly KnownSettlement[]): FundingSchedule {
  const byTime = new Map(settlements.toReversed().map((one) => [one.time, one]))
  const sorted = [...byTime.values()].sort((a, b) => a.time - b.time)
  return {
    time: Float64Array.from(sorted, ({ time }) => time),
    rate: Float64Array.from(sorted, ({ rate }) => rate),
    mark: Float64Array.from(sorted, ({ mark }) => mark),
  }
}

function factsOf(
  { strategy }: PaperSessionSettings,
  facts: readonly SessionFact[],
): Record<string, FactColumns> {
  const names = new Set([...strategy.factsRead, ...facts.map(({ series }) => series)])
  return Object.fromEntries([...names].map((name) => [name, columnsOf(facts.filter(({ series }) => series === name))])) // prettier-ignore
}

function columnsOf(facts: readonly SessionFact[]): FactColumns {
  const sorted = facts
    .map((fact, place) => ({ fact, place }))
    .sort(
      (a, b) => a.fact.knownAt - b.fact.knownAt || a.fact.eventTime - b.fact.eventTime || a.place - b.place,
    ) // prettier-ignore
    .map(({ fact }) => fact)
  const fields = new Set(sorted.flatMap(({ values }) => Object.keys(values)))
  return {
    eventTime: Float64Array.from(sorted, ({ eventTime }) => eventTime),
    knownAt: Float64Array.from(sorted, ({ knownAt }) => knownAt),
    values: Object.fromEntries(
      [...fields].map((name) => [name, Float64Array.from(sorted, ({ values }) => values[name] ?? NaN)]),
    ),
  }
}
