import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TileColumn } from '../../src/features/tile.js'
import { Steps } from '../../src/features/steps.js'
import { PLACES_AT_ONCE } from '../../src/strategy/column-order.js'
import { type CrossedPair, orderedCrosses } from '../../src/strategy/ordered-crosses.js'
import { RunList } from '../../src/strategy/runs.js'

class Column implements TileColumn {
  values = new Float64Array(0)
  steps: Steps | undefined = undefined
  at(place: number): number {
    return this.values[place]!
  }
}

class List extends RunList {
  times = 0
  isWritten(): void {
    this.times++
  }
}

interface Pair extends CrossedPair {
  readonly a: number
  readonly b: number
  readonly above: List
  readonly below: List
}

/** Every pair of so many columns, in one direction or the other. */
function allPairs(columns: readonly Column[]): Pair[] {
  return columns.flatMap((left, a) =>
    columns
      .slice(a + 1)
      .map((right, more) =>
        (a + more) % 3 === 0
          ? { a: a + 1 + more, b: a, left: right, right: left, above: new List(), below: new List() }
          : { a, b: a + 1 + more, left, right, above: new List(), below: new List() },
      ),
  )
}

const columnsOf = (count: number): Column[] => Array.from({ length: count }, () => new Column())

/** Bars on which `a` rises above `b`, by the definition: above now, not above on the bar before. */
function risesAbove(a: Float64Array, b: Float64Array, first: number): number[] {
  const bars: number[] = []
  for (let i = 1; i < a.length; i++)
    if (a[i]! > b[i]! && a[i - 1]! <= b[i - 1]!) bars.push(first + i, first + i + 1)
  return bars
}

const listed = ({ runs, count }: RunList): number[] => Array.from(runs.subarray(0, count))

/** Loads a tile of the series into the columns. */
function load(columns: readonly Column[], series: readonly Float64Array[], first: number, end: number): void {
  columns.forEach((column, at) => (column.values = series[at]!.slice(first, end)))
}

// Walks that meet now and then, few levels that tie all the time, and noise; stretches without a value in any of them.
const step = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -2, max: 2 }),
  fc.double({ min: -1, max: 1, noNaN: true }),
)
const walk = fc
  .tuple(fc.array(step, { minLength: 1, maxLength: 60 }), fc.integer({ min: -3, max: 3 }), fc.nat(20))
  .map(([steps, start, warmUp]) => (length: number): Float64Array => {
    let value = start
    return Float64Array.from({ length }, (_, i) => {
      value = value * 0.98 + steps[(i * 7) % steps.length]!
      return i < warmUp || (i % 97 > 90 && start === 3) ? NaN : value
    })
  })
const levels = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 3 }) },
      { weight: 1, arbitrary: fc.constantFrom(NaN, -0, Infinity, -Infinity) },
    ),
    { minLength: 1, maxLength: 40 },
  ) // prettier-ignore
  .map(
    (pattern) =>
      (length: number): Float64Array =>
        Float64Array.from({ length }, (_, i) => pattern[i % pattern.length]!),
  )
const series = fc.oneof(
  fc.array(walk, { minLength: 19, maxLength: 22 }),
  fc.array(fc.oneof({ weight: 4, arbitrary: walk }, { weight: 1, arbitrary: levels }), {
    minLength: 19,
    maxLength: 22,
  }),
  fc.array(levels, { minLength: 19, maxLength: 19 }),
)
const sizes = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: PLACES_AT_ONCE - 3, max: 2 * PLACES_AT_ONCE + 3 }),
  ),
  { minLength: 1, maxLength: 4 },
)

describe.each(['simd', 'plain'] as const)('crosses of columns kept in order, %s', (kind) => {
  it('are those of each pair by itself, in any tiles', () => {
    let ordered = 0
    fc.assert(
      fc.property(series, sizes, (drawn, tiles) => {
        const length = tiles.reduce((sum, size) => sum + size, 0)
        const all = drawn.map((make) => make(length))
        const columns = columnsOf(all.length)
        const pairs = allPairs(columns)
        const [together, ...others] = orderedCrosses(pairs, kind)
        expect(others).toEqual([])
        let from = 0
        tiles.forEach((size, number) => {
          const first = Math.max(0, from - 1)
          load(columns, all, first, from + size)
          from += size
          if (!together!.write({ first, length: from - first, number })) return
          ordered++
          for (const { a, b, left, right, above, below } of pairs) {
            expect([a, b, listed(above)]).toEqual([a, b, risesAbove(left.values, right.values, first)])
            expect([a, b, listed(below)]).toEqual([a, b, risesAbove(right.values, left.values, first)])
          }
        })
      }),
      { numRuns: 100 },
    )
    expect(ordered).toBeGreaterThan(100)
  })

  it('are more than are noted at a time without a loss', () => {
    const columns = columnsOf(20)
    const noise = columns.map((_, at) =>
      Float64Array.from({ length: 3_000 }, (_, i) => Math.sin(i * (at + 1) * 1.7 + at)),
    )
    load(columns, noise, 0, 3_000)
    const pairs = allPairs(columns)
    expect(orderedCrosses(pairs, kind)[0]!.write({ first: 0, length: 3_000, number: 1 })).toBe(true)
    for (const { left, right, above } of pairs)
      expect(listed(above)).toEqual(risesAbove(left.values, right.values, 0))
    expect(pairs.reduce((sum, { above, below }) => sum + above.count + below.count, 0)).toBeGreaterThan(
      100_000,
    )
    expect(pairs.every(({ above, below }) => above.times === 1 && below.times === 1)).toBe(true)
  })

  it('are left to a scan of each pair for one tile after many ties, and while columns are given as changes', () => {
    const columns = columnsOf(19)
    const flat = columns.map(() => new Float64Array(400).fill(1))
    load(columns, flat, 0, 100)
    const together = orderedCrosses(allPairs(columns), kind)[0]!
    const write = (number: number): boolean => together.write({ first: 0, length: 100, number })
    expect([write(1), write(2), write(2), write(3)]).toEqual([true, false, false, true])
    columns[4]!.steps = new Steps()
    expect([write(5), write(6)]).toEqual([false, false])
  })
})

describe('which pairs are found together', () => {
  it('are those of columns that hang together, where there are enough for each column', () => {
    const [one, other, few] = [columnsOf(9), columnsOf(10), columnsOf(8)]
    const pairs = [allPairs(one), allPairs(other), allPairs(few)]
    // Taken by turns, as a sweep may ask for them.
    const mixed = Array.from({ length: 45 }, (_, at) => pairs.flatMap((of) => of[at] ?? [])).flat()
    const found = orderedCrosses(mixed, 'plain').map((together) => new Set(together.pairs))
    expect(found).toEqual([new Set(pairs[0]), new Set(pairs[1])])
  })

  it('are none where one column is crossed by all others', () => {
    const [price, ...averages] = columnsOf(60)
    const pairs = averages.map((right) => ({ left: price!, right, above: new List(), below: new List() }))
    expect(orderedCrosses(pairs, 'plain')).toEqual([])
  })
})
