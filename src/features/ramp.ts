import type { CommonSteps, Pieces, Steps } from './steps.js'

/**
 * A column that between its changes only rises, or only falls, from bar to bar: the age of a fact, and an age over something that
 * stands still. It is NaN on all places of a piece or on none.
 */
export interface Ramp extends Pieces {
  /** Its value at a place within the k-th piece: what the operators answer there, bit for bit. */
  at(piece: number, place: number): number
}

/** Inclusive. */
export interface Bounds {
  readonly atLeast: number
  readonly atMost: number
}

/**
 * Writes the changes of "`value` where the ramp lies within the bounds, else NaN": the places at which it enters and leaves them are
 * found by bisection. `common` must have been aligned to the two. O(pieces · log bars).
 */
export function keepWithin(
  out: Steps,
  value: Steps,
  gauge: Ramp,
  bounds: Bounds,
  common: CommonSteps,
  length: number,
): void {
  const [valuePieces, gaugePieces] = common.pieces as [Int32Array, Int32Array]
  for (let k = 0; k < common.count; k++) {
    const start = common.places[k] as number
    const end = k + 1 < common.count ? (common.places[k + 1] as number) : length
    const kept = value.values[valuePieces[k] as number] as number
    const piece = gaugePieces[k] as number
    const first = gauge.at(piece, start)
    const last = gauge.at(piece, end - 1)
    const { atLeast, atMost } = bounds
    const isRising = last >= first
    const [low, high] = isRising ? [first, last] : [last, first]
    if (low >= atLeast && high <= atMost) {
      out.push(start, kept)
      continue
    }
    out.push(start, NaN)
    if (kept !== kept || !(low <= atMost && high >= atLeast)) continue
    const enters = firstPlace(start, end, (place) => {
      const at = gauge.at(piece, place)
      return isRising ? at >= atLeast : at <= atMost
    })
    const leaves = firstPlace(enters, end, (place) => {
      const at = gauge.at(piece, place)
      return isRising ? at > atMost : at < atLeast
    })
    if (enters >= leaves) continue
    out.push(enters, kept)
    if (leaves < end) out.push(leaves, NaN)
  }
}

/** First place of `[start, end)` that passes a test which no later one fails; `end` where none does. */
function firstPlace(start: number, end: number, passes: (place: number) => boolean): number {
  let low = start
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(middle)) high = middle
    else low = middle + 1
  }
  return low
}
