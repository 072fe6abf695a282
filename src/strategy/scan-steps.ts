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
  if (typeof left === 'number') {
    // a > x is the same as −x > −a.
    if (typeof right !== 'number') compareWith(test, right, -1, -left, first, end, out)
  } else if (typeof right === 'number') compareWith(test, left, 1, right, first, end, out)
  else compareBoth(test, left, right, first, end, out)
}

/** sign · value against a bound. */
function compareWith(
  test: ScanTest,
  { places, values, count }: Steps,
  sign: 1 | -1,
  bound: number,
  first: number,
  end: number,
  out: RunList,
): void {
  const isInclusive = test === '>='
  const runs = out.room(count + 1)
  let written = 0
  for (let piece = 0; piece < count; piece++) {
    const value = sign * (values[piece] as number)
    const holds = value > bound || (isInclusive && value === bound)
    if (holds !== ((written & 1) === 1)) runs[written++] = first + (places[piece] as number)
  }
  if ((written & 1) === 1) runs[written++] = end
  out.end(first < end ? written : 0)
}

function compareBoth(
  test: ScanTest,
  left: Steps,
  right: Steps,
  first: number,
  end: number,
  out: RunList,
): void {
  const length = end - first
  const isInclusive = test === '>='
  const runs = out.room(left.count + right.count + 1)
  let written = 0
  for (let place = 0, i = 0, j = 0; place < length;) {
    const a = left.values[i] as number
    const b = right.values[j] as number
    const holds = a > b || (isInclusive && a === b)
    if (holds !== ((written & 1) === 1)) runs[written++] = first + place
    const endA = left.endOf(i, length)
    const endB = right.endOf(j, length)
    place = Math.min(endA, endB)
    if (endA === place) i++
    if (endB === place) j++
  }
  if ((written & 1) === 1) runs[written++] = end
  out.end(written)
}

/** The bars on which such a column is a number. */
export function knownSteps({ places, values, count }: Steps, first: number, end: number, out: RunList): void {
  const runs = out.room(count + 1)
  let written = 0
  for (let piece = 0; piece < count; piece++) {
    const value = values[piece] as number
    if ((value === value) !== ((written & 1) === 1)) runs[written++] = first + (places[piece] as number)
  }
  if ((written & 1) === 1) runs[written++] = end
  out.end(first < end ? written : 0)
}

/** The crosses of two such columns, as `Scanner.crosses` finds them: they fall on first places of pieces. */
export function crossSteps(
  left: Steps,
  right: Steps,
  first: number,
  end: number,
  above: RunList,
  below: RunList,
): void {
  const length = end - first
  const most = 2 * (left.count + right.count)
  const inAbove = above.room(most)
  const inBelow = below.room(most)
  let aboves = 0
  let belows = 0
  let before = NaN
  for (let place = 0, i = 0, j = 0; place < length;) {
    const a = left.values[i] as number
    const b = right.values[j] as number
    const order = a > b ? 1 : a < b ? -1 : a === b ? 0 : Number.NaN
    if (order > 0 && before <= 0) {
      inAbove[aboves++] = first + place
      inAbove[aboves++] = first + place + 1
    }
    if (order < 0 && before >= 0) {
      inBelow[belows++] = first + place
      inBelow[belows++] = first + place + 1
    }
    const endA = left.endOf(i, length)
    const endB = right.endOf(j, length)
    // What stands still for more than one place is its own predecessor.
    before = order
    place = Math.min(endA, endB)
    if (endA === place) i++
    if (endB === place) j++
  }
  above.end(aboves)
  below.end(belows)
}
