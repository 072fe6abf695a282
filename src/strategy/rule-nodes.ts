import type { Runs } from '../core/signals.js'
import type { TileColumn } from '../features/tile.js'
import type { CrossedPair, OrderedCrosses } from './ordered-crosses.js'
import * as algebra from './runs.js'
import { RunList, type RunMemory } from './runs.js'
import { compareSteps, crossSteps, knownSteps } from './scan-steps.js'
import { type ScanOperand, type ScanTest, type Scanner, scannable } from './scanner.js'

/** The tile that is loaded, and what all nodes use. */
export class RuleTile {
  first = 0
  from = 0
  end = 0
  /** Counts the tiles. */
  number = 0
  /** For what is worked out on the way and not kept. */
  readonly scratch: readonly [RunList, RunList] = [new RunList(), new RunList()]

  constructor(
    readonly scanner: Scanner,
    readonly memory: RunMemory,
  ) {}

  /** Places of a column. */
  get length(): number {
    return this.end - this.first
  }
}

/** How a list of runs comes about. */
export interface Writer {
  write(out: Node, tile: RuleTile): void
}

/**
 * One list of runs, written once a tile at most. May hold the bar before the tile as well. All nodes are of one class, since thousands are
 * made at a time and a constructor that makes objects of many classes is slow.
 */
export class Node extends RunList {
  private inTile: RunList | undefined
  private written = -1
  private clippedTile = -1

  constructor(
    readonly id: number,
    private readonly tile: RuleTile,
    readonly writer: Writer,
  ) {
    super(tile.memory)
  }

  read(): RunList {
    if (this.written !== this.tile.number) {
      this.isWritten()
      this.writer.write(this, this.tile)
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
    // Trials that share a rule ask for it one after the other.
    if (this.clippedTile !== this.tile.number) algebra.runsFrom(this.inTile, list, this.tile.from)
    this.clippedTile = this.tile.number
    return this.inTile.runs
  }
}

/** left > right, or left ≥ right. */
export class Comparison implements Writer {
  /** The same comparison the other way round, if somebody asks for it too: one pass over the columns answers both. */
  mirror: Node | undefined

  constructor(
    private readonly test: ScanTest,
    private readonly left: ScanOperand,
    private readonly right: ScanOperand,
  ) {}

  write(out: Node, tile: RuleTile): void {
    const { test, left, right, mirror } = this
    const { first, end, length, scanner } = tile
    const a = typeof left === 'number' ? left : left.steps
    const b = typeof right === 'number' ? right : right.steps
    if (a !== undefined && b !== undefined) compareSteps(test, a, b, first, end, out)
    else if (mirror === undefined || typeof left === 'number' || typeof right === 'number')
      scanner.scan(test, scannable(left), scannable(right), first, length, out)
    else {
      scanner.scanBothOrders(left.values, right.values, first, length, out, mirror)
      mirror.isWritten()
    }
  }
}

/** One column crosses another, on two bars: upwards, and downwards. One pass over the columns finds both. */
export class ColumnCrosses implements Writer, CrossedPair {
  /** Where left crosses above right, and where it falls below. */
  above!: Node
  below!: Node
  /** Of many columns that are crossed by one another, if these two are of them. */
  together: OrderedCrosses | undefined = undefined

  constructor(
    readonly left: TileColumn,
    readonly right: TileColumn,
  ) {}

  /** Writes the two lists, whichever is asked for. */
  write(_out: Node, tile: RuleTile): void {
    if (this.together?.write(tile) === true) return
    const { left, right, above, below } = this
    const { first, end, length, scanner } = tile
    if (left.steps === undefined || right.steps === undefined)
      scanner.crosses(left.values, right.values, first, length, above, below)
    else crossSteps(left.steps, right.steps, first, end, above, below)
    above.isWritten()
    below.isWritten()
  }
}

/** No cross on a bar on which both values, and both of the bar before, are known. */
export class NoCross implements Writer {
  constructor(
    private readonly crosses: Node,
    private readonly leftKnown: Node,
    private readonly rightKnown: Node,
  ) {}

  write(out: Node, tile: RuleTile): void {
    const [known, knownTwice] = tile.scratch
    algebra.andRuns(known, this.leftKnown.read(), this.rightKnown.read())
    algebra.laterRuns(knownTwice, known)
    algebra.butNotRuns(out, knownTwice, this.crosses.read())
  }
}

/** Bars on which a column has a value. */
export class Known implements Writer {
  constructor(private readonly column: TileColumn) {}

  write(out: Node, tile: RuleTile): void {
    const { first, end, length, scanner } = tile
    const { steps } = this.column
    if (steps !== undefined) knownSteps(steps, first, end, out)
    else scanner.known(this.column.values, first, length, out)
  }
}

/** Bars from the end of a warm-up on. */
export class WarmedUp implements Writer {
  constructor(private readonly warmUpBars: number) {}

  write(out: Node, { from, end }: RuleTile): void {
    algebra.allRuns(out, Math.max(from, this.warmUpBars), end)
  }
}

export class Always implements Writer {
  write(out: Node, tile: RuleTile): void {
    algebra.allRuns(out, tile.first, tile.end)
  }
}

export class Never implements Writer {
  write(out: Node): void {
    algebra.noRuns(out)
  }
}

export class Opposite implements Writer {
  constructor(private readonly of: Node) {}

  write(out: Node, tile: RuleTile): void {
    algebra.notRuns(out, this.of.read(), tile.first, tile.end)
  }
}

/** What becomes of two lists. */
export class Merged implements Writer {
  constructor(
    private readonly merge: (out: RunList, a: RunList, b: RunList) => void,
    private readonly a: Node,
    private readonly b: Node,
  ) {}

  write(out: Node): void {
    this.merge(out, this.a.read(), this.b.read())
  }
}

/**
 * Those crosses before which, inside the same run of known bars, the first value was below the second at least once. That may have
 * been in an earlier tile, so that it must see each.
 */
export class OnceBelow implements Writer {
  private seenBelow = false

  constructor(
    private readonly crosses: Node,
    private readonly known: Node,
    private readonly below: Node,
  ) {}

  write(out: Node, tile: RuleTile): void {
    const crosses = this.crosses.read()
    const known = this.known.read()
    const below = this.below.read()
    const { first, end } = tile
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
