import { ConfigError } from '../../core/errors.js'
import {
  bestOutcome,
  offsetCount,
  type EntryOutcome,
  randomEntryTest,
  type RandomEntryResult,
} from '../../research/overfitting/random-entry.js'
import { MOST_REPLICATES } from '../../research/overfitting/sequential-p-value.js'
import { known, unknown } from '../../metrics/statistic.js'
import { seededRandom } from '../../research/seeded-random.js'
import { rowOf, type TrialFigures, type TrialRow } from '../../research/sweep/trial-row.js'
import type { Sequence } from '../../research/overfitting/trial-returns.js'
import { compileStrategy } from '../../strategy/compile.js'
import type { TrialWorkers } from '../trial-workers.js'
import { OFFSETS_AT_ONCE, type PreparedSweep } from './prepare.js'
import { TriedOffsets } from './tried-offsets.js'

/** How far the null has come. */
export interface RandomEntryProgress {
  /** Offsets that were tried; of those that run side by side, as many as their work comes to. */
  readonly offsets: number
  readonly of: number
}

export interface RandomEntryOptions {
  /** Default: 999, as by the definition; 99 decide at 5 % as exactly. */
  readonly mostReplicates?: number
  /** Outcomes that are known are asked for here, and others put there. Default: none are known. */
  readonly tried?: TriedOffsets
  readonly onProgress?: (progress: RandomEntryProgress) => void
}

/** Fewer could not come to a p-value of 0.05, whatever they found. */
export const FEWEST_REPLICATES = 19

/** Throws ConfigError naming who asked where so many replicates are fewer than can say anything, or more than the definition has. */
export function requireReplicates(field: string, most: number): void {
  if (Number.isSafeInteger(most) && most >= FEWEST_REPLICATES && most <= MOST_REPLICATES) return
  throw new ConfigError(`must be ${FEWEST_REPLICATES} to ${MOST_REPLICATES}: fewer can say nothing at 5 %`, { field, value: most }) // prettier-ignore
}

/** Bars that a thread holds of shifted columns at a time. */
const BARS_AT_ONCE = 8_000_000

/**
 * The random-entry null of a sweep: all trials again with their signals moved on by one common offset, many times; the best score of each time against the best score of
 * the sweep. What repeats another trial is left out, since it cannot change a maximum. The answer does not depend on the number of threads.
 */
export async function sweepRandomEntry(
  prepared: PreparedSweep,
  rows: Sequence<TrialRow>,
  workers: TrialWorkers,
  options: RandomEntryOptions = {},
): Promise<RandomEntryResult> {
  const { market, request } = prepared
  const tried = distinct(rows)
  const { decides, warmUpBars } = nature(prepared, tried)
  if (decides)
    return { pValue: unknown('the strategy decides with its position in view: it has no columns of entries to shift'), replicates: 0, exceedances: 0, setAside: 0 } // prettier-ignore
  const bars = market.timeline.openTime.length
  // Signals move round the bars that every trial is warm on: an offset and its complement leave thirty days there.
  const ring = Math.max(0, bars - warmUpBars)
  const most = Math.min(
    2 * (options.mostReplicates ?? MOST_REPLICATES),
    offsetCount(ring, request.asked.timeframeMs),
  )
  const kept = options.tried ?? new TriedOffsets()
  let offsets = 0
  options.onProgress?.({ offsets, of: most })
  return randomEntryTest({
    observed: bestOutcome(tried.map((row) => entryOutcome(row, bars))),
    bars: ring,
    timeframeMs: request.asked.timeframeMs,
    random: seededRandom(request.asked.seed, 0x656e7472),
    ...(options.mostReplicates === undefined ? {} : { mostReplicates: options.mostReplicates }),
    offsetsAtOnce: OFFSETS_AT_ONCE,
    evaluate: async (drawn) => {
      const open = drawn.filter((offset) => kept.of(offset) === undefined)
      const before = offsets + drawn.length - open.length
      const outcomes = await shiftedOutcomes(prepared, tried, workers, open, (runs) => {
        const now = before + Math.floor(runs / tried.length)
        if (now > offsets) options.onProgress?.({ offsets: (offsets = now), of: most })
      })
      offsets = before + open.length
      await kept.add(open, outcomes)
      return drawn.map((offset) => kept.of(offset) as EntryOutcome)
    },
  })
}

/** Whether trials decide with their position in view, and the longest time that one of them needs to be warm. */
function nature({ strategy, request: { asked } }: PreparedSweep, tried: readonly TrialRow[]): { readonly decides: boolean; readonly warmUpBars: number } {
  const known = new Map<string, number>()
  let [decides, warmUpBars] = [false, 0]
  for (const { point } of tried) {
    const { decide, program } = compileStrategy(strategy, point, asked.strategy.preset ?? 'default')
    decides ||= decide !== undefined
    warmUpBars = Math.max(warmUpBars, program.warmUp(asked.timeframeMs, known))
  }
  return { decides, warmUpBars }
} // prettier-ignore

/** Trials with an outcome, the first of those with equal returns. */
function distinct(rows: Iterable<TrialRow>): readonly TrialRow[] {
  const first = new Map<string, TrialRow>()
  for (const row of rows)
    if (row.figures !== undefined && !first.has(row.figures.returnHash))
      first.set(row.figures.returnHash, row)
  return [...first.values()]
}

/** Score where the trial may be chosen, and the share of bars on which it held something, all instruments together. */
function entryOutcome({ status, score, reason = '', figures }: TrialRow, bars: number): EntryOutcome {
  const statistic = status === 'complete' && score !== undefined ? known(score) : unknown(reason)
  return { statistic, exposure: (figures as TrialFigures).barsHeld / bars }
}

async function shiftedOutcomes(
  { request, market, rules }: PreparedSweep,
  tried: readonly TrialRow[],
  workers: TrialWorkers,
  offsets: readonly number[],
  onRuns: (runs: number) => void,
): Promise<readonly EntryOutcome[]> {
  const { asked, strategyFile } = request
  const bars = market.timeline.openTime.length
  const ofOffset: EntryOutcome[][] = offsets.map(() => [])
  let runs = 0
  const take = (trial: number, outcome: EntryOutcome): void => {
    ofOffset[trial % offsets.length]?.push(outcome)
    onRuns(++runs)
  }
  const batchTrials = Math.max(1, Math.min(512, Math.floor(BARS_AT_ONCE / (bars * market.tracks.length))))
  await workers.run(
    {
      strategyFile,
      preset: asked.strategy.preset ?? 'default',
      policies: asked.policies,
      market,
      batchTrials,
      // Only figures are made of them, at once.
      lendsReturns: true,
      // One trial after the other, each with all offsets: its columns are computed once.
      params: tried.flatMap(({ point }) => offsets.map(() => point)),
      signalShifts: tried.flatMap(() => offsets),
      // The best of an offset is not known where one of its trials has no answer: it is set aside.
      onFailure: (trial, error) => {
        take(trial, { statistic: unknown(error.message), exposure: NaN })
      },
    },
    (outcome) => {
      const row = tried[Math.floor(outcome.trial / offsets.length)] as TrialRow
      const shifted = rowOf(row, outcome, rules)
      take(outcome.trial, entryOutcome(shifted, bars))
    },
  )
  return ofOffset.map(bestOutcome)
}
