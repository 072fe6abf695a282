import { BaleenError, EXIT_CODES } from '../../core/errors.js'
import { DAY_MS } from '../../core/time.js'
import type { WalkForwardReport } from '../../report/index.js'
import type { TrialWorkers } from '../trial-workers.js'
import { periodOf, walkWindows, type OnWindow } from '../walk-forward/walk-forward.js'
import type { PreparedSweep } from './prepare.js'

/** Trials searched in each window, at most. */
const TRIALS = 200
/** Where there are days enough: a year of training, tests of 60 days. */
const LENGTHS = { train: 365, leastTrain: 90, test: 60, leastTest: 30, windows: 6 } as const

/** How long training and tests of a sweep's walk-forward are, in days; the reason where there are too few. */
export function walkLengths(
  days: number,
): { readonly trainDays: number; readonly testDays: number } | { readonly reason: string } {
  const { train, leastTrain, test, leastTest, windows } = LENGTHS
  const least = leastTrain + windows * leastTest
  if (days < least)
    return {
      reason: `${days} whole days, at least ${least} needed: six tests of ${leastTest} days after ${leastTrain} of training`,
    }
  // Half of what there is to train on, half to test on, up to the usual lengths.
  const testDays = Math.min(test, Math.max(leastTest, Math.floor(days / (2 * windows))))
  return { trainDays: Math.min(train, days - windows * testDays), testDays }
}

/**
 * Walks forward by the sweep's own search: its space, objective, conditions, sampler and seed, at most 200 trials a window. What a trial of the sweep tells of a test's days is not
 * looked at: a sampler that learns has seen them.
 */
export async function walkSweep(
  { request, strategy, space, data, rules }: PreparedSweep,
  workers: TrialWorkers,
  onWindow?: OnWindow,
): Promise<WalkForwardReport | { readonly reason: string }> {
  const { asked, strategyFile } = request
  const { policies, startingBalance, costs, instruments, timeframeMs, range } = asked
  const { preset } = asked.strategy
  const replayed = { ...range, instruments: data.instruments, startingBalance, costs, policies }
  const { startMs, endMs } = periodOf(replayed)
  const lengths = walkLengths(Math.floor((endMs - startMs) / DAY_MS))
  if ('reason' in lengths) return lengths
  try {
    return await walkWindows(
      { strategyFile, preset, params: {}, policies, startingBalance, costs, instruments, timeframeMs },
      strategy,
      replayed,
      data,
      {
        ...lengths,
        space,
        ranking: { objective: rules.objective, conditions: rules.conditions },
        sampler: asked.sampler,
        trials: Math.min(asked.trials, TRIALS),
        seed: asked.seed,
        windows: undefined,
        isAnchored: false,
        purgeMs: undefined,
      },
      workers,
      onWindow,
    )
  } catch (error) {
    // What the data or the params of a window do not allow is a finding; a bug of ours is not.
    if (error instanceof BaleenError && error.exitCode !== EXIT_CODES.bug) return { reason: error.message }
    throw error
  }
}
