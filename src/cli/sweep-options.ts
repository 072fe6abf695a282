import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { loadStrategyFile } from '../jobs/strategy-file.js'
import { GENERATIONS, sweepAsked } from '../jobs/sweep/asked.js'
import type { SweepAsked } from '../jobs/sweep/question.js'
import type { SweepRequest } from '../jobs/sweep/prepare.js'
import { SAMPLER_NAMES } from '../research/samplers/make-sampler.js'
import type { SamplerName } from '../research/samplers/sampler.js'
import { parseSearch } from '../research/search-syntax.js'
import { parseConditions } from '../research/sweep/conditions.js'
import { parseObjective, STATISTIC_KEYS } from '../research/sweep/objective.js'
import type { RunRequest } from '../jobs/run.js'
import { compileStrategy } from '../strategy/compile.js'
import type { Strategy } from '../strategy/define.js'
import type { ParamValue } from '../strategy/params.js'
import { collect, wholeNumber } from './arguments.js'
import { addBacktestOptions, backtestRequest, type BacktestFlags } from './backtest-options.js'

/** What commander reads of a sweep. */
export interface SweepFlags extends BacktestFlags {
  readonly sampler: string
  readonly trials?: number
  readonly objective: string
  readonly constraint: readonly string[]
  readonly generation?: number
}

const TRIALS = { random: 1_000, sobol: 1_000, tpe: 500 } as const
export function addSweepOptions(command: Command): Command {
  addBacktestOptions(command)
  const param = command.options.find(({ long }) => long === '--param')
  if (param !== undefined)
    param.description =
      'what to vary (repeatable): fast=5:50:5 (lowest:highest:step), fast=5:50 (its declared step), size=0.01:1:log, mode=a,b, fast=12 (fixed), fast (its declared range); without any: every parameter over its declared range'
  for (const option of command.options)
    if (['--detail', '--sensitivity', '--no-sensitivity'].includes(option.long ?? '')) option.hidden = true
  const seed = command.options.find(({ long }) => long === '--seed')
  if (seed !== undefined)
    seed.description = 'another number, other trials of random, sobol, tpe and a part of a grid (default: 0)'
  return command
    .option('--sampler <name>', `who proposes the trials: ${SAMPLER_NAMES.join(', ')}`, 'grid')
    .option(
      '--trials <n>',
      `how many (default: the whole grid; ${TRIALS.random} for random and sobol, ${TRIALS.tpe} for tpe); fewer than a grid has are drawn from it by the seed`,
      wholeNumber,
    )
    .option('--objective <figure>', `what to rank by: ${STATISTIC_KEYS.join(', ')}`, 'sharpe')
    .option(
      '--constraint <text>',
      "between parameters, 'fast<slow', or on what came of a trial, 'trades>=30' (repeatable)",
      collect,
      [],
    )
    .option(
      '--generation <n>',
      `trials that are proposed, run and stored together (default: a twentieth of them, ${GENERATIONS.filling.least} to ${GENERATIONS.filling.most}; for tpe fewer, ${GENERATIONS.learning.least} to ${GENERATIONS.learning.most})`,
      wholeNumber,
    )
}

/** Merges command line, config file and defaults into a request. Throws ConfigError naming the option. */
export async function sweepRequest(
  strategyName: string | undefined,
  flags: SweepFlags,
  context: { readonly workingFolder: string; readonly command: string },
): Promise<{ readonly request: SweepRequest; readonly run: RunRequest }> {
  const run = await backtestRequest(strategyName, { ...flags, param: [] }, context)
  if (run.detailMs !== undefined)
    throw new ConfigError('trials do not read finer candles: sweep without, then backtest the best with --detail', { field: '--detail', value: flags.detail }) // prettier-ignore
  const strategy = await loadStrategyFile(run.strategyFile)
  return { request: { asked: askedOf(run, strategy, flags), strategyFile: run.strategyFile, dataFolder: run.dataFolder }, run } // prettier-ignore
}

function askedOf(run: RunRequest, strategy: Strategy, flags: SweepFlags): SweepAsked {
  const { constraints, conditions } = parseConditions(strategy.params, flags.constraint)
  const space = parseSearch(strategy.params, flags.param, constraints, baseOf(strategy, run))
  const sampler = samplerOf(flags.sampler)
  return sweepAsked(strategy, run, {
    space,
    conditions,
    objective: parseObjective(flags.objective).key,
    sampler,
    trials: atLeastOne('--trials', flags.trials) ?? (sampler === 'grid' ? undefined : TRIALS[sampler]),
    generationTrials: atLeastOne('--generation', flags.generation),
  })
}

/** Values of params that are not varied: the preset's, and those of the config file. */
function baseOf(strategy: Strategy, { params, preset }: RunRequest): Readonly<Record<string, ParamValue>> {
  const { params: values } = compileStrategy(strategy, params, preset ?? 'default')
  return values
}

function samplerOf(name: string): SamplerName {
  const found = SAMPLER_NAMES.find((one) => one === name)
  if (found !== undefined) return found
  throw new ConfigError(`no such sampler; there are ${SAMPLER_NAMES.join(', ')}`, { field: '--sampler', value: name }) // prettier-ignore
}

function atLeastOne(option: string, value: number | undefined): number | undefined {
  if (value === undefined || value >= 1) return value
  throw new ConfigError('must be at least 1', { field: option, value })
}

/** Options of a sweep that a backtest does not have, or whose values it gets from the best trial; with how many words follow. */
const SWEEP_ONLY: Readonly<Record<string, 0 | 1>> = {
  '-p': 1, '--param': 1, '--sampler': 1, '--trials': 1, '--objective': 1, '--constraint': 1, '--generation': 1, '--jobs': 1,
  '--sweeps': 1, '--ledger': 1, '--executor': 1, '--queue': 1, '--queue-wait': 1, '--random-entry': 1, '--random-entry-replicates': 1, '--resume': 0, '--seed': 1, '--json': 0, '-q': 0, '--quiet': 0,
} // prettier-ignore

/** The words of a `sweep` command as those of a `backtest` of the same strategy, data, costs and policies, but for its params. */
export function backtestWords(words: readonly string[]): readonly string[] {
  const kept: string[] = []
  let isCommandSeen = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    const [name = ''] = /^--[^=]+(?==)/.exec(word) ?? /^-p(?=.)/.exec(word) ?? ['']
    if (name !== '' && Object.hasOwn(SWEEP_ONLY, name)) continue
    if (Object.hasOwn(SWEEP_ONLY, word)) {
      at += SWEEP_ONLY[word] as number
      continue
    }
    if (!isCommandSeen && word === 'sweep') {
      isCommandSeen = true
      kept.push('backtest')
      if (words[at + 1] === 'plan') at++
    } else kept.push(word)
  }
  return kept
}
