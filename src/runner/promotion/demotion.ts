import { derive, known, type Statistic } from '../../metrics/statistic.js'
import { figureText, type Unit } from './figure-text.js'
import { DEFAULT_PROMOTION_LIMITS, type PromotionLimits } from './limits.js'

/** What sessions have shown, as far as rules of demotion ask for it. */
export interface DemotionFigures {
  /** Cumulative return less the lower edge of the backtest's simultaneous 1 % band, on the worst day. Fractions. */
  readonly aboveBand: Statistic
  /** Deepest drawdown between ends of whole days, positive, a fraction. */
  readonly drawdown: Statistic
  /** The 95th percentile of it over the paths of the backtest's bootstrap that the band is made of. */
  readonly bootstrapDrawdown: Statistic
  /** Mean distance of the recorded quotes from the undisturbed prices over the market orders of the last trades, basis points, positive = worse. */
  readonly quotedGapBps: Statistic
  /** Mean distance of their fills, which is what the model assumes. */
  readonly modelGapBps: Statistic
  /** The highest share of decisions with enough of the signal's weight that a day of the last days had. */
  readonly coverage: Statistic
  /** UTC days on which the limit on the loss of a day was passed, of the last days. */
  readonly dailyHalts: Statistic
  /** Days whose decisions a replay makes otherwise. */
  readonly parityDifferences: Statistic
  /** Orders that a broker told of and no session sent. */
  readonly unknownOrders: Statistic
}

export type DemotionKey =
  'band' | 'drawdown' | 'fill-gap' | 'coverage' | 'daily-halts' | 'parity' | 'unknown-orders'

/** One rule by which a bot is to be demoted, and whether it is met. What was not measured is n/a: neither met nor fine. */
export interface DemotionRule {
  readonly key: DemotionKey
  readonly name: string
  readonly state: 'met' | 'not met' | 'n/a'
  readonly found: string
  /** Where the rule begins to be met. */
  readonly threshold: string
  /** Why it is n/a; undefined where it is not. */
  readonly reason?: string
}

/** All rules, each on its own. */
export function demotionRules(
  figures: DemotionFigures,
  { demotion: limits }: PromotionLimits = DEFAULT_PROMOTION_LIMITS,
): readonly DemotionRule[] {
  const { drawdownOfBootstrap, gapOfModel, gapTrades, coverage, coverageDays, dailyHalts, haltDays } = limits
  const band = figureText(known(limits.bandLevel), 'share')
  const deepest = derive(figures.bootstrapDrawdown, (value) => drawdownOfBootstrap * value)
  const widest = derive(figures.modelGapBps, (value) => gapOfModel * value)
  return [
    rule('band', `return above the simultaneous ${band} band`, figures.aboveBand, 'below', known(0), 'share'),
    rule('drawdown', `drawdown, against ${drawdownOfBootstrap} times the bootstrap’s 95 %`, figures.drawdown, 'above', deepest, 'share'),
    rule('fill-gap', `gap of fills over the last ${gapTrades} trades, against ${gapOfModel} times the model’s`, figures.quotedGapBps, 'above', widest, 'bps'),
    rule('coverage', `highest coverage of the last ${coverageDays} days`, figures.coverage, 'below', known(coverage), 'share'),
    rule('daily-halts', `daily halts in ${haltDays} days`, figures.dailyHalts, 'at least', known(dailyHalts), 'count'),
    rule('parity', 'days whose decisions a replay makes otherwise', figures.parityDifferences, 'above', known(0), 'count'),
    rule('unknown-orders', 'orders that nobody sent', figures.unknownOrders, 'above', known(0), 'count'),
  ]
} // prettier-ignore

export function metRules(rules: readonly DemotionRule[]): readonly DemotionRule[] {
  return rules.filter(({ state }) => state === 'met')
}

/** One rule that is met, in words. */
export function metWords({ name, found, threshold }: DemotionRule): string {
  return `${name}: ${found}, demoted ${threshold}`
}

/** Figures of nothing, all for the same reason. */
export function noDemotionFigures(none: Statistic): DemotionFigures {
  return { aboveBand: none, drawdown: none, bootstrapDrawdown: none, quotedGapBps: none, modelGapBps: none, coverage: none, dailyHalts: none, parityDifferences: none, unknownOrders: none } // prettier-ignore
}

const IS_MET = {
  below: (value: number, limit: number) => value < limit,
  above: (value: number, limit: number) => value > limit,
  'at least': (value: number, limit: number) => value >= limit,
} as const

function rule(
  key: DemotionKey,
  name: string,
  found: Statistic,
  meets: keyof typeof IS_MET,
  limit: Statistic,
  unit: Unit,
): DemotionRule {
  const said = { key, name, found: figureText(found, unit), threshold: limit.value === undefined ? 'n/a' : `${meets} ${figureText(limit, unit)}` } // prettier-ignore
  if (found.value === undefined) return { ...said, state: 'n/a', reason: found.reason }
  if (limit.value === undefined) return { ...said, state: 'n/a', reason: limit.reason }
  return { ...said, state: IS_MET[meets](found.value, limit.value) ? 'met' : 'not met' }
}
