import { expect, it } from 'vitest'
import type { FactColumns } from '../../src/core/columns.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { InstrumentData } from '../../src/engine/options.js'
import {
  close,
  combineLegs,
  compileStrategy,
  defineStrategy,
  fact,
  sma,
  type Strategy,
} from '../../src/index.js'
import { inspectSignals } from '../../src/jobs/signals.js'
import { DEFAULT_INSTRUMENTS } from '../../src/market/index.js'

const START = Date.UTC(2030, 0, 1)

/** One value known at the close of each bar; NaN for none. */
function facts(values: readonly number[]): FactColumns {
  const known = Float64Array.from(values.keys(), (bar) => START + (bar + 1) * HOUR_MS)
  return { eventTime: known, knownAt: known, values: { leg: Float64Array.from(values) } }
}

function instrument(series: Readonly<Record<string, readonly number[]>>, bars: number): InstrumentData {
  const flat = new Float64Array(bars).fill(100)
  const openTime = flat.map((_, bar) => START + bar * HOUR_MS)
  return {
    instrument: DEFAULT_INSTRUMENTS[0]!.instrument,
    candles: { timeframeMs: HOUR_MS, openTime, open: flat, high: flat, low: flat, close: flat, volume: flat },
    funding: undefined,
    facts: Object.fromEntries(Object.entries(series).map(([name, values]) => [name, facts(values)])),
  }
}

const twoLegs: Strategy = defineStrategy({
  name: 'two-legs',
  description: '',
  params: {},
  features: () => {
    const [heavy, light] = [fact('heavy', 'leg'), fact('light', 'leg')]
    const { score, coverage } = combineLegs([{ weight: 0.75, leg: heavy }, { weight: 0.25, leg: light }], { minimumCoverage: 0.6 }) // prettier-ignore
    return { heavy, light, score, coverage }
  },
  score: 'score',
})

it('what is attainable takes each leg at its best, together only where they were there together', () => {
  const data = instrument({ heavy: [0.5, 0.6, 0.2, NaN], light: [0.9, 0.1, 0.5, 1] }, 4)
  const [signals] = inspectSignals(compileStrategy(twoLegs), [data], { startMs: -Infinity, endMs: Infinity })
  // Of the last bar too little is known.
  expect(signals?.usable).toEqual({
    warm: 4,
    bars: 3,
    firstTime: START + HOUR_MS,
    lastTime: START + 3 * HOUR_MS,
  })
  // Seen: 0.75·0.5 + 0.25·0.9 = 0.6; 0.75·0.6 + 0.25·0.1 = 0.475; 0.75·0.2 + 0.25·0.5 = 0.275; then too little weight.
  expect(signals?.scores).toEqual({ lowest: 0.275, highest: 0.6 })
  // Attainable: 0.75·0.6 + 0.25·1 = 0.7 and 0.75·0.2 + 0.25·0.1 = 0.175.
  expect(signals?.attainable).toEqual({ lowest: 0.175, highest: 0.7 })
  expect([signals?.entryAbove, signals?.entryBelow]).toEqual([0.65, 0.35])
  const lastEventTime = START + 4 * HOUR_MS
  expect(signals?.legs).toEqual([
    {
      leg: 'heavy',
      present: 3,
      active: 2,
      lowest: 0.2,
      highest: 0.6,
      facts: [{ name: 'heavy', isAbsent: false, lastEventTime }],
    },
    {
      leg: 'light',
      present: 4,
      active: 3,
      lowest: 0.1,
      highest: 1,
      facts: [{ name: 'light', isAbsent: false, lastEventTime }],
    },
  ])
})

it('only bars of the range count, and an absent leg stays absent', () => {
  const data = instrument({ heavy: [1, 0.5, 0.5, 0] }, 4)
  const range = { startMs: START + HOUR_MS, endMs: START + 3 * HOUR_MS }
  const [signals] = inspectSignals(compileStrategy(twoLegs), [data], range)
  expect(signals?.bars).toBe(2)
  expect(signals?.scores).toEqual({ lowest: 0.5, highest: 0.5 })
  expect(signals?.attainable).toEqual({ lowest: 0.5, highest: 0.5 })
  expect(signals?.legs.map(({ present, active }) => [present, active])).toEqual([
    [2, 0],
    [0, 0],
  ])
  // What is known only after the range has not happened yet.
  expect(signals?.legs.map(({ facts }) => facts)).toEqual([
    [{ name: 'heavy', isAbsent: false, lastEventTime: START + 3 * HOUR_MS }],
    [{ name: 'light', isAbsent: true, lastEventTime: undefined }],
  ])
  expect(signals?.usable).toMatchObject({ warm: 2, bars: 2, firstTime: START + 2 * HOUR_MS })
})

it('rules have neither score nor legs', () => {
  const rules = defineStrategy({
    name: 'rules',
    description: '',
    params: {},
    features: () => ({ average: sma(close, 2) }),
    enterLong: (f) => ({ kind: 'known', of: f.average }),
  })
  const [signals] = inspectSignals(compileStrategy(rules), [instrument({}, 4)], {
    startMs: -Infinity,
    endMs: Infinity,
  })
  expect(signals?.usable).toEqual({
    warm: 3,
    bars: 3,
    firstTime: START + 2 * HOUR_MS,
    lastTime: START + 4 * HOUR_MS,
  })
  expect(signals).toMatchObject({ scores: undefined, attainable: undefined, entryAbove: undefined, legs: [] })
})
