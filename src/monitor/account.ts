import type { ExitReason, Fill, Order, Side } from '../core/orders.js'
import { utcDayStart } from '../core/time.js'
import { Position } from '../portfolio/position.js'
import type { BrokerMessage } from '../runner/broker.js'
import type { Intent } from '../runner/desk.js'

/** A round trip, from flat to flat in one instrument, as its fills tell it. Money in quote units, times UTC ms. */
export interface ClosedRoundTrip {
  readonly instrument: number
  readonly side: Side
  /** Base units, positive. */
  readonly quantity: number
  readonly entryTime: number
  readonly entryPrice: number
  readonly exitTime: number
  /** Start of the UTC day that it counts in: a fill within the last bar of a day, or at its very close, belongs to that day, one at the open to the next. */
  readonly exitDay: number
  readonly exitPrice: number
  readonly exitReason: ExitReason
  readonly fees: number
  readonly slippage: number
  /** Received, positive; paid, negative. */
  readonly funding: number
  /** Net of fees, slippage and funding. */
  readonly profit: number
}

/** What is held in one instrument, at the newest close that is known. Money in quote units. */
export interface HeldPosition {
  readonly instrument: number
  readonly side: Side
  /** Base units, positive. */
  readonly quantity: number
  readonly entryTime: number
  readonly entryPrice: number
  /** The newest close. */
  readonly price: number
  readonly notional: number
  /** Unrealised: price difference and funding, before any exit cost. */
  readonly unrealised: number
  readonly funding: number
  /** Of the orders that protect it; undefined where none is out. */
  readonly stopPrice: number | undefined
  readonly targetPrice: number | undefined
}

/** An order that is out, as far as the session knows. */
export interface OrderOut {
  readonly order: Order
  readonly clientId: string
  /** Trigger of a stop, limit of a limit order, NaN for a market order; as it was last amended. */
  readonly price: number
  readonly quantity: number
  readonly filledQuantity: number
  readonly isAcknowledged: boolean
}

/** A fill beside what its order asked for. */
export interface FillOfOrder {
  readonly fill: Fill
  /** The price that the order named; NaN where it named none. */
  readonly askedPrice: number
}

interface Trip {
  side: Side
  entryTime: number
  entered: number
  enteredNotional: number
  exited: number
  exitedNotional: number
  fees: number
  slippage: number
  funding: number
  released: number
}

interface Out {
  order: Order
  clientId: string
  price: number
  quantity: number
  filledQuantity: number
  isAcknowledged: boolean
  isMoved: boolean
}

/**
 * An account by what a broker said of fills and funding, and the orders that are out by what was sent and what came back: a second pair of
 * eyes on a session, which knows nothing of its strategy and nothing of its reducer. Entries are averaged; money is counted by the ledger's
 * own positions.
 */
export class SessionAccount {
  readonly startingBalance: number
  /** Starting balance + realised profit − fees + realised funding. */
  cash: number
  readonly trips: ClosedRoundTrip[] = []
  readonly fills: FillOfOrder[] = []
  /** Settlements of funding over a position whose rate nobody knew: the money is short of them. */
  unknownFunding: number = 0
  private readonly trails: boolean
  private readonly positions: readonly Position[]
  private readonly closes: Float64Array
  /** Of the newest bars, UTC ms. */
  private closeTime: number = NaN
  private readonly fundingIndex: Float64Array
  private readonly open: (Trip | undefined)[]
  private readonly orders: Map<number, Out> = new Map()
  private readonly ids: Map<string, number> = new Map()

  /** @param trails stops follow the price, so that one which was moved is told from one which was not */
  constructor(startingBalance: number, instruments: number, trails: boolean = false) {
    this.trails = trails
    this.startingBalance = startingBalance
    this.cash = startingBalance
    this.positions = Array.from({ length: instruments }, () => new Position())
    this.closes = new Float64Array(instruments).fill(NaN)
    this.fundingIndex = new Float64Array(instruments)
    this.open = this.positions.map(() => undefined)
  }

  /** A bar has closed at a price. What a broker made of bars says afterwards happened within that bar, or at its open. */
  price(instrument: number, close: number, closeTime: number): void {
    this.closes[instrument] = close
    this.closeTime = closeTime
  }

  /** An order left the house, or was changed or called back. */
  sent(intent: Intent): void {
    if (intent.kind === 'submit') {
      const { order, clientId } = intent.order
      const { price, quantity } = order
      this.ids.set(clientId, order.id)
      this.orders.set(order.id, { order, clientId, price, quantity, filledQuantity: 0, isAcknowledged: false, isMoved: false }) // prettier-ignore
      return
    }
    const id = this.ids.get(intent.clientId)
    const out = id === undefined ? undefined : this.orders.get(id)
    if (out === undefined) return
    if (intent.kind === 'cancel') this.end(out)
    else {
      if (this.trails && intent.price !== out.price) out.isMoved = true
      out.price = intent.price
      out.quantity = intent.quantity
    }
  }

  /** A broker told of something. Throws LedgerError for a fill that closes more than is held. */
  heard({ event }: BrokerMessage): void {
    if (event.kind === 'fill') this.filled(event.fill)
    else if (event.kind === 'funding') this.funded(event.instrument, event.amountPerUnit)
    else if (event.kind === 'order-accepted') {
      const out = this.orders.get(event.orderId)
      if (out !== undefined) out.isAcknowledged = true
    } else if (event.kind === 'order-ended') {
      const out = this.orders.get(event.orderId)
      if (out !== undefined) this.end(out)
    }
  }

  private end(out: Out): void {
    this.orders.delete(out.order.id)
    this.ids.delete(out.clientId)
  }

  private funded(instrument: number, amountPerUnit: number): void {
    const isHeld = this.position(instrument).quantity !== 0
    if (Number.isNaN(amountPerUnit)) this.unknownFunding += isHeld ? 1 : 0
    else this.fundingIndex[instrument] = (this.fundingIndex[instrument] as number) + amountPerUnit
  }

  private filled(fill: Fill): void {
    const out = this.orders.get(fill.orderId)
    this.fills.push({ fill, askedPrice: out?.price ?? NaN })
    if (fill.role === 'entry') this.enter(fill)
    else this.leave(fill, reasonOf(fill, out))
    if (out === undefined || fill.role === 'liquidation') return
    out.filledQuantity += fill.quantity
    if (out.filledQuantity >= out.quantity) this.end(out)
  }

  private enter(fill: Fill): void {
    const { instrument, side, quantity, price, fee, slippage, time } = fill
    this.position(instrument).increase(side, fill, this.fundingIndex, instrument)
    this.cash -= fee
    const trip = (this.open[instrument] ??= {
      side, entryTime: time, entered: 0, enteredNotional: 0, exited: 0, exitedNotional: 0, fees: 0, slippage: 0, funding: 0, released: 0,
    }) // prettier-ignore
    trip.entered += quantity
    trip.enteredNotional += quantity * price
    trip.fees += fee
    trip.slippage += slippage
  }

  private leave(fill: Fill, exitReason: ExitReason): void {
    const { instrument, quantity, price, fee, slippage, time } = fill
    const position = this.position(instrument)
    const accrued = position.accruedFunding(this.fundingIndex[instrument] as number)
    const share = Math.min(1, quantity / Math.abs(position.quantity))
    const released = position.decrease(fill, this.fundingIndex, instrument)
    this.cash += released - fee
    const trip = this.open[instrument] as Trip
    trip.released += released
    trip.exited += quantity
    trip.exitedNotional += quantity * price
    trip.funding += accrued * share
    trip.fees += fee
    trip.slippage += slippage
    if (position.quantity !== 0) return
    this.open[instrument] = undefined
    const { side, entryTime, entered, enteredNotional, exited, exitedNotional, fees, funding } = trip
    this.trips.push({
      instrument,
      side,
      quantity: entered,
      entryTime,
      entryPrice: enteredNotional / entered,
      exitTime: time,
      exitDay: utcDayStart(time === this.closeTime ? time - 1 : time),
      exitPrice: exitedNotional / exited,
      exitReason,
      fees,
      slippage: trip.slippage,
      funding,
      profit: trip.released - fees,
    })
  }

  private position(instrument: number): Position {
    const position = this.positions[instrument]
    if (position === undefined) throw new RangeError(`no instrument ${instrument}`)
    return position
  }

  /** Quote units, at the newest closes. NaN where something is held that never had a price. */
  equity(): number {
    return this.positions.reduce((sum, position, at) => sum + position.worth(this.mark(at)), this.cash)
  }

  private mark(instrument: number): number {
    return (this.closes[instrument] as number) - (this.fundingIndex[instrument] as number)
  }

  held(): HeldPosition[] {
    return this.positions.flatMap((position, instrument) => {
      const { quantity, entryPrice } = position
      if (quantity === 0) return []
      const price = this.closes[instrument] as number
      const protective = this.out().filter(({ order }) => order.instrument === instrument)
      const priceOf = (role: Order['role']): number | undefined =>
        protective.find(({ order }) => order.role === role)?.price
      return {
        instrument,
        side: quantity > 0 ? 1 : -1,
        quantity: Math.abs(quantity),
        entryTime: this.open[instrument]?.entryTime ?? NaN,
        entryPrice,
        price,
        notional: Math.abs(quantity) * price,
        unrealised: position.worth(this.mark(instrument)),
        funding: position.accruedFunding(this.fundingIndex[instrument] as number),
        stopPrice: priceOf('stop'),
        targetPrice: priceOf('target'),
      } as const
    })
  }

  /** Orders that are out, oldest first. */
  out(): OrderOut[] {
    return [...this.orders.values()]
  }
}

/** Why a position was left. A stop that has been moved since it was sent follows the price. */
function reasonOf({ role }: Fill, out: Out | undefined): ExitReason {
  if (role === 'liquidation') return 'liquidation'
  if (out?.isMoved === true && out.order.exitReason === 'stop-loss') return 'trailing-stop'
  return out?.order.exitReason ?? 'manual'
}
