import { mean, sum, type Values } from './moments.js'
import { combine, known, quotient, unknown, type Statistic } from './statistic.js'

/** Gains and losses of any kind: daily returns, monthly returns, profits of trades. Zeros count as neither. */
function gains(values: Values): number[] {
  return Array.from(values).filter((value) => value > 0)
}

function losses(values: Values): number[] {
  return Array.from(values).filter((value) => value < 0)
}

function noLoss(values: Values): string {
  return gains(values).length > 0 ? 'no loss' : 'no gain and no loss'
}

/** Share of gains among the values that are not 0. QuantStats: the same, but 0 instead of n/a where all are 0. */
export function winRate(values: Values): Statistic {
  const wins = gains(values).length
  return quotient(wins, wins + losses(values).length, 'no gain and no loss')
}

export function averageGain(values: Values): Statistic {
  const wins = gains(values)
  return wins.length === 0 ? unknown('no gain') : known(mean(wins))
}

/** Negative. */
export function averageLoss(values: Values): Statistic {
  const lost = losses(values)
  return lost.length === 0 ? unknown('no loss') : known(mean(lost))
}

/** Payoff ratio: average gain / |average loss|. QuantStats: the same. */
export function payoffRatio(values: Values): Statistic {
  return combine(averageGain(values), averageLoss(values), (gain, loss) => gain / -loss)
}

/** Profit factor: Σ gains / |Σ losses|. QuantStats: the same, but ∞ (or 0) where this is n/a for want of a loss. */
export function profitFactor(values: Values): Statistic {
  return quotient(sum(gains(values)), -sum(losses(values)), noLoss(values))
}

/** Gain-to-pain ratio (Schwager): Σ values / |Σ losses|. QuantStats: the same. */
export function gainToPain(values: Values): Statistic {
  return quotient(sum(values), -sum(losses(values)), noLoss(values))
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
  return values.length === 0
    ? unknown('nothing to choose from')
    : known(Array.from(values).reduce((a, b) => Math.max(a, b)))
}

export function worst(values: Values): Statistic {
  return values.length === 0
    ? unknown('nothing to choose from')
    : known(Array.from(values).reduce((a, b) => Math.min(a, b)))
}
