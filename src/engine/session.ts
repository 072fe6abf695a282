import { DataError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { requireMargin } from '../core/instrument-terms.js'
import { formatUtc } from '../core/time.js'
import type { Policies } from '../core/policies.js'
import type { Trade } from '../core/trades.js'
import type { SignalRow } from '../core/signals.js'
import type { CompiledStrategy, SignalStream, StreamFact } from '../strategy/compiled.js'
import type { ClosedTrade, Command } from '../trading/commands.js'
import type { CompletedBar, TradingEvent } from '../trading/events.js'
import { TradingState, type TradingConfig } from '../trading/state.js'
import { step } from '../trading/step.js'
import { tradeRecord } from '../trading/trade-record.js'
import { barsHeldWhole, excursionsWithin } from './excursions.js'
import { FactBuffer } from './fact-buffer.js'
import { refuseMissingFunding } from './missing-funding.js'
import type { PaperBar, PaperBars } from './paper-lane.js'
import { Recorder } from './recorder.js'

/** What a session is about; nothing of it changes while it lives. */
export interface SessionSettings {
  readonly strategy: CompiledStrategy
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  /** Bars that open before it warm features up, and decide nothing. UTC ms. */
  readonly startTime: number
  /** Quote units. */
  readonly startingBalance: number
  readonly policies: Policies
  /** Win over every instrument's own fees (fractions of notional) where given. */
  readonly takerFee?: number
  readonly makerFee?: number
}

/** One fact of one instrument. Facts that all instruments read are delivered to each. */
export interface SessionFact extends StreamFact {
  readonly instrument: number
  /** Of a confirmation: the version of the model that it is of. It decides nothing, and tells series apart. */
  readonly modelVersion?: string
}

/** What the decision on one bar of one instrument rested on, and what came of it. */
export interface DecisionRecord {
  readonly instrument: number
  /** Close of the bar: whatever was known at or before it counts, nothing else. UTC ms. */
  readonly time: number
  /** Warm-up is over and enough is known. */
  readonly usable: boolean
  readonly signal: SignalRow
  /** Every named feature of the strategy, legs included; NaN where unknown. */
  readonly features: Readonly<Record<string, number>>
  /** Why an entry condition that held led to no order; undefined where none held, or one was sent. */
  readonly blocked: string | undefined
}

/** What one close came to. */
export interface CloseOutcome {
  readonly decisions: readonly DecisionRecord[]
  readonly commands: readonly Command[]
}

/** The settings that the reducer of a session needs. */
export function tradingConfigOf(settings: SessionSettings): TradingConfig {
  const { strategy, instruments, timeframeMs, policies, takerFee, makerFee } = settings
  return {
    instruments,
    timeframeMs,
    risk: strategy.risk,
    policies,
    decide: strategy.decide,
    ...(takerFee === undefined ? {} : { takerFee }),
    ...(makerFee === undefined ? {} : { makerFee }),
  }
}

/**
 * A backtest that has not ended yet: it is told of facts and closed bars as they become known and of what its venue says, computes features
 * and the signal by the operators that also make columns, and drives the reducer that also replays. It has no clock and reaches nothing
 * outside: told the same in the same order, it says the same, which is how it is brought back after a crash.
 *
 * **What a decision knows.** The decision at a close T rests on the bars that close at or before T and on the facts whose known-at is at or before T,
 * as far as the session had been told of them when it was told of the bars of T; it may be computed later than T. A fact that comes after
 * that, though it says that it was known by T, is late: it counts as known just after T, and is never used in hindsight.
 */
export class Session {
  readonly settings: SessionSettings
  readonly state: TradingState
  /** All orders and fills so far, and why entries came to nothing. */
  readonly recorder: Recorder = new Recorder()
  readonly trades: Trade[] = []
  private readonly streams: readonly SignalStream[]
  private readonly facts: FactBuffer
  private readonly held: readonly HeldBars[]
  private decidedTo: number = -Infinity

  /** Throws ConfigError for leverage that an instrument does not grant. */
  constructor(settings: SessionSettings) {
    const { strategy, instruments, timeframeMs, startTime, startingBalance } = settings
    for (const instrument of instruments) requireMargin(instrument, strategy.risk.leverage, startTime)
    this.settings = settings
    this.state = new TradingState(tradingConfigOf(settings), startingBalance, startTime)
    this.state.observer = this.recorder
    this.streams = instruments.map(() => strategy.stream(timeframeMs))
    this.facts = new FactBuffer()
    this.held = instruments.map(() => new HeldBars())
    this.state.tradeListener = {
      tradeEnded: (book) => void this.trades.push(this.tradeOf(tradeRecord(book))),
    }
  }

  /** Close of the newest bars that were decided on, or warmed up by; −Infinity before the first. */
  get lastDecided(): number {
    return this.decidedTo
  }

  /** Tells of a fact. Answers the known-at it counts by: later than it says where it comes late. */
  learn(fact: SessionFact): number {
    return this.facts.add(fact, this.decidedTo)
  }

  /** Whether these bars are traded, by instrument, or only warm up. */
  tradable({ closeTime, bars }: PaperBars): PaperBar[] {
    const { instruments, startTime, timeframeMs } = this.settings
    return bars.filter(({ instrument }) => {
      const { listedAt = -Infinity, delistedAt = Infinity } = instruments[instrument] as Instrument
      return closeTime - timeframeMs >= Math.max(startTime, listedAt) && closeTime <= delistedAt
    })
  }

  /** Instruments whose last bar before they leave the venue this is: the next one would close after that. */
  leaving({ closeTime, bars }: PaperBars): Set<number> {
    const { instruments, timeframeMs } = this.settings
    const leaves = ({ instrument }: PaperBar): boolean =>
      ((instruments[instrument] as Instrument).delistedAt ?? Number.POSITIVE_INFINITY) <
      closeTime + timeframeMs
    return new Set(bars.filter(leaves).map(({ instrument }) => instrument))
  }

  /** Tells of something that happened at the venue, or of the will of whoever runs the session. */
  handle(event: TradingEvent): Command[] {
    const commands: Command[] = []
    step(this.state, event, commands)
    return commands
  }

  /**
   * Decides at the close of bars, in the order of instruments. Throws DataError for bars out of order, or over a funding settlement that
   * nobody recorded, by policy.
   */
  close(closing: PaperBars): CloseOutcome {
    const { closeTime, bars } = closing
    this.refuseDisorder(closing)
    this.decidedTo = closeTime
    for (const fact of this.facts.take(closeTime)) this.streams[fact.instrument]?.learn(fact)
    const rows = bars.map((bar) => this.rowOf(bar))
    const traded = this.tradable(closing)
    if (traded.length === 0) return { decisions: [], commands: [] }
    this.refuseMissingRates()
    const leaving = this.leaving(closing)
    const completed = rows
      .filter(({ bar }) => traded.includes(bar))
      .map(({ bar, said, usable }): CompletedBar => ({
        instrument: bar.instrument,
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
        signal: said.signal,
        features: said.features,
        usable,
        isLast: leaving.has(bar.instrument),
      }))
    for (const bar of traded) this.follow(bar)
    const commands = this.handle({ kind: 'bars', time: closeTime, bars: completed })
    return { decisions: completed.map((bar) => decisionOf(bar, closeTime, commands)), commands }
  }

  private rowOf(bar: PaperBar): {
    readonly bar: PaperBar
    readonly said: ReturnType<SignalStream['next']>
    readonly usable: boolean
  } {
    const stream = this.streams[bar.instrument] as SignalStream
    const said = stream.next(bar)
    return { bar, said, usable: stream.usable }
  }

  private refuseDisorder({ closeTime, bars }: PaperBars): void {
    const { timeframeMs, instruments } = this.settings
    bars.forEach((bar, at) => {
      const { openTime, instrument, open, high, low, close } = bar
      const file = `bar of ${instruments[instrument]?.id ?? `instrument ${instrument}`}`
      const fail = (message: string, field: string, value: unknown): never => {
        throw new DataError(message, { file, field, value })
      }
      if (openTime + timeframeMs !== closeTime) fail('a bar closes one timeframe after it opens', 'openTime', formatUtc(openTime)) // prettier-ignore
      if (at > 0 && (bars[at - 1] as PaperBar).instrument >= instrument) fail('bars of one close come in the order of instruments', 'instrument', instrument) // prettier-ignore
      if (!(closeTime > this.decidedTo)) fail('a bar comes after its close was decided on', 'openTime', formatUtc(openTime)) // prettier-ignore
      if (!(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && high < Infinity)) fail('prices of a bar are positive and finite, and lie between its low and its high', 'low', low) // prettier-ignore
    })
  }

  private refuseMissingRates(): void {
    if (this.settings.policies.missingFunding === 'fail') refuseMissingFunding(this.state)
  }

  private follow(bar: PaperBar): void {
    const book = this.state.book(bar.instrument)
    const held = this.held[bar.instrument] as HeldBars
    if (book.position.quantity === 0) held.forget(book.bars)
    held.add(bar, book.bars)
  }

  private tradeOf(closed: ClosedTrade): Trade {
    const { policies, risk } = this.state.config
    const fillsAtClose = policies.fillAt === 'same-close' && risk.entry.kind === 'market'
    const held = this.held[closed.instrument] as HeldBars
    const isCompleted = closed.exitBar < this.state.book(closed.instrument).bars
    const { first, last } = barsHeldWhole(closed, fillsAtClose, isCompleted)
    const { adverse, favourable } = excursionsWithin(
      closed,
      held.lowest(first, last),
      held.highest(first, last),
    )
    const { instrument, ...trade } = closed
    return {
      ...trade,
      id: this.trades.length + 1,
      instrumentId: this.state.instrument(instrument).id,
      status: 'closed',
      profitFraction: closed.profit / (closed.entryPrice * closed.quantity),
      maxAdverseExcursion: adverse,
      maxFavourableExcursion: favourable,
    }
  }
}

function decisionOf(
  { instrument, usable, signal, features }: CompletedBar,
  time: number,
  commands: readonly Command[],
): DecisionRecord {
  const block = commands.find(
    (command) => command.kind === 'blocked' && command.instrument === instrument && command.atDecision,
  )
  return {
    instrument,
    time,
    usable,
    signal,
    features: features ?? {},
    blocked: block?.kind === 'blocked' ? block.reason : undefined,
  }
}

/** Extremes of the bars of one instrument that a trade may have been held over. */
class HeldBars {
  private bars: { readonly bar: number; readonly high: number; readonly low: number }[] = []

  add({ high, low }: PaperBar, bar: number): void {
    this.bars.push({ bar, high, low })
  }

  lowest(first: number, last: number): number {
    return this.bars.reduce(
      (least, { bar, low }) => (bar >= first && bar <= last ? Math.min(least, low) : least),
      Infinity,
    )
  }

  highest(first: number, last: number): number {
    return this.bars.reduce(
      (most, { bar, high }) => (bar >= first && bar <= last ? Math.max(most, high) : most),
      -Infinity,
    )
  }

  /** Nothing is held: what lies before this bar is not asked about any more. */
  forget(before: number): void {
    this.bars = this.bars.filter(({ bar }) => bar >= before)
  }
}
