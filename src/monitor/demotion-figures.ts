import { BaleenError } from '../core/errors.js'
import type { BookQuote } from '../core/quotes.js'
import { DAY_MS, formatUtcDay } from '../core/time.js'
import { mean } from '../metrics/moments.js'
import { known, tooFew, unknown, type Statistic } from '../metrics/statistic.js'
import type { BrokerMessage } from '../runner/broker.js'
import type { Intent } from '../runner/desk.js'
import type { JournalRow } from '../runner/journal-file.js'
import { journalBody } from '../runner/journal-text.js'
import { noDemotionFigures, type DemotionFigures } from '../runner/promotion/demotion.js'
import { DEFAULT_PROMOTION_LIMITS } from '../runner/promotion/limits.js'
import type { StoredSession } from '../runner/session-file.js'
import { SessionAccount } from './account.js'
import { againstBands, cumulativeReturns, type BacktestReturns } from './drift.js'
import { dayOfClose } from './journal-fold.js'
import {
  easyFills,
  readYardsticks,
  sessionGaps,
  type YardstickFolders,
  type Yardsticks,
} from './paper-figures.js'
import { readParity } from './report-files.js'
import type { DayOfDecisions } from './session-timing.js'
import { readWatched, type WatchedSession } from './watched-session.js'

const LIMITS = DEFAULT_PROMOTION_LIMITS.demotion

/** What rules of demotion ask for, of sessions that follow each other, oldest first, each from its `fromTime` on. At least one. */
export async function demotionFigures(
  sessions: readonly WatchedSession[],
  { quotes, backtest }: Yardsticks,
  now: number,
): Promise<DemotionFigures> {
  return {
    ...againstBacktest(sessions, backtest),
    ...('reason' in quotes ? noGap(unknown(quotes.reason)) : gapOfLastTrades(sessions, quotes)),
    coverage: coverageOfLastDays(sessions, now),
    dailyHalts: dailyHalts(sessions),
    parityDifferences: await parityDifferences(sessions, now),
    unknownOrders: known(sessions.reduce((total, { orders }) => total + unknownOrders(orders), 0)),
  }
}

/** The same of one session up to the last close at or before `until` (UTC ms). What cannot be read is n/a. */
export async function sessionDemotion(
  stored: StoredSession,
  until: number,
  folders: YardstickFolders,
): Promise<DemotionFigures> {
  try {
    const session = await readWatched(stored, until)
    if (session === undefined) return noDemotionFigures(unknown('it has traded on no close yet'))
    const yardsticks = await readYardsticks(stored.settings.promotion?.runId, [session], folders)
    return await demotionFigures([session], yardsticks, session.toTime)
  } catch (error) {
    if (error instanceof BaleenError) return noDemotionFigures(unknown(error.message))
    throw error
  }
}

type Against = Pick<DemotionFigures, 'aboveBand' | 'drawdown' | 'bootstrapDrawdown'>

/** Against returns of whole days of a backtest. Where resting orders filled sooner than there, against none. */
export function againstBacktest(sessions: readonly WatchedSession[], backtest: BacktestReturns): Against {
  const returns = cumulativeReturns(
    sessions.map(({ fold, record, fromTime, toTime }) => ({ marks: fold.marks, startingBalance: record.startingBalance, fromTime, toTime })), // prettier-ignore
  )
  const found = againstBands(returns, backtest)
  const { drawdown } = found
  const none = easyFills(sessions)
  return none === undefined
    ? { aboveBand: found.aboveDemotionBand, drawdown, bootstrapDrawdown: found.bootstrapDrawdown }
    : { aboveBand: none, drawdown, bootstrapDrawdown: none }
}

type Gap = Pick<DemotionFigures, 'quotedGapBps' | 'modelGapBps'>

function noGap(none: Statistic): Gap {
  return { quotedGapBps: none, modelGapBps: none }
}

/**
 * Means over the market orders of the last trades (from flat to flat) beside whose fills a quote was recorded, in the order of their ends. Trades without such an order tell nothing and are passed over. Both gaps are
 * from the undisturbed price that the model begins with: what the fill assumes of it, and where the recorded quote stood.
 */
export function gapOfLastTrades(sessions: readonly WatchedSession[], quotes: readonly BookQuote[]): Gap {
  const trades = sessions.flatMap((session) => {
    const gaps = new Map(sessionGaps(session, quotes).gaps.map((gap) => [gap.orderId, gap]))
    return ordersByTrade(session).flatMap((orders) => {
      const found = [...orders].flatMap((id) => gaps.get(id) ?? [])
      return found.length > 0 ? [found] : []
    })
  })
  const few = tooFew(trades.length, LIMITS.gapTrades, 'trades with a market order filled beside a recorded quote') // prettier-ignore
  if (few !== undefined) return noGap(few)
  const fills = trades.slice(-LIMITS.gapTrades).flat()
  return {
    quotedGapBps: known(mean(fills.map(({ gapBps, modelGapBps }) => gapBps + modelGapBps))),
    modelGapBps: known(mean(fills.map(({ modelGapBps }) => modelGapBps))),
  }
}

/** Orders that filled in each trade that is over and was entered since the evidence began. */
function ordersByTrade({ orders, record, fromTime }: WatchedSession): ReadonlySet<number>[] {
  const account = new SessionAccount(record.startingBalance, record.instruments.length)
  const underWay = new Map<number, Set<number>>()
  const trades: Set<number>[] = []
  for (const { kind, text } of orders) {
    if (kind === 'intent') account.sent(journalBody(text) as Intent)
    else {
      const message = journalBody(text) as BrokerMessage
      const before = account.trips.length
      account.heard(message)
      if (message.event.kind !== 'fill') continue
      const { instrument, orderId } = message.event.fill
      const own = underWay.get(instrument) ?? new Set()
      underWay.set(instrument, own.add(orderId))
      if (account.trips.length === before) continue
      trades.push(own)
      underWay.delete(instrument)
    }
  }
  return trades.filter((_, at) => (account.trips[at]?.entryTime ?? NaN) >= fromTime)
}

/** Days that are over, of what counts, each with the day before it. */
function daysOver({ timing, fromTime, toTime }: WatchedSession, now: number): { readonly day: DayOfDecisions; readonly before: DayOfDecisions | undefined }[] {
  const all = timing.days.map((day, at) => ({ day, before: timing.days[at - 1] }))
  return all.filter(({ day }) => day.lastClose > fromTime && day.dayStart + DAY_MS <= Math.max(now, toTime))
} // prettier-ignore

/** The highest of the last days on which something was decided: days on which nobody was there cover nothing and say nothing. */
function coverageOfLastDays(sessions: readonly WatchedSession[], now: number): Statistic {
  const byDay = new Map<number, { decisions: number; usable: number }>()
  for (const session of sessions)
    for (const { day, before } of daysOver(session, now)) {
      const own = byDay.get(day.dayStart) ?? { decisions: 0, usable: 0 }
      own.decisions += day.decisions - (before?.decisions ?? 0)
      own.usable += day.usable - (before?.usable ?? 0)
      byDay.set(day.dayStart, own)
    }
  const shares = [...byDay.values()].flatMap(({ decisions, usable }) => (decisions > 0 ? [usable / decisions] : [])) // prettier-ignore
  const few = tooFew(shares.length, LIMITS.coverageDays, 'days that are over and have decisions')
  return few ?? known(Math.max(...shares.slice(-LIMITS.coverageDays)))
}

/** Of the days that end with the one of the last close. */
function dailyHalts(sessions: readonly WatchedSession[]): Statistic {
  const unlimited = sessions.find(({ record }) => record.risk.dailyLossLimit === 0)
  if (unlimited !== undefined) return unknown(`the strategy has no limit on the loss of a day in ${unlimited.stored.settings.id}`) // prettier-ignore
  const lastDay = dayOfClose(Math.max(...sessions.map(({ toTime }) => toTime)))
  const halted = sessions.flatMap(({ fold, fromTime }) =>
    fold.marks.filter((mark) => mark.halted && mark.time > fromTime).map(({ time }) => dayOfClose(time)),
  )
  return known(new Set(halted.filter((day) => day > lastDay - LIMITS.haltDays * DAY_MS)).size)
}

/** One difference is known whatever was not replayed; that there is none is known only where every day was. */
async function parityDifferences(sessions: readonly WatchedSession[], now: number): Promise<Statistic> {
  let [days, different] = [0, 0]
  const missing: string[] = []
  for (const session of sessions) {
    const { paths, settings } = session.stored
    for (const { day: { dayStart, lastClose, decisions } } of daysOver(session, now)) {
      days++
      const day = formatUtcDay(dayStart)
      const { state, detail } = await readParity(paths, day, { session: settings.id, lastClose, decisions })
      if (state === 'different') different++
      if (state === 'absent') missing.push(`${day} of ${settings.id} (${detail})`)
    }
  }
  if (different > 0) return known(different)
  if (days === 0) return unknown('no day is over yet')
  return missing.length > 0 ? unknown(`${missing.length} of ${days} days were not replayed, first ${missing[0]}`) : known(0)
} // prettier-ignore

/** Orders that a broker told of, by accepting, filling or ending them, and that the session never sent. What a venue takes over when margin is gone has no order. */
export function unknownOrders(rows: readonly JournalRow[]): number {
  const sent = new Set<number>()
  const told = new Set<number>()
  for (const { kind, text } of rows) {
    if (kind === 'intent') {
      const intent = journalBody(text) as Intent
      if (intent.kind === 'submit') sent.add(intent.order.order.id)
    } else {
      const { event } = journalBody(text) as BrokerMessage
      if (event.kind === 'fill') {
        if (event.fill.role !== 'liquidation') told.add(event.fill.orderId)
      } else if ('orderId' in event) told.add(event.orderId)
    }
  }
  return [...told].filter((id) => !sent.has(id)).length
}
