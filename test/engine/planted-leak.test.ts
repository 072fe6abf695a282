import { describe, expect, test, vi } from 'vitest'
import { replay } from '../../src/engine/replay.js'
import { SimulatedVenue } from '../../src/engine/venue.js'
import type { InstrumentRun } from '../../src/engine/instrument-run.js'
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
function plant(priceOf: (run: InstrumentRun) => number, timeOf: (run: InstrumentRun) => number): void {
  vi.spyOn(SimulatedVenue.prototype, 'fillEntryAtOpen').mockImplementation(function (
    this: SimulatedVenue,
    run,
  ) {
    const venue = this as unknown as {
      fillEntry(book: unknown, undisturbed: number, time: number): void
      state: { book(index: number): { entry: { isActive: boolean } } }
    }
    const book = venue.state.book(run.index)
    if (book.entry.isActive) venue.fillEntry(book, priceOf(run), timeOf(run))
  })
}

describe('the leak "same-bar fill"', () => {
  test('a clean engine has none', () => {
    vi.restoreAllMocks()
    expect(breaches()).toEqual([])
  })

  test('is caught where an entry fills at the close that decided it', () => {
    plant(
      (run) => run.data.candles.close[run.bar - 1] as number,
      (run) => run.openTime(run.bar),
    )
    expect(breaches().join()).toContain('not at the open of')
    vi.restoreAllMocks()
  })

  test('is caught where an entry fills at the open of the bar whose close decided it', () => {
    plant(
      (run) => run.data.candles.open[run.bar - 1] as number,
      (run) => run.openTime(run.bar - 1),
    )
    expect(breaches().join()).toContain('before it was decided')
    vi.restoreAllMocks()
  })
})
