import type { ExitReason, Fill, Order, OrderKind, OrderRole, OrderState, Side } from '../core/orders.js'
import type { FillTerms } from '../trading/fills.js'
import type { Book, WorkingOrder } from '../trading/state.js'
import { NumberRows } from './number-rows.js'

/** What a run keeps of its orders, field by field: objects are made of it when somebody asks for them. */
export class OrderRecords {
  /** Rows by id − 1: ids count from 1, as orders are sent. */
  private readonly rows = new NumberRows(ORDER_NUMBERS)
  private readonly roles: OrderRole[] = []
  private readonly kinds: OrderKind[] = []
  private readonly states: OrderState[] = []
  private readonly reasons: (ExitReason | undefined)[] = []

  submitted({ instrument }: Book, order: WorkingOrder): void {
    const at = this.rows.add()
    const { numbers } = this.rows
    numbers[at + INSTRUMENT] = instrument
    numbers[at + SIDE] = order.side
    numbers[at + QUANTITY] = order.quantity
    numbers[at + PRICE] = order.price
    numbers[at + DECIDED_AT] = order.decidedAt
    numbers[at + FILLED_QUANTITY] = order.filledQuantity
    this.roles.push(order.role)
    this.kinds.push(order.kind)
    // The simulated venue takes every resting order at once.
    this.states.push(order.kind === 'market' ? order.state : 'working')
    this.reasons.push(order.exitReason)
  }

  amended({ id, price, quantity, exitReason }: WorkingOrder): void {
    const { numbers } = this.rows
    const at = rowOf(id)
    numbers[at + PRICE] = price
    numbers[at + QUANTITY] = quantity
    this.reasons[id - 1] = exitReason
  }

  ended(id: number, state: OrderState): void {
    this.states[id - 1] = state
  }

  filled({ id, filledQuantity, state }: WorkingOrder): void {
    this.rows.numbers[rowOf(id) + FILLED_QUANTITY] = filledQuantity
    this.states[id - 1] = state
  }

  filledQuantity(id: number): number {
    return this.rows.numbers[rowOf(id) + FILLED_QUANTITY] as number
  }

  list(): Order[] {
    const { numbers } = this.rows
    return this.roles.map((role, index) => {
      const at = rowOf(index + 1)
      return {
        id: index + 1,
        instrument: numbers[at + INSTRUMENT] as number,
        role,
        kind: this.kinds[index] as OrderKind,
        side: numbers[at + SIDE] as Side,
        reduceOnly: role !== 'entry',
        quantity: numbers[at + QUANTITY] as number,
        price: numbers[at + PRICE] as number,
        decidedAt: numbers[at + DECIDED_AT] as number,
        state: this.states[index] as OrderState,
        filledQuantity: numbers[at + FILLED_QUANTITY] as number,
        exitReason: this.reasons[index],
      }
    })
  }
}

const INSTRUMENT = 0
const SIDE = 1
const QUANTITY = 2
const PRICE = 3
const DECIDED_AT = 4
const FILLED_QUANTITY = 5
const ORDER_NUMBERS = 6

function rowOf(id: number): number {
  return (id - 1) * ORDER_NUMBERS
}

/** The same for its fills. */
export class FillRecords {
  private readonly rows = new NumberRows(FILL_NUMBERS)
  private readonly roles: OrderRole[] = []
  private readonly liquidities: Fill['liquidity'][] = []

  add({ instrument }: Book, orderId: number, role: OrderRole, side: Side, fill: FillTerms): void {
    const at = this.rows.add()
    const { numbers } = this.rows
    numbers[at] = orderId
    numbers[at + 1] = instrument
    numbers[at + 2] = side
    numbers[at + 3] = fill.time
    numbers[at + 4] = fill.price
    numbers[at + 5] = fill.quantity
    numbers[at + 6] = fill.fee
    numbers[at + 7] = fill.slippage
    this.roles.push(role)
    this.liquidities.push(fill.liquidity)
  }

  list(): Fill[] {
    const { numbers } = this.rows
    return this.roles.map((role, index) => {
      const at = index * FILL_NUMBERS
      return {
        orderId: numbers[at] as number,
        instrument: numbers[at + 1] as number,
        role,
        side: numbers[at + 2] as Side,
        time: numbers[at + 3] as number,
        price: numbers[at + 4] as number,
        quantity: numbers[at + 5] as number,
        fee: numbers[at + 6] as number,
        slippage: numbers[at + 7] as number,
        liquidity: this.liquidities[index] as Fill['liquidity'],
      }
    })
  }
}

const FILL_NUMBERS = 8
