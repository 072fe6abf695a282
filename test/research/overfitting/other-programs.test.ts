import { expect, it } from 'vitest'
import { backtestOverfitting } from '../../../src/research/overfitting/backtest-overfitting.js'
import { superiorPredictiveAbility } from '../../../src/research/overfitting/superior-predictive-ability.js'
import { seededRandom } from '../../../src/research/seeded-random.js'

const MODULUS = 2 ** 31 - 1

/** Returns that any program can make: sums of four draws of Park and Miller's generator (multiplier 48271), about 0.6 % a day, an edge for each trial in turn. */
function series(seed: number, trials: number, days: number, edges: readonly number[]): Float64Array[] {
  let state = seed
  const draw = (): number => (state = (48_271 * state) % MODULUS) / MODULUS
  return Array.from(
    { length: trials },
    (_, trial) =>
    Float64Array.from({ length: days }, () => 0.01 * (draw() + draw() + draw() + draw() - 2) + (edges[trial % edges.length] as number)), // prettier-ignore
  )
}

/**
 * What the R package pbo 1.3.5 (Barry) counts on the same returns by the Sharpe ratio: splits whose logit is at most 0, splits that lose. It divides a rank by the number of trials, not by one
 * more: for an even number without ties that moves no logit across 0.
 */
it.each([
  { seed: 1, trials: 10, edges: [0], blocks: 8, overfit: 39, losing: 39, splits: 70 },
  { seed: 1, trials: 10, edges: [0], blocks: 16, overfit: 6_921, losing: 6_611, splits: 12_870 },
  { seed: 2, trials: 10, edges: [0], blocks: 16, overfit: 7_976, losing: 8_010, splits: 12_870 },
  { seed: 3, trials: 10, edges: [0], blocks: 8, overfit: 44, losing: 44, splits: 70 },
  { seed: 4, trials: 20, edges: [0, 0, 0, 0.0004], blocks: 16, overfit: 3_234, losing: 2_078, splits: 12_870 },
  { seed: 5, trials: 20, edges: [0, 0.0008, 0, 0, 0], blocks: 8, overfit: 4, losing: 5, splits: 70 },
  { seed: 6, trials: 12, edges: [0.0004, -0.0004], blocks: 8, overfit: 5, losing: 6, splits: 70 },
])('PBO is what another program counts: $overfit of $splits splits', ({ seed, trials, edges, blocks, overfit, losing, splits }) => {
  const found = backtestOverfitting(series(seed, trials, 480, edges), { blocks, fewestTrials: 2 })
  expect(found.probability.value! * splits).toBeCloseTo(overfit, 6)
  expect(found.probabilityOfLoss.value! * splits).toBeCloseTo(losing, 6)
}) // prettier-ignore

/** Resamples here and there. */
const [RESAMPLES, THEIRS] = [5_000, 20_000]
/** Four deviations of the difference between two such bootstraps. */
const close = (p: number): number =>
  4 * Math.sqrt((p * (1 - p) + 1 / RESAMPLES) * (1 / RESAMPLES + 1 / THEIRS))

/**
 * The Python package arch (Sheppard), `SPA` with the stationary bootstrap and 20,000 resamples. It compares means that are not studentised: on returns of one deviation, resampled day by day, that is the same.
 */
it.each([
  { seed: 1, trials: 12, days: 500, edges: [0], lower: 0.15375, consistent: 0.21455, upper: 0.21455 },
  { seed: 3, trials: 30, days: 500, edges: [0, -0.002, -0.004], lower: 0.79225, consistent: 0.8661, upper: 0.9979 }, // prettier-ignore
  { seed: 4, trials: 5, days: 365, edges: [0.0004], lower: 0.2548, consistent: 0.2548, upper: 0.2548 },
])('SPA is what another program finds: p $consistent', ({ seed, trials, days, edges, lower, consistent, upper }) => {
  const alike = series(seed, trials, days, edges).map((returns) => {
    const mean = returns.reduce((sum, value) => sum + value, 0) / days
    const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / days)
    return returns.map((value) => (value * 0.01) / deviation)
  })
  const found = superiorPredictiveAbility(alike, { random: seededRandom(7), meanBlockDays: 1, resamples: RESAMPLES })
  expect(Math.abs(found.lowerPValue.value! - lower)).toBeLessThan(close(lower))
  expect(Math.abs(found.pValue.value! - consistent)).toBeLessThan(close(consistent))
  expect(Math.abs(found.upperPValue.value! - upper)).toBeLessThan(close(upper))
}) // prettier-ignore

it.each([
  { seed: 5, block: 5, upper: 0.22495 },
  { seed: 6, block: 10, upper: 0.0904 },
])('the reality check in blocks of $block days is what another program finds: p $upper', ({ seed, block, upper }) => {
  const trending = series(seed, 8, 500, [0.0002]).map((returns) => returns.map((value, day) => (day === 0 ? value : 0.7 * value + 0.5 * returns[day - 1]!)))
  const found = superiorPredictiveAbility(trending, { random: seededRandom(7), meanBlockDays: block, resamples: RESAMPLES })
  expect(Math.abs(found.realityCheck.value! - upper)).toBeLessThan(close(upper))
}) // prettier-ignore
