import { type Runs } from '../core/signals.js'
import type { CrossRule } from '../features/crosses.js'
import type { Feature, Operand } from '../features/feature.js'
import type { Tile, TileColumn } from '../features/tile.js'
import type { Rule } from './rules.js'
import * as algebra from './runs.js'
import { RunList } from './runs.js'
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
  private readonly nodes = new Map<string, Node>()
  private readonly columns = new Map<ScanOperand, number>()
  /** Those that remember earlier tiles and so must see each. */
  private readonly remembering: OnceBelow[] = []
  private readonly tile: LoadedTile = { first: 0, from: 0, end: 0, number: 0 }

  constructor(private readonly scanner: Scanner) {}

  /** Moves on to a tile whose columns are there. */
  load({ first, from, end }: Tile): void {
    Object.assign(this.tile, { first, from, end })
    this.tile.number++
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
        return wanted ? known : this.node(`!${known.id}`, (id) => new Not(id, this.tile, known))
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
    if (one === undefined) return this.node(all ? 'all' : 'none', (id) => new Constantly(id, this.tile, all))
    return others.reduce((a, b) => (all ? this.both(a, b) : this.either(a, b)), one)
  }

  private compare(test: ScanTest, left: ScanOperand, right: ScanOperand, wanted: boolean): Node {
    const holds = this.scan(test, left, right)
    if (wanted) return holds
    return this.butNot(this.bothKnown(left, right), holds)
  }

  private cross(rule: CrossRule, left: ScanOperand, right: ScanOperand, wanted: boolean): Node {
    const crosses = this.crosses(rule, left, right)
    if (wanted) return crosses
    // A cross is known where the values of this bar and of the one before are.
    const known = this.bothKnown(left, right)
    const later = this.node(`later ${known.id}`, (id) => new Later(id, this.tile, known))
    return this.butNot(later, crosses)
  }

  private crosses(rule: CrossRule, left: ScanOperand, right: ScanOperand): Node {
    const above = this.scan('>', left, right)
    const below = (): Node => this.scan('>', right, left)
    if (rule === 'strict') return this.after(above, below())
    const known = this.bothKnown(left, right)
    const crosses = this.node(`cross ${above.id}`, (id) => new StartsWithin(id, this.tile, above, known))
    if (rule === 'two-bar') return crosses
    return this.node(`once below ${above.id}`, (id) => {
      const node = new OnceBelow(id, this.tile, crosses, known, below())
      this.remembering.push(node)
      return node
    })
  }

  private bothKnown(left: ScanOperand, right: ScanOperand): Node {
    if (typeof left === 'number') return this.knownOf(right)
    if (typeof right === 'number') return this.knownOf(left)
    return this.both(this.knownOf(left), this.knownOf(right))
  }

  private knownOf(column: ScanOperand): Node {
    if (typeof column === 'number') return this.merged([], true)
    return this.node(`known ${this.keyOf(column)}`, (id) => new Known(id, this.tile, this.scanner, column))
  }

  private both(a: Node, b: Node): Node {
    if (a === b) return a
    return this.node(`${a.id} & ${b.id}`, (id) => new Both(id, this.tile, a, b))
  }

  private either(a: Node, b: Node): Node {
    if (a === b) return a
    return this.node(`${a.id} | ${b.id}`, (id) => new Either(id, this.tile, a, b))
  }

  private butNot(a: Node, b: Node): Node {
    return this.node(`${a.id} - ${b.id}`, (id) => new ButNot(id, this.tile, a, b))
  }

  private after(a: Node, b: Node): Node {
    return this.node(`${a.id} after ${b.id}`, (id) => new StartsAfter(id, this.tile, a, b))
  }

  private scan(test: ScanTest, left: ScanOperand, right: ScanOperand): Node {
    const a = this.keyOf(left)
    const b = this.keyOf(right)
    return this.node(`${a} ${test} ${b}`, (id) => {
      const made = new Scanned(id, this.tile, this.scanner, test, left, right)
      const mirror = test === '>' ? this.nodes.get(`${b} > ${a}`) : undefined
      if (mirror instanceof Scanned) made.pairWith(mirror)
      return made
    })
  }

  private keyOf(operand: ScanOperand): string {
    if (typeof operand === 'number') return `(${operand})`
    const seen = this.columns.get(operand)
    if (seen !== undefined) return `c${seen}`
    this.columns.set(operand, this.columns.size)
    return `c${this.columns.size - 1}`
  }

  private node<T extends Node>(key: string, make: (id: number) => T): Node {
    const seen = this.nodes.get(key)
    if (seen !== undefined) return seen
    const made = make(this.nodes.size)
    this.nodes.set(key, made)
    return made
  }
}

interface LoadedTile {
  first: number
  from: number
  end: number
  /** Counts the tiles. */
  number: number
}

abstract class Node implements TileRuns {
  protected readonly list: RunList = new RunList()
  private readonly inTile = new RunList()
  protected written = -1

  constructor(
    readonly id: number,
    protected readonly tile: LoadedTile,
  ) {}

  read(): RunList {
    if (this.written !== this.tile.number) {
      this.written = this.tile.number
      this.write()
    }
    return this.list
  }

  clipped(): Runs {
    return algebra.runsFrom(this.inTile, this.read(), this.tile.from)
  }

  protected abstract write(): void
}

class Known extends Node {
  constructor(
    id: number,
    tile: LoadedTile,
    private readonly scanner: Scanner,
    private readonly column: TileColumn,
  ) {
    super(id, tile)
  }

  protected write(): void {
    const { first, end } = this.tile
    this.scanner.known(this.column.values, first, end - first, this.list)
  }
}

class Scanned extends Node {
  /** The same comparison the other way round: one pass over two columns answers both. */
  private mirror: Scanned | undefined

  constructor(
    id: number,
    tile: LoadedTile,
    private readonly scanner: Scanner,
    private readonly test: ScanTest,
    private readonly left: ScanOperand,
    private readonly right: ScanOperand,
  ) {
    super(id, tile)
  }

  pairWith(mirror: Scanned): void {
    if (mirror === this) return
    this.mirror = mirror
    mirror.mirror = this
  }

  protected write(): void {
    const { first, end, number } = this.tile
    const { mirror } = this
    const left = scannable(this.left)
    const right = scannable(this.right)
    if (mirror === undefined || typeof left === 'number' || typeof right === 'number') {
      return this.scanner.scan(this.test, left, right, first, end - first, this.list)
    }
    this.scanner.scanBothOrders(left, right, first, end - first, this.list, mirror.list)
    mirror.written = number
  }
}

class Constantly extends Node {
  constructor(
    id: number,
    tile: LoadedTile,
    private readonly holds: boolean,
  ) {
    super(id, tile)
  }

  protected write(): void {
    if (this.holds) algebra.allRuns(this.list, this.tile.first, this.tile.end)
    else algebra.noRuns(this.list)
  }
}

class Not extends Node {
  constructor(
    id: number,
    tile: LoadedTile,
    private readonly of: Node,
  ) {
    super(id, tile)
  }

  protected write(): void {
    algebra.notRuns(this.list, this.of.read(), this.tile.first, this.tile.end)
  }
}

class Later extends Node {
  constructor(
    id: number,
    tile: LoadedTile,
    private readonly of: Node,
  ) {
    super(id, tile)
  }

  protected write(): void {
    algebra.laterRuns(this.list, this.of.read())
  }
}

/** One of the functions of two lists. */
abstract class OfTwo extends Node {
  constructor(
    id: number,
    tile: LoadedTile,
    protected readonly a: Node,
    protected readonly b: Node,
  ) {
    super(id, tile)
  }
}

class Both extends OfTwo {
  protected write(): void {
    algebra.andRuns(this.list, this.a.read(), this.b.read())
  }
}

class Either extends OfTwo {
  protected write(): void {
    algebra.orRuns(this.list, this.a.read(), this.b.read())
  }
}

class ButNot extends OfTwo {
  protected write(): void {
    algebra.butNotRuns(this.list, this.a.read(), this.b.read())
  }
}

class StartsWithin extends OfTwo {
  protected write(): void {
    algebra.startsWithin(this.list, this.a.read(), this.b.read())
  }
}

class StartsAfter extends OfTwo {
  protected write(): void {
    algebra.startsAfter(this.list, this.a.read(), this.b.read())
  }
}

/**
 * Those crosses before which, inside the same run of known bars, the first value was below the second at least once. That may have
 * been in an earlier tile.
 */
class OnceBelow extends Node {
  private seenBelow = false

  constructor(
    id: number,
    tile: LoadedTile,
    private readonly crosses: Node,
    private readonly known: Node,
    private readonly below: Node,
  ) {
    super(id, tile)
  }

  protected write(): void {
    const { first, end } = this.tile
    const crosses = this.crosses.read()
    const known = this.known.read()
    const below = this.below.read()
    const goesOn = this.seenBelow && known.runs[0] === first
    const runs = this.list.room(crosses.count)
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
    this.list.end(count)
    this.seenBelow = seenBelowAtEnd(known, below, end, goesOn)
  }
}

function seenBelowAtEnd(known: RunList, below: RunList, end: number, goesOn: boolean): boolean {
  const last = known.count - 2
  if (last < 0 || known.runs[last + 1] !== end) return false
  const lastBelow = below.count < 2 ? -1 : (below.runs[below.count - 2] as number)
  return lastBelow >= (known.runs[last] as number) || (goesOn && last === 0)
}
