import { ConfigError, DataError } from '../core/errors.js'
import { DEFAULT_POLICIES, type Policies } from '../core/policies.js'
import type { BacktestResult, InstrumentRun as InstrumentSummary, RunFlag } from '../core/result.js'
import { formatUtc } from '../core/time.js'
import type { Order } from '../core/orders.js'
import type { Trade } from '../core/trades.js'
import type { ClosedTrade, Command } from '../trading/commands.js'
import type { TradingEvent } from '../trading/events.js'
import { TradingState } from '../trading/state.js'
import { step } from '../trading/step.js'
import { excursionsOf } from './excursions.js'
import { InstrumentRun } from './instrument-run.js'
import type { InstrumentData, ReplayOptions } from './options.js'
import { openTrade } from './open-trade.js'
import { Recorder } from './recorder.js'
import { forEachInstant } from './timeline.js'
import { SimulatedVenue, type VenueCosts } from './venue.js'

/**
 * Replays history through the very reducer that paper and live sessions run: the reference engine. Every bar of every
 * instrument is visited once, O(bars · instruments), in time order; see execution rule 2 for the order at one instant.
 *
 * Throws ConfigError for settings that cannot be run, DataError for candles or funding that cannot be trusted.
 */
export function replay(options: ReplayOptions): BacktestResult {
  return new Replay(options).run()
}

/** The policies of a run: its own win over the strategy's, which win over the defaults. */
export function effectivePolicies(options: Pick<ReplayOptions, 'strategy' | 'policies'>): Policies {
  return { ...DEFAULT_POLICIES, ...options.strategy.policies, ...options.policies }
}

class Replay {
  private readonly options: ReplayOptions
  private readonly policies: Policies
  private readonly runs: readonly InstrumentRun[]
  private readonly state: TradingState
  private readonly recorder: Recorder
  private readonly venue: SimulatedVenue
  private readonly startTime: number
  private readonly timeframeMs: number
  private commands: Command[] = []
  private readonly scratchMarks: Float64Array
  private warm = 0
  private usable = 0

  constructor(options: ReplayOptions) {
    checkOptions(options)
    this.options = options
    this.policies = effectivePolicies(options)
    this.runs = options.instruments.map((data, index) => new InstrumentRun(index, data, options))
    this.startTime = Math.min(...this.runs.map((run) => run.openTime(run.first)))
    this.timeframeMs = (options.instruments[0] as InstrumentData).candles.timeframeMs
    const costs = venueCosts(options)
    const instruments = options.instruments.map(({ instrument }) => instrument)
    this.state = new TradingState(
      {
        instruments,
        timeframeMs: this.timeframeMs,
        risk: options.strategy.risk,
        policies: this.policies,
        takerFee: costs.takerFee,
        decide: options.strategy.decide,
      },
      options.startingBalance,
      this.startTime,
    )
    this.scratchMarks = new Float64Array(instruments.length)
    this.recorder = new Recorder(
      this.startTime,
      options.startingBalance,
      this.runs.reduce((bars, run) => bars + run.end - run.first, 0),
    )
    this.venue = new SimulatedVenue(this.state, costs, this.send, (_instrument, _time, reason) => {
      this.recorder.blocked[reason]++
    })
  }

  run(): BacktestResult {
    forEachInstant(this.runs, (due) => this.replayInstant(due))
    const openTrades = this.finish()
    return this.result(openTrades)
  }

  private readonly send = (event: TradingEvent): void => {
    this.commands.length = 0
    step(this.state, event, this.commands)
    this.recorder.record(event, this.commands)
    for (const command of this.commands) {
      if (command.kind === 'submit' && command.order.kind !== 'market') this.accept(event.time, command.order)
    }
  }

  /** The simulated venue takes every resting order at once. */
  private accept(time: number, { id: orderId, instrument }: Order): void {
    const accepted: TradingEvent = { kind: 'order-accepted', time, instrument, orderId }
    step(this.state, accepted, [])
    this.recorder.record(accepted, [])
  }

  /** One instant of execution rule 2: funding → exits → entries → intrabar → mark → daily loss → signals. */
  private replayInstant(due: readonly InstrumentRun[]): void {
    const first = due[0] as InstrumentRun
    const openTime = first.openTime(first.bar)
    const closeTime = first.closeTime(first.bar)
    this.settleBeforeFills(due, openTime)
    for (const run of due) this.venue.fillExitAtOpen(run)
    for (const book of this.venue.entriesInOrder()) {
      const run = this.runs[book.instrument] as InstrumentRun
      if (due.includes(run)) this.venue.fillEntryAtOpen(run)
    }
    for (const run of due) this.venue.fillProtectiveAtOpen(run)
    for (const run of this.runs) this.venue.settle(run, openTime, true)
    for (const run of due) this.venue.touchProtectiveOrders(run)
    for (const run of this.runs) this.venue.settle(run, closeTime, false)
    if (this.policies.missingFunding === 'fail') this.checkFunding()

    const adverse = this.adverseEquity(due)
    for (const run of due) this.announceSnapshot(run, closeTime)
    const bars = due.map((run) => run.completedBar(run.bar))
    this.count(due)
    this.send({ kind: 'bars', time: closeTime, bars })
    if (this.policies.fillAt === 'same-close') this.venue.fillAtClose(due, closeTime)
    this.recorder.mark(closeTime, this.state.equity(), adverse, this.exposure())
  }

  /** Settlements up to this open, save those at it that a fill at it takes part in. */
  private settleBeforeFills(due: readonly InstrumentRun[], openTime: number): void {
    for (const run of this.runs) {
      const isFirst = this.policies.fundingAtFill === 'held-before' || !due.includes(run)
      this.venue.settle(run, openTime, false)
      if (isFirst || !this.venue.settlementWaits(run)) this.venue.settle(run, openTime, true)
    }
  }

  private announceSnapshot(run: InstrumentRun, time: number): void {
    const rearmKey = run.signal.rearmKey?.[run.bar] ?? NaN
    if (Object.is(rearmKey, run.rearmKey)) return
    run.rearmKey = rearmKey
    this.send({ kind: 'snapshot', time, instrument: run.index, rearmKey })
  }

  private count(due: readonly InstrumentRun[]): void {
    for (const run of due) {
      if (run.isWarm(run.bar)) this.warm++
      if (run.isUsable(run.bar)) this.usable++
    }
  }

  private checkFunding(): void {
    for (const run of this.runs) {
      const book = this.state.book(run.index)
      if (book.missingFunding === 0) continue
      throw new DataError(
        `${run.data.instrument.id} was held over a funding settlement whose rate was not recorded; import it, shorten the run, or set the policy missingFunding=flag`,
        { field: 'rate', value: formatUtc(book.missingFundingTime), unit: 'UTC' },
      )
    }
  }

  /** Equity with every position held through this bar at its worst price of the bar. */
  private adverseEquity(due: readonly InstrumentRun[]): number {
    const marks = this.scratchMarks
    marks.set(this.state.marks)
    for (const { index, bar, data } of due) {
      const worst = this.state.side(index) > 0 ? data.candles.low[bar] : data.candles.high[bar]
      marks[index] = (worst as number) - (this.state.fundingIndex[index] as number)
    }
    return this.state.account.equity(marks)
  }

  /** Gross notional at the last closes over equity. */
  private exposure(): number {
    let gross = 0
    for (const book of this.state.books) {
      const { quantity } = this.state.account.position(book.instrument)
      if (quantity !== 0) gross += Math.abs(quantity) * book.lastClose
    }
    return gross === 0 ? 0 : gross / this.state.equity()
  }

  /** Rule 25: the orders of the last signals end unfilled; positions close at the last close with costs, or stay open by policy. */
  private finish(): ClosedTrade[] {
    const time = this.lastCloseTime()
    for (const { entry, exit, instrument } of this.state.books) {
      for (const { id: orderId, isActive, role } of [entry, exit]) {
        if (!isActive || (role === 'exit' && this.policies.endOfData === 'leave-open')) continue
        this.send({ kind: 'order-ended', time, instrument, orderId, state: 'expired' })
        if (role === 'entry') this.recorder.blocked['end-of-data']++
      }
    }
    if (this.policies.endOfData === 'leave-open') {
      return this.state.books
        .filter((book) => this.state.side(book.instrument) !== 0)
        .map((book) => openTrade(this.state, book, time))
    }
    this.send({ kind: 'flatten', time, reason: 'end-of-data' })
    this.venue.fillAtClose(this.runs, time)
    this.recorder.remark(this.state.equity())
    return []
  }

  private result(openTrades: readonly ClosedTrade[]): BacktestResult {
    const { recorder, options } = this
    const trades = [
      ...recorder.trades.map((trade, id) => this.trade(trade, id + 1, 'closed')),
      ...openTrades.map((trade, at) => this.trade(trade, recorder.trades.length + at + 1, 'open')),
    ]
    const total = (field: 'fees' | 'slippage' | 'funding'): number =>
      trades.reduce((sum, trade) => sum + trade[field], 0)
    return {
      strategy: options.strategy.name,
      params: options.strategy.params,
      policies: this.policies,
      timeframeMs: this.timeframeMs,
      startTime: this.startTime,
      endTime: this.lastCloseTime(),
      startingBalance: options.startingBalance,
      finalEquity: this.state.equity(),
      instruments: this.runs.map(summaryOf),
      equity: recorder.equityCurve(),
      daily: recorder.dailyEquity(),
      trades,
      fills: recorder.fills,
      orders: recorder.orderList(),
      funnel: {
        bars: this.runs.reduce((sum, run) => sum + run.end - run.first, 0),
        warm: this.warm,
        covered: this.usable,
        signals: recorder.signals,
        blocked: recorder.blocked,
        entryOrders: recorder.orderList().filter((order) => order.role === 'entry').length,
        entryFills: recorder.fills.filter((fill) => fill.role === 'entry').length,
      },
      costs: { fees: total('fees'), slippage: total('slippage'), funding: total('funding') },
      undecidedExits: trades.filter((trade) => trade.undecided).length,
      flags: this.flags(),
    }
  }

  private trade(closed: ClosedTrade, id: number, status: Trade['status']): Trade {
    const { instrument, ...rest } = closed
    const run = this.runs[instrument] as InstrumentRun
    const excursions = excursionsOf(
      closed,
      run.data.candles,
      run.first,
      this.policies.fillAt === 'same-close',
    )
    return {
      id,
      instrumentId: run.data.instrument.id,
      ...rest,
      status,
      profitFraction: closed.profit / (closed.entryPrice * closed.quantity),
      maxAdverseExcursion: excursions.adverse,
      maxFavourableExcursion: excursions.favourable,
    }
  }

  private lastCloseTime(): number {
    return Math.max(...this.runs.map((run) => run.closeTime(run.end - 1)))
  }

  private flags(): RunFlag[] {
    const flags: RunFlag[] = []
    const add = (code: string, count: number, message: string): void => {
      if (count > 0) flags.push({ code, count, message })
    }
    add(
      'funding-mark-missing',
      this.venue.chargedWithoutMark,
      'funding settlements charged on the last close before them: no mark price was recorded',
    )
    add(
      'funding-rate-missing',
      this.state.books.reduce((sum, book) => sum + book.missingFunding, 0),
      'funding settlements not charged: no rate was recorded while a position was held',
    )
    add(
      'bars-missing',
      this.runs.reduce((sum, run) => sum + missingBars(run), 0),
      'bars missing from the grid inside the run',
    )
    add(
      'bars-ended-early',
      this.runs.filter((run) => run.closeTime(run.end - 1) < this.lastCloseTime()).length,
      'instruments whose bars end before the run does: what was held then was carried at the last close, and closed there at the end',
    )
    add(
      'order-stale',
      this.recorder.blocked.stale,
      'entries given up because the next bar came more than one interval late',
    )
    add(
      'equity-not-positive',
      this.recorder.equityCurve().equity.filter((equity) => equity <= 0).length,
      'bars closed with no equity left',
    )
    return flags
  }
}

function missingBars(run: InstrumentRun): number {
  const span = run.openTime(run.end - 1) - run.openTime(run.first)
  return Math.round(span / run.data.candles.timeframeMs) + 1 - (run.end - run.first)
}

function summaryOf(run: InstrumentRun): InstrumentSummary {
  const { candles, instrument } = run.data
  return {
    id: instrument.id,
    bars: run.end - run.first,
    firstOpenTime: run.openTime(run.first),
    lastCloseTime: run.closeTime(run.end - 1),
    firstDecisionTime: run.closeTime(Math.min(Math.max(run.first, run.signal.warmUpBars), run.end - 1)),
    closeTime: candles.openTime.slice(run.first, run.end).map((time) => time + candles.timeframeMs),
    close: candles.close.slice(run.first, run.end),
    open: candles.open.slice(run.first, run.end),
  }
}

function venueCosts({ instruments, costs }: ReplayOptions): VenueCosts {
  return {
    takerFee: Float64Array.from(instruments, ({ instrument }) => costs.takerFee ?? instrument.takerFee),
    makerFee: Float64Array.from(instruments, ({ instrument }) => costs.makerFee ?? instrument.makerFee),
    slippage: costs.slippageBps / 10_000,
  }
}

function checkOptions({ instruments, costs, startingBalance }: ReplayOptions): void {
  if (!(startingBalance > 0 && startingBalance < Infinity)) {
    throw new ConfigError('a starting balance is a positive amount of the quote asset', {
      field: 'startingBalance',
      value: startingBalance,
    })
  }
  if (instruments.length === 0)
    throw new ConfigError('a run needs at least one instrument', { field: 'instruments' })
  const quotes = new Set(instruments.map(({ instrument }) => instrument.quote))
  if (quotes.size > 1) {
    throw new ConfigError('instruments of one account share one quote asset', {
      field: 'quote',
      value: [...quotes].join(', '),
    })
  }
  const ids = instruments.map(({ instrument }) => instrument.id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined)
    throw new ConfigError('an instrument is named twice', { field: 'instruments', value: twice })
  if (!(costs.slippageBps >= 0 && costs.slippageBps < 10_000)) {
    throw new ConfigError('slippage must be 0 or more', {
      field: 'slippage',
      value: costs.slippageBps,
      unit: 'bps',
    })
  }
}
