import type { Trade } from '../core/trades.js'
import { DAY_MS } from '../core/time.js'
import { drawdownSeries, maxDrawdown } from '../metrics/drawdown.js'
import type { Unit } from '../metrics/metrics-report.js'
import { mean } from '../metrics/moments.js'
import { sharpe } from '../metrics/ratios.js'
import { equityCurve, totalReturn } from '../metrics/returns.js'
import { type Statistic, tooFew, unknown } from '../metrics/statistic.js'
import { commonBlockLength } from './overfitting/block-length.js'
import { type Band, bootstrapBands } from './overfitting/bootstrap-bands.js'
import { shuffledDrawdown } from './overfitting/trade-shuffle.js'
import { seededRandom } from './seeded-random.js'

export interface MonteCarloOptions {
  /** Equity at each 00:00 UTC of the run, and at its ends; as `BacktestResult.daily`. */
  readonly daily: { readonly time: ArrayLike<number>; readonly equity: ArrayLike<number> }
  readonly trades: readonly Pick<Trade, 'entryTime' | 'exitTime' | 'profit' | 'status'>[]
  readonly startingBalance: number
  /** Resamples of days, and orders of trades. */
  readonly draws: number
  readonly seed: number
  /** Mean length of blocks of days. Default: by the rule of Patton, Politis & White (2009), see `commonBlockLength`. */
  readonly meanBlockDays?: number
}

export interface MonteCarloFigure extends Band {
  readonly label: string
  readonly unit: Unit
  /** `days`: blocks of days are drawn anew. `trades`: the same trades come in another order. */
  readonly drawn: 'days' | 'trades'
  /** As the run itself had it, on the same days or trades. */
  readonly actual: Statistic
}

/** How else a run could have come out. */
export interface MonteCarlo {
  readonly draws: number
  readonly seed: number
  /** Whole UTC days that are drawn from. */
  readonly days: number
  readonly meanBlockDays: Statistic
  readonly trades: number
  readonly figures: readonly MonteCarloFigure[]
  /** Share of orders of the trades whose drawdown is as deep as that of the run, or deeper. */
  readonly ordersAsDeep: Statistic
}

/**
 * Bands of return, drawdown and Sharpe ratio from blocks of the run's own days (stationary bootstrap: Politis & Romano 1994), and of the drawdown alone from its
 * trades in other orders. The days of a lucky run are lucky: no band knows what the run did not see. O(draws · (days + trades)).
 */
export function monteCarlo(options: MonteCarloOptions): MonteCarlo {
  const { trades, draws, seed } = options
  const returns = wholeDayReturns(options.daily)
  const days = 'reason' in returns ? new Float64Array(0) : returns
  const short = 'reason' in returns ? unknown(returns.reason) : tooFew(returns.length, 20, 'whole days')
  const block = short ?? { value: options.meanBlockDays ?? commonBlockLength([days], { meanHoldingDays: meanHoldingDays(trades) }) } // prettier-ignore
  const drawn = dayFigures(days, block, draws, seed)
  const perTrade = tradeReturns(options)
  const shuffled =
    'reason' in perTrade
      ? { observed: perTrade, band: noBand(perTrade), shareAsDeep: perTrade }
      : shuffledDrawdown(perTrade, { random: seededRandom(seed, 1), shuffles: draws })
  return {
    draws,
    seed,
    days: days.length,
    meanBlockDays: block,
    trades: 'reason' in perTrade ? trades.length : perTrade.length,
    figures: [
      ...drawn,
      { label: 'Max drawdown, trades in other orders', unit: 'fraction', drawn: 'trades', ...shuffled.band, actual: shuffled.observed },
    ],
    ordersAsDeep: shuffled.shareAsDeep,
  }
} // prettier-ignore

function noBand(reason: Statistic): Band {
  return { low: reason, median: reason, high: reason }
}

function dayFigures(
  returns: Float64Array,
  block: Statistic,
  draws: number,
  seed: number,
): MonteCarloFigure[] {
  const bands =
    block.value === undefined
      ? { totalReturn: noBand(block), maxDrawdown: noBand(block), sharpe: noBand(block) }
      : bootstrapBands(returns, {
          random: seededRandom(seed, 0),
          meanBlockDays: block.value,
          resamples: draws,
        })
  const of = (actual: () => Statistic): Statistic => (block.value === undefined ? block : actual())
  return [
    { label: 'Total return', unit: 'fraction', drawn: 'days', ...bands.totalReturn, actual: of(() => totalReturn(returns)) },
    { label: 'Max drawdown, on days', unit: 'fraction', drawn: 'days', ...bands.maxDrawdown, actual: of(() => maxDrawdown(drawdownSeries(equityCurve(returns), 1))) },
    { label: 'Sharpe, risk-free rate 0', unit: 'ratio', drawn: 'days', ...bands.sharpe, actual: of(() => sharpe(returns)) },
  ]
} // prettier-ignore

/** Returns of whole UTC days: what a run has of a first and a last day that are not whole is left out. */
export function wholeDayReturns({ time, equity }: MonteCarloOptions['daily']): Float64Array | { readonly reason: string } {
  const rows = Array.from(time, (_, row) => row).filter((row) => time[row]! % DAY_MS === 0)
  if (rows.some((row) => !(equity[row]! > 0))) return { reason: 'equity fell to zero or below' }
  return Float64Array.from(rows.slice(1), (row, at) => equity[row]! / equity[rows[at]!]! - 1)
} // prettier-ignore

function meanHoldingDays(trades: MonteCarloOptions['trades']): number {
  return trades.length === 0 ? 0 : mean(trades.map(({ entryTime, exitTime }) => (exitTime - entryTime) / DAY_MS)) // prettier-ignore
}

/** Net profit of each closed trade over the equity at its entry; n/a where trades overlap, since their order is then no order of an account. */
function tradeReturns({
  trades,
  startingBalance,
}: MonteCarloOptions): readonly number[] | { readonly reason: string } {
  const closed = trades
    .filter(({ status }) => status === 'closed')
    .sort((a, b) => a.entryTime - b.entryTime || a.exitTime - b.exitTime)
  const overlapping = closed.filter(({ entryTime }, at) => entryTime < (closed[at - 1]?.exitTime ?? -Infinity)).length // prettier-ignore
  if (overlapping > 0) return { reason: `${overlapping} of ${closed.length} trades overlap others: they have no order` } // prettier-ignore
  let equity = startingBalance
  return closed.map(({ profit }) => {
    const before = equity
    equity += profit
    return profit / before
  })
}
