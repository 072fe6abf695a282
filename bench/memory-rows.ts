import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import {
  compileStrategy,
  MINUTE_MS,
  replay,
  type Candles,
  type InstrumentData,
  type ReplayOptions,
} from 'baleen'
import {
  importFile,
  loadCandles,
  openStore,
  runDays,
  runTrials,
  trialStatistics,
  type TrialOutcome,
  type TrialParams,
  type TrialStatistics,
} from 'baleen/lab'
import { backtest, backtestHash, expectSameResult, MILLION, million, type Backtest } from './backtest-rows.js'
import { secondsOfSync } from './clock.js'
import type { BenchmarkRow } from './harness.js'
import { hashOf, outcomeHash } from './hash.js'
import { instrumentNamed, openTimes, START, walk } from './market.js'
import smaCross from './strategies/sma-cross.js'
import { expectSame, marketOf } from './sweep-rows.js'
import shippedSmaCross from '../strategies/sma-cross.js'

const INSTRUMENTS = 50
const BARS = 525_600
const names = Array.from({ length: INSTRUMENTS }, (_, at) => `C${String(at).padStart(2, '0')}`)

function portfolioOptions(instruments: readonly InstrumentData[]): Omit<ReplayOptions, 'strategy'> {
  return {
    instruments,
    startTime: -Infinity,
    endTime: Infinity,
    startingBalance: 1_000_000,
    costs: { slippageBps: 1 },
  }
}

/** The slowest averages that the shipped strategy has: on minutes they still cross every few hours on every instrument. */
const strategy = compileStrategy(shippedSmaCross, { fast: 200, slow: 400 })

function walks(count: number, bars: number): InstrumentData[] {
  const times = openTimes(bars, MINUTE_MS)
  return names.slice(0, count).map((name, at) => ({
    instrument: instrumentNamed(name),
    candles: walk(bars, MINUTE_MS, 100 + at, times),
    funding: undefined,
    facts: {},
  }))
}

function warmUp(): void {
  backtest(strategy, portfolioOptions(walks(3, 50_000)))
}

const portfolio = {
  bars: BARS,
  trials: INSTRUMENTS,
  limitMb: 1_536,
  warmUp,
  hash: backtestHash,
} as const

/** A year of minutes of 50 instruments on one account, from columns in memory to every metric. */
function portfolioRow(): BenchmarkRow {
  let instruments: readonly InstrumentData[] = []
  return {
    ...portfolio,
    name: 'portfolio-50',
    floor: { value: 2, unit: 's' },
    warmUp: () => {
      warmUp()
      instruments = walks(INSTRUMENTS, BARS)
    },
    run: () => backtest(strategy, portfolioOptions(instruments)),
    reference: ({ result }: Backtest) => {
      const [slow, seconds] = secondsOfSync(() =>
        replay({ ...portfolioOptions(instruments), strategy, path: 'bar-by-bar' }),
      )
      expectSameResult('portfolio-50', result, slow)
      return (BARS * INSTRUMENTS) / 1e6 / seconds
    },
  }
}

/** The same from a store's Parquet files, verified, read and replayed. */
function portfolioFromParquetRow(folder: string): BenchmarkRow {
  const store = openStore(join(folder, 'portfolio'))
  const load = async (name: string): Promise<InstrumentData> => {
    const instrument = instrumentNamed(name)
    const candles: Candles = await loadCandles(store, instrument.id, MINUTE_MS)
    return { instrument, candles, funding: undefined, facts: {} }
  }
  return {
    ...portfolio,
    name: 'portfolio-50-parquet',
    floor: { value: 10, unit: 's' },
    prepare: () => importWalks(folder),
    run: async () => {
      const instruments: InstrumentData[] = []
      for (const name of names) instruments.push(await load(name))
      return backtest(strategy, portfolioOptions(instruments))
    },
  }
}

/** Walks made by DuckDB, since 26 million rows would take minutes otherwise; its hash is the chance. */
async function importWalks(folder: string): Promise<void> {
  const store = openStore(join(folder, 'portfolio'))
  for (const [at, name] of names.entries()) {
    const file = join(folder, `${name}.parquet`)
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const chance = (salt: number): string => `((hash(i, ${at * 4 + salt}) % 1000003) / 1000003.0)`
    await connection.run(`COPY (
      WITH steps AS (SELECT i, (${chance(0)} + ${chance(1)} - 1) * 0.002 AS step FROM range(${BARS}) t(i)),
           closes AS (SELECT i, 100 * exp(sum(step) OVER (ORDER BY i)) AS close FROM steps),
           bars AS (SELECT i, close, lag(close, 1, 100) OVER (ORDER BY i) AS open FROM closes)
      SELECT ${START} + i * ${MINUTE_MS} AS ts, open, greatest(open, close) * (1 + ${chance(2)} * 0.0006) AS high,
             least(open, close) * (1 - ${chance(3)} * 0.0006) AS low, close, 1 + i % 7 AS volume
      FROM bars ORDER BY i) TO '${file}' (FORMAT parquet)`)
    connection.closeSync()
    instance.closeSync()
    const { id } = instrumentNamed(name)
    await importFile(store, {
      file,
      kind: 'candles',
      instrument: id,
      asset: name,
      intervalMs: MINUTE_MS,
      now: 0,
    })
  }
}

/** 10,000 pairs of 142 windows from 10 minutes to a day. */
const manyPairs: readonly TrialParams[] = Array.from({ length: 142 }, (_, at) => 10 + 10 * at)
  .flatMap((fast, at, windows) => windows.slice(at + 1).map((slow) => ({ fast, slow })))
  .slice(0, 10_000)

interface ManyTrials {
  readonly hashes: readonly string[]
  readonly statistics: readonly TrialStatistics[]
  readonly sample: readonly TrialOutcome[]
}

/** A sweep that would fill the memory if anything grew with its trials: statistics of each are kept, as a sweep keeps them. */
function manyTrialsRow(): BenchmarkRow {
  const sampled = [1_234, 8_765]
  return {
    name: 'trials-10000',
    bars: MILLION,
    trials: manyPairs.length,
    limitMb: 1_024,
    run: (): ManyTrials => {
      const market = marketOf(million())
      const days = runDays(market)
      const hashes: string[] = []
      const statistics: TrialStatistics[] = []
      const sample: TrialOutcome[] = []
      const trials = manyPairs.map((params) => compileStrategy(smaCross, params))
      runTrials({ market, trials }, (outcome) => {
        hashes.push(outcomeHash(outcome))
        statistics.push(trialStatistics(outcome, { days }))
        if (sampled.includes(outcome.trial)) sample.push(outcome)
      })
      return { hashes, statistics, sample }
    },
    hash: ({ hashes, statistics }: ManyTrials) =>
      hashOf(...hashes, ...statistics.map(({ sharpe }) => JSON.stringify(sharpe))),
    reference: ({ sample }: ManyTrials) => {
      const trials = sampled.map((at) => compileStrategy(smaCross, manyPairs[at]))
      const slow: TrialOutcome[] = []
      const [, seconds] = secondsOfSync(() =>
        runTrials({ market: marketOf(million()), trials, path: 'bar-by-bar' }, (outcome) =>
          slow.push(outcome),
        ),
      )
      slow.forEach((outcome, at) => expectSame('trials-10000', sample[at], outcome))
      return (MILLION * trials.length) / 1e6 / seconds
    },
  }
}

/** Rows whose memory counts; the folder is where files of the benchmark may lie. */
export function memoryRows(folder: string): BenchmarkRow[] {
  return [portfolioRow(), portfolioFromParquetRow(folder), manyTrialsRow()]
}
