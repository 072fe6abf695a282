import { type FactColumns, sharedColumn } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import { whaleFacts } from '../core/whales.js'
import { identifier, literal, queryNumber, queryRows, readColumns, withReader } from './duckdb.js'
import { verifiedTable } from './read-series.js'
import { type Store, seriesEntry, storeManifest } from './store.js'

/**
 * Positions of a recorded list, row by row, in the order of snapshots. Wallets and assets are numbers within this load.
 * A snapshot that was corrected appears again, as it stood after the correction, under the time at which that was known.
 */
export interface StoredWhalePositions {
  /** When the snapshot was taken, UTC ms. */
  readonly eventTime: Float64Array
  /** When the last of its rows was known: a page that came late makes the whole snapshot late. */
  readonly knownAt: Float64Array
  /** 0 as first recorded, 1 after corrections. */
  readonly edition: Float64Array
  readonly wallet: Float64Array
  readonly asset: Float64Array
  readonly side: Float64Array
  readonly notional: Float64Array
  readonly leverage: Float64Array
  readonly accountValue: Float64Array
  /** Names of the assets, by number. */
  readonly assets: readonly string[]
  /** Only some of the wallets' assets were recorded (flag `partial-universe`): their largest position may be elsewhere. */
  readonly partialUniverse: boolean
}

/** Loads the positions of one list. Throws DataError where the series is absent or broken. */
export async function loadWhalePositions(store: Store, seriesId: string): Promise<StoredWhalePositions> {
  const entry = seriesEntry(store, await storeManifest(store), seriesId)
  if (entry.kind !== 'whale-positions')
    throw new DataError('not a series of whale positions', { field: 'series', value: seriesId })
  const table = await verifiedTable(store, entry)
  return withReader(store, async (connection) => {
    await connection.run(`CREATE TEMP TABLE known AS SELECT * FROM ${table} WHERE "knownAt" IS NOT NULL`)
    const assets = (await queryRows(connection, 'SELECT DISTINCT asset FROM known ORDER BY asset')).map(
      (row) => String(row['asset']),
    )
    await connection.run(
      `CREATE TEMP TABLE positions AS
       SELECT * REPLACE (max("knownAt") OVER (PARTITION BY "eventTime", edition) AS "knownAt") FROM (
         SELECT *, 0 AS edition FROM known WHERE revision = 0
         UNION ALL
         SELECT *, 1 AS edition FROM known WHERE "eventTime" IN (SELECT "eventTime" FROM known WHERE revision > 0)
         QUALIFY row_number() OVER (PARTITION BY "eventTime", wallet, asset ORDER BY revision DESC) = 1)`,
    )
    const rows = await queryNumber(connection, 'SELECT count(*) FROM positions')
    const assetNumber = `list_position([${assets.map(literal).join(', ')}], asset) - 1`
    const plain = ['eventTime', 'knownAt', 'edition', 'side', 'notional', 'leverage', 'accountValue']
    const columns = Object.fromEntries(plain.map((name) => [name, identifier(name)]))
    const read = await readColumns(
      connection,
      { ...columns, wallet: 'dense_rank() OVER (ORDER BY wallet)', asset: assetNumber },
      'positions ORDER BY "eventTime", edition, positions.wallet, positions.asset',
      rows,
    )
    const of = (name: string): Float64Array => read[name] ?? sharedColumn(0)
    return {
      eventTime: of('eventTime'),
      knownAt: of('knownAt'),
      edition: of('edition'),
      wallet: of('wallet'),
      asset: of('asset'),
      side: of('side'),
      notional: of('notional'),
      leverage: of('leverage'),
      accountValue: of('accountValue'),
      assets,
      partialUniverse: entry.flags.includes('partial-universe'),
    }
  })
}

/** Whale counts of one asset, and whether the wallets' other assets are missing from the recording. */
export interface WhaleFacts {
  readonly facts: FactColumns
  readonly partialUniverse: boolean
}

/**
 * Counts one asset over a recorded list: see whaleFacts. Undefined where the list was recorded for some assets only and this
 * is not one of them: nothing is known then, which is not the same as nobody holding it.
 */
export async function loadWhaleFacts(
  store: Store,
  seriesId: string,
  asset: string,
): Promise<WhaleFacts | undefined> {
  const positions = await loadWhalePositions(store, seriesId)
  const number = positions.assets.indexOf(asset)
  if (number < 0 && positions.partialUniverse) return undefined
  return { facts: whaleFacts(positions, number), partialUniverse: positions.partialUniverse }
}
