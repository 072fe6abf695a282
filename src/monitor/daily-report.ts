import type { ExitReason, Side } from '../core/orders.js'
import { DAY_MS, formatUtcDay } from '../core/time.js'
import type { DecisionRecord } from '../engine/session.js'
import { known, unknown, type Statistic } from '../metrics/statistic.js'
import type { DeskMark } from '../runner/desk.js'
import type { DemotionRule } from '../runner/promotion/demotion.js'
import { isLoopbackSession, isSyntheticSession } from '../runner/session-request.js'
import { driftOf, type BacktestReturns, type Drift } from './drift.js'
import { askedBy, featureWords, outcomeWords, signalWords } from './explain.js'
import { equityAt, equityFigures, limitsUsed, riskLevel, totalsOf, type EquityFigures, type LimitUse, type RiskLevel } from './figures.js' // prettier-ignore
import type { JournalFold } from './journal-fold.js'
import type { SessionView } from './session-view.js'

/** A closed trade as the report shows it. Money in quote units, times UTC ms. */
export interface ReportedTrade {
  readonly instrument: string
  readonly side: Side
  readonly quantity: number
  readonly entryTime: number
  readonly entryPrice: number
  readonly exitTime: number
  readonly exitPrice: number
  readonly exitReason: ExitReason
  readonly fees: number
  readonly funding: number
  readonly profit: number
}

export interface ReportedPosition {
  readonly instrument: string
  readonly side: Side
  readonly quantity: number
  readonly entryTime: number
  readonly entryPrice: number
  /** At the last close of the day. */
  readonly price: number
  readonly notional: number
  readonly unrealised: number
}

/** One decision in words. */
export interface ExplainedDecision {
  readonly time: number
  readonly instrument: string
  readonly signal: string
  readonly features: string
  readonly outcome: string
}

export interface ReportedHold {
  readonly fromMs: number
  /** Undefined: it lasts beyond the day. */
  readonly toMs: number | undefined
  readonly reasons: readonly string[]
}

/** A stretch of closes that were due and not decided on. */
export interface MissedCloses {
  readonly firstTime: number
  readonly lastTime: number
  readonly closes: number
}

/** What the daily replay of decisions found. */
export interface ParityResult {
  readonly state: 'equal' | 'different' | 'absent'
  readonly detail: string
}

export interface DailyReport {
  readonly schema: 1
  readonly sessionId: string
  readonly strategy: string
  readonly strategyHash: string
  /** `2026-11-26`, UTC. */
  readonly day: string
  /** False while closes of the day are still to come. */
  readonly isComplete: boolean
  readonly isSynthetic: boolean
  /** Its servers are a world on this machine. */
  readonly isLoopback: boolean
  /** Run by whose promotion it runs; null: unpromoted, and this counts for nothing. */
  readonly promotedBy: string | null
  readonly equity: EquityFigures
  readonly trades: readonly ReportedTrade[]
  readonly winRate: Statistic
  /** Of the closed trades, net. */
  readonly tradesProfit: number
  readonly fees: number
  readonly funding: number
  readonly positions: readonly ReportedPosition[]
  readonly riskLevel: RiskLevel
  readonly limits: readonly LimitUse[]
  readonly mode: string
  readonly holds: readonly ReportedHold[]
  readonly closesDue: number
  readonly closesDecided: number
  readonly missed: readonly MissedCloses[]
  /** Where the loss limit of the day halted entries: the close, UTC ms. */
  readonly haltedAt: number | undefined
  readonly decisions: {
    readonly made: number
    readonly usable: number
    readonly askedToEnter: number
    /** By reason, entries that came to nothing. */
    readonly blocked: Readonly<Record<string, number>>
    readonly explained: readonly ExplainedDecision[]
    /** Of those that asked for something or were acted on, how many are not listed. */
    readonly notListed: number
  }
  readonly parity: ParityResult
  readonly drift: Drift
  /** Of all that the session has shown up to the end of the day. */
  readonly demotion: readonly DemotionRule[]
  /** Equity at the closes of the day. */
  readonly marks: readonly DeskMark[]
  readonly problems: readonly string[]
}

/** What stands beside the journal. */
export interface ReportExtras {
  readonly parity: ParityResult
  readonly backtestReturns: BacktestReturns
  readonly demotion: readonly DemotionRule[]
  readonly drawdownLimit?: number
}

const MOST_EXPLAINED = 200

/** The report of the UTC day that begins at `dayStart`, from a view whose journal keeps that day and stops at its end. */
export function dailyReport(view: SessionView, dayStart: number, extras: ReportExtras): DailyReport {
  const { journal, settings, problems } = view
  const { record, account } = journal
  const dayEnd = dayStart + DAY_MS
  const nameOf = (instrument: number): string => settings.instruments[instrument]?.id ?? `instrument ${instrument}`
  const equity = dayFigures(journal, dayStart)
  const limits = limitsUsed(equity, record?.risk, settings.instruments.length, extras.drawdownLimit)
  const trips = account.trips.filter(({ exitDay }) => exitDay === dayStart)
  const { winRate, profit, fees, funding } = totalsOf(trips)
  const closes = closesOf(journal, settings.timeframeMs, dayStart, record?.startTime ?? -Infinity)
  return {
    schema: 1,
    sessionId: settings.id,
    strategy: settings.strategy.name,
    strategyHash: record?.strategyHash ?? '',
    day: formatUtcDay(dayStart),
    isComplete: journal.isPast || journal.lastClose >= dayEnd,
    isSynthetic: isSyntheticSession(settings),
    isLoopback: isLoopbackSession(settings),
    promotedBy: settings.promotion?.runId ?? null,
    equity,
    trades: trips.map(({ instrument, exitDay: _day, slippage: _slippage, ...trip }) => ({ instrument: nameOf(instrument), ...trip })),
    winRate,
    tradesProfit: profit,
    fees,
    funding,
    positions: account.held().map(({ instrument, side, quantity, entryTime, entryPrice, price, notional, unrealised }) => ({
      instrument: nameOf(instrument), side, quantity, entryTime, entryPrice, price, notional, unrealised,
    })),
    riskLevel: riskLevel(limits),
    limits,
    mode: journal.mode,
    holds: journal.holdSpans
      .filter(({ fromMs, toMs }) => fromMs <= dayEnd && !(toMs <= dayStart))
      .map(({ fromMs, toMs, reasons }) => ({ fromMs, toMs: toMs <= dayEnd ? toMs : undefined, reasons })),
    ...closes,
    haltedAt: marksOf(journal, dayStart).find(({ halted }) => halted)?.time,
    decisions: decisionsOf(journal, nameOf),
    parity: extras.parity,
    drift: driftOf(journal, dayEnd, extras.backtestReturns),
    demotion: extras.demotion,
    marks: marksOf(journal, dayStart),
    problems,
  }
} // prettier-ignore

function marksOf({ marks }: JournalFold, dayStart: number): DeskMark[] {
  return marks.filter(({ time }) => time > dayStart && time <= dayStart + DAY_MS)
}

/** Figures of the day that was asked for, also where none of its closes was decided on. */
function dayFigures(journal: JournalFold, dayStart: number): EquityFigures {
  const figures = equityFigures(journal)
  if (figures.day === formatUtcDay(dayStart) || journal.record === undefined) return figures
  const none = unknown('no close of this day was decided on')
  return { ...figures, day: formatUtcDay(dayStart), dayStart: known(equityAt(journal.marks, dayStart, journal.record.startingBalance)), dayProfit: none, dayReturn: none } // prettier-ignore
}

/** Closes of the day that were due since the session's first one, up to the last that is known of, and which of them are missing. */
function closesOf(
  { closes, isPast, lastClose }: JournalFold,
  timeframeMs: number,
  dayStart: number,
  tradingFrom: number,
): Pick<DailyReport, 'closesDue' | 'closesDecided' | 'missed'> {
  // prettier-ignore
  const [first] = closes
  const decided = new Set(closes.map(({ time }) => time))
  const lastDue = isPast ? dayStart + DAY_MS : Math.min(dayStart + DAY_MS, lastClose)
  let [closesDue, closesDecided] = [0, 0]
  const missed: { firstTime: number; lastTime: number; closes: number }[] = []
  if (first === undefined) return { closesDue, closesDecided, missed }
  for (let time = dayStart + timeframeMs; time <= lastDue; time += timeframeMs) {
    // Bars before it warm features up.
    if (time < first.time || time <= tradingFrom) continue
    closesDue++
    if (decided.has(time)) closesDecided++
    else {
      const last = missed.at(-1)
      if (last?.lastTime === time - timeframeMs) {
        last.lastTime = time
        last.closes++
      } else missed.push({ firstTime: time, lastTime: time, closes: 1 })
    }
  }
  return { closesDue, closesDecided, missed }
}

function decisionsOf(journal: JournalFold, nameOf: (instrument: number) => string): DailyReport['decisions'] {
  const { decisions, intents } = journal
  const blocked: Record<string, number> = {}
  const explained: ExplainedDecision[] = []
  let notListed = 0
  for (const decision of decisions) {
    if (decision.blocked !== undefined) blocked[decision.blocked] = (blocked[decision.blocked] ?? 0) + 1
    const sent = intents.filter(({ time, intent }) => time === decision.time && isOf(intent, decision)).map(({ intent }) => intent) // prettier-ignore
    if (sent.length === 0 && decision.blocked === undefined && askedBy(decision.signal.bits).length === 0) continue // prettier-ignore
    if (explained.length >= MOST_EXPLAINED) {
      notListed++
      continue
    }
    const { time, instrument, features } = decision
    explained.push({ time, instrument: nameOf(instrument), signal: signalWords(decision), features: featureWords(features), outcome: outcomeWords(decision, sent) }) // prettier-ignore
  }
  return {
    made: decisions.length,
    usable: decisions.filter(({ usable }) => usable).length,
    askedToEnter: decisions.filter(({ signal }) => askedBy(signal.bits).some((asked) => asked.startsWith('enter'))).length, // prettier-ignore
    blocked,
    explained,
    notListed,
  }
}

/** Protective orders that follow a fill inside a bar leave before the decision of its close, and are told with it. */
function isOf(intent: JournalFold['intents'][number]['intent'], { instrument }: DecisionRecord): boolean {
  return intent.kind === 'submit' && intent.order.order.instrument === instrument
}
