import { DataError } from '../core/errors.js'
import { type MonteCarlo, monteCarlo } from '../research/monte-carlo.js'
import { writeRunExtra } from './run-extras.js'
import { join } from 'node:path'
import { storedSummary, writeReport } from './stored-report.js'

export interface StoredMonteCarlo extends MonteCarlo {
  readonly runId: string
  readonly strategy: string
  readonly synthetic: boolean
  /** The run's report, made anew with the bands in it. */
  readonly page: string
}

/** Draws the days and trades of a stored run anew, keeps what came of it with the run and makes its report anew. The data folder is not needed. */
export async function monteCarloOfRun(
  runsFolder: string,
  id: string,
  options: { readonly draws: number; readonly seed: number; readonly meanBlockDays?: number },
): Promise<StoredMonteCarlo> {
  const { charts, result, strategy, synthetic } = await storedSummary(runsFolder, id)
  const folder = join(runsFolder, id)
  if (charts === undefined)
    throw new DataError('the run was stored by a version that kept no equity by day: run its command again', { file: folder, field: 'charts.json' }) // prettier-ignore
  const { startingBalance, trades } = result
  const found = monteCarlo({ daily: charts.daily, trades, startingBalance, ...options })
  await writeRunExtra(folder, 'monteCarlo', found)
  return { runId: id, strategy, synthetic, ...found, page: await writeReport(runsFolder, id) }
}
