import type { FactColumns } from '../core/columns.js'
import { ConfigError, DataError } from '../core/errors.js'
import { pointInTimeCursor } from '../core/point-in-time.js'
import { keepWhere } from './arithmetic.js'
import { type Feature, feature, positive } from './feature.js'
import { SpanHistory } from './span-history.js'

/**
 * Value of one field of a series, such as `fact('funding', 'rate8h')`: of the newest fact (by event time) among those **known** by
 * the bar's close. NaN where none is, where its value is missing, and where its age (close − event time) is above `maxAgeMs`.
 */
export function fact(series: string, field: string, options: { readonly maxAgeMs?: number } = {}): Feature {
  const value = feature('fact', [], [seriesName(series), field])
  if (options.maxAgeMs === undefined) return value
  return keepWhere(value, factAge(series), { atMost: positive('fact.maxAgeMs', options.maxAgeMs, 'ms') })
}

/** Close time − event time of the fact in use, ms: a feed that is polled but frozen grows old. NaN where nothing is known. */
export function factAge(series: string): Feature {
  return feature('factAge', [], [seriesName(series)])
}

/** Event time of the fact in use, UTC ms. NaN where nothing is known. */
export function factEventTime(series: string): Feature {
  return feature('factEventTime', [], [seriesName(series)])
}

/**
 * value / value one span before − 1, both by **event** time among the facts known by the bar's close: the older one is the fact
 * nearest to (event time in use − span), at most `toleranceMs` away; NaN where there is none. So a jittery, delayed or gappy
 * feed is compared over its own clock, and a late revision of the older fact counts from when it is known.
 */
export function factChange(
  series: string,
  field: string,
  options: { readonly spanMs: number; readonly toleranceMs: number },
): Feature {
  const { spanMs, toleranceMs } = options
  positive('factChange.spanMs', spanMs, 'ms')
  if (!(toleranceMs >= 0 && toleranceMs < spanMs)) {
    throw new ConfigError('must be 0 or more and below the span', {
      field: 'factChange.toleranceMs',
      value: toleranceMs,
      unit: 'ms',
    })
  }
  return feature('factChange', [], [seriesName(series), field, spanMs, toleranceMs])
}

function seriesName(series: string): string {
  if (series === '') throw new ConfigError('a series needs a name', { field: 'fact.series', value: series })
  return series
}

export const FACT_OPERATORS: ReadonlySet<string> = new Set(['fact', 'factAge', 'factEventTime', 'factChange'])

/** One fact of a series as a stream delivers it. */
export interface SeriesFact {
  readonly eventTime: number
  readonly knownAt: number
  readonly values: Readonly<Record<string, number>>
}

/** Relative change of the fact in use over a span of event time; facts are learned in the order in which they became known. */
export class FactChange {
  private readonly history: SpanHistory
  private newestTime = -Infinity
  private newestValue = NaN

  constructor(
    private readonly spanMs: number,
    private readonly toleranceMs: number,
  ) {
    this.history = new SpanHistory(spanMs + toleranceMs)
  }

  learn(eventTime: number, value: number): void {
    if (value === value) this.history.put(eventTime, value)
    if (!(eventTime >= this.newestTime)) return
    this.newestTime = eventTime
    this.newestValue = value
  }

  change(): number {
    if (this.newestValue !== this.newestValue) return Number.NaN
    const old = this.history.nearest(this.newestTime - this.spanMs, this.toleranceMs)
    return old === 0 ? Number.NaN : this.newestValue / old - 1
  }
}

/** @throws DataError naming the field where the series has none of this name */
export function fieldColumn(facts: FactColumns, series: string, field: string): Float64Array {
  const column = facts.values[field]
  if (column === undefined) {
    const known = Object.keys(facts.values).join(', ')
    throw new DataError(`the series has no such field; it has ${known}`, { field: `${series}.${field}` })
  }
  return column
}

/** One series bar by bar: the same answers as the columns. */
export class SeriesStream {
  private readonly cursor = pointInTimeCursor()
  private readonly waiting = new Map<number, SeriesFact>()
  private readonly changes = new Map<string, { readonly field: string; readonly change: FactChange }>()
  private learned = 0
  private inUse: SeriesFact | undefined
  private ageMs = NaN

  constructor(
    private readonly series: string,
    features: readonly Feature[],
  ) {
    for (const { operator, args, key } of features) {
      if (operator !== 'factChange' || args[0] !== series) continue
      const change = new FactChange(args[2] as number, args[3] as number)
      this.changes.set(key, { field: args[1] as string, change })
    }
  }

  learn(fact: SeriesFact): void {
    this.cursor.learn(fact)
    if (!Number.isNaN(fact.knownAt)) this.waiting.set(this.learned, fact)
    this.learned++
  }

  advanceTo(closeTime: number): void {
    const { row, ageMs } = this.cursor.advanceTo(closeTime)
    this.ageMs = ageMs
    this.inUse = this.waiting.get(row) ?? this.inUse
    for (const [waitingRow, fact] of this.waiting) {
      if (fact.knownAt > closeTime) break
      for (const { field, change } of this.changes.values())
        change.learn(fact.eventTime, this.field(fact, field))
      this.waiting.delete(waitingRow)
    }
  }

  value({ operator, args, key }: Feature): number {
    if (operator === 'factAge') return this.ageMs
    if (operator === 'factChange') return this.changes.get(key)?.change.change() ?? Number.NaN
    if (this.inUse === undefined) return Number.NaN
    return operator === 'factEventTime' ? this.inUse.eventTime : this.field(this.inUse, args[1] as string)
  }

  private field(fact: SeriesFact, field: string): number {
    const value = fact.values[field]
    if (value !== undefined) return value
    const known = Object.keys(fact.values).join(', ')
    throw new DataError(`the series has no such field; it has ${known}`, { field: `${this.series}.${field}` })
  }
}
