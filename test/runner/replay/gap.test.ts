import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addDataGap,
  CAUSES,
  gapOf,
  toUnits,
  type ComparedTrade,
  type Gap,
} from '../../../src/runner/replay/gap.js'

const trade = (changes: Partial<ComparedTrade>): ComparedTrade => ({
  instrument: 0,
  side: 1,
  decidedAt: 100,
  entryTime: 100,
  entryPrice: 50,
  exitTime: 200,
  exitDay: 0,
  exitPrice: 60,
  quantity: 10,
  fees: 1,
  funding: 0,
  profit: 99,
  isOpen: false,
  ...changes,
})

describe('the gap between a session and its backtest', () => {
  test('by cause, worked out by hand', () => {
    // Bars open at 50 (100), 52 (110) and 60 (200), 58 (210).
    const open = new Map([[100, 50], [110, 52], [200, 60], [210, 58]]) // prettier-ignore
    // In at 52.5 instead of 50 and one bar later; out at 57.75 instead of 60 and one bar later; 8 instead of 10.
    const session = [
      trade({ entryTime: 110, entryPrice: 52.5, exitTime: 210, exitPrice: 57.75, quantity: 8, fees: 1.25, funding: -0.5, profit: 8 * 5.25 - 1.25 - 0.5 }),
      trade({ decidedAt: 300, profit: 7 }),
    ] // prettier-ignore
    const backtest = [trade({}), trade({ instrument: 1, decidedAt: 400, profit: -3 })]
    const { gap, causes, trades } = gapOf(session, backtest, (_, time) => open.get(time) ?? NaN)
    expect(trades.map((one) => one.gap)).toEqual([40.25 - 99, 7, 3])
    expect(causes).toEqual({
      data: 0,
      signal: 7 + 3,
      fee: -0.25,
      funding: -0.5,
      // Two fewer at a profit of 10 each.
      size: -20,
      // 8 entered 2 dearer and left 2 cheaper.
      timing: -32,
      // 8 at 0.5 above the open, and out at 0.25 below.
      price: -6,
    })
    expect(gap).toBe(-48.75)
    const withData = addDataGap({ gap, causes, trades }, 96, 90)
    expect(withData.causes.data).toBe(6)
    expect(withData.gap).toBe(-42.75)
  })

  test('causes add up exactly, for every trade and in total', () => {
    const amount = fc.double({ min: -1e4, max: 1e4, noNaN: true })
    const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true })
    const drawn = fc.record<ComparedTrade>({
      instrument: fc.constantFrom(0, 1),
      side: fc.constantFrom(1, -1),
      decidedAt: fc.integer({ min: 0, max: 5 }),
      entryTime: fc.integer({ min: 0, max: 9 }),
      entryPrice: positive,
      exitTime: fc.integer({ min: 0, max: 9 }),
      exitDay: fc.constant(0),
      exitPrice: positive,
      quantity: positive,
      fees: amount,
      funding: amount,
      profit: amount,
      isOpen: fc.boolean(),
    })
    const key = ({ instrument, side, decidedAt }: ComparedTrade): string => `${instrument}${side}${decidedAt}`
    const some = fc.uniqueArray(drawn, { selector: key, maxLength: 8 })
    const prices = fc.array(positive, { minLength: 20, maxLength: 20 })
    const sum = ({ causes }: Pick<Gap, 'causes'>): number => CAUSES.reduce((total, cause) => total + toUnits(causes[cause]), 0) // prettier-ignore
    fc.assert(
      fc.property(some, some, prices, (session, backtest, opens) => {
        const gap = gapOf(session, backtest, (instrument, time) => opens[instrument * 10 + time] as number)
        expect(sum(gap)).toBe(toUnits(gap.gap))
        for (const one of gap.trades) expect(sum(one)).toBe(toUnits(one.gap))
        const profits = (trades: readonly ComparedTrade[]): number => trades.reduce((total, { profit }) => total + toUnits(profit), 0) // prettier-ignore
        expect(toUnits(gap.gap)).toBe(profits(session) - profits(backtest))
      }),
      { numRuns: 200 },
    )
  })
})
