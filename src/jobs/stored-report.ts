import { join } from 'node:path'
import { reportPage, type RunCharts, type RunSummary } from '../report/index.js'
import { writeTextFile } from '../store/files.js'
import { revive } from './json.js'
import { loadPageKit } from './page-kit.js'
import { readTrades } from './parquet.js'
import { extraWarnings, readRunExtras } from './run-extras.js'
import { readRunJson, readWholeRun, REPORT_FILE, type RunRecord } from './run-store.js'
import { inputLines } from './setting-lines.js'
import type { StoredResults } from './stored-results.js'

/** Everything that is shown of a stored run, from its folder alone. */
export async function storedSummary(runsFolder: string, id: string): Promise<RunSummary> {
  const run = await readWholeRun(runsFolder, id)
  const results = revive(run.metrics) as StoredResults
  const { inputs } = run.manifest
  const trades = await readTrades(join(run.folder, 'trades.parquet'))
  const extras = await readRunExtras(run.folder)
  return {
    runId: id,
    strategy: inputs.strategy.name,
    preset: inputs.strategy.preset ?? undefined,
    synthetic: inputs.data.synthetic,
    result: {
      ...results.result,
      params: inputs.strategy.params,
      policies: inputs.policies,
      timeframeMs: inputs.timeframeMs,
      startingBalance: inputs.startingBalance,
      instruments: inputs.instruments,
      trades,
    },
    metrics: results.metrics,
    optimistic: results.optimistic,
    detail: results.detail,
    sensitivity: results.sensitivity,
    signals: results.signals,
    data: results.data,
    warnings: [...extraWarnings(extras), ...results.warnings],
    ...inputLines(id, run.manifest),
    charts: await storedCharts(run),
    extras,
  }
}

async function storedCharts(run: RunRecord): Promise<RunCharts | undefined> {
  return (await readRunJson(run, 'charts.json')) as RunCharts | undefined
}

/** Makes the report of a stored run anew, as this version makes it, and answers where it lies. `out`: instead of the run's own folder. */
export async function writeReport(runsFolder: string, id: string, out?: string): Promise<string> {
  const path = out ?? join(runsFolder, id, REPORT_FILE)
  const page = reportPage(await loadPageKit(), await storedSummary(runsFolder, id))
  await writeTextFile(path, page)
  return path
}
