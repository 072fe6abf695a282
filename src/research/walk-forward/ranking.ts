import { ConfigError } from '../../core/errors.js'
import type { ParamSpecs } from '../../strategy/params.js'
import type { TrialResult } from '../samplers/sampler.js'
import type { Constraint } from '../search-space.js'
import { parseConstraint } from '../search-syntax.js'
import type { TrialStatistics } from '../trial-statistics.js'

type Figure = keyof TrialStatistics

/** A figure that is compared with a number, such as `trades>=30`. */
export interface TrialCondition {
  readonly figure: Figure
  readonly operator: Constraint['operator']
  readonly limit: number
}

/** By what a search tells good trials from bad ones. */
export interface Ranking {
  readonly objective: Figure
  readonly conditions: readonly TrialCondition[]
}

/** Figures of a trial, and whether less of one is better. */
const LESS_IS_BETTER: Readonly<Record<Figure, boolean>> = {
  totalReturn: false, cagr: false, sharpe: false, sortino: false, volatility: true, maxDrawdown: true, calmar: false, trades: false,
  tradeWinRate: false, profitFactor: false, netProfit: false, expectancy: false, undecidedExits: true,
} // prettier-ignore

export const OBJECTIVES: readonly string[] = Object.keys(LESS_IS_BETTER)

function isFigure(name: string | number): name is Figure {
  return typeof name === 'string' && Object.hasOwn(LESS_IS_BETTER, name)
}

/**
 * Reads what to rank by, and constraints of both kinds: `fast<slow` between params is left to `parseSearch`, `trades>=30` is a condition on what
 * came of a trial. A param hides a figure of its name. Throws ConfigError naming the option.
 */
export function parseRanking(
  specs: ParamSpecs,
  objective: string,
  constraints: readonly string[],
): { readonly ranking: Ranking; readonly paramConstraints: readonly string[] } {
  if (!isFigure(objective))
    throw new ConfigError(`no such objective; there are ${OBJECTIVES.join(', ')}`, { field: '--objective', value: objective }) // prettier-ignore
  const paramConstraints: string[] = []
  const conditions: TrialCondition[] = []
  for (const text of constraints) {
    const { left, operator, right } = parseConstraint(text)
    const isOfTrials = isFigure(left) && !Object.hasOwn(specs, left)
    if (!isOfTrials) paramConstraints.push(text)
    else if (typeof right !== 'number')
      throw new ConfigError('a figure is compared with a number, such as trades>=30', { field: '--constraint', value: text }) // prettier-ignore
    else conditions.push({ figure: left, operator, limit: right })
  }
  return { ranking: { objective, conditions }, paramConstraints }
}

/** How a trial ranks, as samplers are told: a larger score is better. Without the objective it is unrated, not 0. */
export function rate({ objective, conditions }: Ranking, statistics: TrialStatistics): TrialResult {
  const figure = statistics[objective]
  if (figure.value === undefined) return { state: 'unrated', reason: `${objective}: ${figure.reason}` }
  const short = conditions.map((condition) => shortfall(condition, statistics)).filter((size) => size > 0)
  const violation = short.reduce((sum, size) => sum + size, 0)
  const score = LESS_IS_BETTER[objective] ? -figure.value : figure.value
  return { state: 'complete', score, ...(short.length === 0 ? {} : { violation }) }
}

/** Whether a told result may be chosen. */
export function isChoosable(result: TrialResult): result is Extract<TrialResult, { state: 'complete' }> {
  return result.state === 'complete' && !((result.violation ?? 0) > 0)
}

/** By how much a condition is missed, over its limit; 0 where it holds. A figure that is n/a holds to nothing. */
function shortfall({ figure, operator, limit }: TrialCondition, statistics: TrialStatistics): number {
  const { value } = statistics[figure]
  if (value === undefined) return Number.MAX_VALUE
  const holds =
    operator === '<' ? value < limit : operator === '<=' ? value <= limit : operator === '>' ? value > limit : value >= limit // prettier-ignore
  return holds ? 0 : Math.max(Math.abs(value - limit) / (limit === 0 ? 1 : Math.abs(limit)), 1e-12)
}
