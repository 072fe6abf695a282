import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ConfigError } from '../../src/core/errors.js'
import type { Instrument, InstrumentTerms, MarginTier } from '../../src/core/instrument.js'
import {
  bankruptcyPrice,
  type FullMargin,
  largestNotional,
  liquidationPrice,
  maintenanceMargin,
  marginTierOf,
  requireMargin,
  termsAt,
  termsTimeline,
} from '../../src/core/instrument-terms.js'
import type { Side } from '../../src/core/orders.js'
import { changesArbitrary, marginArbitrary, tiersArbitrary } from './instrument-entries.js'

const INSTRUMENT: Instrument = {
  id: 'x:A-PERP',
  venue: 'x',
  kind: 'perpetual',
  base: 'A',
  quote: 'USD',
  tickSize: 0.1,
  lotSize: 0.001,
  minNotional: 5,
  makerFee: 0.0002,
  takerFee: 0.0005,
}

function marginOf(tiers: readonly MarginTier[]): FullMargin {
  const { margin } = termsAt(termsTimeline({ ...INSTRUMENT, margin: { tiers, liquidationFee: 0.005 } }), 0)
  if (margin === undefined) throw new Error('margin terms were lost')
  return margin
}

/** Tiers of BTCUSDT as Binance showed them in 2021: notional, rate, leverage, and the maintenance amount that it published. */
const BTC = [
  [0, 0.004, 125, 0],
  [50_000, 0.005, 100, 50],
  [250_000, 0.01, 50, 1_300],
  [1_000_000, 0.025, 20, 16_300],
  [10_000_000, 0.05, 10, 266_300],
  [20_000_000, 0.1, 5, 1_266_300],
  [50_000_000, 0.125, 4, 2_516_300],
  [100_000_000, 0.15, 3, 5_016_300],
  [200_000_000, 0.25, 2, 25_016_300],
  [300_000_000, 0.5, 1, 100_016_300],
] as const
const btc = marginOf(
  BTC.map(([fromNotional, maintenanceRate, maxLeverage]) => ({ fromNotional, maintenanceRate, maxLeverage })),
)

/** Rates of ETHUSDT with which Binance's maintenance amount of 135,365 in its example below comes out. */
const eth = marginOf(
  [[0, 0.005], [10_000, 0.0065], [100_000, 0.01], [500_000, 0.02], [1_000_000, 0.05], [2_000_000, 0.1]]
    .map(([fromNotional = NaN, maintenanceRate = NaN]) => ({ fromNotional, maintenanceRate, maxLeverage: 5 })),
) // prettier-ignore

describe('maintenance amounts', () => {
  it('are those that Binance published for BTCUSDT', () => {
    const amounts = btc.tiers.map(({ maintenanceAmount }) => Math.round(maintenanceAmount * 1e4) / 1e4)
    expect(amounts).toEqual(BTC.map(([, , , amount]) => amount))
  })

  test.each([
    // 264,000 is in the tier of 1 %: 2,640 − 1,300.
    [264_000, 1_340],
    // 0.5 % of 50,000 less 50 is what the tier below asks of it: 0.4 %.
    [50_000, 200],
    [49_999.99, 199.99996],
  ])('of %d BTCUSDT leave a margin of %d', (notional, margin) => {
    expect(maintenanceMargin(marginTierOf(btc, notional), notional)).toBeCloseTo(margin, 9)
  })

  it('let the maintenance margin rise from tier to tier without a jump', () => {
    fc.assert(
      fc.property(tiersArbitrary, (tiers) => {
        const full = marginOf(tiers).tiers
        for (const [at, tier] of full.entries()) {
          const before = full[at - 1]
          if (before === undefined) continue
          const here = maintenanceMargin(tier, tier.fromNotional)
          const below = maintenanceMargin(before, tier.fromNotional)
          expect(Math.abs(here - below)).toBeLessThanOrEqual(1e-12 * tier.fromNotional)
        }
      }),
    )
  })

  it('make it the sum of what each tier asks of its own part of the notional', () => {
    fc.assert(
      fc.property(tiersArbitrary, fc.double({ min: 0, max: 1e8, noNaN: true }), (tiers, notional) => {
        const inParts = tiers.reduce((sum, { fromNotional, maintenanceRate }, at) => {
          const end = Math.min(notional, tiers[at + 1]?.fromNotional ?? Infinity)
          return sum + Math.max(0, end - fromNotional) * maintenanceRate
        }, 0)
        const margin = marginOf(tiers)
        const asked = maintenanceMargin(marginTierOf(margin, notional), notional)
        expect(Math.abs(asked - inParts)).toBeLessThanOrEqual(1e-11 * (1 + notional))
      }),
    )
  })
})

describe('the tier of a position', () => {
  it('begins at its own notional', () => {
    expect(marginTierOf(btc, 0).maxLeverage).toBe(125)
    expect(marginTierOf(btc, 49_999.999).maxLeverage).toBe(125)
    expect(marginTierOf(btc, 50_000).maxLeverage).toBe(100)
    expect(marginTierOf(btc, 1e12).maxLeverage).toBe(1)
  })

  it('is refused where there is none', () => {
    const late = marginOf([{ fromNotional: 10, maintenanceRate: 0.01, maxLeverage: 5 }])
    expect(() => marginTierOf(late, 9)).toThrow(/first begins at 0.*value 9 quote/)
    expect(() => marginTierOf(late, NaN)).toThrow('value NaN')
  })

  test.each([
    [125, 49_999.99999999999],
    [101, 49_999.99999999999],
    [100, 249_999.99999999997],
    [1, Infinity],
    [126, 0],
  ])('at leverage %d allows BTCUSDT a notional of up to %d', (leverage, largest) => {
    expect(largestNotional(btc, leverage)).toBe(largest)
  })

  it('allows the largest notional of a leverage, and not the least more', () => {
    fc.assert(
      fc.property(tiersArbitrary, fc.double({ min: 1, max: 130, noNaN: true }), (tiers, leverage) => {
        const margin = marginOf(tiers)
        const largest = largestNotional(margin, leverage)
        const allows = (notional: number): boolean => marginTierOf(margin, notional).maxLeverage >= leverage
        if (largest === 0) expect(allows(0)).toBe(false)
        else if (largest === Infinity) expect(allows(Number.MAX_VALUE)).toBe(true)
        else {
          const next = largest * (1 + Number.EPSILON)
          expect([allows(largest), allows(next)]).toEqual([true, false])
        }
      }),
    )
  })
})

/**
 * Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts": a wallet of 1,535,443.01 with longs of 3,683.979 ETH from
 * 1,456.84 and 109.488 BTC from 32,481.98. Under cross margin a position's margin is the wallet less the other's maintenance margin
 * and loss. Its leverage is what makes that its own margin here.
 */
describe('a liquidation price', () => {
  const wallet = 1_535_443.01
  test.each([
    ['BTC, isolated with the whole wallet', btc, 109.488, 32_481.98, wallet, 18_778.73],
    ['BTC, cross', btc, 109.488, 32_481.98, wallet - 356_512.508 - 448_192.89, 26_316.89],
    ['ETH, isolated with the whole wallet', eth, 3_683.979, 1_456.84, wallet, 1_114.78],
    ['ETH, cross', eth, 3_683.979, 1_456.84, wallet - 71_200.81144 - 56_354.57, 1_153.26],
  ])("is Binance's: %s", (_, margin, quantity, entryPrice, ownMargin, expected) => {
    const leverage = (quantity * entryPrice) / ownMargin
    expect(liquidationPrice({ side: 1, entryPrice, quantity, leverage, margin })).toBeCloseTo(expected, 2)
  })

  test.each([
    // 1 BTC at 40,000, 10 ×, 0.4 %, amount 0: (40,000 ∓ 4,000) / (1 ∓ 0.004).
    [1, 1, 40_000, 10, 36_000 / 0.996],
    [-1, 1, 40_000, 10, 44_000 / 1.004],
    // 10 BTC at 40,000 are in the tier of 1 %, amount 1,300, 130 a coin: (40,000 ∓ 8,000 ∓ 130) / (1 ∓ 0.01).
    [1, 10, 40_000, 5, 31_870 / 0.99],
    [-1, -10, 40_000, 5, 48_130 / 1.01],
  ] as const)('of side %d and %d BTC at %d with leverage %d is %d', (side, quantity, entryPrice, leverage, expected) => {
    expect(liquidationPrice({ side, entryPrice, quantity, leverage, margin: btc })).toBeCloseTo(expected, 9)
  }) // prettier-ignore

  it('is none for a long that is paid in full', () => {
    for (const quantity of [0.1, 10, 1_000])
      expect(liquidationPrice({ side: 1, entryPrice: 40_000, quantity, leverage: 1, margin: btc })).toBeNaN()
  })

  /** A position at a leverage that its tier allows. */
  const positions = fc
    .record({
      side: fc.constantFrom<Side>(1, -1),
      entryPrice: fc.double({ min: 0.001, max: 1e5, noNaN: true }),
      quantity: fc.double({ min: 0.001, max: 1e4, noNaN: true }),
      tiers: tiersArbitrary,
      ofLargest: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ tiers, ofLargest, ...position }) => {
      const margin = marginOf(tiers)
      const { maxLeverage } = marginTierOf(margin, position.entryPrice * position.quantity)
      return { ...position, margin, leverage: 1 + ofLargest * (maxLeverage - 1) }
    })

  it('is where margin and loss together are the maintenance margin', () => {
    fc.assert(
      fc.property(positions, (position) => {
        const { side, entryPrice, quantity, leverage, margin } = position
        const price = liquidationPrice(position)
        if (Number.isNaN(price) || price === bankruptcyPrice(side, entryPrice, leverage)) return
        const notional = entryPrice * quantity
        const left = notional / leverage + side * quantity * (price - entryPrice)
        const asked = maintenanceMargin(marginTierOf(margin, notional), quantity * price)
        expect(Math.abs(left - asked)).toBeLessThanOrEqual(1e-9 * notional)
      }),
    )
  })

  it('lies on the losing side of the entry, and closer the higher the leverage', () => {
    fc.assert(
      fc.property(positions, (position) => {
        const { side, entryPrice, leverage } = position
        const price = liquidationPrice(position)
        // None is as far as a long can fall.
        const level = Number.isNaN(price) ? 0 : price
        expect(side * (entryPrice - level)).toBeGreaterThan(0)
        const lower = liquidationPrice({ ...position, leverage: Math.max(1, leverage * 0.9) })
        expect(side * (level - (Number.isNaN(lower) ? 0 : lower))).toBeGreaterThanOrEqual(-1e-9 * entryPrice)
      }),
    )
  })

  it('in a higher tier, where the maintenance margin would fall below nothing first, is where the margin is gone', () => {
    // 1,000 at 100: 2 % of the notional less 1,000; at 45 that is −100. The formula says (100 − 50 − 1) / 0.98 = 50, at a leverage of 2 just
    // where the margin is gone; at 1.6: (100 − 62.5 − 1) / 0.98 = 37.24, beyond 37.5.
    const margin = marginOf([
      { fromNotional: 0, maintenanceRate: 0.01, maxLeverage: 20 },
      { fromNotional: 100_000, maintenanceRate: 0.02, maxLeverage: 10 },
    ])
    const position = { side: 1, entryPrice: 100, quantity: 1_000, margin } as const
    expect(liquidationPrice({ ...position, leverage: 2 })).toBeCloseTo(50, 9)
    expect(liquidationPrice({ ...position, leverage: 1.6 })).toBe(37.5)
    expect(liquidationPrice({ ...position, leverage: 4 })).toBeCloseTo(74 / 0.98, 9)
  })

  it('is never beyond the price at which the margin is gone', () => {
    fc.assert(
      fc.property(positions, (position) => {
        const { side, entryPrice, leverage } = position
        const price = liquidationPrice(position)
        if (Number.isNaN(price)) return
        expect(side * (price - bankruptcyPrice(side, entryPrice, leverage))).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

test('at the bankruptcy price the loss is the margin', () => {
  expect(bankruptcyPrice(1, 100, 4)).toBe(75)
  expect(bankruptcyPrice(-1, 100, 4)).toBe(125)
  expect(bankruptcyPrice(1, 100, 1)).toBe(0)
  expect(bankruptcyPrice(-1, 100, 1)).toBe(200)
})

describe('terms over time', () => {
  const DAY = 86_400_000
  const changed: Instrument = {
    ...INSTRUMENT,
    changes: [
      { from: 10 * DAY, tickSize: 0.5 },
      { from: 20 * DAY, makerFee: 0, lotSize: 1 },
      { from: 30 * DAY, tickSize: 0.25, minNotional: 100 },
    ],
  }

  test.each([
    [-Infinity, { tickSize: 0.1, lotSize: 0.001, minNotional: 5, makerFee: 0.0002 }],
    [10 * DAY - 1, { tickSize: 0.1, lotSize: 0.001, minNotional: 5, makerFee: 0.0002 }],
    [10 * DAY, { tickSize: 0.5, lotSize: 0.001, minNotional: 5, makerFee: 0.0002 }],
    [25 * DAY, { tickSize: 0.5, lotSize: 1, minNotional: 5, makerFee: 0 }],
    [30 * DAY, { tickSize: 0.25, lotSize: 1, minNotional: 100, makerFee: 0 }],
    [Infinity, { tickSize: 0.25, lotSize: 1, minNotional: 100, makerFee: 0 }],
  ])('change at their instant and stay: %d', (time, expected) => {
    expect(termsAt(termsTimeline(changed), time)).toEqual({ ...expected, takerFee: 0.0005 })
  })

  it('begin before all time, one entry a change', () => {
    const { from, terms } = termsTimeline(changed)
    expect([...from]).toEqual([-Infinity, 10 * DAY, 20 * DAY, 30 * DAY])
    expect(terms).toHaveLength(4)
    expect([...termsTimeline(INSTRUMENT).from]).toEqual([-Infinity])
  })

  test.each([
    ['out of order', [{ from: 2, tickSize: 1 }, { from: 1, tickSize: 2 }]],
    ['at one time', [{ from: 1, tickSize: 1 }, { from: 1, lotSize: 2 }]],
    ['at no time', [{ from: NaN, tickSize: 1 }]],
  ])('are refused %s', (_, changes) => {
    expect(() => termsTimeline({ ...INSTRUMENT, changes })).toThrow(/oldest first.*changes of x:A-PERP/)
  }) // prettier-ignore

  it('are the instrument with every change up to then laid over it, whatever changes', () => {
    const times = fc.integer({ min: Date.UTC(2019, 11, 1), max: Date.UTC(2029, 0, 1) })
    fc.assert(
      fc.property(
        fc.option(marginArbitrary, { nil: undefined }),
        changesArbitrary,
        fc.array(times),
        (margin, changes, moments) => {
          const instrument = { ...INSTRUMENT, ...(margin === undefined ? {} : { margin }), changes }
          const timeline = termsTimeline(instrument)
          for (const time of [...moments, ...changes.map(({ from }) => from)]) {
            const past = changes.filter(({ from }) => from <= time)
            const expected = Object.assign({}, instrument, ...past) as InstrumentTerms
            const { margin: full, ...terms } = termsAt(timeline, time)
            for (const [key, value] of Object.entries(terms))
              expect(value).toBe(expected[key as keyof InstrumentTerms])
            expect(full?.tiers.map(({ maintenanceAmount: _, ...tier }) => tier)).toEqual(
              expected.margin?.tiers,
            )
            expect(full?.liquidationFee).toBe(expected.margin?.liquidationFee)
          }
        },
      ),
    )
  })
})

describe('leverage', () => {
  const margin = { tiers: [{ fromNotional: 0, maintenanceRate: 0.01, maxLeverage: 20 }], liquidationFee: 0 }

  it('above 1 is refused without margin terms, on spot, and before the terms begin', () => {
    expect(() => requireMargin(INSTRUMENT, 2, 0)).toThrow(
      /margin tiers.*docs\/instruments\.md.*field risk\.leverage on x:A-PERP, value 2 times/,
    )
    expect(() => requireMargin({ ...INSTRUMENT, kind: 'spot' }, 1.01, 0)).toThrow(/spot is bought in full/)
    const later: Instrument = { ...INSTRUMENT, changes: [{ from: 100, margin }] }
    expect(() => requireMargin(later, 3, 99)).toThrow('margin tiers')
    expect(() => requireMargin(later, 3, 100)).not.toThrow()
  })

  it('above what the first tier grants at the start is refused', () => {
    const perpetual: Instrument = { ...INSTRUMENT, margin }
    expect(() => requireMargin(perpetual, 21, 0)).toThrow(ConfigError)
    expect(() => requireMargin(perpetual, 21, 0)).toThrow(
      /first margin tier grants at most 20 times.*field risk\.leverage on x:A-PERP, value 21 times/,
    )
    const lower = { ...margin, tiers: [{ fromNotional: 0, maintenanceRate: 0.01, maxLeverage: 10 }] }
    const changing: Instrument = { ...perpetual, changes: [{ from: 100, margin: lower }] }
    expect(() => requireMargin(changing, 20, 99)).not.toThrow()
    expect(() => requireMargin(changing, 20, 100)).toThrow('at most 10 times')
  })

  it('of 1 needs nothing, and with margin terms is free', () => {
    expect(() => requireMargin({ ...INSTRUMENT, kind: 'spot' }, 1, 0)).not.toThrow()
    expect(() => requireMargin(INSTRUMENT, 1, 0)).not.toThrow()
    expect(() => requireMargin({ ...INSTRUMENT, margin }, 20, -Infinity)).not.toThrow()
  })
})
