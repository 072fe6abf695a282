import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { highestByBlock, lowestByBlock } from '../../src/engine/blocks.js'
import { HeldPositions } from '../../src/engine/held.js'
import { Holding } from '../../src/engine/holding.js'
import type { Lane } from '../../src/engine/lane.js'
import type { TradingState } from '../../src/trading/state.js'

const SLOTS = 9_000

/** A column that wanders, so that its blocks differ. */
function wandering(seed: number, rows: number): Float64Array {
  let state = seed
  let price = 100
  return Float64Array.from({ length: rows }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    price *= 1 + (state / 2 ** 32 - 0.5) * 0.01
    return price
  })
}

interface Held {
  readonly seed: number
  readonly shift: number
  quantity: number
}

/** As much of lanes and of an account as positions are added up from. */
function holdings(of: readonly Held[]): { held: HeldPositions; lanes: Lane[] } {
  const lanes = of.map(({ seed, shift, quantity }, index) => {
    const worth = wandering(seed, SLOTS + shift)
    return {
      track: {
        index,
        shift,
        worth,
        worthHighs: highestByBlock(worth, false),
        worthLows: lowestByBlock(worth, false),
      },
      book: { position: { quantity, base: -100 * quantity } },
    } as unknown as Lane
  })
  const state = { account: { cash: 10_000 } } as unknown as TradingState
  return { held: new HeldPositions(state, lanes), lanes }
}

const holding = fc.record({
  seed: fc.integer({ min: 1, max: 1_000 }),
  shift: fc.integer({ min: 0, max: 5_000 }),
  quantity: fc.integer({ min: -20, max: 20 }),
})

describe('positions that are held', () => {
  it('are passed over no further than every close lies between the bounds, from whatever blocks that is known', () => {
    fc.assert(
      fc.property(
        fc.array(holding, { minLength: 1, maxLength: 5 }),
        fc.nat(SLOTS - 1),
        fc.nat(SLOTS),
        fc.double({ min: -3_000, max: 0, noNaN: true }),
        fc.oneof(fc.double({ min: 0, max: 3_000, noNaN: true }), fc.constant(Infinity)),
        (of, one, other, below, above) => {
          const { held } = holdings(of)
          const [from, end] = one < other ? [one, other] : [other, one]
          const middle = held.equityAt(from)
          const reached = held.passWithin(from, end, middle + below, middle + above)
          expect(reached).toBeGreaterThanOrEqual(from)
          expect(reached).toBeLessThanOrEqual(end)
          for (let slot = from; slot < reached; slot++) {
            const equity = held.equityAt(slot)
            if (!(equity > middle + below && equity <= middle + above)) expect.unreachable(`slot ${slot}`)
          }
        },
      ),
    )
  })

  it('are passed over to the end where nothing comes near the bounds', () => {
    const { held } = holdings([
      { seed: 1, shift: 0, quantity: 3 },
      { seed: 2, shift: 1_237, quantity: -2 },
    ])
    expect(held.passWithin(5, SLOTS, -1e9, 1e9)).toBe(SLOTS)
    expect(held.passWithin(16, SLOTS, -1e9, Infinity)).toBe(SLOTS)
  })

  it('stop at the window of 16 in which one close leaves the bounds', () => {
    const { held, lanes } = holdings([{ seed: 3, shift: 0, quantity: 1 }])
    const worth = new Float64Array(SLOTS).fill(100)
    worth[4_500] = 90
    Object.assign(lanes[0]!.track, {
      worth,
      worthHighs: highestByBlock(worth, false),
      worthLows: lowestByBlock(worth, false),
    })
    expect(held.passWithin(0, SLOTS, 9_995, Infinity)).toBe(4_496)
    expect(held.passWithin(4_496, SLOTS, 9_995, Infinity)).toBe(4_496)
    expect(held.passWithin(4_512, SLOTS, 9_995, Infinity)).toBe(SLOTS)
  })

  it('that are one alone are worth the same, and passed over no further than every close is worth more', () => {
    fc.assert(
      fc.property(
        holding,
        fc.nat(SLOTS - 1),
        fc.nat(SLOTS),
        fc.integer({ min: -100, max: 0 }),
        (of, one, other, below) => {
          const { held, lanes } = holdings([of])
          const { track, book } = lanes[0]!
          const alone = new Holding(10_000, track)
          Object.assign(alone.position, book.position)
          const [from, end] = one < other ? [one, other] : [other, one]
          const low = held.equityAt(from) + below
          const reached = alone.passAbove(from, end, low)
          expect([alone.count, reached >= from, reached <= end]).toEqual([held.count, true, true])
          for (let slot = from; slot < reached; slot++)
            if (!(alone.equityAt(slot) > low)) expect.unreachable(`slot ${slot}`)
          for (const slot of [from, reached, SLOTS - 1].filter((at) => at < SLOTS))
            expect(alone.equityAt(slot)).toBe(held.equityAt(slot))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('are known by whoever traded alone: the same list as after a look at all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(fc.nat(5), fc.integer({ min: -2, max: 2 })), { maxLength: 4 }), {
          maxLength: 6,
        }),
        (steps) => {
          const { held, lanes } = holdings(
            Array.from({ length: 6 }, (_, seed) => ({ seed: seed + 1, shift: 0, quantity: seed % 2 })),
          )
          for (const step of steps) {
            const traded = step.map(([index, quantity]) => {
              const lane = lanes[index]!
              Object.assign(lane.book.position, { quantity })
              return lane
            })
            held.refreshAmong(traded, traded.length)
            const open = lanes.filter(({ book }) => book.position.quantity !== 0)
            expect(held.lanes.slice(0, held.count)).toEqual(open)
          }
        },
      ),
    )
  })
})
