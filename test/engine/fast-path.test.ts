import { afterAll, describe, expect, test } from 'vitest'
import { BaleenError } from '../../src/core/errors.js'
import type { BacktestResult } from '../../src/core/result.js'
import { effectivePolicies, prepareMarket } from '../../src/engine/market.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { needsLevelsOnly } from '../../src/engine/plain-market.js'
import { replay } from '../../src/engine/replay.js'
import { runTrials, type TrialOutcome } from '../../src/engine/trials.js'
import { cashFraction, noStop, noTarget, riskSettings } from '../../src/risk/settings.js'
import { FEATURES, featuresOf, type Feature } from '../model/features.js'
import { generateCase, optionsOf, type GeneratedCase } from '../model/generate.js'
import { expectSame } from '../same.js'

/** Cases of the comparison; a campaign asks for 100,000 and says where its seeds begin. */
const CASES = Number(process.env['BALEEN_FAST_CASES'] ?? 600)
const FIRST_SEED = Number(process.env['BALEEN_FAST_SEED'] ?? 500_001)
/** Ample for a busy machine. */
const MS_PER_CASE = 300

/** Features of which each must be in one case of twenty. */
const REQUIRED: Readonly<Record<string, readonly Feature[]>> = {
  trailing: ['trailing-percent', 'trailing-atr'],
  limit: ['limit-entry'],
  funding: ['funding'],
  halt: ['halt-hold', 'halt-flatten'],
  ladder: ['ladder'],
  liquidation: ['liquidation'],
  'shared account': ['shared-account'],
}

/** What takes a trial off the short way of one instrument that is traded by whole market orders at the next open. */
const INTRICATE: readonly Feature[] = [
  'shared-account', 'same-close', 'limit-entry', 'stop-entry', 'participation', 'unknown-volume', 'mark-candles', 'dated-terms',
  'listing', 'delisting',
] // prettier-ignore

/** What, beside that, asks for more than a stop and a target that are prices. */
const BEYOND_LEVELS: readonly Feature[] = [
  'ladder', 'leverage', 'liquidation', 'trailing-atr', 'flatten-after-stale',
] // prettier-ignore

/** What, beside these, lets something happen within a bar or at its open: the signals themselves are all that is left. */
const BEYOND_SIGNALS: readonly Feature[] = ['funding', 'missing-rate-fails', 'halt-hold', 'halt-flatten', 'trailing-percent'] // prettier-ignore

const seen = new Map<Feature, number>()
const paths = { skipping: 0, 'bar-by-bar': 0, steps: 0, slots: 0, trades: 0, refused: 0 }

/** All that a replay says but which way it took; the error where it ends with one. */
function outcomeOf(options: ReplayOptions): Omit<BacktestResult, 'path'> | string {
  try {
    const { path, ...result } = replay(options)
    if (options.path !== 'bar-by-bar') {
      paths[path.kind]++
      paths.steps += path.steps
      paths.slots += path.slots
      paths.trades += result.trades.length
    }
    return result
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error
    return error.message
  }
}

function play(generated: GeneratedCase): void {
  const options = optionsOf(generated)
  const fast = outcomeOf(options)
  const reference = outcomeOf({ ...options, path: 'bar-by-bar' })
  if (typeof fast === 'string') paths.refused++
  else for (const feature of featuresOf(generated)) seen.set(feature, (seen.get(feature) ?? 0) + 1)
  // Quick to see that all is the same; what differs is told by the slower way.
  expectSame(fast, reference)
}

/** The same case as a trial, in tiles of this many slots. */
function trialOf(
  options: ReplayOptions,
  tileSlots: number,
  path: 'skipping' | 'bar-by-bar',
): TrialOutcome | string {
  try {
    const outcomes: TrialOutcome[] = []
    const policies = options.policies === undefined ? {} : { policies: options.policies }
    runTrials(
      { market: prepareMarket(options), trials: [options.strategy], tileSlots, path, ...policies },
      (outcome) => outcomes.push(outcome),
    )
    return outcomes[0] as TrialOutcome
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error
    return error.message
  }
}

/** The same without levels: all positions end by signals, or after so many bars. */
function withoutLevels(options: ReplayOptions): ReplayOptions {
  const { strategy } = options
  const risk = riskSettings({
    ...strategy.risk,
    sizing: cashFraction(0.75),
    stop: noStop(),
    target: noTarget(),
    dailyLossLimit: 0,
  })
  return { ...options, strategy: { ...strategy, risk } }
}

/** The same case as the second of two trials in one tile. */
function trialAfter(before: ReplayOptions['strategy'], options: ReplayOptions): TrialOutcome | undefined {
  const outcomes: TrialOutcome[] = []
  const policies = options.policies === undefined ? {} : { policies: options.policies }
  runTrials(
    { market: prepareMarket(options), trials: [before, options.strategy], tileSlots: 1 << 20, ...policies },
    (outcome) => outcomes.push(outcome),
  )
  return outcomes[1]
}

describe('skipping answers what a step at every bar answers', () => {
  test(
    'orders, fills, trades, curves, counts and errors, to the last bit',
    () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
        const generated = generateCase(seed, { dyadic: seed % 2 === 0 })
        try {
          play(generated)
        } catch (error) {
          throw new Error(`seed ${seed} (${featuresOf(generated).join(', ')})`, { cause: error })
        }
      }
    },
    Math.max(120_000, CASES * MS_PER_CASE),
  )

  test.each([432, 534_520])('seed %i, which once told the paths apart', (seed) => {
    for (const dyadic of [true, false]) play(generateCase(seed, { dyadic }))
  })

  test('nine cases of ten are skipped through, and each feature is in one of twenty', () => {
    const played = paths.skipping + paths['bar-by-bar']
    expect(paths.skipping).toBeGreaterThanOrEqual(0.9 * played)
    for (const [name, features] of Object.entries(REQUIRED)) {
      const cases = features.reduce((sum, feature) => sum + (seen.get(feature) ?? 0), 0)
      expect([name, cases / played >= 0.05]).toEqual([name, true])
    }
  })

  const trials = [
    ['whatever they do', FEATURES],
    ['by the short way', FEATURES.filter((feature) => !INTRICATE.includes(feature))],
    ['by levels', FEATURES.filter((feature) => ![...INTRICATE, ...BEYOND_LEVELS].includes(feature))],
    [
      'by signals alone',
      FEATURES.filter((feature) => ![...INTRICATE, ...BEYOND_LEVELS, ...BEYOND_SIGNALS].includes(feature)),
      withoutLevels,
    ],
  ] as const

  test('nine of ten trials without anything beyond levels are passed by levels', () => {
    const allowed = FEATURES.filter((feature) => ![...INTRICATE, ...BEYOND_LEVELS].includes(feature))
    let byLevels = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 200; seed++) {
      const options = optionsOf(generateCase(seed, { dyadic: seed % 2 === 0, allowed }))
      const { risk, decide } = options.strategy
      const rules = { risk, policies: effectivePolicies(options), decide }
      if (needsLevelsOnly(prepareMarket(options), rules)) byLevels++
    }
    expect(byLevels).toBeGreaterThanOrEqual(180)
  })

  test.each(trials)(
    'trials, %s and whatever their tiles, leave the statistics, days and trades of the reference',
    (_which, allowed, of = (options: ReplayOptions) => options) => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES / 2; seed++) {
        const options = of(optionsOf(generateCase(seed, { dyadic: seed % 2 === 0, allowed })))
        const reference = trialOf(options, 1 << 20, 'bar-by-bar')
        const fast = trialOf(options, 1 + ((seed * 7919) % 700), 'skipping')
        if (typeof reference === 'string' || typeof fast === 'string') {
          expect(fast, `seed ${seed}`).toBe(reference)
          continue
        }
        const { maxDrawdown, path, steps, ...rest } = fast
        const { maxDrawdown: deepest, path: byBar, steps: all, ...expected } = reference
        expectSame(rest, expected, `seed ${seed}`)
        expect(Math.abs(maxDrawdown - deepest), `seed ${seed}`).toBeLessThanOrEqual(1e-12 * Math.abs(deepest))
        expect([path, byBar, steps <= all]).toEqual(['skipping', 'bar-by-bar', true])
      }
    },
    Math.max(120_000, CASES * MS_PER_CASE),
  )

  test('a trial is not told apart by the trials before it in its tile', () => {
    const [, , [, allowed]] = trials
    let compared = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES / 2; seed++) {
      const options = optionsOf(generateCase(seed, { dyadic: true, allowed }))
      const other = optionsOf(generateCase(seed + 1, { dyadic: true, allowed })).strategy
      const before = { ...options.strategy, risk: other.risk }
      const alone = trialOf(options, 1 << 20, 'skipping')
      if (
        typeof alone === 'string' ||
        typeof trialOf({ ...options, strategy: before }, 1 << 20, 'skipping') === 'string'
      )
        continue
      expectSame({ ...trialAfter(before, options), trial: 0 }, alone, `seed ${seed}`)
      compared++
    }
    expect(compared).toBeGreaterThan(0.3 * CASES)
  })

  afterAll(() => {
    const features = FEATURES.filter((feature) => seen.has(feature)).map(
      (feature) => `${feature} ${seen.get(feature)}`,
    )
    const { skipping, 'bar-by-bar': byBar, steps, slots, trades, refused } = paths
    process.stdout.write(
      `fast path: ${skipping} cases skipped through, ${byBar} bar by bar, ${refused} refused; ` +
        `${steps} steps on ${slots} slots, ${trades} trades; ${features.join(', ')}\n`,
    )
  })
})
