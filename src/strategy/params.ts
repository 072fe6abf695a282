import { thereAre } from '../core/closest-word.js'
import { ConfigError } from '../core/errors.js'

export type ParamValue = number | string | boolean

/** A number with its lowest, default and highest value; sweeps walk it by `step`. */
export interface NumberParam {
  readonly kind: 'int' | 'real'
  readonly lowest: number
  readonly default: number
  readonly highest: number
  /** Values must be lowest + whole multiples of it; undefined: any. */
  readonly step: number | undefined
  readonly unit: string | undefined
  readonly description: string | undefined
}

export interface ChoiceParam<V extends string = string> {
  readonly kind: 'choice'
  readonly values: readonly V[]
  readonly default: V
  readonly description: string | undefined
}

export interface FlagParam {
  readonly kind: 'flag'
  readonly default: boolean
  readonly description: string | undefined
}

export type ParamSpec = NumberParam | ChoiceParam | FlagParam
export type ParamSpecs = Readonly<Record<string, ParamSpec>>

/** Values of the params of a strategy, by name. */
export type ParamValues<P> = {
  readonly [K in keyof P]: P[K] extends ChoiceParam<infer V> ? V : P[K] extends FlagParam ? boolean : number
}

export interface NumberParamOptions {
  readonly step?: number
  /** Such as `bars`, `hours`, `fraction`: shown in help and errors. */
  readonly unit?: string
  readonly description?: string
}

/** A whole number: `int(5, 12, 50)` is 12 unless set, never below 5 or above 50. */
export function int(
  lowest: number,
  value: number,
  highest: number,
  options: NumberParamOptions = {},
): NumberParam {
  return numberParam('int', lowest, value, highest, { step: 1, ...options })
}

/** A number: `real(1, 2, 5)` is 2 unless set, never below 1 or above 5. */
export function real(
  lowest: number,
  value: number,
  highest: number,
  options: NumberParamOptions = {},
): NumberParam {
  return numberParam('real', lowest, value, highest, options)
}

/** One of some words, the first one unless set. */
export function choice<const V extends string>(values: readonly V[], description?: string): ChoiceParam<V> {
  const first = values[0]
  if (first === undefined) throw new ConfigError('a choice needs at least one value', { field: 'choice' })
  return { kind: 'choice', values, default: first, description }
}

/** True or false. */
export function flag(value: boolean = false, description?: string): FlagParam {
  return { kind: 'flag', default: value, description }
}

function numberParam(
  kind: 'int' | 'real',
  lowest: number,
  value: number,
  highest: number,
  options: NumberParamOptions,
): NumberParam {
  const { step, unit, description } = options
  const spec: NumberParam = { kind, lowest, default: value, highest, step, unit, description }
  if (!(lowest <= highest))
    throw new ConfigError('the lowest value is above the highest', { field: kind, value: lowest })
  if (step !== undefined && !(step > 0))
    throw new ConfigError('a step must be above 0', { field: kind, value: step })
  checkNumber(`default of ${kind}`, spec, value)
  return spec
}

function checkNumber(field: string, spec: NumberParam, value: unknown): number {
  const fault = faultOf(spec, value)
  if (fault === undefined) return value as number
  throw new ConfigError(fault, { field, value, ...(spec.unit === undefined ? {} : { unit: spec.unit }) })
}

/** What is wrong with a value; undefined where nothing is. */
function faultOf(spec: NumberParam, value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number'
  if (spec.kind === 'int' && !Number.isInteger(value)) return 'must be a whole number'
  if (value < spec.lowest || value > spec.highest) return `must be within ${spec.lowest} and ${spec.highest}`
  if (spec.step === undefined) return undefined
  const steps = (value - spec.lowest) / spec.step
  const isWhole = Math.abs(steps - Math.round(steps)) <= 1e-9
  return isWhole ? undefined : `must be ${spec.lowest} plus whole steps of ${spec.step}`
}

function checkValue(name: string, spec: ParamSpec, value: unknown): ParamValue {
  const field = `params.${name}`
  switch (spec.kind) {
    case 'flag':
      if (typeof value === 'boolean') return value
      throw new ConfigError('must be true or false', { field, value })
    case 'choice':
      if (typeof value === 'string' && spec.values.includes(value)) return value
      throw new ConfigError(`must be one of ${spec.values.join(', ')}`, { field, value })
    case 'int':
    case 'real':
      return checkNumber(field, spec, value)
  }
}

function specNamed(specs: ParamSpecs, name: string, value: unknown): ParamSpec {
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
  if (spec !== undefined) return spec
  const names = Object.keys(specs)
  throw new ConfigError(`unknown parameter${thereAre(name, names)}`, { field: `params.${name}`, value })
}

/** All params with their defaults filled in, frozen, in declared order. Throws ConfigError naming param, value, unit and range. */
export function paramValues<P extends ParamSpecs>(
  specs: P,
  given: Readonly<Record<string, unknown>> = {},
): ParamValues<P> {
  for (const name of Object.keys(given)) specNamed(specs, name, given[name])
  const values: Record<string, ParamValue> = {}
  for (const name of Object.keys(specs)) {
    const spec = specs[name] as ParamSpec
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    values[name] = checkValue(name, spec, value === undefined ? spec.default : value)
  }
  return Object.freeze(values) as ParamValues<P>
}

/** Reads `fast=12` from a command line as the param's own type. Throws ConfigError for an unknown name or an impossible value. */
export function parseParam(specs: ParamSpecs, name: string, text: string): ParamValue {
  const spec = specNamed(specs, name, text)
  if (spec.kind === 'choice') return checkValue(name, spec, text)
  if (spec.kind === 'flag')
    return checkValue(name, spec, text === 'true' ? true : text === 'false' ? false : text)
  return checkValue(name, spec, text.trim() === '' ? text : Number.isNaN(Number(text)) ? text : Number(text))
}
