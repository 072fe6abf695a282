import { type Runs, RUNS_END } from '../core/signals.js'
import type { CrossRule } from '../features/crosses.js'
import type { Feature, Operand } from '../features/feature.js'
import { type ScanTest, scanFor } from './row-loop.js'
import type { Rule } from './rules.js'
import { allRuns, andRuns, closeRuns, laterRuns, noRuns, notRuns, orRuns, runStarts } from './runs.js'

const keyOf = (operand: Operand): string => (typeof operand === 'number' ? String(operand) : operand.key)

/**
 * Turns rules into the runs of bars on which they are true. `not` is pushed down to the comparisons (De Morgan), whose opposite is a
 * comparison too: a > b is *false* where b ≥ a, and neither where one is unknown. Each distinct comparison is scanned once;
 * all else merges runs, so its cost follows their number, not the bars.
 */
export class RuleRuns {
  private readonly scanned = new Map<string, Runs>()
  private readonly scratch: Int32Array

  constructor(
    private readonly column: (feature: Feature) => Float64Array,
    private readonly bars: number,
  ) {
    this.scratch = new Int32Array(bars + 2)
  }

  /** Bars on which the rule is true (`wanted`), or false; on the others it is unknown. */
  of(rule: Rule, wanted: boolean = true): Runs {
    switch (rule.kind) {
      case 'compare':
        return wanted
          ? this.scan(rule.test, rule.left, rule.right)
          : this.opposite(rule.test, rule.left, rule.right)
      case 'known': {
        const known = this.scan('known', rule.of, 0)
        return wanted ? known : notRuns(known, this.bars)
      }
      case 'not':
        return this.of(rule.rule, !wanted)
      case 'cross': {
        const crosses = this.crosses(rule.left, rule.right, rule.rule)
        return wanted ? crosses : andRuns(this.bothKnown(rule.left, rule.right), notRuns(crosses, this.bars))
      }
      case 'and':
      case 'or':
        return this.merge(rule.rules, wanted, (rule.kind === 'and') === wanted)
    }
  }

  private merge(rules: readonly Rule[], wanted: boolean, all: boolean): Runs {
    const parts = rules.map((rule) => this.of(rule, wanted))
    return all ? parts.reduce(andRuns, allRuns(this.bars)) : parts.reduce(orRuns, noRuns())
  }

  private opposite(test: '>' | '>=', left: Operand, right: Operand): Runs {
    return this.scan(test === '>' ? '>=' : '>', right, left)
  }

  /** Bars on which the values of this bar and of the one before are known. */
  private bothKnown(left: Operand, right: Operand): Runs {
    const known = this.scan('known', left, right)
    return andRuns(known, laterRuns(known, this.bars))
  }

  private crosses(left: Operand, right: Operand, rule: CrossRule): Runs {
    const starts = runStarts(this.scan('>', left, right))
    if (rule === 'strict') return andRuns(starts, laterRuns(this.scan('>', right, left), this.bars))
    const known = this.scan('known', left, right)
    const crosses = andRuns(starts, laterRuns(known, this.bars))
    return rule === 'two-bar' ? crosses : onceBelow(crosses, known, this.scan('>', right, left))
  }

  private scan(test: ScanTest, left: Operand, right: Operand): Runs {
    const key = `${keyOf(left)} ${test} ${keyOf(right)}`
    const seen = this.scanned.get(key)
    if (seen !== undefined) return seen
    const a = typeof left === 'number' ? left : this.column(left)
    const b = typeof right === 'number' ? right : this.column(right)
    const runs = closeRuns(this.scratch, scanFor(test, left, right)(a, b, this.bars, this.scratch))
    this.scanned.set(key, runs)
    return runs
  }
}

/** Those crosses before which, inside the same run of known bars, the first value was below the second at least once. */
function onceBelow(crosses: Runs, known: Runs, below: Runs): Runs {
  const out = new Int32Array(crosses.length)
  let count = 0
  let k = 0
  let b = 0
  for (let i = 0; crosses[i] !== RUNS_END; i += 2) {
    const bar = crosses[i] as number
    while ((known[k + 1] as number) <= bar) k += 2
    while ((below[b] as number) < (known[k] as number)) b += 2
    if ((below[b] as number) >= bar) continue
    out[count++] = bar
    out[count++] = bar + 1
  }
  return closeRuns(out, count)
}
