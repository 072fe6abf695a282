import type { ReplayOptions } from '../../engine/options.js'
import { replay } from '../../engine/replay.js'
import { formatUtc } from '../../core/time.js'
import type { CompiledStrategy } from '../../strategy/compiled.js'
import { type CheckResult, checkResult, type Divergence, valueText } from './check-result.js'
import { firstColumnDifference, firstFillDifference } from './compare.js'
import { columnsOf, type WholeRun } from './look-ahead.js'

/**
 * Replays once more, with the strategy compiled anew, and demands the same bits: columns, fills and equity. What differs comes of a clock, of
 * chance, or of something that the strategy's own functions remember from one call to the next.
 */
export function checkDeterminism(run: Omit<WholeRun, 'cuts'>, again: CompiledStrategy): CheckResult {
  const { options, result, columns } = run
  const difference = columnsDifference(options, columns, again) ?? fillsDifference(run, again)
  if (difference !== undefined) {
    const { instrument, column, time, value, otherValue } = difference
    return checkResult(
      'determinism',
      'failed',
      `${column} of ${instrument} at ${formatUtc(time)} UTC is ${valueText(value)} in one run and ${valueText(otherValue)} in the next: a clock, chance, or something that the strategy remembers between calls`,
      difference,
    )
  }
  return checkResult(
    'determinism',
    'passed',
    `two runs, compiled apart, have the same columns, ${result.fills.length} fills and final equity to the last bit`,
  )
}

function columnsDifference(
  { instruments }: ReplayOptions,
  columns: WholeRun['columns'],
  again: CompiledStrategy,
): Divergence | undefined {
  const others = columnsOf(again, instruments)
  for (const [index, { instrument, candles }] of instruments.entries()) {
    const [one, other] = [columns[index]!, others[index]!]
    const found = firstColumnDifference(instrument.id, candles, one, other, candles.openTime.length)
    if (found !== undefined) return found
  }
  return undefined
}

function fillsDifference(
  { options, result }: Omit<WholeRun, 'cuts'>,
  again: CompiledStrategy,
): Divergence | undefined {
  const other = replay({ ...options, strategy: again })
  const found = firstFillDifference(result, other, Infinity, [...options.instruments.keys()])
  if (found !== undefined || Object.is(other.finalEquity, result.finalEquity)) return found
  return {
    instrument: 'the account',
    column: 'final equity',
    bar: undefined,
    time: result.endTime,
    value: result.finalEquity,
    otherValue: other.finalEquity,
  }
}
