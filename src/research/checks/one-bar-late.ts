import { DataError } from '../../core/errors.js'
import type { BacktestResult } from '../../core/result.js'
import type { ReplayOptions } from '../../engine/options.js'
import { replay } from '../../engine/replay.js'
import { formatValue } from '../../metrics/format.js'
import { delayed } from '../../strategy/delay.js'
import { DEFAULT_VERDICT_LIMITS } from '../overfitting/verdict-limits.js'
import { type CheckResult, checkResult } from './check-result.js'

/**
 * Replays with every decision one bar late: a result that a bar's delay takes away lives on the moment of its fills. Passed where at least half of the return
 * is kept; not run for a run that gained nothing.
 */
export function checkOneBarLate(options: ReplayOptions, { finalEquity }: BacktestResult): CheckResult {
  const least = DEFAULT_VERDICT_LIMITS.keptOneBarLate
  const own = finalEquity / options.startingBalance - 1
  if (!(own > 0))
    return checkResult(
      'one-bar-late',
      'not run',
      `the run returned ${percent(own)}: nothing was gained that a delay could cost`,
    )
  try {
    const late = replay({ ...options, strategy: delayed(options.strategy) })
    const lateReturn = late.finalEquity / options.startingBalance - 1
    const kept = lateReturn / own
    return checkResult(
      'one-bar-late',
      kept >= least ? 'passed' : 'failed',
      `${percent(lateReturn)} in place of ${percent(own)}: ${percent(kept)} of the return is kept, at least ${percent(least)} asked for`,
    )
  } catch (error) {
    if (error instanceof DataError) return checkResult('one-bar-late', 'not run', error.message)
    throw error
  }
}

function percent(fraction: number): string {
  return formatValue(fraction, 'fraction')
}
