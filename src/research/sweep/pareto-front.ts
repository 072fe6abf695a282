import { DataError } from '../../core/errors.js'

/**
 * Indices of the points that no other dominates: none has a gain at least as high and a loss at most as large, and is better in one of them. Equal points are all on the
 * front, or none of them (Pareto optimality; Kung, Luccio & Preparata 1975 for two dimensions). In order of rising loss. O(n log n).
 * Throws DataError naming the point that has no finite gain or loss.
 * @param gains of which more is better
 * @param losses of which less is better
 */
export function paretoFront(gains: ArrayLike<number>, losses: ArrayLike<number>): readonly number[] {
  const order = Array.from({ length: gains.length }, (_, at) => at)
  for (const at of order)
    if (!Number.isFinite(gains[at]) || !Number.isFinite(losses[at]))
      throw new DataError('a point of a front needs a gain and a loss', { row: at, field: 'gain, loss', value: `${gains[at]}, ${losses[at]}` }) // prettier-ignore
  order.sort((a, b) => losses[a]! - losses[b]! || gains[b]! - gains[a]! || a - b)
  const front: number[] = []
  let last: number | undefined
  for (const at of order) {
    const isBetter = last === undefined || gains[at]! > gains[last]!
    const isEqual = last !== undefined && gains[at] === gains[last] && losses[at] === losses[last]
    if (isBetter || isEqual) front.push(at)
    if (isBetter) last = at
  }
  return front
}
