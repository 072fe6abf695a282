import { ConfigError } from '../core/errors.js'
import { type ParamSpecs, type ParamValue, paramValues } from '../strategy/params.js'
import {
  declaredDimension,
  type Dimension,
  dimensionText,
  isOnDimension,
  levelCount,
  levelOf,
  tidy,
  valueAtLevel,
} from './search-dimension.js'

/** `left < right` and the like, between params or a param and a number. */
export interface Constraint {
  readonly left: string | number
  readonly operator: '<' | '<=' | '>' | '>='
  readonly right: string | number
}

/** What a search may try: some params varied, the others fixed, and which combinations make sense. */
export interface SearchSpace {
  readonly specs: ParamSpecs
  /** In the order in which the strategy declares its params. */
  readonly dimensions: readonly Dimension[]
  readonly fixed: Readonly<Record<string, ParamValue>>
  readonly constraints: readonly Constraint[]
}

/** Values of all params of a trial, in declared order. */
export type Point = Readonly<Record<string, ParamValue>>

export interface SearchPlan {
  /** Varied params; default: all, over their declared ranges. */
  readonly dimensions?: readonly Dimension[]
  /** Values of params that are not varied; default: their defaults. */
  readonly fixed?: Readonly<Record<string, ParamValue>>
  readonly constraints?: readonly Constraint[]
}

/**
 * Checks a search against the strategy's params. Throws ConfigError naming the param for a value it cannot take, a range that is not
 * whole steps, a logarithmic scale down to 0, a param given twice, or a constraint on something that is no number.
 */
export function searchSpace(specs: ParamSpecs, plan: SearchPlan = {}): SearchSpace {
  const { fixed = {}, constraints = [] } = plan
  const given =
    plan.dimensions ?? Object.keys(specs).filter((name) => !Object.hasOwn(fixed, name)).map((name) => declaredDimension(specs, name)) // prettier-ignore
  const names = given.map(({ name }) => name)
  for (const dimension of given) {
    const { name } = dimension
    if (names.indexOf(name) !== names.lastIndexOf(name) || Object.hasOwn(fixed, name))
      throw new ConfigError('a param is given twice', { field: `params.${name}` })
    checkDimension(specs, dimension)
  }
  const values = paramValues(specs, fixed)
  const order = Object.keys(specs)
  const dimensions = [...given].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  const rest = order
    .filter((name) => !names.includes(name))
    .map((name) => [name, values[name] as ParamValue] as const)
  const space = { specs, dimensions, fixed: Object.fromEntries(rest), constraints }
  for (const constraint of constraints) checkConstraint(space, constraint)
  return space
}

function checkDimension(specs: ParamSpecs, dimension: Dimension): void {
  const { name } = dimension
  const field = `params.${name}`
  const check = (value: ParamValue): void => void paramValues(specs, { [name]: value })
  if (dimension.kind === 'list') {
    if (dimension.values.length === 0) throw new ConfigError('a search needs at least one value', { field })
    if (new Set(dimension.values).size < dimension.values.length)
      throw new ConfigError('a value is listed twice', { field, value: dimension.values.join() })
    dimension.values.forEach(check)
    return
  }
  const { lowest, highest, step, scale } = dimension
  check(lowest)
  check(highest)
  if (!(lowest <= highest))
    throw new ConfigError('the lowest value is above the highest', { field, value: lowest })
  if (step !== undefined) {
    if (!(step > 0)) throw new ConfigError('a step must be above 0', { field, value: step })
    const steps = (highest - lowest) / step
    if (Math.abs(steps - Math.round(steps)) > 1e-9)
      throw new ConfigError(`the highest value is not ${lowest} plus whole steps of ${step}; the last would be ${tidy(lowest + Math.floor(steps) * step)}`, { field, value: highest }) // prettier-ignore
    if (lowest < highest) check(tidy(lowest + step))
  } else if (specs[name]?.kind === 'int') throw new ConfigError('a whole number needs a step', { field })
  if (scale === 'log' && !(lowest - (step ?? 0) / 2 > 0))
    throw new ConfigError('a logarithmic scale needs a lowest value above half a step, and above 0', {
      field,
      value: lowest,
    })
}

function checkConstraint(space: SearchSpace, { left, operator, right }: Constraint): void {
  const text = `${left} ${operator} ${right}`
  for (const side of [left, right]) {
    if (typeof side === 'number') continue
    const kind = space.specs[side]?.kind
    if (kind !== 'int' && kind !== 'real')
      throw new ConfigError(`a constraint compares numbers; ${side} is ${kind === undefined ? 'no param' : `a ${kind}`}`, { field: 'constraint', value: text }) // prettier-ignore
  }
}

/** Number of points, those included that the constraints rule out; Infinity where a number has no step. */
export function spaceSize(space: SearchSpace): number {
  return space.dimensions.reduce((size, dimension) => size * levelCount(dimension), 1)
}

/** A point from the values of its dimensions, in their order. */
export function pointOf(space: SearchSpace, values: readonly ParamValue[]): Point {
  const varied = Object.fromEntries(space.dimensions.map(({ name }, at) => [name, values[at] as ParamValue]))
  const all = { ...space.fixed, ...varied }
  return Object.freeze(
    Object.fromEntries(Object.keys(space.specs).map((name) => [name, all[name] as ParamValue])),
  )
}

/** The index-th point of a finite space: the last dimension turns fastest. */
export function pointAtIndex(space: SearchSpace, index: number): Point {
  const values: ParamValue[] = []
  let rest = index
  for (const dimension of [...space.dimensions].reverse()) {
    const levels = levelCount(dimension)
    values.unshift(valueAtLevel(dimension, rest % levels))
    rest = Math.floor(rest / levels)
  }
  return pointOf(space, values)
}

/** Which point of a finite space it is: the inverse of `pointAtIndex`. */
export function indexOfPoint({ dimensions }: SearchSpace, point: Point): number {
  return dimensions.reduce(
    (index, dimension) =>
      index * levelCount(dimension) + levelOf(dimension, point[dimension.name] as ParamValue),
    0,
  )
}

/** Whether a point satisfies all constraints. */
export function isAllowed({ constraints }: SearchSpace, point: Point): boolean {
  return constraints.every(({ left, operator, right }) => {
    const [a, b] = [left, right].map((side) => (typeof side === 'number' ? side : point[side])) as [
      number,
      number,
    ]
    switch (operator) {
      case '<':
        return a < b
      case '<=':
        return a <= b
      case '>':
        return a > b
      case '>=':
        return a >= b
    }
  })
}

/** Number of points of a finite space that satisfy all constraints; no more are counted than `most`. O(points) where there are constraints. */
export function allowedCount(space: SearchSpace, most: number = Infinity): number {
  const size = spaceSize(space)
  if (space.constraints.length === 0) return Math.min(size, most)
  let count = 0
  for (let index = 0; index < size && count < most; index++)
    if (isAllowed(space, pointAtIndex(space, index))) count++
  return count
}

/** The same text for the same values of all dimensions. */
export function pointKey({ dimensions }: SearchSpace, point: Point): string {
  return JSON.stringify(dimensions.map(({ name }) => point[name]))
}

/**
 * Checks that a point belongs to a space: every varied value one of its dimension, every other one as it is fixed, constraints held. Throws
 * ConfigError naming the param.
 */
export function checkPoint(space: SearchSpace, point: Point): void {
  paramValues(space.specs, point)
  for (const dimension of space.dimensions) {
    const { name } = dimension
    const value = point[name]
    if (!isOnDimension(dimension, value))
      throw new ConfigError(`is not in the search space, ${dimensionText(dimension)}`, {
        field: `params.${name}`,
        value,
      })
  }
  for (const [name, value] of Object.entries(space.fixed))
    if (point[name] !== value)
      throw new ConfigError(`is fixed at ${value} in this search`, {
        field: `params.${name}`,
        value: point[name],
      })
  if (!isAllowed(space, point))
    throw new ConfigError('breaks a constraint of the search', {
      field: 'params',
      value: JSON.stringify(point),
    })
}
