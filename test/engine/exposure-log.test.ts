import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { CurveKeeper } from '../../src/engine/curve.js'
import { ExposureLog } from '../../src/engine/exposure-log.js'
import { replay } from '../../src/engine/replay.js'
import type { Simulation } from '../../src/engine/simulation.js'
import { generateCase, optionsOf } from '../ledger/generate.js'

it('every bar has the gross notional of what is held at its close, added up instrument by instrument, over equity', () => {
  let seen: number[] = []
  let most = 0
  let held = 0
  const mark = CurveKeeper.prototype.markSlot
  const spy = vi.spyOn(CurveKeeper.prototype, 'markSlot').mockImplementation(function (
    this: CurveKeeper,
    slot: number,
  ) {
    mark.call(this, slot)
    const { lanes, state } = (this as unknown as { simulation: Simulation }).simulation
    const open = lanes.filter(({ book }) => book.position.quantity !== 0)
    const gross = open.reduce((sum, { book: { position }, track }) => sum + Math.abs(position.quantity) * track.close[slot + track.shift]!, 0) // prettier-ignore
    seen[slot] = gross === 0 ? 0 : gross / state.markedEquity
    if (gross > 0) held++
    most = Math.max(most, open.length)
  })
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const drawn = generateCase(seed, false)
      const options = optionsOf({ ...drawn, policies: { ...drawn.policies, missingFunding: 'flag' } })
      seen = []
      const { equity, policies } = replay({ ...options, path: 'bar-by-bar' })
      if (policies.endOfData === 'close') seen[seen.length - 1] = 0
      expect([...equity.exposure]).toEqual(seen)
      expect([...replay(options).equity.exposure]).toEqual([...equity.exposure])
    }),
    { numRuns: 60 },
  )
  spy.mockRestore()
  expect(held).toBeGreaterThan(100)
  expect(most).toBeGreaterThan(1)
})

it('holdings that change on one slot count as they were told last', () => {
  const log = new ExposureLog([{ close: Float64Array.of(9, 10, 20, 30), shift: 1 }])
  log.hold(0, 0, -2)
  log.hold(0, 1, 3)
  log.hold(0, 1, 1)
  log.hold(0, 2, 0)
  expect([...log.overEquity(Float64Array.of(10, 40, 50))]).toEqual([2, 0.5, 0])
})
