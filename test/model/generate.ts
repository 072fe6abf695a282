import { POLICY_VALUES, type Policies } from '../../src/core/policies.js'
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import type { CostSettings, ReplayOptions } from '../../src/engine/options.js'
import type {
  EntryRule,
  LadderRung,
  RiskSettings,
  StopRule,
  TargetRule,
  TrailingRule,
} from '../../src/risk/settings.js'
import { dataOf, scriptedStrategy, type Script } from '../engine/scripted.js'
import { Dice } from '../ledger/generate.js'
import { FEATURES, type Feature } from './features.js'
import { marketOf, type GeneratedMarket, type Setting } from './generate-market.js'

/** A whole run out of one seed: markets, what the strategy says, settings, costs, policies. */
export interface GeneratedCase {
  readonly seed: number
  readonly dyadic: boolean
  readonly markets: readonly GeneratedMarket[]
  readonly risk: Partial<RiskSettings>
  readonly policies: Partial<Policies>
  readonly costs: CostSettings
  readonly startTime: number
  readonly endTime: number
  readonly startingBalance: number
}

const DAY_START = Date.UTC(2024, 1, 27)
const IDS = ['test:B', 'test:A', 'test:D', 'test:C']

/**
 * Every feature, and many together; with `allowed`, only cases that use no other. `dyadic`: every price, lot, fee, rate, volume and
 * mark is a whole number of some power of two, so that sums have no rounding.
 */
export function generateCase(
  seed: number,
  { dyadic, allowed = FEATURES }: { dyadic: boolean; allowed?: readonly Feature[] },
): GeneratedCase {
  const dice = new Dice(seed)
  const isAllowed = (feature: Feature): boolean => allowed.includes(feature)
  const hasMargin = isAllowed('liquidation') && dice.chance(0.25)
  const leverage =
    hasMargin && isAllowed('leverage') && dice.chance(0.85)
      ? dice.pick(dyadic ? [2, 4, 8, 16, 32] : [2, 3, 10, 25, 50])
      : 1
  const startingBalance = dyadic ? 16_384 : dice.pick([10_000, 777.77, 1_000_000])
  const timeframeMs = dice.pick([HOUR_MS, HOUR_MS, HOUR_MS, 15 * MINUTE_MS, 4 * HOUR_MS])
  const slots = dice.pick([
    [10, 60],
    [25, 80],
    [60, 300],
    [60, 300],
    [300, 1_000],
    [1_000, 3_000],
  ])
  const setting: Setting = {
    dyadic,
    isAllowed,
    hasMargin,
    leverage,
    startingBalance,
    timeframeMs,
    from: DAY_START + dice.whole(0, 5) * 4 * HOUR_MS,
    slots: dice.whole(slots[0] as number, slots[1] as number),
    hasScore: dice.chance(0.5),
    density:
      (slots[1] as number) > 300 ? dice.pick(['few', 'few', 'some']) : dice.pick(['dense', 'dense', 'some']),
  }
  const count = isAllowed('shared-account') ? dice.pick([1, 1, 1, 1, 2, 2, 3, 4]) : 1
  const markets = IDS.slice(0, count).map((id) => marketOf(dice, id, setting))
  const { from } = setting
  const costs = costsOf(dice, setting)
  return {
    seed,
    dyadic,
    markets,
    risk: riskOf(dice, setting),
    policies: policiesOf(dice, setting, costs.participation !== undefined),
    costs,
    startTime:
      isAllowed('warm-up') && setting.slots >= 40 && dice.chance(0.35)
        ? from + dice.whole(1, 8) * timeframeMs
        : from,
    endTime: dice.chance(0.1) ? from + Math.floor(setting.slots * 0.9) * timeframeMs : Infinity,
    startingBalance,
  }
}

function riskOf(dice: Dice, { leverage, isAllowed }: Setting): Partial<RiskSettings> {
  const isCash = isAllowed('cash-sizing') && dice.chance(0.3)
  const stop = dice.pick<StopRule>([
    { kind: 'percent', fraction: 0.02 },
    { kind: 'percent', fraction: 0.005 },
    { kind: 'percent', fraction: 0.1 },
    { kind: 'atr', multiple: 2, period: 14 },
    isCash ? { kind: 'none' } : { kind: 'percent', fraction: 0.006 },
  ])
  const halts = isAllowed('halt-hold') || isAllowed('halt-flatten')
  const entry = entryOf(dice, isAllowed)
  return {
    sizing: isCash ? { kind: 'cash', fraction: dice.pick([1, 0.5, 0.1]) } : { kind: 'risk' },
    riskPerTrade: dice.pick([0.02, 0.02, 0.3]),
    maxPosition: dice.pick([0.1, 0.4, 1, leverage]),
    conviction: dice.pick(['before-cap', 'after-cap', 'off']),
    stop,
    target: targetOf(dice, stop, isAllowed),
    trailing: trailingOf(dice, isAllowed),
    timeExitBars: isAllowed('time-exit') ? dice.pick([0, 0, 0, 1, 5, 40]) : 0,
    dailyLossLimit: halts ? dice.pick([0, 0.05, 0.01]) : 0,
    onDailyLoss: isAllowed('halt-flatten') ? dice.pick(['hold', 'flatten']) : 'hold',
    allowShort: isAllowed('shorts') && dice.chance(0.8),
    reversal: isAllowed('reversal') && dice.chance(0.5),
    maxPositions: isAllowed('slot-limit') ? dice.pick([1, 2, Infinity]) : Infinity,
    flattenAfterStaleHours: isAllowed('flatten-after-stale') ? dice.pick([0, 0, 2]) : 0,
    // Settings that are at their default are left out, so that an engine without them can be compared with.
    ...(entry.kind !== 'market' && { entry }),
    ...(leverage > 1 && { leverage }),
  }
}

function entryOf(dice: Dice, isAllowed: Setting['isAllowed']): EntryRule {
  const kind = dice.pick<EntryRule['kind']>(['market', 'market', 'limit', 'stop'])
  if (kind === 'market' || !isAllowed(`${kind}-entry`)) return { kind: 'market' }
  return {
    kind,
    distance: dice.pick([
      { kind: 'percent', fraction: 0.002 },
      { kind: 'percent', fraction: 0.01 },
      { kind: 'atr', multiple: 0.5, period: 14 },
    ]),
    lifeBars: dice.pick([1, 2, 5, 50]),
  }
}

function targetOf(dice: Dice, stop: StopRule, isAllowed: Setting['isAllowed']): TargetRule {
  const hasLadder = isAllowed('ladder') && dice.chance(0.3)
  const near = { kind: 'percent', fraction: 0.004 } as const
  const middle =
    stop.kind === 'none'
      ? ({ kind: 'percent', fraction: 0.007 } as const)
      : ({ kind: 'reward-to-risk', ratio: 0.75 } as const)
  const far = { kind: 'percent', fraction: 0.02 } as const
  if (hasLadder) {
    const shares = dice.pick([[0.5, 0.5], [0.25, 0.25, 0.5], [0.3, 0.3], [1 / 3, 1 / 3, 1 / 3], [1]])
    const at = dice.chance(0.5) ? [near, middle, far] : [far, near, middle]
    return {
      kind: 'ladder',
      rungs: shares.map((share, rung): LadderRung => ({ at: at[rung] ?? near, share })),
    }
  }
  return dice.pick<TargetRule>([
    stop.kind === 'none' ? { kind: 'none' } : { kind: 'reward-to-risk', ratio: 1.5 },
    { kind: 'percent', fraction: 0.01 },
    { kind: 'none' },
  ])
}

function trailingOf(dice: Dice, isAllowed: Setting['isAllowed']): TrailingRule {
  const trailing = dice.pick<TrailingRule>([
    { kind: 'none' },
    { kind: 'none' },
    { kind: 'percent', fraction: 0.01, activation: 0 },
    { kind: 'percent', fraction: 0.005, activation: 0.01 },
    { kind: 'percent', fraction: 0.05, activation: 0 },
    { kind: 'atr', multiple: 1.5, period: 14, activation: dice.pick([0, 0.007]) },
  ])
  return trailing.kind === 'none' || isAllowed(`trailing-${trailing.kind}`) ? trailing : { kind: 'none' }
}

function costsOf(dice: Dice, { dyadic, isAllowed }: Setting): CostSettings {
  const hasCap = isAllowed('participation') && dice.chance(0.2)
  return {
    slippageBps: dice.pick([0, 0, 5, 30]),
    ...(isAllowed('half-spread') && dice.chance(0.2) && { halfSpreadBps: dice.pick([1, 10]) }),
    ...(hasCap && { participation: dyadic ? dice.pick([1 / 16, 1 / 4, 1]) : dice.pick([0.05, 0.3, 1]) }),
    ...(isAllowed('fee-override') && dice.chance(0.1) && { takerFee: dyadic ? 1 / 512 : 0.0011 }),
    ...(isAllowed('fee-override') && dice.chance(0.1) && { makerFee: dyadic ? 1 / 2048 : 0.0003 }),
  }
}

function policiesOf(dice: Dice, { isAllowed }: Setting, hasCap: boolean): Partial<Policies> {
  const drawn = Object.fromEntries(
    Object.entries(POLICY_VALUES).map(([name, values]) => [
      name,
      dice.chance(0.6) ? values[0] : dice.pick<string>(values),
    ]),
  ) as Partial<Policies>
  return {
    ...drawn,
    missingFunding: isAllowed('missing-rate-fails') && dice.chance(0.1) ? 'fail' : 'flag',
    // Nothing is written of exits that are given up when they have filled in part.
    ...(hasCap && drawn.staleOrders === 'cancel-all' && { staleOrders: 'cancel-entries' }),
    ...(!isAllowed('same-close') && { fillAt: 'next-open' }),
    ...(!isAllowed('size-at-fill') && { sizeAt: 'decision' }),
  }
}

/** What the strategy says of each instrument, in the order of the options. */
export function scriptsOf({ markets }: GeneratedCase): readonly Script[] {
  return markets.map(({ script }) => script)
}

/** The options of a run over these markets. */
export function optionsOf(generated: GeneratedCase): ReplayOptions {
  const { markets, risk, policies, costs, startTime, endTime, startingBalance } = generated
  return {
    strategy: scriptedStrategy(new Map(markets.map(({ candles, script }) => [candles, script])), risk),
    instruments: markets.map(({ candles, instrument, funding, mark }) => ({
      ...dataOf(candles, instrument, funding),
      ...(mark && { mark }),
    })),
    startTime,
    endTime,
    startingBalance,
    costs,
    policies,
  }
}
