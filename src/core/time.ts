import { ConfigError } from './errors.js'

/** All times are UTC epoch milliseconds held in a float64. */
export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

const UNIT_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
}

/** `'1h'` → 3,600,000. Throws ConfigError for anything but a positive whole number of s, m, h, d or w. */
export function parseDuration(text: string, field = 'duration'): number {
  const match = /^(\d+)([smhdw])$/.exec(text.trim())
  const count = Number(match?.[1])
  const unitMs = UNIT_MS[match?.[2] ?? '']
  if (unitMs === undefined || !(count > 0)) {
    throw new ConfigError('a duration is a whole number and a unit s, m, h, d or w, such as 15m or 1h', {
      field,
      value: text,
    })
  }
  return count * unitMs
}

/** 3,600,000 → `'1h'`: the largest unit that divides the duration. */
export function durationName(durationMs: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    const unitMs = UNIT_MS[unit] ?? Number.POSITIVE_INFINITY
    if (durationMs >= unitMs && durationMs % unitMs === 0) return `${durationMs / unitMs}${unit}`
  }
  return `${durationMs}ms`
}

/** Half-open range of instants `[startMs, endMs)`; an absent side is ∓Infinity. */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}

function noSuchTime(text: string, whole: string): ConfigError {
  return new ConfigError(`no calendar has ${text}`, { field: 'timerange', value: whole, unit: 'UTC' })
}

function parseDay(text: string, whole: string): { startMs: number; isDay: boolean } {
  const compact = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text)
  if (compact !== null) {
    const iso = `${compact[1]}-${compact[2]}-${compact[3]}`
    const startMs = Date.parse(`${iso}T00:00:00Z`)
    // Date.parse rolls 2024-02-30 over to March in some engines: a day must read back as itself.
    if (Number.isFinite(startMs) && new Date(startMs).toISOString().startsWith(iso))
      return { startMs, isDay: true }
    throw noSuchTime(text, whole)
  } else if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z$/.test(text)) {
    const startMs = Date.parse(text)
    if (Number.isFinite(startMs) && new Date(startMs).toISOString().startsWith(text.slice(0, 16)))
      return { startMs, isDay: false }
    throw noSuchTime(text, whole)
  }
  throw new ConfigError('a time range is 2024-01-01..2024-06-30 (UTC days, the last one included)', {
    field: 'timerange',
    value: whole,
  })
}

/**
 * Reads `2024-01-01..2024-06-30` or `20240101-20240630` (UTC). A last day is included whole; a last instant such as
 * `2024-06-30T12:00Z` is excluded. Either side may be left out.
 */
export function parseTimeRange(text: string): TimeRange {
  const split = text.includes('..')
    ? text.split('..')
    : (/^(\d{8})?-(\d{8})?$/
        .exec(text)
        ?.slice(1)
        .map((part) => part ?? '') ?? [])
  if (split.length !== 2 || split.join('') === '') parseDay('', text)
  const [first = '', last = ''] = split
  const startMs = first === '' ? -Infinity : parseDay(first, text).startMs
  const end = last === '' ? undefined : parseDay(last, text)
  const endMs = end === undefined ? Number.POSITIVE_INFINITY : end.startMs + (end.isDay ? DAY_MS : 0)
  if (!(endMs > startMs)) {
    throw new ConfigError('a time range must end after it starts', { field: 'timerange', value: text })
  }
  return { startMs, endMs }
}

/** `2026-02-03 04:00` in UTC; seconds and milliseconds only where they are not zero. */
export function formatUtc(timeMs: number): string {
  if (!Number.isFinite(timeMs)) return 'n/a'
  const iso = new Date(timeMs).toISOString()
  if (timeMs % MINUTE_MS === 0) return iso.slice(0, 16).replace('T', ' ')
  return iso.slice(0, timeMs % SECOND_MS === 0 ? 19 : 23).replace('T', ' ')
}

/** `2026-02-03` in UTC. */
export function formatUtcDay(timeMs: number): string {
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString().slice(0, 10) : 'n/a'
}

/** Start of the UTC day that holds the instant. */
export function utcDayStart(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS) * DAY_MS
}
