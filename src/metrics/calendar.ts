import { DAY_MS, utcDayStart } from '../core/time.js'
import type { Values } from './moments.js'
import { tooFew, known, unknown, type Statistic } from './statistic.js'

/** Returns with the instant at which each was complete, UTC ms: the return of 3 March is stamped 4 March 00:00. */
export interface DatedReturns {
  /** When the first return began. */
  readonly startTime: number
  readonly time: Values
  readonly returns: Values
}

export const CALENDAR_PERIODS = ['day', 'week', 'month', 'quarter', 'year'] as const
export type CalendarPeriod = (typeof CALENDAR_PERIODS)[number]

/** Compounded return of one calendar period (UTC); the first and last may be cut short by the run. */
export interface PeriodReturn {
  readonly startTime: number
  readonly returnFraction: number
}

/** First instant of the calendar period (UTC; weeks start on Monday) that holds an instant, `later` periods on. */
export function periodStart(timeMs: number, period: CalendarPeriod, later: number = 0): number {
  const day = utcDayStart(timeMs)
  if (period === 'day') return day + later * DAY_MS
  const date = new Date(day)
  if (period === 'week') return day + (7 * later - ((date.getUTCDay() + 6) % 7)) * DAY_MS
  const months = MONTHS[period]
  const month = date.getUTCMonth()
  return Date.UTC(date.getUTCFullYear(), month - (month % months) + later * months, 1)
}

const MONTHS = { month: 1, quarter: 3, year: 12 } as const

/**
 * Compounded return of each calendar period, in order. A return belongs to the period in which it was earned: the one that
 * holds the last instant before its stamp. The product over all periods is the product over all returns.
 */
export function periodReturns({ time, returns }: DatedReturns, period: CalendarPeriod): PeriodReturn[] {
  const periods: { startTime: number; returnFraction: number }[] = []
  let current: (typeof periods)[number] | undefined
  let end = -Infinity
  for (let i = 0; i < time.length; i++) {
    const earned = time[i]! - 1
    if (current !== undefined && earned < end) {
      current.returnFraction = (1 + current.returnFraction) * (1 + returns[i]!) - 1
      continue
    }
    current = { startTime: periodStart(earned, period), returnFraction: returns[i]! }
    end = periodStart(earned, period, 1)
    periods.push(current)
  }
  return periods
}

export interface MonthlyRow {
  readonly year: number
  /** January to December; null for months outside the run (QuantStats writes 0). */
  readonly months: readonly (number | null)[]
  readonly yearReturn: number
}

/** The monthly return table, one row a year, with the year's own return. */
export function monthlyTable(dated: DatedReturns): MonthlyRow[] {
  const monthly = periodReturns(dated, 'month')
  return periodReturns(dated, 'year').map(({ startTime, returnFraction }) => {
    const year = new Date(startTime).getUTCFullYear()
    const months = Array.from({ length: 12 }, (_, month) => {
      const found = monthly.find((row) => row.startTime === Date.UTC(year, month, 1))
      return found === undefined ? null : found.returnFraction
    })
    return { year, months, yearReturn: returnFraction }
  })
}

/** Return since the start of the month, quarter or year that holds the run's end (or since the run began, if later). */
export function periodToDate(dated: DatedReturns, period: CalendarPeriod): Statistic {
  const short = tooFew(dated.time.length, 1)
  return short ?? returnSince(dated, periodStart(dated.time[dated.time.length - 1]! - 1, period))
}

/** Return of the last `months` calendar months up to the run's end; n/a for a shorter run (QuantStats shows what there is). */
export function lastMonths(dated: DatedReturns, months: number): Statistic {
  const short = tooFew(dated.time.length, 1)
  if (short !== undefined) return short
  const since = monthsBefore(utcDayStart(dated.time[dated.time.length - 1]!), months)
  return since < dated.startTime
    ? unknown(`the run is shorter than ${months} months`)
    : returnSince(dated, since)
}

function returnSince(dated: DatedReturns, since: number): Statistic {
  let factor = 1
  for (let i = 0; i < dated.time.length; i++) if (dated.time[i]! > since) factor *= 1 + dated.returns[i]!
  return known(factor - 1)
}

/** The same day and time `months` earlier, or that month's last day where it has no such day. */
function monthsBefore(timeMs: number, months: number): number {
  const date = new Date(timeMs)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() - months]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay)) + (timeMs - utcDayStart(timeMs))
}
