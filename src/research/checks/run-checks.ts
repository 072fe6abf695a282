import type { BacktestResult } from '../../core/result.js'
import type { ReplayOptions } from '../../engine/options.js'
import { replay } from '../../engine/replay.js'
import type { CompiledDefinition } from '../../strategy/compile.js'
import type { CompiledStrategy } from '../../strategy/compiled.js'
import { barsUntil } from './changed-data.js'
import { type CheckKey, type CheckResult, checkResult } from './check-result.js'
import { cutTimes } from './cuts.js'
import { checkDeterminism } from './determinism.js'
import { checkForesight } from './foresight.js'
import { checkLegs } from './legs.js'
import { checkShuffledFuture, checkTruncation, columnsOf, type WholeRun } from './look-ahead.js'
import { checkOneBarLate } from './one-bar-late.js'
import { checkWarmUp } from './warm-up.js'

export interface CheckOptions {
  /** The run that is checked. What lies inside bars goes by its policies: finer candles are not asked. */
  readonly run: ReplayOptions
  /** Its strategy compiled once more, from nothing that the first has touched. */
  readonly again: CompiledStrategy
  /** The definition behind the strategy, where it has one: it says what legs there are. */
  readonly definition?: Pick<CompiledDefinition, 'bound' | 'factsRead'>
  /** How often data are cut. */
  readonly cuts: number
  /** Of the shuffles. */
  readonly seed: number
  /** Share of the bars that may be decided on before columns have settled. Default 0. */
  readonly unsettledShare?: number
  /** Told before each check. */
  readonly onStart?: (key: CheckKey) => void
}

/**
 * Checks a strategy on the data of a run: is it the same twice, does it look ahead, do its columns settle, does it live on the moment of its fills, was all
 * of it tested? Every check passes, fails or says why it tells nothing. About 2 · cuts + 3 replays.
 */
export function runChecks(options: CheckOptions): readonly CheckResult[] {
  const { run, again, definition, cuts, seed, onStart = () => undefined } = options
  const { strategy, instruments } = run
  onStart('determinism')
  const result = replay(run)
  const columns = columnsOf(strategy, instruments)
  const determinism = checkDeterminism({ options: run, result, columns }, again)
  const whole: WholeRun = {
    options: run,
    result,
    columns,
    cuts: cutTimes(instruments, result, cuts, strategy.decide !== undefined),
  }
  const ifDeterminate = (key: CheckKey, check: () => CheckResult): CheckResult => {
    if (determinism.outcome === 'failed')
      return checkResult(key, 'not run', 'no two runs are alike, so that none can be compared')
    onStart(key)
    return check()
  }
  const bars = instruments.map(({ candles }, index) => {
    const { firstOpenTime, lastCloseTime } = result.instruments[index]!
    return { first: barsUntil(candles, firstOpenTime), end: barsUntil(candles, lastCloseTime) }
  })
  onStart('foresight')
  const foresight = checkForesight(instruments, columns)
  return [
    determinism,
    ifDeterminate('truncation', () => checkTruncation(whole)),
    ifDeterminate('shuffled-future', () => checkShuffledFuture(whole, seed)),
    foresight,
    ifDeterminate('warm-up', () =>
      checkWarmUp(strategy, instruments, decidedBars(run, result), options.unsettledShare),
    ),
    ifDeterminate('one-bar-late', () => checkOneBarLate(run, result)),
    definition === undefined
      ? checkResult('legs', 'not run', 'nothing is known of how the signal is made')
      : checkLegs(definition, instruments, columns, bars),
  ]
}

/** Bars of each instrument up to and including the first that the run could decide on. */
function decidedBars({ instruments }: ReplayOptions, { instruments: runs }: BacktestResult): number[] {
  return instruments.map(({ candles }, index) => barsUntil(candles, runs[index]!.firstDecisionTime))
}
