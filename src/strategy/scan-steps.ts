import type { Steps } from '../features/steps.js'
import type { RunList } from './runs.js'
import type { ScanTest } from './scanner.js'

/** The bars of `[first, end)` on which a comparison holds, of columns that stand still between changes. O(changes). */
export function compareSteps(
  test: ScanTest,
  left: Steps | number,
  right: Steps | number,
  first: number,
  end: number,
  out: RunList,
): void {
  const length = end - first
  const isStrict = test === '>'
  out.end(0)
  for (let place = 0, i = 0, j = 0; place < length;) {
    const a = typeof left === 'number' ? left : (left.values[i] as number)
    const b = typeof right === 'number' ? right : (right.values[j] as number)
    out.turn(first + place, isStrict ? a > b : a >= b)
    const endA = typeof left === 'number' ? length : left.endOf(i, length)
    const endB = typeof right === 'number' ? length : right.endOf(j, length)
    place = Math.min(endA, endB)
    if (endA === place) i++
    if (endB === place) j++
  }
  out.close(end)
}

/** The bars on which such a column is a number. */
export function knownSteps(steps: Steps, first: number, end: number, out: RunList): void {
  out.end(0)
  for (let piece = 0; piece < steps.count; piece++) {
    const place = steps.places[piece] as number
    if (place < end - first) out.turn(first + place, !Number.isNaN(steps.values[piece]))
  }
  out.close(end)
}
