import { DAY_MS, formatUtcDay, utcDayStart } from '../core/time.js'
import { known, quotient, unknown, type Statistic } from '../metrics/statistic.js'
import type { DeskMark } from '../runner/desk.js'
import type { RiskSettings } from '../risk/settings.js'
import type { ClosedRoundTrip } from './account.js'
import { dayOfClose, type JournalFold } from './journal-fold.js'

/** Drawdown from the highest close at which the limit counts as used up. Ours, not measured: a session's own is a setting of its watch. */
export const DRAWDOWN_LIMIT = 0.2

/** Money of a session at its last close. Quote units; shares of 1. */
export interface EquityFigures {
  readonly equity: Statistic
  readonly startingBalance: Statistic
  readonly cash: Statistic
  /** Since the session began, of the starting balance. */
  readonly totalReturn: Statistic
  /** UTC day of the last close, `2026-11-26`; undefined before the first. */
  readonly day: string | undefined
  /** Equity at the last close at or before 00:00 UTC of that day. */
  readonly dayStart: Statistic
  readonly dayProfit: Statistic
  readonly dayReturn: Statistic
  /** From the highest close so far, positive. */
  readonly drawdown: Statistic
  readonly maxDrawdown: Statistic
  /** Σ |notional| over equity. */
  readonly grossExposure: Statistic
  /** Long less short over equity. */
  readonly netExposure: Statistic
}

const NOTHING = unknown('no close was decided on yet')

/** Equity before the first close is what the session began with. O(closes). */
export function equityFigures(journal: JournalFold): EquityFigures {
  const { marks, account, record } = journal
  if (record === undefined) {
    const none = unknown('the journal has no row yet')
    return { equity: none, startingBalance: none, cash: none, totalReturn: none, day: undefined, dayStart: none, dayProfit: none, dayReturn: none, drawdown: none, maxDrawdown: none, grossExposure: none, netExposure: none } // prettier-ignore
  }
  const { startingBalance } = record
  const { equity, lastClose } = journal
  const start = Number.isNaN(lastClose) ? undefined : dayOfClose(lastClose)
  const dayStart = start === undefined ? NOTHING : known(equityAt(marks, start, startingBalance))
  const dayProfit = dayStart.value === undefined ? dayStart : known(equity - dayStart.value)
  const held = account.held()
  const gross = held.reduce((sum, { notional }) => sum + notional, 0)
  const net = held.reduce((sum, { notional, side }) => sum + side * notional, 0)
  const { now, worst } = drawdownsOf(marks, startingBalance)
  return {
    equity: known(equity),
    startingBalance: known(startingBalance),
    cash: known(account.cash),
    totalReturn: known(equity / startingBalance - 1),
    day: start === undefined ? undefined : formatUtcDay(start),
    dayStart,
    dayProfit,
    dayReturn: dayStart.value === undefined || dayProfit.value === undefined ? dayStart : quotient(dayProfit.value, dayStart.value, 'equity was 0'), // prettier-ignore
    drawdown: known(now),
    maxDrawdown: known(worst),
    grossExposure: quotient(gross, equity, 'equity is 0'),
    netExposure: quotient(net, equity, 'equity is 0'),
  }
}

/** Equity at the last mark at or before a time. */
export function equityAt(marks: readonly DeskMark[], time: number, startingBalance: number): number {
  const at = marks.findLastIndex((mark) => mark.time <= time)
  return at < 0 ? startingBalance : (marks[at] as DeskMark).equity
}

function drawdownsOf(
  marks: readonly DeskMark[],
  startingBalance: number,
): { readonly now: number; readonly worst: number } {
  // prettier-ignore
  let [peak, now, worst] = [startingBalance, 0, 0]
  for (const { equity } of marks) {
    peak = Math.max(peak, equity)
    now = (peak - equity) / peak
    worst = Math.max(worst, now)
  }
  return { now, worst }
}

/** One limit and how much of it is used. */
export interface LimitUse {
  readonly name: 'daily loss' | 'gross exposure' | 'drawdown'
  /** Share of equity. */
  readonly value: Statistic
  readonly limit: Statistic
  /** `value` over `limit`. */
  readonly used: Statistic
}

/**
 * Daily loss against the strategy's own limit; gross exposure against the most that its settings let it hold, one times equity at least; drawdown
 * against a limit that its watch is given.
 */
export function limitsUsed(
  figures: EquityFigures,
  risk: RiskSettings | undefined,
  instruments: number,
  drawdownLimit: number = DRAWDOWN_LIMIT,
): LimitUse[] {
  const loss = figures.dayReturn.value === undefined ? figures.dayReturn : known(Math.max(0, -figures.dayReturn.value)) // prettier-ignore
  const noRisk = unknown('the journal has no row yet')
  const daily = risk === undefined ? noRisk : risk.dailyLossLimit === 0 ? unknown('the strategy has no limit on the loss of a day') : known(risk.dailyLossLimit) // prettier-ignore
  const gross = risk === undefined ? noRisk : known(largestGross(risk, instruments))
  const use = (name: LimitUse['name'], value: Statistic, limit: Statistic): LimitUse => {
    const used = value.value === undefined ? value : limit.value === undefined ? limit : known(value.value / limit.value) // prettier-ignore
    return { name, value, limit, used }
  }
  return [
    use('daily loss', loss, daily),
    use('gross exposure', figures.grossExposure, gross),
    use('drawdown', figures.drawdown, known(drawdownLimit)),
  ]
}

function largestGross({ leverage, maxPosition, maxPositions }: RiskSettings, instruments: number): number {
  return Math.max(1, Math.min(leverage, maxPosition * Math.min(maxPositions, instruments)))
}

export type RiskLevel = 'low' | 'medium' | 'high' | 'unknown'

/** By the largest share used of a limit: low below 33 %, medium below 66 %. Unknown where no share is known. */
export function riskLevel(limits: readonly LimitUse[]): RiskLevel {
  const shares = limits.flatMap(({ used }) => (used.value === undefined ? [] : [used.value]))
  if (shares.length === 0) return 'unknown'
  const most = Math.max(...shares)
  return most < 0.33 ? 'low' : most < 0.66 ? 'medium' : 'high'
}

export type Period = 'day' | 'week' | 'month'

/** Round trips that ended in one period. */
export interface PeriodOfTrips {
  /** First UTC day of it. */
  readonly from: string
  readonly trades: number
  readonly wins: number
  readonly winRate: Statistic
  /** Net, quote units. */
  readonly profit: number
  readonly fees: number
  readonly funding: number
}

/** Closed trades by the UTC day, week (from Monday) or month in which they ended, newest first. O(trades). */
export function tripsByPeriod(trips: readonly ClosedRoundTrip[], period: Period): PeriodOfTrips[] {
  const groups = new Map<number, ClosedRoundTrip[]>()
  for (const trip of trips) {
    const from = periodStart(trip.exitDay, period)
    const group = groups.get(from)
    if (group === undefined) groups.set(from, [trip])
    else group.push(trip)
  }
  return [...groups].sort(([a], [b]) => b - a).map(([from, group]) => ({ from: formatUtcDay(from), ...totalsOf(group) })) // prettier-ignore
}

/** Sums over round trips. */
export function totalsOf(trips: readonly ClosedRoundTrip[]): Omit<PeriodOfTrips, 'from'> {
  const sum = (of: (trip: ClosedRoundTrip) => number): number => trips.reduce((total, trip) => total + of(trip), 0) // prettier-ignore
  const wins = trips.filter(({ profit }) => profit > 0).length
  return {
    trades: trips.length,
    wins,
    winRate: quotient(wins, trips.length, 'no trade was closed'),
    profit: sum(({ profit }) => profit),
    fees: sum(({ fees }) => fees),
    funding: sum(({ funding }) => funding),
  }
}

/** 1970-01-01 was a Thursday. */
const DAYS_FROM_MONDAY = 3

function periodStart(day: number, period: Period): number {
  if (period === 'day') return day
  if (period === 'week') return day - ((day / DAY_MS + DAYS_FROM_MONDAY) % 7) * DAY_MS
  return utcDayStart(Date.parse(`${formatUtcDay(day).slice(0, 7)}-01T00:00:00Z`))
}
