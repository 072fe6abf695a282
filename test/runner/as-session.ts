import type { Fill, Order } from '../../src/core/orders.js'
import type { BlockReason } from '../../src/core/result.js'
import type { Trade } from '../../src/core/trades.js'
import { effectivePolicies } from '../../src/engine/market.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { Session, tradingConfigOf, type SessionSettings } from '../../src/engine/session.js'
import { Desk, NO_JOURNAL, type DeskJournal } from '../../src/runner/desk.js'
import { storedItems, type FeedItem } from '../../src/runner/feed.js'
import { PaperBroker } from '../../src/runner/paper-broker.js'

/** What a replay and a session are compared in. */
export interface Ledger {
  readonly time: readonly number[]
  readonly equity: readonly number[]
  readonly orders: readonly Order[]
  readonly fills: readonly Fill[]
  readonly trades: readonly Trade[]
  readonly blocked: Readonly<Record<BlockReason, number>>
  readonly signals: number
}

export function settingsOf(options: ReplayOptions): SessionSettings {
  const { strategy, instruments, startTime, startingBalance, costs } = options
  return {
    strategy,
    instruments: instruments.map(({ instrument }) => instrument),
    timeframeMs: instruments[0]?.candles.timeframeMs as number,
    startTime,
    startingBalance,
    policies: effectivePolicies(options),
    ...(costs.takerFee === undefined ? {} : { takerFee: costs.takerFee }),
    ...(costs.makerFee === undefined ? {} : { makerFee: costs.makerFee }),
  }
}

export function deskOf(options: ReplayOptions, journal: DeskJournal = NO_JOURNAL): Desk {
  const settings = settingsOf(options)
  const { startingBalance, startTime } = settings
  const broker = new PaperBroker({
    config: tradingConfigOf(settings),
    costs: options.costs,
    startingBalance,
    startTime,
  })
  return new Desk(new Session(settings), broker, journal, 'a session')
}

export type Input = FeedItem

export function inputsOf({ instruments, endTime }: ReplayOptions): FeedItem[] {
  return storedItems(instruments, endTime)
}

export function feed(desk: Desk, input: Input): void {
  if (input.kind === 'fact') desk.learn(input.fact)
  else if (input.kind === 'settlement') desk.settle(input.settlement)
  else if (input.kind === 'quote') desk.quote(input.quote)
  else desk.close(input.bars)
}

export function ledgerOf({ session, marks }: Desk): Ledger {
  const { recorder, trades } = session
  return {
    time: marks.map(({ time }) => time),
    equity: marks.map(({ equity }) => equity),
    orders: recorder.orders.list(),
    fills: recorder.fills.list(),
    trades,
    blocked: recorder.reasons,
    signals: recorder.signals,
  }
}

/** The end of the data is none for a session: entries that are still out end there, as a replay ends them. */
export function endData({ session }: Desk): void {
  for (const { entry, instrument } of session.state.books) {
    if (!entry.isActive) continue
    const time = session.state.now
    session.handle({
      kind: 'order-ended', time, instrument, orderId: entry.id, state: 'expired', reason: 'end-of-data',
    }) // prettier-ignore
  }
}
