import type { OrderState } from '../core/orders.js'
import type { BarQuestion, BlockReason } from '../core/result.js'
import type { FillTerms } from '../trading/fills.js'
import type { TradingObserver } from '../trading/observer.js'
import type { Book, WorkingOrder } from '../trading/state.js'
import { FillLog } from './fill-log.js'
import { OrderLog } from './order-log.js'

/** Every reason, at 0: the record lists what did not happen too. */
export const NO_BLOCKS: Readonly<Record<BlockReason, number>> = {
  'in-position': 0,
  'long-and-short': 0,
  'exit-on-same-bar': 0,
  'not-shortable': 0,
  'not-rearmed': 0,
  halted: 0,
  'order-on-same-bar': 0,
  'no-stop': 0,
  'no-capital': 0,
  'max-positions': 0,
  'min-notional': 0,
  lot: 0,
  stale: 0,
  'end-of-data': 0,
  'no-price': 0,
  unfilled: 0,
  withdrawn: 0,
  'no-volume': 0,
  delisted: 0,
}

/** Writes down what the reducer tells of orders, fills and trades. Decides nothing. */
export class Recorder implements TradingObserver {
  readonly orders: OrderLog = new OrderLog()
  readonly fills: FillLog = new FillLog()
  readonly questions: BarQuestion[] = []
  readonly reasons: Record<BlockReason, number> = { ...NO_BLOCKS }
  /** Bars on which an entry condition held: each led to an order or to a reason why not. */
  signals: number = 0
  entryOrders: number = 0
  /** Entries that filled, in whole or in part. */
  entryFills: number = 0

  submitted(book: Book, order: WorkingOrder): void {
    // The simulated venue takes every resting order at once.
    this.orders.add(book.instrument, order, order.kind === 'market' ? order.state : 'working')
    if (order.role !== 'entry') return
    this.signals++
    this.entryOrders++
  }

  amended(_book: Book, order: WorkingOrder): void {
    this.orders.amend(order)
  }

  ended(_book: Book, order: WorkingOrder, state: OrderState): void {
    this.orders.end(order, state)
  }

  filled({ instrument }: Book, order: WorkingOrder, fill: FillTerms): void {
    this.fills.add(order.id, instrument, order.role, order.side, fill)
    if (this.orders.fill(order) && order.role === 'entry') this.entryFills++
  }

  liquidated({ instrument, trade }: Book, fill: FillTerms): void {
    this.fills.add(0, instrument, 'liquidation', trade.side > 0 ? -1 : 1, fill)
  }

  blocked(_instrument: number, _time: number, reason: BlockReason, atDecision: boolean): void {
    this.reasons[reason]++
    // A signal whose order was sent, and given up later, has been counted.
    if (atDecision) this.signals++
  }

  /** Signals on bars that were passed over, all with one fate. */
  blockedAtOnce(reason: BlockReason, count: number): void {
    this.reasons[reason] += count
    this.signals += count
  }

  asked({ instrument }: Book, openTime: number, isAnswered: boolean): void {
    this.questions.push({ instrument, openTime, isAnswered })
  }
}
