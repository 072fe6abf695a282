import { type FactColumns, sharedColumn } from './columns.js'

/**
 * Positions of tracked wallets, one row a position, the rows of one snapshot side by side. Wallets and assets are any
 * integers that tell them apart.
 */
export interface WhalePositions {
  readonly wallet: Float64Array
  readonly asset: Float64Array
  /** +1 long, −1 short. */
  readonly side: Float64Array
  /** Quote units, positive. */
  readonly notional: Float64Array
  readonly leverage: Float64Array
}

/** How the wallets of one snapshot lean in one asset. A wallet counts once, by its position of largest notional. */
export interface WhaleCounts {
  /** Wallets whose largest position is in the asset, long, leveraged above 1. */
  readonly longs: number
  readonly shorts: number
  /** Wallets whose largest position is in the asset, leveraged or not. */
  readonly wallets: number
  /** The public tutorial's counts: its "long" ignores the side, its "short" ignores asset and leverage, over all wallets. */
  readonly tutorialLong: number
  readonly tutorialShort: number
  readonly tutorialWallets: number
}

/**
 * Counts the rows `[start, end)`, which must be one snapshot of one list, for one asset. Of two equal largest positions the
 * first counts. The universe is what the rows hold: where only some assets were recorded, a wallet's true largest position
 * may be elsewhere.
 */
export function countWhales(
  positions: WhalePositions,
  start: number,
  end: number,
  asset: number,
): WhaleCounts {
  const { wallet, notional, leverage, side } = positions
  const largest = new Map<number, number>()
  for (let row = start; row < end; row++) {
    const best = largest.get(wallet[row]!)
    if (best === undefined || notional[row]! > notional[best]!) largest.set(wallet[row]!, row)
  }
  let longs = 0
  let shorts = 0
  let wallets = 0
  let tutorialShort = 0
  for (const row of largest.values()) {
    if (side[row]! < 0) tutorialShort++
    if (positions.asset[row] !== asset) continue
    wallets++
    if (!(leverage[row]! > 1)) continue
    if (side[row]! > 0) longs++
    else shorts++
  }
  return {
    longs,
    shorts,
    wallets,
    tutorialLong: longs + shorts,
    tutorialShort,
    tutorialWallets: largest.size,
  }
}

/** Many snapshots one after the other: rows of one snapshot share event time and edition, and stand side by side. */
export interface WhaleSnapshots extends WhalePositions {
  /** UTC ms. */
  readonly eventTime: Float64Array
  readonly knownAt: Float64Array
  /** 0 as first recorded, 1 after corrections. */
  readonly edition: Float64Array
}

/**
 * One fact a snapshot for one asset: `longs`, `shorts`, `wallets`, `tutorialLong`, `tutorialShort`, `tutorialWallets`, as in
 * WhaleCounts. A snapshot without a position in the asset is a fact too: its counts are 0.
 */
export function whaleFacts(snapshots: WhaleSnapshots, asset: number): FactColumns {
  const { eventTime, knownAt, edition } = snapshots
  const found: { row: number; counts: WhaleCounts }[] = []
  for (let start = 0; start < eventTime.length;) {
    let end = start + 1
    while (end < eventTime.length && eventTime[end] === eventTime[start] && edition[end] === edition[start])
      end++
    found.push({ row: start, counts: countWhales(snapshots, start, end, asset) })
    start = end
  }
  found.sort(
    (a, b) =>
      knownAt[a.row]! - knownAt[b.row]! ||
      eventTime[a.row]! - eventTime[b.row]! ||
      edition[a.row]! - edition[b.row]!,
  )
  const make = (value: (item: (typeof found)[number]) => number): Float64Array => {
    const made = sharedColumn(found.length)
    for (const [index, item] of found.entries()) made[index] = value(item)
    return made
  }
  return {
    eventTime: make((item) => eventTime[item.row]!),
    knownAt: make((item) => knownAt[item.row]!),
    values: {
      longs: make((item) => item.counts.longs),
      shorts: make((item) => item.counts.shorts),
      wallets: make((item) => item.counts.wallets),
      tutorialLong: make((item) => item.counts.tutorialLong),
      tutorialShort: make((item) => item.counts.tutorialShort),
      tutorialWallets: make((item) => item.counts.tutorialWallets),
    },
  }
}
