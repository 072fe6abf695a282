import { mean, quantile, sampleDeviation, sum, type Values } from './moments.js'
import { derive, known, quotient, tooFew, unknown, type Statistic } from './statistic.js'
import { isDecided, type TradeColumns } from './trade-columns.js'

/** Why there is no win rate. */
export const NONE_DECIDED = 'no trade closed before the end of data'

/** Trades whose end the strategy decided. */
export function decidedCount(trades: TradeColumns): number {
  let decided = 0
  for (let row = 0; row < trades.count; row++) if (isDecided(trades, row)) decided++
  return decided
}

/** Share of decided trades with a net profit above 0. */
export function tradeWinRate(trades: TradeColumns): Statistic {
  let wins = 0
  for (let row = 0; row < trades.count; row++) if (isDecided(trades, row) && trades.profit[row]! > 0) wins++
  return quotient(wins, decidedCount(trades), NONE_DECIDED)
}

/** Expectancy: mean net profit of a closed trade, quote units. */
export function expectancy({ profit }: TradeColumns): Statistic {
  return meanOf(profit)
}

/** Mean net profit of a closed trade as a fraction of its entry notional. */
export function expectancyFraction({ profitFraction }: TradeColumns): Statistic {
  return meanOf(profitFraction)
}

/** System quality number: √n · mean profit / sample deviation of profits (Tharp; in money, n not capped, as backtesting.py). */
export function systemQualityNumber({ count, profit }: TradeColumns): Statistic {
  return (
    tooFew(count, 2, 'closed trades') ??
    quotient(Math.sqrt(count) * mean(profit), sampleDeviation(profit, 0), 'all trades made the same')
  )
}

/**
 * Net profit of the `count` best trades / net profit of all closed trades: above 1 where the rest lost. n/a unless the
 * whole made money.
 */
export function topTradesShare({ profit }: TradeColumns, count: number = 5): Statistic {
  const total = sum(profit)
  if (!(total > 0)) return unknown('no net profit to share')
  const bestFirst = Float64Array.from(profit).sort().reverse()
  return known(sum(bestFirst.subarray(0, count)) / total)
}

/** Mean worst excursion against the position while it was held (MAE), a fraction ≤ 0 of the entry price. */
export function averageAdverseExcursion({ maxAdverseExcursion }: TradeColumns): Statistic {
  return meanOf(maxAdverseExcursion)
}

/** Mean best excursion in the position's favour while it was held (MFE), a fraction ≥ 0 of the entry price. */
export function averageFavourableExcursion({ maxFavourableExcursion }: TradeColumns): Statistic {
  return meanOf(maxFavourableExcursion)
}

/** Mean MFE / |mean MAE|: above 1 where prices went further with the trades than against them. */
export function edgeRatio(trades: TradeColumns): Statistic {
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
