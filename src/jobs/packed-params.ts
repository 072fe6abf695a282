import type { ParamValue } from '../strategy/params.js'
import type { TrialParams } from './trial-messages.js'

/** Params of many trials on their way between threads: a column for each name, where as many objects would each name all of theirs. */
export interface PackedParams {
  readonly names: readonly string[]
  /** Numbers alone where each trial has one; undefined for trials that do not name it. */
  readonly columns: readonly ParamColumn[]
}

type ParamColumn = Float64Array | readonly (ParamValue | undefined)[]

/** O(trials · names). */
export function packParams(all: readonly TrialParams[]): PackedParams {
  const names = namesOf(all)
  return { names, columns: names.map((name) => columnOf(all, name)) }
}

/** Params of one trial: the names that it has. */
export function unpackParams({ names, columns }: PackedParams, trial: number): TrialParams {
  const values: Record<string, ParamValue> = {}
  for (let at = 0; at < names.length; at++) {
    const value = (columns[at] as ParamColumn)[trial]
    if (value !== undefined) values[names[at] as string] = value
  }
  return values
}

function namesOf(all: readonly TrialParams[]): string[] {
  const names = new Set<string>()
  for (const params of all) for (const name in params) names.add(name)
  return Array.from(names)
}

function columnOf(all: readonly TrialParams[], name: string): ParamColumn {
  const numbers = new Float64Array(all.length)
  for (let trial = 0; trial < all.length; trial++) {
    const value = (all[trial] as TrialParams)[name]
    if (typeof value !== 'number') return all.map((params) => params[name])
    numbers[trial] = value
  }
  return numbers
}
