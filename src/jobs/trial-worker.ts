import { parentPort } from 'node:worker_threads'
import { runTrials, type UsedTiles } from '../engine/trials.js'
import { BaleenError, EXIT_CODES } from '../core/errors.js'
import { compileStrategy } from '../strategy/compile.js'
import type { CompiledStrategy } from '../strategy/compiled.js'
import type { Strategy } from '../strategy/define.js'
import { SignalShifts } from '../strategy/shift-signal.js'
import { OutcomePacker, transferable, type PackedOutcomes } from './packed-outcomes.js'
import { loadStrategyFile } from './strategy-file.js'
import {
  packError,
  type FailedTrial,
  type FromWorker,
  type ToWorker,
  type TrialJob,
  type TrialParams,
} from './trial-messages.js'

/** The thread that runs chunks of trials, one at a time, for TrialWorkers. */
let current: { readonly job: TrialJob; readonly strategy: Promise<Strategy> } | undefined
/** Memory for the next chunk, whichever run it is of. */
let used: UsedTiles | undefined

interface Chunk {
  readonly outcomes: PackedOutcomes
  readonly failures: readonly FailedTrial[]
}

interface NumberedTrial {
  readonly trial: number
  readonly strategy: CompiledStrategy
}

async function outcomesOf(
  numbers: readonly number[],
  params: readonly TrialParams[],
  signalShifts: readonly number[] | undefined,
): Promise<Chunk> {
  if (current === undefined) throw new Error('a chunk of trials came before their job')
  const { job } = current
  const strategy = await current.strategy
  const failures: FailedTrial[] = []
  const compile = compilerOf(job, strategy, params, signalShifts)
  const trials: NumberedTrial[] = []
  for (let at = 0; at < numbers.length; at++) {
    const trial = numbers[at] as number
    try {
      trials.push({ trial, strategy: compile(at) })
    } catch (error) {
      failures.push(failureOf(job, trial, error))
    }
  }
  const packer = new OutcomePacker(trials.length)
  runApart(job, trials, packer, failures)
  return { outcomes: packer.packed(), failures: failures.sort((a, b) => a.trial - b.trial) }
}

/** Compiles the trials of a chunk; of trials that differ by their shift alone the strategy once. */
function compilerOf(
  { preset, market: { timeline } }: TrialJob,
  strategy: Strategy,
  params: readonly TrialParams[],
  signalShifts: readonly number[] | undefined,
): (at: number) => CompiledStrategy {
  if (signalShifts === undefined) return (at) => compileStrategy(strategy, params[at], preset)
  const { openTime, timeframeMs } = timeline
  const range = { startTime: openTime[0] as number, endTime: (openTime.at(-1) as number) + timeframeMs }
  let last: { readonly params: string; readonly shifts: SignalShifts } | undefined
  return (at) => {
    const key = JSON.stringify(params[at])
    if (last?.params !== key)
      last = { params: key, shifts: new SignalShifts(compileStrategy(strategy, params[at], preset), range) }
    return last.shifts.by(signalShifts[at] as number)
  }
}

/** Runs trials together; where one of them fails, by halves, until it stands alone: O(failures · log trials) further replays. */
function runApart(
  job: TrialJob,
  trials: readonly NumberedTrial[],
  packer: OutcomePacker,
  failures: FailedTrial[],
): void {
  if (trials.length === 0) return
  const before = packer.length
  try {
    runTogether(job, trials, packer)
  } catch (error) {
    packer.cut(before)
    if (trials.length === 1) {
      failures.push(failureOf(job, (trials[0] as NumberedTrial).trial, error))
      return
    }
    requireTolerable(job, error)
    const middle = trials.length >> 1
    runApart(job, trials.slice(0, middle), packer, failures)
    runApart(job, trials.slice(middle), packer, failures)
  }
}

function runTogether(job: TrialJob, trials: readonly NumberedTrial[], packer: OutcomePacker): void {
  const before = used
  used = undefined
  used = runTrials(
    { ...job, trials: trials.map(({ strategy }) => strategy) },
    (outcome) => packer.add(outcome, (trials[outcome.trial] as NumberedTrial).trial),
    before,
  )
}

/** Throws what nobody asked to be kept, and what is a bug of ours rather than a matter of data or params. */
function requireTolerable(job: TrialJob, error: unknown): void {
  const isOurs = !(error instanceof BaleenError) || error.exitCode === EXIT_CODES.bug
  if (job.keepsFailures !== true || isOurs) throw error
}

function failureOf(job: TrialJob, trial: number, error: unknown): FailedTrial {
  requireTolerable(job, error)
  return { trial, error: packError(error) }
}

function answer(message: FromWorker): void {
  parentPort?.postMessage(message, message.kind === 'done' ? transferable(message.outcomes) : [])
}

async function receive(message: ToWorker): Promise<void> {
  if (message.kind === 'job') {
    const { job } = message
    const strategy = loadStrategyFile(job.strategyFile)
    // A file that does not load fails the chunks that need it.
    strategy.catch(() => undefined)
    current = { job, strategy }
    return
  }
  const { chunk, trials, params, signalShifts } = message
  try {
    const { outcomes, failures } = await outcomesOf(trials, params, signalShifts)
    answer({ kind: 'done', chunk, outcomes, failures })
  } catch (error) {
    answer({ kind: 'failed', chunk, error: packError(error) })
  }
}

parentPort?.on('message', (message: ToWorker) => void receive(message))
