import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import type { Trade } from '../../src/core/trades.js'
import { attributeCosts, attributeTradeCosts } from '../../src/metrics/cost-attribution.js'
import { dominantSizeBound, sizeBounds } from '../../src/metrics/size-bounds.js'
import { tradeColumns } from '../../src/metrics/trade-columns.js'
import {
  byCoverage, byEntryHour, byEntryWeekday, byExitReason, byInstrument, bySide, groupTrades,
} from '../../src/metrics/trade-groups.js' // prettier-ignore
import {
  averageAdverseExcursion, averageFavourableExcursion, decidedCount, edgeRatio, expectancy, expectancyFraction, meanOf,
  medianOf, systemQualityNumber, topTradesShare, tradeWinRate,
} from '../../src/metrics/trade-stats.js' // prettier-ignore
import { best, payoffRatio, profitFactor, worst } from '../../src/metrics/win-loss.js'
import { describeWithReference, referenceData } from '../reference-data.js'
import { JANUARY, makeTrade } from './make-result.js'

const withProfits = (...values: number[]) =>
  values.map((profit) => makeTrade({ profit, profitFraction: profit / 100 }))
const columnsOf = (...trades: Trade[]) => tradeColumns(trades)

describe('hand-worked: +30, −10, +20, −20, 0', () => {
  const made = withProfits(30, -10, 20, -20, 0)
  const trades = columnsOf(...made)

  it('counts wins among all five', () => {
    expect(tradeWinRate(trades)).toEqual({ value: 0.4 })
    expect(profitFactor(trades.profit).value).toBeCloseTo(50 / 30, 14)
    expect(expectancy(trades)).toEqual({ value: 4 })
    expect(expectancyFraction(trades).value).toBeCloseTo(0.04, 14)
    expect(payoffRatio(trades.profit).value).toBeCloseTo(25 / 15, 14)
    // Squared deviations from 4: 676 + 196 + 256 + 576 + 16 = 1720.
    expect(systemQualityNumber(trades).value).toBeCloseTo((Math.sqrt(5) * 4) / Math.sqrt(1720 / 4), 12)
  })

  it('the best trade made more than the whole', () => {
    expect(topTradesShare(trades, 1)).toEqual({ value: 1.5 })
    expect(topTradesShare(trades)).toEqual({ value: 1 })
    expect(topTradesShare(columnsOf(...withProfits(5, -10)))).toEqual({ reason: 'no net profit to share' })
  })

  it('closes at the end of data count in profit, not in the win rate', () => {
    const last = makeTrade({ profit: 100, exitReason: 'end-of-data' })
    const ended = columnsOf(...made, last)
    expect(tradeWinRate(ended)).toEqual({ value: 0.4 })
    expect(decidedCount(ended)).toBe(5)
    expect(expectancy(ended)).toEqual({ value: 20 })
    expect(tradeWinRate(columnsOf(last))).toEqual({ reason: 'no trade closed before the end of data' })
  })

  it('positions left open are no trades yet', () => {
    const open = makeTrade({ profit: -500, status: 'open' })
    expect(columnsOf(open, ...made)).toEqual(trades)
    expect(groupTrades(columnsOf(open), () => 'all')).toEqual([])
  })

  it('n/a without trades', () => {
    for (const statistic of [tradeWinRate, expectancy, systemQualityNumber, topTradesShare, edgeRatio])
      expect(statistic(columnsOf())).toHaveProperty('reason')
    const alike = columnsOf(...withProfits(7.1, 7.1, 7.1))
    expect(systemQualityNumber(alike)).toEqual({ reason: 'all trades made the same' })
  })
})

describe('excursions and holding times', () => {
  const made = [
    makeTrade({ maxAdverseExcursion: -0.02, maxFavourableExcursion: 0.06, exitTime: JANUARY + 6 * HOUR_MS }),
    makeTrade({ maxAdverseExcursion: -0.01, maxFavourableExcursion: 0, exitTime: JANUARY + DAY_MS }),
    makeTrade({ maxAdverseExcursion: 0, maxFavourableExcursion: 0.03, exitTime: JANUARY + 3 * DAY_MS }),
  ]

  const trades = columnsOf(...made)

  it('are averaged', () => {
    expect(averageAdverseExcursion(trades).value).toBeCloseTo(-0.01, 14)
    expect(averageFavourableExcursion(trades).value).toBeCloseTo(0.03, 14)
    expect(edgeRatio(trades).value).toBeCloseTo(3, 12)
    expect([...trades.daysHeld]).toEqual([0.25, 1, 3])
    expect(medianOf(trades.daysHeld)).toEqual({ value: 1 })
    expect(edgeRatio(columnsOf(...made.slice(2)))).toEqual({ reason: 'no trade went against its entry' })
  })
})

describe('groups', () => {
  const trades = columnsOf(
    makeTrade({ profit: 10, side: 1, exitReason: 'take-profit', entryCoverage: 0.35 + 0.35, entryTime: JANUARY }),
    makeTrade({ profit: -4, side: -1, exitReason: 'stop-loss', entryCoverage: 0.9, entryTime: JANUARY + 25 * HOUR_MS }),
    makeTrade({ profit: 3, side: 1, exitReason: 'take-profit', entryCoverage: 1, entryTime: JANUARY - HOUR_MS, instrumentId: 'test:BBB' }),
    makeTrade({ profit: 1, side: 1, exitReason: 'end-of-data', entryTime: JANUARY + HOUR_MS }),
  ) // prettier-ignore
  const brief = (groups: readonly { key: string; trades: number; netProfit: number }[]) =>
    groups.map(({ key, trades: count, netProfit }) => [key, count, netProfit])

  it('by side, exit reason, instrument', () => {
    expect(brief(bySide(trades))).toEqual([['long', 3, 14], ['short', 1, -4]]) // prettier-ignore
    expect(brief(byExitReason(trades))).toEqual([['take-profit', 2, 13], ['stop-loss', 1, -4], ['end-of-data', 1, 1]]) // prettier-ignore
    expect(brief(byInstrument(trades))).toEqual([['test:AAA', 3, 7], ['test:BBB', 1, 3]]) // prettier-ignore
  })

  it('by UTC hour and weekday of the entry: 1 January 2024 was a Monday', () => {
    expect(brief(byEntryHour(trades))).toEqual([['00', 1, 10], ['01', 2, -3], ['23', 1, 3]]) // prettier-ignore
    expect(brief(byEntryWeekday(trades))).toEqual([['Monday', 2, 11], ['Tuesday', 1, -4], ['Sunday', 1, 3]]) // prettier-ignore
  })

  it('by coverage: the sum 0.35 + 0.35 is 70 %, although it is below 0.7 in binary', () => {
    expect(brief(byCoverage(trades))).toEqual([
      ['70–80 %', 1, 10], ['90–100 %', 1, -4], ['100 %', 1, 3], ['no legs', 1, 1],
    ]) // prettier-ignore
  })

  it('win rates of a group leave the end of data out', () => {
    expect(bySide(trades)[0]?.winRate).toEqual({ value: 1 })
    expect(byExitReason(trades)[2]?.winRate).toHaveProperty('reason')
  })
})

describe('which bound sized the entries', () => {
  const bound = (risk: number, cap: number) => [
    ...Array.from({ length: risk }, () => 'risk' as const),
    ...Array.from({ length: cap }, () => 'max-position' as const),
  ]

  it('is said where one held in more than 90 % of them', () => {
    expect(sizeBounds(bound(1, 3))).toEqual([
      { bound: 'max-position', trades: 3, share: 0.75 },
      { bound: 'risk', trades: 1, share: 0.25 },
    ])
    expect(dominantSizeBound(sizeBounds(bound(1, 9)))).toBeUndefined()
    expect(dominantSizeBound(sizeBounds(bound(1, 10)))?.bound).toBe('max-position')
    expect(dominantSizeBound([])).toBeUndefined()
    expect(dominantSizeBound(sizeBounds(['fixed']))).toBeUndefined()
  })
})

describe('cost attribution', () => {
  it('hand-worked: 100 earned after 7 of fees, 3 of slippage and 10 of funding received was 100 before', () => {
    expect(attributeCosts(100, { fees: 7, slippage: 3, funding: 10 })).toEqual({
      gross: 100, fees: 7, slippage: 3, funding: 10, net: 100,
    }) // prettier-ignore
  })

  const money = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  it('what is shown sums exactly, and misses the ledger by rounding only', () => {
    fc.assert(
      fc.property(money, money, money, money, (net, fees, slippage, funding) => {
        const costs = attributeCosts(net, { fees, slippage, funding })
        expect(costs.gross - costs.fees - costs.slippage + costs.funding).toBe(costs.net)
        expect(Math.abs(costs.net - net)).toBeLessThan(1e-9)
      }),
    )
  })

  it('groups share out the profit and the costs of the whole', () => {
    const trade = fc.record({ profit: money, fees: money, slippage: money, funding: money, side: fc.constantFrom(1, -1) })
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 30 }), (parts) => {
        const trades = parts.map((part) => makeTrade(part as { profit: number; side: 1 | -1 }))
        const whole = attributeTradeCosts(trades)
        const columns = tradeColumns(trades)
        for (const groups of [bySide(columns), byInstrument(columns), byEntryHour(columns)]) {
          for (const field of ['fees', 'slippage', 'funding'] as const) {
            const total = groups.reduce((sum, group) => sum + group[field], 0)
            expect(Math.abs(total - whole[field])).toBeLessThan(1e-6)
          }
          const net = groups.reduce((sum, group) => sum + group.netProfit, 0)
          expect(Math.abs(net - whole.net)).toBeLessThan(1e-6)
        }
      }),
    )
  }) // prettier-ignore
})

describeWithReference('backtesting.py on its own trades', () => {
  interface Run {
    name: string
    stats: Record<string, number | { days: number }>
    trades: { pnl: number; return_pct: number; entry_bar: number; exit_bar: number }[]
  }
  const file = JSON.parse(readFileSync(referenceData('oracle/backtestingpy_sma_cross.json'), 'utf8')) as {
    data: { dates: string[] }
    runs: Run[]
  }

  it.each(file.runs.map((run) => [run.name, run] as const))('%s', (_, run) => {
    const at = (bar: number): number => Date.parse(file.data.dates[bar] ?? '')
    const trades = columnsOf(
      ...run.trades.map((trade) =>
        makeTrade({
          profit: trade.pnl,
          profitFraction: trade.return_pct,
          entryTime: at(trade.entry_bar),
          exitTime: at(trade.exit_bar),
        }),
      ),
    )
    const stat = (name: string): number => Number(run.stats[name])
    const close = (actual: number | undefined, expected: number): void =>
      expect(Math.abs((actual ?? NaN) - expected)).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)))
    expect(trades.count).toBe(stat('# Trades'))
    close((tradeWinRate(trades).value ?? NaN) * 100, stat('Win Rate [%]'))
    close(systemQualityNumber(trades).value, stat('SQN'))
    const fractions = trades.profitFraction
    close((best(fractions).value ?? NaN) * 100, stat('Best Trade [%]'))
    close((worst(fractions).value ?? NaN) * 100, stat('Worst Trade [%]'))
    // Its profit factor and expectancy are of returns, ours of money: the same function, given what it reads.
    close(profitFactor(fractions).value, stat('Profit Factor'))
    close((expectancyFraction(trades).value ?? NaN) * 100, stat('Expectancy [%]'))
    const longest = run.stats['Max. Trade Duration'] as { days: number }
    expect(best(trades.daysHeld).value).toBe(longest.days)
    const average = run.stats['Avg. Trade Duration'] as { days: number }
    expect(Math.abs((meanOf(trades.daysHeld).value ?? NaN) - average.days)).toBeLessThan(1)
  })
})
