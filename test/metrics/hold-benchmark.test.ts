import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FundingSchedule } from '../../src/core/columns.js'
import type { BacktestResult, InstrumentRun } from '../../src/core/result.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import {
  holdBenchmark as holdOrReason,
  scaleBenchmark as scaleOrReason,
  steadyHoldBenchmark,
  type Benchmark,
  type HoldCosts,
} from '../../src/metrics/hold-benchmark.js'
import { computeMetrics, findMetric } from '../../src/metrics/index.js'
import { simpleReturns } from '../../src/metrics/returns.js'
import { JANUARY, makeResult } from './make-result.js'

function holdBenchmark(result: BacktestResult, costs: HoldCosts): Benchmark {
  const held = holdOrReason(result, costs)
  if ('reason' in held) throw new Error(held.reason)
  return held
}

function scaleBenchmark(hold: Benchmark, share: number): Benchmark {
  const scaled = scaleOrReason(hold, share)
  if ('reason' in scaled) throw new Error(scaled.reason)
  return scaled
}

/** Worth of a benchmark at the end of the run. */
const finalOf = ({ equity }: Benchmark): number => equity.at(-1) ?? NaN

/** Hourly bars from 1 January 2024; the first bar that can be decided on is number `warm` (from 0). */
function instrument(id: string, closes: readonly number[], warm: number = 0): InstrumentRun {
  const close = Float64Array.from(closes)
  const open = Float64Array.from(closes, (_, bar) => (bar === 0 ? closes[0]! : closes[bar - 1]!))
  const closeTime = Float64Array.from(closes, (_, bar) => JANUARY + (bar + 1) * HOUR_MS)
  return {
    id,
    bars: closes.length,
    firstOpenTime: JANUARY,
    lastCloseTime: closeTime[closes.length - 1]!,
    firstDecisionTime: closeTime[warm]!,
    closeTime,
    close,
    open,
  }
}

const hours = (...parts: [count: number, price: number][]): number[] =>
  parts.flatMap(([count, price]) => Array<number>(count).fill(price))

const free = { takerFee: { a: 0, b: 0 }, slippageBps: 0 }

function resultOf(instruments: readonly InstrumentRun[], bars: number, more: object = {}) {
  return makeResult({ equity: Array<number>(bars).fill(1000), startingBalance: 1000, instruments, ...more })
}

describe('hand-worked', () => {
  it('buys at the open after the first bar that can be decided on, not before', () => {
    // 100 for four hours, then 200. Decided at the close of bar 3 (100), bought at the open of bar 4, which is 100.
    const prices = hours([4, 100], [44, 200])
    expect(finalOf(holdBenchmark(resultOf([instrument('a', prices, 3)], 48), free))).toBe(2000)
    // One bar later the price has already doubled.
    const late = holdBenchmark(resultOf([instrument('a', prices, 4)], 48), free)
    expect(late.equity).toEqual(Float64Array.of(1000, 1000, 1000))
  })

  it('pays fee and slippage on both sides', () => {
    const costs = { takerFee: { a: 0.001 }, slippageBps: 10 }
    const { equity } = holdBenchmark(resultOf([instrument('a', hours([48, 100]))], 48), costs)
    const quantity = 1000 / (100.1 * 1.001)
    expect(equity[1]).toBeCloseTo(quantity * 100, 10)
    expect(equity[2]).toBeCloseTo(quantity * 99.9 * 0.999, 10)
  })

  it('pays the fee of the entry and that of the exit, and half the spread on both sides', () => {
    const cheaper = JANUARY + 30 * HOUR_MS
    const costs = {
      takerFee: { a: (time: number) => (time < cheaper ? 0.002 : 0.001) },
      slippageBps: 6,
      halfSpreadBps: 4,
    }
    const { equity } = holdBenchmark(resultOf([instrument('a', hours([48, 100]))], 48), costs)
    const quantity = 1000 / (100.1 * 1.002)
    expect(equity[1]).toBeCloseTo(quantity * 100, 10)
    expect(equity[2]).toBeCloseTo(quantity * 99.9 * 0.999, 10)
  })

  it('is not sold where the policy leaves positions open', () => {
    const costs = { takerFee: { a: 0.001 }, slippageBps: 10 }
    const result = resultOf([instrument('a', hours([48, 100]))], 48, {
      policies: { endOfData: 'leave-open' },
    })
    expect(finalOf(holdBenchmark(result, costs))).toBeCloseTo((1000 / (100.1 * 1.001)) * 100, 10)
  })

  it('shares the balance equally, and one instrument may start later', () => {
    const a = instrument('a', hours([24, 100], [24, 150]))
    const b = instrument('b', hours([30, 10], [18, 5]), 40)
    const { equity, label } = holdBenchmark(resultOf([a, b], 48), free)
    expect(label).toBe('Hold 2 instruments, equal weight')
    expect(equity).toEqual(Float64Array.of(1000, 1000, 750 + 500))
  })

  it('pays funding on the mark while it holds, on the last close where no mark was recorded', () => {
    const funding: FundingSchedule = {
      // One before the entry at 01:00, one at it, two while held.
      time: Float64Array.of(JANUARY, JANUARY + HOUR_MS, JANUARY + 8 * HOUR_MS, JANUARY + 30 * HOUR_MS),
      rate: Float64Array.of(0.5, -0.5, 0.01, -0.02),
      mark: Float64Array.of(100, 100, 110, NaN),
    }
    const run = instrument('a', hours([20, 100], [28, 120]))
    const { equity } = holdBenchmark(resultOf([run], 48), { ...free, funding: { a: funding } })
    expect(equity[1]).toBeCloseTo(10 * (120 - 1.1), 10)
    expect(equity[2]).toBeCloseTo(10 * (120 - 1.1 + 2.4), 10)
    // At the very entry it pays and never receives.
    const adverse = { a: { ...funding, rate: Float64Array.of(0.5, 0.05, 0.01, -0.02) } }
    const paid = holdBenchmark(resultOf([run], 48), { ...free, funding: adverse })
    expect(finalOf(paid)).toBeCloseTo(10 * (120 - 5 - 1.1 + 2.4), 10)
    // Or takes no part in it, where the policy says so of the strategy's fills.
    const before = resultOf([run], 48, { policies: { fundingAtFill: 'held-before' } })
    expect(finalOf(holdBenchmark(before, { ...free, funding: adverse }))).toBeCloseTo(
      10 * (120 - 1.1 + 2.4),
      10,
    )
  })

  it('a settlement at 00:00 belongs to the day that begins, and at the end of the run to nobody', () => {
    const run = instrument('a', hours([25, 100], [47, 200]), 0)
    const midnights = [1, 2, 3].map((day) => JANUARY + day * DAY_MS)
    const funding: FundingSchedule = {
      time: Float64Array.from(midnights),
      rate: Float64Array.of(0.1, 0.05, 0.5),
      mark: Float64Array.of(100, 200, 200),
    }
    const costs = { takerFee: { a: 0.25 }, slippageBps: 0, funding: { a: funding } }
    // 8 bought at 100 and a fee of 200; 10 of funding each in the second day, 10 in the third; sold at 200 less a quarter.
    expect(holdBenchmark(resultOf([run], 72), costs).equity).toEqual(
      Float64Array.of(1000, 800, 8 * (200 - 10), 8 * (150 - 20)),
    )
  })

  it('is still cash at the mark of the instant at which it buys', () => {
    // Entered at 00:00 of the second day, at a fee of a quarter.
    const run = instrument('a', hours([24, 100], [48, 200]), 23)
    const held = holdBenchmark(resultOf([run], 72), { takerFee: { a: 0.25 }, slippageBps: 0 })
    expect(held.equity).toEqual(Float64Array.of(1000, 1000, 8 * 200, 8 * 150))
  })

  it('pays on after its own bars have ceased, to the end of the run', () => {
    const [a, b] = [instrument('a', hours([24, 100])), instrument('b', hours([48, 100]))]
    const funding: FundingSchedule = {
      time: Float64Array.of(JANUARY + 30 * HOUR_MS, JANUARY + 2 * DAY_MS),
      rate: Float64Array.of(0.1, 0.1),
      mark: Float64Array.of(100, 100),
    }
    const held = holdBenchmark(resultOf([a, b], 48), { ...free, funding: { a: funding } })
    expect(held.equity).toEqual(Float64Array.of(1000, 1000, 950))
  })

  it('a short pays the same costs: its curve times a negative share', () => {
    const costs = { takerFee: { a: 0.001 }, slippageBps: 10 }
    const result = resultOf([instrument('a', hours([24, 100], [24, 90]))], 48)
    const short = holdOrReason(result, costs, -1)
    if ('reason' in short) throw new Error(short.reason)
    // Sold at 99.9 less a fee, bought back at 90.09 and a fee, both to first order of the costs.
    const made = (1000 / 99.9 / 0.999) * (100 - 90 * 1.001 * 1.001) - 1000 * (100 / 99.9 / 0.999 - 1)
    expect(1000 - finalOf(short)).toBeCloseTo(made, 9)
    // At the very entry a short never receives a positive rate, and pays a negative one.
    const at = (rate: number): HoldCosts => {
      const funding = {
        time: Float64Array.of(JANUARY + HOUR_MS),
        rate: Float64Array.of(rate),
        mark: Float64Array.of(100),
      }
      return { ...free, funding: { a: funding } }
    }
    const worth = (rate: number): unknown => holdOrReason(result, at(rate), -1)
    expect(worth(0.1)).toMatchObject({ equity: Float64Array.of(1000, 1000, 900) })
    expect(worth(-0.1)).toMatchObject({ equity: Float64Array.of(1000, 1100, 1000) })
    const scaled = scaleBenchmark(short, -0.5)
    expect(finalOf(scaled)).toBeLessThan(finalOf(scaleBenchmark(holdBenchmark(result, costs), -0.5)))
    expect(finalOf(scaled)).toBeGreaterThan(1000)
  })

  it('is marked at the close of its entry bar and sold at the last close', () => {
    const run = instrument('a', hours([23, 100], [24, 150], [1, 300]), 22)
    const held = holdBenchmark(resultOf([run], 48), free)
    expect(held.equity).toEqual(Float64Array.of(1000, 1500, 3000))
  })

  it('refuses to guess a fee or a funding rate', () => {
    const run = instrument('a', hours([48, 100]))
    expect(() => holdBenchmark(resultOf([run], 48), { takerFee: {}, slippageBps: 0 })).toThrow(/takerFee, value "a"/)
    const funding = { a: { time: Float64Array.of(JANUARY + DAY_MS), rate: Float64Array.of(NaN), mark: Float64Array.of(1) } }
    const gap = holdOrReason(resultOf([run], 48), { ...free, funding })
    expect(gap).toEqual({ reason: 'a has no funding rate for 2024-01-02 00:00, while it is held' })
    const report = computeMetrics(resultOf([run], 48), { holdCosts: { ...free, funding } })
    const gaps = { ...funding.a, time: Float64Array.of(JANUARY + DAY_MS, JANUARY + 30 * HOUR_MS), rate: Float64Array.of(NaN, NaN) }
    expect(holdOrReason(resultOf([run], 48), { ...free, funding: { a: gaps } })).toEqual({
      reason: 'a has no funding rate for 2024-01-02 00:00 and 1 more, the last of 2024-01-02 06:00, while it is held',
    })
    for (const key of ['holdReturn', 'scaledHoldReturn', 'netHoldReturn', 'beta']) expect(findMetric(report, key)).toMatchObject(gap)
  }) // prettier-ignore

  it('misses no rate of a settlement in which it takes no part', () => {
    const run = instrument('a', hours([48, 100]), 5)
    const time = Float64Array.of(JANUARY + 3 * HOUR_MS, JANUARY + 2 * DAY_MS)
    const funding = { a: { time, rate: Float64Array.of(NaN, NaN), mark: Float64Array.of(100, 100) } }
    expect(finalOf(holdBenchmark(resultOf([run], 48), { ...free, funding }))).toBe(1000)
  })

  it('says so where funding eats everything', () => {
    const time = Float64Array.of(JANUARY + 3 * HOUR_MS)
    const funding = { a: { time, rate: Float64Array.of(1), mark: Float64Array.of(100) } }
    expect(holdOrReason(resultOf([instrument('a', hours([48, 100]))], 48), { ...free, funding })).toEqual({
      reason: 'holding lost everything',
    })
  })

  it('never trades where the run is too short to decide', () => {
    const run = instrument('a', hours([10, 100], [38, 300]), 47)
    expect(finalOf(holdBenchmark(resultOf([run], 48), free))).toBe(1000)
  })
})

describe('with shares that are made equal each day', () => {
  const steady = (result: BacktestResult, costs: HoldCosts = free): Float64Array => {
    const held = steadyHoldBenchmark(result, costs)
    if ('reason' in held) throw new Error(held.reason)
    return held.equity
  }

  it('two that double one after the other make 1.5 times 1.5, as both halves are put together each night', () => {
    const a = instrument('a', hours([24, 100], [24, 200], [24, 200]))
    const b = instrument('b', hours([24, 100], [24, 100], [24, 200]))
    expect(steady(resultOf([a, b], 72)).at(-1)).toBeCloseTo(1000 * 1.5 * 1.5, 9)
    expect(finalOf(holdBenchmark(resultOf([a, b], 72), free))).toBe(2000)
  })

  it('one alone, without funding, is what holding it is, costs included', () => {
    const prices = fc.array(fc.double({ min: 50, max: 200, noNaN: true }), { minLength: 60, maxLength: 120 })
    fc.assert(
      fc.property(prices, fc.nat(30), (closes, warm) => {
        const result = resultOf([instrument('a', closes, warm)], closes.length)
        const costs = { takerFee: { a: 0.001 }, slippageBps: 5 }
        const held = holdBenchmark(result, costs).equity
        steady(result, costs).forEach((value, day) => expect(value).toBeCloseTo(held[day]!, 6))
      }),
    )
  })

  it('pays the funding of a day out of what is held that day, however little is left of the first balance', () => {
    // 100 falls to 2; four settlements of 25 % on 100 are what a quantity that stays has paid before.
    const run = instrument('a', hours([48, 100], [24, 2], [24, 2]))
    const time = Float64Array.from([3, 4, 5, 6], (hour) => JANUARY + hour * HOUR_MS)
    const funding = { a: { time, rate: new Float64Array(4).fill(0.25), mark: new Float64Array(4).fill(100) } }
    const result = resultOf([run], 96)
    expect(holdOrReason(result, { ...free, funding })).toEqual({ reason: 'holding lost everything' })
    const late = {
      a: { ...funding.a, time: time.map((at) => at + 3 * DAY_MS), mark: new Float64Array(4).fill(1) },
    }
    expect(holdOrReason(result, { ...free, funding: late })).not.toHaveProperty('reason')
    const equity = steady(result, { ...free, funding: late })
    // Bought at 100, worth 2 on the fourth morning; then 4 · 25 % of 1 on 2 that are held.
    expect(equity.at(-2)).toBeCloseTo(20, 9)
    expect(equity.at(-1)).toBeCloseTo(20 * (1 - 1 / 2), 9)
  })

  it('says so where one day costs more than is held', () => {
    const time = Float64Array.of(JANUARY + 30 * HOUR_MS)
    const funding = { a: { time, rate: Float64Array.of(1), mark: Float64Array.of(150) } }
    expect(
      steadyHoldBenchmark(resultOf([instrument('a', hours([72, 100]))], 72), { ...free, funding }),
    ).toEqual({
      reason: 'holding lost everything in a day',
    })
  })
})

describe('at the strategy’s average exposure', () => {
  const days = fc.array(fc.double({ min: 50, max: 200, noNaN: true }), { minLength: 2, maxLength: 30 })
  it('scales each day’s return: all of it is holding, none of it is cash', () => {
    fc.assert(
      fc.property(days, fc.double({ min: 0, max: 1, noNaN: true }), (equity, share) => {
        const column = Float64Array.from(equity)
        const hold = { label: 'x', time: column, equity: column }
        const scaled = scaleBenchmark(hold, share)
        simpleReturns(hold.equity).forEach((value, i) => {
          expect(simpleReturns(scaled.equity)[i]).toBeCloseTo(value * share, 9)
        })
        scaleBenchmark(hold, 0).equity.forEach((value) => expect(value).toBe(equity[0]))
      }),
    )
  })

  it('says so where a share above 1 loses everything', () => {
    const column = Float64Array.of(100, 40, 50)
    const hold = { label: 'x', time: column, equity: column }
    expect(scaleOrReason(hold, 2)).toEqual({ reason: 'holding at that exposure lost everything' })
  })
})
