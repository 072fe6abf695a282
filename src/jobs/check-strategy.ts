import { DataError } from '../core/errors.js'
import type { CheckKey, CheckResult } from '../research/checks/check-result.js'
import { runChecks } from '../research/checks/run-checks.js'
import { openStore } from '../store/store.js'
import { compileStrategy } from '../strategy/compile.js'
import { loadReplay } from './backtest.js'
import { codeHashes } from './code-hash.js'
import { storedRequest, type ReplayRunOptions } from './replay-run.js'
import type { RunRequest } from './run.js'
import { writeRunExtra } from './run-extras.js'
import { readWholeRun } from './run-store.js'
import { writeReport } from './stored-report.js'
import { loadStrategyFile } from './strategy-file.js'
import { isSynthetic } from './manifest.js'

export interface CheckSettings {
  /** How often data are cut. */
  readonly cuts: number
  readonly onStart?: (key: CheckKey) => void
}

/** A strategy as it was checked. Times UTC ms. */
export interface CheckedStrategy {
  readonly strategy: string
  readonly preset: string | null
  readonly params: Readonly<Record<string, number | string | boolean>>
  readonly instruments: readonly string[]
  readonly timeframeMs: number
  readonly synthetic: boolean
  readonly dataHash: string
  readonly cuts: number
  readonly seed: number
  readonly checks: readonly CheckResult[]
  /** Number of checks that failed, and of those that these data do not let tell. */
  readonly failed: number
  readonly untested: number
}

/** Checks a strategy on the data that a backtest of the same request reads: see `runChecks`. Nothing is stored. */
export async function checkStrategy(request: RunRequest, settings: CheckSettings): Promise<CheckedStrategy> {
  const definition = await loadStrategyFile(request.strategyFile)
  const compile = (): ReturnType<typeof compileStrategy> =>
    compileStrategy(definition, request.params, request.preset ?? 'default')
  const strategy = compile()
  const { data, replayed } = await loadReplay(openStore(request.dataFolder), { ...request, strategy })
  const seed = request.seed ?? 0
  const checks = runChecks({
    run: replayed,
    again: compile(),
    definition: strategy,
    cuts: settings.cuts,
    seed,
    ...(settings.onStart === undefined ? {} : { onStart: settings.onStart }),
  })
  return {
    strategy: strategy.name,
    preset: request.preset,
    params: strategy.params,
    instruments: request.instruments.map(({ id }) => id),
    timeframeMs: request.timeframeMs,
    synthetic: isSynthetic(data, request.instruments),
    dataHash: data.dataHash,
    cuts: settings.cuts,
    seed,
    checks,
    failed: checks.filter(({ outcome }) => outcome === 'failed').length,
    untested: checks.filter(({ outcome }) => outcome === 'not tested').length,
  }
} // prettier-ignore

/**
 * Checks the strategy of a stored run on its data, keeps what was found with the run and makes its report anew. Throws DataError where
 * data or code are no longer those of the run.
 */
export async function checkStoredRun(
  runsFolder: string,
  id: string,
  settings: CheckSettings,
  options: ReplayRunOptions,
): Promise<CheckedStrategy & { readonly page: string }> {
  const run = await readWholeRun(runsFolder, id)
  const { inputs } = run.manifest
  const request = storedRequest(run, options)
  const code = codeHashes(request.strategyFile).decision
  if (code !== inputs.code.decision)
    throw new DataError('the code that decides is not the run’s any more: backtest it again, and check that run', { field: 'run', value: id }) // prettier-ignore
  const checked = await checkStrategy(request, settings)
  if (checked.dataHash !== inputs.data.hash)
    throw new DataError('the data folder does not hold what the run has read: backtest it again, and check that run', { file: request.dataFolder, field: 'run', value: id }) // prettier-ignore
  await writeRunExtra(run.folder, 'checks', { checks: checked.checks })
  return { ...checked, page: await writeReport(runsFolder, id) }
}
