import { describe, expect, test } from 'vitest'
import type { Instrument } from '../../src/core/instrument.js'
import type { Order } from '../../src/core/orders.js'
import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { QuoteFillSettings } from '../../src/execution/quote-fills.js'
import { riskSettings } from '../../src/risk/settings.js'
import type { BrokerEvent, BrokerOrder } from '../../src/runner/broker.js'
import { clientOrderId } from '../../src/runner/client-id.js'
import { QuotesBroker } from '../../src/runner/quotes-broker.js'
import { instrumentOf } from '../engine/scripted.js'
import { describeBroker } from './broker-contract.js'

const START = Date.UTC(2024, 0, 1)

function brokerOf(
  instrument: Partial<Instrument>,
  quotes: Partial<QuoteFillSettings>,
  balance = 10_000,
): QuotesBroker {
  const broker = new QuotesBroker({
    config: {
      instruments: [instrumentOf({ takerFee: 0.001, makerFee: 0.0002, ...instrument })],
      timeframeMs: HOUR_MS,
      risk: riskSettings({}),
      policies: DEFAULT_POLICIES,
      decide: undefined,
    },
    quotes,
    startingBalance: balance,
    startTime: START,
  }) // prettier-ignore
  broker.resume()
  return broker
}

describeBroker('on paper, by quotes', () => {
  const broker = brokerOf({}, {})
  let time = START
  return {
    broker,
    trade: (...prices) => {
      for (const price of prices) {
        time += 60_000
        broker.quote({ instrument: 0, time, bid: price, bidSize: 10, ask: price + 0.01, askSize: 10 })
      }
      time += 1_000
      broker.advance(time)
    },
  }
})

/** A broker on a market in whole numbers: 1 tick, 1 lot, answers told 10 ms later and orders there after 10 ms. */
function stand(settings: Partial<QuoteFillSettings> = {}, instrument: Partial<Instrument> = {}, balance = 10_000) {
  const broker = brokerOf(
    { tickSize: 1, lotSize: 1, minNotional: 100, ...instrument },
    { sendLatencyMs: 10, answerLatencyMs: 10, ...settings },
    balance,
  )
  const events: BrokerEvent[] = []
  broker.listen(({ event }) => void events.push(event))
  return {
    broker,
    events,
    quote: (at: number, bid: number, bidSize: number, ask: number, askSize: number) =>
      broker.quote({ instrument: 0, time: START + at, bid, bidSize, ask, askSize }),
    advance: (at: number) => broker.advance(START + at),
    submit: (changes: Partial<Order> & { readonly id: number }, expiresAt = Infinity) =>
      broker.submit(orderOf(changes, expiresAt)),
    cancel: (id: number) => broker.cancel(clientOrderId('x', id)),
    amend: (id: number, price: number, quantity: number) => broker.amend(clientOrderId('x', id), price, quantity),
    fills: () =>
      events.flatMap((event) => (event.kind === 'fill' ? [[event.fill.time - START, event.fill.price, event.fill.quantity, event.fill.liquidity]] : [])),
    ends: () =>
      events.flatMap((event) => (event.kind === 'order-ended' ? [[event.orderId, event.state, event.reason]] : [])),
  }
} // prettier-ignore

function orderOf(changes: Partial<Order> & { readonly id: number }, expiresAt: number): BrokerOrder {
  const order: Order = {
    instrument: 0,
    role: 'entry',
    kind: 'market',
    side: 1,
    reduceOnly: false,
    quantity: 5,
    price: NaN,
    decidedAt: START,
    state: 'pending',
    filledQuantity: 0,
    exitReason: undefined,
    ...changes,
  }
  return { clientId: clientOrderId('x', order.id), order, rung: 0, expiresAt }
}

describe('quotes fill', () => {
  test('a market order where it arrives, as far as the standing quote goes, and the rest at the quotes that follow', () => {
    const { quote, submit, fills, advance, events } = stand()
    quote(0, 99, 9, 101, 2)
    submit({ id: 1 })
    quote(5, 99, 9, 102, 2)
    quote(20, 99, 9, 103, 1)
    quote(30, 99, 9, 104, 9)
    advance(100)
    // At the venue 10 ms after it was sent: the quote of 5 ms stands there.
    expect(fills()).toEqual([[10, 102, 2, 'taker'], [20, 103, 1, 'taker'], [30, 104, 2, 'taker']]) // prettier-ignore
    // The price in view as it was sent, once; each answer 10 ms after it happened.
    expect(events.filter(({ kind }) => kind === 'quote').map(({ time }) => time - START)).toEqual([0])
    expect(events.filter(({ kind }) => kind === 'fill').map(({ time }) => time - START)).toEqual([20, 30, 40])
  })

  test('what lies beyond the size at once, by linear impact, where that is asked for', () => {
    const { quote, submit, fills, advance } = stand({ beyondSize: 'linear-impact', impactBps: 100 })
    quote(0, 99, 9, 101, 2)
    submit({ id: 1 })
    advance(100)
    // 3 beyond a size of 2 at 100 bps each: 101 · 1.015 = 102.515, on the tick against us.
    expect(fills()).toEqual([[10, 101, 2, 'taker'], [10, 103, 3, 'taker']]) // prettier-ignore
  })

  test('nothing on a quote that is old', () => {
    const { quote, submit, fills, advance } = stand({ quoteLifeMs: 1_000 })
    quote(0, 99, 9, 101, 9)
    advance(5_000)
    submit({ id: 1 })
    advance(6_000)
    expect(fills()).toEqual([])
    quote(7_000, 99, 9, 105, 9)
    advance(8_000)
    expect(fills()).toEqual([[7_000, 105, 5, 'taker']])
  })

  test('a limit once it is traded through; touched, after the wait that was named', () => {
    for (const [touchWaitMs, expected] of [
      [Infinity, 400],
      [150, 300],
    ] as const) {
      // prettier-ignore
      const { quote, submit, fills, advance } = stand({ touchWaitMs })
      quote(0, 99, 9, 101, 9)
      submit({ id: 1, kind: 'limit', price: 98 })
      quote(100, 97, 9, 98, 9)
      quote(200, 97, 9, 98, 8)
      quote(300, 97, 9, 98, 7)
      quote(400, 96, 9, 97, 6)
      advance(500)
      expect(fills()).toEqual([[expected, 98, 5, 'maker']])
    }
  })

  test('a touch that ends begins its wait anew', () => {
    const { quote, submit, fills, advance } = stand({ touchWaitMs: 150 })
    submit({ id: 1, kind: 'limit', price: 98 })
    quote(100, 97, 9, 98, 9)
    quote(200, 97, 9, 99, 9)
    quote(300, 97, 9, 98, 9)
    advance(400)
    expect(fills()).toEqual([])
  })

  test('a limit that reaches the other side takes there, at the better price; what is left rests', () => {
    const { quote, submit, fills, advance } = stand()
    quote(0, 99, 9, 101, 2)
    submit({ id: 1, kind: 'limit', price: 103 })
    quote(50, 99, 9, 103, 9)
    quote(60, 99, 9, 102, 1)
    advance(100)
    expect(fills()).toEqual([[10, 101, 2, 'taker'], [60, 103, 1, 'maker']]) // prettier-ignore
  })

  test('a stop that sells triggers on the bid, and sells at it', () => {
    const { quote, submit, fills, advance, ends, broker } = stand()
    quote(0, 99, 9, 101, 9)
    submit({ id: 1 })
    advance(20)
    submit({ id: 2, role: 'stop', kind: 'stop', side: -1, price: 95, reduceOnly: true })
    submit({ id: 3, role: 'target', kind: 'limit', side: -1, price: 120, reduceOnly: true })
    quote(100, 96, 9, 97, 9)
    quote(200, 94, 3, 96, 9)
    quote(300, 97, 9, 98, 9)
    advance(400)
    // Met, it is a market order: what was not offered at 94 leaves at 97.
    expect(fills().slice(1)).toEqual([[200, 94, 3, 'taker'], [300, 97, 2, 'taker']]) // prettier-ignore
    expect(ends()).toEqual([[3, 'expired', undefined]])
    expect(broker.account()).toMatchObject({ positions: [0], orders: [] })
  })

  test('what arrives before a cancel has filled; what the cancel finds is gone', () => {
    const { quote, submit, cancel, fills, ends, advance } = stand()
    quote(0, 99, 9, 101, 2)
    submit({ id: 1, kind: 'limit', price: 101 })
    advance(15)
    cancel(1)
    quote(20, 98, 9, 100, 1)
    quote(30, 98, 9, 100, 9)
    advance(100)
    expect(fills()).toEqual([[10, 101, 2, 'taker'], [20, 101, 1, 'maker']]) // prettier-ignore
    expect(ends()).toEqual([[1, 'cancelled', undefined]])
  })

  test('an amendment once it has arrived', () => {
    const { quote, submit, amend, fills, advance } = stand()
    submit({ id: 1, kind: 'limit', price: 90 })
    advance(20)
    amend(1, 95, 3)
    quote(25, 91, 9, 94, 9)
    expect(fills()).toEqual([])
    quote(40, 91, 9, 93, 9)
    advance(100)
    // It finds the other side below its new price as it arrives, and takes.
    expect(fills()).toEqual([[30, 94, 3, 'taker']])
  })

  test('nothing that the venue or the wallet would refuse', () => {
    const { quote, submit, ends, fills, advance } = stand({}, { kind: 'spot' }, 1_000)
    quote(0, 99, 99, 101, 99)
    submit({ id: 1, kind: 'limit', price: 90.5 })
    submit({ id: 2, kind: 'limit', price: 90, quantity: 1.5 })
    submit({ id: 3, kind: 'limit', price: 90, quantity: 1 })
    submit({ id: 4, quantity: 10 })
    submit({ id: 5, side: -1 })
    submit({ id: 6, role: 'exit', side: -1 })
    advance(100)
    expect(ends()).toEqual([
      [1, 'rejected', 'no-price'],
      [2, 'rejected', 'lot'],
      [3, 'rejected', 'min-notional'],
      [4, 'rejected', 'no-capital'],
      [5, 'rejected', 'not-shortable'],
      [6, 'rejected', undefined],
    ])
    expect(fills()).toEqual([])
  })

  test('no more than the wallet pays for at the price that is there', () => {
    const { quote, submit, ends, fills, advance, broker } = stand({}, {}, 1_000)
    quote(0, 99, 9, 100, 4)
    submit({ id: 1, quantity: 9 })
    quote(50, 109, 9, 110, 9)
    quote(60, 109, 9, 110, 9)
    advance(100)
    // 400.4 are spent; 599.6 pay for 5 at 110.11.
    expect(fills()).toEqual([[10, 100, 4, 'taker'], [50, 110, 5, 'taker']]) // prettier-ignore
    expect(ends()).toEqual([])
    const poor = stand({}, {}, 1_000)
    poor.quote(0, 99, 9, 100, 4)
    poor.submit({ id: 1, quantity: 9 })
    poor.quote(50, 129, 9, 130, 9)
    poor.quote(60, 129, 9, 130, 9)
    poor.advance(100)
    expect(poor.fills()).toEqual([[10, 100, 4, 'taker'], [50, 130, 4, 'taker']]) // prettier-ignore
    expect(poor.ends()).toEqual([[1, 'expired', 'no-capital']])
    expect(broker.account().cash).toBeCloseTo(1_000 - 0.4 - 0.55, 9)
  })

  test('funding goes to what is held; who came later pays, and never receives', () => {
    const { quote, submit, advance, events, broker } = stand({}, { kind: 'perpetual' })
    quote(0, 99, 9, 101, 9)
    submit({ id: 1, quantity: 2 })
    advance(50)
    const settle = (at: number, rate: number): void => broker.settle({ instrument: 0, time: START + at, rate, mark: 100 }) // prettier-ignore
    settle(100, 0.01)
    settle(5, -0.01)
    settle(6, 0.01)
    settle(100, 0.01)
    advance(200)
    const amounts = events.flatMap((event) => (event.kind === 'funding' ? [[(event.dueTime ?? 0) - START, event.amountPerUnit]] : [])) // prettier-ignore
    expect(amounts).toEqual([[5, 0], [6, 1], [100, 1]]) // prettier-ignore
    submit({ id: 2, role: 'exit', side: -1, quantity: 2 })
    quote(300, 99, 9, 101, 9)
    advance(400)
    // In at 101, out at 99, two of them, fees of 0.1 %, funding twice 1 each.
    expect(broker.account().cash).toBeCloseTo(10_000 - 4 - 0.202 - 0.198 - 4, 9)
  })

  test('quotes that cannot be are passed over and counted; one told twice offers once', () => {
    const { broker, quote, submit, fills, advance } = stand()
    quote(0, 101, 9, 101, 9)
    quote(0, 99, -1, 101, 9)
    quote(0, -99, 1, 101, 9)
    quote(100, 99, 9, 101, 2)
    quote(50, 99, 9, 101, 9)
    submit({ id: 1 })
    advance(120)
    quote(100, 99, 9, 101, 2)
    quote(130, 99, 9, 101, 1)
    quote(130, 99, 9, 101, 1)
    advance(200)
    expect(fills()).toEqual([[110, 101, 2, 'taker'], [130, 101, 1, 'taker']]) // prettier-ignore
    expect([...broker.refused.values()].reduce((sum, one) => sum + one)).toBe(4)
  })

  test('a quote that is told again stands on, and offers only what is left of it', () => {
    const { quote, submit, fills, advance } = stand({ quoteLifeMs: 100 })
    quote(0, 99, 9, 101, 2)
    submit({ id: 1 })
    quote(50, 99, 9, 101, 2)
    quote(140, 99, 9, 101, 2)
    submit({ id: 2, side: -1, role: 'exit', reduceOnly: true, quantity: 2 })
    // Old by the first telling, not by the last.
    advance(200)
    expect(fills()).toEqual([[10, 101, 2, 'taker'], [150, 99, 2, 'taker']]) // prettier-ignore
    quote(210, 99, 9, 101, 3)
    advance(300)
    expect(fills().at(-1)).toEqual([210, 101, 3, 'taker'])
  })

  test('a quote is as old as its venue says; a newer one is not undone by one that was longer on its way', () => {
    const { broker, submit, fills, advance } = stand({ quoteLifeMs: 1_000 })
    const told = (at: number, saidAt: number, ask: number): void => broker.quote({ instrument: 0, time: START + at, venueTime: START + saidAt, bid: 99, bidSize: 9, ask, askSize: 9 }) // prettier-ignore
    expect(broker.ageMs(START)).toBe(Infinity)
    told(2_000, 900, 101)
    submit({ id: 1 })
    advance(2_100)
    expect([fills(), broker.ageMs(START + 2_100)]).toEqual([[], 1_200])
    told(3_000, 2_990, 103)
    told(3_100, 2_500, 102)
    advance(3_200)
    expect([fills(), broker.ageMs(START + 3_200)]).toEqual([[[3_000, 103, 5, 'taker']], 210]) // prettier-ignore
    expect(broker.refused).toEqual(new Map([['it comes too late', 1]]))
  })

  test('what is not listed yet, or no more, is not missed', () => {
    const broker = brokerOf({ listedAt: START + 1_000, delistedAt: START + 5_000 }, {})
    expect([0, 999, 1_000, 4_999, 5_000].map((at) => broker.ageMs(START + at))).toEqual([0, 0, Infinity, Infinity, 0]) // prettier-ignore
  })

  test('an order that rests ends with its life', () => {
    const { submit, ends, quote, fills, advance } = stand()
    submit({ id: 1, kind: 'limit', price: 90 }, START + 100)
    quote(100, 80, 9, 81, 9)
    advance(200)
    expect(fills()).toEqual([])
    expect(ends()).toEqual([[1, 'expired', undefined]])
  })
})
