import type { Trade } from '../../core/trades.js'
import { drawdownSeries, maxDrawdown } from '../../metrics/drawdown.js'
import { sharpe } from '../../metrics/ratios.js'
import { equityCurve, totalReturn } from '../../metrics/returns.js'
import { quotient, type Statistic, tooFew } from '../../metrics/statistic.js'
import { tradeColumns } from '../../metrics/trade-columns.js'
import { byInstrument } from '../../metrics/trade-groups.js'
import { NONE_DECIDED } from '../../metrics/trade-stats.js'
import type { Sequence } from '../overfitting/trial-returns.js'
import { type CalendarYear, calendarYears, yearOf } from './calendar-years.js'
import type { TrialFigures, TrialRow } from './trial-row.js'

/** A ratio by the year of fewer days says nothing. */
export const FEWEST_DAYS_OF_A_SHARPE = 30

/** A trial in one calendar year: net returns of whole UTC days, flat days included. */
export interface YearFigures {
  readonly totalReturn: Statistic
  /** Annualised by √365; n/a below 30 days. */
  readonly sharpe: Statistic
  /** On the ends of days, from the running peak of that year alone: a positive fraction. */
  readonly maxDrawdown: Statistic
  /** Closed in it; those that end with the data are of the year of the last bar. */
  readonly trades: number
}

/** Closed trades of a trial in one instrument. */
export interface InstrumentFigures {
  readonly instrument: string
  /** Quote units, net of fees, slippage and funding. */
  readonly netProfit: number
  readonly trades: number
  /** Share of winners among the trades that did not end with the data. */
  readonly winRate: Statistic
}

/** Where in time and in which instruments a trial earned what it did. */
export interface TrialStability {
  readonly trial: number
  /** By the years of the sweep. */
  readonly years: readonly YearFigures[]
  /** By the instruments of the sweep, in their order. */
  readonly instruments: readonly InstrumentFigures[]
}

/** Whether what a sweep found holds in each year and each instrument, or in one of them. */
export interface SweepStability {
  readonly years: readonly (Pick<CalendarYear, 'year' | 'days' | 'ofDays'> & {
    /** Share of the complete trials with a return above 0 in it. */
    readonly gained: Statistic
  })[]
  /** Complete trials: those that could be chosen. */
  readonly trials: number
  readonly best: TrialStability
  /** The middle of a plateau; left out where that is the best trial itself. */
  readonly centre?: TrialStability
}

/** A trial that was replayed for its trades. */
export interface ReplayedTrial {
  readonly trial: number
  readonly trades: readonly Trade[]
}

export interface StabilityOptions {
  readonly rows: Sequence<TrialRow>
  /** Bars of the run, UTC ms: `[startTime, endTime)`. */
  readonly startTime: number
  readonly endTime: number
  readonly instruments: readonly string[]
  /** Risk-free, a day. */
  readonly ratePerDay: number
  readonly best: ReplayedTrial
  readonly centre: ReplayedTrial | undefined
}

/** Figures by year and by instrument of the best trial and of the middle of a plateau, and how many of all trials gained in each year. O(trials · days). */
export function sweepStability(options: StabilityOptions): SweepStability {
  const { rows, startTime, endTime, best, centre } = options
  const days = returnsOf(rows, best.trial).length
  const years = calendarYears(startTime, endTime, days)
  const gained = years.map(() => 0)
  let trials = 0
  for (const { status, figures } of rows) {
    if (status !== 'complete' || figures === undefined) continue
    trials++
    const { dailyReturns } = figures
    years.forEach((year, at) => {
      const { value } = totalReturn(returnsIn(year, dailyReturns))
      if (value !== undefined && value > 0) gained[at]!++
    })
  }
  const none = (year: CalendarYear): Statistic | undefined => tooFew(year.days, 1, 'whole days')
  return {
    years: years.map((of, at) => ({ year: of.year, days: of.days, ofDays: of.ofDays, gained: none(of) ?? quotient(gained[at]!, trials, 'no trial is complete') })),
    trials,
    best: trialStability(best, years, options),
    ...(centre === undefined ? {} : { centre: trialStability(centre, years, options) }),
  }
} // prettier-ignore

function returnsOf(rows: Sequence<TrialRow>, trial: number): Float64Array {
  return ((rows.at(trial) as TrialRow).figures as TrialFigures).dailyReturns
}

function returnsIn({ from, to }: CalendarYear, dailyReturns: Float64Array): Float64Array {
  return dailyReturns.subarray(from, to)
}

function trialStability(
  { trial, trades }: ReplayedTrial,
  years: readonly CalendarYear[],
  { rows, endTime, instruments, ratePerDay }: StabilityOptions,
): TrialStability {
  const dailyReturns = returnsOf(rows, trial)
  const closed = trades.filter(({ status }) => status === 'closed')
  const ofYear = ({ exitTime }: Trade): number => yearOf(Math.min(exitTime, endTime - 1))
  const groups = byInstrument(tradeColumns(trades))
  return {
    trial,
    years: years.map((year) => {
      const returns = returnsIn(year, dailyReturns)
      return {
        totalReturn: tooFew(year.days, 1, 'whole days') ?? totalReturn(returns),
        sharpe: tooFew(year.days, FEWEST_DAYS_OF_A_SHARPE, 'whole days') ?? sharpe(returns, { ratePerPeriod: ratePerDay }),
        maxDrawdown: tooFew(year.days, 1, 'whole days') ?? maxDrawdown(drawdownSeries(equityCurve(returns), undefined)),
        trades: closed.filter((trade) => ofYear(trade) === year.year).length,
      }
    }),
    instruments: instruments.map((instrument) => {
      const group = groups.find(({ key }) => key === instrument)
      const winRate = group?.winRate ?? quotient(0, 0, NONE_DECIDED)
      return { instrument, netProfit: group?.netProfit ?? 0, trades: group?.trades ?? 0, winRate }
    }),
  }
} // prettier-ignore
