import type { Fill, Order, OrderState } from '../core/orders.js'
import type { BlockReason, DailyEquity, EquityCurve } from '../core/result.js'
import { DAY_MS } from '../core/time.js'
import type { ClosedTrade, Command } from '../trading/commands.js'
import type { TradingEvent } from '../trading/events.js'

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
}

function advance(order: MutableOrder): void {
  order.state = order.filledQuantity >= order.quantity ? 'filled' : 'partially-filled'
}

/** Writes down what passes between the reducer and the venue. Decides nothing. */
export class Recorder {
  readonly fills: Fill[] = []
  readonly trades: ClosedTrade[] = []
  readonly blocked: Record<BlockReason, number> = { ...NO_BLOCKS }
  /** Bars on which an entry condition held: each led to an order or to a reason why not. */
  signals: number = 0
  private readonly orders = new Map<number, MutableOrder>()
  private marks = 0
  private readonly times: Float64Array
  private readonly equities: Float64Array
  private readonly adverses: Float64Array
  private readonly exposures: Float64Array
  private readonly dayTimes: number[] = []
  private readonly dayEquities: number[] = []
  private nextMidnight: number
  private lastEquity: number

  /** `mostMarks` closes at the most will be marked. */
  constructor(startTime: number, startingBalance: number, mostMarks: number) {
    this.times = new Float64Array(mostMarks)
    this.equities = new Float64Array(mostMarks)
    this.adverses = new Float64Array(mostMarks)
    this.exposures = new Float64Array(mostMarks)
    this.dayTimes.push(startTime)
    this.dayEquities.push(startingBalance)
    this.lastEquity = startingBalance
    this.nextMidnight = (Math.floor(startTime / DAY_MS) + 1) * DAY_MS
  }

  /** After the reducer took an event: what the event was, and what followed. */
  record(event: TradingEvent, commands: readonly Command[]): void {
    if (event.kind === 'fill') this.recordFill(event.fill)
    else if (event.kind === 'order-ended') this.move(event.orderId, event.state)
    else if (event.kind === 'order-accepted') this.move(event.orderId, 'working')
    for (const command of commands) {
      if (command.kind === 'submit') this.submit(command.order)
      else if (command.kind === 'trade') this.trades.push(command.trade)
      else if (command.kind === 'blocked') {
        this.blocked[command.reason]++
        // A signal whose order was sent, and blocked later at its price, has been counted.
        if (event.kind === 'bars') this.signals++
      } else if (command.kind === 'cancel') this.move(command.orderId, 'cancelled')
      else this.amend(command.orderId, command.price, command.quantity)
    }
  }

  /** Equity after everything that belongs to the close at `time`. */
  mark(time: number, equity: number, adverse: number, exposure: number): void {
    this.closeDays(time, false)
    this.times[this.marks] = time
    this.equities[this.marks] = equity
    this.adverses[this.marks] = Math.min(adverse, equity)
    this.exposures[this.marks] = exposure
    this.marks++
    this.lastEquity = equity
    this.closeDays(time, true)
  }

  /** The last mark again, after the positions that were open at the end of the data are closed. */
  remark(equity: number): void {
    const last = this.marks - 1
    this.equities[last] = equity
    this.exposures[last] = 0
    this.adverses[last] = Math.min(this.adverses[last] as number, equity)
    this.lastEquity = equity
    const lastDay = this.dayTimes.length - 1
    if (lastDay > 0 && this.dayTimes[lastDay] === this.times[last]) this.dayEquities[lastDay] = equity
  }

  equityCurve(): EquityCurve {
    return {
      time: this.times.slice(0, this.marks),
      equity: this.equities.slice(0, this.marks),
      adverse: this.adverses.slice(0, this.marks),
      exposure: this.exposures.slice(0, this.marks),
    }
  }

  /** Day edges so far; a last, unfinished day is added at the last mark. */
  dailyEquity(): DailyEquity {
    const time = [...this.dayTimes]
    const equity = [...this.dayEquities]
    const last = this.times[this.marks - 1]
    if (last !== undefined && last > (time[time.length - 1] as number)) {
      time.push(last)
      equity.push(this.lastEquity)
    }
    return { time: Float64Array.from(time), equity: Float64Array.from(equity) }
  }

  orderList(): Order[] {
    return [...this.orders.values()]
  }

  private submit(order: Order): void {
    this.orders.set(order.id, { ...order })
    if (order.role === 'entry') this.signals++
  }

  private recordFill(fill: Fill): void {
    this.fills.push(fill)
    const order = this.orders.get(fill.orderId)
    if (order === undefined) return
    order.filledQuantity += fill.quantity
    advance(order)
  }

  private move(orderId: number, state: OrderState): void {
    const order = this.orders.get(orderId)
    if (order !== undefined) order.state = state
  }

  private amend(orderId: number, price: number, quantity: number): void {
    const order = this.orders.get(orderId)
    if (order === undefined) return
    order.price = price
    order.quantity = quantity
    if (order.filledQuantity > 0) advance(order)
  }

  /** A day's equity is the last mark at or before its end; days without bars are flat. */
  private closeDays(time: number, inclusive: boolean): void {
    while (inclusive ? time >= this.nextMidnight : time > this.nextMidnight) {
      this.dayTimes.push(this.nextMidnight)
      this.dayEquities.push(this.lastEquity)
      this.nextMidnight += DAY_MS
    }
  }
}
