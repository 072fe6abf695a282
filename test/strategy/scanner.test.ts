import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RUNS_END } from '../../src/core/signals.js'
import { RunList } from '../../src/strategy/runs.js'
import { SCANS_UNTIL_BOUNDS } from '../../src/strategy/scan-plain.js'
import { type Scannable, type ScanTest, type Scanner, createScanner } from '../../src/strategy/scanner.js'
import { expectSame } from '../same.js'
import { MODULES, moduleText } from '../../wasm/compile.js'

const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 2, arbitrary: fc.double() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, Number.MIN_VALUE, -Number.MIN_VALUE),
  },
)
/** Around every multiple of the sixteen that are looked at together, and of the pieces that are copied. */
const length = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.tuple(fc.constantFrom(4096, 8192), fc.integer({ min: -17, max: 17 })).map(([n, more]) => n + more),
)
/** Long stretches of one value, and noise. */
const column = fc
  .array(fc.tuple(value, fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 90 }))), {
    minLength: 1,
    maxLength: 40,
  })
  .map((stretches) => stretches.flatMap(([x, times]) => new Array<number>(times).fill(x)))

function repeated(pattern: readonly number[], into: Float64Array): Float64Array {
  return into.map((_, i) => pattern[i % pattern.length] as number)
}

const at = (operand: Scannable, i: number): number => (typeof operand === 'number' ? operand : operand[i]!)

/** The runs by asking of each place. */
function pairsOf(holds: (place: number) => boolean, first: number, length: number): number[] {
  const pairs: number[] = []
  for (let i = 0; i <= length; i++) {
    const now = i < length && holds(i)
    if (now !== (pairs.length % 2 === 1)) pairs.push(first + i)
  }
  return [...pairs, RUNS_END, RUNS_END]
}

/** Each place that passes as a run of its own; the first never does. */
function singles(passes: (place: number) => boolean, first: number, length: number): number[] {
  const found: number[] = []
  for (let i = 1; i < length; i++) if (passes(i)) found.push(first + i, first + i + 1)
  return [...found, RUNS_END, RUNS_END]
}

function columnsOf({ memory }: Scanner, count: number, length: number): Float64Array[] {
  memory.reserve(count, length)
  return Array.from({ length: count }, () => memory.column())
}

const listed = ({ runs, count }: RunList): number[] => Array.from(runs.subarray(0, count + 2))

describe.each(['simd', 'plain'] as const)('the %s scanner', (kind) => {
  const scanner = createScanner(kind)
  const [out, other] = [new RunList(), new RunList()]
  const holds = { '>': (a: number, b: number) => a > b, '>=': (a: number, b: number) => a >= b }

  it('is there on a machine that runs tests', () => {
    expect(scanner.kind).toBe(kind)
  })

  it('finds the places on which a comparison holds, wherever the columns stand', () => {
    fc.assert(
      fc.property(
        column, column, value, length, fc.nat(3), fc.boolean(), fc.nat(70),
        (left, right, number, length, skip, own, first) => {
          const [a, b] = own ? columnsOf(scanner, 2, length) : [new Float64Array(length), new Float64Array(length)]
          a!.set(repeated(left, a!))
          b!.set(repeated(right, b!))
          const x = a!.subarray(Math.min(skip, length))
          const y = b!.subarray(Math.min(skip, length))
          for (const [p, q] of [[x, y], [x, number], [number, y], [x, x]] as const) {
            for (const test of ['>', '>='] as const satisfies readonly ScanTest[]) {
              scanner.scan(test, p, q, first, x.length, out)
              expectSame(listed(out), pairsOf((i) => holds[test](at(p, i), at(q, i)), first, x.length))
            }
          }
          scanner.known(x, first, x.length, out)
          expectSame(listed(out), pairsOf((i) => !Number.isNaN(x[i]), first, x.length))
          scanner.scanBothOrders(x, y, first, x.length, out, other)
          expectSame(listed(out), pairsOf((i) => x[i]! > y[i]!, first, x.length))
          expectSame(listed(other), pairsOf((i) => y[i]! > x[i]!, first, x.length))
          scanner.columnsChange()
          // The first ones look at every place; later ones pass those that the bounds of both columns answer for.
          for (let scan = 0; scan < SCANS_UNTIL_BOUNDS + 1; scan++) {
            scanner.crosses(x, y, first, x.length, out, other)
            expectSame(listed(out), singles((i) => x[i]! > y[i]! && x[i - 1]! <= y[i - 1]!, first, x.length))
            expectSame(listed(other), singles((i) => x[i]! < y[i]! && x[i - 1]! >= y[i - 1]!, first, x.length))
          }
        },
      ),
      { numRuns: 400 },
    ) // prettier-ignore
  })

  it('makes columns that do not overlap', () => {
    const columns = columnsOf(scanner, 5, 33)
    columns.forEach((values, index) => values.fill(index))
    columns.forEach((values, index) => expect(new Set(values)).toEqual(new Set([index])))
    expect(columns.map(({ length }) => length)).toEqual([33, 33, 33, 33, 33])
  })
})

it.each(MODULES)('the module of $source is what its source compiles to', async (module) => {
  const written = readFileSync(new URL(`../../${module.target}`, import.meta.url), 'utf8')
  expect(written).toBe(await moduleText(module))
})
