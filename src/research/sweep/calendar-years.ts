import { DAY_MS } from '../../core/time.js'

/** A calendar year of a run, UTC. */
export interface CalendarYear {
  readonly year: number
  /** Which of the run's whole days lie in it: the first, and one past the last. */
  readonly from: number
  readonly to: number
  /** Whole days of the run in it, and days that the year has: 365 or 366. */
  readonly days: number
  readonly ofDays: number
}

/**
 * The calendar years that the bars `[startTime, endTime)` of a run touch, rising, each with its part of the run's whole UTC days, of which there are
 * `wholeDays` from the first midnight on. A year of which the run has only hours has none.
 */
export function calendarYears(
  startTime: number,
  endTime: number,
  wholeDays: number,
): readonly CalendarYear[] {
  const first = Math.ceil(startTime / DAY_MS)
  const at = (time: number): number => Math.min(wholeDays, Math.max(0, time / DAY_MS - first))
  const [from, to] = [yearOf(startTime), yearOf(endTime - 1)]
  return Array.from({ length: to - from + 1 }, (_, later) => {
    const year = from + later
    const [begins, ends] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)]
    const [firstDay, pastLast] = [at(begins), at(ends)]
    return { year, from: firstDay, to: pastLast, days: pastLast - firstDay, ofDays: (ends - begins) / DAY_MS }
  })
}

/** Of an instant, UTC. */
export function yearOf(timeMs: number): number {
  return new Date(timeMs).getUTCFullYear()
}
