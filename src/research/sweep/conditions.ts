import { ConfigError } from '../../core/errors.js'
import type { ParamSpecs } from '../../strategy/params.js'
import { parseConstraint } from '../search-syntax.js'
import type { Constraint } from '../search-space.js'
import type { TrialStatistics } from '../trial-statistics.js'
import { isStatisticKey, STATISTIC_KEYS, type StatisticKey } from './objective.js'

/** What only a run can tell: `trades >= 30`. */
export interface Condition {
  readonly key: StatisticKey
  readonly operator: Constraint['operator']
  readonly limit: number
}

const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

/**
 * Tells constraints between params (`fast<slow`, left as texts for `parseSearch`) from conditions on a trial's statistics (`trades>=30`,
 * `maxDrawdown<0.3`). A param hides a statistic of the same name. Throws ConfigError for a name that is neither, and for a statistic that is compared with
 * anything but a number.
 */
export function parseConditions(
  specs: ParamSpecs,
  texts: readonly string[],
): { readonly constraints: readonly string[]; readonly conditions: readonly Condition[] } {
  const constraints: string[] = []
  const conditions: Condition[] = []
  for (const text of texts) {
    const parsed = parseConstraint(text)
    const names = [parsed.left, parsed.right].filter((side) => typeof side === 'string')
    const unknown = names.find((name) => !Object.hasOwn(specs, name) && !isStatisticKey(name))
    if (unknown !== undefined)
      throw new ConfigError(`${unknown} is neither a param (${Object.keys(specs).join(', ')}) nor a statistic (${STATISTIC_KEYS.join(', ')})`, { field: '--constraint', value: text }) // prettier-ignore
    const isOfParams = names.every((name) => Object.hasOwn(specs, name))
    if (isOfParams) constraints.push(text)
    else conditions.push(conditionOf(parsed, text))
  }
  return { constraints, conditions }
}

function conditionOf({ left, operator, right }: Constraint, text: string): Condition {
  if (typeof left === 'string' && typeof right === 'number' && isStatisticKey(left))
    return { key: left, operator, limit: right }
  if (typeof right === 'string' && typeof left === 'number' && isStatisticKey(right))
    return { key: right, operator: MIRRORED[operator], limit: left }
  throw new ConfigError('a statistic is compared with a number, such as trades>=30', {
    field: '--constraint',
    value: text,
  })
}

/** `trades>=30` */
export function conditionText({ key, operator, limit }: Condition): string {
  return `${key}${operator}${limit}`
}

/** By how much a trial breaks its conditions, and in which words. */
export interface Violation {
  /** Σ |value − limit| / |limit| (over 1 where the limit is 0) of the broken ones; Infinity where a statistic is n/a. Above 0. */
  readonly size: number
  readonly reason: string
}

/** Undefined where every condition holds. A statistic that is n/a holds to nothing. */
export function violationOf(
  conditions: readonly Condition[],
  statistics: TrialStatistics,
): Violation | undefined {
  let size = 0
  const reasons: string[] = []
  for (const condition of conditions) {
    const statistic = statistics[condition.key]
    if (statistic.value === undefined) {
      size = Infinity
      reasons.push(`${conditionText(condition)}: ${condition.key} is n/a, ${statistic.reason}`)
    } else if (!holds(statistic.value, condition)) {
      const scale = condition.limit === 0 ? 1 : Math.abs(condition.limit)
      // At the limit of a strict comparison nothing is short, and yet it is broken.
      size += Math.max(Math.abs(statistic.value - condition.limit) / scale, 1e-15)
      reasons.push(`${conditionText(condition)}: ${condition.key} is ${statistic.value}`)
    }
  }
  return reasons.length === 0 ? undefined : { size, reason: reasons.join('; ') }
}

function holds(value: number, { operator, limit }: Condition): boolean {
  switch (operator) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
  }
}
