import { join } from 'node:path'
import { ConfigError } from '../core/errors.js'
import { compareRuns, type ComparedRun, type Comparison } from '../report/comparison.js'
import { comparisonPage } from '../report/comparison-page.js'
import { literal, readColumns, queryNumber, withDuckDB } from '../store/duckdb.js'
import { plain, revive, type Json } from './json.js'
import type { RunInputs } from './manifest.js'
import { loadPageKit } from './page-kit.js'
import { readTrades } from './parquet.js'
import { findRun, readWholeRun } from './run-store.js'
import type { StoredResults } from './stored-results.js'
import { writePage } from './write-page.js'

/** More do not fit beside each other. */
export const MOST_COMPARED = 20

/**
 * Compares stored runs, by ids or what stands for them; the first is what the others differ from. Throws ConfigError for fewer than two
 * different runs or more than `MOST_COMPARED`, DataError where a run is damaged.
 */
export async function compareStoredRuns(runsFolder: string, names: readonly string[]): Promise<Comparison> {
  const ids: string[] = []
  for (const name of names) {
    const id = await findRun(runsFolder, name)
    if (!ids.includes(id)) ids.push(id)
  }
  if (ids.length < 2 || ids.length > MOST_COMPARED)
    throw new ConfigError(`2 to ${MOST_COMPARED} different runs can be compared`, { field: 'run', value: ids.join(' ') }) // prettier-ignore
  const runs: ComparedRun[] = []
  for (const id of ids) runs.push(await readComparedRun(runsFolder, id))
  return compareRuns(runs)
}

/** Writes the page of a comparison to a file. */
export async function writeComparison(comparison: Comparison, path: string): Promise<void> {
  await writePage(path, comparisonPage(comparison, await loadPageKit()))
}

async function readComparedRun(runsFolder: string, id: string): Promise<ComparedRun> {
  const run = await readWholeRun(runsFolder, id)
  const { inputs } = run.manifest
  const { metrics, result } = revive(run.metrics) as StoredResults
  const trades = await readTrades(join(run.folder, 'trades.parquet'))
  return {
    id,
    strategy: inputs.strategy.name,
    preset: inputs.strategy.preset ?? undefined,
    synthetic: inputs.data.synthetic,
    startingBalance: inputs.startingBalance,
    timeframeMs: inputs.timeframeMs,
    startTime: result.startTime,
    endTime: result.endTime,
    instruments: inputs.instruments.map((one) => ({ id: one.id, quote: one.quote })),
    dataHash: inputs.data.hash,
    decisionCode: inputs.code.decision,
    inputs: inputTexts(inputs),
    metrics,
    equity: await readEquity(join(run.folder, 'equity.parquet')),
    trades: trades.map(({ instrumentId, side, entryTime, exitTime }) => {
      return { instrumentId, side, entryTime, exitTime }
    }),
  }
}

async function readEquity(path: string): Promise<ComparedRun['equity']> {
  const table = `read_parquet(${literal(path)})`
  const read = await withDuckDB(async (connection) => {
    const rows = await queryNumber(connection, `SELECT count(*) FROM ${table}`)
    return readColumns(connection, { time: 'time', equity: 'equity' }, `${table} ORDER BY time`, rows)
  })
  return { time: read['time']!, equity: read['equity']! }
}

/** All inputs by path. Instruments and series stand by their names, so that another order is no difference. */
function inputTexts(inputs: RunInputs): ReadonlyMap<string, string> {
  const { instruments, data, ...rest } = inputs
  const named = {
    ...rest,
    instruments: Object.fromEntries(instruments.map(({ id, ...terms }) => [id, terms])),
    data: {
      hash: data.hash,
      synthetic: data.synthetic,
      series: Object.fromEntries(
        data.series.map(({ id, feeds, instrument, hash, flags }) => [
          `${instrument} ${feeds}`,
          [id, hash.slice(0, 12), ...flags].join(' '),
        ]),
      ),
    },
  } // prettier-ignore
  return new Map(leaves(plain(named) as Json, ''))
}

function leaves(value: Json | undefined, path: string): [string, string][] {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]]
  return Object.entries(value).flatMap(([name, member]) =>
    leaves(member, path === '' ? name : `${path}.${name}`),
  )
}
