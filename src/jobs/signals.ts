import type { Candles, FactColumns } from '../core/columns.js'
import type { SignalColumns } from '../core/signals.js'
import type { TimeRange } from '../core/time.js'
import type { InstrumentData } from '../engine/options.js'
import type { Feature } from '../features/feature.js'
import { planFeatures } from '../features/plan.js'
import type { InstrumentSignals, LegFacts, ScoreRange, UsableBars } from '../report/index.js'
import type { CompiledDefinition } from '../strategy/compile.js'
import { attainableScores, legActivity, scoreLayout } from '../strategy/score.js'

/** Columns of one instrument as they were inspected, one value a bar of its candles; the run's are `[first, end)`. */
export interface SeenColumns {
  readonly first: number
  readonly end: number
  /** Undefined for rules. */
  readonly score: Float64Array | undefined
  /** Undefined for scores without legs. */
  readonly coverage: Float64Array | undefined
  readonly legs: readonly {
    readonly name: string
    readonly values: Float64Array
    /** Names of the facts that the leg reads. */
    readonly facts: readonly string[]
  }[]
}

/**
 * What a strategy says of the bars of a range before any position: the range of its score, the range its legs could have
 * made together, how often each leg was away from neutral, and on which bars anything could be decided. O(bars · legs).
 * @param look is shown the columns of each instrument in turn, since they are not kept
 */
export function inspectSignals(
  strategy: CompiledDefinition,
  instruments: readonly InstrumentData[],
  range: TimeRange,
  look: (data: InstrumentData, seen: SeenColumns) => void = () => undefined,
): InstrumentSignals[] {
  const layout = scoreLayout(strategy.bound)
  const { form } = strategy.bound
  return instruments.map((data) => {
    const { instrument, candles, facts } = data
    const { signal, features } = strategy.columns({ candles, facts })
    const { first, end } = barsOf(candles, range)
    look(data, {
      first,
      end,
      score: signal.score,
      coverage: signal.coverage,
      legs: (layout?.legs ?? []).flatMap(({ name, feature }) => {
        const values = features[name]
        return values === undefined ? [] : [{ name, values, facts: factNames(feature) }]
      }),
    })
    const activity = layout === undefined ? [] : legActivity(layout, features, first, end)
    const endTime = (candles.openTime[end - 1] ?? -Infinity) + candles.timeframeMs
    const reachable = layout && attainableScores(activity, layout.minimumCoverage)
    return {
      instrument: instrument.id,
      bars: end - first,
      scores: signal.score === undefined ? undefined : extent(signal.score.subarray(first, end)),
      attainable: reachable && { lowest: reachable.lowest, highest: reachable.highest },
      entryAbove: 'thresholds' in form ? form.thresholds.long : undefined,
      entryBelow: 'thresholds' in form ? form.thresholds.short : undefined,
      usable: usableBars(candles, signal, first, end),
      legs: activity.map(({ name, knownBars, activeBars, lowest, highest }, index) => ({
        leg: name,
        present: knownBars,
        active: activeBars,
        lowest,
        highest,
        facts: factNames(layout?.legs[index]?.feature).map((fact) => legFacts(fact, facts[fact], endTime)),
      })),
    }
  })
}

/** Bars after the warm-up on which a score, where the strategy has one, was known: those that the engine counts as usable. */
function usableBars(
  { openTime, timeframeMs }: Candles,
  { score, warmUpBars }: SignalColumns,
  first: number,
  end: number,
): UsableBars {
  const start = Math.min(Math.max(first, warmUpBars), end)
  const closeTime = (bar: number): number => openTime[bar]! + timeframeMs
  let bars = 0
  let [firstBar, lastBar] = [-1, -1]
  for (let bar = start; bar < end; bar++) {
    if (Number.isNaN(score?.[bar] ?? 0)) continue
    bars++
    if (firstBar < 0) firstBar = bar
    lastBar = bar
  }
  return {
    warm: end - start,
    bars,
    firstTime: bars === 0 ? undefined : closeTime(firstBar),
    lastTime: bars === 0 ? undefined : closeTime(lastBar),
  }
}

function factNames(leg: Feature | undefined): readonly string[] {
  return leg === undefined ? [] : planFeatures([leg]).series
}

function legFacts(name: string, facts: FactColumns | undefined, endTime: number): LegFacts {
  if (facts === undefined) return { name, isAbsent: true, lastEventTime: undefined }
  const known = facts.eventTime.filter((_, row) => (facts.knownAt[row] as number) <= endTime)
  const newest = known.reduce((latest, time) => Math.max(latest, time), -Infinity)
  return { name, isAbsent: false, lastEventTime: known.length === 0 ? undefined : newest }
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
