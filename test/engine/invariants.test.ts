import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { Candles, FundingSchedule } from '../../src/core/columns.js'
import type { Fill } from '../../src/core/orders.js'
import type { BacktestResult } from '../../src/core/result.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import {
  Dice,
  generateCase,
  optionsOf,
  type GeneratedCase,
  type GeneratedMarket,
} from '../ledger/generate.js'
import { RUN_CHECKS } from './invariants.js'
import { expectSame } from '../same.js'

const seeds = fc.integer({ min: 1, max: 0x7fffffff })
const runs = { numRuns: 600, seed: 20240103 }

/** Runs by what they were drawn from: each check looks at the very same ones. */
const played = new Map<string, readonly [BacktestResult, ReplayOptions]>()

function runOf(seed: number, dyadic: boolean): readonly [BacktestResult, ReplayOptions] {
  const key = `${seed} ${dyadic}`
  let run = played.get(key)
  if (run === undefined) {
    const options = optionsOf(generateCase(seed, dyadic))
    played.set(key, (run = [replay(options), options]))
  }
  return run
}

afterAll(() => played.clear())

describe('any run, whatever the market, the signals and the settings', () => {
  test.each(Object.entries(RUN_CHECKS))('%s', (_name, check) => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, dyadic) => {
        expect(check(...runOf(seed, dyadic))).toEqual([])
      }),
      runs,
    )
  })

  test('marks once at every close, and its days are the last marks at or before 00:00', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { equity, daily, instruments, startingBalance } = replay(optionsOf(generateCase(seed, true)))
        const closes = [...new Set(instruments.flatMap(({ closeTime }) => [...closeTime]))].sort(
          (a, b) => a - b,
        )
        expectSame([...equity.time], closes)
        const marks = Array.from(daily.time, (time, day) => {
          const mark = equity.time.findLastIndex((close) => close <= time)
          return day === 0 || mark < 0 ? startingBalance : equity.equity[mark]
        })
        expectSame([...daily.equity], marks)
        expect([...daily.time].slice(1, -1).every((time) => time % 86_400_000 === 0)).toBe(true)
        expect(equity.adverse.every((adverse, mark) => adverse <= (equity.equity[mark] as number))).toBe(true)
      }),
      runs,
    )
  })

  test('the same options give the same result, digit for digit', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expectSame(replay(optionsOf(generateCase(seed, false))), replay(optionsOf(generateCase(seed, false))))
      }),
      { ...runs, numRuns: 100 },
    )
  })
})

/** Rows of a market before `time`, or with the ones from there on replaced. */
function rowsBefore(candles: Candles, time: number): number {
  const end = candles.openTime.findIndex((open) => open + candles.timeframeMs > time)
  return end < 0 ? candles.openTime.length : end
}

function cutCandles(candles: Candles, end: number): Candles {
  const { timeframeMs, openTime, open, high, low, close, volume } = candles
  const cut = (column: Float64Array): Float64Array => column.slice(0, end)
  return {
    timeframeMs,
    openTime: cut(openTime),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  }
}

function cutFunding(funding: FundingSchedule | undefined, time: number): FundingSchedule | undefined {
  if (funding === undefined) return undefined
  const end = funding.time.filter((stamp) => stamp < time).length
  return {
    time: funding.time.slice(0, end),
    rate: funding.rate.slice(0, end),
    mark: funding.mark.slice(0, end),
  }
}

function cutCase(generated: GeneratedCase, time: number): GeneratedCase {
  const markets = generated.markets.map(({ instrument, candles, script, funding }): GeneratedMarket => {
    const end = rowsBefore(candles, time)
    return { instrument, candles: cutCandles(candles, end), script, funding: cutFunding(funding, time) }
  })
  return { ...generated, markets: markets.map((market) => ({ ...market, script: cutScript(market) })) }
}

function cutScript({ script, candles }: GeneratedMarket): GeneratedMarket['script'] {
  const end = candles.openTime.length
  return {
    says: script.says.slice(0, end),
    ...(script.score && { score: script.score.slice(0, end) }),
    ...(script.rearmKey && { rearmKey: script.rearmKey.slice(0, end) }),
    ...(script.atr && { atr: script.atr.slice(0, end) }),
  }
}

/** The same markets, whose bars, signals and funding from `time` on are shuffled. */
function shuffleFuture(generated: GeneratedCase, time: number, dice: Dice): GeneratedCase {
  const markets = generated.markets.map((market): GeneratedMarket => {
    const { candles, script, funding } = market
    const from = rowsBefore(candles, time)
    const order = Array.from(candles.openTime, (_, bar) =>
      bar < from ? bar : dice.whole(from, candles.openTime.length - 1),
    )
    const mix = (column: Float64Array): Float64Array =>
      Float64Array.from(order, (bar) => column[bar] as number)
    const mixed = <Value>(values: readonly Value[]): Value[] => order.map((bar) => values[bar] as Value)
    return {
      ...market,
      candles: {
        ...candles,
        open: mix(candles.open),
        high: mix(candles.high),
        low: mix(candles.low),
        close: mix(candles.close),
      },
      script: {
        says: mixed([...script.says]).join(''),
        ...(script.score && { score: mixed(script.score) }),
        ...(script.rearmKey && { rearmKey: mixed(script.rearmKey) }),
        ...(script.atr && { atr: mixed(script.atr) }),
      },
      funding: funding && {
        ...funding,
        rate: funding.rate.map((rate, row) => ((funding.time[row] as number) < time ? rate : -rate)),
      },
    }
  })
  return { ...generated, markets }
}

/** What a run had done by the close at `time`. */
function until(result: BacktestResult, time: number): object {
  const marks = result.equity.time.filter((close) => close <= time).length
  const closed = result.trades.filter(
    ({ status, exitReason }) => status === 'closed' && exitReason !== 'end-of-data',
  )
  const atOpen = (fill: Fill): boolean => {
    if (fill.role === 'entry' || fill.role === 'exit') return result.policies.fillAt === 'next-open'
    const trade = closed.find((each) => each.exitTime === fill.time && each.exitPrice === fill.price)
    const run = result.instruments[fill.instrument]
    return trade !== undefined && fill.time === (run?.closeTime[trade.exitBar] as number) - result.timeframeMs
  }
  const fills = result.fills.filter((fill) => fill.time < time || (fill.time === time && !atOpen(fill)))
  const ids = new Set(fills.map(({ orderId }) => orderId))
  return {
    fills,
    orders: result.orders.filter(({ id }) => ids.has(id)),
    trades: closed.slice(0, fills.filter(({ role }) => role !== 'entry').length),
    equity: result.equity.equity.slice(0, marks),
    adverse: result.equity.adverse.slice(0, marks),
    exposure: result.equity.exposure.slice(0, marks),
    days: result.daily.time.filter((midnight) => midnight <= time && midnight % 86_400_000 === 0).length,
  }
}

/** A close somewhere in the run after every instrument has begun. */
function someClose(generated: GeneratedCase, dice: Dice): number {
  const closes = replay(optionsOf(generated)).equity.time
  const begun = Math.max(
    ...generated.markets.map(
      ({ candles }) =>
        (candles.openTime.find((time) => time >= generated.startTime) as number) + candles.timeframeMs,
    ),
  )
  return dice.pick([...closes].filter((time) => time >= begun))
}

describe('the past does not depend on the future', () => {
  test('a run over a prefix of the data is a prefix of the run', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const generated = generateCase(seed, false)
        const time = someClose(generated, new Dice(seed))
        const whole = replay(optionsOf(generated, { endOfData: 'leave-open' }))
        const prefix = replay(optionsOf(cutCase(generated, time), { endOfData: 'leave-open' }))
        expect(until(prefix, time)).toEqual(until(whole, time))
      }),
      runs,
    )
  })

  test('shuffling later bars, signals and funding changes nothing earlier', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const generated = generateCase(seed, false)
        const dice = new Dice(seed)
        const time = someClose(generated, dice)
        const whole = replay(optionsOf(generated, { endOfData: 'leave-open' }))
        const shuffled = replay(optionsOf(shuffleFuture(generated, time, dice), { endOfData: 'leave-open' }))
        expect(until(shuffled, time)).toEqual(until(whole, time))
      }),
      runs,
    )
  })
})

describe('the order in which a run lists its instruments', () => {
  /** Fills by instrument id, whatever its index, and the sums of the account. */
  function view(result: BacktestResult): object {
    const idOf = (instrument: number): string => result.instruments[instrument]?.id ?? ''
    const fills = result.fills.map(({ instrument, role, side, time, price, quantity, fee }) => ({
      id: idOf(instrument),
      time,
      role,
      side,
      price,
      quantity,
      fee,
    }))
    fills.sort((a, b) => a.id.localeCompare(b.id) || a.time - b.time)
    const { blocked, signals, entryFills } = result.funnel
    return {
      fills,
      equity: result.equity.equity,
      finalEquity: result.finalEquity,
      blocked,
      signals,
      entryFills,
    }
  }

  test('changes no digit where sums do not round', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const generated = generateCase(seed, true)
        const turned = { ...generated, markets: [...generated.markets].reverse() }
        expect(view(replay(optionsOf(turned)))).toEqual(view(replay(optionsOf(generated))))
      }),
      runs,
    )
  })
})
