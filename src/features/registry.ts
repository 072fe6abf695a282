import { ConfigError } from '../core/errors.js'
import { ARITHMETIC } from './arithmetic.js'
import { AVERAGES } from './averages.js'
import { CHANGES } from './changes.js'
import { COMBINE } from './combine.js'
import { CROSSES } from './crosses.js'
import { DISPERSION } from './dispersion.js'
import { EXTREMES } from './extremes.js'
import { FACT_OPERATORS } from './facts.js'
import type { Feature } from './feature.js'
import { LEG_OPERATORS } from './legs.js'
import { LIBRARY } from './library.js'
import { MOMENTUM } from './momentum.js'
import type { BarContext, OperatorDefinition } from './operator.js'
import { RANGES } from './range.js'
import { RANKS } from './rank.js'
import { completedBars } from './timeframe-bars.js'

/** Every operator by its name. Bar fields, constants and facts are sources: a plan reads them itself. */
export const OPERATORS: Readonly<Record<string, OperatorDefinition>> = {
  ...AVERAGES,
  ...EXTREMES,
  ...DISPERSION,
  ...RANKS,
  ...CHANGES,
  ...MOMENTUM,
  ...RANGES,
  ...CROSSES,
  ...ARITHMETIC,
  ...COMBINE,
  ...LEG_OPERATORS,
  ...LIBRARY,
  completed: completedBars({ definitionOf, warmUpBars }),
}

export const BAR_FIELDS: ReadonlySet<string> = new Set(['open', 'high', 'low', 'close', 'volume', 'time'])

export function isSource(feature: Feature): boolean {
  const { operator } = feature
  return BAR_FIELDS.has(operator) || operator === 'constant' || FACT_OPERATORS.has(operator)
}

/** The definition behind a feature. Throws ConfigError for an unknown operator or a wrong number of inputs. */
export function definitionOf({ operator, inputs, key }: Feature): OperatorDefinition {
  const definition = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined
  if (definition === undefined) throw new ConfigError('unknown operator', { field: key, value: operator })
  if (definition.arity !== undefined && definition.arity !== inputs.length) {
    throw new ConfigError(`${operator} takes ${definition.arity} inputs`, {
      field: operator,
      value: inputs.length,
    })
  }
  return definition
}

/**
 * First bars on which the feature has no value, when none of its sources is missing. Structural: it reads no data. `known` remembers
 * answers by feature key, for one context.
 */
export function warmUpBars(
  feature: Feature,
  context: BarContext,
  known: Map<string, number> = new Map(),
): number {
  const seen = known.get(feature.key)
  if (seen !== undefined) return seen
  const { inputs, args } = feature
  const before: number[] = []
  let most = 0
  for (const input of inputs) {
    const bars = warmUpBars(input, context, known)
    before.push(bars)
    if (bars > most) most = bars
  }
  const definition = isSource(feature) ? undefined : definitionOf(feature)
  const bars = definition?.warmUp?.(args, before, context) ?? most
  known.set(feature.key, bars)
  return bars
}
