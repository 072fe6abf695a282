import { DAY_MS, HOUR_MS, SECOND_MS } from '../../core/time.js'
import { lastPrice } from '../bars-at.js'
import type { View } from '../reply.js'
import { knownRows, type World, type WorldFacts } from '../world.js'
import { actionOf } from './confirm.js'
import { type Query, wholeNumber } from './parameters.js'
import { ApiRefusals, refuseWith } from './refusals.js'

type Row = Readonly<Record<string, unknown>>

/** Rows of a table that are known at a time and happened within two others (UTC ms, both included), newest first. */
type Table = (world: World, knownMs: number, fromMs: number, toMs: number) => Iterable<Row>

/** Tables of the archive, with the filters that have an index. Those of which a world knows nothing are there and empty. */
const TABLES: Readonly<Record<string, { readonly filters: readonly string[]; readonly rows: Table }>> = {
  confirmations: { filters: ['symbol', 'direction', 'confidence', 'source'], rows: confirmations },
  derivatives: { filters: ['symbol', 'exchange'], rows: derivatives },
  derivatives_agg: { filters: ['symbol'], rows: derivativesAggregate },
  onchain: { filters: ['asset', 'metric'], rows: onchain },
  signal_log: { filters: ['symbol', 'direction', 'signal_type', 'source'], rows: () => [] },
  signal_outcomes: { filters: ['horizon'], rows: () => [] },
  wallet_relationships: { filters: ['wallet_a', 'wallet_b', 'edge_type'], rows: () => [] },
  whale_consensus: { filters: ['symbol'], rows: whaleConsensus },
  whale_positions: { filters: ['symbol', 'wallet'], rows: whalePositions },
}

export const HISTORY_TABLES: readonly string[] = Object.keys(TABLES)

/** `direction` of whale positions has no index: it is taken on windows so small that none is needed. */
const SMALL_WINDOW_MS = DAY_MS

const CONTROLS = new Set(['days', 'from', 'to', 'limit'])

/** `GET /v1/history/<table>`: newest first, cut at `limit`, no cursor. */
export function history(world: World, table: string, query: Query, { knownMs, clockMs }: View): object {
  const found = Object.hasOwn(TABLES, table) ? TABLES[table] : undefined
  if (found === undefined) refuseWith(ApiRefusals.unknown(`table ${table}`))
  const limit = wholeNumber(query, 'limit', 500, 1, 5_000)
  const toMs = wholeNumber(query, 'to', Math.floor(clockMs / SECOND_MS), 0, 1e11) * SECOND_MS
  const days = wholeNumber(query, 'days', 7, 1, 3_650)
  const fromMs = query['from'] === undefined ? toMs - days * DAY_MS : wholeNumber(query, 'from', 0, 0, 1e11) * SECOND_MS // prettier-ignore
  const filters = Object.entries(query).filter(([name]) => !CONTROLS.has(name))
  for (const [name] of filters) {
    const isSmall = table === 'whale_positions' && name === 'direction' && toMs - fromMs <= SMALL_WINDOW_MS
    if (!found.filters.includes(name) && !isSmall)
      refuseWith(ApiRefusals.badParameter(`filter ${name} has no index on ${table}; supported filters: ${found.filters.join(', ')}`)) // prettier-ignore
  }
  const rows: Row[] = []
  let truncated = false
  for (const row of found.rows(world, knownMs, fromMs, toMs)) {
    if (!filters.every(([name, value]) => String(row[name]) === value)) continue
    if (rows.length === limit) {
      truncated = true
      break
    }
    rows.push(row)
  }
  return {
    table,
    rows,
    count: rows.length,
    limit,
    truncated,
    window: { from: fromMs / SECOND_MS, to: toMs / SECOND_MS },
    window_grain_s: 1,
    sources: [{ source: 'live' }],
    coverage: [],
    live_starts_at: Math.floor(world.startTime / SECOND_MS),
    live_state: 'ok',
    took_ms: 0,
    partition_cap: 0,
    index_available: true,
    shard_index_available: true,
  }
}

/** `GET /v1/history/coverage`. */
export function historyCoverage(world: World, { knownMs }: View): object {
  const tables = Object.entries(TABLES).map(([name, { filters, rows }]) => {
    let [count, from, to] = [0, null as unknown, null as unknown]
    for (const row of rows(world, knownMs, -Infinity, Infinity)) {
      if (count++ === 0) to = row['ts']
      from = row['ts']
    }
    const empty = { rows: 0, from: null, to: null }
    return [name, { live: { rows: count, from, to }, archive: empty, filterable: filters }]
  })
  return {
    tables: Object.fromEntries(tables),
    query_budget_s: 10,
    source_budget_s: 5,
    index_available: true,
    shard_index_available: true,
    partition_cap: 0,
    unindexed_partitions: [],
  }
}

/** Facts that are told as rows, several a fact where there are several things to tell. */
interface Source {
  readonly facts: WorldFacts | undefined
  readonly tell: (row: number, facts: WorldFacts) => readonly Row[]
}

/** Rows of several sources, newest first; of one time in the order of the sources. */
function* newestFirst(
  sources: readonly Source[],
  knownMs: number,
  fromMs: number,
  toMs: number,
): Generator<Row> {
  // prettier-ignore
  const heads = sources.flatMap(({ facts, tell }) => {
    if (facts === undefined) return []
    const rows = knownRows(facts, knownMs, fromMs, toMs)
    return [{ facts, tell, rows, next: rows.next() }]
  })
  for (;;) {
    let best: (typeof heads)[number] | undefined
    let bestTime = -Infinity
    for (const head of heads) {
      if (head.next.done === true) continue
      const time = head.facts.eventTime[head.next.value]!
      if (time > bestTime) [best, bestTime] = [head, time]
    }
    if (best === undefined || best.next.done === true) return
    yield* best.tell(best.next.value, best.facts)
    best.next = best.rows.next()
  }
}

function* confirmations(world: World, knownMs: number, fromMs: number, toMs: number): Generator<Row> {
  const sources = [...world.assets].map(([symbol, { confirmations: facts }]) => ({
    facts,
    tell: (row: number, { eventTime, values, texts }: WorldFacts) =>
      (['long', 'short'] as const).map((direction) => {
        const composite = orNull(values[direction]![row]!)
        const confidence = texts['confidence']![row]!
        return {
          ts: seconds(eventTime[row]!),
          symbol,
          direction,
          composite,
          confidence,
          ...actionOf(composite, confidence),
          source: 'loopback',
          model_version: texts['modelVersion']![row]!,
        }
      }),
  }))
  yield* newestFirst(sources, knownMs, fromMs, toMs)
}

function* derivatives(world: World, knownMs: number, fromMs: number, toMs: number): Generator<Row> {
  const sources = world.instruments.map(({ instrument, funding }) => ({
    facts: funding,
    tell: (row: number, { eventTime, values }: WorldFacts) => [
      {
        ts: seconds(eventTime[row]!),
        symbol: instrument.base,
        exchange: instrument.venue,
        funding_rate: percent(values['rate']![row]!),
        funding_interval_hours: values['intervalMs']![row]! / HOUR_MS,
        mark_price: orNull(values['mark']![row]!),
      },
    ],
  }))
  yield* newestFirst(sources, knownMs, fromMs, toMs)
}

function* derivativesAggregate(world: World, knownMs: number, fromMs: number, toMs: number): Generator<Row> {
  const sources = world.instruments.map(({ instrument, candles, openInterest }) => ({
    facts: openInterest,
    tell: (row: number, { eventTime, knownAt, values }: WorldFacts) => {
      const amount = values['openInterest']![row]!
      const price = lastPrice(candles, knownAt[row]!, instrument.tickSize)
      const usd = price === undefined ? null : orNull(Math.round(amount * price * 100) / 100)
      return [{ ts: seconds(eventTime[row]!), symbol: instrument.base, open_interest: orNull(amount), open_interest_usd: usd }] // prettier-ignore
    },
  }))
  yield* newestFirst(sources, knownMs, fromMs, toMs)
}

/** Metrics of a day's flows. */
const FLOW_METRICS = { exchange_inflow: 'inflow', exchange_outflow: 'outflow', exchange_supply: 'supply' } as const // prettier-ignore

function* onchain(world: World, knownMs: number, fromMs: number, toMs: number): Generator<Row> {
  const sources = [...world.assets].map(([asset, { exchangeFlows }]) => ({
    facts: exchangeFlows,
    tell: (row: number, { eventTime, knownAt, values }: WorldFacts) =>
      Object.entries(FLOW_METRICS).map(([metric, column]) => ({
        ts: seconds(eventTime[row]!),
        asset,
        metric,
        value: orNull(values[column]![row]!),
        available_ts: Math.ceil(knownAt[row]! / SECOND_MS),
      })),
  }))
  yield* newestFirst(sources, knownMs, fromMs, toMs)
}

function* whalePositions(world: World, knownMs: number, fromMs: number, toMs: number): Generator<Row> {
  const tell = (row: number, { eventTime, values, texts }: WorldFacts): Row[] => [
    {
      ts: seconds(eventTime[row]!),
      wallet: texts['wallet']![row]!,
      symbol: texts['asset']![row]!,
      direction: texts['side']![row]!,
      size: values['quantity']![row]!,
      notional_usd: values['notional']![row]!,
      leverage: values['leverage']![row]!,
      account_value_usd: orNull(values['accountValue']![row]!),
    },
  ]
  yield* newestFirst([{ facts: world.whales, tell }], knownMs, fromMs, toMs)
}

/** How the wallets of one snapshot stand in one asset: every position counts. */
export interface Consensus {
  readonly eventTime: number
  readonly asset: string
  longs: number
  shorts: number
  longNotional: number
  shortNotional: number
}

/** Snapshots newest first, each as one consensus an asset, by name. */
export function* consensusBySnapshot(
  world: World,
  knownMs: number,
  fromMs: number,
  toMs: number,
): Generator<Consensus[]> {
  // prettier-ignore
  const { whales } = world
  if (whales === undefined) return
  let byAsset = new Map<string, Consensus>()
  let time = NaN
  const sorted = (): Consensus[] => [...byAsset.values()].sort((a, b) => (a.asset < b.asset ? -1 : 1))
  for (const row of knownRows(whales, knownMs, fromMs, toMs)) {
    const eventTime = whales.eventTime[row]!
    if (eventTime !== time && byAsset.size > 0) {
      yield sorted()
      byAsset = new Map()
    }
    time = eventTime
    const asset = whales.texts['asset']![row]!
    const one = byAsset.get(asset) ?? { eventTime, asset, longs: 0, shorts: 0, longNotional: 0, shortNotional: 0 } // prettier-ignore
    byAsset.set(asset, one)
    const notional = whales.values['notional']![row]!
    if (whales.texts['side']![row] === 'long') {
      one.longs++
      one.longNotional += notional
    } else {
      one.shorts++
      one.shortNotional += notional
    }
  }
  if (byAsset.size > 0) yield sorted()
}

function* whaleConsensus(world: World, knownMs: number, fromMs: number, toMs: number): Generator<Row> {
  for (const snapshot of consensusBySnapshot(world, knownMs, fromMs, toMs))
    for (const { eventTime, asset, longs, shorts, longNotional, shortNotional } of snapshot)
      yield { ts: seconds(eventTime), symbol: asset, long_count: longs, short_count: shorts, long_notional_usd: cents(longNotional), short_notional_usd: cents(shortNotional) } // prettier-ignore
}

export function seconds(timeMs: number): number {
  return Math.floor(timeMs / SECOND_MS)
}

/** What is not known is null, never 0. */
export function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

export function cents(value: number): number {
  return Math.round(value * 100) / 100
}

/** A fraction as percent: see ASSUMED_FUNDING_UNIT. Rounded to what a rate's 8 decimals can say. */
export function percent(fraction: number): number | null {
  return orNull(Math.round(fraction * 1e10) / 1e8)
}
