import { afterAll, describe, expect, it } from 'vitest'
import type { FactColumns } from '../../src/core/columns.js'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import type { InstrumentData } from '../../src/engine/options.js'
import { defineStrategy, percentStop, rewardToRisk, above, close } from '../../src/index.js'
import { DEFAULT_INSTRUMENTS, instrumentLevels, type SimulatedMarket } from '../../src/market/index.js'
import { simulatePrices, type PriceDrivers } from '../../src/market/prices.js'
import { Normals, streamsOf } from '../../src/market/random.js'
import { timelineOf } from '../../src/market/timeline.js'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { compileStrategy } from '../../src/strategy/compile.js'
import { informationCampaign, powerCampaign, timingCampaign } from './campaigns.js'
import { informationP, mutualInformation, timingOf, totalReturns, zOf } from './edge-study.js'
import { engineInputs, scheduleOf, simulate, START } from './simulated-inputs.js'

/** Markets of the campaigns: a long one asks for 1,000 (statistics of the shipped strategies) and prints what it found. */
const LONG = process.env['BALEEN_EDGE_SEEDS']
const SEEDS = Number(LONG ?? 20)
const INFORMATION_SEEDS = LONG === undefined ? 16 : Math.max(16, Math.round(SEEDS / 5))
const DAYS = LONG === undefined ? 45 : 90
/** Ample for a busy machine. */
const MS_PER_SEED = 30_000

const tables: Record<string, readonly object[]> = {}
afterAll(() => {
  if (LONG === undefined) return
  for (const [title, rows] of Object.entries(tables)) {
    console.log(`\n${title}`)
    console.table(rows)
  }
})

/** The least count that fewer than one in a thousand binomial draws exceed. */
function binomialBound(draws: number, chance: number): number {
  let probability = (1 - chance) ** draws
  let cumulative = probability
  let count = 0
  while (cumulative < 0.999) {
    probability *= ((draws - count) / (count + 1)) * (chance / (1 - chance))
    cumulative += probability
    count++
  }
  return count
}

describe('without an edge', () => {
  it('no shipped strategy can time the market, nor earn by what fills inside bars', () => {
    const rows = timingCampaign({ seeds: SEEDS, days: DAYS, edge: 0, driftPerHour: 0.3 / 8766 })
    tables['Timing of the shipped strategies at edge 0, drift 30 % a year'] = rows
    for (const { strategy, z, profitZ, trades, shareAbove, markets } of rows) {
      if (markets < SEEDS / 2) continue
      expect(trades, strategy).toBeGreaterThan(SEEDS / 2)
      expect(Math.abs(z), strategy).toBeLessThanOrEqual(3)
      expect(Math.abs(profitZ), strategy).toBeLessThanOrEqual(3)
      expect(shareAbove * markets, strategy).toBeLessThanOrEqual(binomialBound(markets, 0.08))
    }
    expect(rows.filter(({ markets }) => markets > SEEDS / 2).length).toBeGreaterThanOrEqual(5)
  }, MS_PER_SEED * SEEDS) // prettier-ignore

  it('no leg says anything of the sign of the next total return', () => {
    const rows = informationCampaign({ seeds: INFORMATION_SEEDS, days: DAYS, edge: 0 })
    tables['Mutual information of legs and the sign of the next total return at edge 0'] = rows
    for (const { leg, markets, outside, ic, icError } of rows) {
      expect(markets, leg).toBeGreaterThan(INFORMATION_SEEDS / 2)
      expect(outside, leg).toBeLessThanOrEqual(binomialBound(markets, 0.05))
      expect(Math.abs(ic), leg).toBeLessThanOrEqual(3.5 * icError)
    }
  }, MS_PER_SEED * INFORMATION_SEEDS) // prettier-ignore

  it('a bar returns exactly its drift after funding where there are no shocks, and funding is not small change', () => {
    const { levels, timeline, still } = drivers(24 * 30)
    const { candles, funding } = simulatePrices(timeline, levels, still, { driftPerHour: 6e-6, edge: 0 }, random(1)) // prettier-ignore
    const returns = totalReturns({ instrument: levels.instrument, candles, funding: scheduleOf(funding), facts: {} }) // prettier-ignore
    const tick = levels.instrument.tickSize / levels.startPrice
    for (const found of returns) expect(Math.abs(found - 6e-6)).toBeLessThan(2.2 * tick)
    expect(Math.max(...funding.values['rate']!.map(Math.abs))).toBeGreaterThan(50 * tick)
  })
})

function random(seed: number): ReturnType<typeof xoroshiro128plus> {
  return xoroshiro128plus(seed * 7919)
}

/** A bare price process: no volatility but what a test gives it. */
function drivers(hours: number): {
  levels: (typeof DEFAULT_INSTRUMENTS)[number]
  timeline: ReturnType<typeof timelineOf>
  still: PriceDrivers
} {
  const timeline = timelineOf(START, hours, HOUR_MS)
  const none = new Float64Array(hours)
  const sentiment = none.map((_, hour) => Math.sin(hour / 20))
  const funding = { sentiment, crowd: none, noise: new Normals(streamsOf(random(1))('funding')) }
  const still = { volatility: none, jumps: none, sentiment, funding, noise: () => 0, activity: none.map(() => 1) } // prettier-ignore
  return { levels: DEFAULT_INSTRUMENTS[0]!, timeline, still }
}

/** Holding rules: what they hold over bar + 1, decided at the close of the bar from what was known then. */
const RULES: Readonly<Record<string, (data: InstrumentData, bar: number) => number>> = {
  momentum: ({ candles: { close: price } }, bar) =>
    bar < 24 ? 0 : Math.sign(price[bar]! - price[bar - 24]!),
  'fade funding': ({ funding, candles }, bar) => {
    const settled = Math.floor((candles.openTime[bar]! + HOUR_MS - START) / (8 * HOUR_MS)) - 1
    return settled < 0 ? 0 : -Math.sign(funding!.rate[settled]! - 0.00005)
  },
  'follow confirmation': ({ facts }, bar) => facts['confirmation']!.values['long']![bar]!,
  'mornings only': (_, bar) => (bar % 24 < 12 ? 1 : -1),
}

/** z of each rule's mean timing return over markets of one instrument, after something was done to each. */
function ruleScores(
  markets: number,
  options: { readonly edge?: number; readonly driftPerHour?: number },
  spoil: (data: InstrumentData) => InstrumentData = (data) => data,
): Record<string, number> {
  const sums = Object.keys(RULES).map(() => [] as number[])
  for (let index = 0; index < markets; index++) {
    const market = simulate(index * 7919 + 1, { bars: 24 * 20, instruments: instrumentLevels(1), ...options })
    const data = spoil(engineInputs(market)[0]!)
    const returns = totalReturns(data)
    Object.values(RULES).forEach((rule, at) => {
      let sum = 0
      for (let bar = 0; bar + 1 < returns.length; bar++)
        sum += rule(data, bar) * (returns[bar + 1]! - (options.driftPerHour ?? 0))
      sums[at]!.push(sum)
    })
  }
  return Object.fromEntries(Object.keys(RULES).map((rule, at) => [rule, zOf(sums[at]!)]))
}

describe('rules that hold something on every bar', { timeout: 600_000 }, () => {
  const MARKETS = 60
  const SPOILED = 25

  it('cannot time the market without an edge', () => {
    for (const [rule, z] of Object.entries(ruleScores(MARKETS, { driftPerHour: 0.0001 })))
      expect(Math.abs(z), rule).toBeLessThanOrEqual(3)
  })

  it('can with one, and the calendar still cannot', () => {
    const scores = ruleScores(60, { edge: 0.1 })
    expect(scores['follow confirmation']).toBeGreaterThan(5)
    expect(scores['fade funding']).toBeGreaterThan(3)
    expect(Math.abs(scores['mornings only']!)).toBeLessThanOrEqual(3)
  })

  it('find a season planted in the mean', () => {
    const spoiled = ruleScores(SPOILED, {}, (data) => withExtraReturn(data, (bar) => (bar % 24 < 12 ? 1 : -1) * 0.0005)) // prettier-ignore
    expect(spoiled['mornings only']).toBeGreaterThan(5)
  })

  it('find funding that the price does not make up for', () => {
    const spoiled = ruleScores(SPOILED, {}, (data) => {
      const { time, rate, mark } = data.funding!
      return { ...data, funding: { time, mark, rate: rate.map((one) => 40 * one) } }
    })
    expect(spoiled['fade funding']).toBeGreaterThan(3)
  })

  it('find a confirmation that has seen the next bar', () => {
    const spoiled = ruleScores(SPOILED, {}, leaking(0.03))
    expect(spoiled['follow confirmation']).toBeGreaterThan(5)
  })
})

/** A market whose confirmations hold a share of what the next bar will do. */
function leaking(share: number): (data: InstrumentData) => InstrumentData {
  return (data) => {
    const confirmation = data.facts['confirmation']!
    const returns = totalReturns(data)
    const long = confirmation.values['long']!.map((value, bar) => value + share * Math.sign(returns[bar + 1] ?? 0)) // prettier-ignore
    const facts: FactColumns = { ...confirmation, values: { ...confirmation.values, long, short: long.map((value) => 0 - value) } } // prettier-ignore
    return { ...data, facts: { ...data.facts, confirmation: facts } }
  }
}

/** Prices to which every bar adds something foreseeable. */
function withExtraReturn(data: InstrumentData, extra: (bar: number) => number): InstrumentData {
  const { candles } = data
  let factor = 1
  const factors = candles.open.map((_, bar) => {
    const before = factor
    factor *= 1 + extra(bar)
    return before
  })
  const scaled = (prices: Float64Array, shift: number): Float64Array =>
    prices.map((price, bar) => price * (shift === 0 ? factors[bar]! : (factors[bar + 1] ?? factor)))
  return { ...data, candles: { ...candles, open: scaled(candles.open, 0), close: scaled(candles.close, 1) } }
}

describe('mutual information', () => {
  it('is that of the textbook, and finds a leg that knows a little', () => {
    expect(mutualInformation([0, 0, 1, 1], [0, 0, 1, 1])).toBeCloseTo(Math.log(2), 12)
    expect(mutualInformation([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(0, 12)
    const data = engineInputs(simulate(4, { bars: 24 * 90, instruments: instrumentLevels(1) }))[0]!
    const next = totalReturns(data).map((_, bar, all) => all[bar + 1] ?? NaN)
    const honest = data.facts['confirmation']!.values['long']!
    const leaky = leaking(0.05)(data).facts['confirmation']!.values['long']!
    expect(informationP(honest, next, 1)).toBeGreaterThan(0.05)
    expect(informationP(leaky, next, 1)).toBeLessThanOrEqual(0.01)
  })
})

/** Always in, on both sides of it a level so near that most positions end inside a bar. */
const NEAR_LEVELS = compileStrategy(
  defineStrategy({
    name: 'near-levels',
    description: 'Always long, with a stop and a target close by.',
    params: {},
    features: () => ({ price: close }),
    enterLong: (f) => above(f.price, 0),
    exitLong: (f) => above(0, f.price),
    risk: () => ({ riskPerTrade: 0.02, maxPosition: 1, stop: percentStop(0.006), target: rewardToRisk(1.5) }),
    policies: () => ({ rearm: 'none' }),
  }),
)

describe('stops and targets inside bars', { timeout: 600_000 }, () => {
  it('earn nothing: the minutes of the same market tell which level came first', () => {
    const profits: number[] = []
    let [trades, undecided] = [0, 0]
    for (let index = 0; index < 40; index++) {
      const at = (timeframeMs: number): SimulatedMarket =>
        simulate(index * 104729, { timeframeMs, bars: (12 * DAY_MS) / timeframeMs, instruments: instrumentLevels(1) }) // prettier-ignore
      const detail = at(MINUTE_MS).instruments[0]!.candles
      const found = timingOf(NEAR_LEVELS, [{ ...engineInputs(at(HOUR_MS))[0]!, detail }], 0)
      profits.push(found.profit)
      trades += found.trades
      undecided += found.undecided
    }
    expect(trades).toBeGreaterThan(1_000)
    expect(undecided / trades).toBeLessThan(0.01)
    expect(Math.abs(zOf(profits))).toBeLessThanOrEqual(3)
  })

  it('earn nothing across jumps between bars either, which lie beyond levels that were resting', () => {
    const profits: number[] = []
    for (let index = 0; index < 80; index++) {
      const { levels, timeline, still } = drivers(24 * 15)
      const normals = new Normals(streamsOf(random(index))('noise'))
      const jumps = still.jumps.map((_, hour) => (hour % 3 === 0 ? 2 * normals.next() : 0))
      const moving = { ...still, jumps, volatility: jumps.map(() => 0.6), noise: () => normals.next() }
      const { candles, funding } = simulatePrices(timeline, levels, moving, { driftPerHour: 0, edge: 0 }, random(index)) // prettier-ignore
      const data = { instrument: levels.instrument, candles, funding: scheduleOf(funding), facts: {} }
      profits.push(timingOf(NEAR_LEVELS, [data], 0).profit)
    }
    expect(Math.abs(zOf(profits))).toBeLessThanOrEqual(3)
  })

  it('would earn if high and low were not the law of the path between: planted', () => {
    const profits: number[] = []
    for (let index = 0; index < 30; index++) {
      const data = engineInputs(simulate(index * 104729, { bars: 24 * 12, instruments: instrumentLevels(1) }))[0]! // prettier-ignore
      const { open, close: last, low } = data.candles
      // Lows that a bar's path did reach are hidden half of the way: stops are passed over that should have filled.
      const raised = low.map((price, bar) => (price + Math.min(open[bar]!, last[bar]!)) / 2)
      profits.push(timingOf(NEAR_LEVELS, [{ ...data, candles: { ...data.candles, low: raised } }], 0).profit)
    }
    expect(zOf(profits)).toBeGreaterThan(3)
  })
})

describe('with an edge', () => {
  it('power grows with it', () => {
    const seeds = LONG === undefined ? 5 : 40
    const options = { seeds, days: LONG === undefined ? 60 : 365 }
    const rows = (LONG === undefined ? [0, 0.1] : [0, 0.01, 0.02, 0.03, 0.05, 0.1]).map((edge) => powerCampaign({ ...options, edge })) // prettier-ignore
    tables['Power of smart-money'] = rows
    const [none, most] = [rows[0]!, rows.at(-1)!]
    expect(most.meanSharpe).toBeGreaterThan(none.meanSharpe + 2)
    expect(most.shareAbove).toBeGreaterThan(none.shareAbove + 0.3)
    const legs = informationCampaign({ seeds: seeds * 2, days: options.days, edge: 0.1 })
    tables['Legs at edge 0.1'] = legs
    for (const { leg, ic, icError } of legs)
      if (leg !== 'onChain' && leg !== 'derivatives') expect(ic, leg).toBeGreaterThan(3 * icError)
  }, MS_PER_SEED * 240) // prettier-ignore
})
