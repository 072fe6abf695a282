import type { Policies } from '../../src/core/policies.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { CostSettings } from '../../src/engine/options.js'
import { loadStrategyFile } from '../../src/jobs/strategy-file.js'
import { sweepAsked } from '../../src/jobs/sweep/asked.js'
import { resultOf } from '../../src/jobs/sweep/judge.js'
import { evaluateOn, prepareOn } from '../../src/jobs/sweep/prepare.js'
import { ledgerRecord } from '../../src/jobs/sweep/run-sweep.js'
import type { TrialWorkers } from '../../src/jobs/trial-workers.js'
import type { SamplerName } from '../../src/research/samplers/sampler.js'
import { parseSearch } from '../../src/research/search-syntax.js'
import { runGenerations } from '../../src/research/sweep/sweep-loop.js'
import type { TrialRow } from '../../src/research/sweep/trial-row.js'
import { countTrials, type LedgerRecord } from '../../src/research/trial-ledger.js'
import type { GateKey } from '../../src/research/overfitting/verdict.js'
import type { RunData } from '../../src/store/run-data.js'
import { compileStrategy } from '../../src/strategy/compile.js'

/** At 5 % random entries err as rarely by 19 replicates, none of which may be as good, as by the 999 of a sweep; they only miss more. */
const MOST_REPLICATES = 19

/** One sweep of a strategy, judged as any other. */
export interface Study {
  /** Full path. */
  readonly strategyFile: string
  readonly preset: string
  /** As a user types them: `fast=5:50`. */
  readonly search: readonly string[]
  readonly constraints: readonly string[]
  readonly sampler: SamplerName
  readonly trials: number
  readonly costs: CostSettings
  readonly policies: Partial<Policies>
  /** Of the sampler and of all that the judgement draws. */
  readonly seed: number
}

/** What the verdict came to. */
export interface StudyResult {
  readonly verdict: 'believe' | 'not yet' | 'no'
  readonly gates: Readonly<Partial<Record<GateKey, { readonly value?: number; readonly isPassed: boolean }>>>
  /** Names of the checks that failed. */
  readonly failedChecks: readonly string[]
  readonly distinct: number
  /** Of the best trial, a year. */
  readonly sharpe: number | undefined
}

/**
 * Runs a study on a market by the same functions as `baleen sweep`, but for files: the trials are counted in `ledger`, which grows by them.
 */
export async function runStudy(
  study: Study,
  data: RunData,
  workers: TrialWorkers,
  ledger: LedgerRecord[],
): Promise<StudyResult> {
  const { strategyFile } = study
  const strategy = await loadStrategyFile(strategyFile)
  const { params: base } = compileStrategy(strategy, {}, study.preset)
  const asked = sweepAsked(
    strategy,
    {
      preset: study.preset,
      seed: study.seed,
      policies: study.policies,
      costs: study.costs,
      startingBalance: 100_000,
      instruments: data.instruments.map(({ instrument }) => instrument),
      timeframeMs: HOUR_MS,
      range: { startMs: -Infinity, endMs: Infinity },
      funding: 'settled',
      factOverrides: {},
    },
    {
      space: parseSearch(strategy.params, study.search, study.constraints, base),
      conditions: [],
      objective: 'sharpe',
      sampler: study.sampler,
      trials: study.trials,
    },
  )
  const prepared = prepareOn({ asked, strategyFile, dataFolder: '' }, strategy, data)
  const rows: TrialRow[] = []
  await runGenerations({
    space: prepared.space,
    sampler: prepared.sampler(),
    trials: asked.trials,
    generationTrials: asked.generationTrials,
    stored: () => Promise.resolve(undefined),
    evaluate: (proposals) => evaluateOn(workers, prepared, proposals),
    onGeneration: ({ index, rows: of }) => {
      rows.push(...of)
      ledger.push(ledgerRecord(prepared, index, of))
      return Promise.resolve()
    },
  })
  const figures = { ...countTrials(ledger, prepared.subject), isNew: false }
  const { judgement, best, checks } = await resultOf(prepared, rows, figures, { workers, mostReplicates: MOST_REPLICATES }) // prettier-ignore
  // A sweep without a complete trial says that there is nothing to judge.
  if (judgement === undefined)
    return { verdict: 'no', gates: {}, failedChecks: [], distinct: 0, sharpe: undefined }
  const gates = judgement.verdict.gates.map(({ key, value, isPassed }) => [
    key,
    { ...(value.value !== undefined && { value: value.value }), isPassed },
  ])
  return {
    verdict: judgement.verdict.verdict,
    gates: Object.fromEntries(gates) as StudyResult['gates'],
    failedChecks: checks
      .filter(({ outcome }) => outcome !== 'passed')
      .map(({ name, detail = '' }) => `${name}: ${detail}`),
    distinct: judgement.assessment.distinct,
    sharpe: best[0]?.statistics.sharpe.value,
  }
}
