import { DAY_MS } from '../../core/time.js'

/** Half-open stretch of time `[startMs, endMs)`, UTC ms. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

export function spanDays({ startMs, endMs }: Span): number {
  return (endMs - startMs) / DAY_MS
}

/** What keeps training apart from the test it is judged by. ms. */
export interface Separation {
  /** Longest time that a position is held: training ends this much before a test, so that no outcome reaches into it. */
  readonly purgeMs: number
  /** Longest look-back plus holding: training that follows a test begins this much later, since its features still read the test's days. */
  readonly embargoMs: number
}

/**
 * What of a span of training stays usable beside some tests: nothing inside a test, nothing within `purgeMs` before one, nothing within
 * `embargoMs` after one. In order of time, without empty spans. O(tests).
 */
export function separate(
  training: Span,
  tests: readonly Span[],
  { purgeMs, embargoMs }: Separation,
): readonly Span[] {
  let left: readonly Span[] = [training]
  for (const test of tests) {
    const [closed, open] = [test.startMs - purgeMs, test.endMs + embargoMs]
    left = left.flatMap(({ startMs, endMs }) => [
      { startMs, endMs: Math.min(endMs, closed) },
      { startMs: Math.max(startMs, open), endMs },
    ])
    left = left.filter(({ startMs, endMs }) => endMs > startMs)
  }
  return left
}
