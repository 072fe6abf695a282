import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { floorToLot } from '../../src/core/rounding.js'
import {
  DEFAULT_RISK,
  cashFraction,
  percentStop,
  riskSettings,
  type RiskSettings,
} from '../../src/risk/settings.js'
import { convictionOf, EntrySizing, reckonAffordable, sizeEntry } from '../../src/risk/sizing.js'

const INPUTS: Partial<EntrySizing> = {
  price: 100,
  equity: 10_000,
  freeCapital: 10_000,
  stopDistance: 2,
  score: NaN,
  entryFee: 0,
  lotSize: 0,
  largestNotional: Infinity,
}

function entrySize(risk: RiskSettings, inputs: Partial<EntrySizing>): EntrySizing {
  const sizing = Object.assign(new EntrySizing(), inputs)
  sizeEntry(risk, sizing)
  return sizing
}

describe('conviction', () => {
  test.each([
    [0.8, 1],
    [0.79, 0.75],
    [0.65, 0.75],
    [0.64, 0.5],
    [0.35, 0.5],
    [0.34, 0.75],
    [0.2, 0.75],
    [0.19, 1],
    [NaN, 1],
  ])('of a score of %d is %d', (score, conviction) => {
    expect(convictionOf(score)).toBe(conviction)
  })
})

describe('size of an entry', () => {
  test.each([
    ['the cap, for a 2 % stop', {}, 10, 'max-position'],
    ['the risk, for a wide stop', { stopDistance: 40 }, 5, 'risk'],
    ['the cash, fee included', { freeCapital: 505, entryFee: 0.01 }, 5, 'cash'],
    ['nothing, without cash', { freeCapital: -1 }, 0, 'cash'],
    ['whole lots, rounded down', { lotSize: 0.3 }, 9.9, 'max-position'],
  ] as const)('is bound by %s', (_what, changes, quantity, boundBy) => {
    const size = entrySize(DEFAULT_RISK, { ...INPUTS, ...changes })
    expect(size.quantity).toBeCloseTo(quantity, 12)
    expect(size.boundBy).toBe(boundBy)
  })

  test('never costs more than is free, nor risks or holds more than was allowed', () => {
    const positive = fc.double({ min: 0.01, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(
        positive,
        positive,
        positive,
        fc.double({ min: 1e-4, max: 0.5, noNaN: true }),
        fc.constantFrom(0, 0.001, 1),
        (price, equity, freeCapital, stop, lotSize) => {
          const { quantity } = entrySize(DEFAULT_RISK, {
            ...INPUTS,
            price,
            equity,
            freeCapital,
            stopDistance: stop * price,
            entryFee: 0.001,
            lotSize,
          })
          const slack = 1 + 1e-9
          const wholeLots = lotSize === 0 || floorToLot(quantity, lotSize) === quantity
          // A lot is rounded to as whole when it is whole but for 1e-9 of a lot.
          const noise = 1e-9 * lotSize * price
          expect(quantity * price * 1.001).toBeLessThanOrEqual(freeCapital * slack + noise * 2)
          expect(quantity * price).toBeLessThanOrEqual(equity * 0.1 * slack + noise)
          expect(quantity * stop * price).toBeLessThanOrEqual(equity * 0.02 * slack + noise)
          expect(wholeLots).toBe(true)
        },
      ),
    )
  })

  test('of a share of the cash ignores the stop', () => {
    const risk = riskSettings({ sizing: cashFraction(0.5), stop: percentStop(0.5) })
    expect(entrySize(risk, { ...INPUTS, stopDistance: NaN })).toMatchObject({
      quantity: 50,
      boundBy: 'fixed',
    })
  })

  test('affordable is nothing without money', () => {
    const affordable = (capital: number): number => {
      const sizing = Object.assign(new EntrySizing(), { ...INPUTS, capital, entryFee: 0.01, lotSize: 1 })
      reckonAffordable(sizing, 1)
      return sizing.affordable
    }
    expect(affordable(0)).toBe(0)
    expect(affordable(-5)).toBe(0)
    expect(affordable(1_010)).toBe(10)
  })
})
