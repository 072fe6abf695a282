import { DEFAULT_REACH, reachOf } from '../overfitting/plateau.js'
import { type Dimension, levelCount, tidy, unitOf, valueAtLevel, valueAtUnit } from '../search-dimension.js'
import type { ParamValue } from '../../strategy/params.js'

/** A dimension cut for a table or a chart: a part for each value where there are few, else equal parts of its own scale. */
export interface DimensionParts {
  /** What each part holds: `20`, or `20 to 35`. */
  readonly labels: readonly string[]
  /** Index of the part that holds a value of the dimension. */
  readonly of: (value: ParamValue) => number
  /** First and last part that hold a neighbour of a value, as plateaus know neighbours. */
  readonly around: (value: ParamValue) => readonly [first: number, last: number]
}

/** Cuts a dimension into at most `most` parts, or one a value for words, however many there are. O(values). */
export function dimensionParts(dimension: Dimension, most: number): DimensionParts {
  const levels = levelCount(dimension)
  const isByLevel = levels <= most || (dimension.kind === 'list' && !dimension.isOrdered)
  const count = isByLevel ? levels : most
  const units = isByLevel ? Array.from({ length: levels }, (_, at) => unitOf(dimension, valueAtLevel(dimension, at))) : [] // prettier-ignore
  const partAt = (unit: number): number => Math.min(count - 1, Math.max(0, Math.floor(unit * count)))
  const of = (value: ParamValue): number =>
    isByLevel ? nearest(units, unitOf(dimension, value)) : partAt(unitOf(dimension, value))
  return { labels: labels(), of, around }

  function labels(): readonly string[] {
    if (isByLevel) return units.map((_, at) => String(valueAtLevel(dimension, at)))
    return Array.from({ length: count }, (_, at) => {
      const [from, to] = [at / count, (at + 1) / count].map((unit) => shortValue(valueAtUnit(dimension, Math.min(unit, 1 - 1e-12)))) // prettier-ignore
      return `${from} to ${to}`
    })
  }

  function around(value: ParamValue): readonly [number, number] {
    const [unit, reach] = [unitOf(dimension, value), reachOf(dimension, DEFAULT_REACH) + 1e-9]
    if (!isByLevel) return [partAt(unit - reach), partAt(unit + reach)]
    const inside = units.flatMap((one, at) => (Math.abs(one - unit) <= reach ? [at] : []))
    return [inside[0] ?? of(value), inside.at(-1) ?? of(value)]
  }
}

/** Four significant digits say enough on an axis. */
function shortValue(value: ParamValue): string {
  return typeof value === 'number' ? String(tidy(Number(value.toPrecision(4)))) : String(value)
}

function nearest(units: readonly number[], unit: number): number {
  let best = 0
  units.forEach((one, at) => {
    if (Math.abs(one - unit) < Math.abs((units[best] as number) - unit)) best = at
  })
  return best
}
