import type { Fill, Order, OrderState, Side } from '../core/orders.js'
import type { BarQuestion, BlockReason } from '../core/result.js'
import { orderOf } from '../trading/command-list.js'
import type { FillTerms } from '../trading/fills.js'
import type { TradingObserver } from '../trading/observer.js'
import type { Book, WorkingOrder } from '../trading/state.js'

type MutableOrder = { -readonly [Field in keyof Order]: Order[Field] }

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
  readonly fills: Fill[] = []
  readonly questions: BarQuestion[] = []
  readonly reasons: Record<BlockReason, number> = { ...NO_BLOCKS }
  /** Bars on which an entry condition held: each led to an order or to a reason why not. */
  signals: number = 0
  entryOrders: number = 0
  /** Entries that filled, in whole or in part. */
  entryFills: number = 0
  /** By id − 1: ids count from 1, as orders are sent. */
  private readonly orders: MutableOrder[] = []

  submitted(book: Book, order: WorkingOrder): void {
    const record: MutableOrder = orderOf(book, order)
    // The simulated venue takes every resting order at once.
    if (order.kind !== 'market') record.state = 'working'
    this.orders.push(record)
    if (order.role !== 'entry') return
    this.signals++
    this.entryOrders++
  }

  amended(_book: Book, order: WorkingOrder): void {
    const record = this.recordOf(order)
    record.price = order.price
    record.quantity = order.quantity
    record.exitReason = order.exitReason
  }

  ended(_book: Book, order: WorkingOrder, state: OrderState): void {
    this.recordOf(order).state = state
  }

  filled(book: Book, order: WorkingOrder, fill: FillTerms): void {
    this.fills.push(fillOf(book, order.id, order.role, order.side, fill))
    const record = this.recordOf(order)
    if (record.role === 'entry' && record.filledQuantity === 0) this.entryFills++
    record.filledQuantity = order.filledQuantity
    record.state = order.state
  }

  liquidated(book: Book, fill: FillTerms): void {
    this.fills.push(fillOf(book, 0, 'liquidation', book.trade.side > 0 ? -1 : 1, fill))
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

  orderList(): Order[] {
    return this.orders
  }

  private recordOf({ id }: WorkingOrder): MutableOrder {
    return this.orders[id - 1] as MutableOrder
  }
}

function fillOf(
  { instrument }: Book,
  orderId: number,
  role: Fill['role'],
  side: Side,
  { time, price, quantity, fee, slippage, liquidity }: FillTerms,
): Fill {
  return { orderId, instrument, role, side, time, price, quantity, fee, slippage, liquidity }
}
