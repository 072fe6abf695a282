import { HOUR_MS, SECOND_MS } from '../../core/time.js'
import { barsAt, lastPrice } from '../bars-at.js'
import { INTERVALS } from '../exchange/parameters.js'
import type { View } from '../reply.js'
import { knownRows, newestRow, type World, type WorldInstrument } from '../world.js'
import { cents, consensusBySnapshot, orNull, percent, seconds } from './history.js'
import { assetOf, type Query, wholeNumber } from './parameters.js'
import { ApiRefusals, refuseWith } from './refusals.js'

/** `GET /v1/whale-consensus`: the newest snapshot that is known. */
export function whaleConsensus(world: World, { knownMs, clockMs }: View): object {
  const [snapshot = []] = consensusBySnapshot(world, knownMs, -Infinity, Infinity)
  const consensus = snapshot.map(({ eventTime, asset, longs, shorts, longNotional, shortNotional }) => ({
    ts: seconds(eventTime),
    symbol: asset,
    long_count: longs,
    short_count: shorts,
    long_volume_usd: cents(longNotional),
    short_volume_usd: cents(shortNotional),
    funding_rate: newestRate(world, asset, knownMs),
    lsr: shorts === 0 ? null : Math.round((longs / shorts) * 1e4) / 1e4,
  }))
  const wallets = consensus.reduce((sum, { long_count, short_count }) => sum + long_count + short_count, 0)
  return { consensus, chain_flows: {}, count: consensus.length, updated: seconds(clockMs), whale_window_s: 0, whale_wallets_in_window: wallets, meta: {} } // prettier-ignore
}

function newestRate(world: World, asset: string, knownMs: number): number | null {
  const funding = world.instruments.find(({ instrument, funding: facts }) => instrument.base === asset && facts)?.funding // prettier-ignore
  const row = newestRow(funding, knownMs)
  return funding === undefined || row === undefined ? null : percent(funding.values['rate']![row]!)
}

/** How many rows those without a key see. */
const PUBLIC_ROWS = 10

/** `GET /v1/whales/crowding`: of the newest snapshot; how near positions are to liquidation is not known to a world, and absent. */
export function crowding(world: World, query: Query, isKeyed: boolean, { knownMs, clockMs }: View): object {
  const least = wholeNumber(query, 'min_notional', 1_000_000, 0, 1e12)
  const { whales } = world
  const newest = newestRow(whales, knownMs)
  const byAsset = new Map<string, { notional: number; side: number; leverage: number; wallet: string }[]>()
  if (whales !== undefined && newest !== undefined) {
    const time = whales.eventTime[newest]!
    for (const row of knownRows(whales, knownMs, time, time)) {
      const asset = whales.texts['asset']![row]!
      const list = byAsset.get(asset) ?? []
      byAsset.set(asset, list)
      list.push({
        notional: whales.values['notional']![row]!,
        side: whales.texts['side']![row] === 'long' ? 1 : -1,
        leverage: whales.values['leverage']![row]!,
        wallet: whales.texts['wallet']![row]!,
      })
    }
  }
  const symbols = [...byAsset].map(([symbol, positions]) => {
    const gross = positions.reduce((sum, { notional }) => sum + notional, 0)
    const net = positions.reduce((sum, { notional, side }) => sum + side * notional, 0)
    return {
      symbol,
      gross_notional_usd: cents(gross),
      net_notional_usd: cents(net),
      skew: Math.round((net / gross) * 1e4) / 1e4,
      wallets: new Set(positions.map(({ wallet }) => wallet)).size,
      hhi: Math.round(positions.reduce((sum, { notional }) => sum + (notional / gross) ** 2, 0) * 1e6) / 1e6,
      avg_leverage: Math.round((positions.reduce((sum, { notional, leverage }) => sum + notional * leverage, 0) / gross) * 100) / 100, // prettier-ignore
    }
  })
  const shown = symbols
    .filter(({ gross_notional_usd }) => gross_notional_usd >= least)
    .sort((a, b) => b.gross_notional_usd - a.gross_notional_usd)
  return { symbols: isKeyed ? shown : shown.slice(0, PUBLIC_ROWS), gated: !isKeyed, caveats: [], ts: seconds(clockMs) } // prettier-ignore
}

/** `GET /v1/funding/normalised`. */
export function fundingNormalised(world: World, query: Query, { knownMs, clockMs }: View): object {
  const asset = assetOf(query['symbol'] ?? 'BTC')
  const told = world.instruments.flatMap(({ instrument, funding }) => {
    const row = newestRow(funding, knownMs)
    if (instrument.base !== asset || funding === undefined || row === undefined) return []
    const [rate, intervalMs] = [funding.values['rate']![row]!, funding.values['intervalMs']![row]!]
    const rate8h = (rate * 8 * HOUR_MS) / intervalMs
    const venue = { rate: percent(rate), interval_hours: intervalMs / HOUR_MS, rate_8h_equivalent: percent(rate8h), settled_ts: seconds(funding.eventTime[row]!) } // prettier-ignore
    return [{ name: instrument.venue, venue, rate8h }]
  })
  const mean = told.reduce((sum, { rate8h }) => sum + rate8h, 0) / told.length
  return {
    symbol: asset,
    per_venue: Object.fromEntries(told.map(({ name, venue }) => [name, venue])),
    mean_rate_8h_equivalent: percent(mean),
    mean_annualised_pct: percent(mean * 3 * 365),
    venues_refused: {},
    observed_ts: seconds(clockMs),
    status: told.length === 0 ? 'unavailable' : 'ok',
  }
}

/** `GET /v1/derivatives/screener`: the ten largest without a key. */
export function screener(world: World, query: Query, isKeyed: boolean, { knownMs, clockMs }: View): object {
  if (!isKeyed && (query['symbol'] ?? query['asset']) !== undefined) refuseWith(ApiRefusals.keyNeededByName())
  const limit = wholeNumber(query, 'limit', 50, 1, 200)
  const wanted = query['symbol'] ?? query['asset']
  const symbols = perpetuals(world).map((one) => {
    const { instrument, candles, openInterest } = one
    const price = lastPrice(candles, knownMs, instrument.tickSize)
    const row = newestRow(openInterest, knownMs)
    const amount = openInterest === undefined || row === undefined ? NaN : openInterest.values['openInterest']![row]! // prettier-ignore
    const rate = newestRate(world, instrument.base, knownMs)
    return {
      symbol: instrument.base,
      oi_usd: orNull(cents(amount * (price ?? NaN))),
      funding_rate: rate,
      price: price ?? null,
      crowding: rate === null ? 'neutral' : rate > 0.03 ? 'crowded_long' : rate < -0.01 ? 'crowded_short' : 'neutral', // prettier-ignore
    }
  })
  const named = wanted === undefined ? symbols : symbols.filter(({ symbol }) => symbol === assetOf(wanted))
  const sorted = named.sort((a, b) => (b.oi_usd ?? -1) - (a.oi_usd ?? -1))
  return {
    symbols: sorted.slice(0, isKeyed ? limit : PUBLIC_ROWS),
    total_count: sorted.length,
    sort_by: 'oi_usd',
    limited: !isKeyed,
    public: !isKeyed,
    unmeasured_for_sort: sorted.filter(({ oi_usd }) => oi_usd === null).length,
    meta: {},
    updated: seconds(clockMs),
  }
}

/** `GET /v1/derivatives/funding-heatmap` (ten rows) and `/v1/derivatives/heatmap`. */
export function fundingHeatmap(world: World, isWhole: boolean, { knownMs, clockMs }: View): object {
  const heatmap = perpetuals(world).flatMap(({ instrument, funding }) => {
    const row = newestRow(funding, knownMs)
    if (funding === undefined || row === undefined) return []
    return [{ symbol: instrument.base, exchange: instrument.venue, funding_rate: percent(funding.values['rate']![row]!), funding_interval_hours: funding.values['intervalMs']![row]! / HOUR_MS }] // prettier-ignore
  })
  return { heatmap: isWhole ? heatmap : heatmap.slice(0, PUBLIC_ROWS), public: !isWhole, updated: seconds(clockMs) } // prettier-ignore
}

/** `GET /v1/historical/funding` and `/v1/historical/open-interest`, oldest first. */
export function historical(
  world: World,
  what: 'funding' | 'open-interest',
  query: Query,
  view: View,
): object {
  // prettier-ignore
  const symbol = query['symbol'] ?? 'BTCUSDT'
  const days = wholeNumber(query, 'days', 30, 1, 3_650)
  const { instrument, candles, funding, openInterest } = perpetualOf(world, symbol)
  const facts = what === 'funding' ? funding : openInterest
  if (facts === undefined) refuseWith(ApiRefusals.unavailable())
  const rows = [...knownRows(facts, view.knownMs, view.knownMs - days * 24 * HOUR_MS)].reverse()
  const data = rows.map((row) => {
    const ts = seconds(facts.eventTime[row]!)
    if (what === 'funding') return { ts, funding_rate: percent(facts.values['rate']![row]!) }
    const amount = facts.values['openInterest']![row]!
    const price = lastPrice(candles, facts.knownAt[row]!, instrument.tickSize) ?? NaN
    return { ts, open_interest: orNull(amount), open_interest_usd: orNull(cents(amount * price)) }
  })
  return { symbol, days, count: data.length, data }
}

/** `GET /v1/market/candles`: newest last, the open one among them; never an empty list. */
export function marketCandles(world: World, query: Query, { knownMs, clockMs }: View): object {
  const intervalMs = INTERVALS.get(query['interval'] ?? '5m')
  const limit = wholeNumber(query, 'limit', 68, 1, 1_000)
  const { instrument, candles } = perpetualOf(world, query['symbol'] ?? 'BTC')
  if (intervalMs === undefined || intervalMs % candles.timeframeMs !== 0)
    refuseWith(ApiRefusals.badParameter('interval is not one'))
  const bars = barsAt(candles, { intervalMs, limit }, knownMs, instrument.tickSize)
  if (bars.length === 0) refuseWith(ApiRefusals.unavailable())
  const told = bars.map(({ openTime, open, high, low, close, volume }) => ({ ts: openTime / SECOND_MS, open, high, low, close, volume })) // prettier-ignore
  return { candles: told, pair: `${instrument.base}${instrument.quote}`, source: instrument.venue, fetched_at: seconds(clockMs) } // prettier-ignore
}

function perpetuals(world: World): WorldInstrument[] {
  return world.instruments.filter(({ instrument }) => instrument.kind === 'perpetual')
}

/** The first instrument of an asset, a perpetual where there is one. Refuses with 400, as the API does for an unlisted pair. */
function perpetualOf(world: World, symbol: string): WorldInstrument {
  const asset = assetOf(symbol)
  const isOf = ({ instrument }: WorldInstrument): boolean => instrument.base === asset
  const found = perpetuals(world).find(isOf) ?? world.instruments.find(isOf)
  return found ?? refuseWith(ApiRefusals.badParameter('no such pair', 'bad_symbol'))
}
