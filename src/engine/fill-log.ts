import type { Fill, OrderRole, Side } from '../core/orders.js'
import type { FillTerms } from '../trading/fills.js'
import { NumberRows } from './number-rows.js'
import { WordColumn } from './word-column.js'

const FILL_NUMBERS = 8
const [ORDER_ID, INSTRUMENT, SIDE, TIME, PRICE, QUANTITY, FEE, SLIPPAGE] = [0, 1, 2, 3, 4, 5, 6, 7] as const

/** Every fill of a run, in columns as OrderLog keeps orders. */
export class FillLog {
  private readonly numbers: NumberRows = new NumberRows(FILL_NUMBERS)
  private readonly roles: WordColumn<OrderRole> = new WordColumn()
  private readonly liquidities: WordColumn<Fill['liquidity']> = new WordColumn()

  get count(): number {
    return this.roles.length
  }

  add(orderId: number, instrument: number, role: OrderRole, side: Side, fill: FillTerms): void {
    const row = this.numbers.add()
    const { values } = this.numbers
    values[row + ORDER_ID] = orderId
    values[row + INSTRUMENT] = instrument
    values[row + SIDE] = side
    values[row + TIME] = fill.time
    values[row + PRICE] = fill.price
    values[row + QUANTITY] = fill.quantity
    values[row + FEE] = fill.fee
    values[row + SLIPPAGE] = fill.slippage
    this.roles.push(role)
    this.liquidities.push(fill.liquidity)
  }

  list(): Fill[] {
    return Array.from({ length: this.roles.length }, (_, at) => {
      const row = at * FILL_NUMBERS
      const { values } = this.numbers
      return {
        orderId: values[row + ORDER_ID] as number,
        instrument: values[row + INSTRUMENT] as number,
        role: this.roles.at(at),
        side: values[row + SIDE] as Side,
        time: values[row + TIME] as number,
        price: values[row + PRICE] as number,
        quantity: values[row + QUANTITY] as number,
        fee: values[row + FEE] as number,
        slippage: values[row + SLIPPAGE] as number,
        liquidity: this.liquidities.at(at),
      }
    })
  }
}
