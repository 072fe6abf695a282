import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICIES, type Policies } from '../../src/core/policies.js'
import type { Side } from '../../src/core/orders.js'
import { noLevel, touchProtective, type BarRange, type ProtectiveFill } from '../../src/execution/intrabar.js'
import { takerPrice } from '../../src/execution/prices.js'

const LONG = { side: 1, stop: 98, target: 104 } as const
const touch = (bar: BarRange, policies: Partial<Policies> = {}): ProtectiveFill | undefined =>
  touchProtective(bar, LONG, 0.5, { ...DEFAULT_POLICIES, ...policies })

describe('one bar against stop 98 and target 104', () => {
  test.each([
    ['neither', { open: 100, high: 104, low: 98.5 }, {}, undefined],
    ['stop touched', { open: 100, high: 101, low: 98 }, {}, ['stop', 98, false, false]],
    ['stop gapped', { open: 97, high: 99, low: 96 }, {}, ['stop', 97, true, false]],
    ['opened at the stop', { open: 98, high: 99, low: 98 }, {}, ['stop', 98, true, false]],
    ['target through', { open: 100, high: 104.5, low: 99 }, {}, ['target', 104, false, false]],
    ['target gapped', { open: 105, high: 106, low: 104 }, {}, ['target', 104, true, false]],
    [
      'target gapped, open price',
      { open: 105, high: 106, low: 104 },
      { targetGap: 'open-price' },
      ['target', 105, true, false],
    ],
    ['both', { open: 100, high: 105, low: 97 }, {}, ['stop', 98, false, true]],
    [
      'both, optimistic',
      { open: 100, high: 105, low: 97 },
      { undecided: 'optimistic' },
      ['target', 104, false, true],
    ],
    ['both, gapped down', { open: 97, high: 105, low: 96 }, {}, ['stop', 97, true, false]],
    ['both, gapped up', { open: 105, high: 106, low: 97 }, {}, ['target', 104, true, false]],
    [
      'both, gapped up, stop first',
      { open: 105, high: 106, low: 97 },
      { bothTouched: 'stop-first' },
      ['stop', 98, false, false],
    ],
  ] as const)('%s', (_what, bar, policies, expected) => {
    const fill = touch(bar, policies)
    expect(fill && [fill.role, fill.reference, fill.atOpen, fill.undecided]).toEqual(expected)
  })

  test('a short in the mirrored bar fares the same', () => {
    const price = fc.integer({ min: 180, max: 220 }).map((halves) => halves / 2)
    const policies = fc.record({
      bothTouched: fc.constantFrom('open-decides', 'stop-first'),
      undecided: fc.constantFrom('pessimistic', 'optimistic'),
      targetFill: fc.constantFrom('through', 'touch'),
      targetGap: fc.constantFrom('limit-price', 'open-price'),
    }) as fc.Arbitrary<Partial<Policies>>
    fc.assert(
      fc.property(price, price, price, policies, fc.constantFrom(0, 0.5), (open, a, b, chosen, tick) => {
        const [high, low] = [Math.max(open, a, b), Math.min(open, a, b)]
        const all = { ...DEFAULT_POLICIES, ...chosen }
        const long = touchProtective({ open, high, low }, LONG, tick, all)
        const mirrored = { open: 200 - open, high: 200 - low, low: 200 - high }
        const short = touchProtective(mirrored, { side: -1, stop: 102, target: 96 }, tick, all)
        expect(short).toEqual(long && { ...long, reference: 200 - long.reference })
      }),
      { numRuns: 2_000 },
    )
  })

  test('a level that is not there is never reached', () => {
    for (const side of [1, -1] as const) {
      const levels = { side, stop: noLevel(side, 'stop'), target: noLevel(side, 'target') }
      expect(
        touchProtective({ open: 100, high: 1e9, low: 1e-9 }, levels, 0.5, DEFAULT_POLICIES),
      ).toBeUndefined()
    }
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
