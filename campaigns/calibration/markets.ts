import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Candles } from '../../src/core/columns.js'
import type { Instrument } from '../../src/core/instrument.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { instrumentLevels, simulateMarket } from '../../src/market/index.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import { literal, queryRows, withDuckDB } from '../../src/store/duckdb.js'
import type { RunData, RunInstrument } from '../../src/store/run-data.js'
import { engineInputs, scheduleOf } from '../../test/market/simulated-inputs.js'
import { referenceData } from '../../test/reference-data.js'

const START = Date.UTC(2024, 0, 1)
const HOURS_PER_YEAR = 8_766

export interface MarketRequest {
  readonly seed: number
  readonly days: number
  /** See `MarketOptions.edge`. */
  readonly edge: number
  /** Expected total return a year. */
  readonly driftPerYear: number
  /** Without, candles and funding alone are made of what is simulated: for strategies that read no more. */
  readonly withFacts: boolean
}

/** Two invented perpetuals, BTC and ETH, with their facts, hourly. */
export function simulatedMarket({ seed, days, edge, driftPerYear, withFacts }: MarketRequest): RunData {
  const options = {
    startTime: START,
    bars: 24 * days,
    instruments: instrumentLevels(2),
    edge,
    driftPerHour: driftPerYear / HOURS_PER_YEAR,
  }
  const market = simulateMarket(options, xoroshiro128plus(seed))
  const instruments = withFacts
    ? engineInputs(market)
    : market.instruments.map(({ instrument, candles, funding }) => ({ instrument, candles, funding: scheduleOf(funding), facts: {} })) // prettier-ignore
  return dataOf(instruments as readonly RunInstrument[], `simulated ${seed}`)
}

function dataOf(instruments: readonly RunInstrument[], dataHash: string): RunData {
  return { instruments, used: [], absent: [], dataHash }
}

/** Hourly candles of Bitcoin and Ether as they were, 2018 to 2025, bars that both have. */
export function recordedCandles(): Promise<readonly Candles[]> {
  const file = (base: string): string =>
    literal(referenceData(`data/candles/binance_spot_${base}USDT_1h_2018_2025.parquet`))
  return withDuckDB(async (connection) => {
    const read = async (base: string, other: string): Promise<Candles> => {
      const rows = await queryRows(
        connection,
        `SELECT ts, open, high, low, close, volume FROM ${file(base)} WHERE ts IN (SELECT ts FROM ${file(other)}) ORDER BY ts`,
      )
      const column = (name: string): Float64Array => Float64Array.from(rows, (row) => Number(row[name]))
      return { timeframeMs: HOUR_MS, openTime: column('ts'), open: column('open'), high: column('high'), low: column('low'), close: column('close'), volume: column('volume') } // prettier-ignore
    }
    return [await read('BTC', 'ETH'), await read('ETH', 'BTC')]
  })
}

/**
 * Two years made of whole recorded UTC days, drawn without replacement and put in random order, the same days for both: what a bar does after the one before it is kept within
 * a day and lost from day to day, so that nothing that looks back further than hours can know anything.
 */
export function shuffledDays(candles: readonly Candles[], days: number, seed: number): RunData {
  const left = wholeDays(candles[0] as Candles)
  const random = seededRandom(seed, 0x64617973)
  const order = Array.from({ length: days }, () => left.splice(drawBelow(random, left.length), 1)[0]!)
  const instruments = candles.map((one, at) => ({
    instrument: spot(at === 0 ? 'BTC' : 'ETH'),
    candles: joined(one, order),
    funding: undefined,
    facts: {},
  }))
  return dataOf(instruments, `shuffled days ${seed}`)
}

/** First bars of days with all 24, each after a bar that closes where the day opens. */
function wholeDays({ openTime }: Candles): number[] {
  const starts: number[] = []
  for (let bar = 1; bar + 24 <= openTime.length; bar++)
    if (openTime[bar]! % DAY_MS === 0 && openTime[bar + 23]! - openTime[bar]! === 23 * HOUR_MS) starts.push(bar) // prettier-ignore
  return starts
}

/** Each bar keeps its shape relative to the close before it. */
function joined({ open, high, low, close, volume }: Candles, starts: readonly number[]): Candles {
  const bars = starts.length * 24
  const made = { openTime: new Float64Array(bars), open: new Float64Array(bars), high: new Float64Array(bars), low: new Float64Array(bars), close: new Float64Array(bars), volume: new Float64Array(bars) } // prettier-ignore
  let last = close[0]!
  for (let bar = 0; bar < bars; bar++) {
    const from = starts[Math.floor(bar / 24)]! + (bar % 24)
    const scale = last / close[from - 1]!
    made.openTime[bar] = START + bar * HOUR_MS
    made.open[bar] = open[from]! * scale
    made.high[bar] = high[from]! * scale
    made.low[bar] = low[from]! * scale
    made.close[bar] = last = close[from]! * scale
    made.volume[bar] = volume[from]!
  }
  return { timeframeMs: HOUR_MS, ...made }
}

function spot(base: string): Instrument {
  return { id: `shuffled:${base}USDT`, venue: 'shuffled', kind: 'spot', base, quote: 'USDT', tickSize: 0, lotSize: 0, minNotional: 0, makerFee: 0.001, takerFee: 0.001 } // prettier-ignore
}
