import { sum, type Values } from './moments.js'
import { combine, known, quotient, unknown, type Statistic } from './statistic.js'

/** Gains and losses of any kind, added up: daily returns, monthly returns, profits of trades. Zeros count as neither. */
export interface GainsAndLosses {
  gains: number
  losses: number
  gained: number
  /** Negative. */
  lost: number
}

export function noGainsOrLosses(): GainsAndLosses {
  return { gains: 0, losses: 0, gained: 0, lost: 0 }
}

export function addResult(to: GainsAndLosses, value: number): void {
  if (value > 0) {
    to.gains++
    to.gained += value
  } else if (value < 0) {
    to.losses++
    to.lost += value
  }
}

function gainsAndLosses(values: Values): GainsAndLosses {
  const all = noGainsOrLosses()
  for (let i = 0; i < values.length; i++) addResult(all, values[i]!)
  return all
}

function perLoss(value: number, { gains, lost }: GainsAndLosses): Statistic {
  return quotient(value, -lost, gains > 0 ? 'no loss' : 'no gain and no loss')
}

/** Share of gains among the values that are not 0. QuantStats: the same, but 0 instead of n/a where all are 0. */
export function winRate(values: Values): Statistic {
  const { gains, losses } = gainsAndLosses(values)
  return quotient(gains, gains + losses, 'no gain and no loss')
}

export function averageGain(values: Values): Statistic {
  const { gains, gained } = gainsAndLosses(values)
  return quotient(gained, gains, 'no gain')
}

/** Negative. */
export function averageLoss(values: Values): Statistic {
  const { losses, lost } = gainsAndLosses(values)
  return quotient(lost, losses, 'no loss')
}

/** Payoff ratio: average gain / |average loss|. QuantStats: the same. */
export function payoffRatio(values: Values): Statistic {
  return combine(averageGain(values), averageLoss(values), (gain, loss) => gain / -loss)
}

/** Profit factor: Σ gains / |Σ losses|. QuantStats: the same, but ∞ (or 0) where this is n/a for want of a loss. */
export function profitFactor(values: Values): Statistic {
  return profitFactorOf(gainsAndLosses(values))
}

export function profitFactorOf(all: GainsAndLosses): Statistic {
  return perLoss(all.gained, all)
}

/** Gain-to-pain ratio (Schwager): Σ values / |Σ losses|. QuantStats: the same. */
export function gainToPain(values: Values): Statistic {
  return perLoss(sum(values), gainsAndLosses(values))
}

/** Kelly fraction p − (1 − p) / payoff (Kelly 1956, two outcomes). May be negative: do not bet. QuantStats: the same. */
export function kelly(values: Values): Statistic {
  return combine(winRate(values), payoffRatio(values), (p, payoff) => p - (1 - p) / payoff)
}

/** CPC index: profit factor · win rate · payoff ratio. QuantStats: the same. */
export function cpcIndex(values: Values): Statistic {
  const edge = combine(profitFactor(values), winRate(values), (factor, rate) => factor * rate)
  return combine(edge, payoffRatio(values), (a, payoff) => a * payoff)
}

/** Common sense ratio: profit factor · tail ratio. QuantStats: the same. */
export function commonSenseRatio(profitFactor: Statistic, tailRatio: Statistic): Statistic {
  return combine(profitFactor, tailRatio, (factor, tail) => factor * tail)
}

/** Longest run of successive gains. A zero ends it. QuantStats: `consecutive_wins`. */
export function longestWinStreak(values: Values): Statistic {
  return known(longestStreak(values, 1))
}

/** Longest run of successive losses. A zero ends it. QuantStats: `consecutive_losses`. */
export function longestLossStreak(values: Values): Statistic {
  return known(longestStreak(values, -1))
}

function longestStreak(values: Values, sign: 1 | -1): number {
  let longest = 0
  let current = 0
  for (let i = 0; i < values.length; i++) {
    current = values[i]! * sign > 0 ? current + 1 : 0
    longest = Math.max(longest, current)
  }
  return longest
}

export function best(values: Values): Statistic {
  let most = values[0]
  if (most === undefined) return unknown('nothing to choose from')
  for (let i = 1; i < values.length; i++) most = Math.max(most, values[i]!)
  return known(most)
}

export function worst(values: Values): Statistic {
  let least = values[0]
  if (least === undefined) return unknown('nothing to choose from')
  for (let i = 1; i < values.length; i++) least = Math.min(least, values[i]!)
  return known(least)
}
