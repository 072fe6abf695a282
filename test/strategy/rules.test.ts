import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Runs, RUNS_END } from '../../src/core/signals.js'
import { type CrossRule, CROSS_RULES } from '../../src/features/crosses.js'
import type { Feature, Operand } from '../../src/features/feature.js'
import type { TileColumn } from '../../src/features/tile.js'
import { ConfigError, close, high, low, open } from '../../src/index.js'
import { RuleRuns } from '../../src/strategy/rule-runs.js'
import { ruleTruth } from '../../src/strategy/rule-truth.js'
import * as rules from '../../src/strategy/rules.js'
import type { Rule } from '../../src/strategy/rules.js'
import {
  RunList,
  allRuns,
  andRuns,
  butNotRuns,
  laterRuns,
  noRuns,
  notRuns,
  orRuns,
  runsFrom,
  runsOf,
  startsAfter,
  startsWithin,
} from '../../src/strategy/runs.js'
import { createScanner } from '../../src/strategy/scanner.js'
import { holdsAt } from './read-runs.js'

const runs = (values: readonly boolean[]): RunList => runsOf((i) => values[i] === true, values.length)
const pair = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 40 })
const bars = (found: Runs, count: number): boolean[] =>
  Array.from({ length: count }, (_, i) => holdsAt(found, i))

/** Increasing, apart, and ended by the end pair. */
function isTidy({ runs, count }: RunList): boolean {
  const flat = Array.from(runs.subarray(0, count + 2))
  const ends = flat.slice(-2).every((x) => x === RUNS_END)
  return ends && flat.slice(0, -2).every((x, i) => i === 0 || x > flat[i - 1]!) && flat.length % 2 === 0
}

describe('runs against bars, one by one', () => {
  const check = (
    name: string,
    write: (out: RunList, a: RunList, b: RunList, n: number) => void,
    truth: (a: boolean[], b: boolean[], i: number) => boolean,
  ): void =>
    void it(name, () => {
      // One list for all cases: what was in it before must not matter.
      const out = new RunList()
      fc.assert(
        fc.property(pair, (pairs) => {
          const a = pairs.map(([x]) => x)
          const b = pairs.map(([, y]) => y)
          write(out, runs(a), runs(b), a.length)
          expect(isTidy(out)).toBe(true)
          expect(bars(out.runs, a.length)).toEqual(a.map((_, i) => truth(a, b, i)))
        }),
      )
    })
  const startsAt = (a: boolean[], i: number): boolean => a[i]! && !(i > 0 && a[i - 1]!)
  check('and', andRuns, (a, b, i) => a[i]! && b[i]!)
  check('or', orRuns, (a, b, i) => a[i]! || b[i]!)
  check('but not', butNotRuns, (a, b, i) => a[i]! && !b[i]!)
  check('not', (out, a, _b, n) => notRuns(out, a, 0, n), (a, _b, i) => !a[i]!) // prettier-ignore
  check('later', laterRuns, (a, _b, i) => i > 0 && a[i]! && a[i - 1]!)
  check('all', (out, _a, _b, n) => allRuns(out, 0, n), () => true) // prettier-ignore
  check('none', noRuns, () => false)
  check('starts within', startsWithin, (a, b, i) => startsAt(a, i) && i > 0 && b[i]! && b[i - 1]!)
  check('starts after', (out, a, b) => startsAfter(out, a, b), (a, b, i) => startsAt(a, i) && i > 0 && b[i - 1]! && !b[i]!) // prettier-ignore

  it('from a bar on', () => {
    fc.assert(
      fc.property(pair, fc.nat(40), (pairs, from) => {
        const a = pairs.map(([x]) => x)
        const out = new RunList()
        runsFrom(out, runs(a), from)
        expect(bars(out.runs, a.length)).toEqual(a.map((x, i) => x && i >= from))
      }),
    )
  })
})

type Rows = readonly Record<string, number>[]
type Truth = true | false | undefined

/** What a rule means, written once more from the definitions: bar by bar, over all history, without runs or state. */
function truthAt(rule: Rule, rows: Rows, i: number): Truth {
  const read = (x: Operand, at: number): number => (typeof x === 'number' ? x : (rows[at]?.[x.key] ?? NaN))
  switch (rule.kind) {
    case 'compare': {
      const [a, b] = [read(rule.left, i), read(rule.right, i)]
      if (Number.isNaN(a) || Number.isNaN(b)) return undefined
      return rule.test === '>' ? a > b : a >= b
    }
    case 'known':
      return !Number.isNaN(read(rule.of, i))
    case 'not': {
      const inner = truthAt(rule.rule, rows, i)
      return inner === undefined ? undefined : !inner
    }
    case 'and':
    case 'or': {
      const parts = rule.rules.map((part) => truthAt(part, rows, i))
      const decides = rule.kind === 'or'
      if (parts.includes(decides)) return decides
      return parts.includes(undefined) ? undefined : !decides
    }
    case 'cross': {
      const gap = (at: number): number => read(rule.left, at) - read(rule.right, at)
      const isKnown = (at: number): boolean => at >= 0 && at < rows.length && !Number.isNaN(gap(at))
      if (i === 0 || !isKnown(i) || !isKnown(i - 1)) return undefined
      let seenBelow = false
      for (let at = i - 1; isKnown(at); at--) seenBelow ||= gap(at) < 0
      const came = rule.rule === 'strict' ? gap(i - 1) < 0 : gap(i - 1) <= 0
      return gap(i) > 0 && came && (rule.rule !== 'was-below' || seenBelow)
    }
  }
}

const operands: readonly Feature[] = [open, high, low, close]
const feature = fc.constantFrom(...operands)
const level = fc.integer({ min: 0, max: 4 })
const right = fc.oneof(feature, level)
const cross = fc.constantFrom<CrossRule>(...CROSS_RULES)
const rule: fc.Arbitrary<Rule> = fc.letrec<{ rule: Rule }>((tie) => ({
  rule: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(feature, right).map(([a, b]) => rules.above(a, b)),
    fc.tuple(feature, right).map(([a, b]) => rules.below(a, b)),
    fc.tuple(feature, right).map(([a, b]) => rules.atLeast(a, b)),
    fc.tuple(feature, right).map(([a, b]) => rules.atMost(a, b)),
    fc.tuple(feature, level, level).map(([a, b, c]) => rules.between(a, b, c)),
    fc.tuple(feature, right, cross).map(([a, b, kind]) => rules.crossesAbove(a, b, kind)),
    fc.tuple(feature, right, cross).map(([a, b, kind]) => rules.crossesBelow(a, b, kind)),
    feature.map(rules.known),
    feature.map(rules.unknown),
    fc.array(tie('rule'), { maxLength: 3 }).map((parts) => rules.and(...parts)),
    fc.array(tie('rule'), { maxLength: 3 }).map((parts) => rules.or(...parts)),
    tie('rule').map(rules.not),
  ),
})).rule
const value = fc.oneof({ weight: 5, arbitrary: level }, { weight: 1, arbitrary: fc.constant(NaN) })
const rows: fc.Arbitrary<Rows> = fc.array(fc.record({ open: value, high: value, low: value, close: value }), {
  maxLength: 30,
})

class TestColumn implements TileColumn {
  values = new Float64Array(0)
  at(place: number): number {
    return this.values[place]!
  }
}

/** The bars on which a rule is true, or false, by tiles of the given sizes in turn. */
function byTiles(
  drawn: Rule,
  columns: ReadonlyMap<string, Float64Array>,
  sizes: readonly number[],
  wanted: boolean,
): boolean[] {
  const length = [...columns.values()][0]!.length
  const tileColumns = new Map([...columns.keys()].map((key) => [key, new TestColumn()]))
  const rules = new RuleRuns(createScanner())
  const asked = rules.of(drawn, ({ key }) => tileColumns.get(key)!, wanted)
  const found: boolean[] = []
  for (let from = 0, turn = 0; from < length; turn++) {
    const end = Math.min(length, from + (sizes[turn % sizes.length] ?? length))
    const first = Math.max(0, from - 1)
    for (const [key, column] of tileColumns) column.values = columns.get(key)!.slice(first, end)
    rules.load({ first, from, end })
    const clipped = asked.clipped()
    expect(clipped[0]).toBeGreaterThanOrEqual(from)
    for (let bar = from; bar < end; bar++) found.push(holdsAt(clipped, bar))
    from = end
  }
  return found
}

describe('rules', () => {
  const tileSizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 })
  it('as runs, in any tiles, and bar by bar mean what the definitions say', () => {
    fc.assert(
      fc.property(rule, rows, tileSizes, (drawn, table, sizes) => {
        const columns = new Map(
          operands.map(({ key }) => [key, Float64Array.from(table, (row) => row[key]!)]),
        )
        let now = 0
        const asked = ruleTruth(
          drawn,
          ({ key }) =>
            () =>
              table[now]![key]!,
        )
        const stream = table.map((_, i) => ((now = i), asked()))
        const expected = table.map((_, i) => truthAt(drawn, table, i))
        expect(byTiles(drawn, columns, sizes, true)).toEqual(expected.map((truth) => truth === true))
        expect(byTiles(drawn, columns, sizes, false)).toEqual(expected.map((truth) => truth === false))
        expect(stream).toEqual(expected.map((truth) => (truth === undefined ? NaN : truth ? 1 : 0)))
      }),
      { numRuns: 2000 },
    )
  })

  it('a cross survives bars of equality only under the rule of that name', () => {
    const a = Float64Array.of(1, 2, 2, 3, 2, 3, NaN, 2, 3, 1, 3)
    const columns = new Map([['close', a]])
    const found = (kind: CrossRule, ...sizes: number[]): number[] => {
      const truths = byTiles(rules.crossesAbove(close, 2, kind), columns, sizes, true)
      return Array.from(a.keys()).filter((i) => truths[i])
    }
    for (const sizes of [[], [1], [3], [4], [5]]) {
      expect(found('two-bar', ...sizes)).toEqual([3, 5, 8, 10])
      expect(found('was-below', ...sizes)).toEqual([3, 5, 10])
      expect(found('strict', ...sizes)).toEqual([10])
    }
  })

  it('refuse what cannot be meant', () => {
    expect(() => rules.above(1, 2)).toThrow(ConfigError)
    expect(() => rules.below(close, NaN)).toThrow(ConfigError)
    expect(() => rules.crossesAbove(close, 1, 'sometimes' as CrossRule)).toThrow(ConfigError)
  })
})
