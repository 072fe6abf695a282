import { HOUR_MS } from '../../core/time.js'
import type { Mapped, MappedRow, Measured, Quarantined } from '../smart-money/mapper.js'
import type { Cell, FactTables, TableShape } from './fact-tables.js'

/** When rows of an answer were known: UTC ms. */
export type KnownAt = (row: MappedRow) => number

/** The venue under which facts of the API's own are stored. */
export const API_VENUE = 'smart-money'

const ASSET = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,30}$/

/** How one family of rows becomes facts: adds them, and answers those that cannot be. */
type Adder = (tables: FactTables, rows: readonly MappedRow[], knownAt: KnownAt) => Quarantined[]

const ADDERS: Readonly<Record<string, Adder>> = {
  'history/whale_positions': eachRow(whalePosition),
  'history/derivatives': eachRow(averageFunding),
  'history/derivatives_agg': eachRow(openInterest),
  'history/whale_consensus': eachRow(consensus),
  'whale-consensus': eachRow(liveConsensus),
  'whales/crowding': eachRow(crowding),
}

/** Families whose rows become series as they come; flows and confirmations are put together by classes of their own. */
export const PLAIN_FAMILIES: readonly string[] = Object.keys(ADDERS)

/** Adds the rows of one answer. Answers what was wrong with the others. A family of which no series is made adds nothing. */
export function addMapped(tables: FactTables, mapped: Mapped, knownAt: KnownAt): Quarantined[] {
  const adder = Object.hasOwn(ADDERS, mapped.family) ? ADDERS[mapped.family] : undefined
  return [...mapped.quarantined, ...(adder?.(tables, mapped.rows, knownAt) ?? [])]
}

type Made = readonly [TableShape, Readonly<Record<string, Cell>>] | string | undefined

/** Undefined of `make` is a row that says nothing of its kind: not measured, and so no fact. A text is why it is in quarantine. */
function eachRow(make: (row: MappedRow) => Made): Adder {
  return (tables, rows, knownAt) =>
    rows.flatMap((row, index) => {
      const made = make(row)
      if (made === undefined) return []
      if (typeof made === 'string') return [{ reason: made, index, row }]
      const known = knownAt(row)
      tables.add(made[0], { time: row.eventTime ?? known, knownAt: known, cells: made[1] })
      return []
    })
}

/** A measured number; whatever else the API said is missing here, and stands in the stored answer. */
export function numberOf(measured: Measured | undefined): number | null {
  return measured?.state === 'measured' ? measured.value : null
}

/** The asset of a row, or undefined where it cannot be part of a series' name. */
export function assetOf({ texts }: MappedRow, name: 'symbol' | 'asset' = 'symbol'): string | undefined {
  const text = texts[name] ?? ''
  return ASSET.test(text) ? text : undefined
}

const NO_ASSET = 'the asset is none that a series can be named by'

const WHALES: TableShape = {
  name: 'whale-positions',
  columns: ['wallet', 'asset', 'side', 'quantity', 'notional', 'leverage', 'accountValue'],
  keys: ['wallet', 'asset'],
  options: { kind: 'whale-positions', venue: API_VENUE, list: 'tracked' },
}

function whalePosition(row: MappedRow): Made {
  const asset = assetOf(row)
  if (asset === undefined) return NO_ASSET
  const { measures, texts } = row
  const cells = {
    wallet: texts['wallet'] ?? null,
    asset,
    side: texts['direction'] ?? null,
    quantity: numberOf(measures['size']),
    notional: numberOf(measures['notional_usd']),
    leverage: numberOf(measures['leverage']),
    accountValue: numberOf(measures['account_value_usd']),
  }
  return [WHALES, cells]
}

/** Neither the unit nor the kind of these rates is documented: they are stored as averages, which are never charged, and say that the unit is assumed. */
function averageFunding(row: MappedRow): Made {
  const asset = assetOf(row)
  if (asset === undefined) return NO_ASSET
  const exchange = (row.texts['exchange'] ?? '').toLowerCase()
  if (!/^[a-z0-9_-]{1,30}$/.test(exchange)) return 'the exchange is none that a series can be named by'
  const rate = numberOf(row.measures['funding_rate'])
  if (rate === null) return undefined
  const hours = numberOf(row.measures['funding_interval_hours'])
  const shape: TableShape = {
    name: `funding-${exchange}-${asset}`,
    columns: ['rate', 'intervalMs', 'mark'],
    keys: [],
    options: { kind: 'funding', instrument: `${exchange}:${asset}-PERP`, asset, rateKind: 'average', unit: 'percent', flags: ['unit-assumed'] }, // prettier-ignore
  }
  return [shape, { rate, intervalMs: hours === null ? null : hours * HOUR_MS, mark: numberOf(row.measures['mark_price']) }] // prettier-ignore
}

function openInterest(row: MappedRow): Made {
  const asset = assetOf(row)
  if (asset === undefined) return NO_ASSET
  const amount = numberOf(row.measures['open_interest'])
  if (amount === null) return undefined
  const options = { kind: 'open-interest', venue: API_VENUE, asset, unit: 'base' } as const
  return [{ name: `open-interest-${asset}`, columns: ['openInterest'], keys: [], options }, { openInterest: amount }] // prettier-ignore
}

/** A series of one's own by asset: `smart-money.consensus.BTC`. */
function ownSeries(what: string, row: MappedRow, fields: Readonly<Record<string, string>>): Made {
  const asset = assetOf(row)
  if (asset === undefined) return NO_ASSET
  const cells = Object.fromEntries(Object.entries(fields).map(([name, from]) => [name, numberOf(row.measures[from])])) // prettier-ignore
  if (Object.values(cells).every((value) => value === null)) return undefined
  const columns = Object.keys(fields)
  const map = Object.fromEntries(columns.map((name) => [name, name]))
  const name = `${API_VENUE}.${what}.${asset}`
  return [{ name, columns, keys: [], options: { kind: 'series', name, asset, map } }, cells]
}

function consensus(row: MappedRow): Made {
  return ownSeries('consensus', row, { longCount: 'long_count', shortCount: 'short_count', longNotional: 'long_notional_usd', shortNotional: 'short_notional_usd' }) // prettier-ignore
}

function liveConsensus(row: MappedRow): Made {
  return ownSeries('consensus-live', row, { longCount: 'long_count', shortCount: 'short_count', longVolume: 'long_volume_usd', shortVolume: 'short_volume_usd', longShortRatio: 'lsr' }) // prettier-ignore
}

function crowding(row: MappedRow): Made {
  return ownSeries('crowding', row, { gross: 'gross_notional_usd', net: 'net_notional_usd', skew: 'skew', wallets: 'wallets', concentration: 'hhi', leverage: 'avg_leverage' }) // prettier-ignore
}
