import { type Runs } from '../core/signals.js'
import type { CrossRule } from '../features/crosses.js'
import type { Feature, Operand } from '../features/feature.js'
import type { Tile, TileColumn } from '../features/tile.js'
import type { Rule } from './rules.js'
import * as algebra from './runs.js'
import { RunList, RunMemory } from './runs.js'
import { compareSteps, crossSteps, knownSteps } from './scan-steps.js'
import { type ScanOperand, type ScanTest, type Scanner, scannable } from './scanner.js'

/** Bars of the tile on which something holds, computed when first asked for and then kept until the next tile. */
export interface TileRuns {
  /** May hold the bar before the tile as well. */
  read(): RunList
  /** Clipped to the tile. */
  clipped(): Runs
}

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
  /** Those that remember earlier tiles and so must see each. */
  private readonly remembering: Node[] = []
  private readonly memory = new RunMemory()
  private readonly tile: LoadedTile = { first: 0, from: 0, end: 0, number: 0 }

  constructor(private readonly scanner: Scanner) {}

  /** Moves on to a tile whose columns are there. */
  load({ first, from, end }: Tile): void {
    const { tile } = this
    tile.first = first
    tile.from = from
    tile.end = end
    tile.number++
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

  private rule(rule: Rule, columnOf: ColumnOf, wanted: boolean): Node {
    const read = (operand: Operand): ScanOperand =>
      typeof operand === 'number' ? operand : columnOf(operand)
    switch (rule.kind) {
      case 'compare':
        return this.compare(rule.test, read(rule.left), read(rule.right), wanted)
      case 'known': {
        const known = this.knownOf(read(rule.of))
        return wanted ? known : this.opposite(known)
      }
      case 'not':
        return this.rule(rule.rule, columnOf, !wanted)
      case 'cross':
        return this.cross(rule.rule, read(rule.left), read(rule.right), wanted)
      case 'and':
      case 'or': {
        const parts = rule.rules.map((part) => this.rule(part, columnOf, wanted))
        return this.merged(parts, (rule.kind === 'and') === wanted)
      }
    }
  }

  private merged(parts: readonly Node[], all: boolean): Node {
    const [one, ...others] = parts
    if (one !== undefined) return others.reduce((a, b) => (all ? this.both(a, b) : this.either(a, b)), one)
    return all ? this.always() : this.node(Kind.Never, 0, 0, (out) => out.end(0))
  }

  private compare(test: ScanTest, left: ScanOperand, right: ScanOperand, wanted: boolean): Node {
    const holds = this.scan(test, left, right)
    return wanted ? holds : this.butNot(this.bothKnown(left, right), holds)
  }

  private cross(rule: CrossRule, left: ScanOperand, right: ScanOperand, wanted: boolean): Node {
    const crosses = this.crosses(rule, left, right)
    if (wanted) return crosses
    // A cross is known where the values of this bar and of the one before are.
    const known = this.bothKnown(left, right)
    const knownTwice = this.node(Kind.Later, known.id, 0, (out) => algebra.laterRuns(out, known.read()))
    return this.butNot(knownTwice, crosses)
  }

  private crosses(rule: CrossRule, left: ScanOperand, right: ScanOperand): Node {
    if (rule === 'two-bar' && typeof left !== 'number' && typeof right !== 'number')
      return this.crossesOfColumns(left, right)
    const above = this.scan('>', left, right)
    if (rule === 'strict') {
      const below = this.scan('>', right, left)
      return this.node(Kind.StrictCross, above.id, 0, (out) =>
        algebra.startsAfter(out, above.read(), below.read()),
      )
    }
    const known = this.bothKnown(left, right)
    const crosses = this.node(Kind.Cross, above.id, 0, (out) =>
      algebra.startsWithin(out, above.read(), known.read()),
    )
    return rule === 'two-bar' ? crosses : this.onceBelow(crosses, known, this.scan('>', right, left))
  }

  /** One pass over the two columns finds the crosses both ways. */
  private crossesOfColumns(left: TileColumn, right: TileColumn): Node {
    const [a, b] = [this.idOf(left), this.idOf(right)]
    const seen = this.nodes.get(keyOf(Kind.ColumnCross, a, b))
    if (seen !== undefined) return seen
    const write = (): void => {
      const { first, end } = this.tile
      if (left.steps === undefined || right.steps === undefined)
        this.scanner.crosses(left.values, right.values, first, end - first, above, below)
      else crossSteps(left.steps, right.steps, first, end, above, below)
      above.isWritten()
      below.isWritten()
    }
    const above = this.node(Kind.ColumnCross, a, b, write)
    // A column never crosses itself, but its two lists must not be one.
    const below = a === b ? new Node(-1, this.tile, this.memory, write) : this.node(Kind.ColumnCross, b, a, write)
    return above
  }

  private onceBelow(crosses: Node, known: Node, below: Node): Node {
    const memory = new OnceBelow()
    const node = this.node(Kind.OnceBelow, crosses.id, 0, (out) =>
      memory.write(out, crosses.read(), known.read(), below.read(), this.tile),
    )
    if (!this.remembering.includes(node)) this.remembering.push(node)
    return node
  }

  private bothKnown(left: ScanOperand, right: ScanOperand): Node {
    if (typeof left === 'number') return this.knownOf(right)
    if (typeof right === 'number') return this.knownOf(left)
    return this.both(this.knownOf(left), this.knownOf(right))
  }

  private knownOf(column: ScanOperand): Node {
    if (typeof column === 'number') return this.always()
    return this.node(Kind.Known, this.idOf(column), 0, (out) => {
      const { first, end } = this.tile
      const { steps } = column
      if (steps !== undefined) knownSteps(steps, first, end, out)
      else this.scanner.known(column.values, first, end - first, out)
    })
  }

  private always(): Node {
    return this.node(Kind.Always, 0, 0, (out) => algebra.allRuns(out, this.tile.first, this.tile.end))
  }

  private opposite(of: Node): Node {
    return this.node(Kind.Not, of.id, 0, (out) =>
      algebra.notRuns(out, of.read(), this.tile.first, this.tile.end),
    )
  }

  private both(a: Node, b: Node): Node {
    if (a === b) return a
    return this.node(Kind.And, a.id, b.id, (out) => algebra.andRuns(out, a.read(), b.read()))
  }

  private either(a: Node, b: Node): Node {
    if (a === b) return a
    return this.node(Kind.Or, a.id, b.id, (out) => algebra.orRuns(out, a.read(), b.read()))
  }

  private butNot(a: Node, b: Node): Node {
    return this.node(Kind.ButNot, a.id, b.id, (out) => algebra.butNotRuns(out, a.read(), b.read()))
  }

  private scan(test: ScanTest, left: ScanOperand, right: ScanOperand): Node {
    const a = this.idOf(left)
    const b = this.idOf(right)
    const mirror = test === '>' ? this.nodes.get(keyOf(Kind.Greater, b, a)) : undefined
    const node = this.node(test === '>' ? Kind.Greater : Kind.AtLeast, a, b, (out) =>
      this.compareColumns(test, left, right, out),
    )
    if (mirror !== undefined && typeof left !== 'number' && typeof right !== 'number')
      this.pair(node, left, mirror, right)
    return node
  }

  /** The same comparison both ways: one pass over the two columns answers both. */
  private pair(above: Node, left: TileColumn, below: Node, right: TileColumn): void {
    const write = (): void => {
      const { first, end } = this.tile
      if (left.steps === undefined || right.steps === undefined) {
        this.scanner.scanBothOrders(left.values, right.values, first, end - first, above, below)
      } else {
        compareSteps('>', left.steps, right.steps, first, end, above)
        compareSteps('>', right.steps, left.steps, first, end, below)
      }
      above.isWritten()
      below.isWritten()
    }
    above.write = write
    below.write = write
  }

  /** Over the changes where both have few, else over the bars. */
  private compareColumns(test: ScanTest, left: ScanOperand, right: ScanOperand, out: RunList): void {
    const { first, end } = this.tile
    const a = typeof left === 'number' ? left : left.steps
    const b = typeof right === 'number' ? right : right.steps
    if (a !== undefined && b !== undefined) compareSteps(test, a, b, first, end, out)
    else this.scanner.scan(test, scannable(left), scannable(right), first, end - first, out)
  }

  private idOf(operand: ScanOperand): number {
    const seen = this.operands.get(operand)
    if (seen !== undefined) return seen
    this.operands.set(operand, this.operands.size)
    return this.operands.size - 1
  }

  private node(kind: Kind, a: number, b: number, write: (out: RunList) => void): Node {
    const key = keyOf(kind, a, b)
    const seen = this.nodes.get(key)
    if (seen !== undefined) return seen
    const made = new Node(this.nodes.size, this.tile, this.memory, write)
    this.nodes.set(key, made)
    return made
  }
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
  Later,
  Cross,
  StrictCross,
  OnceBelow,
  ColumnCross,
}

/** One number for a kind and two ids below 2 ** 24: thousands of trials look up tens of thousands of nodes. */
function keyOf(kind: Kind, a: number, b: number): number {
  return (kind * 2 ** 24 + a) * 2 ** 24 + b
}

interface LoadedTile {
  first: number
  from: number
  end: number
  /** Counts the tiles. */
  number: number
}

/** One list of runs, written once a tile at most. */
class Node extends RunList implements TileRuns {
  private inTile: RunList | undefined
  private written = -1

  constructor(
    readonly id: number,
    private readonly tile: LoadedTile,
    memory: RunMemory,
    public write: (out: RunList) => void,
  ) {
    super(memory)
  }

  read(): RunList {
    if (this.written !== this.tile.number) {
      this.isWritten()
      this.write(this)
    }
    return this
  }

  isWritten(): void {
    this.written = this.tile.number
  }

  clipped(): Runs {
    const list = this.read()
    if ((list.runs[0] as number) >= this.tile.from) return list.runs
    this.inTile ??= new RunList()
    algebra.runsFrom(this.inTile, list, this.tile.from)
    return this.inTile.runs
  }
}

/**
 * Those crosses before which, inside the same run of known bars, the first value was below the second at least once. That may have
 * been in an earlier tile.
 */
class OnceBelow {
  private seenBelow = false

  write(out: RunList, crosses: RunList, known: RunList, below: RunList, { first, end }: LoadedTile): void {
    const goesOn = this.seenBelow && known.runs[0] === first
    const runs = out.room(crosses.count)
    let count = 0
    let k = 0
    let b = 0
    for (let i = 0; i < crosses.count; i += 2) {
      const bar = crosses.runs[i] as number
      while ((known.runs[k + 1] as number) <= bar) k += 2
      while ((below.runs[b] as number) < (known.runs[k] as number)) b += 2
      if ((below.runs[b] as number) >= bar && !(goesOn && k === 0)) continue
      runs[count++] = bar
      runs[count++] = bar + 1
    }
    out.end(count)
    this.seenBelow = seenBelowAtEnd(known, below, end, goesOn)
  }
}

function seenBelowAtEnd(known: RunList, below: RunList, end: number, goesOn: boolean): boolean {
  const last = known.count - 2
  if (last < 0 || known.runs[last + 1] !== end) return false
  const lastBelow = below.count < 2 ? -1 : (below.runs[below.count - 2] as number)
  return lastBelow >= (known.runs[last] as number) || (goesOn && last === 0)
}
