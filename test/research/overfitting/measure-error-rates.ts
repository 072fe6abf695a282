/**
 * Prints how often each test is wrong where nothing is to be found, and how often right where something is: the table of docs/overfitting.md.
 * `npx tsx test/research/overfitting/measure-error-rates.ts 1000` takes hours; a second argument is a pattern that names of cases must match.
 */
import {
  dailySharpe,
  deflatedSharpe,
  middleSharpeVariance,
  sharpeVariance,
} from '../../../src/research/overfitting/deflated-sharpe.js'
import { type Statistic, unknown } from '../../../src/metrics/statistic.js'
import { backtestOverfitting } from '../../../src/research/overfitting/backtest-overfitting.js'
import { commonBlockLength } from '../../../src/research/overfitting/block-length.js'
import { superiorPredictiveAbility } from '../../../src/research/overfitting/superior-predictive-ability.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import { type RandomGenerator, uniform } from '../../../src/market/random.js'
import { autoregressive, normalSeries, withSharpe } from '../noise.js'

type MakeNoise = (random: RandomGenerator, days: number) => Float64Array

/** Student's t with 3 degrees of freedom, by the ratio of a normal to a mean of squares. */
const fat: MakeNoise = (random, days) => {
  const [top, ...squares] = [1, 2, 3, 4].map(() => normalSeries(random, days, 1)) as [
    Float64Array,
    ...Float64Array[],
  ]
  return top.map(
    (value, day) => (0.006 * value) / Math.sqrt(squares.reduce((sum, x) => sum + x[day]! ** 2, 0) / 3),
  )
}

/** Volatility that remembers: GARCH(1, 1) with 0.1 and 0.88. */
const bursts: MakeNoise = (random, days) => {
  let variance = 1e-4
  return normalSeries(random, days, 1).map((shock) => {
    const value = Math.sqrt(variance) * shock
    variance = 2e-6 + 0.1 * value * value + 0.88 * variance
    return value
  })
}

const NOISE: Record<string, MakeNoise> = {
  'normal': (random, days) => normalSeries(random, days),
  'fat tails (t3)': fat,
  'bursts (GARCH)': bursts,
  'trending (ρ 0.2)': (random, days) => autoregressive(normalSeries(random, days), 0.2),
  'in the market 5 % of days': (random, days) =>
    normalSeries(random, days).map((value) => (uniform(random) < 0.05 ? value : 0)),
} // prettier-ignore

/** Trials that share a part of their returns: `alike` is their correlation. */
function studyOf(make: MakeNoise, seed: number, trials: number, days: number, alike: number): Float64Array[] {
  const random = seededRandom(seed, trials, days)
  const shared = make(random, days)
  return Array.from({ length: trials }, () => {
    const own = make(random, days)
    return own.map((value, day) => Math.sqrt(1 - alike) * value + Math.sqrt(alike) * shared[day]!)
  })
}

interface Found {
  readonly spa: number
  readonly realityCheck: number
  /** With the sample variance of the trials, that of their middle half, and the floor alone. */
  readonly deflated: readonly [number, number, number]
  readonly pbo: number
  /** What the verdict asks of PBO, or on a plateau of the probability of loss. */
  readonly isGatePassed: boolean
}

function testAll(trials: readonly Float64Array[], seed: number): Found {
  const meanBlockDays = commonBlockLength(trials.slice(0, 64), { meanHoldingDays: 2 })
  const spa = superiorPredictiveAbility(trials, { random: seededRandom(seed, 1), meanBlockDays })
  const sharpes = trials.map((returns) => dailySharpe(returns)!)
  const best = trials[sharpes.indexOf(Math.max(...sharpes))]!
  const overfitting = backtestOverfitting(trials)
  const deflate = (variance: Statistic): number => {
    const deflated = deflatedSharpe(best, { trials: trials.length, sharpeVariance: variance })
    return 'probability' in deflated ? (deflated.probability.value ?? NaN) : NaN
  }
  return {
    spa: spa.pValue.value!,
    realityCheck: spa.realityCheck.value!,
    deflated: [
      deflate(sharpeVariance(sharpes)),
      deflate(middleSharpeVariance(sharpes)),
      deflate(unknown('none')),
    ],
    pbo: overfitting.probability.value!,
    isGatePassed:
      (overfitting.isPlateau ? overfitting.probabilityOfLoss : overfitting.probability).value! <= 0.2,
  }
}

const studies = Number(process.argv[2] ?? 200)
const pattern = new RegExp(process.argv[3] ?? '')

function report(name: string, study: (seed: number) => readonly Float64Array[]): void {
  if (!pattern.test(name)) return
  const found = Array.from({ length: studies }, (_, seed) => testAll(study(seed), seed))
  const share = (holds: (one: Found) => boolean): string =>
    `${((100 * found.filter(holds).length) / found.length).toFixed(1)} %`
  const pbo = found.map((one) => one.pbo)
  const mean = pbo.reduce((sum, value) => sum + value, 0) / pbo.length
  const deviation = Math.sqrt(pbo.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (pbo.length - 1))
  const cells = [
    name, share(({ spa }) => spa <= 0.05), share(({ spa }) => spa > 0.5), share(({ realityCheck }) => realityCheck <= 0.05),
    ...[0, 1, 2].map((at) => share(({ deflated }) => deflated[at]! >= 0.95)), `${mean.toFixed(2)} ± ${deviation.toFixed(2)}`, share((one) => one.pbo <= 0.2), share((one) => one.isGatePassed),
  ] // prettier-ignore
  console.log(`| ${cells.join(' | ')} |`)
}

console.log(
  '| case | SPA p ≤ 0.05 | SPA p > 0.5 | reality check p ≤ 0.05 | DSR ≥ 0.95 | DSR, V of the middle half | DSR, V = 1/(T − 1) | PBO | PBO ≤ 0.2 | PBO or loss ≤ 0.2 |',
)
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')
for (const [name, make] of Object.entries(NOISE))
  for (const [trials, alike] of [[50, 0], [50, 0.8], [500, 0]] as const)
    report(`${name}, ${trials} trials${alike > 0 ? `, correlation ${alike}` : ''}`, (seed) => studyOf(make, seed, trials, 730, alike)) // prettier-ignore
const normal = NOISE['normal']!
for (const [days, sharpe, carriers] of [[730, 2, 1], [730, 3.3, 1], [1460, 3, 1], [1460, 3, 10], [1460, 3, 50]] as const)
  report(`${carriers} of 50 trials with a Sharpe ratio of ${sharpe}, ${days} days`, (seed) =>
    studyOf(normal, seed, 50, days, 0).map((returns, at) => (at < carriers ? withSharpe(returns, sharpe) : returns))) // prettier-ignore
report('1 of 50 trials with a Sharpe ratio of 3 among losers of −6 to 0, 1460 days', (seed) =>
  studyOf(normal, seed, 50, 1460, 0).map((returns, at) => withSharpe(returns, at === 0 ? 3 : -6 * (at / 50)))) // prettier-ignore
