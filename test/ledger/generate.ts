import type { Candles, FundingSchedule } from '../../src/core/columns.js'
import type { Instrument } from '../../src/core/instrument.js'
import { POLICY_VALUES, type Policies } from '../../src/core/policies.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import type { RiskSettings, StopRule, TargetRule, TrailingRule } from '../../src/risk/settings.js'
import { dataOf, instrumentOf, scriptedStrategy, type Script } from '../engine/scripted.js'

export interface GeneratedMarket {
  readonly instrument: Instrument
  readonly candles: Candles
  readonly script: Script
  readonly funding: FundingSchedule | undefined
}

/** A whole run out of one seed: markets, what the strategy says, settings, policies. */
export interface GeneratedCase {
  readonly markets: readonly GeneratedMarket[]
  readonly risk: Partial<RiskSettings>
  readonly policies: Partial<Policies>
  readonly startTime: number
  readonly startingBalance: number
  readonly slippageBps: number
}

/** Draws numbers from a seed (mulberry32, Tommy Ettinger 2017). */
export class Dice {
  private state: number

  constructor(seed: number) {
    this.state = seed | 0
  }

  /** In [0, 1). */
  unit(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.unit()
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1))
  }

  chance(probability: number): boolean {
    return this.unit() < probability
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.whole(0, values.length - 1)] as Value
  }
}

const START = Date.UTC(2024, 1, 27)

/** `dyadic`: every price, lot, fee, rate and mark is a whole number of some power of two, so that the ledger has no rounding. */
export function generateCase(seed: number, dyadic: boolean): GeneratedCase {
  const dice = new Dice(seed)
  const startTime = START + dice.whole(0, 23) * HOUR_MS
  const count = dice.pick([1, 1, 2, 3])
  const hours = dice.whole(25, 80)
  const names = ['test:B', 'test:A', 'test:C']
  const markets = names.slice(0, count).map((id) => marketOf(dice, id, startTime, hours, dyadic))
  return {
    markets,
    risk: riskOf(dice),
    policies: policiesOf(dice),
    startTime: startTime + (dice.chance(0.2) ? 3 * HOUR_MS : 0),
    startingBalance: dyadic ? 16_384 : dice.pick([10_000, 777.77, 1_000_000]),
    slippageBps: dice.pick([0, 0, 5, 30]),
  }
}

function marketOf(
  dice: Dice,
  id: string,
  startTime: number,
  hours: number,
  dyadic: boolean,
): GeneratedMarket {
  const isSpot = dice.chance(0.2)
  const instrument = instrumentOf({
    id,
    kind: isSpot ? 'spot' : 'perpetual',
    tickSize: dyadic ? 1 / 64 : dice.pick([0, 0.01, 0.5]),
    lotSize: dyadic ? 1 / 16 : dice.pick([0, 0.001, 0.1]),
    minNotional: dice.pick([0, 0, 5, 300]),
    takerFee: dyadic ? dice.pick([0, 1 / 1024]) : dice.pick([0, 0.0005, 0.01]),
    makerFee: dyadic ? dice.pick([0, 1 / 4096, -1 / 8192]) : dice.pick([0, 0.0002, -0.0001]),
  })
  const candles = candlesFrom(dice, startTime, hours, instrument.tickSize)
  const bars = candles.openTime.length
  const says = Array.from({ length: bars }, () => dice.pick([...'LLSSls....?B'])).join('')
  const hasScore = dice.chance(0.5)
  const script: Script = {
    says: dice.chance(0.3) ? says.replace(/\./g, 'L') : says,
    // Where some bars are unknown there is a score to be unknown.
    ...((hasScore || says.includes('?')) && {
      score: Array.from({ length: bars }, () => (hasScore ? dice.whole(0, 20) / 20 : 1)),
    }),
    ...(dice.chance(0.5) && { rearmKey: Array.from({ length: bars }, (_, bar) => Math.floor(bar / 7)) }),
    atr: Array.from({ length: bars }, () => (dice.chance(0.05) ? NaN : dice.between(0.3, 4))),
  }
  return {
    instrument,
    candles,
    script,
    funding: isSpot ? undefined : fundingFrom(dice, startTime, hours, dyadic),
  }
}

function candlesFrom(dice: Dice, startTime: number, hours: number, tickSize: number): Candles {
  const onTick = (price: number): number => {
    const floored = Math.max(price, 5)
    return tickSize === 0 ? floored : Math.round(floored / tickSize) / Math.round(1 / tickSize)
  }
  const rows: number[][] = []
  const wildness = dice.pick([0.3, 1, 3])
  let last = onTick(dice.between(60, 140))
  for (let hour = 0; hour < hours; hour++) {
    const open = onTick(dice.chance(0.7) ? last : last + dice.between(-3, 3) * wildness)
    const close = onTick(open + dice.between(-2, 2) * wildness)
    const high = onTick(Math.max(open, close) + dice.between(0, 1.5) * wildness)
    const low = onTick(Math.min(open, close) - dice.between(0, 1.5) * wildness)
    last = close
    const isMissing = hour > 4 && dice.chance(0.06)
    if (!isMissing)
      rows.push([
        startTime + hour * HOUR_MS,
        open,
        Math.max(open, close, high),
        Math.min(open, close, low),
        close,
      ])
  }
  const column = (at: number): Float64Array => Float64Array.from(rows, (row) => row[at] as number)
  return {
    timeframeMs: HOUR_MS,
    openTime: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(4),
  }
}

function fundingFrom(
  dice: Dice,
  startTime: number,
  hours: number,
  dyadic: boolean,
): FundingSchedule | undefined {
  if (dice.chance(0.2)) return undefined
  const every = dice.pick([0.25, 1, 3, 8])
  const offset = dice.pick([0, 0, 0.125])
  const time: number[] = []
  for (let hour = offset; hour < hours + 2; hour += every) time.push(startTime + hour * HOUR_MS)
  const rate = (): number => (dyadic ? dice.whole(-40, 40) / 4096 : dice.between(-0.01, 0.01))
  const mark = (): number => (dyadic ? dice.whole(3_000, 9_000) / 64 : dice.between(60, 140))
  return {
    time: Float64Array.from(time),
    rate: Float64Array.from(time, () => (dice.chance(0.03) ? NaN : rate())),
    mark: Float64Array.from(time, () => (dice.chance(0.3) ? NaN : mark())),
  }
}

function riskOf(dice: Dice): Partial<RiskSettings> {
  const stop = dice.pick<StopRule>([
    { kind: 'percent', fraction: 0.02 },
    { kind: 'percent', fraction: 0.005 },
    { kind: 'atr', multiple: 2, period: 14 },
    { kind: 'none' },
  ])
  const trailing = dice.pick<TrailingRule>([
    { kind: 'none' },
    { kind: 'percent', fraction: 0.01, activation: 0 },
    { kind: 'percent', fraction: 0.005, activation: 0.01 },
    { kind: 'atr', multiple: 1.5, period: 14, activation: 0 },
  ])
  const target = dice.pick<TargetRule>([
    stop.kind === 'none' ? { kind: 'none' } : { kind: 'reward-to-risk', ratio: 1.5 },
    { kind: 'percent', fraction: 0.01 },
    { kind: 'none' },
  ])
  return {
    sizing:
      stop.kind === 'none' || dice.chance(0.2)
        ? { kind: 'cash', fraction: dice.pick([1, 0.5, 0.1]) }
        : { kind: 'risk' },
    maxPosition: dice.pick([0.1, 0.4, 1]),
    conviction: dice.pick(['before-cap', 'after-cap', 'off']),
    stop,
    target,
    trailing,
    timeExitBars: dice.pick([0, 0, 1, 5]),
    dailyLossLimit: dice.pick([0.05, 0.01, 0]),
    onDailyLoss: dice.pick(['hold', 'flatten']),
    allowShort: dice.chance(0.8),
    reversal: dice.chance(0.5),
    maxPositions: dice.pick([1, 2, Infinity]),
    flattenAfterStaleHours: dice.pick([0, 0, 2]),
  }
}

function policiesOf(dice: Dice): Partial<Policies> {
  const policies = Object.fromEntries(
    Object.entries(POLICY_VALUES).map(([name, values]) => [
      name,
      dice.chance(0.6) ? values[0] : dice.pick<string>(values),
    ]),
  )
  return { ...(policies as Partial<Policies>), missingFunding: 'flag' }
}

/** The options of a run over these markets. */
export function optionsOf(generated: GeneratedCase, policies: Partial<Policies> = {}): ReplayOptions {
  const { markets, risk, startTime, startingBalance, slippageBps } = generated
  return {
    strategy: scriptedStrategy(new Map(markets.map(({ candles, script }) => [candles, script])), risk),
    instruments: markets.map(({ candles, instrument, funding }) => dataOf(candles, instrument, funding)),
    startTime,
    endTime: Infinity,
    startingBalance,
    costs: { slippageBps },
    policies: { ...generated.policies, ...policies },
  }
}
