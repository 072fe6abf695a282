import { DAY_MS } from '../core/time.js'
import type { Trade } from '../core/trades.js'
import { mean, quantile, sampleDeviation, sum, type Values } from './moments.js'
import { derive, known, quotient, tooFew, unknown, type Statistic } from './statistic.js'

/** Why there is no win rate. */
export const NONE_DECIDED = 'no trade closed before the end of data'

/** Round trips that ended, the list itself where all have. Positions that a policy leaves open at the end of data are not trades yet. */
export function closedTrades(trades: readonly Trade[]): readonly Trade[] {
  return trades.every(isClosed) ? trades : trades.filter(isClosed)
}

function isClosed({ status }: Trade): boolean {
  return status === 'closed'
}

/** Closed by the strategy: closes at the end of data count in profit, never in the win rate. */
export function isDecided({ status, exitReason }: Trade): boolean {
  return status === 'closed' && exitReason !== 'end-of-data'
}

/** Closed trades whose end the strategy decided. */
export function decidedTrades(trades: readonly Trade[]): readonly Trade[] {
  return trades.filter(isDecided)
}

/** Net profits of closed trades, quote units. */
export function profits(trades: readonly Trade[]): number[] {
  return closedTrades(trades).map((trade) => trade.profit)
}

/** Share of decided trades with a net profit above 0. */
export function tradeWinRate(trades: readonly Trade[]): Statistic {
  const decided = decidedTrades(trades)
  const wins = decided.filter((trade) => trade.profit > 0).length
  return quotient(wins, decided.length, NONE_DECIDED)
}

/** Expectancy: mean net profit of a closed trade, quote units. */
export function expectancy(trades: readonly Trade[]): Statistic {
  return meanOf(profits(trades))
}

/** Mean net profit of a closed trade as a fraction of its entry notional. */
export function expectancyFraction(trades: readonly Trade[]): Statistic {
  return meanOf(closedTrades(trades).map((trade) => trade.profitFraction))
}

/** System quality number: √n · mean profit / sample deviation of profits (Tharp; in money, n not capped, as backtesting.py). */
export function systemQualityNumber(trades: readonly Trade[]): Statistic {
  const money = profits(trades)
  return (
    tooFew(money.length, 2, 'closed trades') ??
    quotient(Math.sqrt(money.length) * mean(money), sampleDeviation(money, 0), 'all trades made the same')
  )
}

/** Time from entry to exit of each closed trade, days. */
export function holdingDays(trades: readonly Trade[]): number[] {
  return closedTrades(trades).map(daysHeld)
}

export function daysHeld({ entryTime, exitTime }: Trade): number {
  return (exitTime - entryTime) / DAY_MS
}

/**
 * Net profit of the `count` best trades / net profit of all closed trades: above 1 where the rest lost. n/a unless the
 * whole made money.
 */
export function topTradesShare(trades: readonly Trade[], count: number = 5): Statistic {
  const money = profits(trades)
  const total = sum(money)
  if (!(total > 0)) return unknown('no net profit to share')
  const bestFirst = Float64Array.from(money).sort().reverse()
  return known(sum(bestFirst.subarray(0, count)) / total)
}

/** Mean worst excursion against the position while it was held (MAE), a fraction ≤ 0 of the entry price. */
export function averageAdverseExcursion(trades: readonly Trade[]): Statistic {
  return meanOf(closedTrades(trades).map((trade) => trade.maxAdverseExcursion))
}

/** Mean best excursion in the position's favour while it was held (MFE), a fraction ≥ 0 of the entry price. */
export function averageFavourableExcursion(trades: readonly Trade[]): Statistic {
  return meanOf(closedTrades(trades).map((trade) => trade.maxFavourableExcursion))
}

/** Mean MFE / |mean MAE|: above 1 where prices went further with the trades than against them. */
export function edgeRatio(trades: readonly Trade[]): Statistic {
  return derive(averageAdverseExcursion(trades), (adverse) =>
    derive(averageFavourableExcursion(trades), (favourable) =>
      quotient(favourable, -adverse, 'no trade went against its entry'),
    ),
  )
}

/** Mean over closed trades, n/a where there are none. */
export function meanOf(values: Values): Statistic {
  return tooFew(values.length, 1, 'closed trades') ?? known(mean(values))
}

export function medianOf(values: Values): Statistic {
  return tooFew(values.length, 1, 'closed trades') ?? known(quantile(values, 0.5))
}
