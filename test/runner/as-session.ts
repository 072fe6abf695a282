import type { Fill, Order } from '../../src/core/orders.js'
import type { BlockReason } from '../../src/core/result.js'
import type { Trade } from '../../src/core/trades.js'
import { effectivePolicies } from '../../src/engine/market.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import type { KnownSettlement, PaperBar, PaperBars } from '../../src/engine/paper-lane.js'
import { Session, tradingConfigOf, type SessionFact, type SessionSettings } from '../../src/engine/session.js'
import { Desk, NO_JOURNAL, type DeskJournal } from '../../src/runner/desk.js'
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

export type Input =
  | { readonly kind: 'fact'; readonly at: number; readonly fact: SessionFact }
  | { readonly kind: 'settlement'; readonly at: number; readonly settlement: KnownSettlement }
  | { readonly kind: 'bars'; readonly at: number; readonly bars: PaperBars }

/** The data of a replay as they would have become known: facts by known-at, settlements by their time, bars at their close, in this order. */
export function inputsOf({ instruments, endTime }: ReplayOptions): Input[] {
  const inputs: Input[] = []
  const closes = new Map<number, PaperBar[]>()
  instruments.forEach(({ candles, facts, funding, mark }, instrument) => {
    const { openTime, open, high, low, close, volume, timeframeMs } = candles
    openTime.forEach((time, bar) => {
      const closeTime = time + timeframeMs
      if (closeTime > endTime) return
      const at = (column: Float64Array): number => column[bar] as number
      const bars = closes.get(closeTime) ?? []
      closes.set(closeTime, bars)
      bars.push({
        instrument, openTime: time, open: at(open), high: at(high), low: at(low), close: at(close), volume: at(volume),
        ...(mark && { mark: { open: at(mark.open), high: at(mark.high), low: at(mark.low) } }),
      }) // prettier-ignore
    })
    funding?.time.forEach((time, row) => {
      const settlement = {
        instrument,
        time,
        rate: funding.rate[row] as number,
        mark: funding.mark[row] as number,
      }
      inputs.push({ kind: 'settlement', at: time, settlement })
    })
    for (const [series, { eventTime, knownAt, values }] of Object.entries(facts)) {
      knownAt.forEach((known, row) => {
        const fields = Object.entries(values).map(([name, column]) => [name, column[row] as number])
        const fact = { instrument, series, eventTime: eventTime[row] as number, knownAt: known, values: Object.fromEntries(fields) as Record<string, number> } // prettier-ignore
        inputs.push({ kind: 'fact', at: known, fact })
      })
    }
  })
  for (const [closeTime, bars] of closes)
    inputs.push({ kind: 'bars', at: closeTime, bars: { closeTime, bars } })
  const rank = { fact: 0, settlement: 1, bars: 2 }
  return inputs
    .map((input, place) => ({ input, place }))
    .sort((a, b) => a.input.at - b.input.at || rank[a.input.kind] - rank[b.input.kind] || a.place - b.place)
    .map(({ input }) => input)
}

export function feed(desk: Desk, input: Input): void {
  if (input.kind === 'fact') desk.learn(input.fact)
  else if (input.kind === 'settlement') desk.settle(input.settlement)
  else desk.close(input.bars)
}

export function ledgerOf({ session, marks }: Desk): Ledger {
  const { recorder, trades } = session
  return {
    time: marks.map(({ time }) => time),
    equity: marks.map(({ equity }) => equity),
    orders: recorder.orderList(),
    fills: recorder.fills,
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
