import { formatStatistic, formatValue } from '../metrics/format.js'
import type { MonteCarlo } from '../research/monte-carlo.js'
import { table, type Table } from './table.js'

/** The run beside 5, 50 and 95 % of what its days and trades could have come to. */
export function monteCarloTable({ draws, figures }: MonteCarlo): Table {
  return table(
    `Monte Carlo, ${formatValue(draws, 'count')} draws`,
    ['Figure', '5 %#', 'Median#', '95 %#', 'This run#'],
    figures.map(({ label, unit, low, median, high, actual }) => [
      label,
      // Why there is none stands below the table.
      ...[low, median, high, actual].map((one) => (one.value === undefined ? 'n/a' : formatStatistic(one, unit))), // prettier-ignore
    ]),
  )
}

/** What is drawn, how often, and what the bands cannot say. */
export function monteCarloWords({ draws, seed, days, meanBlockDays, trades, ordersAsDeep }: MonteCarlo): string {
  const drawn =
    meanBlockDays.value === undefined
      ? `Days: n/a (${meanBlockDays.reason}).`
      : `Days: ${formatValue(days, 'count')} whole UTC days, drawn in blocks of ${meanBlockDays.value.toFixed(1)} days on average (stationary bootstrap; block length by Patton, Politis & White 2009 unless given).`
  const orders =
    ordersAsDeep.value === undefined
      ? `Trades: n/a (${ordersAsDeep.reason}).`
      : `Trades: ${formatValue(ordersAsDeep.value, 'fraction')} of the orders of ${formatValue(trades, 'count')} trades have a drawdown as deep as the run's or deeper; order says something of the drawdown alone, since every order compounds to the same return, and it tears clusters of losses apart.`
  return `${drawn} ${orders} ${formatValue(draws, 'count')} draws of each, seed ${seed}. The days of a lucky run are lucky in every draw.`
} // prettier-ignore
