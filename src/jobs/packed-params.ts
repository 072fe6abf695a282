import { ConfigError } from '../core/errors.js'
import type { ParamValue } from '../strategy/params.js'
import type { TrialParams } from './trial-messages.js'

/** Params of many trials on their way between threads: a column for each name, where as many objects would each name all of theirs. */
export interface PackedParams {
  readonly names: readonly string[]
  /** Numbers alone where each trial has one; a hole for a trial that does not name it. */
  readonly columns: readonly ParamColumn[]
}

type ParamColumn = Float64Array | readonly ParamValue[]

/**
 * O(trials · names).
 *
 * @throws ConfigError for the one name that objects do not take as one
 */
export function packParams(all: readonly TrialParams[]): PackedParams {
  const names = namesOf(all)
  return { names, columns: names.map((name) => columnOf(all, name)) }
}

/** Params of one trial: the names that it has. */
export function unpackParams({ names, columns }: PackedParams, trial: number): TrialParams {
  const values: Record<string, ParamValue> = {}
  for (let at = 0; at < names.length; at++) {
    const column = columns[at] as ParamColumn
    if (trial in column) values[names[at] as string] = column[trial] as ParamValue
  }
  return values
}

function namesOf(all: readonly TrialParams[]): string[] {
  const names = new Set<string>()
  for (const params of all) for (const name in params) names.add(name)
  if (names.has('__proto__'))
    throw new ConfigError('no parameter has such a name', { field: 'params.__proto__' })
  return Array.from(names)
}

function columnOf(all: readonly TrialParams[], name: string): ParamColumn {
  const numbers = new Float64Array(all.length)
  for (let trial = 0; trial < all.length; trial++) {
    const value = (all[trial] as TrialParams)[name]
    if (typeof value !== 'number') return valuesOf(all, name)
    numbers[trial] = value
  }
  return numbers
}

function valuesOf(all: readonly TrialParams[], name: string): ParamValue[] {
  const values = new Array<ParamValue>(all.length)
  for (const [trial, params] of all.entries())
    if (Object.hasOwn(params, name)) values[trial] = params[name] as ParamValue
  return values
}
