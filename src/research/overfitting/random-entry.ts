import { DataError } from '../../core/errors.js'
import { DAY_MS } from '../../core/time.js'
import type { RandomGenerator } from '../../market/random.js'
import { known, type Statistic, unknown } from '../../metrics/statistic.js'
import { drawBelow } from '../seeded-random.js'
import { isDecided, MOST_REPLICATES, type SequentialRule, sequentialPValue } from './sequential-p-value.js'

/** What a run, or a whole sweep, came to. */
export interface EntryOutcome {
  /** Larger is better. Of a sweep the maximum over its trials: the best is what was chosen, so the best is what luck must be asked for. */
  readonly statistic: Statistic
  /** Mean exposure, a fraction of equity; of a sweep the mean over its trials. */
  readonly exposure: number
}

export interface RandomEntryOptions extends SequentialRule {
  readonly observed: EntryOutcome
  /** Of the ring that entries are moved round. */
  readonly bars: number
  readonly timeframeMs: number
  readonly random: RandomGenerator
  /**
   * Outcomes with all entry columns shifted circularly by a common number of bars, one for each, through the same engine. Asked
   * for some at once, so that they may run side by side; the answer does not depend on how many.
   */
  readonly evaluate: (offsets: readonly number[]) => Promise<readonly EntryOutcome[]>
  /** Default 8. */
  readonly offsetsAtOnce?: number
}

/** Whether the time of the entries matters. */
export interface RandomEntryResult {
  /** How likely entries at other times do as well, by the sequential rule. */
  readonly pValue: Statistic
  readonly replicates: number
  readonly exceedances: number
  /** Offsets left out since exposure changed by more than a tenth, or since there was no statistic. */
  readonly setAside: number
}

/** Entries are shifted by at least this, forwards and backwards. */
const LEAST_SHIFT_MS = 30 * DAY_MS
const EXPOSURE_TOLERANCE = 0.1
/** A test on fewer replicates than this, undecided, says nothing. */
const FEWEST_REPLICATES = 99

/**
 * Random-entry null: the entries keep their pattern, their number and their clustering, and lose only their place in time. Offsets lie in
 * [30 days, T − 30 days], each drawn once; what shifting does to exposure is held within 10 % (relative) of the observed, since holding more of
 * a rising market is no skill. n/a where too few offsets pass.
 */
export async function randomEntryTest(options: RandomEntryOptions): Promise<RandomEntryResult> {
  const { observed, random, evaluate, offsetsAtOnce = 8 } = options
  const target = observed.statistic
  const count = { replicates: 0, exceedances: 0, setAside: 0 }
  if (target.value === undefined) return { ...count, pValue: target }
  if (!(observed.exposure > 0))
    return { ...count, pValue: unknown('no position was held, so there are no entries to shift') }
  const most = 2 * (options.mostReplicates ?? MOST_REPLICATES)
  const draw = offsetDraw(options, random)
  for (let drawn = 0; drawn < most && !isDecided(count, options); drawn += offsetsAtOnce) {
    const offsets = draw(Math.min(offsetsAtOnce, most - drawn))
    if (offsets.length === 0) break
    const outcomes = await evaluate(offsets)
    if (outcomes.length !== offsets.length)
      throw new DataError('an outcome for each offset is needed', {
        field: 'outcomes',
        value: outcomes.length,
      })
    for (const outcome of outcomes) {
      if (isDecided(count, options)) break
      const value = isComparable(outcome, observed) ? outcome.statistic.value : undefined
      if (value === undefined) count.setAside++
      else {
        count.replicates++
        if (value >= target.value) count.exceedances++
      }
    }
  }
  if (!isDecided(count, options) && count.replicates < FEWEST_REPLICATES)
    return { ...count, pValue: unknown(`${count.replicates} shifted runs are comparable, at least ${FEWEST_REPLICATES} needed`) } // prettier-ignore
  return { ...count, pValue: sequentialPValue(count, options) }
}

function isComparable({ exposure }: EntryOutcome, observed: EntryOutcome): boolean {
  return Math.abs(exposure / observed.exposure - 1) <= EXPOSURE_TOLERANCE
}

/** How many offsets there are that leave thirty days on either side. */
export function offsetCount(bars: number, timeframeMs: number): number {
  return Math.max(0, bars - 2 * Math.ceil(LEAST_SHIFT_MS / timeframeMs) + 1)
}

/** Draws offsets in bars without repeats: fewer than asked for, and at last none, when all have been drawn. */
function offsetDraw(
  { bars, timeframeMs }: RandomEntryOptions,
  random: RandomGenerator,
): (count: number) => readonly number[] {
  const least = Math.ceil(LEAST_SHIFT_MS / timeframeMs)
  const offsets = Int32Array.from({ length: offsetCount(bars, timeframeMs) }, (_, at) => least + at)
  let left = offsets.length
  return (count) =>
    Array.from({ length: Math.min(count, left) }, () => {
      const at = drawBelow(random, left)
      const offset = offsets[at] as number
      offsets[at] = offsets[--left] as number
      return offset
    })
}

/** Statistic and exposure of a sweep whose trials all had the same shift: the best trial, the mean exposure. n/a where no trial has a statistic. */
export function bestOutcome(outcomes: readonly EntryOutcome[]): EntryOutcome {
  const values = outcomes.map(({ statistic }) => statistic.value).filter((value) => value !== undefined)
  const statistic =
    values.length === 0
      ? unknown('no trial has a statistic')
      : known(values.reduce((best, value) => Math.max(best, value)))
  const exposure = outcomes.reduce((sum, outcome) => sum + outcome.exposure, 0) / Math.max(1, outcomes.length)
  return { statistic, exposure }
}
