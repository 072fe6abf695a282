import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { monteCarlo, type MonteCarloOptions } from '../../src/research/monte-carlo.js'
import { random } from '../features/candles.js'

const START = Date.UTC(2024, 0, 1)
type MonteCarloTrade = MonteCarloOptions['trades'][number]

function dailyOf(returns: readonly number[]): MonteCarloOptions['daily'] {
  let equity = 1000
  return {
    time: [START, ...returns.map((_, day) => START + (day + 1) * DAY_MS)],
    equity: [equity, ...returns.map((value) => (equity *= 1 + value))],
  }
}
const trade = (day: number, profit: number, hours = 5): MonteCarloTrade => ({ entryTime: START + day * DAY_MS, exitTime: START + day * DAY_MS + hours * HOUR_MS, profit, status: 'closed' }) // prettier-ignore
const noise = (days: number, seed = 1, mean = 0): number[] => {
  const next = random(seed)
  return Array.from({ length: days }, () => mean + (next() - 0.5) * 0.04)
}
const of = (returns: readonly number[], trades: readonly MonteCarloTrade[] = [], more: Partial<MonteCarloOptions> = {}): ReturnType<typeof monteCarlo> =>
  monteCarlo({ daily: dailyOf(returns), trades, startingBalance: 1000, draws: 200, seed: 0, ...more }) // prettier-ignore

describe('days drawn anew', () => {
  it('have the run itself within their band, which is in order, and its own figures', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 200 }), fc.integer(), (days, seed) => {
        const returns = noise(days, seed)
        const { figures } = of(returns)
        for (const { low, median, high } of figures.slice(0, 3)) {
          expect(low.value!).toBeLessThanOrEqual(median.value!)
          expect(median.value!).toBeLessThanOrEqual(high.value!)
        }
        expect(figures[0]!.actual.value).toBeCloseTo(returns.reduce((all, one) => all * (1 + one), 1) - 1, 10)
      }),
      { numRuns: 20 },
    )
  })

  it('cannot differ where all days are alike, and scatter more the wilder days are', () => {
    const [even] = of(Array<number>(50).fill(0.001)).figures
    expect(even!.low.value).toBeCloseTo(1.001 ** 50 - 1, 9)
    expect(even!.high.value).toBeCloseTo(1.001 ** 50 - 1, 9)
    const width = (returns: readonly number[]): number => {
      const [total] = of(returns).figures
      return total!.high.value! - total!.low.value!
    }
    expect(width(noise(200).map((value) => value * 3))).toBeGreaterThan(2 * width(noise(200)))
  })

  it('are the same for the same seed and others for another, in blocks that are told', () => {
    const returns = noise(120)
    expect(of(returns)).toEqual(of(returns))
    expect(of(returns, [], { seed: 1 }).figures).not.toEqual(of(returns).figures)
    expect(of(returns).meanBlockDays.value).toBeGreaterThanOrEqual(5)
    expect(of(returns, [trade(0, 1, 9 * 24)]).meanBlockDays.value).toBeGreaterThanOrEqual(9)
    expect(of(returns, [], { meanBlockDays: 2.5 }).meanBlockDays).toEqual({ value: 2.5 })
  })

  it('are whole ones: a run that begins and ends within a day leaves those out', () => {
    const { time, equity } = dailyOf(noise(40))
    const cut = { time: [START - HOUR_MS, ...Array.from(time), START + 40 * DAY_MS + HOUR_MS], equity: [2000, ...Array.from(equity), 9] } // prettier-ignore
    const whole = monteCarlo({ daily: cut, trades: [], startingBalance: 1000, draws: 100, seed: 0 })
    expect(whole.days).toBe(40)
    expect(whole.figures[0]!.actual.value).toBeCloseTo(equity[40]! / 1000 - 1, 12)
  })

  it('are n/a with the reason where there are too few, or all was lost', () => {
    const few = of(noise(10))
    expect(few.figures.slice(0, 3).map(({ low }) => low)).toEqual(Array(3).fill({ reason: '10 whole days, at least 20 needed' })) // prettier-ignore
    const lost = of([...noise(30), -1])
    expect(lost.figures[0]!.actual).toEqual({ reason: 'equity fell to zero or below' })
  })
})

describe('trades in other orders', () => {
  it('have their drawdown measured from equity at their entry, by hand', () => {
    // 1000 → 1100 → 990 → 1089: a fall of a tenth; in two of six orders the losses are the same single one.
    const { figures, ordersAsDeep, trades } = of(noise(30), [trade(1, 100), trade(2, -110), trade(3, 99)])
    const drawdown = figures[3]!
    expect([drawdown.drawn, trades]).toEqual(['trades', 3])
    expect(drawdown.actual.value).toBeCloseTo(0.1, 12)
    // One loss is as deep wherever it stands.
    expect([drawdown.low.value, drawdown.high.value]).toEqual([expect.closeTo(0.1, 12), expect.closeTo(0.1, 12)]) // prettier-ignore
    expect(ordersAsDeep).toEqual({ value: 1 })
    // Two losses in a row are the deepest order there is.
    const inARow = of(noise(30), [trade(1, 100), trade(2, -110), trade(3, -99), trade(4, 89.1)])
    expect(inARow.figures[3]!.actual.value).toBeCloseTo(0.19, 12)
    expect(inARow.ordersAsDeep.value!).toBeLessThan(0.7)
    expect(inARow.figures[3]!.low.value).toBeCloseTo(0.1, 12)
  })

  it('have none where they overlap', () => {
    const { figures, ordersAsDeep } = of(noise(30), [trade(1, 5, 48), trade(2, 5), trade(9, -5)])
    expect(figures[3]!.low).toEqual({ reason: '1 of 3 trades overlap others: they have no order' })
    expect(ordersAsDeep.value).toBeUndefined()
  })
})
