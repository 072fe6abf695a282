import { describe, expect, test } from 'vitest'
import type { Order } from '../../src/core/orders.js'
import type { Broker, BrokerEvent, BrokerOrder } from '../../src/runner/broker.js'
import { clientOrderId } from '../../src/runner/client-id.js'

/** A broker to be tried, with one instrument, flat, and a market that goes where the test wants it. */
export interface BrokerStand {
  readonly broker: Broker
  /** Lets the market trade through these prices, one bar, and every event of it arrive. */
  trade(open: number, high: number, low: number, close: number): void
}

function orderOf(id: number, changes: Partial<Order> = {}): BrokerOrder {
  const order: Order = {
    id,
    instrument: 0,
    role: 'entry',
    kind: 'market',
    side: 1,
    reduceOnly: false,
    quantity: 2,
    price: NaN,
    decidedAt: Date.UTC(2024, 0, 1),
    state: 'pending',
    filledQuantity: 0,
    exitReason: undefined,
    ...changes,
  }
  return { clientId: clientOrderId('contract', id), order, rung: 0, expiresAt: Infinity }
}

const stopOf = (id: number, price: number): BrokerOrder =>
  orderOf(id, { role: 'stop', kind: 'stop', side: -1, price, reduceOnly: true })

/** What every broker keeps to: those on paper, and live ones against a stand that plays the exchange. */
export function describeBroker(name: string, stand: () => BrokerStand): void {
  function begin(): BrokerStand & { readonly events: BrokerEvent[]; readonly ids: string[] } {
    const made = stand()
    const events: BrokerEvent[] = []
    const ids: string[] = []
    made.broker.listen(({ id, event }) => {
      ids.push(id)
      events.push(event)
    })
    return { ...made, events, ids }
  }
  const kinds = (events: readonly BrokerEvent[]): string[] =>
    events.map(({ kind }) => kind).filter((kind) => kind !== 'opens' && kind !== 'quote')

  describe(`a broker: ${name}`, () => {
    test('accepts an order, fills it, and its account says so', () => {
      const { broker, trade, events } = begin()
      broker.submit(orderOf(1))
      trade(100, 101, 99, 100)
      expect(kinds(events)).toEqual(['order-accepted', 'fill'])
      expect(events.at(-1)).toMatchObject({ fill: { orderId: 1, side: 1, quantity: 2 } })
      expect(broker.account()).toMatchObject({ positions: [2], orders: [] })
    })

    test('takes the same client id once, before and after it is filled', () => {
      const { broker, trade, events } = begin()
      broker.submit(orderOf(1))
      broker.submit(orderOf(1))
      trade(100, 101, 99, 100)
      broker.submit(orderOf(1))
      trade(100, 101, 99, 100)
      expect(kinds(events)).toEqual(['order-accepted', 'fill'])
      expect(broker.account().positions).toEqual([2])
    })

    test('cancels what is out, once, and nothing else', () => {
      const { broker, trade, events } = begin()
      const limit = orderOf(1, { kind: 'limit', price: 90 })
      broker.submit(limit)
      expect(broker.account().orders).toEqual([{ clientId: limit.clientId, price: 90, quantity: 2, filledQuantity: 0 }]) // prettier-ignore
      broker.cancel(limit.clientId)
      broker.cancel(limit.clientId)
      broker.cancel(clientOrderId('contract', 99))
      trade(100, 101, 80, 100)
      expect(kinds(events)).toEqual(['order-accepted', 'order-ended'])
      expect(broker.account()).toMatchObject({ positions: [0], orders: [] })
    })

    test('amends what is out; what is not out stays as it was', () => {
      const { broker, trade, events } = begin()
      const entry = orderOf(1)
      broker.submit(entry)
      broker.amend(entry.clientId, NaN, 1)
      trade(100, 101, 99, 100)
      broker.amend(entry.clientId, NaN, 5)
      broker.amend(clientOrderId('contract', 99), 1, 1)
      expect(events.at(-1)).toMatchObject({ kind: 'fill', fill: { quantity: 1 } })
      expect(broker.account().positions).toEqual([1])
    })

    test('holds a stop until its price is met', () => {
      const { broker, trade, events } = begin()
      broker.submit(orderOf(1))
      trade(100, 101, 99, 100)
      broker.submit(stopOf(2, 95))
      trade(100, 101, 96, 100)
      expect(broker.account().positions).toEqual([2])
      trade(100, 101, 94, 95)
      expect(events.at(-1)).toMatchObject({ kind: 'fill', fill: { orderId: 2, role: 'stop', side: -1, quantity: 2 } }) // prettier-ignore
      expect(broker.account()).toMatchObject({ positions: [0], orders: [] })
    })

    test('a fill wins over a cancel that comes after it', () => {
      const { broker, trade, events } = begin()
      const entry = orderOf(1)
      broker.submit(entry)
      trade(100, 101, 99, 100)
      broker.cancel(entry.clientId)
      trade(100, 101, 99, 100)
      expect(kinds(events)).toEqual(['order-accepted', 'fill'])
      expect(broker.account()).toMatchObject({ positions: [2], orders: [] })
    })

    test('fills a limit that rests once the price has gone through it, at its own price', () => {
      const { broker, trade, events } = begin()
      broker.submit(orderOf(1, { kind: 'limit', price: 90 }))
      trade(100, 101, 91, 100)
      expect(broker.account().positions).toEqual([0])
      trade(100, 101, 85, 100)
      expect(events.at(-1)).toMatchObject({ kind: 'fill', fill: { orderId: 1, price: 90, liquidity: 'maker', quantity: 2 } }) // prettier-ignore
      expect(broker.account()).toMatchObject({ positions: [2], orders: [] })
    })

    test('closes what is held by an exit, and asks for the fee of a taker', () => {
      const { broker, trade, events } = begin()
      broker.submit(orderOf(1))
      trade(100, 101, 99, 100)
      broker.submit(orderOf(2, { role: 'exit', side: -1, reduceOnly: true }))
      trade(100, 101, 99, 100)
      const last = events.findLast(({ kind }) => kind === 'fill')
      if (last?.kind !== 'fill') throw new Error('no fill')
      const { price, quantity, fee, liquidity } = last.fill
      expect({ quantity, liquidity }).toEqual({ quantity: 2, liquidity: 'taker' })
      expect(fee).toBeCloseTo(price * quantity * 0.001, 12)
      expect(broker.account()).toMatchObject({ positions: [0], orders: [] })
    })

    test('never tells two things by one id, nor a fill of more than was ordered', () => {
      const { broker, trade, events, ids } = begin()
      broker.submit(orderOf(1))
      trade(100, 101, 99, 100)
      broker.submit(stopOf(2, 95))
      trade(90, 91, 89, 90)
      expect(new Set(ids).size).toBe(ids.length)
      const filled = events.reduce((sum, event) => sum + (event.kind === 'fill' ? event.fill.quantity * event.fill.side : 0), 0) // prettier-ignore
      expect(filled).toBe(0)
    })

    test('keeps a cash that is what its fills made', () => {
      const { broker, trade, events } = begin()
      const before = broker.account().cash
      broker.submit(orderOf(1))
      trade(100, 101, 99, 100)
      broker.submit(stopOf(2, 95))
      trade(100, 101, 94, 95)
      const made = events.reduce((sum, event) => {
        if (event.kind !== 'fill') return sum
        const { side, price, quantity, fee } = event.fill
        return sum - side * price * quantity - fee
      }, 0)
      expect(broker.account().cash).toBeCloseTo(before + made, 9)
    })
  })
}
