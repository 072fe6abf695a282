import type { Candles } from '../core/columns.js'
import { ConfigError, DataError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { queryRows, readColumns, withReader } from '../store/duckdb.js'
import { loadCandles } from '../store/load-candles.js'
import type { Manifest, SeriesEntry } from '../store/manifest.js'
import { verifiedTable } from '../store/read-series.js'
import { openStore, storeManifest, type Store } from '../store/store.js'
import type { World, WorldAsset, WorldFacts, WorldInstrument } from './world.js'

/**
 * A data folder as the truth of a world: of each instrument its finest candles, settled funding, open interest (its own venue's, else the
 * only one), and of its asset flows, confirmations and the first list of whales. Rows that were never known stay unknown.
 *
 * @throws DataError where an instrument has no candles, or a stored file is broken; ConfigError without instruments
 */
export async function storedWorld(folder: string, instruments: readonly Instrument[]): Promise<World> {
  if (instruments.length === 0) throw new ConfigError('a world has at least one instrument', { field: 'instruments' }) // prettier-ignore
  const store = openStore(folder)
  const manifest = await storeManifest(store)
  const loaded: WorldInstrument[] = []
  const assets = new Map<string, WorldAsset>()
  for (const instrument of instruments) {
    const { id, venue, base } = instrument
    const funding = await facts(store, manifest, [`funding/${id}`], ['rate', 'intervalMs', 'mark'])
    const interest = [`open-interest/${venue}:${base}`, ...ofAsset(manifest, 'open-interest', base)]
    const openInterest = await facts(store, manifest, interest, ['openInterest'])
    loaded.push({
      instrument,
      candles: await finestCandles(store, manifest, id),
      ...(instrument.kind === 'perpetual' && funding && { funding }),
      ...(openInterest && { openInterest }),
    })
    if (!assets.has(base)) assets.set(base, await loadAsset(store, manifest, base))
  }
  const lists = Object.keys(manifest.series).filter((id) => manifest.series[id]?.kind === 'whale-positions')
  const whales = await facts(store, manifest, lists, ['quantity', 'notional', 'leverage', 'accountValue'], {
    wallet: 'wallet',
    asset: 'asset',
    side: `CASE WHEN side > 0 THEN 'long' ELSE 'short' END`,
  })
  const entries = Object.values(manifest.series)
  return {
    name: `data folder ${folder}`,
    synthetic: entries.some(({ flags }) => flags.includes('synthetic')),
    startTime: Math.min(...loaded.map(({ candles }) => candles.openTime[0]!)),
    endTime: Math.max(...loaded.map(({ candles }) => candles.openTime.at(-1)! + candles.timeframeMs)),
    instruments: loaded,
    assets,
    ...(whales && { whales }),
  }
}

async function loadAsset(store: Store, manifest: Manifest, base: string): Promise<WorldAsset> {
  const flows = await facts(store, manifest, [`exchange-flows/${base}`], ['inflow', 'outflow', 'supply'])
  const confirmations = await facts(
    store,
    manifest,
    ofAsset(manifest, 'confirmations', base),
    ['long', 'short'],
    {
      confidence: `coalesce(confidence, 'NO_DATA')`,
      modelVersion: `coalesce("modelVersion", '')`,
    },
  )
  return { ...(flows && { exchangeFlows: flows }), ...(confirmations && { confirmations }) }
}

function ofAsset({ series }: Manifest, kind: SeriesEntry['kind'], base: string): string[] {
  return Object.keys(series)
    .filter((id) => series[id]?.kind === kind && series[id]?.asset === base)
    .sort()
}

async function finestCandles(store: Store, { series }: Manifest, instrumentId: string): Promise<Candles> {
  const timeframes = Object.values(series)
    .filter(({ kind, subject }) => kind === 'candles' && subject === instrumentId)
    .map(({ timeframeMs }) => timeframeMs ?? Infinity)
  const finest = Math.min(...timeframes)
  if (!Number.isFinite(finest)) {
    throw new DataError('the data folder holds no candles of the instrument', {
      file: store.directory,
      field: 'instrument',
      value: instrumentId,
    })
  }
  return loadCandles(store, instrumentId, finest)
}

/** The first of some series that is there, with each row's time of being replaced; undefined where none is. */
async function facts(
  store: Store,
  manifest: Manifest,
  ids: readonly string[],
  fields: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): Promise<WorldFacts | undefined> {
  const entry = ids.map((id) => manifest.series[id]).find((found) => found !== undefined)
  if (entry === undefined) return undefined
  const table = await verifiedTable(store, entry)
  const keys = entry.kind === 'whale-positions' ? '"eventTime", wallet, asset' : '"eventTime"'
  const known = `(SELECT *, coalesce(lead("knownAt") OVER (PARTITION BY ${keys} ORDER BY revision), CAST('inf' AS DOUBLE)) AS replaced FROM ${table} WHERE "knownAt" IS NOT NULL)`
  const tail = entry.kind === 'whale-positions' ? ', wallet, asset' : ''
  const source = `${known} ORDER BY "eventTime", "knownAt", revision${tail}`
  return withReader(store, async (connection) => {
    const [counted] = await queryRows(connection, `SELECT count(*) AS n FROM ${known}`)
    const columns = { eventTime: '"eventTime"', knownAt: '"knownAt"', replacedAt: 'replaced' }
    const numbers = Object.fromEntries(fields.map((name) => [name, `"${name}"`]))
    const read = await readColumns(connection, { ...columns, ...numbers }, source, Number(counted?.['n'] ?? 0)) // prettier-ignore
    const list = Object.entries(texts).map(([name, sql]) => `${sql} AS "${name}"`)
    const words = list.length === 0 ? [] : await queryRows(connection, `SELECT ${list.join(', ')} FROM ${source}`) // prettier-ignore
    const { eventTime, knownAt, replacedAt, ...values } = read
    return {
      eventTime: eventTime!,
      knownAt: knownAt!,
      replacedAt: replacedAt!,
      values,
      texts: Object.fromEntries(
        Object.keys(texts).map((name) => [name, words.map((row) => String(row[name]))]),
      ),
    }
  })
}
