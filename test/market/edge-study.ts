import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { HOUR_MS } from '../../src/core/time.js'
import type { InstrumentData } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import { compileStrategy, type CompiledDefinition } from '../../src/strategy/compile.js'
import type { Strategy } from '../../src/strategy/define.js'
import smaCross from '../../strategies/sma-cross.js'
import smartMoney from '../../strategies/smart-money.js'
import trendBreakout from '../../strategies/trend-breakout.js'

/** Every shipped strategy and preset by name. */
export const SHIPPED: readonly (readonly [name: string, strategy: CompiledDefinition])[] = [
  smaCross,
  trendBreakout,
  smartMoney,
].flatMap((strategy: Strategy) =>
  [...new Set(['default', ...Object.keys(strategy.presets)])].map(
    (preset) => [`${strategy.name} ${preset}`, compileStrategy(strategy, {}, preset)] as const,
  ),
)

const BALANCE = 100_000

/** The rules under which a fill costs nothing on average; the engine's defaults are against us on purpose. */
const FAIR = {
  targetFill: 'touch',
  targetGap: 'open-price',
  fundingAtFill: 'held-before',
} as const

export interface Timing {
  /** Σ weight_i · (total return_{i+1} − drift), weights as shares of the starting balance. */
  readonly timingReturn: number
  /** Of it over its own deviation within this market: near standard normal where there is nothing to be known. */
  readonly z: number
  /** Profit of the run without costs over the starting balance, less drift on what was held: what exits inside bars make of it too. Mean of undecided bars taken for us and against us. */
  readonly profit: number
  readonly heldBars: number
  readonly trades: number
  readonly undecided: number
}

/**
 * What one strategy earns by timing on one market, by the positions that the real engine holds from the open of each bar, and by its
 * whole profit. Returns are from open to open, less the funding settled in between.
 */
export function timingOf(
  strategy: CompiledDefinition,
  instruments: readonly InstrumentData[],
  driftPerHour: number,
): Timing {
  const options = {
    strategy,
    instruments,
    startTime: -Infinity,
    endTime: Infinity,
    startingBalance: BALANCE,
    costs: { slippageBps: 0, takerFee: 0, makerFee: 0 },
    policies: FAIR,
  }
  const result = replay(options)
  const optimistic = result.undecidedExits > 0 ? replay({ ...options, policies: { ...FAIR, undecided: 'optimistic' } }) : result // prettier-ignore
  // By the open of the bar, over all instruments: what they earn at one time is not independent.
  const earned = new Map<number, number>()
  let [heldBars, drifted] = [0, 0]
  instruments.forEach(({ candles }, index) => {
    const returns = totalReturns(instruments[index]!)
    const drift = (driftPerHour * candles.timeframeMs) / HOUR_MS
    const fills = result.fills.filter(({ instrument }) => instrument === index)
    let [quantity, next] = [0, 0]
    candles.openTime.forEach((openTime, bar) => {
      for (; next < fills.length && fills[next]!.time <= openTime; next++)
        quantity += fills[next]!.side * fills[next]!.quantity
      if (Math.abs(quantity) < 1e-9) return
      const weight = (quantity * candles.open[bar]!) / BALANCE
      earned.set(openTime, (earned.get(openTime) ?? 0) + weight * (returns[bar]! - drift))
      drifted += weight * drift
      heldBars++
    })
  })
  const sum = [...earned.values()].reduce((total, one) => total + one, 0)
  const squares = [...earned.values()].reduce((total, one) => total + one * one, 0)
  const equity = (result.finalEquity + optimistic.finalEquity) / 2
  return {
    timingReturn: sum,
    z: squares === 0 ? NaN : sum / Math.sqrt(squares),
    profit: equity / BALANCE - 1 - drifted,
    heldBars,
    trades: result.trades.length,
    undecided: result.undecidedExits,
  }
}

/** Return of each bar from its open to the next bar's open (the last one: to its close), less the funding settled after the open and up to then. */
export function totalReturns({ candles, funding }: InstrumentData): Float64Array {
  const { open, close, openTime, timeframeMs } = candles
  const returns = new Float64Array(open.length)
  let settled = 0
  for (let bar = 0; bar < open.length; bar++) {
    const end = openTime[bar + 1] ?? openTime[bar]! + timeframeMs
    let paid = 0
    if (funding !== undefined) {
      while (settled < funding.time.length && funding.time[settled]! <= openTime[bar]!) settled++
      for (let at = settled; at < funding.time.length && funding.time[at]! <= end; at++)
        paid += funding.rate[at]! * funding.mark[at]!
    }
    returns[bar] = ((open[bar + 1] ?? close[bar]!) - paid) / open[bar]! - 1
  }
  return returns
}

/** The legs of the smart-money score. */
export const LEGS = ['whales', 'derivatives', 'onChain', 'confirmation'] as const
export type Leg = (typeof LEGS)[number]

const SCORED = compileStrategy(smartMoney, {})

/** Each leg at each bar's close, and the total return of the bar after. */
export function legsAndReturns(data: InstrumentData): {
  readonly legs: Readonly<Record<Leg, Float64Array>>
  readonly next: Float64Array
} {
  const { features } = SCORED.columns({ candles: data.candles, facts: data.facts })
  const legs = Object.fromEntries(LEGS.map((leg) => [leg, features[leg]!])) as Record<Leg, Float64Array>
  const returns = totalReturns(data)
  return { legs, next: returns.map((_, bar) => returns[bar + 1] ?? NaN) }
}

const GROUPS = 5
const PERMUTATIONS = 199

/**
 * Rank of the mutual information of a leg and the sign of the next return among those with shuffled signs, as a p-value: shuffling is exact
 * where signs are independent coin throws. NaN where the leg never changes.
 */
export function informationP(leg: Float64Array, next: Float64Array, seed: number): number {
  const bars = Array.from(leg.keys()).filter((bar) => !Number.isNaN(leg[bar]!) && !Number.isNaN(next[bar]!) && next[bar] !== 0) // prettier-ignore
  const groups = grouped(bars.map((bar) => leg[bar]!))
  if (new Set(groups).size < 2) return NaN
  const signs = bars.map((bar) => (next[bar]! > 0 ? 1 : 0))
  const found = mutualInformation(groups, signs)
  const random = xoroshiro128plus(seed)
  let asLarge = 1
  for (let round = 0; round < PERMUTATIONS; round++) {
    for (let at = signs.length - 1; at > 0; at--) {
      const other = uniformInt(random, 0, at)
      const kept = signs[at]!
      signs[at] = signs[other]!
      signs[other] = kept
    }
    if (mutualInformation(groups, signs) >= found - 1e-15) asLarge++
  }
  return asLarge / (PERMUTATIONS + 1)
}

/** Groups of equal numbers of values as far as ties allow. */
function grouped(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b)
  const edges = Array.from({ length: GROUPS - 1 }, (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / GROUPS)]!) // prettier-ignore
  return values.map((value) => edges.filter((edge) => value >= edge).length)
}

/** In nats, of two series of small whole numbers. */
export function mutualInformation(groups: readonly number[], signs: readonly number[]): number {
  const counts = new Float64Array(GROUPS * 2)
  for (let at = 0; at < groups.length; at++) counts[groups[at]! * 2 + signs[at]!]!++
  const up = signs.reduce((sum, sign) => sum + sign, 0)
  let information = 0
  for (let group = 0; group < GROUPS; group++) {
    const inGroup = counts[group * 2]! + counts[group * 2 + 1]!
    for (const sign of [0, 1]) {
      const count = counts[group * 2 + sign]!
      const expected = (inGroup * (sign === 1 ? up : groups.length - up)) / groups.length
      if (count > 0) information += (count / groups.length) * Math.log(count / expected)
    }
  }
  return information
}

export function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
}

export function deviation(values: ArrayLike<number>): number {
  const centre = mean(values)
  return Math.sqrt(
    Array.from(values).reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1),
  )
}

/** Of the mean over its standard error. */
export function zOf(values: ArrayLike<number>): number {
  return (mean(values) / deviation(values)) * Math.sqrt(values.length)
}

/** Pearson's, over the pairs that are known. */
export function correlation(a: Float64Array, b: Float64Array): number {
  const pairs = Array.from(a.keys()).filter((at) => !Number.isNaN(a[at]!) && !Number.isNaN(b[at]!))
  const [left, right] = [pairs.map((at) => a[at]!), pairs.map((at) => b[at]!)]
  const [centreA, centreB] = [mean(left), mean(right)]
  const products = left.map((value, at) => (value - centreA) * (right[at]! - centreB))
  return (mean(products) / (deviation(left) * deviation(right))) * (left.length / (left.length - 1))
}
