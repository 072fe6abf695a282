import { BaleenError, ConfigError } from '../core/errors.js'
import type { BookQuote } from '../core/quotes.js'
import { DAY_MS, durationName, formatUtcDay } from '../core/time.js'
import { known, unknown, type Statistic } from '../metrics/statistic.js'
import { quoteFillSettings } from '../runner/fill-model.js'
import { DEFAULT_HOLD_LIMITS } from '../runner/hold.js'
import type { PaperFigures } from '../runner/promotion/evidence.js'
import { arrivedFills, fillGaps, fillGapStatistics, type FillGaps } from '../runner/promotion/fill-gap.js'
import { loadStoredQuotes } from '../runner/stored-quotes.js'
import { hasVirtualClock } from '../runner/virtual-clock.js'
import { againstBands, backtestReturnsOf, cumulativeReturns, type BacktestReturns } from './drift.js'
import { CLOSE_GRACE_MS } from './liveness.js'
import { readParity } from './report-files.js'
import { forcedRestarts, hasReason } from './session-log.js'
import { barsDue, lateBarsOf, type TimedClose } from './session-timing.js'
import type { WatchedSession } from './watched-session.js'

type Figures = Omit<PaperFigures, 'isVirtualClock'>

/** What is read besides the sessions. */
export interface YardstickFolders {
  readonly runsFolder: string
  /** Where a recorder keeps best bid and ask. */
  readonly dataFolder: string
}

/** What sessions are held against, or why there is nothing: quotes that a recorder kept apart from them, and returns of their backtest. */
export interface Yardsticks {
  readonly quotes: readonly BookQuote[] | { readonly reason: string }
  readonly backtest: BacktestReturns
}

/** Reads them once for all figures. `runId`: of the run by whose promotion the sessions run. */
export async function readYardsticks(
  runId: string | undefined,
  sessions: readonly WatchedSession[],
  { runsFolder, dataFolder }: YardstickFolders,
): Promise<Yardsticks> {
  return { quotes: await quotesApart(sessions, dataFolder), backtest: await backtestReturnsOf(runsFolder, runId) } // prettier-ignore
}

/** The figures of sessions that follow each other, oldest first, each from its `fromTime` on. At least one. */
export async function paperFigures(
  sessions: readonly WatchedSession[],
  { quotes, backtest }: Yardsticks,
  now: number,
): Promise<Figures> {
  const returns = cumulativeReturns(
    sessions.map(({ fold, record, fromTime, toTime }) => ({ marks: fold.marks, startingBalance: record.startingBalance, fromTime, toTime })), // prettier-ignore
  )
  return {
    days: known(sum(sessions, coveredMs) / DAY_MS),
    trades: known(sum(sessions, ({ fold, fromTime }) => fold.account.trips.filter(({ entryTime }) => entryTime >= fromTime).length)), // prettier-ignore
    barsOnTime: barsOnTime(sessions),
    decisionParity: await decisionParity(sessions, now),
    ...lateness(sessions),
    restartDrills: restartDrills(sessions),
    ...('reason' in quotes ? noGap(quotes.reason) : fillGapOf(sessions, quotes)),
    aboveBand: easyFills(sessions) ?? againstBands(returns, backtest).aboveBand,
  }
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0)
}

/** Closes that count. */
function closesOf({ timing, fromTime }: WatchedSession): readonly TimedClose[] {
  return timing.closes.filter(({ time }) => time > fromTime)
}

/** Evidence stands still while something is held, and where nobody decided. */
function coveredMs(session: WatchedSession): number {
  const { timeframeMs } = session.stored.settings
  return closesOf(session).filter(({ isStale, isPaused }) => !isStale && !isPaused).length * timeframeMs
}

/** Why nobody can tell what was late; undefined where it can be told. */
function untimed(sessions: readonly WatchedSession[]): string | undefined {
  for (const { stored } of sessions) {
    const { id, source, holdLimits } = stored.settings
    if (source.kind === 'stored') return 'in stored data no time passes: nothing can be late'
    const usualMs = DEFAULT_HOLD_LIMITS.candleAgeMs * Math.max(1, source.speed)
    if (holdLimits.candleAgeMs > usualMs)
      return `${id} notes as late what is decided on ${durationName(holdLimits.candleAgeMs)} after its close or later, and ${durationName(usualMs)} are asked for`
  }
  return undefined
} // prettier-ignore

/** Of all bars that were due from the first on, up to the last close or, by the world's clock, the last sign of life. */
function barsOnTime(sessions: readonly WatchedSession[]): Statistic {
  const reason = untimed(sessions)
  if (reason !== undefined) return unknown(reason)
  const due = sum(sessions, ({ stored: { settings }, fromTime, toTime, health }) => {
    const lived = hasVirtualClock(settings) || health === undefined ? toTime : health.time - CLOSE_GRACE_MS
    return barsDue(settings, fromTime, Math.max(toTime, lived))
  })
  const inTime = sum(sessions, (one) => sum(closesOf(one), ({ isStale, bars }) => (isStale ? 0 : bars)))
  return due === 0 ? unknown('no bar was due yet') : known(inTime / due)
}

function lateness(sessions: readonly WatchedSession[]): Pick<Figures, 'lateBars' | 'unexplainedLateBars'> {
  const reason = untimed(sessions)
  if (reason !== undefined) return { lateBars: unknown(reason), unexplainedLateBars: unknown(reason) }
  const bars = sum(sessions, (one) => sum(closesOf(one), (close) => close.bars))
  const late = sum(sessions, (one) => sum(closesOf(one), lateBarsOf))
  const lateBars = bars === 0 ? unknown('no bar was decided on yet') : known(late / bars)
  return { lateBars, unexplainedLateBars: late === 0 && bars > 0 ? known(0) : unexplained(sessions) }
}

function unexplained(sessions: readonly WatchedSession[]): Statistic {
  let found = 0
  for (const session of sessions) {
    const { stored, log, timing } = session
    const late = closesOf(session).filter((close) => lateBarsOf(close) > 0)
    if (late.length === 0) continue
    if (log === undefined) return unknown(`${stored.settings.id} has no log that would tell why bars were late`)
    if (hasVirtualClock(stored.settings)) return unknown('the log is by the clock of this machine, and bars were late by another')
    for (const close of late) {
      const toldWith = close.lateUntil === undefined ? close : timing.closes[close.lateUntil]
      if (toldWith === undefined || !hasReason(log, close.time, toldWith.time)) found += lateBarsOf(close)
    }
  }
  return known(found)
} // prettier-ignore

/** Every day that is over, by its own replay. What one of them did not compare is not known. */
async function decisionParity(sessions: readonly WatchedSession[], now: number): Promise<Statistic> {
  let [days, equal, missing] = [0, 0, 0]
  let firstMissing = ''
  for (const { stored, timing, fromTime, toTime } of sessions) {
    const { id: session } = stored.settings
    for (const { dayStart, lastClose, decisions } of timing.days) {
      const isOver = dayStart + DAY_MS <= Math.max(now, toTime)
      if (lastClose <= fromTime || !isOver) continue
      days++
      const day = formatUtcDay(dayStart)
      const { state, detail } = await readParity(stored.paths, day, { session, lastClose, decisions })
      if (state === 'equal') equal++
      if (state === 'absent' && missing++ === 0) firstMissing = `${day} of ${session} (${detail}): baleen paper replay ${session} --day ${day}`
    }
  }
  if (days === 0) return unknown('no day is over yet')
  if (missing > 0) return unknown(`${missing} of ${days} days were not replayed, first ${firstMissing}`)
  return known(equal / days)
} // prettier-ignore

function restartDrills(sessions: readonly WatchedSession[]): Statistic {
  let drills = 0
  let reason: string | undefined
  for (const { stored, log, toTime, fromTime } of sessions) {
    const { settings } = stored
    if (log === undefined || !log.isWhole) reason = `the log of ${settings.id} does not reach back to its start`
    if (log !== undefined) drills += forcedRestarts(log, toTime, hasVirtualClock(settings) ? -Infinity : fromTime)
  }
  return drills === 0 && reason !== undefined ? unknown(reason) : known(drills)
} // prettier-ignore

/** Returns of orders that filled where no backtest's would have are held against no backtest. */
export function easyFills(sessions: readonly WatchedSession[]): Statistic | undefined {
  const { touchWaitMs: usual } = quoteFillSettings({})
  const easy = sessions.find(({ stored: { settings } }) => (settings.quotes?.touchWaitMs ?? usual) < usual)
  return easy && unknown(`resting orders of ${easy.stored.settings.id} fill once a price was touched, and those of a backtest once it was traded through`) // prettier-ignore
}

type FillFigures = Pick<Figures, 'fillGapAboveModelBps' | 'fillGapP95Bps'>

function noGap(reason: string): FillFigures {
  return { fillGapAboveModelBps: unknown(reason), fillGapP95Bps: unknown(reason) }
}

/** Fills of all sessions against quotes in the order of their times. */
export function fillGapOf(sessions: readonly WatchedSession[], quotes: readonly BookQuote[]): FillFigures {
  const found = sessions.map((session) => sessionGaps(session, quotes))
  return fillGapStatistics({ gaps: found.flatMap(({ gaps }) => gaps), unquoted: sum(found, ({ unquoted }) => unquoted) }) // prettier-ignore
}

/** Fills of one session against quotes in the order of their times. How old one may be is not for a session to say, nor that its orders arrive sooner than is assumed of all. */
export function sessionGaps({ stored: { settings }, orders, fromTime }: WatchedSession, quotes: readonly BookQuote[]): FillGaps {
  const usual = quoteFillSettings({})
  const own = settings.quotes ?? usual
  const shorterMs = Math.max(0, usual.sendLatencyMs - own.sendLatencyMs)
  const arrived = arrivedFills(orders, own, settings.fillModel === 'quotes').map((fill) => ({ ...fill, arrivedAt: fill.arrivedAt + shorterMs }))
  return fillGaps(arrived.filter(({ arrivedAt }) => arrivedAt > fromTime), quotes, usual.quoteLifeMs)
} // prettier-ignore

/** Quotes that a recorder kept apart from sessions, or why there are none. Sessions of one promotion trade the same instruments. */
async function quotesApart(
  sessions: readonly WatchedSession[],
  dataFolder: string,
): Promise<Yardsticks['quotes']> {
  const isOwn = sessions.some(({ stored: { settings } }) => settings.fillModel === 'quotes' && settings.source.kind === 'stored') // prettier-ignore
  if (isOwn) return { reason: 'its orders were filled by the recorded quotes themselves: held against them, fills prove nothing' } // prettier-ignore
  const instruments = sessions[0]?.stored.settings.instruments ?? []
  try {
    return (await loadStoredQuotes(dataFolder, instruments)).quotes
  } catch (error) {
    if (error instanceof ConfigError) return { reason: `nobody recorded best bid and ask of ${instruments.map(({ id }) => id).join(', ')} into ${dataFolder}: baleen data record keeps them` } // prettier-ignore
    if (error instanceof BaleenError) return { reason: error.message }
    throw error
  }
}
