import { setImmediate } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { runTrials, type TrialOptions, type UsedTiles } from '../engine/trials.js'
import { BaleenError, EXIT_CODES } from '../core/errors.js'
import { compileStrategy } from '../strategy/compile.js'
import type { CompiledStrategy } from '../strategy/compiled.js'
import type { Strategy } from '../strategy/define.js'
import { SignalShifts } from '../strategy/shift-signal.js'
import { ChunkClaims } from './chunk-claims.js'
import { OutcomePacker, transferable, type PackedOutcomes } from './packed-outcomes.js'
import { unpackParams } from './packed-params.js'
import { returnsAt } from './returns-ring.js'
import { loadStrategyFile } from './strategy-file.js'
import { TrialChunks } from './trial-chunks.js'
import {
  packError,
  type FailedTrial,
  type FromWorker,
  type RunOfTrials,
  type ToWorker,
  type TrialJob,
} from './trial-messages.js'

/** The thread that runs chunks of trials, one at a time, for TrialWorkers. */
let current: CurrentRun | undefined
let isAtWork = false
/** Memory for the next chunk, whichever run it is of. */
let used: UsedTiles | undefined

interface CurrentRun extends RunOfTrials {
  readonly strategy: Promise<Strategy>
  readonly chunks: TrialChunks
}

interface Chunk {
  readonly outcomes: PackedOutcomes
  readonly failures: readonly FailedTrial[]
}

/** What trials share, and where their returns go. */
type PlacedJob = TrialJob & Required<Pick<TrialOptions, 'roomForReturns'>>

interface NumberedTrial {
  readonly trial: number
  readonly strategy: CompiledStrategy
}

async function outcomesOf(run: CurrentRun, chunk: number): Promise<Chunk> {
  const { job, returns } = run
  const compile = compilerOf(run, await run.strategy)
  const failures: FailedTrial[] = []
  const trials: NumberedTrial[] = []
  for (const trial of run.chunks.trialsOf(chunk)) {
    try {
      trials.push({ trial, strategy: compile(trial) })
    } catch (error) {
      failures.push(failureOf(job, trial, error))
    }
  }
  const packer = new OutcomePacker(trials.length)
  runApart(
    { ...job, roomForReturns: () => returnsAt(returns, chunk, packer.length) },
    trials,
    packer,
    failures,
  )
  return { outcomes: packer.packed(), failures: failures.sort((a, b) => a.trial - b.trial) }
}

/** Compiles trials; of those that follow one another and differ by their shift alone the strategy once. */
function compilerOf(
  { job: { preset, market }, params, signalShifts }: RunOfTrials,
  strategy: Strategy,
): (trial: number) => CompiledStrategy {
  if (signalShifts === undefined)
    return (trial) => compileStrategy(strategy, unpackParams(params, trial), preset)
  const { openTime, timeframeMs } = market.timeline
  const range = { startTime: openTime[0] as number, endTime: (openTime.at(-1) as number) + timeframeMs }
  let last: { readonly params: string; readonly shifts: SignalShifts } | undefined
  return (trial) => {
    const values = unpackParams(params, trial)
    const key = JSON.stringify(values)
    if (last?.params !== key)
      last = { params: key, shifts: new SignalShifts(compileStrategy(strategy, values, preset), range) }
    return last.shifts.by(signalShifts[trial] as number)
  }
}

/** Runs trials together; where one of them fails, by halves, until it stands alone: O(failures · log trials) further replays. */
function runApart(
  job: PlacedJob,
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

function runTogether(job: PlacedJob, trials: readonly NumberedTrial[], packer: OutcomePacker): void {
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

function tell(message: FromWorker): void {
  parentPort?.postMessage(message, message.kind === 'done' ? transferable(message.outcomes) : [])
}

async function answerOf(run: CurrentRun, chunk: number): Promise<FromWorker> {
  try {
    const { outcomes, failures } = await outcomesOf(run, chunk)
    return { kind: 'done', chunk, outcomes, failures }
  } catch (error) {
    return { kind: 'failed', chunk, error: packError(error) }
  }
}

/** Takes chunks as long as there are any. */
async function work(): Promise<void> {
  if (isAtWork) return
  isAtWork = true
  for (;;) {
    const run = current as CurrentRun
    const chunk = new ChunkClaims(run.claims).take()
    if (chunk === undefined) break
    tell(await answerOf(run, chunk))
    // A collection that waits for a quiet moment has one now, when nothing of the chunk is left.
    await setImmediate()
  }
  isAtWork = false
  tell({ kind: 'idle' })
}

parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'run') {
    const { run } = message
    const strategy = loadStrategyFile(run.job.strategyFile)
    // A file that does not load fails the chunks that need it.
    strategy.catch(() => undefined)
    current = { ...run, strategy, chunks: new TrialChunks(run.cut) }
  }
  void work()
})
