import { compileStrategy } from './compile.js'
import type { Strategy } from './define.js'
import type { ParamSpec } from './params.js'

export interface ParamListing {
  readonly name: string
  readonly spec: ParamSpec
}

/** What a command line or a report says of a strategy, in declared order. */
export interface StrategyListing {
  readonly name: string
  readonly description: string
  readonly params: readonly ParamListing[]
  readonly presets: readonly { readonly name: string; readonly description: string | undefined; readonly params: Readonly<Record<string, unknown>> }[] // prettier-ignore
  /** Names and canonical text of its features under the default params. */
  readonly features: readonly { readonly name: string; readonly key: string }[]
  /** Series that its features read. */
  readonly factsRead: readonly string[]
  readonly notes: readonly string[]
}

/** Lists params with their ranges, presets, features and the data needed, under one preset. Throws ConfigError as compileStrategy does. */
export function describeStrategy(strategy: Strategy, preset: string = 'default'): StrategyListing {
  const compiled = compileStrategy(strategy, {}, preset)
  return {
    name: strategy.name,
    description: strategy.description,
    params: Object.entries(strategy.params).map(([name, spec]) => ({ name, spec })),
    presets: Object.entries(strategy.presets).map(([name, { description, params }]) => ({
      name,
      description,
      params,
    })),
    features: Object.entries(compiled.bound.features).map(([name, { key }]) => ({ name, key })),
    factsRead: compiled.factsRead,
    notes: [...compiled.notes, ...compiled.chosenOn],
  }
}
