import { formatUtc, formatUtcDay, type TimeRange } from '../core/time.js'

/** What a run asked of its data, and what was there. Times are UTC ms. */
export interface DataFindings {
  /** As asked for; infinite where left open. */
  readonly asked: TimeRange
  /** Open of the first bar of the run. */
  readonly startTime: number
  /** Stored candles of each instrument, whatever the range: open of the first bar, close of the last. */
  readonly candles: readonly {
    readonly instrument: string
    readonly startTime: number
    readonly endTime: number
  }[]
  /** Facts that the strategy reads, for each instrument. */
  readonly facts: readonly FactFinding[]
  readonly series: readonly { readonly id: string; readonly flags: readonly string[] }[]
}

export interface FactFinding {
  readonly name: string
  readonly instrument: string
  /** Newest event; undefined where there is no series, or no row in it. */
  readonly newestTime: number | undefined
}

/** Flags of a series that a reader must know before believing a figure, and what they mean. */
const GRAVE_FLAGS: Readonly<Record<string, string>> = {
  assumed: 'when a row was known is assumed, not recorded',
  'cross-venue': 'recorded at another venue than the one that is traded',
}

/** Where data do not reach as far as was asked, or are not what a reader would take them for. */
export function dataWarnings({ asked, startTime, candles, facts, series }: DataFindings): string[] {
  const early = candles.filter((one) => Number.isFinite(asked.startMs) && one.startTime > asked.startMs)
  const late = candles.filter((one) => Number.isFinite(asked.endMs) && one.endTime < asked.endMs)
  const absent = facts.filter(({ newestTime }) => newestTime === undefined)
  const stale = facts.filter(({ newestTime }) => newestTime !== undefined && newestTime < startTime)
  return [
    ...early.map((one) => `The range begins ${formatUtc(asked.startMs)} UTC, but the candles of ${one.instrument} begin ${formatUtc(one.startTime)} UTC.`),
    ...late.map((one) => `The range ends ${formatUtc(asked.endMs)} UTC, but the candles of ${one.instrument} end ${formatUtc(one.endTime)} UTC.`),
    ...apart(candles, asked),
    ...byName(absent).map(([name, on]) => `Absent: no rows of ${name} for ${on.map(({ instrument }) => instrument).join(', ')}. What reads them stays unknown.`),
    ...byName(stale).map(([name, on]) => `Stale: the newest row of ${name} is older than the run for ${on.map(({ instrument, newestTime }) => `${instrument} (${formatUtcDay(newestTime ?? NaN)})`).join(', ')}.`),
    ...Object.entries(GRAVE_FLAGS).flatMap(([flag, meaning]) => {
      const ids = [...new Set(series.filter(({ flags }) => flags.includes(flag)).map(({ id }) => id))]
      return ids.length === 0 ? [] : [`${flag.toUpperCase()}: ${meaning}: ${ids.join(', ')}.`]
    }),
  ] // prettier-ignore
}

/** Instruments of which one has no bar any more when another has its first: never was there a choice between them. */
function apart(candles: DataFindings['candles'], asked: TimeRange): string[] {
  const ranges = candles.map(({ instrument, startTime, endTime }) => ({
    instrument,
    startTime: Math.max(startTime, asked.startMs),
    endTime: Math.min(endTime, asked.endMs),
  }))
  const latestStart = Math.max(...ranges.map(({ startTime }) => startTime))
  const earliestEnd = Math.min(...ranges.map(({ endTime }) => endTime))
  if (ranges.length < 2 || latestStart < earliestEnd) return []
  const words = ranges.map(
    (one) => `${one.instrument} ${formatUtc(one.startTime)} to ${formatUtc(one.endTime)}`,
  )
  return [`The bars of these instruments do not overlap each other (UTC): ${words.join('; ')}.`]
}

function byName(facts: readonly FactFinding[]): [string, FactFinding[]][] {
  const names = [...new Set(facts.map(({ name }) => name))]
  return names.map((name) => [name, facts.filter((fact) => fact.name === name)])
}
