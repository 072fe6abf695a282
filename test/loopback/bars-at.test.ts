import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { barAt, barsAt, lastPrice, partOfCandle } from '../../src/loopback/bars-at.js'
import { decimal } from '../../src/loopback/decimal.js'
import { START, WORLD } from './worlds.js'

const { candles, instrument } = WORLD.instruments[2]!
const { tickSize } = instrument

it('a decimal has no exponent and reads back as the very same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(decimal(value)).toMatch(/^-?\d+(\.\d+)?$/)
      expect(Number(decimal(value))).toBe(value + 0)
    }),
  )
})

describe('an open candle', () => {
  it('only ever widens, lies within what it becomes, and is it in the end', () => {
    fc.assert(
      fc.property(fc.nat(candles.openTime.length - 1), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (row, one, other) => {
        const [early, later] = [Math.min(one, other), Math.max(one, other)]
        const [before, after] = [partOfCandle(candles, row, early, tickSize), partOfCandle(candles, row, later, tickSize)]
        expect(before.open).toBe(candles.open[row])
        expect(before.high).toBeLessThanOrEqual(after.high)
        expect(before.low).toBeGreaterThanOrEqual(after.low)
        expect(before.volume).toBeLessThanOrEqual(after.volume)
        expect(after.high).toBeLessThanOrEqual(candles.high[row]!)
        expect(after.low).toBeGreaterThanOrEqual(candles.low[row]!)
        expect(before.close).toBeGreaterThanOrEqual(before.low)
        expect(before.close).toBeLessThanOrEqual(before.high)
        const { high, low, close, volume } = partOfCandle(candles, row, 1, tickSize)
        expect([high, low, close, volume]).toEqual([candles.high[row], candles.low[row], candles.close[row], candles.volume[row]])
      }),
      { numRuns: 300 },
    ) // prettier-ignore
  })

  it('knows nothing of later candles: those of another future look the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 * 24 * 60 }), fc.nat(59_999), (minute, ms) => {
        const now = START + minute * MINUTE_MS + ms
        const cut = minute + 1
        const forgotten = { ...candles, openTime: candles.openTime.slice(0, cut), open: candles.open.slice(0, cut), high: candles.high.slice(0, cut), low: candles.low.slice(0, cut), close: candles.close.slice(0, cut), volume: candles.volume.slice(0, cut) } // prettier-ignore
        const query = { intervalMs: HOUR_MS, limit: 5 }
        expect(barsAt(candles, query, now, tickSize)).toEqual(barsAt(forgotten, query, now, tickSize))
        expect(lastPrice(candles, now, tickSize)).toBe(lastPrice(forgotten, now, tickSize))
      }),
      { numRuns: 100 },
    )
  })

  it('is closed from its last millisecond on, not before', () => {
    const close = START + 5 * HOUR_MS
    expect(barAt(candles, close - HOUR_MS, HOUR_MS, close - 1, tickSize)?.isClosed).toBe(false)
    expect(barAt(candles, close - HOUR_MS, HOUR_MS, close, tickSize)?.isClosed).toBe(true)
    expect(barAt(candles, close, HOUR_MS, close, tickSize)).toBeUndefined()
  })
})
