import { availableParallelism } from 'node:os'
import { ConfigError, DataError } from '../../core/errors.js'
import { effectivePolicies, prepareMarket } from '../../engine/market.js'
import { BATCH_TRIALS } from '../../engine/trials.js'
import type { Market } from '../../engine/simulation.js'
import { makeSampler } from '../../research/samplers/make-sampler.js'
import type { Proposal, Sampler } from '../../research/samplers/sampler.js'
import { searchSpace, type SearchSpace } from '../../research/search-space.js'
import { parseObjective } from '../../research/sweep/objective.js'
import { failedRow, rowOf, type TrialRow, type TrialRules } from '../../research/sweep/trial-row.js'
import type { LedgerSubject } from '../../research/trial-ledger.js'
import { distinctFeatures, trialMemory } from '../../research/trial-memory.js'
import { runDays } from '../../research/trial-statistics.js'
import type { RunData } from '../../store/run-data.js'
import { openStore } from '../../store/store.js'
import { compileStrategy, type CompiledDefinition } from '../../strategy/compile.js'
import type { Strategy } from '../../strategy/define.js'
import { loadRunData, type BacktestOptions } from '../backtest.js'
import { codeHashes } from '../code-hash.js'
import { ringBytes } from '../returns-ring.js'
import { onSharedMemory } from '../shared-memory.js'
import { loadStrategyFile } from '../strategy-file.js'
import { sourceHash, withoutSourceFolder } from '../strategy-source.js'
import type { TrialWorkers } from '../trial-workers.js'
import type { SweepAsked, SweepQuestion } from './question.js'
import { isSynthetic, seriesUsed } from '../manifest.js'

/** Offsets of random entries that are tried together: a constant, so that what is drawn does not depend on the machine. */
export const OFFSETS_AT_ONCE = 20

/** A question with where its strategy and data lie. */
export interface SweepRequest {
  readonly asked: SweepAsked
  /** Full path. */
  readonly strategyFile: string
  readonly dataFolder: string
}

/** A sweep that is ready to run: its question, what trials run on and what they are judged by. */
export interface PreparedSweep {
  readonly request: SweepRequest
  readonly question: SweepQuestion
  readonly strategy: Strategy
  readonly space: SearchSpace
  /** On shared memory. */
  readonly market: Market
  readonly data: RunData
  readonly rules: TrialRules
  readonly subject: LedgerSubject
  /** A new one, which has been told nothing. */
  sampler(): Sampler
}

/** Points that are looked at for what trials read. */
const PROBES = 64

/**
 * Loads strategy and data. Throws ConfigError for settings that cannot be run, DataError where candles or the funding of a perpetual
 * are missing.
 */
export async function prepareSweep(request: SweepRequest): Promise<PreparedSweep> {
  const { asked, strategyFile } = request
  const strategy = await loadStrategyFile(strategyFile)
  const sampler = samplerOf(strategy, asked)
  const options = backtestOptions(request, probesOf(strategy, asked, sampler()))
  return prepareOn(request, strategy, await loadRunData(openStore(request.dataFolder), options))
}

/** The same on data that are there already. */
export function prepareOn(request: SweepRequest, strategy: Strategy, data: RunData): PreparedSweep {
  const { asked, strategyFile } = request
  const space = searchSpace(strategy.params, asked.search)
  const sampler = samplerOf(strategy, asked)
  const market = onSharedMemory(
    prepareMarket({
      instruments: data.instruments,
      startTime: asked.range.startTime,
      endTime: asked.range.endTime,
      startingBalance: asked.startingBalance,
      costs: asked.costs,
    }),
  )
  const [base] = probesOf(strategy, asked, sampler()) as [CompiledDefinition]
  const source = sourceHash(strategyFile)
  const { openTime, timeframeMs } = market.timeline
  return {
    request,
    question: { asked, ground: groundOf(request, data, source) },
    strategy,
    space,
    market,
    data,
    rules: {
      objective: parseObjective(asked.objective),
      conditions: asked.conditions,
      measure: {
        days: runDays(market),
        riskFreeRate: base.riskFreeRate,
        returns: effectivePolicies({ strategy: base, policies: asked.policies }).returns,
      },
    },
    subject: {
      strategy: asked.strategy.name,
      sourceHash: source,
      bases: [...new Set(asked.instruments.map(({ base: asset }) => asset))].sort(),
      startTime: openTime[0] as number,
      endTime: (openTime[openTime.length - 1] as number) + timeframeMs,
    },
    sampler,
  }
}

function samplerOf(strategy: Strategy, asked: SweepAsked): () => Sampler {
  const space = searchSpace(strategy.params, asked.search)
  return () => makeSampler(asked.sampler, space, asked.seed, asked.trials)
}

/** The strategy at the first points of the search, to see what trials read. Throws the error of the first point where none compiles. */
function probesOf(strategy: Strategy, asked: SweepAsked, sampler: Sampler): readonly CompiledDefinition[] {
  const proposals = sampler.ask(Math.min(PROBES, asked.trials))
  if (proposals.length === 0)
    throw new ConfigError('the constraints leave nothing to try', { field: '--constraint', value: asked.search.constraints.length, unit: 'constraints' }) // prettier-ignore
  let failure: unknown
  const probes = proposals.flatMap(({ point }) => {
    try {
      return [compileStrategy(strategy, point, asked.strategy.preset ?? 'default')]
    } catch (error) {
      failure ??= error
      return []
    }
  })
  if (probes.length === 0) throw failure
  return probes
}

/** What one backtest of these trials would load; facts of all of them. */
function backtestOptions(
  { asked, dataFolder }: SweepRequest,
  probes: readonly CompiledDefinition[],
): BacktestOptions {
  const leveraged = probes.filter(({ risk }) => risk.leverage > 1).length
  if (leveraged > 0 && leveraged < probes.length)
    throw new ConfigError('trials with and without leverage are valued by different prices, and cannot stand in one sweep: search leverage above 1, or fix it', { field: '--param', value: 'leverage' }) // prettier-ignore
  const [base] = probes as [CompiledDefinition]
  const factsRead = [...new Set(probes.flatMap((one) => one.factsRead))]
  return { ...askedBacktest(asked, dataFolder), strategy: { ...base, factsRead } }
}

/** The backtest that each trial is one of. */
function askedBacktest(asked: SweepAsked, dataFolder: string): Omit<BacktestOptions, 'strategy'> {
  return {
    dataFolder,
    instruments: asked.instruments,
    timeframeMs: asked.timeframeMs,
    range: { startMs: asked.range.startTime, endMs: asked.range.endTime },
    startingBalance: asked.startingBalance,
    costs: asked.costs,
    policies: asked.policies,
    funding: asked.funding,
    factOverrides: asked.factOverrides,
  }
}

function groundOf(request: SweepRequest, data: RunData, source: string): SweepQuestion['ground'] {
  return {
    data: {
      hash: data.dataHash,
      synthetic: isSynthetic(data, request.asked.instruments),
      series: seriesUsed(data),
    },
    code: codeHashes(request.strategyFile),
    source,
  }
}

/** Trials whose daily returns are held while the overfitting statistics are reckoned; and bytes of their tables, which have 512 numbers a trial. */
const SAMPLED_TRIALS = 4_097
const TABLE_BYTES = 512 * 8 * 2
/** Bytes of a trial's hashes as words, of which several sets are made, of its place in the sampler, and of its point and figures on the page: as measured on a million. */
const WORDS_OF_A_TRIAL = 900

export interface MemoryForecast {
  /** Bytes. */
  readonly needed: number
  /** Bytes that this process may still take. */
  readonly available: number
}

/**
 * How much memory the sweep will take, its judgement included. Throws ConfigError with what would fit where it does not: before the start, since a
 * process that runs out of memory leaves no words.
 */
export function requireMemory(prepared: PreparedSweep, workers: number, available: number): MemoryForecast {
  const { asked } = prepared.request
  const features = generationFeatures(prepared)
  const bytes = (trials: number, threads: number): number => neededBytes(prepared, features, trials, threads)
  const needed = bytes(asked.trials, workers)
  if (needed <= available) return { needed, available }
  const suggestions = []
  if (workers > 1 && bytes(asked.trials, 1) <= available) suggestions.push('--jobs 1')
  let fitting = 0
  for (let trials = 1; bytes(trials, workers) <= available; trials *= 2) fitting = trials
  if (fitting > 0) suggestions.push(`--trials ${fitting}`)
  const what =
    suggestions.length === 0 ? 'a shorter --timerange or fewer instruments' : suggestions.join(' or ')
  throw new ConfigError(`the sweep needs about ${megabytes(needed)} MB and ${megabytes(available)} MB are free: try ${what}`, { field: '--trials', value: asked.trials, unit: 'trials' }) // prettier-ignore
}

/** What is held of all trials is small; their daily returns lie in files. Those on their way from threads are most where random entries are tried, all trials with some offsets at once. */
function neededBytes(
  { market, request }: PreparedSweep,
  features: number,
  trials: number,
  workers: number,
): number {
  const days = market.timeline.midnights.length + 1
  const { generationTrials } = request.asked
  const underWay = Math.min(trials, generationTrials)
  const { total } = trialMemory(market, { trials: underWay, features, workers, keepsOutcomes: true })
  const kept = trials * WORDS_OF_A_TRIAL
  return (
    total +
    Math.max(
      ringBytes(market, underWay, workers, true),
      ringBytes(market, trials * OFFSETS_AT_ONCE, workers, false),
    ) +
    kept +
    Math.min(trials, SAMPLED_TRIALS) * (days * 8 + TABLE_BYTES)
  )
}

/** Distinct features of the first generation, at most of a batch: later ones are of the same space. */
function generationFeatures({ strategy, request, sampler }: PreparedSweep): number {
  const { trials, generationTrials, strategy: of } = request.asked
  const compiled = sampler()
    .ask(Math.min(trials, generationTrials, BATCH_TRIALS))
    .flatMap(({ point }) => {
      try {
        return [compileStrategy(strategy, point, of.preset ?? 'default')]
      } catch {
        // A point that does not compile computes nothing; its trial says why.
        return []
      }
    })
  return distinctFeatures(compiled)
}

function megabytes(bytes: number): string {
  return String(Math.ceil(bytes / 1e6))
}

/** Runs trials on threads: a row for each, in their order. Throws DataError where a whole generation fails for want of an answer, or the reason of the signal. */
export async function evaluateOn(
  workers: TrialWorkers,
  { request, market, rules }: PreparedSweep,
  proposals: readonly Proposal[],
  signal?: AbortSignal,
): Promise<readonly TrialRow[]> {
  const { asked, strategyFile } = request
  const rows: (TrialRow | undefined)[] = new Array<TrialRow | undefined>(proposals.length)
  await workers.run(
    {
      strategyFile,
      preset: asked.strategy.preset ?? 'default',
      policies: asked.policies,
      market,
      params: proposals.map(({ point }) => point),
      ...(signal === undefined ? {} : { signal }),
      onFailure: (trial, error) => {
        // Workers run a copy of the file: where it lies is no part of what became of the trial.
        rows[trial] = failedRow(
          proposals[trial] as Proposal,
          withoutSourceFolder(error.message, strategyFile),
        )
      },
    },
    (outcome) => {
      rows[outcome.trial] = rowOf(proposals[outcome.trial] as Proposal, outcome, rules)
    },
  )
  return rows.map((row, at) => {
    if (row === undefined) throw new DataError('a trial was not answered', { field: 'trial', value: at })
    return row
  })
}

/** One thread a processor. */
export function defaultWorkers(): number {
  return availableParallelism()
}
