import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.js'
import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import type { BacktestResult } from '../../src/core/result.js'
import { replay } from '../../src/engine/replay.js'
import { Dice } from '../ledger/generate.js'
import { firstDifference } from './compare.js'
import { FEATURES, featuresOf, type Feature } from './features.js'
import { generateCase, optionsOf, scriptsOf, type GeneratedCase } from './generate.js'
import { naiveReplay } from './naive-engine.js'
import { MissingRate } from './settlements.js'
import type { ModelResult } from './world.js'

/** What the engine is not compared in yet. */
const NOT_YET: readonly Feature[] = []
const COMPARED = FEATURES.filter((feature) => !NOT_YET.includes(feature))
const PATHS = ['skipping', 'bar-by-bar'] as const

/** Cases of the comparison; a campaign sets more, and where its seeds begin. */
const CASES = Number(process.env['BALEEN_MODEL_CASES'] ?? 400)
/** Ample for a busy machine. */
const MS_PER_CASE = 300
const FIRST_SEED = Number(process.env['BALEEN_MODEL_SEED'] ?? 1)

function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => first + at)
}

/** Undefined where the run ends because a rate is missing. */
function playModel(generated: GeneratedCase): ModelResult | undefined {
  try {
    return naiveReplay(optionsOf(generated), scriptsOf(generated), DEFAULT_POLICIES)
  } catch (error) {
    if (error instanceof MissingRate) return undefined
    throw error
  }
}

function playEngine(generated: GeneratedCase, path: (typeof PATHS)[number]): BacktestResult | undefined {
  try {
    return replay({ ...optionsOf(generated), path })
  } catch (error) {
    if (error instanceof DataError && generated.policies.missingFunding === 'fail') return undefined
    throw error
  }
}

/** Undefined where both agree. */
function differenceOf(
  generated: GeneratedCase,
  path: (typeof PATHS)[number],
  model: ModelResult | undefined,
): string | undefined {
  const engine = playEngine(generated, path)
  if (engine === undefined && model === undefined) return undefined
  if (engine === undefined) return 'only the engine ends the run over a missing rate'
  if (model === undefined) return 'only the model ends the run over a missing rate'
  return firstDifference(generated, engine, model)
}

describe('the engine equals a naive model of the documents', () => {
  test.each([
    ['exactly, on a dyadic grid', true],
    ['but for rounding, anywhere', false],
  ] as const)(
    '%s',
    (_name, dyadic) => {
      let trades = 0
      for (const seed of seedsFrom(FIRST_SEED, CASES / 2)) {
        const generated = generateCase(seed, { dyadic, allowed: COMPARED })
        const model = playModel(generated)
        for (const path of PATHS) {
          const difference = differenceOf(generated, path, model)
          if (difference !== undefined)
            throw new Error(`seed ${seed}, ${path} (${featuresOf(generated).join(', ')}): ${difference}`)
        }
        trades += model?.trades.length ?? 0
      }
      expect(trades).toBeGreaterThan(CASES)
    },
    Math.max(120_000, CASES * MS_PER_CASE),
  )
})

describe('the model keeps its own books, whatever the features', () => {
  const cases = seedsFrom(7_000, 300).map((seed) => generateCase(seed, { dyadic: seed % 2 === 0 }))
  const played = cases.flatMap((generated) => {
    const result = playModel(generated)
    return result === undefined ? [] : [{ generated, result }]
  })

  test('the account holds what it began with and what the trades made', () => {
    for (const { generated, result } of played) {
      const profit = result.trades.reduce((sum, trade) => sum + trade.profit, 0)
      const turnover = result.fills.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
      const difference = Math.abs(generated.startingBalance + profit - result.finalEquity)
      expect(difference, `seed ${generated.seed}`).toBeLessThanOrEqual(
        1e-12 * (turnover + generated.startingBalance),
      )
    }
  })

  test('every trade leaves what it entered, and no more', () => {
    for (const { generated, result } of played) {
      for (const index of generated.markets.keys()) {
        const fills = result.fills.filter(({ instrument }) => instrument === index)
        const trades = result.trades.filter(({ instrument }) => instrument === index)
        const entered = fills.filter(({ role }) => role === 'entry')
        const sum = (list: readonly { quantity: number }[]): number =>
          list.reduce((total, { quantity }) => total + quantity, 0)
        expect(sum(trades)).toBeCloseTo(sum(entered), 6)
        const left = sum(fills.filter(({ role }) => role !== 'entry'))
        const open = trades.some(({ status }) => status === 'open')
        if (!open) expect(left).toBeCloseTo(sum(entered), 6)
      }
    }
  })

  test('what is liquidated loses its margin, fees and funding, and no more', () => {
    let liquidated = 0
    for (const { generated, result } of played) {
      for (const trade of result.trades.filter(({ reason }) => reason === 'liquidation')) {
        // What the volume let a stop sell before is another matter: it went at the last price, not at the mark.
        const isWhole = result.fills.some(
          ({ role, instrument, time, quantity }) =>
            role === 'liquidation' &&
            instrument === trade.instrument &&
            time === trade.exitTime &&
            quantity === trade.quantity,
        )
        if (!isWhole) continue
        const margin = (trade.entryPrice * trade.quantity) / (generated.risk.leverage ?? 1)
        const lost = -(trade.profit + trade.fees - trade.funding)
        expect(lost / margin, `seed ${generated.seed}`).toBeCloseTo(1, 9)
        liquidated++
      }
    }
    expect(liquidated).toBeGreaterThan(20)
  })
})

describe('the generated cases', () => {
  const cases = seedsFrom(1, 600).map((seed) => generateCase(seed, { dyadic: new Dice(seed).chance(0.5) }))
  const shareOf = (feature: Feature): number =>
    cases.filter((generated) => featuresOf(generated).includes(feature)).length / cases.length

  test.each(FEATURES)('use %s often enough', (feature) => {
    const floors: Partial<Record<Feature, number>> = {
      'missing-rate-fails': 0.03,
      'unknown-volume': 0.03,
      participation: 0.1,
      'half-spread': 0.05,
      'dated-terms': 0.05,
      listing: 0.05,
      delisting: 0.05,
      'mark-candles': 0.05,
    }
    expect(shareOf(feature)).toBeGreaterThanOrEqual(floors[feature] ?? 0.1)
  })

  test('the same seed is the same case', () => {
    for (const seed of [1, 2, 3])
      expect(generateCase(seed, { dyadic: true })).toEqual(generateCase(seed, { dyadic: true }))
  })
})
