import { parentPort } from 'node:worker_threads'
import { runTrials, type TrialOutcome, type UsedTiles } from '../engine/trials.js'
import { compileStrategy } from '../strategy/compile.js'
import type { Strategy } from '../strategy/define.js'
import { loadStrategyFile } from './strategy-file.js'
import {
  packError,
  type FromWorker,
  type ToWorker,
  type TrialJob,
  type TrialParams,
} from './trial-messages.js'

/** The thread that runs chunks of trials, one at a time, for TrialWorkers. */
let current: { readonly job: TrialJob; readonly strategy: Promise<Strategy> } | undefined
/** Memory for the next chunk, whichever run it is of. */
let used: UsedTiles | undefined

async function outcomesOf(firstTrial: number, params: readonly TrialParams[]): Promise<TrialOutcome[]> {
  if (current === undefined) throw new Error('a chunk of trials came before their job')
  const { job } = current
  const strategy = await current.strategy
  const trials = params.map((values) => compileStrategy(strategy, values, job.preset))
  const outcomes: TrialOutcome[] = []
  const before = used
  used = undefined
  used = runTrials(
    { ...job, trials },
    (outcome) => outcomes.push({ ...outcome, trial: firstTrial + outcome.trial }),
    before,
  )
  return outcomes
}

function answer(message: FromWorker): void {
  const columns = message.kind === 'done' ? message.outcomes.map((outcome) => outcome.dailyReturns) : []
  // Columns of several trials may lie in one buffer.
  parentPort?.postMessage(message, [...new Set(columns.map(({ buffer }) => buffer))] as ArrayBuffer[])
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
  const { chunk, firstTrial, params } = message
  try {
    answer({ kind: 'done', chunk, outcomes: await outcomesOf(firstTrial, params) })
  } catch (error) {
    answer({ kind: 'failed', chunk, error: packError(error) })
  }
}

parentPort?.on('message', (message: ToWorker) => void receive(message))
