import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, it } from 'vitest'
import type { FactColumns } from '../../src/core/columns.js'
import { HOUR_MS } from '../../src/core/time.js'
import { prepareMarket } from '../../src/engine/market.js'
import type { CostSettings, InstrumentData } from '../../src/engine/options.js'
import { add, bandLeg, close, combineLegs, compileStrategy, crossesAbove, defineStrategy, fact, mul, sma, type Strategy } from '../../src/index.js' // prettier-ignore
import { studiedInstruments } from '../../src/jobs/studied-instruments.js'
import { CONFIRMATION, SENTIMENT } from '../../src/market/levels.js'
import { simulateMarket } from '../../src/market/index.js'
import { forwardReturns } from '../../src/research/forward-returns.js'
import { studySignal, type SignalStudy } from '../../src/research/signal-study.js'
import { legVariants } from '../../src/strategy/ablation.js'

const START = Date.UTC(2030, 0, 1)
const COSTS: CostSettings = { slippageBps: 2, halfSpreadBps: 1, takerFee: 0.0005 }

/** Reads two kinds of the facts that the simulator makes. */
const opinions: Strategy = defineStrategy({
  name: 'opinions',
  description: '',
  params: {},
  features: () => {
    const opinion = add(mul(fact('opinion', 'long'), 0.5), 0.5)
    const crowd = bandLeg(fact('funding', 'rate'), { high: 0.00014, low: -0.00004, above: 0.2, between: 0.5, below: 0.8 })
    return { opinion, crowd, ...combineLegs([{ weight: 0.6, leg: opinion }, { weight: 0.4, leg: crowd }]) }
  },
  score: 'score',
}) // prettier-ignore

function simulated(seed: number, edge: number, bars: number): InstrumentData[] {
  const { instruments } = simulateMarket({ startTime: START, bars, edge }, xoroshiro128plus(seed))
  return instruments.map(({ instrument, candles, funding, confirmations }) => {
    const { rate, mark } = funding.values
    return {
      instrument,
      candles,
      funding: { time: funding.eventTime, rate: rate!, mark: mark! },
      facts: { opinion: confirmations, funding },
    }
  })
}

function study(
  strategy: Strategy,
  data: readonly InstrumentData[],
  options: { horizons?: number[]; focus?: number; costs?: CostSettings; range?: [number, number] } = {},
): SignalStudy {
  const { horizons = [1, 24], focus = 1, costs = COSTS, range = [-Infinity, Infinity] } = options
  const compiled = compileStrategy(strategy)
  const market = prepareMarket({ instruments: data, startTime: range[0], endTime: range[1], startingBalance: 1, costs }) // prettier-ignore
  const variants = legVariants(compiled)
  const generator = xoroshiro128plus(1)
  return studySignal(studiedInstruments(compiled, variants, market), {
    timeframeMs: HOUR_MS,
    horizons,
    focus,
    fillAt: 'next-open',
    variants,
    chance: (below) => uniformInt(generator, 0, below - 1),
    shifts: 99,
  })
}

describe('on simulated markets', () => {
  it('edge 0: over 24 seeds the mean coefficient is 0 within its error, and few intervals exclude 0', () => {
    const found = Array.from(
      { length: 40 },
      (_, seed) => study(opinions, simulated(seed + 1, 0, 24 * 60)).score!.decay,
    )
    for (const at of [0, 1]) {
      const values = found.map((decay) => decay[at]!.rank.value.value!)
      const mean = values.reduce((a, b) => a + b, 0) / values.length
      const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1))
      expect(Math.abs(mean)).toBeLessThan((3.5 * deviation) / Math.sqrt(values.length))
      const excluding = found.filter((decay) => decay[at]!.rank.beyond.value! > 1).length
      // 1.2 expected, deviation 1.1; a little more at 24 bars of 960.
      expect(excluding).toBeLessThanOrEqual(6)
      // The errors are of the right size: the spread over seeds over the mean of what each said.
      const said = found.reduce((sum, decay) => sum + decay[at]!.rank.standardError.value!, 0) / found.length
      expect(deviation / said).toBeGreaterThan(0.7)
      expect(deviation / said).toBeLessThan(1.45)
    }
  })

  it('a known edge: the leg that reads the sentiment through noise has the coefficient that theory gives it', () => {
    // Correlation of the opinion with the sentiment, and of the sentiment of its bar with that of the next.
    const { perSentiment, noise } = CONFIRMATION
    const hearing = perSentiment / Math.hypot(perSentiment, noise)
    const memory = 0.5 ** (HOUR_MS / SENTIMENT.halfLifeMs)
    const edge = 0.2
    const { legs, decay } = study(opinions, simulated(77, edge, 24 * 240)).score!
    const opinion = legs!.variants.find(({ kind, leg }) => kind === 'alone' && leg === 'opinion')!
    const expected = (6 / Math.PI) * Math.asin((edge * hearing * memory) / 2)
    // Volatility that comes and goes, and opinions cut at 1, take up to a tenth away.
    const { value, standardError } = opinion.rank
    expect(value.value!).toBeGreaterThan(0.88 * expected - 3 * standardError.value!)
    expect(value.value!).toBeLessThan(expected + 3 * standardError.value!)
    expect(value.value!).toBeGreaterThan(0.1)
    expect(decay[0]!.rank.beyond.value!).toBeGreaterThan(1)
    // The leg that knows adds to the score.
    const without = legs!.variants.find(({ kind, leg }) => kind === 'without' && leg === 'opinion')!
    expect(without.gain!.value.value === undefined || without.gain!.value.value > 0).toBe(true)
  })
})

describe('look-ahead', () => {
  /** The next bar's own return as a fact, known either at the decision before it, or only when that bar has closed. */
  const prophet = (data: readonly InstrumentData[], isLeak: boolean): InstrumentData[] =>
    data.map((one) => {
      const { openTime, open, close: closes } = one.candles
      const eventTime = openTime.slice()
      const series: FactColumns = {
        eventTime,
        knownAt: eventTime.map((time) => time + (isLeak ? 0 : HOUR_MS)),
        values: {
          move: open.map((price, bar) => 0.5 + Math.max(-0.4, Math.min(0.4, 5 * (closes[bar]! / price - 1)))),
        },
      }
      return { ...one, facts: { move: series } }
    })
  const reader = defineStrategy({ name: 'reader', description: '', params: {}, features: () => ({ score: fact('move', 'move') }), score: 'score' }) // prettier-ignore

  it('a planted leak makes the coefficient explode; the same fact known in time says nothing', () => {
    const data = simulated(5, 0, 24 * 90)
    const [leak] = study(reader, prophet(data, true)).score!.decay
    const [honest] = study(reader, prophet(data, false)).score!.decay
    expect(leak!.rank.value.value).toBeGreaterThan(0.9)
    expect(leak!.rank.tStatistic.value).toBeGreaterThan(20)
    expect(Math.abs(honest!.rank.value.value!)).toBeLessThan(0.06)
    expect(honest!.rank.beyond.value!).toBeLessThan(1.3)
  })

  it('what lies beyond the range changes nothing: not scores, not returns, not one figure', () => {
    const data = simulated(6, 0.1, 24 * 60)
    const end = START + 24 * 40 * HOUR_MS
    const spoilt = data.map((one) => {
      const change = (column: Float64Array): Float64Array => column.map((value, bar) => (bar < 24 * 40 ? value : 2 * value)) // prettier-ignore
      const { open, high, low, close: closes } = one.candles
      return { ...one, candles: { ...one.candles, open: change(open), high: change(high), low: change(low), close: change(closes) } } // prettier-ignore
    })
    const range: [number, number] = [START + 24 * 5 * HOUR_MS, end]
    expect(study(opinions, spoilt, { range })).toEqual(study(opinions, data, { range }))
  })
})

describe('what a study says', () => {
  it('costs: four fills are taken from the spread, two a turn from the day', () => {
    const { score } = study(opinions, simulated(8, 0.1, 24 * 40))
    const { deciles, turnover } = score!
    // 5 bps fee, 2 slippage, 1 half spread.
    expect(turnover.fillCost.value).toBeCloseTo(0.0008, 12)
    const [hour] = deciles
    expect(hour!.spreadAfterCosts.value).toBeCloseTo(hour!.topMinusBottom.value.value! - 0.0032, 12)
    expect(hour!.breakEvenFill.value).toBeCloseTo(hour!.topMinusBottom.value.value! / 4, 12)
    const rate = turnover.topTurnover.value! + turnover.bottomTurnover.value!
    expect(turnover.costPerDay.value).toBeCloseTo(2 * 0.0008 * rate * 24, 12)
    expect(turnover.breakEvenFill.value).toBeCloseTo(hour!.topMinusBottom.value.value! / (2 * rate), 12)
  })

  it('funding is in the total and not in the price alone', () => {
    const data = simulated(9, 0, 24 * 20)
    const market = prepareMarket({ instruments: data, startTime: -Infinity, endTime: Infinity, startingBalance: 1, costs: COSTS }) // prettier-ignore
    const [one] = studiedInstruments(compileStrategy(opinions), [], market)
    const { total, priceOnly } = forwardReturns(one!, 24)
    // Three settlements a day: of each the rate times the mark, by hand for one decision.
    const { funding, candles } = data[0]!
    const bar = 100
    const [from, to] = [candles.openTime[bar + 1]!, candles.openTime[bar + 25]!]
    let paid = 0
    funding!.time.forEach((time, row) => {
      if (time > from && time <= to) paid += funding!.rate[row]! * funding!.mark[row]!
    })
    expect(paid).not.toBe(0)
    expect(total[bar]).toBeCloseTo(priceOnly[bar]! - paid / candles.open[bar + 1]!, 12)
  })

  it('missing scores are bars without a score, and count nowhere as neutral', () => {
    const data = simulated(10, 0, 24 * 30).map((one) => ({
      ...one,
      facts: { funding: one.facts['funding']! },
    }))
    const { score } = study(opinions, data)
    expect(score!.coverage.map(({ bars, scored }) => [bars, scored])).toEqual(Array(3).fill([720, 0]))
    expect(score!.decay[0]!.rank).toMatchObject({
      value: { reason: 'fewer than 3 bars with both' },
      observations: 0,
    })
    expect(score!.deciles[0]!.observations).toBe(0)
    expect(score!.coverage[0]!.lowest).toBeNaN()
  })

  it('rules have no score: their entries are studied, one at the beginning of each run', () => {
    const cross = defineStrategy({
      name: 'cross',
      description: '',
      params: {},
      features: () => ({ fast: sma(close, 5), slow: sma(close, 20) }),
      enterLong: (f) => crossesAbove(f.fast, f.slow),
    })
    const found = study(cross, simulated(11, 0, 24 * 60))
    expect(found.score).toBeUndefined()
    expect(found.entries.map(({ side }) => side)).toEqual(['long'])
    expect(found.entries[0]!.entries).toBeGreaterThan(30)
    expect(found.entries[0]!.horizons.map(({ horizon, pValue }) => [horizon, pValue.value! > 0])).toEqual([[1, true], [24, true]]) // prettier-ignore
    expect(found.figures.figures).toBe(2)
  })
})
