import type { CostSettings } from '../engine/options.js'
import { activeOrders, PaperVenue } from '../engine/paper-venue.js'
import type { TradingConfig } from '../trading/state.js'
import type { Broker, BrokerAccount, BrokerEvent, BrokerMessage, BrokerOrder, FedByBars } from './broker.js'

/** What an account on paper is opened with. */
export interface PaperBrokerSettings {
  readonly config: TradingConfig
  readonly costs: CostSettings
  /** Quote units. */
  readonly startingBalance: number
  /** UTC ms. */
  readonly startTime: number
}

/**
 * A broker on paper whose fill model is `bars`: what a closed bar does to the orders that were out is the replay's own venue, so that a
 * session on paper is the backtest of the same bars. It keeps its own account and never asks the session.
 */
export class PaperBroker implements Broker {
  readonly name: string = 'paper (bars)'
  readonly bars: FedByBars
  private readonly venue: PaperVenue
  /** Every order ever sent, by client id. */
  private readonly sent: Map<string, BrokerOrder> = new Map()
  private readonly clientIds: Map<number, string> = new Map()
  private tell: (message: BrokerMessage) => void = () => undefined
  private told: number = 0

  constructor({ config, costs, startingBalance, startTime }: PaperBrokerSettings) {
    this.venue = new PaperVenue(config, costs, startingBalance, startTime, (event) =>
      this.send(event as BrokerEvent),
    )
    this.bars = this.venue
  }

  listen(tell: (message: BrokerMessage) => void): void {
    this.tell = tell
  }

  submit(order: BrokerOrder): void {
    if (this.sent.has(order.clientId)) return
    this.sent.set(order.clientId, order)
    this.clientIds.set(order.order.id, order.clientId)
    this.venue.submit(order.order, order.rung, order.expiresAt)
    const { instrument, id: orderId } = order.order
    this.send({ kind: 'order-accepted', time: this.venue.state.now, instrument, orderId })
  }

  amend(clientId: string, price: number, quantity: number): void {
    const order = this.sent.get(clientId)?.order
    if (order !== undefined) this.venue.amend(order.instrument, order.id, price, quantity)
  }

  cancel(clientId: string): void {
    const order = this.sent.get(clientId)?.order
    if (order === undefined || !this.venue.cancel(order.instrument, order.id)) return
    const { instrument, id: orderId } = order
    this.send({ kind: 'order-ended', time: this.venue.state.now, instrument, orderId, state: 'cancelled' })
  }

  account(): BrokerAccount {
    const { account, books } = this.venue.state
    return {
      cash: account.cash,
      positions: account.positions.map(({ quantity }) => quantity),
      orders: books.flatMap((book) =>
        activeOrders(book).map(({ id, price, quantity, filledQuantity }) => ({
          clientId: this.clientIds.get(id) ?? '',
          price,
          quantity,
          filledQuantity,
        })),
      ),
    }
  }

  private send(event: BrokerEvent): void {
    this.tell({ id: String(++this.told), event })
  }
}
