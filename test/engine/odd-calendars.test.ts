import { describe, expect, test } from 'vitest'
import type { Candles } from '../../src/core/columns.js'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { prepareMarket } from '../../src/engine/market.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import { runTrials, type TrialOutcome } from '../../src/engine/trials.js'
import type { RiskSettings } from '../../src/risk/settings.js'
import { Dice } from '../ledger/generate.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from './scripted.js'
import { expectSame } from '../same.js'

/** Enough that each way to lose sight of a midnight, or of what a trailing stop has seen, comes up several times. */
const CASES = 700

/** Bars that do not divide a day or do not begin with it, single bars and whole days of them missing. */
function randomCandles(dice: Dice): Candles {
  const timeframeMs = dice.pick([
    25 * MINUTE_MS,
    HOUR_MS,
    4 * HOUR_MS,
    5 * HOUR_MS,
    7 * HOUR_MS,
    36 * HOUR_MS,
  ])
  const start = Date.UTC(2024, 1, 27) + dice.pick([0, HOUR_MS, 22 * HOUR_MS, 13 * MINUTE_MS])
  const bars = dice.pick([20, 60, 150, 400])
  const [missing, lostDays] = [dice.pick([0, 0.05]), dice.pick([0, 0.03])]
  const openTime: number[] = []
  for (let at = 0; openTime.length < bars; at++) {
    if (dice.chance(missing)) continue
    if (dice.chance(lostDays)) at += Math.ceil((dice.between(0.5, 3) * DAY_MS) / timeframeMs)
    openTime.push(start + at * timeframeMs)
  }
  const rows = { open: new Float64Array(bars), high: new Float64Array(bars), low: new Float64Array(bars), close: new Float64Array(bars) } // prettier-ignore
  const move = dice.pick([0.002, 0.01, 0.03])
  let last = 100
  for (let bar = 0; bar < bars; bar++) {
    const open = dice.chance(0.1) ? last * (1 + dice.between(-0.03, 0.03)) : last
    last = open * (1 + dice.between(-move, move))
    rows.open[bar] = open
    rows.close[bar] = last
    rows.high[bar] = Math.max(open, last) * (1 + dice.between(0, move / 2))
    rows.low[bar] = Math.min(open, last) * (1 - dice.between(0, move / 2))
  }
  const volume = new Float64Array(bars).fill(1)
  return { timeframeMs, openTime: Float64Array.from(openTime), ...rows, volume }
}

function randomRisk(dice: Dice): Partial<RiskSettings> {
  const fraction = (): number => dice.pick([0.002, 0.01, 0.03])
  return {
    sizing: { kind: 'cash', fraction: dice.pick([1, 0.5]) },
    stop: dice.pick([{ kind: 'none' }, { kind: 'percent', fraction: fraction() }]),
    target: dice.pick([{ kind: 'none' }, { kind: 'percent', fraction: fraction() }]),
    trailing: dice.pick([
      { kind: 'none' },
      { kind: 'percent', fraction: fraction(), activation: dice.pick([0, 0.005, 0.02]) },
    ]),
    dailyLossLimit: dice.pick([0, 0.002, 0.01, 0.05]),
    onDailyLoss: dice.pick(['hold', 'flatten']),
    timeExitBars: dice.pick([0, 0, 5]),
    allowShort: dice.chance(0.7),
    reversal: dice.chance(0.5),
  }
}

function randomOptions(seed: number): ReplayOptions {
  const dice = new Dice(seed)
  const candles = randomCandles(dice)
  const letters = dice.pick(['LLSSls......', 'LLLl..', 'LS......'])
  const says = Array.from(candles.openTime, () => dice.pick([...letters])).join('')
  const strategy = scriptedStrategy(new Map([[candles, { says }]]), randomRisk(dice), {
    rearm: dice.pick(['condition-false', 'none']),
    staleOrders: 'fill',
  })
  const instrument = instrumentOf({ takerFee: 0.0005, makerFee: 0.0002 })
  return {
    strategy,
    instruments: [dataOf(candles, instrument)],
    startTime: -Infinity,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 2 },
  }
}

function trialOf(options: ReplayOptions, path: 'skipping' | 'bar-by-bar', tileSlots: number) {
  const outcomes: TrialOutcome[] = []
  const trials = [options.strategy]
  runTrials({ market: prepareMarket(options), trials, path, tileSlots, keepTrades: true }, (outcome) =>
    outcomes.push(outcome),
  )
  return { ...(outcomes[0] as TrialOutcome), path: undefined, steps: undefined }
}

test('days begin and trailing stops follow the same on every path, whatever the calendar', () => {
  let halts = 0
  for (let seed = 1; seed <= CASES; seed++) {
    const options = randomOptions(seed)
    const fast = { ...replay(options), path: undefined }
    const slow = { ...replay({ ...options, path: 'bar-by-bar' }), path: undefined }
    expectSame<object>(fast, slow, `seed ${seed}`)
    const reference = trialOf(options, 'bar-by-bar', 1 << 20)
    expectSame(trialOf(options, 'skipping', 1 + (seed % 40)), reference, `seed ${seed}`)
    expect(reference.trades, `seed ${seed}`).toBe(slow.trades.length)
    if (slow.funnel.blocked.halted > 0) halts++
  }
  expect(halts).toBeGreaterThan(CASES / 10)
})

describe('the end of each trade is told by hand', () => {
  type Row = readonly [number, number, number, number]
  const flat = (price: number): Row => [price, price, price, price]
  const START = Date.UTC(2024, 0, 1)

  /** Bars in a row from an hour of the first day on, and from another hour on after a gap. */
  function hoursFrom(everyHours: number, ...stretches: readonly (readonly [number, number])[]): number[] {
    return stretches.flatMap(([hour, bars]) =>
      Array.from({ length: bars }, (_, at) => START + (hour + at * everyHours) * HOUR_MS),
    )
  }

  const lateGap = hoursFrom(1, [0, 24], [48, 6])
  const gapAndStraddle = hoursFrom(4, [22, 6], [70, 6])
  const seenByAnother: Row[] = [
    flat(100), [100, 102, 100, 102], [102, 102, 98.4, 98.5], [98.5, 115, 98.4, 112], ...Array.from({ length: 21 }, () => flat(112)),
    ...Array.from({ length: 5 }, () => flat(111)), [111, 111, 109.2, 110.5], flat(110.5), flat(110.5),
  ] // prettier-ignore

  test.each<[string, Row[], number[], string, Partial<RiskSettings>, number, string[]]>([
    [
      'a halt ends inside the bar in which its day does',
      [flat(100), [100, 100, 90, 90], flat(90), flat(90), flat(90), [90, 95, 90, 95], flat(95)],
      hoursFrom(4, [10, 7]),
      'L..L...',
      { dailyLossLimit: 0.05 },
      1 << 20,
      ['1-2 daily-loss', '4-6 end-of-data'],
    ],
    [
      'the last bar before a lost day closes at midnight: the loss is of the day that follows',
      lateGap.map((_, at) => flat(at < 24 ? 100 : 100 - 0.6 * (at - 23))),
      lateGap,
      'L',
      { dailyLossLimit: 0.01 },
      1 << 20,
      ['1-26 daily-loss'],
    ],
    [
      'a midnight in the gap before a bar, and another inside it',
      gapAndStraddle.map((_, at) => flat(at < 7 ? 100 : 100 - 0.6 * (at - 6))),
      gapAndStraddle,
      'L',
      { dailyLossLimit: 0.01 },
      1 << 20,
      ['1-9 daily-loss'],
    ],
    [
      'what a trade would have seen, had the day not ended it, is no best price of the next one',
      seenByAnother,
      hoursFrom(1, [0, seenByAnother.length]),
      'L'.padEnd(24, '.') + 'L',
      { dailyLossLimit: 0.012, trailing: { kind: 'percent', fraction: 0.05, activation: 0.01 } },
      29,
      ['1-3 daily-loss', '25-32 end-of-data'],
    ],
  ])('%s', (_what, rows, openTime, says, risk, tileSlots, ends) => {
    const timeframeMs = (openTime[1] as number) - (openTime[0] as number)
    const candles = { ...candlesOf(rows, START, timeframeMs), openTime: Float64Array.from(openTime) }
    const strategy = scriptedStrategy(
      new Map([[candles, { says: says.padEnd(rows.length, '.') }]]),
      { sizing: { kind: 'cash', fraction: 1 }, stop: { kind: 'none' }, target: { kind: 'none' }, onDailyLoss: 'flatten', ...risk }, // prettier-ignore
      { rearm: 'none' },
    )
    const options: ReplayOptions = {
      strategy,
      instruments: [dataOf(candles, instrumentOf())],
      startTime: -Infinity,
      endTime: Infinity,
      startingBalance: 10_000,
      costs: { slippageBps: 0 },
    }
    for (const path of ['bar-by-bar', 'skipping'] as const) {
      const { closedTrades = [] } = trialOf(options, path, tileSlots)
      const told = closedTrades.map(
        ({ entryBar, exitBar, exitReason }) => `${entryBar}-${exitBar} ${exitReason}`,
      )
      expect(told, path).toEqual(ends)
    }
  })
})
