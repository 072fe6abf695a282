import { ConfigError } from '../core/errors.js'

export type Argument = number | string | boolean

/**
 * One column of numbers, declared as data: an operator, the features it reads, and its settings. It holds no state, no data and
 * no instrument, so one declaration serves every instrument, a column of history and a live bar alike.
 */
export interface Feature {
  readonly operator: string
  readonly inputs: readonly Feature[]
  readonly args: readonly Argument[]
  /** Canonical text such as `sma(close;20)`: two features with one key are the same feature and are computed once. */
  readonly key: string
}

/** What most operators accept: a feature, or a number that stands for a constant one. */
export type Operand = Feature | number

/** Declares a feature, which keeps the lists: they must not change. Prefer the named functions (`sma`, `atr`, …): they check their settings. */
export function feature(
  operator: string,
  inputs: readonly Operand[],
  args: readonly Argument[] = [],
): Feature {
  const features = inputs.some(isNumber) ? inputs.map(asFeature) : (inputs as readonly Feature[])
  let key = `${operator}(`
  for (let i = 0; i < features.length; i++) key += (i === 0 ? '' : ',') + (features[i] as Feature).key
  for (let i = 0; i < args.length; i++) key += (i === 0 ? ';' : ',') + argumentText(args[i] as Argument)
  return { operator, inputs: features, args, key: `${key})` }
}

function isNumber(operand: Operand): operand is number {
  return typeof operand === 'number'
}

function asFeature(operand: Operand): Feature {
  return typeof operand === 'number' ? constant(operand) : operand
}

/** As JSON has it; finite numbers are the same as text and by far the most. */
function argumentText(value: Argument): string {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : JSON.stringify(value)
}

/** The same number on every bar. */
export function constant(value: number): Feature {
  if (!Number.isFinite(value))
    throw new ConfigError('a constant must be a finite number', { field: 'constant', value })
  return { operator: 'constant', inputs: [], args: [value], key: String(value) }
}

function source(name: string): Feature {
  return { operator: name, inputs: [], args: [], key: name }
}

export const open: Feature = source('open')
export const high: Feature = source('high')
export const low: Feature = source('low')
export const close: Feature = source('close')
/** Base units. */
export const volume: Feature = source('volume')
/** Close time of the bar, UTC ms: the instant at which everything about the bar is known and decisions fall. */
export const time: Feature = source('time')

/** Refuses anything but a whole number of bars of at least `lowest`. */
export function wholeBars(field: string, value: number, lowest: number = 1): number {
  if (!Number.isInteger(value) || value < lowest) {
    throw new ConfigError(`must be a whole number, ${lowest} or more`, { field, value, unit: 'bars' })
  }
  return value
}

/** Refuses anything but a positive finite number. */
export function positive(field: string, value: number, unit: string): number {
  if (!(value > 0 && value < Infinity))
    throw new ConfigError('must be above 0 and finite', { field, value, unit })
  return value
}
