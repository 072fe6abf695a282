import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Instrument } from '../../../src/core/instrument.js'
import { loadStrategyFile } from '../../../src/jobs/strategy-file.js'
import { prepareSweep, type PreparedSweep } from '../../../src/jobs/sweep/prepare.js'
import { SWEEP_SCHEMA, type SweepAsked } from '../../../src/jobs/sweep/question.js'
import type { FinishedSweep, RunSweepOptions } from '../../../src/jobs/sweep/run-sweep.js'
import type { SamplerName } from '../../../src/research/samplers/sampler.js'
import { parseSearch } from '../../../src/research/search-syntax.js'
import { openStore } from '../../../src/store/store.js'
import type { Strategy } from '../../../src/strategy/define.js'
import { walk } from '../../features/candles.js'
import { CANDLES, CANDLE_HEADER, importLines, type Imported } from '../../store/helpers.js'

const SPOT: Instrument = {
  id: 'test:AAA', venue: 'test', kind: 'spot', base: 'AAA', quote: 'USD', tickSize: 0, lotSize: 0, minNotional: 0, makerFee: 0.001, takerFee: 0.001,
} // prettier-ignore

/** Crosses of two averages; fails where `fast` is 7. */
export const CROSSES: string = `import { above, close, crossesAbove, defineStrategy, int, sma } from 'baleen'
export default defineStrategy({
  name: 'crosses',
  description: 'Crosses of two averages.',
  params: { fast: int(2, 5, 12), slow: int(10, 20, 60) },
  features: (p) => {
    if (p.fast === 7) throw new Error('seven is no number of ours')
    return { fast: sma(close, p.fast), slow: sma(close, p.slow) }
  },
  enterLong: (f) => crossesAbove(f.fast, f.slow),
  exitLong: (f) => above(f.slow, f.fast),
})
`

/** Small sweeps of a small strategy on a small market, in a folder that goes after the tests. */
export interface SweepBench {
  readonly strategyFile: string
  readonly strategy: Strategy
  readonly data: Imported
  /** 60 days unless told otherwise. */
  imported(seed: number, days?: number): Promise<Imported>
  asked(sampler: SamplerName, more?: Partial<SweepAsked>): SweepAsked
  prepared(of: SweepAsked, from?: Imported, file?: string): Promise<PreparedSweep>
  options(folder: string, more?: Partial<RunSweepOptions>): RunSweepOptions
  /** A folder that is not there yet. */
  place(): string
}

export async function sweepBench(root: string, source: string = CROSSES): Promise<SweepBench> {
  const strategyFile = join(root, 'crosses.ts')
  writeFileSync(strategyFile, source)
  const strategy = await loadStrategyFile(strategyFile)
  const data = await imported(5)
  let count = 0
  return {
    strategyFile,
    strategy,
    data,
    imported,
    asked: (sampler, more = {}) => {
      const { dimensions, fixed, constraints } = parseSearch(strategy.params, ['fast', 'slow'], ['fast<slow'])
      return {
        schema: SWEEP_SCHEMA, strategy: { name: 'crosses', preset: null, params: strategy.params }, search: { dimensions, fixed, constraints },
        conditions: [{ key: 'trades', operator: '>=', limit: 20 }], objective: 'sharpe', sampler, seed: 3, trials: 60, generationTrials: 16, policies: {},
        costs: { slippageBps: 1 }, startingBalance: 10_000, instruments: [SPOT], timeframeMs: 3_600_000, range: { startTime: -Infinity, endTime: Infinity },
        funding: 'settled', factOverrides: {}, ...more,
      } // prettier-ignore
    },
    prepared: (of, from = data, file = strategyFile) =>
      prepareSweep({ asked: of, strategyFile: file, dataFolder: from.store.directory }),
    options: (folder, more = {}) => {
      const created = { createdAt: '2026-01-01T00:00:00.000Z', strategyPath: strategyFile, dataFolder: data.store.directory, command: 'baleen sweep crosses', workingFolder: root, versions: { baleen: '', node: '', duckdb: '' } } // prettier-ignore
      return { sweepsFolder: join(folder, 'sweeps'), ledgerFolder: join(folder, 'ledger'), created, workers: 1, resume: false, availableMemory: 8e9, ...more } // prettier-ignore
    },
    place: () => join(root, `place-${count++}`),
  }

  function imported(seed: number, days: number = 60): Promise<Imported> {
    const { openTime, open, high, low, close } = walk(24 * days, seed)
    const lines = Array.from(
      openTime,
      (time, at) => `${time},${open[at]},${high[at]},${low[at]},${close[at]},10`,
    )
    const folder = mkdtempSync(join(root, 'data-'))
    return importLines([CANDLE_HEADER, ...lines], CANDLES, { folder, store: openStore(join(folder, 'data')) })
  }
}

/** A hash of every file of a sweep, by name. */
export function bytesOf({ sweep }: Pick<FinishedSweep, 'sweep'>): Record<string, string> {
  const files = readdirSync(sweep.folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort()
  return Object.fromEntries(paths.map((path) => [relative(sweep.folder, path), hash(path)]))
}

function hash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
