import type { TimeRange } from '../core/time.js'
import type { InstrumentData } from '../engine/options.js'
import { round12 } from '../features/combine.js'
import type { Feature } from '../features/feature.js'
import type { InstrumentSignals, LegActivity, ScoreRange } from '../report/index.js'
import type { CompiledDefinition } from '../strategy/compile.js'

/** A leg that says nothing either way. */
const NEUTRAL = 0.5

/** One leg of a score: a named feature and its weight. */
interface Leg {
  readonly name: string
  readonly weight: number
}

/** The legs of a strategy's score that have names, with the minimum share of weight that must be present. */
export function scoreLegs({ bound }: CompiledDefinition): { legs: Leg[]; minimumCoverage: number } {
  const { form, features } = bound
  const score = form.kind === 'score' ? features[form.score] : undefined
  if (score?.operator !== 'weightedScore') return { legs: [], minimumCoverage: 0 }
  const [minimumCoverage = 0, ...weights] = score.args.map(Number)
  const legs = score.inputs.map((input, index) => ({
    name: nameOf(features, input),
    weight: weights[index] ?? NaN,
  }))
  return { legs, minimumCoverage }
}

function nameOf(features: Readonly<Record<string, Feature>>, wanted: Feature): string {
  return Object.entries(features).find(([, feature]) => feature.key === wanted.key)?.[0] ?? wanted.key
}

/**
 * What a strategy says of the bars of a range before any position: the range of its score, the range its legs could have
 * made together, and how often each leg was away from neutral. O(bars · legs).
 */
export function inspectSignals(
  strategy: CompiledDefinition,
  instruments: readonly InstrumentData[],
  range: TimeRange,
): InstrumentSignals[] {
  const { legs, minimumCoverage } = scoreLegs(strategy)
  const { form } = strategy.bound
  return instruments.map(({ instrument, candles, facts }) => {
    const { signal, features } = strategy.columns({ candles, facts })
    const bars = [...candles.openTime.keys()].filter((bar) => {
      const time = candles.openTime[bar]!
      return time >= range.startMs && time + candles.timeframeMs <= range.endMs
    })
    const columns = legs.flatMap(({ name, weight }) => {
      const values = features[name]
      return values === undefined ? [] : [{ name, weight, values }]
    })
    const activity = columns.map(({ name, values }) => legActivity(name, values, bars))
    const isWhole = columns.length === legs.length && legs.length > 0
    return {
      instrument: instrument.id,
      bars: bars.length,
      scores: signal.score === undefined ? undefined : extent(signal.score, bars),
      attainable: isWhole ? attainable(columns, activity, minimumCoverage, bars) : undefined,
      entryAbove: 'thresholds' in form ? form.thresholds.long : undefined,
      entryBelow: 'thresholds' in form ? form.thresholds.short : undefined,
      legs: activity,
    }
  })
}

function legActivity(leg: string, values: Float64Array, bars: readonly number[]): LegActivity {
  const known = bars.filter((bar) => !Number.isNaN(values[bar]!))
  const active = known.filter((bar) => values[bar] !== NEUTRAL).length
  const { lowest, highest } = extent(values, known) ?? { lowest: NaN, highest: NaN }
  return { leg, present: known.length, active, lowest, highest }
}

/** Lowest and highest known value over some bars; undefined where none is known. */
function extent(values: Float64Array, bars: readonly number[]): ScoreRange | undefined {
  let found: ScoreRange | undefined
  for (const bar of bars) {
    const value = values[bar]!
    if (Number.isNaN(value)) continue
    found = {
      lowest: Math.min(value, found?.lowest ?? value),
      highest: Math.max(value, found?.highest ?? value),
    }
  }
  return found
}

/** Over the bars with enough weight present: the legs that were present, each at its lowest or its highest of the run. */
function attainable(
  columns: readonly (Leg & { readonly values: Float64Array })[],
  activity: readonly LegActivity[],
  minimumCoverage: number,
  bars: readonly number[],
): ScoreRange | undefined {
  const whole = columns.reduce((sum, { weight }) => sum + weight, 0)
  let found: ScoreRange | undefined
  for (const bar of bars) {
    let [present, lowest, highest] = [0, 0, 0]
    columns.forEach(({ weight, values }, index) => {
      if (Number.isNaN(values[bar]!)) return
      present += weight
      lowest += weight * activity[index]!.lowest
      highest += weight * activity[index]!.highest
    })
    if (present === 0 || present / whole < minimumCoverage - 1e-12) continue
    const here = { lowest: round12(lowest / present), highest: round12(highest / present) }
    found = {
      lowest: Math.min(here.lowest, found?.lowest ?? Infinity),
      highest: Math.max(here.highest, found?.highest ?? -Infinity),
    }
  }
  return found
}
