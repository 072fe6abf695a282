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

/** Fewer pairs than this for each column are found faster one by one. */
const PAIRS_PER_COLUMN = 4
/** Of so many columns at most: there is a number for each two of them. */
const MOST_COLUMNS = 1_024
/** Of a tile on which more than one in so many places needs each pair looked at, the next one is scanned pair by pair. */
const FEW_IRREGULAR = 8

/** Sets of pairs that are found together, each over columns that hang together by its pairs. O(pairs · log pairs). */
export function orderedCrosses<P extends CrossedPair>(
  pairs: readonly P[],
  kind: ScannerKind,
): OrderedCrosses<P>[] {
  const groups = new Map<TileColumn, P[]>()
  for (const pair of pairs) {
    const [one, other] = [groups.get(pair.left), groups.get(pair.right)]
    const [group = [], rest] = (one?.length ?? 0) < (other?.length ?? 0) ? [other, one] : [one, other]
    const joined = rest === group ? [pair] : [pair, ...(rest ?? [])]
    for (const each of joined) {
      group.push(each)
      groups.set(each.left, group).set(each.right, group)
    }
  }
  return [...new Set(groups.values())].filter(pays).map((group) => new OrderedCrosses(group, kind))
}

/** Whether this is faster than to look at the pairs one by one. */
function pays(pairs: readonly CrossedPair[]): boolean {
  const columns = new Set(pairs.flatMap(({ left, right }) => [left, right])).size
  return columns <= MOST_COLUMNS && pairs.length >= PAIRS_PER_COLUMN * columns
}

/**
 * Where any of many pairs of columns cross, by keeping the columns in the order of their values. What is passed by costs a look at each column
 * rather than at each pair, and all pairs of fifty columns are 1,225. A place with ties, or one on which a column begins or ceases to have a value, and the
 * place after it are looked at pair by pair. O(places · columns + crosses).
 */
export class OrderedCrosses<P extends CrossedPair = CrossedPair> {
  private readonly columns: readonly TileColumn[]
  /** By pair, the numbers of its two columns. */
  private readonly lefts: Int32Array
  private readonly rights: Int32Array
  /** Two lists for each pair. */
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
    this.lefts = Int32Array.from(pairs, ({ left }) => numberOf(left))
    this.rights = Int32Array.from(pairs, ({ right }) => numberOf(right))
    this.columns = [...columns.keys()]
    this.lists = pairs.flatMap(({ above, below }) => [above, below])
    this.order = new ColumnOrder(columns.size, this.lists.length, kind)
    for (let pair = 0; pair < pairs.length; pair++) {
      const [left, right] = [this.lefts[pair] as number, this.rights[pair] as number]
      this.order.listOf[left * columns.size + right] = 2 * pair
      this.order.listOf[right * columns.size + left] = 2 * pair + 1
    }
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
        this.compare(place, barOfPlace0 + place)
        order.arrange(place++)
      }
    }
    this.isRegular = irregular * FEW_IRREGULAR <= length
  }

  /** Looks at each pair on a place and the one before. A comparison with NaN does not hold. */
  private compare(place: number, bar: number): void {
    const { lefts, rights, order } = this
    for (let pair = 0; pair < lefts.length; pair++) {
      const [left, right] = [lefts[pair] as number, rights[pair] as number]
      const [a, b] = [order.valueOf(left, place), order.valueOf(right, place)]
      const [before, other] = [order.valueOf(left, place - 1), order.valueOf(right, place - 1)]
      if (a > b && before <= other) order.note(2 * pair, bar)
      else if (a < b && before >= other) order.note(2 * pair + 1, bar)
    }
  }

  /** Writes each list: a cross is a run of one bar. */
  private handOut(): void {
    const { lists, order } = this
    const { counts } = order
    for (let at = 0; at < lists.length; at++) {
      const list = lists[at] as TileList
      const length = 2 * (counts[at] as number)
      list.room(length)
      list.end(length)
      list.isWritten()
      counts[at] = 0
    }
    const notes = order.all()
    for (let at = 0; at < notes.length; at += 2) {
      const list = notes[at] as number
      const bar = notes[at + 1] as number
      const { runs } = lists[list] as TileList
      const place = counts[list] as number
      runs[place] = bar
      runs[place + 1] = bar + 1
      counts[list] = place + 2
    }
  }
}
