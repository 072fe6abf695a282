import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Side } from '../../src/core/orders.js'
import { meetsLimit, worstAfterSettlements, worstBeforeSettlements } from '../../src/execution/intrabar.js'
import { takerPrice } from '../../src/execution/prices.js'

const through = { targetFill: 'through' } as const
const touch = { targetFill: 'touch' } as const

describe('a resting limit of 100', () => {
  test.each([
    ['a sale needs one tick more', -1, 0.5, through, 100, false],
    ['one tick more is enough', -1, 0.5, through, 100.5, true],
    ['a purchase needs one tick less', 1, 0.5, through, 100, false],
    ['one tick less is enough', 1, 0.5, through, 99.5, true],
    ['without a tick the price itself is not beyond', -1, 0, through, 100, false],
    ['anything beyond is', -1, 0, through, 100.000001, true],
    ['a touch is a sale by policy', -1, 0.5, touch, 100, true],
    ['and a purchase', 1, 0.5, touch, 100, true],
    ['a price short of it never is', -1, 0.5, touch, 99.5, false],
  ] as const)('%s', (_what, side, tickSize, policies, price, met) => {
    expect(meetsLimit(price, side, 100, tickSize, policies)).toBe(met)
  })
})

/** Settlements an hour apart, from 1 on; NaN was not recorded. */
function settlements(amounts: readonly number[]): { time: Float64Array; amountPerUnit: Float64Array } {
  return { time: Float64Array.from(amounts, (_, at) => at + 1), amountPerUnit: Float64Array.from(amounts) }
}

describe('settlements inside a bar of which the instant of a fill is unknown', () => {
  test('a position that ends has seen those that cost it most, from the first on', () => {
    expect(worstBeforeSettlements(settlements([1, -3, 1]), 0, 99, 1)).toBe(1)
    expect(worstBeforeSettlements(settlements([-1, 3, -1]), 0, 99, 1)).toBe(2)
    expect(worstBeforeSettlements(settlements([-1, -1]), 0, 99, 1)).toBe(0)
    expect(worstBeforeSettlements(settlements([-1, -1]), 0, 99, -1)).toBe(2)
    expect(worstBeforeSettlements(settlements([1, 1, 1]), 1, 3, 1)).toBe(2)
  })

  test('a position that begins sees those that cost it most, from the last back', () => {
    expect(worstAfterSettlements(settlements([1, -3, 1]), 0, 99, 1)).toBe(2)
    expect(worstAfterSettlements(settlements([-1, 3, -1]), 0, 99, 1)).toBe(1)
    expect(worstAfterSettlements(settlements([-1, -1]), 0, 99, 1)).toBe(2)
    expect(worstAfterSettlements(settlements([1, 1, 1]), 0, 3, 1)).toBe(0)
  })

  test('one without a recorded rate is never left out', () => {
    expect(worstBeforeSettlements(settlements([-1, NaN, -1]), 0, 99, 1)).toBe(2)
    expect(worstAfterSettlements(settlements([-1, NaN, -1]), 0, 99, 1)).toBe(1)
  })

  test('no other number of them would have cost more', () => {
    const amounts = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 8 })
    fc.assert(
      fc.property(amounts, fc.constantFrom<Side>(1, -1), (list, side) => {
        const paid = (from: number, to: number): number =>
          list.slice(from, to).reduce((sum, amount) => sum + side * amount, 0)
        const all = list.map((_, at) => at).concat(list.length)
        const before = worstBeforeSettlements(settlements(list), 0, 99, side)
        expect(Math.max(...all.map((to) => paid(0, to)))).toBe(paid(0, before))
        const after = worstAfterSettlements(settlements(list), 0, 99, side)
        expect(Math.max(...all.map((from) => paid(from, list.length)))).toBe(paid(after, list.length))
      }),
    )
  })
})

describe('the price of a taker', () => {
  test('is never better than the undisturbed one, and on the tick', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom<Side>(1, -1),
        fc.constantFrom(0, 0.0005, 0.01),
        (ticks, side, slippage) => {
          const undisturbed = ticks / 100
          const price = takerPrice(undisturbed, side, slippage, 0.01)
          expect(side * (price - undisturbed)).toBeGreaterThanOrEqual(0)
          expect(Math.abs(price - undisturbed)).toBeLessThanOrEqual(undisturbed * slippage + 0.01 + 1e-9)
          expect(Math.round(price * 100) / 100).toBe(price)
        },
      ),
    )
  })
})
