import { DataError } from '../../core/errors.js'
import type { BacktestResult } from '../../core/result.js'
import { formatUtc } from '../../core/time.js'
import type { InstrumentData, ReplayOptions } from '../../engine/options.js'
import { replay } from '../../engine/replay.js'
import type { CompiledStrategy } from '../../strategy/compiled.js'
import { drawBelow, seededRandom } from '../seeded-random.js'
import { barsUntil, factKnownUntil, knownUntil, shuffledAfter } from './changed-data.js'
import { type CheckResult, checkResult, type Divergence, valueText } from './check-result.js'
import {
  firstColumnDifference,
  firstDecisionDifference,
  firstFillDifference,
  type NamedColumns,
  namedColumns,
} from './compare.js'

/** A run with its columns, which cut and shuffled ones are held against. */
export interface WholeRun {
  readonly options: ReplayOptions
  readonly result: BacktestResult
  /** By instrument of the options. */
  readonly columns: readonly NamedColumns[]
  /** Closes to cut after, UTC ms: see `cutTimes`. */
  readonly cuts: readonly number[]
}

/** Columns of every instrument. O(instruments · bars · features). */
export function columnsOf(
  strategy: CompiledStrategy,
  instruments: readonly InstrumentData[],
): readonly NamedColumns[] {
  return instruments.map(({ candles, facts }) =>
    namedColumns(strategy.columns({ candles, facts }), candles.openTime.length),
  )
}

/**
 * Takes away everything that was not known at each cut (facts by known-at) and demands that features, signals and fills before it stay the same, bit
 * for bit. A pass proves it for these data and cuts, not for all. O(cuts · a replay).
 */
export function checkTruncation(run: WholeRun): CheckResult {
  return checkCuts('truncation', run, (data, cut) => knownUntil(data, cut))
}

/** The same with everything after the cut shuffled by chance: that catches what only looks as far as there are data, and the decision on the last bar. */
export function checkShuffledFuture(run: WholeRun, seed: number): CheckResult {
  return checkCuts('shuffled-future', run, (data, cut, path) => {
    const random = seededRandom(seed, ...path)
    return shuffledAfter(data, cut, (below) => drawBelow(random, below))
  })
}

type Change = (data: InstrumentData, cut: number, path: readonly number[]) => InstrumentData

function checkCuts(key: 'truncation' | 'shuffled-future', run: WholeRun, change: Change): CheckResult {
  const { options, result, cuts } = run
  if (cuts.length === 0)
    return checkResult(key, 'not run', 'the run has no close between its first and its last bar to cut after')
  const isCut = key === 'truncation'
  let columns = 0
  let fills = 0
  for (const [at, cut] of cuts.entries()) {
    const changed = options.instruments.map((data, index) => change(data, cut, [at, index]))
    for (const [index, data] of changed.entries()) {
      const found = columnDifference(run, index, data, cut)
      if (found !== undefined) return failure(key, run, cut, found, causeOf(run, index, cut, isCut))
      columns += run.columns[index]?.size ?? 0
    }
    const found = fillDifference(run, changed, cut, isCut)
    if (found === undefined) fills += result.fills.filter(({ time }) => time < cut).length
    else if (found instanceof DataError)
      return checkResult(key, 'not run', `the changed data cannot be replayed: ${found.message}`)
    else return failure(key, run, cut, found, undefined)
  }
  const what = isCut ? 'taken away' : 'shuffled'
  return checkResult(
    key,
    'passed',
    `all ${columns} columns and ${fills} fills before a cut stayed the same to the last bit with everything after ${cuts.length} closes ${what}, ${formatUtc(cuts[0] as number)} to ${formatUtc(cuts.at(-1) as number)} UTC`,
  )
}

function columnDifference(
  { options, columns }: WholeRun,
  index: number,
  { instrument, candles, facts }: InstrumentData,
  cut: number,
): Divergence | undefined {
  const bars = barsUntil(candles, cut)
  if (bars === 0) return undefined
  const other = namedColumns(options.strategy.columns({ candles, facts }), candles.openTime.length)
  return firstColumnDifference(instrument.id, candles, columns[index] as NamedColumns, other, bars)
}

/** Instruments that have no bar yet are left out: they had no fill. */
function fillDifference(
  { options, result }: WholeRun,
  changed: readonly InstrumentData[],
  cut: number,
  isCut: boolean,
): Divergence | DataError | undefined {
  const kept = changed.flatMap(({ candles: { openTime } }, index) => {
    const isThere = openTime.some((time) => time >= options.startTime && time < cut)
    return isThere ? [index] : []
  })
  if (kept.length === 0) return undefined
  try {
    const other = replay({
      ...options,
      instruments: kept.map((index) => changed[index] as InstrumentData),
      endTime: isCut ? cut : options.endTime,
      policies: { ...options.policies, endOfData: 'leave-open' },
    })
    // The last decision before data end has nothing to act on: it is known by the bars that follow a shuffled one.
    return (
      firstFillDifference(result, other, cut, kept) ??
      firstDecisionDifference(result, other, isCut ? cut - 1 : cut, kept)
    )
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
}

/** Which facts, by themselves, make the columns of an instrument differ; undefined where the bars do. */
function causeOf(run: WholeRun, index: number, cut: number, isCut: boolean): string | undefined {
  const data = run.options.instruments[index] as InstrumentData
  if (!isCut) return undefined
  const guilty = Object.keys(data.facts).filter(
    (name) => columnDifference(run, index, factKnownUntil(data, name, cut), cut) !== undefined,
  )
  return guilty.length === 0 ? 'later bars' : `facts of ${guilty.join(', ')} before they were known`
}

function failure(
  key: 'truncation' | 'shuffled-future',
  { options }: WholeRun,
  cut: number,
  found: Divergence,
  cause: string | undefined,
): CheckResult {
  const { instrument, column, bar, time, value, otherValue } = found
  const data = options.instruments.find(({ instrument: { id } }) => id === instrument)
  const ahead =
    bar === undefined || data === undefined ? '' : `; it saw ${aheadWords(barsUntil(data.candles, cut) - bar)}`
  const changed = key === 'truncation' ? 'taken away' : 'shuffled'
  const place = bar === undefined ? '' : `, bar ${bar}`
  return checkResult(
    key,
    'failed',
    `${column} of ${instrument} at ${formatUtc(time)} UTC${place} is ${valueText(value)}, but ${valueText(otherValue)} with everything after ${formatUtc(cut)} UTC ${changed}${ahead}${cause === undefined ? '' : `, by ${cause}`}`,
    found,
  )
} // prettier-ignore

function aheadWords(bars: number): string {
  return bars === 1 ? 'the next bar or beyond' : `${bars} bars ahead or more`
}
