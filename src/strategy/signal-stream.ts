import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT, LONG_OFF, SHORT_OFF } from '../core/signals.js'
import { round12 } from '../features/combine.js'
import type { Feature } from '../features/feature.js'
import { planStream } from '../features/plan.js'
import type { SignalStream, StreamBar } from './compiled.js'
import { type Program, SCORE, gated } from './program.js'
import { failOnRow } from './row-failure.js'
import { type RuleTruth, ruleTruth } from './rule-truth.js'

/** The program bar by bar: bit for bit what its columns say. */
export function signalStream(program: Program, timeframeMs: number): SignalStream {
  const { bound, conditions } = program
  const plan = program.plan()
  const stream = planStream(plan, timeframeMs)
  const warmUp = program.warmUp(timeframeMs)
  const slotOf = (feature: Feature): number => plan.slots.get(feature.key) as number
  const slots = Object.entries(bound.features).map(([name, feature]) => [name, slotOf(feature)] as const)
  let values = new Float64Array(plan.nodes.length)
  let score = NaN
  let bar = 0

  const valueOf = (feature: Feature): (() => number) => {
    if (feature === SCORE) return () => score
    const slot = slotOf(feature)
    return () => values[slot] as number
  }
  const read = (name: string | undefined): (() => number) => {
    const feature = name === undefined ? undefined : bound.features[name]
    return feature === undefined ? () => NaN : valueOf(feature)
  }
  // What to add where a condition is true, and where it is known to be false.
  const truths: readonly (readonly [number, number, RuleTruth])[] =
    conditions === undefined
      ? []
      : [
          [ENTER_LONG, LONG_OFF, ruleTruth(gated(conditions.enterLong, bound.gates.long), valueOf)],
          [EXIT_LONG, 0, ruleTruth(conditions.exitLong, valueOf)],
          [ENTER_SHORT, SHORT_OFF, ruleTruth(gated(conditions.enterShort, bound.gates.short), valueOf)],
          [EXIT_SHORT, 0, ruleTruth(conditions.exitShort, valueOf)],
        ]
  const coverage = read(bound.coverage)
  const rearmKey = read(bound.rearm)
  const atr = program.atr === undefined ? () => NaN : valueOf(program.atr)

  const hasScore = bound.form.kind === 'score' || bound.form.kind === 'signal'
  return {
    get usable() {
      return bar > warmUp && (!hasScore || score === score)
    },
    learn: (fact) => stream.learn(fact.series, fact),
    next(candle) {
      values = stream.next(candle) as Float64Array<ArrayBuffer>
      const features: Record<string, number> = {}
      for (const [name, slot] of slots) features[name] = values[slot] as number
      score = bar++ < warmUp ? Number.NaN : scoreOf(program, features, candle, timeframeMs)
      let bits = 0
      for (const [ifTrue, ifFalse, truth] of truths) {
        const value = truth()
        if (value === 1) bits += ifTrue
        else if (value === 0) bits += ifFalse
      }
      return { signal: { bits, score, coverage: coverage(), rearmKey: rearmKey(), atr: atr() }, features }
    },
  }
}

function scoreOf(
  { strategy, bound }: Program,
  features: Readonly<Record<string, number>>,
  { openTime }: StreamBar,
  timeframeMs: number,
): number {
  const { form } = bound
  if (form.kind === 'rules' || form.kind === 'decide') return Number.NaN
  const fail = failOnRow(strategy, () => openTime + timeframeMs)
  let score: unknown
  try {
    score =
      form.kind === 'score'
        ? features[form.score]
        : form.signal({ ...features } as never, bound.params as never)
  } catch (error) {
    return fail(0, error, true)
  }
  if (typeof score !== 'number' || score < 0 || score > 1) return fail(0, score, false)
  return round12(score)
}
