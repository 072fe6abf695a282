import { describe, expect, test } from 'vitest'
import { BaleenError } from '../../src/core/errors.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import type { CompiledStrategy, SignalStream } from '../../src/strategy/compiled.js'
import { compileStrategy } from '../../src/strategy/compile.js'
import smaCross from '../../strategies/sma-cross.js'
import smartMoney from '../../strategies/smart-money.js'
import trendBreakout from '../../strategies/trend-breakout.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { Candles, FundingSchedule } from '../../src/core/columns.js'
import { dataOf, instrumentOf } from '../engine/scripted.js'
import { random, walk } from '../features/candles.js'
import { FEATURES, featuresOf, type Feature } from '../model/features.js'
import { generateCase, optionsOf, type GeneratedCase } from '../model/generate.js'
import { columnRows, smartMoneyFacts } from '../strategy/helpers.js'
import { deskOf, endData, feed, inputsOf, ledgerOf, type Input, type Ledger } from './as-session.js'
import { expectSame } from '../same.js'

/** A campaign asks for more, and says where its seeds begin. */
const CASES = Number(process.env['BALEEN_SESSION_CASES'] ?? 60)
const FIRST_SEED = Number(process.env['BALEEN_SESSION_SEED'] ?? 900_040)

/** The script of each instrument, bar by bar: streams are asked for in the order of instruments. */
function streamed(options: ReplayOptions): CompiledStrategy {
  const { strategy, instruments } = options
  let next = 0
  return {
    ...strategy,
    stream(): SignalStream {
      const data = instruments[next++ % instruments.length]
      if (data === undefined) throw new Error('no instrument')
      const rows = columnRows(strategy, data)
      const hasScore = strategy.columns(data).signal.score !== undefined
      let bar = -1
      return {
        get usable() {
          return bar >= 0 && (!hasScore || !Number.isNaN(rows[bar]?.signal.score))
        },
        learn: () => undefined,
        next: () => rows[++bar] as (typeof rows)[number],
      }
    },
  }
}

/**
 * A session does not know that its data will end: what is held then stays open, and an instrument that leaves its venue within the bar after the
 * last one, of which a replay sees nothing, stays.
 */
function optionsOfSession(generated: GeneratedCase): ReplayOptions {
  const drawn = optionsOf(generated)
  const closes = drawn.instruments.flatMap(({ instrument, candles: { openTime, timeframeMs } }) => {
    const last = Math.min(drawn.endTime, instrument.delistedAt ?? Infinity)
    return Array.from(openTime, (time) => time + timeframeMs).filter((time) => time <= last)
  })
  const end = Math.max(...closes)
  const instruments = drawn.instruments.map((data) => {
    const { delistedAt, ...instrument } = data.instrument
    return delistedAt === undefined || delistedAt <= end ? data : { ...data, instrument }
  })
  const options = { ...drawn, instruments }
  return {
    ...options,
    strategy: streamed(options),
    policies: { ...options.policies, endOfData: 'leave-open' },
  }
}

function ledgerOfReplay(options: ReplayOptions): Ledger | string {
  try {
    const result = replay({ ...options, path: 'bar-by-bar' })
    return {
      time: [...result.equity.time],
      equity: [...result.equity.equity],
      orders: result.orders,
      fills: result.fills,
      trades: result.trades.filter(({ status }) => status === 'closed'),
      blocked: result.funnel.blocked,
      signals: result.funnel.signals,
    }
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error
    return error.message
  }
}

function ledgerOfSession(options: ReplayOptions): Ledger | string {
  try {
    const desk = deskOf(options)
    for (const input of inputsOf(options)) feed(desk, input)
    endData(desk)
    return ledgerOf(desk)
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error
    return error.message
  }
}

describe('a session told bar by bar is the replay of the same bars', () => {
  const seen = new Map<Feature, number>()

  test(
    'orders, fills, trades, equity and reasons, to the last bit',
    () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
        const generated = generateCase(seed, { dyadic: seed % 2 === 0 })
        const options = optionsOfSession(generated)
        const expected = ledgerOfReplay(options)
        const actual = ledgerOfSession(options)
        for (const feature of featuresOf(generated)) seen.set(feature, (seen.get(feature) ?? 0) + 1)
        expectSame<unknown>(actual, expected, `seed ${seed} (${featuresOf(generated).join(', ')})`)
      }
    },
    Math.max(120_000, CASES * 500),
  )

  test('every feature is in one case of fifty', () => {
    for (const feature of FEATURES)
      expect([feature, (seen.get(feature) ?? 0) >= CASES / 50]).toEqual([feature, true])
  })
})

const BARS = 700
const WARM_UP = 60

/** Every 50th bar or so is missing. */
function withGaps(candles: Candles, seed: number): Candles {
  const next = random(seed)
  const kept = Array.from(candles.openTime, () => next() > 0.02)
  const part = (column: Float64Array): Float64Array => column.filter((_, bar) => kept[bar])
  return {
    timeframeMs: candles.timeframeMs,
    openTime: part(candles.openTime),
    open: part(candles.open),
    high: part(candles.high),
    low: part(candles.low),
    close: part(candles.close),
    volume: part(candles.volume),
  }
}

function fundingOf(start: number): FundingSchedule {
  const time = Float64Array.from({ length: BARS / 8 }, (_, at) => start + at * 8 * HOUR_MS)
  return {
    time,
    rate: time.map((_, at) => (at % 3 === 0 ? -0.0002 : 0.0004)),
    mark: time.map(() => NaN),
  }
}

/** A strategy of the package on two perpetuals of one account, one of them with gaps: candles and facts are invented. */
function optionsFor(strategy: CompiledStrategy): ReplayOptions {
  const instruments = ['test:A', 'test:B'].map((id, index) => {
    const whole = walk(BARS, 4 + index)
    const start = whole.openTime[0] as number
    const facts = smartMoneyFacts(start, start + BARS * HOUR_MS, 4 + index)
    const candles = index === 0 ? whole : withGaps(whole, 9)
    return dataOf(candles, instrumentOf({ id, takerFee: 0.0005, makerFee: 0.0002 }), fundingOf(start), facts)
  })
  return {
    strategy,
    instruments,
    startTime: instruments[0]?.candles.openTime[WARM_UP] as number,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 2 },
    policies: { endOfData: 'leave-open' },
  }
}

const SHIPPED = (
  [
    ['sma-cross', smaCross],
    ['smart-money', smartMoney],
    ['trend-breakout', trendBreakout],
  ] as const
).map(([name, strategy]) => [name, compileStrategy(strategy)] as const)

describe.each(SHIPPED)('%s on paper', (_name, strategy) => {
  const options = optionsFor(strategy)
  const inputs = inputsOf(options)
  const expected = ledgerOfReplay(options) as Ledger

  test('is its backtest, to the last bit', () => {
    expect(expected.fills.length).toBeGreaterThan(4)
    expect(ledgerOfSession(options)).toEqual(expected)
  })

  test('rests every decision on the features and the signal of the columns', () => {
    const columns = options.instruments.map((data) => columnRows(strategy, data))
    const bars = options.instruments.map(() => 0)
    const desk = deskOf(options)
    let compared = 0
    for (const input of inputs) {
      feed(desk, input)
      if (input.kind !== 'bars') continue
      const rows = input.bars.bars.map(({ instrument }) => columns[instrument]?.[bars[instrument]!++])
      if (desk.decisions.length === 0) continue
      const said = desk.decisions.map(({ signal, features }) => ({ signal, features }))
      expectSame(said, rows)
      compared++
    }
    expect(compared).toBe(BARS - WARM_UP)
  })

  test('does not care in which order, how early or how often it is told of what is known by a close', () => {
    const desk = deskOf(options)
    for (const input of disturbed(inputs)) feed(desk, input)
    endData(desk)
    expect(ledgerOf(desk)).toEqual(expected)
  })
})

/** Facts and settlements of one bar shuffled, some of them told twice, some a bar early. */
function disturbed(inputs: readonly Input[]): Input[] {
  const next = random(3)
  const out: Input[] = []
  let waiting: Input[] = []
  let early: Input[] = []
  for (const input of inputs) {
    if (input.kind === 'bars') {
      out.push(...waiting.sort(() => next() - 0.5), input)
      waiting = early
      early = []
    } else {
      if (next() < 0.1) out.push(input)
      else waiting.push(input)
      if (next() < 0.1) waiting.push(input)
    }
  }
  return out
}

test('a fact that comes after the close it was known by counts from then on, and not in hindsight', () => {
  const strategy = compileStrategy(smartMoney)
  const options = optionsFor(strategy)
  const inputs = inputsOf(options)
  const closes = inputs.filter(({ kind }) => kind === 'bars')
  const at = Math.floor(closes.length / 2)
  const late = inputs.findIndex((input) => input.kind === 'fact' && input.fact.series === 'whales' && input.at > (closes[at]?.at ?? 0)) // prettier-ignore
  const fact = inputs[late]
  if (fact?.kind !== 'fact') throw new Error('there is no such fact')
  const after = inputs.findIndex((input, place) => place > late && input.kind === 'bars')
  const told = [
    ...inputs.slice(0, late),
    ...inputs.slice(late + 1, after + 1),
    fact,
    ...inputs.slice(after + 1),
  ]
  const known = { ...fact.fact, knownAt: (inputs[after]?.at as number) + 1 }
  const honest = [...inputs.slice(0, late), ...inputs.slice(late + 1, after + 1), { ...fact, fact: known }, ...inputs.slice(after + 1)] // prettier-ignore
  const featuresOfAll = (list: readonly Input[]): unknown[] => {
    const desk = deskOf(options)
    return list.map((input) => {
      feed(desk, input)
      return desk.decisions
    })
  }
  const [asTold, asHonest] = [featuresOfAll(told), featuresOfAll(honest)]
  expect(asTold).toEqual(asHonest)
})
