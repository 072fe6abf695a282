import { describe, expect, it } from 'vitest'
import smartMoney from '../../strategies/smart-money.js'
import type { FactColumns } from '../../src/core/columns.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { attainableScores, bandLeg, close, combineLegs, compileStrategy, explainScore, fact, legActivity, rankOver, scoreLayout, scoreRange, scoreSignal } from '../../src/index.js' // prettier-ignore
import { columnOf, walk } from '../features/candles.js'
import { holdsAt } from './read-runs.js'

const NOW = 100 * DAY_MS

/** One hourly bar that closes at NOW. */
function lastBar(): ReturnType<typeof walk> {
  const candles = walk(1, 1)
  candles.openTime[0] = NOW - HOUR_MS
  return candles
}

/** Facts of one series: `ageHours` before NOW, known at once. */
function facts(rows: readonly (readonly [ageHours: number, values: Record<string, number>])[]): FactColumns {
  const sorted = [...rows].sort((a, b) => b[0] - a[0])
  const time = Float64Array.from(sorted, ([age]) => NOW - age * HOUR_MS)
  const fields = Object.keys(sorted[0]?.[1] ?? {})
  const values = fields.map((field) => [field, Float64Array.from(sorted, ([, row]) => row[field]!)])
  return {
    eventTime: time,
    knownAt: time,
    values: Object.fromEntries(values) as Record<string, Float64Array>,
  }
}

const whales = (
  age: number,
  longs: number,
  shorts: number,
  wallets: number,
  tutorial = [longs, shorts, 100],
): FactColumns => {
  const [tutorialLong = 0, tutorialShort = 0, tutorialWallets = 0] = tutorial
  return facts([[age, { longs, shorts, wallets, tutorialLong, tutorialShort, tutorialWallets }]])
}
const funding = (age: number, rate8h: number, hours: number = 8): FactColumns =>
  facts([[age, { rate8h, rate: (rate8h * hours) / 8, intervalMs: hours * HOUR_MS }]])
const openInterest = (age: number, before: number, now: number): FactColumns =>
  facts([[age + 24, { openInterest: before }], [age, { openInterest: now }]]) // prettier-ignore
const flows = (age: number, inflow: number, outflow: number, supply: number = 8000): FactColumns =>
  facts([[age, { inflow, outflow, supply }]])
const confirmed = (
  age: number,
  long: number,
  short: number,
  more: { veto?: number; available?: number } = {},
): FactColumns => facts([[age, { long, short, veto: 0, available: 1, ...more }]])

interface Answer {
  readonly score: number
  readonly coverage: number
  readonly whales: number
  readonly derivatives: number
  readonly onChain: number
  readonly confirmation: number
  readonly buys: boolean
  readonly sells: boolean
}

function ask(
  given: Record<string, FactColumns>,
  preset: string = 'default',
  params: Record<string, unknown> = {},
): Answer {
  const { features, signal } = compileStrategy(smartMoney, params, preset).columns({
    candles: lastBar(),
    facts: given,
  })
  const at = (name: string): number => features[name]![0]!
  return {
    score: signal.score![0]!,
    coverage: signal.coverage![0]!,
    whales: at('whales'),
    derivatives: at('derivatives'),
    onChain: at('onChain'),
    confirmation: at('confirmation'),
    buys: holdsAt(signal.enterLong, 0),
    sells: holdsAt(signal.enterShort, 0),
  }
}

describe('the tutorial preset, worked by hand', () => {
  it('45 long and 15 short of 100, calm funding, open interest +20 %, outflow, no confirmation: 0.5645', () => {
    // whales 0.30 / 2 + 0.5 = 0.65; derivatives 0.6 · 0.5 + 0.4 · 0.3 = 0.42; outflow 0.7; absent confirmation 0.5.
    // 0.35 · 0.65 + 0.35 · 0.42 + 0.20 · 0.7 + 0.10 · 0.5 = 0.2275 + 0.147 + 0.14 + 0.05
    const given = {
      whales: whales(1, 0, 0, 0, [45, 15, 100]),
      funding: funding(1, 0.0001),
      'open-interest': openInterest(0, 100, 120),
      'exchange-flows': flows(48, 100, 150),
    }
    expect(ask(given, 'tutorial')).toEqual({
      score: 0.5645, coverage: 1, whales: 0.65, derivatives: 0.42, onChain: 0.7, confirmation: 0.5, buys: false, sells: false,
    }) // prettier-ignore
  })

  it('80 long and 10 short, funding −0.6 %, open interest −20 %, confirmation 0.8: 0.7835, and 0.804375 without flows', () => {
    // whales 0.85; derivatives 0.6 · 0.8 + 0.4 · 0.7 = 0.76; confirmation 0.5 + (0.8 + 0.4) / 4 = 0.8.
    // 0.2975 + 0.266 + 0.14 + 0.08; without flows (0.2975 + 0.266 + 0.08) / 0.8.
    const given = {
      whales: whales(1, 0, 0, 0, [80, 10, 100]),
      funding: funding(1, -0.006),
      'open-interest': openInterest(0, 100, 80),
      'exchange-flows': flows(48, 100, 150),
      confirmation: confirmed(0.5, 0.8, -0.4),
    }
    expect(ask(given, 'tutorial')).toMatchObject({
      score: 0.7835,
      coverage: 1,
      confirmation: 0.8,
      buys: true,
    })
    const without = { ...given, 'exchange-flows': flows(200, 0, 0) }
    expect(ask(without, 'tutorial')).toMatchObject({
      score: 0.804375,
      coverage: 0.8,
      onChain: NaN,
      buys: true,
    })
  })

  it('is long only, has no re-arm rule and a risk-free rate of 2 % a year; the others do not', () => {
    const tutorial = compileStrategy(smartMoney, {}, 'tutorial')
    expect(tutorial).toMatchObject({
      policies: { rearm: 'none' },
      riskFreeRate: 0.02,
      risk: { allowShort: false },
    })
    const standard = compileStrategy(smartMoney)
    expect(standard).toMatchObject({ policies: {}, riskFreeRate: 0, risk: { allowShort: true } })
    expect(standard.chosenOn.join()).toMatch(/2026-03/)
  })
})

describe('the default preset', () => {
  const given = {
    whales: whales(1, 12, 4, 18),
    funding: funding(1, 0.0004),
    'open-interest': openInterest(0, 100, 105),
    'exchange-flows': flows(48, 30, 10),
  }

  it('12 long and 4 short whales, funding +0.04 %, inflow of 0.25 % of supply: 0.482777777778', () => {
    // whales 0.5 / 2 + 0.5 = 0.75; derivatives 0.6 · 0.2 + 0.4 · 0.5 = 0.32; inflow 0.3; confirmation absent.
    // (0.35 · 0.75 + 0.35 · 0.32 + 0.2 · 0.3) / 0.9 = 0.4345 / 0.9
    expect(ask(given)).toMatchObject({
      score: 0.482777777778,
      coverage: 0.9,
      whales: 0.75,
      derivatives: 0.32,
      onChain: 0.3,
    })
    expect(ask(given).confirmation).toBeNaN()
  })

  it.each([
    ['whales 12 h', 'whales', (age: number) => whales(age, 12, 4, 18), 12],
    ['funding 1.5 of its own interval', 'derivatives', (age: number) => funding(age, 0.0004), 12],
    [
      'funding 1.5 of an hour where it is hourly',
      'derivatives',
      (age: number) => funding(age, 0.0004, 1),
      1.5,
    ],
    ['open interest 2 h', 'derivatives', (age: number) => openInterest(age, 100, 120), 2],
    ['flows 96 h', 'onChain', (age: number) => flows(age, 30, 10), 96],
    ['confirmation 1 h', 'confirmation', (age: number) => confirmed(age, 0.5, 0), 1],
  ] as const)('is stale after: %s', (_name, leg, make, limit) => {
    const series = {
      whales: 'whales',
      derivatives: 'funding',
      onChain: 'exchange-flows',
      confirmation: 'confirmation',
    }
    const name = make === undefined ? '' : _name.startsWith('open') ? 'open-interest' : series[leg]
    expect(ask({ [name]: make(limit) })[leg]).not.toBeNaN()
    expect(ask({ [name]: make(limit + 0.01) })[leg]).toBeNaN()
  })

  it('knows no whales among fewer than ten wallets, and no score under 0.6 of the weight', () => {
    const thin = ask({ ...given, whales: whales(1, 5, 4, 9) })
    expect(thin).toMatchObject({ whales: NaN, score: NaN, coverage: 0.55, buys: false, sells: false })
    const two = { ...given, 'exchange-flows': flows(200, 0, 0) }
    expect(ask(two)).toMatchObject({ coverage: 0.7, score: 0.535 })
  })

  it('re-weights inside the derivatives leg', () => {
    expect(ask({ funding: funding(1, -0.0002) }).derivatives).toBe(0.8)
    expect(ask({ 'open-interest': openInterest(0, 100, 113) }).derivatives).toBe(0.3)
    expect(ask({ 'open-interest': openInterest(0, 100, 89) }).derivatives).toBe(0.7)
    expect(ask({ 'open-interest': facts([[0, { openInterest: 9 }], [22.9, { openInterest: 1 }]]) }).derivatives).toBeNaN() // prettier-ignore
  })

  it('takes 0.65 for a buy, and only less than 0.35 for a sell', () => {
    // Both rest on whales and derivatives alone: (w + d) / 2.
    const of = (longs: number, shorts: number, rate: number): Answer =>
      ask({ whales: whales(1, longs, shorts, 20), funding: funding(1, rate) })
    expect(of(15, 5, 0)).toMatchObject({ score: 0.625, buys: false })
    expect(of(16, 4, 0)).toMatchObject({ score: 0.65, buys: true })
    expect(of(4, 16, 0)).toMatchObject({ score: 0.35, sells: false })
    expect(of(3, 17, 0)).toMatchObject({ score: 0.325, sells: true })
  })

  it('does not enter against a veto, whose absence or old age forbids nothing', () => {
    const bullish = { whales: whales(1, 20, 0, 20), funding: funding(1, -0.001) }
    const veto = (age: number, veto: number): Answer => ask({ ...bullish, confirmation: confirmed(age, 0, 0, { veto, available: 1 }) }) // prettier-ignore
    expect(ask(bullish).buys).toBe(true)
    expect(veto(0.5, 0).buys).toBe(true)
    expect(veto(0.5, 1).buys).toBe(false)
    expect(veto(1.5, 1).buys).toBe(true)
  })

  it('asks for a minimum confirmation of the entering side where one is set', () => {
    const bullish = { whales: whales(1, 20, 0, 20), funding: funding(1, -0.001) }
    const bearish = { whales: whales(1, 0, 20, 20), funding: funding(1, 0.001) }
    const gate = { minimumConfirmation: 0.7 }
    expect(ask(bullish, 'default', gate).buys).toBe(false)
    expect(ask({ ...bullish, confirmation: confirmed(0, 0.4, -0.4) }, 'default', gate).buys).toBe(true)
    expect(ask({ ...bullish, confirmation: confirmed(0, 0.3, -0.3) }, 'default', gate).buys).toBe(false)
    expect(ask({ ...bearish, confirmation: confirmed(0, -0.4, 0.4) }, 'default', gate).sells).toBe(true)
    expect(ask({ ...bearish, confirmation: confirmed(0, 0.4, -0.4) }, 'default', gate).sells).toBe(false)
  })

  it('reads a confirmation that was asked for one side only; NO_DATA is absent, not 0', () => {
    expect(ask({ confirmation: confirmed(0, 0.6, NaN) }).confirmation).toBe(0.8)
    expect(ask({ confirmation: confirmed(0, NaN, 0.6) }).confirmation).toBe(0.2)
    expect(ask({ confirmation: confirmed(0, NaN, NaN) }).confirmation).toBeNaN()
    expect(ask({ confirmation: confirmed(0, 0, 0, { available: 0 }) }).confirmation).toBeNaN()
  })
})

describe('the relative preset', () => {
  it('ranks funding against its own ninety days, of which thirty must be known', () => {
    const days = 100
    const candles = walk(days, 1, DAY_MS)
    candles.openTime.forEach((_, i) => (candles.openTime[i] = i * DAY_MS))
    const rows = Array.from(
      { length: days },
      (_, day) => [(days - 1 - day) * 24, day < 60 ? day : day === 99 ? 200 : 30] as const,
    )
    const rate = facts(rows.map(([age, rate8h]) => [age, { rate8h, intervalMs: 8 * HOUR_MS }]))
    const leg = compileStrategy(smartMoney, {}, 'relative').columns({ candles, facts: { funding: rate } })
      .features['derivatives']!
    expect(leg[28]).toBeNaN()
    expect(leg[29]).toBe(0.2)
    expect(leg[70]).toBe(0.5)
    expect(leg[99]).toBe(0.2)
    expect(
      columnOf(rankOver(fact('funding', 'rate8h'), 90 * DAY_MS), candles, { funding: rate })[99],
    ).toBeCloseTo(89.5 / 90, 12)
  })
})

describe('combineLegs', () => {
  it('rounds to 12 decimals before anything is compared, in declared order', () => {
    const legs = [0.1, 0.2, 0.3].map((weight) => ({ weight, leg: bandLeg(close, { high: 1e9, low: -1e9, above: 0, between: 0.65, below: 0 }) })) // prettier-ignore
    expect(columnOf(combineLegs(legs).score, lastBar())[0]).toBe(0.65)
  })
})

describe('what a score can reach', () => {
  const leg = (lowest: number, highest: number, present: 'always' | 'sometimes' | 'never' = 'always') =>
    ({ weight: 0.35, lowest, highest, present }) as const

  it('is the weighted mean of extremes over the legs present', () => {
    expect(scoreRange([leg(0.4, 0.5), leg(0.32, 0.72)], 0.6)).toEqual({
      lowest: 0.36, highest: 0.61, unreachable: ['STRONG_BUY', 'BUY', 'SELL', 'STRONG_SELL'],
    }) // prettier-ignore
    expect(scoreRange([leg(0, 1), leg(0.5, 0.5)], 0.6)?.unreachable).toEqual(['STRONG_BUY', 'STRONG_SELL'])
  })
  it('counts every set of legs that carries enough weight', () => {
    expect(scoreRange([leg(0.2, 0.5), leg(0.5, 0.9, 'sometimes')], 0)).toMatchObject({
      lowest: 0.2,
      highest: 0.7,
    })
    expect(scoreRange([leg(0.2, 0.5), leg(0.5, 0.9, 'sometimes')], 0.6)).toMatchObject({
      lowest: 0.35,
      highest: 0.7,
    })
    expect(scoreRange([leg(0.2, 0.5), leg(NaN, NaN, 'never')], 0.6)).toBeUndefined()
    expect(scoreRange([leg(0.2, 0.5), leg(NaN, NaN, 'never')], 0.5)).toMatchObject({
      lowest: 0.2,
      highest: 0.5,
    })
  })
  it('follows from how the legs behaved', () => {
    const compiled = compileStrategy(smartMoney)
    const layout = scoreLayout(compiled.bound)!
    const activity = legActivity(layout, {
      whales: Float64Array.of(0.5, NaN, 0.6, 0.7),
      derivatives: Float64Array.of(0.5, 0.5, 0.5, 0.2),
    })
    expect(activity.map(({ name, knownBars, activeBars }) => [name, knownBars, activeBars])).toEqual([
      ['whales', 3, 2], ['derivatives', 4, 1], ['onChain', 0, 0], ['confirmation', 0, 0],
    ]) // prettier-ignore
    expect(attainableScores(activity, layout.minimumCoverage)).toMatchObject({ lowest: 0.35, highest: 0.6 })
  })
  it('bands', () => {
    expect([0.8, 0.79, 0.65, 0.35, 0.2, 0.19, NaN].map((score) => scoreSignal(score)?.signal)).toEqual(
      ['STRONG_BUY', 'BUY', 'BUY', 'NEUTRAL', 'SELL', 'STRONG_SELL', undefined]) // prettier-ignore
  })
})

describe('explainScore', () => {
  const compiled = compileStrategy(smartMoney)
  const explain = (given: Record<string, FactColumns>) =>
    explainScore(compiled, { candles: lastBar(), facts: given }, 0)

  it('names legs, inputs, ages, coverage and why', () => {
    const why = explain({
      whales: whales(3, 20, 0, 20),
      funding: funding(1, -0.001),
      confirmation: confirmed(5, 1, -1),
    })
    expect(why).toMatchObject({ signal: 'STRONG_BUY', score: 0.9, coverage: 0.7, time: NOW })
    expect(why.legs[0]).toMatchObject({ name: 'whales', value: 1, share: 0.5 })
    expect(why.legs[0]!.inputs).toContainEqual({ series: 'whales', field: 'longs', value: 20, eventTime: NOW - 3 * HOUR_MS, ageMs: 3 * HOUR_MS }) // prettier-ignore
    expect(why.legs[1]!.inputs.map(({ field }) => field)).toContain('openInterest change')
    expect(why.sentence).toBe(
      'STRONG_BUY (score 0.900, coverage 70 %) at 1970-04-11 00:00 UTC: whales 1.000 at 50 % of the weight, derivatives 0.800 at 50 % of the weight; absent: onChain (nothing known), confirmation (stale or too thin: 5.0 h old).',
    )
  })
  it('says NO_DATA, never neutral, where too little is known', () => {
    const why = explain({ whales: whales(3, 20, 0, 20) })
    expect(why).toMatchObject({ signal: 'NO_DATA', score: NaN, coverage: 0.35 })
    expect(why.sentence).toMatch(/^NO_DATA at .*only 35 % of the weight is known/)
  })
})
