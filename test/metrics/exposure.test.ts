import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InstrumentRun } from '../../src/core/result.js'
import { HOUR_MS } from '../../src/core/time.js'
import { replay } from '../../src/engine/replay.js'
import { exposureOf, timeInMarket } from '../../src/metrics/exposure.js'
import { generateCase, optionsOf } from '../ledger/generate.js'
import { exposureByBar } from './exposure-by-bar.js'
import { JANUARY, makeResult, makeTrade } from './make-result.js'

/** Four hourly bars that close at 100, 110, 120, 130. */
function instrument(id: string, scale: number = 1): InstrumentRun {
  const close = Float64Array.of(100, 110, 120, 130).map((price) => price * scale)
  const closeTime = close.map((_, bar) => JANUARY + (bar + 1) * HOUR_MS)
  return {
    id,
    bars: 4,
    firstOpenTime: JANUARY,
    lastCloseTime: JANUARY + 4 * HOUR_MS,
    firstDecisionTime: JANUARY + HOUR_MS,
    closeTime,
    close,
    open: close,
  }
}

const at = (hour: number): number => JANUARY + hour * HOUR_MS
const held = (side: 1 | -1, from: number, to: number, instrumentId = 'a') =>
  makeTrade({ instrumentId, side, entryTime: at(from), exitTime: at(to), quantity: 2 })
const withTrades = (...trades: ReturnType<typeof held>[]) =>
  makeResult({
    equity: [1000, 1000, 1000, 1000],
    trades,
    instruments: [instrument('a'), instrument('b', 0.5)],
  })
const measured = (...trades: ReturnType<typeof held>[]) => exposureOf(withTrades(...trades))

describe('hand-worked', () => {
  it('a trade that opens at the open of a bar and is stopped inside it is held on that bar', () => {
    const stopped = measured(held(1, 1, 2))
    expect(stopped).toEqual({ bars: 4, barsHeld: 1, gross: 0.22 / 4, net: 0.22 / 4 })
    expect(timeInMarket(stopped).value).toBe(0.25)
  })

  it('the bar at whose open it is closed does not count, that in which a stop closes it does', () => {
    // Both end at 03:00: the open of the bar that closes at 04:00, or some time before the close at 03:00.
    expect(measured(held(1, 1, 3))).toMatchObject({ barsHeld: 2, gross: (0.22 + 0.24) / 4 })
  })

  it('a fill at a close holds from the next bar on', () => {
    expect(measured(held(1, 2, 4))).toMatchObject({ barsHeld: 2, gross: (0.24 + 0.26) / 4 })
  })

  it('a trade that ends at the instant of its entry is held on no bar', () => {
    expect(measured(held(1, 2, 2))).toEqual({ bars: 4, barsHeld: 0, gross: 0, net: 0 })
  })

  it('long and short add up gross and cancel net; a bar held twice is held once', () => {
    const both = measured(held(-1, 2, 4, 'b'), held(1, 0, 4))
    expect(both.gross).toBeCloseTo((0.2 + 0.22 + 0.36 + 0.39) / 4, 14)
    expect(both.net).toBeCloseTo((0.2 + 0.22 + 0.12 + 0.13) / 4, 14)
    expect(timeInMarket(both).value).toBe(1)
    expect(measured(held(-1, 0, 2)).net).toBeCloseTo(-(0.2 + 0.22) / 4, 14)
  })

  it('a trade inside another adds no bar', () => {
    expect(measured(held(1, 1, 2, 'b'), held(1, 0, 3)).barsHeld).toBe(3)
    expect(measured(held(1, 0, 1), held(1, 0, 1, 'b'), held(1, 3, 4)).barsHeld).toBe(2)
  })

  it('is over equity as it stands, and nothing for a run without bars', () => {
    const halved = makeResult({ equity: [500, 500, 1000, 1000], trades: [held(1, 0, 1)], instruments: [instrument('a')] }) // prettier-ignore
    expect(exposureOf(halved).gross).toBe(0.4 / 4)
    const none = exposureOf(makeResult({ equity: [] }))
    expect(none).toEqual({ bars: 0, barsHeld: 0, gross: 0, net: 0 })
    expect(timeInMarket(none)).toEqual({ reason: '0 bars, at least 1 needed' })
  })

  it('a trade of an instrument that the run does not have is an error', () => {
    expect(() => measured(held(1, 0, 1, 'c'))).toThrow(/field instrumentId, value "c"/)
  })
})

const generated = (seed: number) => {
  const drawn = generateCase(seed, false)
  const policies = { ...drawn.policies, fillAt: 'next-open', missingFunding: 'flag' } as const
  return replay(optionsOf({ ...drawn, policies }))
}

it('where positions live to the close it is the engine’s own exposure; where one ended before it is more', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const result = generated(seed)
      const { time, exposure, equity } = result.equity
      const { gross, net, held } = exposureByBar(result)
      gross.forEach((share, bar) => {
        if (!(equity[bar]! > 0) || bar === gross.length - 1) return
        const closeTime = time[bar]!
        const ended = result.trades.some((trade) => trade.exitTime > closeTime - result.timeframeMs && trade.exitTime <= closeTime) // prettier-ignore
        if (!ended) expect(share).toBeCloseTo(exposure[bar]!, 10)
        expect(share).toBeGreaterThanOrEqual(exposure[bar]! - 1e-10)
        expect(Math.abs(net[bar]!)).toBeLessThanOrEqual(share + 1e-12)
        expect(held[bar]).toBe(share > 0)
      })
    }),
  )
})

it('is what adding up bar by bar gives, for any number of instruments with bars missing', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const result = generated(seed)
      const byBar = exposureByBar(result)
      const mean = (values: readonly number[]): number =>
        values.reduce((sum, value) => sum + value, 0) / values.length
      const { bars, barsHeld, gross, net } = exposureOf(result)
      const tolerance = 1e-12 * mean(byBar.gross.map(Math.abs))
      expect(bars).toBe(byBar.held.length)
      expect(barsHeld).toBe(byBar.held.filter(Boolean).length)
      expect(Math.abs(gross - mean(byBar.gross))).toBeLessThanOrEqual(tolerance)
      expect(Math.abs(net - mean(byBar.net))).toBeLessThanOrEqual(tolerance)
    }),
  )
})
