import fc from 'fast-check'
import type { Candles } from '../../src/core/columns.js'
import type { Feature } from '../../src/features/feature.js'
import { type FeatureInputs, planColumns, planFeatures, planStream } from '../../src/features/plan.js'
import { HOUR_MS } from '../../src/core/time.js'

/** A small generator of its own, so that a seed names the same candles for ever. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296
  }
}

/** A random walk with valid candles; every price and volume differs from its neighbours. */
export function walk(bars: number, seed: number = 1, timeframeMs: number = HOUR_MS): Candles {
  const next = random(seed)
  const column = (): Float64Array => new Float64Array(bars)
  const candles = { timeframeMs, openTime: column(), open: column(), high: column(), low: column(), close: column(), volume: column() } // prettier-ignore
  let price = 100
  for (let i = 0; i < bars; i++) {
    const open = price * (1 + (next() - 0.5) * 0.004)
    price = open * (1 + (next() - 0.5) * 0.03)
    candles.openTime[i] = 1_600_000_000_000 - (1_600_000_000_000 % timeframeMs) + i * timeframeMs
    candles.open[i] = open
    candles.close[i] = price
    candles.high[i] = Math.max(open, price) * (1 + next() * 0.01)
    candles.low[i] = Math.min(open, price) * (1 - next() * 0.01)
    candles.volume[i] = 1 + next() * 1000
  }
  return candles
}

/** Columns of any numbers at all, NaN and infinities among them, in place of the prices of a walk. */
export function roughCandles(): fc.Arbitrary<Candles> {
  const value = fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 12 }).map((x) => x / 4) },
    { weight: 6, arbitrary: fc.double({ min: 0.01, max: 1e6, noNaN: true }) },
    { weight: 2, arbitrary: fc.constant(NaN) },
    { weight: 1, arbitrary: fc.constantFrom(0, -0, Infinity, -1, 1e-300, 1e300) },
  )
  const bar = fc.tuple(value, value, value, value, value)
  return fc
    .tuple(fc.array(bar, { minLength: 1, maxLength: 90 }), fc.integer({ min: 0, max: 9 }))
    .map(([rows, gapAt]) => {
      const column = (field: number): Float64Array => Float64Array.from(rows, (row) => row[field] as number)
      const openTime = Float64Array.from(rows, (_, i) => (i + (i > gapAt ? 3 : 0)) * HOUR_MS)
      return { timeframeMs: HOUR_MS, openTime, open: column(0), high: column(1), low: column(2), close: column(3), volume: column(4) } // prettier-ignore
    })
}

export function barAt(
  { openTime, open, high, low, close, volume }: Candles,
  i: number,
): Parameters<ReturnType<typeof planStream>['next']>[0] {
  return { openTime: openTime[i]!, open: open[i]!, high: high[i]!, low: low[i]!, close: close[i]!, volume: volume[i]! } // prettier-ignore
}

export function columnOf(
  feature: Feature,
  candles: Candles,
  facts: FeatureInputs['facts'] = {},
): Float64Array {
  const plan = planFeatures([feature])
  return planColumns(plan, { candles, facts })[plan.slots.get(feature.key)!]!
}

/** The same feature bar by bar, facts delivered once known. */
export function streamOf(
  feature: Feature,
  candles: Candles,
  facts: FeatureInputs['facts'] = {},
): Float64Array {
  const plan = planFeatures([feature])
  const stream = planStream(plan, candles.timeframeMs)
  const waiting = Object.entries(facts).map(([series, rows]) => ({ series, rows, next: 0 }))
  return Float64Array.from(candles.openTime, (openTime, i) => {
    for (const queue of waiting) {
      const { rows } = queue
      for (
        ;
        queue.next < rows.knownAt.length && !(rows.knownAt[queue.next]! > openTime + candles.timeframeMs);
        queue.next++
      ) {
        const row = queue.next
        const values = Object.fromEntries(
          Object.entries(rows.values).map(([field, column]) => [field, column[row]!]),
        )
        stream.learn(queue.series, { eventTime: rows.eventTime[row]!, knownAt: rows.knownAt[row]!, values })
      }
    }
    return stream.next(barAt(candles, i))[plan.slots.get(feature.key)!]!
  })
}

/** Bits of the numbers, so that −0 and 0, and all NaNs, are told apart or not as `Object.is` does. */
export function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => Object.is(value, b[i]))
}
