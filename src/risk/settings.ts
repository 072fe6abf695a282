import { ConfigError } from '../core/errors.js'

/** Distance of the protective stop from the decision's close; `none` means no stop (never allowed above paper). */
export type StopRule =
  | { readonly kind: 'percent'; readonly fraction: number }
  | { readonly kind: 'atr'; readonly multiple: number; readonly period: number }
  | { readonly kind: 'none' }

/** Distance of one target: a multiple of the actual stop distance, or a fraction of the decision's close. */
export type TargetDistance =
  | { readonly kind: 'reward-to-risk'; readonly ratio: number }
  | { readonly kind: 'percent'; readonly fraction: number }

/** Part of a ladder: this share of what was entered leaves at this target. */
export interface LadderRung {
  readonly at: TargetDistance
  readonly share: number
}

/** Where profit is taken: all at one target, in parts at several, or nowhere. */
export type TargetRule =
  | TargetDistance
  | { readonly kind: 'ladder'; readonly rungs: readonly LadderRung[] }
  | { readonly kind: 'none' }

/** Distance of an entry's price from the decision's close. */
export type EntryDistance =
  | { readonly kind: 'percent'; readonly fraction: number }
  | { readonly kind: 'atr'; readonly multiple: number; readonly period: number }

/**
 * How a position is opened: at the market; by a limit that waits for a better price; by a stop order that waits for the price to
 * move on. The latter two rest for `lifeBars` bars.
 */
export type EntryRule =
  | { readonly kind: 'market' }
  | { readonly kind: 'limit' | 'stop'; readonly distance: EntryDistance; readonly lifeBars: number }

/**
 * A stop that follows the best price since entry. It works from the moment the price has moved `activation` (a fraction of
 * the entry price) in the position's favour; 0 means from the entry on.
 */
export type TrailingRule =
  | { readonly kind: 'percent'; readonly fraction: number; readonly activation: number }
  | { readonly kind: 'atr'; readonly multiple: number; readonly period: number; readonly activation: number }
  | { readonly kind: 'none' }

/**
 * How large an entry is. `risk`: equity · riskPerTrade / stop distance · conviction, capped by maxPosition and free cash.
 * `cash`: a fraction of the free cash, fee included.
 */
export type SizingRule = { readonly kind: 'risk' } | { readonly kind: 'cash'; readonly fraction: number }

/** Risk and trade-management settings. All fractions are of 1 (0.02 = 2 %), never percent. */
export interface RiskSettings {
  readonly sizing: SizingRule
  /** Share of equity lost if the stop is hit at full conviction. */
  readonly riskPerTrade: number
  /** Largest notional of one position, as a share of equity. */
  readonly maxPosition: number
  /** Whether conviction scales the risk-based size (`before-cap`), the capped size (`after-cap`), or nothing (`off`). */
  readonly conviction: 'before-cap' | 'after-cap' | 'off'
  readonly entry: EntryRule
  readonly stop: StopRule
  readonly target: TargetRule
  readonly trailing: TrailingRule
  /** Bars after the fill bar at whose close the position is given up; 0 = never. */
  readonly timeExitBars: number
  /** Loss since 00:00 UTC, as a share of that equity, above which no new entry is made that day; 0 = no limit. */
  readonly dailyLossLimit: number
  readonly onDailyLoss: 'hold' | 'flatten'
  readonly allowShort: boolean
  /** An opposite entry signal turns the position around at one open instead of only closing it. */
  readonly reversal: boolean
  /** Most positions held at once on the account. */
  readonly maxPositions: number
  /** Hours without a usable signal after which an open position is closed; 0 = never. */
  readonly flattenAfterStaleHours: number
  /** Margin of a position is its entry notional over this; sizes do not change with it. Above 1 only with the instrument's margin terms. */
  readonly leverage: number
}

export const DEFAULT_RISK: RiskSettings = {
  sizing: { kind: 'risk' },
  riskPerTrade: 0.02,
  maxPosition: 0.1,
  conviction: 'before-cap',
  entry: { kind: 'market' },
  stop: { kind: 'percent', fraction: 0.02 },
  target: { kind: 'reward-to-risk', ratio: 2 },
  trailing: { kind: 'none' },
  timeExitBars: 0,
  dailyLossLimit: 0.05,
  onDailyLoss: 'hold',
  allowShort: false,
  reversal: false,
  maxPositions: Infinity,
  flattenAfterStaleHours: 0,
  leverage: 1,
}

/** Stop at a fraction of the price: `percentStop(0.02)` is 2 %. */
export function percentStop(fraction: number): StopRule {
  return { kind: 'percent', fraction: within('percentStop', fraction, 0, 1) }
}

/** Stop at a multiple of Wilder's average true range. */
export function atrStop(multiple: number, period: number = 14): StopRule {
  return {
    kind: 'atr',
    multiple: within('atrStop', multiple, 0, 1000),
    period: wholeBars('atrStop.period', period),
  }
}

export function noStop(): StopRule {
  return { kind: 'none' }
}

/** Target at `ratio` times the actual stop distance. */
export function rewardToRisk(ratio: number): TargetDistance {
  return { kind: 'reward-to-risk', ratio: within('rewardToRisk', ratio, 0, 1000) }
}

/** Target at a fraction of the price. */
export function percentTarget(fraction: number): TargetDistance {
  return { kind: 'percent', fraction: within('percentTarget', fraction, 0, 1000) }
}

export function noTarget(): TargetRule {
  return { kind: 'none' }
}

/** Several targets: `ladder({ at: rewardToRisk(1), share: 0.5 }, { at: rewardToRisk(2), share: 0.5 })`. */
export function ladder(...rungs: readonly LadderRung[]): TargetRule {
  if (rungs.length === 0) throw new ConfigError('a ladder needs a rung', { field: 'ladder' })
  for (const { share } of rungs) within('ladder.share', share, 0, 1 + 1e-12)
  const shares = rungs.reduce((sum, { share }) => sum + share, 0)
  if (shares > 1 + 1e-9)
    throw new ConfigError('shares add up to more than the position', { field: 'ladder.share', value: shares })
  return { kind: 'ladder', rungs }
}

export function marketEntry(): EntryRule {
  return { kind: 'market' }
}

/** Limit at a fraction of the close away from it, on the better side, for `lifeBars` bars. */
export function limitEntry(fraction: number, lifeBars: number = 1): EntryRule {
  return restingEntry('limit', { kind: 'percent', fraction: within('limitEntry', fraction, 0, 1) }, lifeBars)
}

/** Limit at a multiple of the average true range away from the close. */
export function atrLimitEntry(multiple: number, lifeBars: number = 1, period: number = 14): EntryRule {
  return restingEntry('limit', atrDistance('atrLimitEntry', multiple, period), lifeBars)
}

/** Stop order that buys above (sells below) the close by a fraction of it. */
export function stopEntry(fraction: number, lifeBars: number = 1): EntryRule {
  return restingEntry('stop', { kind: 'percent', fraction: within('stopEntry', fraction, 0, 1) }, lifeBars)
}

/** Stop order that buys above (sells below) the close by a multiple of the average true range. */
export function atrStopEntry(multiple: number, lifeBars: number = 1, period: number = 14): EntryRule {
  return restingEntry('stop', atrDistance('atrStopEntry', multiple, period), lifeBars)
}

function atrDistance(field: string, multiple: number, period: number): EntryDistance {
  return {
    kind: 'atr',
    multiple: within(field, multiple, 0, 1000),
    period: wholeBars(`${field}.period`, period),
  }
}

function restingEntry(kind: 'limit' | 'stop', distance: EntryDistance, lifeBars: number): EntryRule {
  return { kind, distance, lifeBars: wholeBars(`${kind}Entry.lifeBars`, lifeBars) }
}

/** Trailing stop at a fraction of the best price since entry. */
export function percentTrail(fraction: number, activation: number = 0): TrailingRule {
  return {
    kind: 'percent',
    fraction: within('percentTrail', fraction, 0, 1),
    activation: within('percentTrail.activation', activation, -1e-300, 1000),
  }
}

/** Trailing stop at a multiple of the average true range of the last completed bar. */
export function atrTrail(multiple: number, period: number = 14, activation: number = 0): TrailingRule {
  return {
    kind: 'atr',
    multiple: within('atrTrail', multiple, 0, 1000),
    period: wholeBars('atrTrail.period', period),
    activation: within('atrTrail.activation', activation, -1e-300, 1000),
  }
}

/** Spend this share of the free cash, fees included. */
export function cashFraction(fraction: number): SizingRule {
  return { kind: 'cash', fraction: within('cashFraction', fraction, 0, 1 + 1e-12) }
}

function within(field: string, value: number, above: number, below: number): number {
  if (!(value > above && value < below)) {
    throw new ConfigError(`must be above ${above < 0 ? 0 : above} and below ${below}`, { field, value })
  }
  return value
}

function wholeBars(field: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new ConfigError('must be a whole number of bars, 1 or more', { field, value })
  return value
}

/** Fills in the defaults and refuses values that make no sense. Throws ConfigError naming field and value. */
export function riskSettings(partial: Partial<RiskSettings>): RiskSettings {
  for (const key of Object.keys(partial)) {
    if (!(key in DEFAULT_RISK)) throw new ConfigError('unknown risk setting', { field: `risk.${key}` })
  }
  const risk: RiskSettings = { ...DEFAULT_RISK, ...partial }
  within('risk.riskPerTrade', risk.riskPerTrade, 0, 1)
  if (!(risk.leverage >= 1 && risk.leverage <= 1000)) {
    throw new ConfigError('must be within 1 and 1000', { field: 'risk.leverage', value: risk.leverage })
  }
  within('risk.maxPosition', risk.maxPosition, 0, risk.leverage * (1 + 1e-12))
  if (!(risk.dailyLossLimit >= 0 && risk.dailyLossLimit < 1)) {
    throw new ConfigError('must be 0 (off) or a fraction below 1', {
      field: 'risk.dailyLossLimit',
      value: risk.dailyLossLimit,
    })
  }
  if (!Number.isInteger(risk.timeExitBars) || risk.timeExitBars < 0) {
    throw new ConfigError('must be a whole number of bars, 0 for never', {
      field: 'risk.timeExitBars',
      value: risk.timeExitBars,
    })
  }
  if (!(risk.maxPositions >= 1))
    throw new ConfigError('must be 1 or more', { field: 'risk.maxPositions', value: risk.maxPositions })
  if (!(risk.flattenAfterStaleHours >= 0)) {
    throw new ConfigError('must be 0 (never) or more', {
      field: 'risk.flattenAfterStaleHours',
      value: risk.flattenAfterStaleHours,
    })
  }
  if (risk.sizing.kind === 'risk' && risk.stop.kind === 'none') {
    throw new ConfigError('sizing by risk needs a stop: choose one, or size by cashFraction', {
      field: 'risk.stop',
      value: 'none',
    })
  }
  if (usesStopDistance(risk.target) && risk.stop.kind === 'none') {
    throw new ConfigError('a reward-to-risk target needs a stop', {
      field: 'risk.target',
      value: 'reward-to-risk',
    })
  }
  return risk
}

function usesStopDistance(target: TargetRule): boolean {
  if (target.kind === 'ladder') return target.rungs.some(({ at }) => usesStopDistance(at))
  return target.kind === 'reward-to-risk'
}
