import type { TileColumn } from '../features/tile.js'
import { ColumnOrder, FIRST_PLACE, PLACES_AT_ONCE } from './column-order.js'
import type { RunList } from './runs.js'
import type { ScannerKind } from './scanner.js'

/** A list of runs that is written once a tile. */
export interface TileList extends RunList {
  isWritten(): void
}

/** Two columns of which somebody asks where one crosses the other: the bars on which left rises above right, and those on which it falls below. */
export interface CrossedPair {
  readonly left: TileColumn
  readonly right: TileColumn
  readonly above: TileList
  readonly below: TileList
}

/** The tile that is loaded: place 0 of its columns is the bar `first`. */
interface Tile {
  readonly first: number
  readonly length: number
  /** Another one for each tile. */
  readonly number: number
}

/** Fewer pairs than this for each column are scanned faster one by one. */
const PAIRS_PER_COLUMN: Readonly<Record<ScannerKind, number>> = { simd: 9, plain: 4 }
/** Of so many columns at most: there is a number for each two of them. */
const MOST_COLUMNS = 1_024
/** Of a tile on which more than one in so many places needs each pair looked at, the next one is scanned pair by pair. */
const FEW_IRREGULAR = 8

/** Sets of pairs that are found together, each over columns that hang together by its pairs. O(pairs · log columns). */
export function orderedCrosses<P extends CrossedPair>(
  pairs: readonly P[],
  kind: ScannerKind,
): OrderedCrosses<P>[] {
  const columns = new NumberedColumns(pairs)
  const groups = new Map<number, P[]>()
  for (let at = 0; at < pairs.length; at++) {
    const number = columns.groupOf(columns.lefts[at] as number)
    const group = groups.get(number)
    if (group === undefined) groups.set(number, [pairs[at] as P])
    else group.push(pairs[at] as P)
  }
  const sizes = columns.groupSizes()
  const found: OrderedCrosses<P>[] = []
  for (const [number, group] of groups) {
    const count = sizes[number] as number
    if (count <= MOST_COLUMNS && group.length >= PAIRS_PER_COLUMN[kind] * count)
      found.push(new OrderedCrosses(group, kind))
  }
  return found
}

/** The columns of some pairs, numbered in the order in which they come, and which of them hang together by the pairs. Loops and no lists: a sweep asks this of thousands of pairs. */
class NumberedColumns {
  readonly all: TileColumn[] = []
  readonly lefts: Int32Array
  readonly rights: Int32Array
  private readonly numbers = new Map<TileColumn, number>()
  /** The column above each in its group; of the one that stands for the group, itself. */
  private readonly parent: number[] = []

  constructor(pairs: readonly CrossedPair[]) {
    this.lefts = new Int32Array(pairs.length)
    this.rights = new Int32Array(pairs.length)
    for (let at = 0; at < pairs.length; at++) {
      const { left, right } = pairs[at] as CrossedPair
      const a = this.numberOf(left)
      const b = this.numberOf(right)
      this.lefts[at] = a
      this.rights[at] = b
      const [ofA, ofB] = [this.groupOf(a), this.groupOf(b)]
      if (ofA !== ofB) this.parent[ofB] = ofA
    }
  }

  /** The number of the column that stands for the group of another one; the ways there are halved as they are walked (Tarjan and van Leeuwen 1984). */
  groupOf(column: number): number {
    const { parent } = this
    let at = column
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number
      at = parent[at] as number
    }
    return at
  }

  /** How many columns each group has, by the number that stands for it. */
  groupSizes(): Int32Array {
    const sizes = new Int32Array(this.all.length)
    for (let column = 0; column < sizes.length; column++) {
      const group = this.groupOf(column)
      sizes[group] = (sizes[group] as number) + 1
    }
    return sizes
  }

  private numberOf(column: TileColumn): number {
    const seen = this.numbers.get(column)
    if (seen !== undefined) return seen
    const number = this.all.length
    this.numbers.set(column, number)
    this.all.push(column)
    this.parent.push(number)
    return number
  }
}

/**
 * Where any of many pairs of columns cross, by keeping the columns in the order of their values. What is passed by costs a look at each column
 * rather than at each pair, and all pairs of fifty columns are 1,225. A place with ties, or one on which a column begins or ceases to have a value, and the
 * place after it are looked at pair by pair. O(places · columns + crosses).
 */
export class OrderedCrosses<P extends CrossedPair = CrossedPair> {
  private readonly columns: readonly TileColumn[]
  /** Two for each pair. */
  private readonly lists: readonly TileList[]
  private readonly order: ColumnOrder
  private tile = -1
  private isRegular = true

  constructor(
    readonly pairs: readonly P[],
    kind: ScannerKind,
  ) {
    const { all, lefts, rights } = new NumberedColumns(pairs)
    this.columns = all
    this.lists = listsOf(pairs)
    this.order = new ColumnOrder(all.length, lefts, rights, kind)
  }

  /** Writes the crosses of all pairs in the tile; answers false, and writes nothing, where pairs one by one are faster. */
  write(tile: Tile): boolean {
    if (this.tile === tile.number) return false
    this.tile = tile.number
    const { isRegular } = this
    this.isRegular = true
    if (!isRegular || this.columns.some(({ steps }) => steps !== undefined)) return false
    this.find(tile)
    this.handOut()
    return true
  }

  private find({ first, length }: Tile): void {
    const { order, columns } = this
    order.clear()
    let irregular = 0
    for (let from = 0; from < length; from += PLACES_AT_ONCE) {
      const places = Math.min(PLACES_AT_ONCE, length - from)
      for (let at = 0; at < columns.length; at++)
        order.take(at, (columns[at] as TileColumn).values, from, places)
      const end = FIRST_PLACE + places
      const barOfPlace0 = first + from - FIRST_PLACE
      let place = FIRST_PLACE
      // Nothing is known to have crossed on the first place of a tile.
      if (from === 0) order.arrange(place++)
      while ((place = order.reorder(place, end, barOfPlace0)) < end) {
        irregular++
        order.compare(place, barOfPlace0 + place)
        order.arrange(place++)
      }
    }
    this.isRegular = irregular * FEW_IRREGULAR <= length
  }

  /** Writes each list: a cross is a run of one bar. */
  private handOut(): void {
    const { lists, order } = this
    const bars = order.byList()
    let at = 0
    for (let list = 0; list < lists.length; list++) {
      const out = lists[list] as TileList
      const end = order.ends[list] as number
      const runs = out.room(2 * (end - at))
      let written = 0
      for (; at < end; at++) {
        const bar = bars[at] as number
        runs[written++] = bar
        runs[written++] = bar + 1
      }
      out.end(written)
      out.isWritten()
    }
  }
}

function listsOf(pairs: readonly CrossedPair[]): TileList[] {
  const lists: TileList[] = []
  for (const { above, below } of pairs) {
    lists.push(above)
    lists.push(below)
  }
  return lists
}
