import { importFile } from '../../src/store/import.js'
import type { ImportOptions, ImportReport } from '../../src/store/import-options.js'
import { openStore, type Store } from '../../src/store/store.js'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { referenceData } from '../reference-data.js'
import { copyOfShared } from '../shared-folder.js'

type Step = Omit<ImportOptions, 'file' | 'now'> & { readonly file: string }

const bars = (file: string, instrument: string, asset: string, intervalMs: number): Step => ({
  file: `data/candles/${file}.parquet`,
  kind: 'candles',
  instrument,
  asset,
  intervalMs,
})

const CANDLES: readonly Step[] = [
  bars('binance_spot_BTCUSDT_1h_2018_2025', 'binance:BTCUSDT', 'BTC', HOUR_MS),
  bars('binance_spot_ETHUSDT_1h_2018_2025', 'binance:ETHUSDT', 'ETH', HOUR_MS),
  bars('finm_binance_perp_BTC_1h', 'binance:BTCUSDT-PERP', 'BTC', HOUR_MS),
  bars('finm_binance_perp_ETH_1h', 'binance:ETHUSDT-PERP', 'ETH', HOUR_MS),
  bars('finm_binance_perp_SOL_1h', 'binance:SOLUSDT-PERP', 'SOL', HOUR_MS),
  bars('finm_binance_perp_DOGE_1h', 'binance:DOGEUSDT-PERP', 'DOGE', HOUR_MS),
  bars('finm_bybit_perp_BTC_1h', 'bybit:BTCUSDT-PERP', 'BTC', HOUR_MS),
  bars('lean_binance_BTCBUSD_1m_2022-12-13', 'binance:BTCBUSD', 'BTC', MINUTE_MS),
  bars('lean_bybit_BTCUSDT_spot_1m_2022-12-13', 'bybit:BTCUSDT', 'BTC', MINUTE_MS),
  bars('lean_coinbase_BTCUSD_1d_2014_2018', 'coinbase:BTCUSD', 'BTC', DAY_MS),
  bars('lean_coinbase_BTCUSD_1m_2018-04', 'coinbase:BTCUSD', 'BTC', MINUTE_MS),
  bars('lean_coinbase_ETHUSD_1m_2018-04', 'coinbase:ETHUSD', 'ETH', MINUTE_MS),
  bars('lean_coinbase_LTCUSD_1m_2018-04', 'coinbase:LTCUSD', 'LTC', MINUTE_MS),
  bars('lean_dydx_BTCUSD_perp_1m_2026-01-01', 'dydx:BTCUSD-PERP', 'BTC', MINUTE_MS),
]

/** One file of spot, linear and coin-margined candles with their funding, 8-hourly; OKX counts volume in contracts. */
function threeVenues(): Step[] {
  const file = 'data/candles/aha_btc_eth_8h_3venues_with_funding.parquet'
  const intervalMs = 8 * HOUR_MS
  const groups: { pair: string[]; instrument: string; inverse: boolean; perpetual: boolean }[] = [
    { pair: ['BTC/USDT', 'ETH/USDT'], instrument: '{venue}:{asset}USDT', inverse: false, perpetual: false },
    { pair: ['BTCUSDT', 'ETHUSDT'], instrument: '{venue}:{asset}USDT-PERP', inverse: false, perpetual: true },
    { pair: ['BTCUSDCM', 'ETHUSDCM'], instrument: '{venue}:{asset}USD-CM', inverse: true, perpetual: true },
  ]
  return groups.flatMap(({ pair, instrument, inverse, perpetual }): Step[] => {
    const base = { file, instrument, asset: '{asset}', intervalMs, inverse }
    const steps: Step[] = [
      { ...base, kind: 'candles', where: { pair, venue: ['binance', 'bybit'] } },
      { ...base, kind: 'candles', where: { pair, venue: ['okx'] }, unit: 'contracts' },
    ]
    return perpetual ? [...steps, { ...base, kind: 'funding', where: { pair } }] : steps
  })
}

/** Funding of several venues: each venue, and Binance's and OKX's HYPE, has an interval of its own. */
function funding(): Step[] {
  const file = 'data/derivatives/finm_all_venues_funding.parquet'
  const of = (
    venue: string,
    symbol: string[],
    instrument: string,
    hours: number,
    more: Partial<Step> = {},
  ): Step => ({
    file,
    kind: 'funding',
    instrument,
    asset: '{symbol}',
    intervalMs: hours * HOUR_MS,
    where: { venue: [venue], symbol },
    ...more,
  })
  const majors = ['BTC', 'ETH', 'SOL', 'DOGE']
  const all = [...majors, 'HYPE']
  return [
    of('binance', majors, 'binance:{symbol}USDT-PERP', 8),
    of('binance', ['HYPE'], 'binance:{symbol}USDT-PERP', 4),
    of('bybit', all, 'bybit:{symbol}USDT-PERP', 8),
    of('okx', majors, 'okx:{symbol}USDT-PERP', 8),
    of('okx', ['HYPE'], 'okx:{symbol}USDT-PERP', 4),
    of('dydx', all, 'dydx:{symbol}USD-PERP', 1),
    of('kraken', all, 'kraken:{symbol}USD-PERP', 1),
    of('lighter', all, 'lighter:{symbol}-PERP', 1),
    // An average over the hour that opens at the stamp: known when the hour is over, never charged.
    of('hyperliquid', all, 'hyperliquid:{symbol}-PERP', 1, { rateKind: 'average', knownLagMs: HOUR_MS }),
  ]
}

/**
 * BTC and ETH funding of 2020-2023. It comes before the 8-hourly file, whose rows of 2023 repeat it: the one stamp that slipped
 * by an hour there is then caught beside the true one.
 */
function oldFunding(): Step[] {
  const file = 'data/derivatives/supervik_funding_2020_2023.parquet'
  const of = (venue: string[], hours: number, symbol: string, asset: string): Step => ({
    file,
    kind: 'funding',
    instrument: `{venue}:${venue[0] === 'dydx' ? `${asset}USD` : symbol}-PERP`,
    asset,
    intervalMs: hours * HOUR_MS,
    where: { venue, symbol: [symbol] },
  })
  return [['BTCUSDT', 'BTC'] as const, ['ETHUSDT', 'ETH'] as const].flatMap(([symbol, asset]) => [
    of(['binance', 'bybit', 'gate', 'htx', 'kucoin', 'mexc'], 8, symbol, asset),
    of(['dydx'], 1, symbol, asset),
  ])
}

function openInterest(): Step[] {
  const file = 'data/derivatives/finm_open_interest_1h.parquet'
  const inUsd: Step = {
    file,
    kind: 'open-interest',
    venue: '{venue}',
    asset: '{symbol}',
    intervalMs: HOUR_MS,
    where: { symbol: ['BTC', 'ETH', 'SOL', 'DOGE'] },
    map: { openInterest: 'oi_usd' },
    unit: 'usd',
    convertBy: 'binance:{symbol}USDT-PERP',
    knownLagMs: HOUR_MS,
  }
  const unconverted: Step = {
    file,
    kind: 'series',
    name: 'open-interest-usd-{venue}-{symbol}',
    where: { symbol: ['HYPE'] },
    map: { usd: 'oi_usd' },
    intervalMs: HOUR_MS,
    knownLagMs: HOUR_MS,
  }
  return [inUsd, unconverted]
}

const OTHERS: readonly Step[] = [
  {
    file: 'data/derivatives/finm_hyperliquid_liquidations_1d.parquet',
    kind: 'series',
    name: 'hyperliquid-liquidations-{symbol}',
    intervalMs: DAY_MS,
    map: { totalUsd: 'total_usd', longUsd: 'long_usd', shortUsd: 'short_usd', count: 'liq_count' },
    knownLagMs: DAY_MS,
  },
  {
    file: 'data/onchain/btc_exchange_flows_1d_2021_2025.parquet',
    kind: 'exchange-flows',
    asset: 'BTC',
    intervalMs: DAY_MS,
    map: { inflow: 'flow_in_ntv', outflow: 'flow_out_ntv', supply: 'exchange_supply_ntv' },
    knownAtColumn: 'available_ts',
  },
  {
    file: 'data/whales/hyperliquid_whale_positions_2026-02-03_2026-02-15.parquet',
    kind: 'whale-positions',
    venue: 'hyperliquid',
    list: '{list}',
    knownAtColumn: 'ts',
    flags: ['partial-universe'],
  },
  {
    file: 'data/whales/hyperliquid_whale_totals_2026-02-03_2026-02-15.parquet',
    kind: 'series',
    name: 'whale-totals-{basis}-{coin}',
    map: { longUsd: 'long_usd', shortUsd: 'short_usd', longSize: 'long_size', shortSize: 'short_size' },
    knownAtColumn: 'ts',
  },
]

/** Makes a data folder that holds all of the reference data, imported once for all tests that run on it. */
export function referenceFolder(folder: string): Promise<ImportReport[]> {
  return copyOfShared('reference', folder, (made) => importReferenceData(openStore(made)))
}

/**
 * Imports all of the reference data into a store: a worked example of every option of `baleen data import`, and what the
 * tests on real data run on. Candles come first, since open interest is converted by their closes.
 */
async function importReferenceData(store: Store): Promise<ImportReport[]> {
  const steps = [...CANDLES, ...oldFunding(), ...threeVenues(), ...funding(), ...openInterest(), ...OTHERS]
  const reports: ImportReport[] = []
  for (const step of steps) {
    reports.push(await importFile(store, { ...step, file: referenceData(step.file), now: 0 }))
  }
  return reports
}
