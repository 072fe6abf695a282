import { type ParamSpecs, type ParamValue, paramValues } from '../strategy/params.js'

/** A param that a search varies over numbers. */
export interface NumberDimension {
  readonly kind: 'number'
  readonly name: string
  readonly lowest: number
  readonly highest: number
  /** Values are lowest + whole steps; undefined: any number in between. */
  readonly step: number | undefined
  /** On which scale equal distances count equally. */
  readonly scale: 'linear' | 'log'
}

/** A param that a search varies over a list. */
export interface ListDimension {
  readonly kind: 'list'
  readonly name: string
  readonly values: readonly ParamValue[]
  /** Neighbours in the list are alike, as numbers are; words and flags are not. */
  readonly isOrdered: boolean
}

export type Dimension = NumberDimension | ListDimension

/** The whole declared range of a param. Throws ConfigError for an unknown name. */
export function declaredDimension(specs: ParamSpecs, name: string): Dimension {
  paramValues(specs, { [name]: undefined })
  const spec = specs[name]!
  switch (spec.kind) {
    case 'choice':
      return { kind: 'list', name, values: spec.values, isOrdered: false }
    case 'flag':
      return { kind: 'list', name, values: [false, true], isOrdered: false }
    case 'int':
    case 'real': {
      const { lowest, step } = spec
      const steps = step === undefined ? 0 : Math.floor((spec.highest - lowest) / step + 1e-9)
      const highest = step === undefined ? spec.highest : tidy(lowest + steps * step)
      return { kind: 'number', name, lowest, highest, step, scale: 'linear' }
    }
  }
}

/** How many values a dimension has; Infinity for numbers without a step. */
export function levelCount(dimension: Dimension): number {
  if (dimension.kind === 'list') return dimension.values.length
  const { lowest, highest, step } = dimension
  if (lowest === highest) return 1
  return step === undefined ? Infinity : Math.round((highest - lowest) / step) + 1
}

/** The value of a level, counted from 0. */
export function valueAtLevel(dimension: Dimension, level: number): ParamValue {
  return dimension.kind === 'list' ? (dimension.values[level] as ParamValue) : numberAtLevel(dimension, level)
}

/** The level of a value: the inverse of `valueAtLevel`. */
export function levelOf(dimension: Dimension, value: ParamValue): number {
  if (dimension.kind === 'list') return dimension.values.indexOf(value)
  const { lowest, step } = dimension
  return step === undefined ? 0 : Math.round(((value as number) - lowest) / step)
}

function numberAtLevel(dimension: NumberDimension, level: number): number {
  const { lowest, highest, step } = dimension
  if (level === 0 || step === undefined) return lowest
  return level === levelCount(dimension) - 1 ? highest : tidy(lowest + level * step)
}

/** Sums of steps without the last digits that binary fractions leave: 0.1 + 2 · 0.1 is 0.3. */
export function tidy(value: number): number {
  return Number(value.toPrecision(15))
}

/** A scale on which equal distances count equally, and its ends, half a step outside of the lowest and the highest value. */
export interface Axis {
  readonly low: number
  readonly high: number
  at(value: number): number
  /** The dimension's value nearest to a place on the axis. */
  valueAt(place: number): number
}

export function axisOf(dimension: NumberDimension): Axis {
  const { lowest, highest, step, scale } = dimension
  const at = scale === 'log' ? Math.log : (value: number): number => value
  const back = scale === 'log' ? Math.exp : (place: number): number => place
  const half = (step ?? 0) / 2
  const valueAt = (place: number): number => {
    const value = Math.min(highest, Math.max(lowest, back(place)))
    return step === undefined ? value : numberAtLevel(dimension, Math.round((value - lowest) / step))
  }
  return { low: at(lowest - half), high: at(highest + half), at, valueAt }
}

/** The value at a part of the dimension, `unit` in [0, 1): all parts of a scale alike, each value with the part that lies nearest. */
export function valueAtUnit(dimension: Dimension, unit: number): ParamValue {
  if (dimension.kind === 'list')
    return dimension.values[Math.floor(unit * dimension.values.length)] as ParamValue
  const levels = levelCount(dimension)
  if (levels < Infinity && dimension.scale === 'linear')
    return valueAtLevel(dimension, Math.floor(unit * levels))
  const axis = axisOf(dimension)
  return axis.valueAt(axis.low + unit * (axis.high - axis.low))
}

/** Where on its dimension a value lies, in [0, 1]: the middle of its part. */
export function unitOf(dimension: Dimension, value: ParamValue): number {
  if (dimension.kind === 'list') return (dimension.values.indexOf(value) + 0.5) / dimension.values.length
  const { low, high, at } = axisOf(dimension)
  return high > low ? (at(value as number) - low) / (high - low) : 0.5
}

/** Whether a value is one of the dimension's. */
export function isOnDimension(dimension: Dimension, value: ParamValue | undefined): boolean {
  if (dimension.kind === 'list') return dimension.values.some((one) => one === value)
  if (typeof value !== 'number') return false
  const { lowest, highest, step } = dimension
  if (!(value >= lowest && value <= highest)) return false
  return step === undefined || numberAtLevel(dimension, Math.round((value - lowest) / step)) === value
}

/** `fast=5:50:5`, as it is typed: see `parseSearch`. */
export function dimensionText(dimension: Dimension): string {
  const { name } = dimension
  if (dimension.kind === 'list') return `${name}=${dimension.values.join()}`
  const { lowest, highest, step, scale } = dimension
  return `${name}=${[lowest, highest, ...(step === undefined ? [] : [step]), ...(scale === 'log' ? ['log'] : [])].join(':')}`
}
