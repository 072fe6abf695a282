import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../src/core/time.js'
import {
  lastMonths, monthlyTable, periodReturns, periodStart, periodToDate, type CalendarPeriod, type DatedReturns,
} from '../../src/metrics/calendar.js' // prettier-ignore

const PERIODS: CalendarPeriod[] = ['day', 'week', 'month', 'quarter', 'year']

function daily(start: string, returns: readonly number[]): DatedReturns {
  const startTime = Date.parse(`${start}T00:00:00Z`)
  return { startTime, time: returns.map((_, i) => startTime + (i + 1) * DAY_MS), returns }
}

const iso = (time: number): string => new Date(time).toISOString().slice(0, 10)

describe('calendar periods, UTC', () => {
  it.each([
    ['2024-02-29', 'week', '2024-02-26'],
    ['2024-03-03', 'week', '2024-02-26'],
    ['2024-03-04', 'week', '2024-03-04'],
    ['2024-02-29', 'month', '2024-02-01'],
    ['2024-06-30', 'quarter', '2024-04-01'],
    ['2024-12-31', 'quarter', '2024-10-01'],
    ['2024-12-31', 'year', '2024-01-01'],
  ] as const)('%s lies in the %s of %s', (day, period, start) => {
    expect(iso(periodStart(Date.parse(`${day}T23:59:59.999Z`), period))).toBe(start)
  })

  it('the return of 31 January, complete at midnight, belongs to January', () => {
    const rows = periodReturns(daily('2024-01-30', [0.1, 0.2, 0.5]), 'month')
    expect(rows.map((row) => iso(row.startTime))).toEqual(['2024-01-01', '2024-02-01'])
    expect(rows[0]?.returnFraction).toBeCloseTo(0.32, 14)
    expect(rows[1]?.returnFraction).toBe(0.5)
  })

  it('the table shows months outside the run as missing, not as 0', () => {
    const returns = Array.from({ length: 40 }, (_, i) => (i === 0 ? 0.1 : i === 39 ? -0.5 : 0))
    const [first, second, ...none] = monthlyTable(daily('2023-12-01', returns))
    expect(none).toEqual([])
    expect(first?.year).toBe(2023)
    expect(first?.months.slice(0, 11)).toEqual(Array(11).fill(null))
    expect(first?.months[11]).toBeCloseTo(0.1, 14)
    expect(second?.months.slice(0, 2)).toEqual([-0.5, null])
    expect(second?.yearReturn).toBe(-0.5)
  })
})

describe('up to the end of the run', () => {
  // 1 January to 30 June 2024: 182 days; 1 % on the first day of each month.
  const start = Date.parse('2024-01-01T00:00:00Z')
  const days = Array.from({ length: 182 }, (_, i) => new Date(start + i * DAY_MS))
  const half = daily('2024-01-01', days.map((day) => (day.getUTCDate() === 1 ? 0.01 : 0))) // prettier-ignore

  it.each([
    ['month', 1],
    ['quarter', 3],
    ['year', 6],
  ] as const)('%s to date holds %d of them', (period, count) => {
    expect(periodToDate(half, period).value).toBeCloseTo(1.01 ** count - 1, 12)
  })

  it('three and six months are whole; a year is longer than the run', () => {
    expect(lastMonths(half, 3).value).toBeCloseTo(1.01 ** 3 - 1, 12)
    expect(lastMonths(half, 6).value).toBeCloseTo(1.01 ** 6 - 1, 12)
    expect(lastMonths(half, 12)).toEqual({ reason: 'the run is shorter than 12 months' })
  })

  it('goes back to the last day of a shorter month', () => {
    // Ends 31 May 00:00; three months before is 29 February, so 1 March … 30 May count, and 29 February too.
    const run = daily('2024-02-20', Array.from({ length: 101 }, (_, i) => (i < 9 ? 0.5 : i === 9 ? 0.1 : 0))) // prettier-ignore
    expect(iso(run.time[100] ?? NaN)).toBe('2024-05-31')
    expect(lastMonths(run, 3).value).toBeCloseTo(0.1, 14)
  })
})

describe('properties', () => {
  it('the periods of every kind multiply up to the whole', () => {
    const returns = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), {
      minLength: 1,
      maxLength: 800,
    })
    fc.assert(
      fc.property(returns, fc.integer({ min: 0, max: 1000 }), (values, offset) => {
        const dated = daily(iso(Date.parse('2020-01-01') + offset * DAY_MS), values)
        const whole = values.reduce((factor, value) => factor * (1 + value), 1)
        for (const period of PERIODS) {
          const rows = periodReturns(dated, period)
          const product = rows.reduce((factor, row) => factor * (1 + row.returnFraction), 1)
          expect(Math.abs(product / whole - 1)).toBeLessThan(1e-9)
          rows.forEach((row, i) => expect(row.startTime).toBeGreaterThan(rows[i - 1]?.startTime ?? -1))
        }
      }),
      { numRuns: 50 },
    )
  })
})
