import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LedgerError } from '../../src/core/errors.js'
import type { Side } from '../../src/core/orders.js'
import { Account } from '../../src/portfolio/account.js'
import { Position, type LedgerFill } from '../../src/portfolio/position.js'
import { valueAccount } from '../../src/portfolio/valuation.js'

const NO_FUNDING = Float64Array.of(0, 0)

const fill = (quantity: number, price: number, fee: number = 0): LedgerFill => ({ quantity, price, fee })

/** All that an account holds, to see that nothing changed. */
function stateOf(account: Account): unknown {
  return structuredClone({
    cash: account.cash,
    positions: account.positions.map((position) => ({ ...position })),
  })
}

describe('an account', () => {
  test('keeps cash, equity, free capital and shares by hand-worked figures', () => {
    const account = new Account(10_000, 2)
    account.enter(0, 1, fill(10, 100, 1), NO_FUNDING)
    account.enter(1, -1, fill(5, 200, 2), NO_FUNDING)
    expect(account.cash).toBe(9_997)
    expect(account.freeCapital(NO_FUNDING)).toBe(7_997)
    // long +5 each, short −10 each
    const prices = Float64Array.of(105, 210)
    expect(account.equity(prices)).toBe(9_997)
    expect([...valueAccount(account, prices, NO_FUNDING).shares]).toEqual([1_050 / 9_997, -1_050 / 9_997])
    expect(account.exit(0, fill(10, 105, 3), NO_FUNDING)).toBe(50)
    expect(account.cash).toBe(10_044)
    expect(account.freeCapital(NO_FUNDING)).toBe(9_044)
  })

  test('a long pays a rising funding index, a short receives it', () => {
    const account = new Account(10_000, 2)
    account.enter(0, 1, fill(10, 100, 0), Float64Array.of(3, 3))
    account.enter(1, -1, fill(10, 100, 0), Float64Array.of(3, 3))
    const later = Float64Array.of(5, 5)
    expect(account.position(0).accruedFunding(5)).toBe(-20)
    expect(account.position(1).accruedFunding(5)).toBe(20)
    expect(account.exit(0, fill(10, 100, 0), later)).toBe(-20)
    expect(account.exit(1, fill(10, 100, 0), later)).toBe(20)
  })

  test.each([
    ['opening for more than the free capital', (account: Account) => account.enter(1, 1, fill(91, 100, 0), NO_FUNDING), 'field cost, value 9100 quote'], // prettier-ignore
    ['opening when only the fee is too much', (account: Account) => account.enter(1, 1, fill(90, 100, 1), NO_FUNDING), 'value 9001'], // prettier-ignore
    ['closing more than is held', (account: Account) => account.exit(0, fill(10.5, 100, 0), NO_FUNDING), 'field quantity, value 10.5 base'], // prettier-ignore
    [
      'closing what is not held',
      (account: Account) => account.exit(1, fill(1, 100, 0), NO_FUNDING),
      'value 1',
    ],
    [
      'opening against what is held',
      (account: Account) => account.enter(0, -1, fill(1, 100, 0), NO_FUNDING),
      'value -1',
    ],
    ['opening nothing', (account: Account) => account.enter(1, 1, fill(0, 100, 0), NO_FUNDING), 'value 0'],
    ['a price of zero', (account: Account) => account.exit(0, fill(1, 0, 0), NO_FUNDING), 'quantity'],
    [
      'an instrument that is not there',
      (account: Account) => account.enter(7, 1, fill(1, 100, 0), NO_FUNDING),
      'value 7',
    ],
  ])('refuses %s, and nothing changes', (_what, act, place) => {
    const account = new Account(10_000, 2)
    account.enter(0, 1, fill(10, 100, 0), NO_FUNDING)
    const before = stateOf(account)
    expect(() => act(account)).toThrow(LedgerError)
    expect(() => act(account)).toThrow(place)
    expect(stateOf(account)).toEqual(before)
  })

  test('a starting balance is positive', () => {
    expect(() => new Account(0, 1)).toThrow('value 0 quote')
  })
})

describe('a position', () => {
  test('closed in parts releases what it would have released whole', () => {
    const figure = fc.integer({ min: 1, max: 1_000 })
    fc.assert(
      fc.property(
        figure,
        figure,
        figure,
        fc.constantFrom<Side[]>(1, -1),
        fc.integer({ min: 1, max: 7 }),
        (entry, exit, index, side, eighths) => {
          const later = Float64Array.of(index + 2)
          const whole = new Position()
          const parts = new Position()
          for (const position of [whole, parts])
            position.increase(side, fill(8, entry), Float64Array.of(index), 0)
          const atOnce = whole.decrease(fill(8, exit), later, 0)
          const first = parts.decrease(fill(eighths, exit), later, 0)
          expect(first + parts.decrease(fill(8 - eighths, exit), later, 0)).toBeCloseTo(atOnce, 9)
          expect(atOnce).toBeCloseTo(side * 8 * (exit - entry - 2), 9)
          expect({ ...parts }).toEqual({ ...new Position() })
        },
      ),
    )
  })

  test('added to has the average price of its entries', () => {
    const position = new Position()
    position.increase(1, fill(1, 100), NO_FUNDING, 0)
    position.increase(1, fill(3, 120), NO_FUNDING, 0)
    expect(position.entryPrice).toBe(115)
    expect(position.worth(130)).toBe(60)
  })
})
