import type { Candles, FactColumns } from '../core/columns.js'
import { pickRows, sortedByKnownAt } from './facts.js'
import { GAPS } from './levels.js'
import { uniform, uniformAboveZero, type RandomGenerator } from './random.js'
import type { Timeline } from './timeline.js'
import type { Recorder } from './whales.js'

/** Half-open spans `[start, end)`, oldest first, not overlapping. */
type Spans = readonly (readonly [start: number, end: number])[]

/** Spans that come at random and last at least `shortestMs`, longer by an exponential time. Whole minutes. */
function randomSpans(
  { startTime, endTime }: Timeline,
  { meanGapMs, shortestMs, meanExtraMs }: (typeof GAPS)['outages'],
  random: RandomGenerator,
): Spans {
  const exponential = (mean: number): number =>
    Math.round((-mean * Math.log(uniformAboveZero(random))) / 60_000) * 60_000
  const spans: [number, number][] = []
  let time = startTime + exponential(meanGapMs)
  while (time < endTime) {
    const end = time + shortestMs + exponential(meanExtraMs)
    spans.push([time, end])
    time = end + exponential(meanGapMs)
  }
  return spans
}

function isWithin(spans: Spans, time: number): boolean {
  return spans.some(([start, end]) => time >= start && time < end)
}

/** Leaves out the bars that open while the venue is down; all instruments are of one venue. */
export function withOutages(candles: Candles, timeline: Timeline, random: RandomGenerator): Candles {
  const spans = randomSpans(timeline, GAPS.outages, random)
  const kept = Array.from(candles.openTime.keys()).filter((bar) => !isWithin(spans, candles.openTime[bar]!))
  const pick = (column: Float64Array): Float64Array => Float64Array.from(kept, (bar) => column[bar]!)
  const { timeframeMs, openTime, open, high, low, close, volume } = candles
  return { timeframeMs, openTime: pick(openTime), open: pick(open), high: pick(high), low: pick(low), close: pick(close), volume: pick(volume) } // prettier-ignore
}

/** Leaves out what happened while the recorder was silent, and lets some facts be known late. */
export function withSilences(facts: FactColumns, timeline: Timeline, random: RandomGenerator): FactColumns {
  const recorder = gappyRecorder(timeline, random, 0)
  const knownAt = facts.knownAt.map((known) => recorder.knownAt(known))
  const kept = Array.from(knownAt.keys()).filter((row) => recorder.isTaken(facts.eventTime[row]!))
  return sortedByKnownAt(pickRows({ ...facts, knownAt }, kept))
}

/** A recorder that misses nothing. */
export function steadyRecorder(knownAfterMs: number): Recorder {
  return { isTaken: () => true, knownAt: (time) => time + knownAfterMs }
}

/** A recorder that is silent at times and late at others. The same time is asked about as often as one likes. */
export function gappyRecorder(timeline: Timeline, random: RandomGenerator, knownAfterMs: number): Recorder {
  const spans = randomSpans(timeline, GAPS.silences, random)
  const delays = new Map<number, number>()
  return {
    isTaken: (time) => !isWithin(spans, time),
    knownAt: (time) => {
      const delayMs =
        delays.get(time) ??
        (uniform(random) < GAPS.late.chance ? -GAPS.late.meanMs * Math.log(uniformAboveZero(random)) : 0)
      delays.set(time, delayMs)
      return time + knownAfterMs + Math.round(delayMs)
    },
  }
}
