import fc from 'fast-check'
import { describe, it } from 'vitest'
import { close } from '../../src/features/feature.js'
import { planFeatures } from '../../src/features/plan.js'
import { FeatureTiles } from '../../src/features/tiles.js'
import { ema, highest, lag, lowest, sma, wilder } from '../../src/index.js'
import { roughCandles, sameBits, streamOf } from './candles.js'

const KINDS = [sma, ema, wilder, highest, lowest, lag]

describe('several windows over one column', () => {
  it('answer together, in any tiles, what each answers alone, bar by bar', () => {
    const lengths = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 })
    const cuts = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 6 })
    fc.assert(
      fc.property(
        fc.constantFrom(...KINDS),
        lengths,
        cuts,
        roughCandles(),
        (kind, windows, steps, candles) => {
          const features = windows.map((window) => kind(close, window))
          const bars = candles.close.length
          const tiles = new FeatureTiles(planFeatures(features), { candles, facts: {} })
          const columns = features.map(() => new Float64Array(bars))
          const load = (from: number, to: number): void => {
            tiles.load(from, to)
            features.forEach((feature, at) => {
              const { values } = tiles.column(feature)
              for (let bar = from; bar < to; bar++)
                columns[at]![bar] = values[bar - tiles.tile.first] as number
            })
          }
          let from = 0
          for (const step of [...steps, bars]) {
            const to = Math.min(bars, from + step)
            load(from, to)
            from = to
          }
          return features.every((feature, at) => sameBits(columns[at]!, streamOf(feature, candles)))
        },
      ),
      { numRuns: 600 },
    )
  })
})
