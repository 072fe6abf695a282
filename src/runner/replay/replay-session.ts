import { DAY_MS, utcDayStart } from '../../core/time.js'
import type { BacktestResult } from '../../core/result.js'
import type { Trade } from '../../core/trades.js'
import type { InstrumentData } from '../../engine/options.js'
import type { PaperBars } from '../../engine/paper-lane.js'
import { replay } from '../../engine/replay.js'
import type { Session } from '../../engine/session.js'
import { openTradeRecord } from '../../trading/trade-record.js'
import type { JournalRow } from '../journal-file.js'
import { journalBody } from '../journal-text.js'
import type { PaperSessionSettings } from '../paper-session.js'
import { addDataGap, gapOf, keyOf, sumOf, type ComparedTrade, type Gap, type ReferencePrice } from './gap.js'
import { recordedInputs } from './recorded-inputs.js'
import { replayDecisions, type DecisionReplay } from './replay-decisions.js'

/** What a session earned, what its backtest says, and why they differ. Quote units. */
export interface ModelGap extends Gap {
  /** Profit of the session's trades, those that are open at their mark. */
  readonly session: number
  /** Of the backtest's, on what the session was told; on stored data where they were given. */
  readonly backtest: number
}

/** Both replays of a session: with its own fills, and with those of the model `bars`. */
export interface SessionReplay {
  readonly session: string
  readonly fillModel: string
  /** The UTC day whose trades are compared; null for all. */
  readonly day: string | null
  /** Close of the last bars that were lived through, UTC ms; NaN where there are none. */
  readonly lastClose: number
  readonly decisions: Omit<DecisionReplay, 'desk'>
  /** Undefined where the decisions differ already, or nothing has been traded on yet. */
  readonly model: ModelGap | undefined
}

export interface SessionReplayOptions {
  /** Of the journal, for messages. */
  readonly file: string
  /** `2024-01-31`: rows up to the end of that UTC day, and the trades that ended in it. */
  readonly day?: string
  /** Stored data of the same instruments: what they differ in from what the session was told is the cause `data`. */
  readonly stored?: readonly InstrumentData[]
}

/** Replays a session from its journal. Throws DataError where a row follows from nothing. */
export function replaySession(
  settings: PaperSessionSettings,
  allRows: readonly JournalRow[],
  { file, day, stored }: SessionReplayOptions,
): SessionReplay {
  const dayStart = day === undefined ? -Infinity : Date.parse(`${day}T00:00:00Z`)
  const dayEnd = day === undefined ? Infinity : dayStart + DAY_MS
  const rows = rowsUntil(allRows, dayEnd)
  const { desk, ...decisions } = replayDecisions(settings, rows, file)
  const { session } = desk
  const head = {
    session: settings.id,
    fillModel: settings.fillModel ?? 'bars',
    day: day ?? null,
    lastClose: session.lastDecided === -Infinity ? NaN : session.lastDecided,
    decisions,
  }
  if (decisions.difference !== undefined || desk.marks.length === 0) return { ...head, model: undefined }
  const inputs = recordedInputs(settings, rows)
  const own = tradesOf(session, inputs)
  const onInputs = backtestTrades(settings, inputs, session.lastDecided)
  const whole = gapOf(own, onInputs, openOfBar(inputs))
  // A trade belongs to the day in which the session's ended; the backtest's where the session has none.
  const isOfDay = ({ exitDay, isOpen }: ComparedTrade): boolean =>
    day === undefined || (!isOpen && exitDay === dayStart)
  const gap = sumOf(whole.trades.filter(({ session: one, backtest }) => isOfDay((one ?? backtest) as ComparedTrade))) // prettier-ignore
  const profitOf = (trades: readonly (ComparedTrade | undefined)[]): number => trades.reduce((sum, trade) => sum + (trade?.profit ?? 0), 0) // prettier-ignore
  const earned = profitOf(gap.trades.map(({ session: one }) => one))
  const said = profitOf(gap.trades.map(({ backtest }) => backtest))
  if (stored === undefined) return { ...head, model: { ...gap, session: earned, backtest: said } }
  // What a trade came to on stored data belongs where the same trade is counted, whenever it ended there.
  const all = new Set(onInputs.map(keyOf))
  const counted = new Set(
    gap.trades.flatMap(({ backtest }) => (backtest === undefined ? [] : [keyOf(backtest)])),
  )
  const isCounted = (trade: ComparedTrade): boolean => all.has(keyOf(trade)) ? counted.has(keyOf(trade)) : isOfDay(trade) // prettier-ignore
  const onStored = profitOf(backtestTrades(settings, stored, session.lastDecided).filter(isCounted))
  return { ...head, model: { ...addDataGap(gap, said, onStored), session: earned, backtest: onStored } }
}

/** Rows up to the last close of a day, and what followed from it. */
function rowsUntil(rows: readonly JournalRow[], endTime: number): readonly JournalRow[] {
  if (endTime === Infinity) return rows
  const next = rows.findIndex(
    ({ kind, text }) => kind === 'bars' && (journalBody(text) as PaperBars).closeTime > endTime,
  )
  return next < 0 ? rows : rows.slice(0, next)
}

function tradesOf({ trades, state, settings }: Session, inputs: readonly InstrumentData[]): ComparedTrade[] {
  const { instruments, startTime } = settings
  const compare = comparing(inputs, startTime)
  const indexOf = new Map(instruments.map(({ id }, index) => [id, index]))
  const open = state.books.flatMap((book): ComparedTrade[] => {
    if (book.position.quantity === 0) return []
    const { instrument } = book
    const record = openTradeRecord(book, state.now, state.fundingIndex[instrument] as number, state.marks[instrument] as number) // prettier-ignore
    return [{ ...compare(record, instrument), isOpen: true }]
  })
  return [...trades.map((trade) => compare(trade, indexOf.get(trade.instrumentId) ?? 0)), ...open]
}

type OneTrade = Omit<
  Trade,
  'id' | 'instrumentId' | 'status' | 'profitFraction' | 'maxAdverseExcursion' | 'maxFavourableExcursion'
>

/** Trades on these bars, of which those from `startTime` on were traded. */
function comparing(
  inputs: readonly InstrumentData[],
  startTime: number,
): (trade: OneTrade, instrument: number) => ComparedTrade {
  const firstBars = inputs.map(({ candles }) => candles.openTime.findIndex((time) => time >= startTime))
  return (trade, instrument) => {
    const { side, decidedAt, entryTime, entryPrice, exitTime, exitBar, exitPrice, quantity, fees, funding, profit } = trade // prettier-ignore
    const { openTime, timeframeMs } = (inputs[instrument] as InstrumentData).candles
    // Fills within a bar have the time of its close, which is that of fills at the open of the next.
    const isWithin = openTime[(firstBars[instrument] as number) + exitBar] === exitTime - timeframeMs
    const exitDay = utcDayStart(isWithin ? exitTime - 1 : exitTime)
    return { instrument, side, decidedAt, entryTime, entryPrice, exitTime, exitDay, exitPrice, quantity, fees, funding, profit, isOpen: false } // prettier-ignore
  }
}

function backtestTrades(
  settings: PaperSessionSettings,
  instruments: readonly InstrumentData[],
  endTime: number,
): ComparedTrade[] {
  const { strategy, startTime, startingBalance, costs, policies } = settings
  const result: BacktestResult = replay({
    strategy,
    instruments,
    startTime,
    endTime,
    startingBalance,
    costs,
    policies: { ...policies, endOfData: 'leave-open' },
  })
  const indexOf = new Map(instruments.map(({ instrument: { id } }, index) => [id, index]))
  const compare = comparing(instruments, startTime)
  return result.trades.map((trade) => ({
    ...compare(trade, indexOf.get(trade.instrumentId) ?? 0),
    isOpen: trade.status === 'open',
  }))
}

/** The open of the bar in which a time lies; the first or last bar's where it lies in none. */
function openOfBar(inputs: readonly InstrumentData[]): ReferencePrice {
  return (instrument, time) => {
    const { openTime, open } = (inputs[instrument] as InstrumentData).candles
    let [low, high] = [0, openTime.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((openTime[middle] as number) <= time) low = middle
      else high = middle - 1
    }
    return open[low] ?? NaN
  }
}
