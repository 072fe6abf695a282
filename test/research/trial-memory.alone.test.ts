import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../src/core/time.js'
import { prepareMarket } from '../../src/engine/market.js'
import { runTrials, type TrialOutcome } from '../../src/engine/trials.js'
import {
  close,
  compileStrategy,
  crossesAbove,
  crossesBelow,
  defineStrategy,
  int,
  sma,
  time as timeOfBar,
} from '../../src/index.js'
import { distinctFeatures, trialMemory } from '../../src/research/trial-memory.js'
import { dataOf, instrumentOf } from '../engine/scripted.js'
import { walk } from '../features/candles.js'

const crosses = defineStrategy({
  name: 'crosses',
  description: 'from cross to cross',
  params: { fast: int(2, 20, 1_000), slow: int(3, 50, 2_000) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, p.slow) }),
  enterLong: (f) => crossesAbove(f.fast, f.slow),
  exitLong: (f) => crossesBelow(f.fast, f.slow),
})

const bars = 40_000
const marketOf = (instruments: number) =>
  prepareMarket({
    instruments: Array.from({ length: instruments }, (_, at) =>
      dataOf(walk(bars, at, MINUTE_MS), instrumentOf({ id: `walk:${at}`, kind: 'perpetual' }), undefined),
    ),
    startTime: -Infinity,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 1 },
  })

const trials = Array.from({ length: 200 }, (_, at) =>
  compileStrategy(crosses, { fast: 5 + (at % 10), slow: 100 + 3 * at }),
)

/** Asks something in the middle of a run, after all trials before it have taken up the same tile. */
const probeAt = (time: number, ask: () => void) =>
  compileStrategy(
    defineStrategy({
      name: 'probe',
      description: 'never trades',
      params: {},
      features: () => ({ time: timeOfBar }),
      signal: (row) => {
        if (row.time === time) ask()
        return 0.5
      },
    }),
  )

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Objects only: columns lie outside the heap, and are freed when it suits the process. */
function heldBytes(): number {
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

/** Code, and memory that is kept for later, are there before anything is measured. */
beforeAll(() => runTrials({ market: marketOf(1), trials }, () => undefined))

describe('the memory of a sweep', () => {
  it.each([1, 3])('is forecast for %i instruments: never too low, and of the right size', (instruments) => {
    const market = marketOf(instruments)
    const features = distinctFeatures(trials)
    // The fast windows, the slow ones, and the close.
    expect(features).toBe(10 + 200 + 1)
    const forecast = trialMemory(market, { trials: 200, features, tileSlots: 4_096 })
    const before = heldBytes()
    let during = 0
    const probe = probeAt(market.timeline.openTime[30_000] as number, () => (during = heldBytes() - before))
    runTrials({ market, trials: [...trials, probe], tileSlots: 4_096 }, () => undefined)
    expect(during).toBeGreaterThan(0.2 * forecast.batches)
    expect(during).toBeLessThan(forecast.batches)
  })

  it('is forecast for outcomes that are kept', () => {
    const market = marketOf(1)
    const outcomes: TrialOutcome[] = []
    // So many that what else comes and goes in the heap does not count beside them.
    for (let round = 0; round < 20; round++)
      runTrials({ market, trials }, (outcome) => outcomes.push(outcome))
    const forecast = trialMemory(market, { trials: outcomes.length, features: 0, keepsOutcomes: true })
    const before = heldBytes()
    outcomes.length = 0
    const kept = before - heldBytes()
    expect(kept).toBeGreaterThan(0.1 * forecast.outcomes)
    expect(kept).toBeLessThan(forecast.outcomes)
  })

  it('follows tile and batch, not the number of trials; every column of the market counts once', () => {
    const market = marketOf(2)
    const plan = { trials: 1_000, features: 30 }
    const one = trialMemory(market, plan)
    expect(trialMemory(market, { ...plan, trials: 100_000 })).toEqual(one)
    expect(trialMemory(market, { ...plan, workers: 3 }).tiles).toBe(3 * one.tiles)
    expect(trialMemory(market, { ...plan, workers: 3 }).market).toBe(one.market)
    const processOf = (workers: number): number => trialMemory(market, { ...plan, workers }).process
    expect(processOf(1)).toBeGreaterThan(one.process)
    expect(processOf(3) - one.process).toBe(3 * (processOf(1) - one.process))
    expect(trialMemory(market, { ...plan, tileSlots: 8_191 }).tiles).toBe(2 * 30 * 8_192 * 8)
    const columns = 2 * 6 * bars * 8
    expect(one.market).toBeGreaterThan(columns)
    expect(one.market).toBeLessThan(1.2 * columns)
    const { total, ...parts } = one
    expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBe(total)
  })
})
