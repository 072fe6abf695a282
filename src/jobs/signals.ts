import type { Candles } from '../core/columns.js'
import type { TimeRange } from '../core/time.js'
import type { InstrumentData } from '../engine/options.js'
import type { InstrumentSignals, ScoreRange } from '../report/index.js'
import type { CompiledDefinition } from '../strategy/compile.js'
import { attainableScores, legActivity, scoreLayout } from '../strategy/score.js'

/**
 * What a strategy says of the bars of a range before any position: the range of its score, the range its legs could have
 * made together, and how often each leg was away from neutral. O(bars · legs).
 */
export function inspectSignals(
  strategy: CompiledDefinition,
  instruments: readonly InstrumentData[],
  range: TimeRange,
): InstrumentSignals[] {
  const layout = scoreLayout(strategy.bound)
  const { form } = strategy.bound
  return instruments.map(({ instrument, candles, facts }) => {
    const { signal, features } = strategy.columns({ candles, facts })
    const { first, end } = barsOf(candles, range)
    const activity = layout === undefined ? [] : legActivity(layout, features, first, end)
    const reachable = layout && attainableScores(activity, layout.minimumCoverage)
    return {
      instrument: instrument.id,
      bars: end - first,
      scores: signal.score === undefined ? undefined : extent(signal.score.subarray(first, end)),
      attainable: reachable && { lowest: reachable.lowest, highest: reachable.highest },
      entryAbove: 'thresholds' in form ? form.thresholds.long : undefined,
      entryBelow: 'thresholds' in form ? form.thresholds.short : undefined,
      legs: activity.map(({ name, knownBars, activeBars, lowest, highest }) => ({
        leg: name,
        present: knownBars,
        active: activeBars,
        lowest,
        highest,
      })),
    }
  })
}

/** Bars `[first, end)` that lie whole within a range. */
function barsOf({ openTime, timeframeMs }: Candles, range: TimeRange): { first: number; end: number } {
  const found = openTime.findIndex((time) => time >= range.startMs)
  const first = found < 0 ? openTime.length : found
  let end = openTime.length
  while (end > first && openTime[end - 1]! + timeframeMs > range.endMs) end--
  return { first, end }
}

/** Lowest and highest known value; undefined where none is known. */
function extent(values: Float64Array): ScoreRange | undefined {
  const known = values.filter((value) => !Number.isNaN(value))
  if (known.length === 0) return undefined
  return {
    lowest: known.reduce((lowest, value) => Math.min(lowest, value)),
    highest: known.reduce((highest, value) => Math.max(highest, value)),
  }
}
