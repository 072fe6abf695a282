import { type Runs } from '../core/signals.js'
import type { CrossRule } from '../features/crosses.js'
import type { Feature, Operand } from '../features/feature.js'
import type { Tile, TileColumn } from '../features/tile.js'
import {
  Always,
  ColumnCrosses,
  Comparison,
  Known,
  Merged,
  Never,
  NoCross,
  Node,
  OnceBelow,
  Opposite,
  RuleTile,
  WarmedUp,
  type Writer,
} from './rule-nodes.js'
import { orderedCrosses } from './ordered-crosses.js'
import type { Rule } from './rules.js'
import * as algebra from './runs.js'
import { type RunList, RunMemory } from './runs.js'
import type { ScanOperand, ScanTest, Scanner } from './scanner.js'

/** Bars of the tile on which something holds, computed when first asked for and then kept until the next tile. */
export interface TileRuns {
  /** May hold the bar before the tile as well. */
  read(): RunList
  /** Clipped to the tile. */
  clipped(): Runs
}

/** Of a node that no other is made of. */
const NO_ID = -1

/** How a feature that a rule reads is found. */
export type ColumnOf = (feature: Feature) => ScanOperand

/**
 * Turns rules into the runs of bars on which they are true, tile by tile. `not` is pushed down to the comparisons (De Morgan): one is
 * *false* where its values are known and it does not hold. Each distinct comparison is scanned once a tile, each distinct rule
 * merged once, and all but the scans follows the number of runs, not of bars. Every tile must be loaded in turn.
 */
export class RuleRuns {
  private readonly nodes = new Map<number, Node>()
  private readonly operands = new Map<ScanOperand, number>()
  private readonly warmUps = new Map<number, Node>()
  /** Crosses of columns that nobody has looked at together yet. */
  private newCrosses: ColumnCrosses[] = []
  /** Those that remember earlier tiles and so must see each. */
  private readonly remembering: Node[] = []
  private readonly tile: RuleTile

  constructor(scanner: Scanner, memory: RunMemory = new RunMemory()) {
    this.tile = new RuleTile(scanner, memory)
  }

  /** Moves on to a tile whose columns are there. */
  load({ first, from, end }: Tile): void {
    const { tile } = this
    tile.first = first
    tile.from = from
    tile.end = end
    tile.number++
    tile.scanner.columnsChange()
    this.joinCrosses()
    for (const node of this.remembering) node.read()
  }

  /** Bars on which the rule is true (`wanted`), or false; on the others it is unknown. */
  of(rule: Rule, columnOf: ColumnOf, wanted: boolean = true): TileRuns {
    return this.rule(rule, columnOf, wanted)
  }

  /** Bars on which a value is known. */
  known(column: ScanOperand): TileRuns {
    return this.knownOf(column)
  }

  /** Bars of the tile from the end of a warm-up of so many on. */
  warmedUp(warmUpBars: number): TileRuns {
    const seen = this.warmUps.get(warmUpBars)
    if (seen !== undefined) return seen
    const node = new Node(NO_ID, this.tile, new WarmedUp(warmUpBars))
    this.warmUps.set(warmUpBars, node)
    return node
  }

  private rule(rule: Rule, columnOf: ColumnOf, wanted: boolean): Node {
    switch (rule.kind) {
      case 'compare':
        return this.compare(rule.test, read(rule.left, columnOf), read(rule.right, columnOf), wanted)
      case 'known': {
        const known = this.knownOf(columnOf(rule.of))
        return wanted ? known : this.opposite(known)
      }
      case 'not':
        return this.rule(rule.rule, columnOf, !wanted)
      case 'cross':
        return this.cross(rule.rule, read(rule.left, columnOf), read(rule.right, columnOf), wanted)
      case 'and':
      case 'or': {
        const all = (rule.kind === 'and') === wanted
        let merged: Node | undefined
        for (const part of rule.rules) {
          const node = this.rule(part, columnOf, wanted)
          merged = merged === undefined ? node : all ? this.both(merged, node) : this.either(merged, node)
        }
        return merged ?? (all ? this.always() : this.never())
      }
    }
  }

  private compare(test: ScanTest, left: ScanOperand, right: ScanOperand, wanted: boolean): Node {
    const holds = this.scan(test, left, right)
    return wanted ? holds : this.butNot(this.bothKnown(left, right), holds)
  }

  private cross(rule: CrossRule, left: ScanOperand, right: ScanOperand, wanted: boolean): Node {
    const crosses = this.crosses(rule, left, right)
    if (wanted) return crosses
    const [leftKnown, rightKnown] = [this.knownOf(left), this.knownOf(right)]
    // By what is known, too: columns that each meet only themselves have the same crosses, none.
    const key = keyOf(Kind.NoCross, crosses.id, leftKnown.id)
    return this.nodes.get(key) ?? this.put(key, new NoCross(crosses, leftKnown, rightKnown))
  }

  private crosses(rule: CrossRule, left: ScanOperand, right: ScanOperand): Node {
    if (rule === 'two-bar' && typeof left !== 'number' && typeof right !== 'number')
      return this.crossesOfColumns(left, right)
    const above = this.scan('>', left, right)
    if (rule === 'strict')
      return this.merged(Kind.StrictCross, algebra.startsAfter, above, this.scan('>', right, left))
    const known = this.bothKnown(left, right)
    const crosses = this.merged(Kind.Cross, algebra.startsWithin, above, known)
    return rule === 'two-bar' ? crosses : this.onceBelow(crosses, known, this.scan('>', right, left))
  }

  private crossesOfColumns(left: TileColumn, right: TileColumn): Node {
    const [a, b] = [this.idOf(left), this.idOf(right)]
    // A column never crosses itself.
    if (a === b) return this.never()
    const key = keyOf(Kind.ColumnCross, a, b)
    const seen = this.nodes.get(key)
    if (seen !== undefined) return seen
    const crosses = new ColumnCrosses(left, right)
    crosses.above = this.put(key, crosses)
    crosses.below = this.put(keyOf(Kind.ColumnCross, b, a), crosses)
    this.newCrosses.push(crosses)
    return crosses.above
  }

  /** Finds those together of which there are many over few columns. */
  private joinCrosses(): void {
    if (this.newCrosses.length === 0) return
    for (const together of orderedCrosses(this.newCrosses, this.tile.scanner.kind))
      for (const crosses of together.pairs) crosses.together = together
    this.newCrosses = []
  }

  private onceBelow(crosses: Node, known: Node, below: Node): Node {
    const key = keyOf(Kind.OnceBelow, crosses.id, 0)
    const seen = this.nodes.get(key)
    if (seen !== undefined) return seen
    const node = this.put(key, new OnceBelow(crosses, known, below))
    this.remembering.push(node)
    return node
  }

  private bothKnown(left: ScanOperand, right: ScanOperand): Node {
    if (typeof left === 'number') return this.knownOf(right)
    if (typeof right === 'number') return this.knownOf(left)
    return this.both(this.knownOf(left), this.knownOf(right))
  }

  private knownOf(column: ScanOperand): Node {
    if (typeof column === 'number') return this.always()
    const key = keyOf(Kind.Known, this.idOf(column), 0)
    return this.nodes.get(key) ?? this.put(key, new Known(column))
  }

  private always(): Node {
    const key = keyOf(Kind.Always, 0, 0)
    return this.nodes.get(key) ?? this.put(key, new Always())
  }

  private never(): Node {
    const key = keyOf(Kind.Never, 0, 0)
    return this.nodes.get(key) ?? this.put(key, new Never())
  }

  private opposite(of: Node): Node {
    const key = keyOf(Kind.Not, of.id, 0)
    return this.nodes.get(key) ?? this.put(key, new Opposite(of))
  }

  private both(a: Node, b: Node): Node {
    return a === b ? a : this.merged(Kind.And, algebra.andRuns, a, b)
  }

  private either(a: Node, b: Node): Node {
    return a === b ? a : this.merged(Kind.Or, algebra.orRuns, a, b)
  }

  private butNot(a: Node, b: Node): Node {
    return this.merged(Kind.ButNot, algebra.butNotRuns, a, b)
  }

  private merged(kind: Kind, merge: (out: RunList, a: RunList, b: RunList) => void, a: Node, b: Node): Node {
    const key = keyOf(kind, a.id, b.id)
    return this.nodes.get(key) ?? this.put(key, new Merged(merge, a, b))
  }

  private scan(test: ScanTest, left: ScanOperand, right: ScanOperand): Node {
    const kind = test === '>' ? Kind.Greater : Kind.AtLeast
    const [a, b] = [this.idOf(left), this.idOf(right)]
    const key = keyOf(kind, a, b)
    const seen = this.nodes.get(key)
    if (seen !== undefined) return seen
    const comparison = new Comparison(test, left, right)
    const node = this.put(key, comparison)
    const mirror = test === '>' && a !== b ? this.nodes.get(keyOf(kind, b, a)) : undefined
    if (mirror?.writer instanceof Comparison) {
      comparison.mirror = mirror
      mirror.writer.mirror = node
    }
    return node
  }

  private idOf(operand: ScanOperand): number {
    const seen = this.operands.get(operand)
    if (seen !== undefined) return seen
    this.operands.set(operand, this.operands.size)
    return this.operands.size - 1
  }

  private put(key: number, writer: Writer): Node {
    const node = new Node(this.nodes.size, this.tile, writer)
    this.nodes.set(key, node)
    return node
  }
}

function read(operand: Operand, columnOf: ColumnOf): ScanOperand {
  return typeof operand === 'number' ? operand : columnOf(operand)
}

/** What a node is made of: two operands of a comparison, or one or two other nodes. */
const enum Kind {
  Greater,
  AtLeast,
  Known,
  Always,
  Never,
  Not,
  And,
  Or,
  ButNot,
  NoCross,
  Cross,
  StrictCross,
  OnceBelow,
  ColumnCross,
}

/** Ids below this fit a small integer together, which a map finds faster than any other number. */
const SMALL_IDS = 2 ** 13

/** One number for a kind and two ids below 2 ** 24: thousands of trials look up tens of thousands of nodes. */
function keyOf(kind: Kind, a: number, b: number): number {
  if (a < SMALL_IDS && b < SMALL_IDS) return (kind << 26) | (a << 13) | b
  return ((kind + 1) * 2 ** 24 + a) * 2 ** 24 + b
}
