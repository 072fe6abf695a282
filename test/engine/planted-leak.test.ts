import { describe, expect, test, vi } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import { replay } from '../../src/engine/replay.js'
import { SimulatedVenue, type VenueLane } from '../../src/engine/venue.js'
import { generateCase, optionsOf } from '../ledger/generate.js'
import { entriesFillAfterTheirDecision } from './invariants.js'

/** Runs whose entries wait for the next open and really fill. */
const SEEDS = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
const nextOpen = { fillAt: 'next-open', endOfData: 'close' } as const

function breaches(): string[] {
  return SEEDS.flatMap((seed) => {
    const options = optionsOf(generateCase(seed, false), nextOpen)
    return entriesFillAfterTheirDecision(replay(options), options)
  })
}

/** Plants a venue that fills the entry due at an open at another bar's price. */
function plant(priceOf: (lane: VenueLane, row: number) => number, earlierMs: number): void {
  vi.spyOn(SimulatedVenue.prototype, 'fillEntryAtOpen').mockImplementation(function (
    this: SimulatedVenue,
    lane,
    row,
  ) {
    const venue = this as unknown as {
      readonly state: { now: number }
      readonly fill: { reference: number }
      fillEntry(lane: VenueLane, row: number, atClose: boolean, inside: boolean): void
    }
    if (!lane.book.entry.isActive) return
    venue.state.now -= earlierMs
    venue.fill.reference = priceOf(lane, row)
    venue.fillEntry(lane, row, false, false)
    venue.state.now += earlierMs
  })
}

describe('the leak "same-bar fill"', () => {
  test('a clean engine has none', () => {
    vi.restoreAllMocks()
    expect(breaches()).toEqual([])
  })

  test('is caught where an entry fills at the close that decided it', () => {
    plant(({ track }, row) => track.close[row - 1] as number, 0)
    expect(breaches().join()).toContain('not at the open of')
    vi.restoreAllMocks()
  })

  test('is caught where an entry fills at the open of the bar whose close decided it', () => {
    plant(({ track }, row) => track.open[row - 1] as number, HOUR_MS)
    expect(breaches().join()).toContain('before it was decided')
    vi.restoreAllMocks()
  })
})
