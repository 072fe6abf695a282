import type { Fill } from '../../src/core/orders.js'
import type { BacktestResult } from '../../src/core/result.js'
import type { Trade } from '../../src/core/trades.js'
import type { InstrumentData, ReplayOptions } from '../../src/engine/options.js'

/**
 * A second bookkeeping, from the fills alone: average cost, and every funding payment on its own. It shares no arithmetic with
 * the engine, which values positions by one multiply-add on a cumulative funding index.
 */
export interface PlainLedger {
  /** At each mark of the run. */
  readonly equity: number[]
  readonly finalEquity: number
  readonly trades: readonly PlainTrade[]
  readonly fees: number
  readonly funding: number
  /** Σ |price · quantity| of all fills. */
  readonly turnover: number
  readonly missingRates: number
}

export interface PlainTrade {
  readonly instrument: number
  readonly profit: number
  readonly fees: number
  readonly funding: number
}

/** A stretch of time over which one quantity was held. */
interface Holding {
  readonly trade: Trade
  readonly entry: Fill
  readonly exit: Fill | undefined
}

export interface Payment {
  readonly time: number
  readonly amount: number
  readonly isMissing: boolean
}

export function keepPlainLedger(options: ReplayOptions, result: BacktestResult): PlainLedger {
  const holdings = options.instruments.map((data, index) => holdingsOf(result, data.instrument.id, index))
  const payments = holdings.map((list, index) =>
    list.map((holding) => paymentsOf(holding, options.instruments[index] as InstrumentData, result)),
  )
  const equityAt = (time: number): number =>
    options.instruments.reduce(
      (sum, data, index) =>
        sum +
        (holdings[index] as Holding[]).reduce(
          (part, holding, at) =>
            part + worthAt(holding, time, data, result) + paidBy(payments[index]?.[at] as Payment[], time),
          0,
        ),
      result.startingBalance,
    )
  const equity = Array.from(result.equity.time, equityAt)
  const trades = holdings.flatMap((list, index) =>
    list.map((holding, at) => plainTrade(holding, index, payments[index]?.[at] as Payment[], result)),
  )
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
  return {
    equity,
    finalEquity: equity[equity.length - 1] as number,
    trades,
    fees: total(trades.map(({ fees }) => fees)),
    funding: total(trades.map(({ funding }) => funding)),
    turnover: total(result.fills.map(({ price, quantity }) => price * quantity)),
    missingRates: payments.reduce((count, list) => count + missingTimes(list.flat()), 0),
  }
}

/** Settlements without a rate: one that a reversal leaves and enters at is still one. */
function missingTimes(payments: readonly Payment[]): number {
  return new Set(payments.filter(({ isMissing }) => isMissing).map(({ time }) => time)).size
}

/** Every payment of a run, all instruments together. */
export function fundingPayments(options: ReplayOptions, result: BacktestResult): Payment[] {
  return options.instruments.flatMap((data, index) =>
    holdingsOf(result, data.instrument.id, index).flatMap((holding) => paymentsOf(holding, data, result)),
  )
}

function holdingsOf(result: BacktestResult, id: string, instrument: number): Holding[] {
  const fills = result.fills.filter((fill) => fill.instrument === instrument)
  const entries = fills.filter(({ role }) => role === 'entry')
  const exits = fills.filter(({ role }) => role !== 'entry')
  const trades = result.trades.filter(({ instrumentId }) => instrumentId === id)
  if (trades.length !== entries.length || exits.length > entries.length)
    throw new Error(`${trades.length} trades of ${entries.length} entries and ${exits.length} exits`)
  return trades.map((trade, at) => ({ trade, entry: entries[at] as Fill, exit: exits[at] }))
}

/** A fill at the close of a bar is in that close's mark; one at an open that is the same instant is not yet. */
function isAtClose(fill: Fill, { trade }: Holding, result: BacktestResult): boolean {
  if (fill.role === 'entry') return result.policies.fillAt === 'same-close'
  if (fill.role === 'exit')
    return result.policies.fillAt === 'same-close' || trade.exitReason === 'end-of-data'
  return !leftAtOpen(trade, result)
}

/** A protective order behind a gap filled at the open of its bar; any other somewhere inside it. */
function leftAtOpen(trade: Trade, result: BacktestResult): boolean {
  const run = result.instruments.find(({ id }) => id === trade.instrumentId)
  return trade.exitTime === (run?.closeTime[trade.exitBar] as number) - result.timeframeMs
}

function isBooked(fill: Fill, holding: Holding, time: number, result: BacktestResult): boolean {
  return fill.time < time || (fill.time === time && isAtClose(fill, holding, result))
}

/** Realised and unrealised price difference less fees, at a mark. */
function worthAt(holding: Holding, time: number, data: InstrumentData, result: BacktestResult): number {
  const { entry, exit } = holding
  if (!isBooked(entry, holding, time, result)) return 0
  if (exit === undefined || !isBooked(exit, holding, time, result)) {
    return (lastClose(data, time) - entry.price) * entry.quantity * entry.side - entry.fee
  }
  return (exit.price - entry.price) * entry.quantity * entry.side - entry.fee - exit.fee
}

function lastClose({ candles }: InstrumentData, time: number): number {
  let bar = candles.openTime.length - 1
  while (bar >= 0 && (candles.openTime[bar] as number) + candles.timeframeMs > time) bar--
  return candles.close[bar] as number
}

function paidBy(payments: readonly Payment[], time: number): number {
  return payments.reduce((sum, payment) => (payment.time < time ? sum + payment.amount : sum), 0)
}

function plainTrade(
  holding: Holding,
  instrument: number,
  payments: readonly Payment[],
  result: BacktestResult,
): PlainTrade {
  const { entry, exit, trade } = holding
  const fees = entry.fee + (exit?.fee ?? 0)
  const funding = payments.reduce((sum, { amount }) => sum + amount, 0)
  const lastPrice = exit?.price ?? trade.exitPrice
  if (exit === undefined && result.policies.endOfData === 'close') throw new Error('a trade was never closed')
  return {
    instrument,
    fees,
    funding,
    profit: (lastPrice - entry.price) * entry.quantity * entry.side - fees + funding,
  }
}

/** Received (+) or paid (−) at each settlement that the holding took part in. */
function paymentsOf(holding: Holding, data: InstrumentData, result: BacktestResult): Payment[] {
  const { funding } = data
  const run = result.instruments.find(({ id }) => id === data.instrument.id)
  if (funding === undefined || run === undefined) return []
  const all: Payment[] = []
  for (let row = 0; row < funding.time.length; row++) {
    const time = funding.time[row] as number
    if (time < run.firstOpenTime || time >= result.endTime) continue
    const mark = funding.mark[row] as number
    const price = Number.isNaN(mark) ? lastClose(data, time) : mark
    if (price === undefined) continue
    const amount = -holding.entry.side * holding.entry.quantity * (funding.rate[row] as number) * price
    all.push({ time, amount: Number.isNaN(amount) ? 0 : amount, isMissing: Number.isNaN(amount) })
  }
  return takePart(all, holding, result)
}

/** A fill at the instant of a settlement pays where that is adverse and never receives, or is after it by policy. */
function takePart(all: readonly Payment[], holding: Holding, result: BacktestResult): Payment[] {
  const { entry, exit, trade } = holding
  const atFill = result.policies.fundingAtFill
  const costly = ({ amount, isMissing }: Payment): boolean => amount < 0 || isMissing
  const entersAtClose = isAtClose(entry, holding, result)
  const afterEntry = all.filter((payment) => {
    if (payment.time !== entry.time) return payment.time > entry.time
    return entersAtClose || (atFill === 'adverse-only' && costly(payment))
  })
  if (exit === undefined) return afterEntry
  if (exit.role === 'exit' || leftAtOpen(trade, result)) {
    const leavesAtClose = isAtClose(exit, holding, result)
    return afterEntry.filter((payment) => {
      if (payment.time !== exit.time) return payment.time < exit.time
      return !leavesAtClose && (atFill === 'held-before' || costly(payment))
    })
  }
  const barOpen = exit.time - result.timeframeMs
  const surely = afterEntry.filter(({ time }) => time <= barOpen)
  return [...surely, ...worstBeginning(afterEntry.filter(({ time }) => time > barOpen && time < exit.time))]
}

/** Of the settlements inside the bar of an exit, the first so many that cost most; missing rates are held over. */
function worstBeginning(inside: readonly Payment[]): Payment[] {
  let best = inside.findLastIndex(({ isMissing }) => isMissing) + 1
  const sumOf = (count: number): number => inside.slice(0, count).reduce((sum, { amount }) => sum + amount, 0)
  for (let count = best + 1; count <= inside.length; count++) if (sumOf(count) < sumOf(best)) best = count
  return inside.slice(0, best)
}
