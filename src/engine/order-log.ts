import type { ExitReason, Order, OrderKind, OrderRole, OrderState, Side } from '../core/orders.js'
import type { WorkingOrder } from '../trading/state.js'
import { NumberRows } from './number-rows.js'
import { WordColumn } from './word-column.js'

/** Of an order that opens a position. */
const NO_EXIT = 'none'

const ORDER_NUMBERS = 6
const [QUANTITY, PRICE, DECIDED_AT, FILLED, INSTRUMENT, SIDE] = [0, 1, 2, 3, 4, 5] as const

/**
 * Every order of a run, by its id: numbers and words in columns, since tens of thousands of small objects cost more to keep than to fill.
 * Objects are made of them when they are asked for.
 */
export class OrderLog {
  private readonly numbers: NumberRows = new NumberRows(ORDER_NUMBERS)
  private readonly roles: WordColumn<OrderRole> = new WordColumn()
  private readonly kinds: WordColumn<OrderKind> = new WordColumn()
  private readonly states: WordColumn<OrderState> = new WordColumn()
  private readonly exitReasons: WordColumn<ExitReason | typeof NO_EXIT> = new WordColumn()

  /** Ids count from 1, in this order. */
  add(instrument: number, order: WorkingOrder, state: OrderState): void {
    const row = this.numbers.add()
    const { values } = this.numbers
    values[row + QUANTITY] = order.quantity
    values[row + PRICE] = order.price
    values[row + DECIDED_AT] = order.decidedAt
    values[row + FILLED] = order.filledQuantity
    values[row + INSTRUMENT] = instrument
    values[row + SIDE] = order.side
    this.roles.push(order.role)
    this.kinds.push(order.kind)
    this.states.push(state)
    this.exitReasons.push(order.exitReason ?? NO_EXIT)
  }

  amend({ id, price, quantity, exitReason }: WorkingOrder): void {
    const row = rowOf(id)
    const { values } = this.numbers
    values[row + PRICE] = price
    values[row + QUANTITY] = quantity
    this.exitReasons.set(id - 1, exitReason ?? NO_EXIT)
  }

  end({ id }: WorkingOrder, state: OrderState): void {
    this.states.set(id - 1, state)
  }

  /** Takes over what has been filled, and answers whether that is its first fill. */
  fill({ id, filledQuantity, state }: WorkingOrder): boolean {
    const { values } = this.numbers
    const at = rowOf(id) + FILLED
    const isFirst = values[at] === 0
    values[at] = filledQuantity
    this.states.set(id - 1, state)
    return isFirst
  }

  list(): Order[] {
    return Array.from({ length: this.roles.length }, (_, at) => {
      const role = this.roles.at(at)
      const exitReason = this.exitReasons.at(at)
      const row = at * ORDER_NUMBERS
      const { values } = this.numbers
      return {
        id: at + 1,
        instrument: values[row + INSTRUMENT] as number,
        role,
        kind: this.kinds.at(at),
        side: values[row + SIDE] as Side,
        reduceOnly: role !== 'entry',
        quantity: values[row + QUANTITY] as number,
        price: values[row + PRICE] as number,
        decidedAt: values[row + DECIDED_AT] as number,
        state: this.states.at(at),
        filledQuantity: values[row + FILLED] as number,
        exitReason: exitReason === NO_EXIT ? undefined : exitReason,
      }
    })
  }
}

function rowOf(id: number): number {
  return (id - 1) * ORDER_NUMBERS
}
