import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candles } from '../../src/core/columns.js'
import { HOUR_MS } from '../../src/core/time.js'
import { settlementColumns } from '../../src/engine/settlements.js'
import { forwardReturns, type TradedBars } from '../../src/research/forward-returns.js'

function bars(opens: readonly number[], hours: readonly number[] = opens.map((_, at) => at)): TradedBars {
  const open = Float64Array.from(opens)
  const candles: Candles = {
    timeframeMs: HOUR_MS,
    openTime: Float64Array.from(hours, (hour) => hour * HOUR_MS),
    open,
    high: open,
    low: open,
    close: open.map((price) => price + 1),
    volume: open,
  }
  return { candles, firstBar: 0, endBar: opens.length, settlements: undefined }
}

const settled = (...rows: [hour: number, amountPerUnit: number][]): Pick<TradedBars, 'settlements'> => ({
  settlements: settlementColumns(
    rows.map(([hour, amountPerUnit]) => ({ time: hour * HOUR_MS, amountPerUnit, markMissing: false })),
  ),
})

describe('forwardReturns', () => {
  it('in at the next open, out at the open a horizon later, n/a where that lies beyond the data', () => {
    const { total, priceOnly } = forwardReturns(bars([100, 100, 110, 121, 100]), 2)
    expect(Array.from(priceOnly)).toEqual([
      expect.closeTo(0.21, 12),
      expect.closeTo(-1 / 11, 12),
      NaN,
      NaN,
      NaN,
    ])
    expect(total).toEqual(priceOnly)
  })

  it('the close of the decision is never a price, unless that is the policy', () => {
    const data = bars([100, 100, 110, 121])
    expect(forwardReturns(data, 1, 'same-close').priceOnly[0]).toBeCloseTo(101 / 101 - 1, 15)
    expect(forwardReturns(data, 1, 'same-close').priceOnly[1]).toBeCloseTo(111 / 101 - 1, 15)
    expect(forwardReturns(data, 1).priceOnly[0]).toBeCloseTo(0.1, 15)
  })

  it('a long pays what is settled after its entry and up to its exit', () => {
    const data = { ...bars([100, 100, 100, 100, 100]), ...settled([1, 5], [2, 3], [3, -2]) }
    // Decided at hour 1, in at hour 1 (whose settlement it does not pay), out at hour 2 or 3.
    expect(forwardReturns(data, 1).total[0]).toBeCloseTo(-0.03, 15)
    expect(forwardReturns(data, 2).total[0]).toBeCloseTo(-0.01, 15)
    expect(forwardReturns(data, 2).priceOnly[0]).toBe(0)
  })

  it('a settlement without a rate leaves no total, and the price is still one', () => {
    const data = { ...bars([100, 100, 110, 121, 121]), ...settled([2, NaN]) }
    const { total, priceOnly } = forwardReturns(data, 1)
    expect(Array.from(total)).toEqual([NaN, expect.closeTo(0.1, 12), 0, NaN, NaN])
    expect(priceOnly[0]).toBeCloseTo(0.1, 12)
  })

  it('over a gap: one missing bar delays an entry, two give it up, and an exit waits for the next bar there is', () => {
    // Bars open at 0, 1, 3, 6, 7, 8.
    const { priceOnly } = forwardReturns(bars([10, 20, 30, 40, 50, 60], [0, 1, 3, 6, 7, 8]), 2)
    expect(Array.from(priceOnly)).toEqual([
      expect.closeTo(30 / 20 - 1, 12), // in at 1, out at 3
      expect.closeTo(40 / 30 - 1, 12), // decided at 2, in at 3, out at 6 instead of 5
      NaN, // decided at 4: the next open is at 6, later than one interval
      NaN, // decided at 7, in at 7, out at 9: beyond
      NaN,
      NaN,
    ])
  })

  it('only traded bars are decided on, bought or sold', () => {
    const data = { ...bars([10, 20, 30, 40, 50]), firstBar: 1, endBar: 4 }
    expect(Array.from(forwardReturns(data, 1).priceOnly)).toEqual([expect.closeTo(40 / 30 - 1, 12), NaN, NaN])
  })

  const price = fc.integer({ min: 50, max: 150 })
  const funding = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: -3, max: 3 })), {
    maxLength: 10,
  })

  it('two stretches that meet add up to the one they make, funding included', () => {
    fc.assert(
      fc.property(
        fc.array(price, { minLength: 10, maxLength: 40 }),
        funding,
        fc.integer({ min: 1, max: 4 }),
        (opens, rows, half) => {
          const sorted = [...new Map(rows)].sort(([a], [b]) => a - b)
          const data = { ...bars(opens), ...settled(...sorted) }
          const [short, long] = [forwardReturns(data, half).total, forwardReturns(data, 2 * half).total]
          for (let bar = 0; bar + 1 + 2 * half < opens.length; bar++) {
            const [first, second] = [opens[bar + 1]!, opens[bar + 1 + half]!]
            expect(first * long[bar]!).toBeCloseTo(first * short[bar]! + second * short[bar + half]!, 8)
          }
        },
      ),
    )
  })

  it('bars that come later change nothing but what was not known', () => {
    fc.assert(
      fc.property(
        fc.array(price, { minLength: 6, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (opens, horizon) => {
          const whole = forwardReturns(bars(opens), horizon).total
          const part = forwardReturns({ ...bars(opens), endBar: opens.length - 2 }, horizon).total
          part.forEach((value, bar) => {
            if (!Number.isNaN(value)) expect(value).toBe(whole[bar])
          })
          expect(part.filter((value) => !Number.isNaN(value))).toHaveLength(
            Math.max(0, opens.length - 3 - horizon),
          )
        },
      ),
    )
  })
})
