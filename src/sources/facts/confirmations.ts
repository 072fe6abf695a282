import { MINUTE_MS } from '../../core/time.js'
import type { MappedRow } from '../smart-money/mapper.js'
import type { FactTables, TableShape } from './fact-tables.js'
import { assetOf, type KnownAt, numberOf } from './smart-money-facts.js'

/** From the least to the most that a caller may make of an answer. Of two sides that differ, the more careful word stands. */
const CAREFUL_FIRST = ['VETO', 'LOW', 'MEDIUM', 'HIGH', 'NO_DATA']

/** What the two sides of a confirmation amount to: a veto on one side is a veto. NO_DATA where neither has a word. */
export function carefulConfidence(words: readonly (string | undefined)[]): string {
  return CAREFUL_FIRST.find((word) => words.includes(word)) ?? 'NO_DATA'
}

interface Side {
  readonly row: MappedRow
  readonly knownAt: number
}

interface Pair {
  long?: Side
  short?: Side
}

/** Two questions about one asset that were asked so close together are one confirmation. */
const TOGETHER_MS = 10 * MINUTE_MS
/** So are two answers that tell of one time, give or take a tick of the API's own clock. What tells of another time is another confirmation. */
const TICK_MS = MINUTE_MS

/**
 * Puts the two sides of a confirmation together: the composite depends on the direction that is asked for, and an asset's row holds both. A side without an
 * answer is missing in it.
 */
export class ConfirmationRows {
  private readonly live = new Map<string, Pair>()
  private readonly archived = new Map<string, Pair>()

  constructor(private readonly tables: FactTables) {}

  /** An answer of `/v1/confirm`. */
  addLive(row: MappedRow, knownAt: number): void {
    const asset = assetOf(row)
    const side = row.texts['direction'] as 'long' | 'short'
    if (asset === undefined) return
    const pair = this.live.get(asset) ?? {}
    const other = side === 'long' ? pair.short : pair.long
    const isTogether = other !== undefined && knownAt - other.knownAt <= TOGETHER_MS && isOfOneTime(other.row, row) && versionOf(other.row) === versionOf(row) // prettier-ignore
    if (pair[side] !== undefined || (other !== undefined && !isTogether)) this.tell(asset, pair)
    const next: Pair = isTogether && pair[side] === undefined ? { ...pair } : {}
    next[side] = { row, knownAt }
    if (next.long !== undefined && next.short !== undefined) {
      this.tell(asset, next)
      this.live.delete(asset)
    } else this.live.set(asset, next)
  }

  /** Sides that wait for their other one stand alone: nothing more will come. */
  end(): void {
    for (const [asset, pair] of this.live) this.tell(asset, pair)
    this.live.clear()
  }

  /** Rows of `/v1/history/confirmations`: sides of one time, version and source belong together. */
  addArchived(rows: readonly MappedRow[], knownAt: KnownAt): void {
    const touched = new Map<string, readonly [string, Pair]>()
    for (const row of rows) {
      const asset = assetOf(row)
      if (asset === undefined) continue
      const key = [asset, row.eventTime, versionOf(row), row.texts['source']].join(' ')
      const pair = this.archived.get(key) ?? {}
      this.archived.set(key, pair)
      pair[row.texts['direction'] as 'long' | 'short'] = { row, knownAt: knownAt(row) }
      touched.set(key, [asset, pair])
    }
    for (const [asset, pair] of touched.values()) this.tell(asset, pair)
  }

  private tell(asset: string, { long, short }: Pair): void {
    const sides = [long, short].filter((side) => side !== undefined)
    const [first] = sides
    if (first === undefined) return
    const confidence = carefulConfidence(sides.map(({ row }) => row.texts['confidence']))
    const compositeOf = (side: Side | undefined): number | null => numberOf(side?.row.measures['composite'])
    const cells = {
      long: compositeOf(long),
      short: compositeOf(short),
      confidence,
      modelVersion: versionOf(first.row),
    }
    const knownAt = Math.max(...sides.map((side) => side.knownAt))
    // Two sides are asked for one after the other, and may lie on two sides of a tick of the API's own clock.
    const time = Math.min(...sides.map(({ row }) => row.eventTime ?? Infinity))
    this.tables.add(shapeOf(asset), { time, knownAt, cells })
  }
}

function isOfOneTime(one: MappedRow, other: MappedRow): boolean {
  return Math.abs((one.eventTime ?? NaN) - (other.eventTime ?? NaN)) <= TICK_MS
}

function versionOf({ texts }: MappedRow): string {
  return texts['model_version'] ?? 'unknown'
}

function shapeOf(asset: string): TableShape {
  return {
    name: `confirmations-${asset}`,
    columns: ['long', 'short', 'confidence', 'modelVersion'],
    keys: ['modelVersion'],
    options: { kind: 'confirmations', asset },
  }
}
