import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../src/core/time.js'
import type { Trade } from '../../../src/core/trades.js'
import { known } from '../../../src/metrics/statistic.js'
import { calendarYears } from '../../../src/research/sweep/calendar-years.js'
import { sweepStability, type StabilityOptions } from '../../../src/research/sweep/stability.js'
import type { TrialRow, TrialStatus } from '../../../src/research/sweep/trial-row.js'

const row = (number: number, returns: readonly number[], status: TrialStatus = 'complete') =>
  ({ number, status, figures: status === 'failed' ? undefined : { dailyReturns: Float64Array.from(returns) } }) as Partial<TrialRow> as TrialRow // prettier-ignore
const trade = (instrumentId: string, exitTime: number, profit: number, exitReason = 'signal', status = 'closed'): Trade =>
  ({ instrumentId, exitTime, exitReason, status, profit, profitFraction: 0, entryTime: 0, fees: 0, slippage: 0, funding: 0, side: 1 }) as Partial<Trade> as Trade // prettier-ignore

/** From noon of 29 December 2023 to 06:00 on 3 January 2024: two whole days of one year, two of the next. */
const STARTS = Date.UTC(2023, 11, 29, 12)
const ENDS = Date.UTC(2024, 0, 3, 6)
const options = (more: Partial<StabilityOptions>): StabilityOptions => ({
  rows: [row(0, [0.1, -0.5, 0.2, 0.1])], startTime: STARTS, endTime: ENDS, instruments: ['a', 'b'], ratePerDay: 0, best: { trial: 0, trades: [] }, centre: undefined, ...more,
}) // prettier-ignore

describe('calendar years of a run', () => {
  it('count whole days alone, of those that the year has', () => {
    expect(calendarYears(STARTS, ENDS, 4)).toEqual([
      { year: 2023, from: 0, to: 2, days: 2, ofDays: 365 },
      { year: 2024, from: 2, to: 4, days: 2, ofDays: 366 },
    ])
    const whole = calendarYears(Date.UTC(2024, 0, 1), Date.UTC(2025, 0, 1), 366)
    expect(whole).toEqual([{ year: 2024, from: 0, to: 366, days: 366, ofDays: 366 }])
  })

  it('of which a run has only hours have no whole day', () => {
    const years = calendarYears(Date.UTC(2023, 11, 31, 20), Date.UTC(2024, 0, 2), 1)
    expect(years.map(({ year, days }) => [year, days])).toEqual([[2023, 0], [2024, 1]]) // prettier-ignore
  })

  it('share all whole days out, each once, in order', () => {
    const start = fc.integer({ min: 0, max: 24 * 900 }).map((hours) => Date.UTC(2021, 2, 5) + hours * HOUR_MS)
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 24 * 1500 }), (from, hours) => {
        const to = from + hours * HOUR_MS
        const days = Math.max(0, Math.floor(to / DAY_MS) - Math.ceil(from / DAY_MS))
        const years = calendarYears(from, to, days)
        expect(years.reduce((sum, one) => sum + one.days, 0)).toBe(days)
        let next = 0
        for (const one of years) {
          expect([one.from, one.days <= one.ofDays]).toEqual([next, true])
          next = one.to
        }
      }),
    )
  })
})

describe('stability of a sweep', () => {
  it('by year is the compounded return, the drawdown from that year’s own peak, and the trades closed in it', () => {
    const trades = [trade('a', Date.UTC(2023, 11, 31), 5), trade('a', Date.UTC(2024, 0, 1), 5), trade('b', ENDS, -3, 'end-of-data')] // prettier-ignore
    const { years, best, centre } = sweepStability(options({ best: { trial: 0, trades } }))
    expect(years.map(({ year, days, ofDays }) => [year, days, ofDays])).toEqual([[2023, 2, 365], [2024, 2, 366]]) // prettier-ignore
    expect(best.years[0]!.totalReturn.value).toBeCloseTo(-0.45, 12)
    expect(best.years[0]!.maxDrawdown.value).toBeCloseTo(0.5, 12)
    expect(best.years[1]!.totalReturn.value).toBeCloseTo(0.32, 12)
    expect(best.years[1]!.maxDrawdown).toEqual(known(0))
    expect(best.years.map(({ trades: count }) => count)).toEqual([1, 2])
    expect(best.years[0]!.sharpe).toEqual({ reason: '2 whole days, at least 30 needed' })
    expect(centre).toBeUndefined()
  })

  it('counts a trade that ends with the data in the year of the last bar, never in one that has no bar', () => {
    const endTime = Date.UTC(2024, 0, 1)
    const { years, best } = sweepStability(options({ rows: [row(0, [0.1, 0.1])], endTime, best: { trial: 0, trades: [trade('a', endTime, 1, 'end-of-data')] } })) // prettier-ignore
    expect(years.map(({ year }) => year)).toEqual([2023])
    expect(best.years.map(({ trades }) => trades)).toEqual([1])
  })

  it('by instrument is what its closed trades made; one without a decided trade has no win rate', () => {
    const trades = [trade('a', STARTS, 30), trade('a', STARTS, -10), trade('a', STARTS, 4, 'end-of-data'), trade('b', STARTS, 7, 'end-of-data', 'open')] // prettier-ignore
    const { best } = sweepStability(options({ best: { trial: 0, trades } }))
    expect(best.instruments).toEqual([
      { instrument: 'a', netProfit: 24, trades: 3, winRate: known(0.5) },
      {
        instrument: 'b',
        netProfit: 0,
        trades: 0,
        winRate: { reason: 'no trade closed before the end of data' },
      },
    ])
  })

  it('says what share of the trials that could be chosen gained in each year, and n/a where it has no whole day', () => {
    const rows = [row(0, [0.1, 0, -0.1, 0]), row(1, [0, 0, 0.2, -0.1]), row(2, [9, 9, 9, 9], 'constraint'), row(3, [], 'failed')] // prettier-ignore
    const { years, trials } = sweepStability(options({ rows }))
    expect(trials).toBe(2)
    // Trial 1 is flat in the first year: that is no gain. In the second it makes 1.2 · 0.9 − 1 = 8 %.
    expect(years.map(({ gained }) => gained)).toEqual([known(0.5), known(0.5)])
    const hours = sweepStability(options({ rows: [row(0, [0.1])], startTime: Date.UTC(2023, 11, 31, 20), endTime: Date.UTC(2024, 0, 2) })) // prettier-ignore
    expect(hours.years[0]!.gained).toEqual({ reason: '0 whole days, at least 1 needed' })
    expect(hours.best.years[0]!.totalReturn).toEqual({ reason: '0 whole days, at least 1 needed' })
  })

  it('multiplies over the years to the return of all days, and adds up to all closed trades', () => {
    const returns = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 400, maxLength: 1200 }) // prettier-ignore
    fc.assert(
      fc.property(returns, fc.integer({ min: 0, max: 800 }), (all, later) => {
        const startTime = Date.UTC(2020, 0, 1) + later * DAY_MS
        const endTime = startTime + all.length * DAY_MS
        const trades = all.map((_, day) =>
          trade(day % 3 === 0 ? 'a' : 'b', startTime + (day + 1) * DAY_MS, day),
        )
        const { best } = sweepStability(options({ rows: [row(0, all)], startTime, endTime, best: { trial: 0, trades } })) // prettier-ignore
        const product = best.years.reduce((growth, { totalReturn }) => growth * (1 + totalReturn.value!), 1)
        const expected = all.reduce((growth, value) => growth * (1 + value), 1)
        expect(Math.abs(product / expected - 1)).toBeLessThan(1e-9)
        expect(best.years.reduce((sum, one) => sum + one.trades, 0)).toBe(trades.length)
        expect(best.instruments.reduce((sum, one) => sum + one.trades, 0)).toBe(trades.length)
        expect(best.instruments.reduce((sum, one) => sum + one.netProfit, 0)).toBe((trades.length * (trades.length - 1)) / 2) // prettier-ignore
      }),
      { numRuns: 20 },
    )
  })
})
