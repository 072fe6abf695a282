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

/** Pairs of columns that hang together by them. */
interface Group<P> {
  readonly pairs: P[]
  columns: number
}

/** Sets of pairs that are found together, each over columns that hang together by its pairs. O(pairs · log pairs). */
export function orderedCrosses<P extends CrossedPair>(
  pairs: readonly P[],
  kind: ScannerKind,
): OrderedCrosses<P>[] {
  const groups = new Map<TileColumn, Group<P>>()
  const add = (column: TileColumn, group: Group<P>): void => {
    groups.set(column, group)
    group.columns++
  }
  for (const pair of pairs) {
    const ofLeft = groups.get(pair.left)
    const ofRight = groups.get(pair.right)
    const group = ofLeft ?? ofRight ?? { pairs: [], columns: 0 }
    group.pairs.push(pair)
    if (ofLeft === undefined) add(pair.left, group)
    if (ofRight === undefined) add(pair.right, group)
    if (ofRight !== undefined && ofRight !== group) join(groups, group, ofRight)
  }
  return [...new Set(groups.values())]
    .filter(
      ({ pairs, columns }) => columns <= MOST_COLUMNS && pairs.length >= PAIRS_PER_COLUMN[kind] * columns,
    )
    .map((group) => new OrderedCrosses(group.pairs, kind))
}

/** Puts the smaller of two groups into the other. */
function join<P extends CrossedPair>(
  groups: Map<TileColumn, Group<P>>,
  one: Group<P>,
  other: Group<P>,
): void {
  const [larger, smaller] = one.pairs.length < other.pairs.length ? [other, one] : [one, other]
  larger.columns += smaller.columns
  for (const pair of smaller.pairs) {
    larger.pairs.push(pair)
    groups.set(pair.left, larger).set(pair.right, larger)
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
    const columns = new Map<TileColumn, number>()
    const numberOf = (column: TileColumn): number => {
      const number = columns.get(column) ?? columns.size
      columns.set(column, number)
      return number
    }
    const lefts = Int32Array.from(pairs, ({ left }) => numberOf(left))
    const rights = Int32Array.from(pairs, ({ right }) => numberOf(right))
    this.columns = [...columns.keys()]
    this.lists = pairs.flatMap(({ above, below }) => [above, below])
    this.order = new ColumnOrder(columns.size, lefts, rights, kind)
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
