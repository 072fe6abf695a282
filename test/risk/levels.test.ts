import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/core/errors.js'
import { ceilToTick, floorToLot, floorToTick } from '../../src/core/rounding.js'
import {
  stopDistanceOf,
  stopPriceAt,
  targetDistanceOf,
  targetPriceAt,
  trailingPriceAt,
} from '../../src/risk/levels.js'
import { atrStop, percentStop, percentTrail, riskSettings } from '../../src/risk/settings.js'

describe('rounding to a grid', () => {
  test.each([
    [0.3, 0.1, 0.3],
    [0.29999, 0.1, 0.2],
    [0.7, 0.1, 0.7],
    [12, 5, 10],
    [1.2345, 0, 1.2345],
  ])('%d down to lots of %d is %d', (quantity, lot, expected) => {
    expect(floorToLot(quantity, lot)).toBe(expected)
  })

  test.each([
    [100.01, 0.5, 100, 100.5],
    [100.1, 0.1, 100.1, 100.1],
    [0.1 + 0.2, 0.1, 0.3, 0.3],
    [101, 2, 100, 102],
  ])('%d on ticks of %d lies between %d and %d', (price, tick, floor, ceiling) => {
    expect(floorToTick(price, tick)).toBe(floor)
    expect(ceilToTick(price, tick)).toBe(ceiling)
  })
})

describe('what lies on a grid', () => {
  test('stays where it is, however fine the grid', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 40 }),
        fc.constantFrom(1, 10, 1e2, 1e5, 1e8, 64),
        (count, perUnit) => {
          const price = count / perUnit
          expect([floorToTick(price, 1 / perUnit), ceilToTick(price, 1 / perUnit)]).toEqual([price, price])
          expect(floorToLot(price, 1 / perUnit)).toBe(price)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('levels', () => {
  test('of a stop lie on the tick that loses more, of a target on the one that is harder to reach', () => {
    expect(stopPriceAt(100, 1, 2.2, 0.5)).toBe(97.5)
    expect(stopPriceAt(100, -1, 2.2, 0.5)).toBe(102.5)
    expect(targetPriceAt(100, 1, 4.2, 0.5)).toBe(104.5)
    expect(targetPriceAt(100, -1, 4.2, 0.5)).toBe(95.5)
  })

  test('distances come from the decision: percent of its close, multiples of its range', () => {
    expect(stopDistanceOf({ kind: 'percent', fraction: 0.02 }, 50, NaN)).toBe(1)
    expect(stopDistanceOf({ kind: 'atr', multiple: 2, period: 14 }, 50, 1.5)).toBe(3)
    expect(stopDistanceOf({ kind: 'atr', multiple: 2, period: 14 }, 50, NaN)).toBeNaN()
    expect(stopDistanceOf({ kind: 'none' }, 50, 1)).toBeNaN()
    expect(targetDistanceOf({ kind: 'reward-to-risk', ratio: 2 }, 50, 3)).toBe(6)
    expect(targetDistanceOf({ kind: 'percent', fraction: 0.1 }, 50, NaN)).toBe(5)
  })

  test('a trailing stop waits for its activation', () => {
    const rule = percentTrail(0.02, 0.05)
    expect(trailingPriceAt(rule, 104.9, 100, 1, NaN, 0)).toBeNaN()
    expect(trailingPriceAt(rule, 105, 100, 1, NaN, 0)).toBeCloseTo(102.9, 12)
    expect(trailingPriceAt(rule, 95.1, 100, -1, NaN, 0)).toBeNaN()
    expect(trailingPriceAt(rule, 95, 100, -1, NaN, 0)).toBeCloseTo(96.9, 12)
  })
})

describe('settings that make no sense name field and value', () => {
  test.each([
    [() => riskSettings({ riskPerTrade: 0 }), 'field risk.riskPerTrade, value 0'],
    [() => riskSettings({ riskPerTrade: 2 }), 'field risk.riskPerTrade, value 2'],
    [() => riskSettings({ maxPosition: 1.5 }), 'field risk.maxPosition, value 1.5'],
    [() => riskSettings({ dailyLossLimit: 1 }), 'field risk.dailyLossLimit, value 1'],
    [() => riskSettings({ timeExitBars: 1.5 }), 'field risk.timeExitBars, value 1.5'],
    [() => riskSettings({ maxPositions: 0 }), 'field risk.maxPositions, value 0'],
    [() => riskSettings({ stop: { kind: 'none' } }), 'field risk.stop'],
    [() => riskSettings({ riskPerTrad: 0.1 } as object), 'field risk.riskPerTrad'],
    [() => percentStop(2), 'field percentStop, value 2'],
    [() => atrStop(2, 0), 'field atrStop.period, value 0'],
    [() => percentTrail(0.02, -1), 'field percentTrail.activation, value -1'],
  ])('%#', (make, place) => {
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(place)
  })
})
