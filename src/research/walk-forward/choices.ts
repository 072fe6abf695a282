import type { Dimension } from '../search-dimension.js'
import type { ParamValue } from '../../strategy/params.js'
import type { Point } from '../search-space.js'

/** How far the choices of a param wander from window to window. */
export interface ParamStability {
  readonly name: string
  /** One a window, in their order; undefined where none was chosen. */
  readonly values: readonly (ParamValue | undefined)[]
  /** Number of different values. */
  readonly distinct: number
  /** Highest less lowest over the searched range: 0 stands still, 1 takes all of it. Undefined for words and flags. */
  readonly spread: number | undefined
  /** Share of the windows with the commonest value. */
  readonly commonest: number
}

/** Stability of each varied param. O(windows · dimensions). */
export function paramStability(
  dimensions: readonly Dimension[],
  chosen: readonly (Point | undefined)[],
): readonly ParamStability[] {
  return dimensions.map((dimension) => {
    const { name } = dimension
    const values = chosen.map((point) => point?.[name])
    const known = values.filter((value): value is ParamValue => value !== undefined)
    const counts = new Map<ParamValue, number>()
    for (const value of known) counts.set(value, (counts.get(value) ?? 0) + 1)
    return {
      name,
      values,
      distinct: counts.size,
      spread: spreadOf(dimension, known),
      commonest: known.length === 0 ? 0 : Math.max(...counts.values()) / known.length,
    }
  })
}

function spreadOf(dimension: Dimension, values: readonly ParamValue[]): number | undefined {
  const numbers = values.filter((value) => typeof value === 'number')
  if (numbers.length === 0 || numbers.length < values.length) return undefined
  const [lowest, highest] =
    dimension.kind === 'number'
      ? [dimension.lowest, dimension.highest]
      : [Math.min(...(dimension.values as number[])), Math.max(...(dimension.values as number[]))]
  return highest === lowest ? 0 : (Math.max(...numbers) - Math.min(...numbers)) / (highest - lowest)
}
