import { describe, expect, test } from 'vitest'
import { LedgerError } from '../../src/core/errors.js'
import type { Fill } from '../../src/core/orders.js'
import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import { ENTER_LONG, EXIT_LONG, LONG_OFF } from '../../src/core/signals.js'
import { HOUR_MS } from '../../src/core/time.js'
import { cashFraction, riskSettings, type RiskSettings } from '../../src/risk/settings.js'
import type { Command } from '../../src/trading/commands.js'
import type { TradingEvent } from '../../src/trading/events.js'
import { TradingState } from '../../src/trading/state.js'
import { step } from '../../src/trading/step.js'
import { instrumentOf } from '../engine/scripted.js'

const START = Date.UTC(2024, 0, 1)

/** A session of one or more instruments, as a live one runs: events in, commands out, nobody else around. */
function session(
  ids: readonly string[] = ['test:A'],
  risk: Partial<RiskSettings> = {},
): { state: TradingState; send: (event: TradingEvent) => Command[] } {
  const state = new TradingState(
    {
      instruments: ids.map((id) => instrumentOf({ id })),
      timeframeMs: HOUR_MS,
      risk: riskSettings(risk),
      policies: DEFAULT_POLICIES,
      decide: undefined,
    },
    10_000,
    START,
  )
  return {
    state,
    send: (event) => {
      const commands: Command[] = []
      step(state, event, commands)
      return commands
    },
  }
}

function bar(hour: number, bits: number, close = 100, instruments = 1): TradingEvent {
  const signal = { bits, score: NaN, coverage: NaN, rearmKey: NaN, atr: NaN }
  const prices = { open: 100, high: Math.max(100, close), low: Math.min(100, close), close }
  const bars = Array.from({ length: instruments }, (_, instrument) => ({
    instrument,
    ...prices,
    signal,
    usable: true,
    features: undefined,
  }))
  return { kind: 'bars', time: START + hour * HOUR_MS, bars }
}

function fill(orderId: number, changes: Partial<Fill> = {}): TradingEvent {
  const time = START + 1.5 * HOUR_MS
  return {
    kind: 'fill',
    time,
    undecided: false,
    fill: {
      orderId,
      instrument: 0,
      role: 'entry',
      side: 1,
      time,
      price: 100,
      quantity: 10,
      fee: 0,
      slippage: 0,
      liquidity: 'taker',
      ...changes,
    },
  }
}

const ordersOf = (commands: readonly Command[]): unknown[] =>
  commands.map((command) =>
    command.kind === 'submit'
      ? [
          'submit',
          command.order.role,
          command.order.kind,
          command.order.side,
          command.order.quantity,
          command.order.price,
        ]
      : command.kind === 'amend'
        ? ['amend', command.orderId, command.price, command.quantity]
        : command.kind === 'cancel'
          ? ['cancel', command.orderId]
          : [command.kind],
  )

describe('the reducer on its own', () => {
  test('sends one entry, then both protective orders for what was filled, and follows partial fills', () => {
    const { send, state } = session()
    expect(ordersOf(send(bar(1, ENTER_LONG)))).toEqual([['submit', 'entry', 'market', 1, 10, NaN]])
    send({ kind: 'order-accepted', time: START + HOUR_MS, instrument: 0, orderId: 1 })
    expect(state.book(0).entry.state).toBe('working')
    expect(ordersOf(send(fill(1, { quantity: 4 })))).toEqual([
      ['submit', 'stop', 'stop', -1, 4, 98],
      ['submit', 'target', 'limit', -1, 4, 104],
    ])
    expect(state.book(0).entry.state).toBe('partially-filled')
    // 4 at 100 and 6 at 105 are 10 at 103: levels follow the average fill, for the filled quantity
    expect(ordersOf(send(fill(1, { quantity: 6, price: 105 })))).toEqual([
      ['amend', 2, 101, 10],
      ['amend', 3, 107, 10],
    ])
  })

  test('two entries at one close share the free capital: the second is sized from what the first leaves', () => {
    const { send } = session(['test:A', 'test:B'], { sizing: cashFraction(0.6) })
    expect(ordersOf(send(bar(1, ENTER_LONG, 100, 2)))).toEqual([
      ['submit', 'entry', 'market', 1, 60, NaN],
      // 0.6 · (10,000 − 6,000) / 100
      ['submit', 'entry', 'market', 1, 24, NaN],
    ])
  })

  test('an entry is fitted to the price it is about to fill at, or given up', () => {
    const { send, state } = session(['test:A'], { sizing: cashFraction(1) })
    send(bar(1, ENTER_LONG))
    const quote = (price: number): TradingEvent => ({
      kind: 'quote',
      time: START + HOUR_MS,
      instrument: 0,
      price,
    })
    expect(send(quote(80))).toEqual([])
    expect(ordersOf(send(quote(125)))).toEqual([['amend', 1, NaN, 80]])
    expect(state.book(0).entry.quantity).toBe(80)
    state.account.cash = 0
    expect(ordersOf(send(quote(125)))).toEqual([['cancel', 1], ['blocked']])
    expect(state.book(0).entry.state).toBe('cancelled')
  })

  test('after an exit only a bar on which the condition is known to be off arms the side again', () => {
    const { send } = session()
    send(bar(1, ENTER_LONG))
    send(fill(1))
    send(fill(2, { role: 'stop', side: -1, price: 98 }))
    send(bar(2, 0))
    expect(send(bar(3, ENTER_LONG))).toMatchObject([{ kind: 'blocked', reason: 'not-rearmed' }])
    send(bar(4, LONG_OFF))
    expect(ordersOf(send(bar(5, ENTER_LONG)))).toMatchObject([
      ['submit', 'entry', 'market', 1, expect.anything(), NaN],
    ])
  })

  test('after a partial exit the rest stays protected; after the last one nothing is out', () => {
    const { send, state } = session()
    send(bar(1, ENTER_LONG))
    send(fill(1))
    const sold = { role: 'target', side: -1, price: 104, liquidity: 'maker' } as const
    expect(ordersOf(send(fill(3, { ...sold, quantity: 4 })))).toEqual([['amend', 2, 98, 6]])
    expect(ordersOf(send(fill(3, { ...sold, quantity: 6 })))).toEqual([['cancel', 2], ['trade']])
    expect(state.account.cash).toBe(10_040)
  })

  test.each([
    ['of an order that was never sent', { orderId: 99 }],
    ['on the other side', { side: -1 }],
    ['of more than is open', { quantity: 11 }],
    ['of nothing', { quantity: 0 }],
    ['of an order that is not out', { role: 'exit', orderId: 1 }],
  ] as const)('refuses a fill %s, and nothing changes', (_what, changes) => {
    const { send, state } = session()
    send(bar(1, ENTER_LONG))
    const before = structuredClone({ cash: state.account.cash, entry: { ...state.book(0).entry } })
    expect(() => send(fill(1, changes))).toThrow(LedgerError)
    expect({ cash: state.account.cash, entry: { ...state.book(0).entry } }).toEqual(before)
    expect(state.account.position(0).quantity).toBe(0)
  })

  test('an order that a venue rejects leaves the side free for the next signal', () => {
    const { send } = session()
    send(bar(1, ENTER_LONG))
    send({ kind: 'order-ended', time: START + HOUR_MS, instrument: 0, orderId: 1, state: 'rejected' })
    expect(ordersOf(send(bar(2, ENTER_LONG)))).toEqual([['submit', 'entry', 'market', 1, 10, NaN]])
  })

  test('a flatten event cancels the entry that is out and closes what is held', () => {
    const { send } = session()
    send(bar(1, ENTER_LONG))
    expect(ordersOf(send({ kind: 'flatten', time: START + HOUR_MS, reason: 'manual' }))).toEqual([
      ['cancel', 1],
    ])
    send(bar(2, 0))
    send(bar(3, ENTER_LONG))
    send(fill(2))
    expect(ordersOf(send({ kind: 'flatten', time: START + 4 * HOUR_MS, reason: 'manual' }))).toEqual([
      ['submit', 'exit', 'market', -1, 10, NaN],
    ])
  })

  test('a timer begins the new day: the halt is over without a bar', () => {
    const { send, state } = session()
    state.halted = true
    send({ kind: 'timer', time: START + 23 * HOUR_MS })
    expect(state.halted).toBe(true)
    send({ kind: 'timer', time: START + 24 * HOUR_MS })
    expect(state.halted).toBe(false)
  })

  test('a day that ends with a close begins with the mark of that close, though a fill came at the same instant before it', () => {
    const { send, state } = session()
    send(bar(22, ENTER_LONG))
    const midnight = START + 24 * HOUR_MS
    send({ ...fill(1), time: START + 23 * HOUR_MS } as TradingEvent)
    send(bar(23, 0, 101))
    send({ ...fill(2, { role: 'stop', side: -1, price: 98 }), time: midnight } as TradingEvent)
    send(bar(24, 0, 98))
    expect(state.account.cash).toBe(9_980)
    expect([state.dayStartEquity, state.nextMidnight]).toEqual([9_980, midnight + 24 * HOUR_MS])
  })

  test('while it is held nothing is entered, and what is held may leave', () => {
    const { send } = session()
    send({ kind: 'hold', time: START, isHeld: true })
    expect(send(bar(1, ENTER_LONG))).toMatchObject([{ kind: 'blocked', reason: 'halted' }])
    send({ kind: 'hold', time: START + HOUR_MS, isHeld: false })
    send(bar(2, ENTER_LONG))
    send(fill(1))
    send({ kind: 'hold', time: START + 2 * HOUR_MS, isHeld: true })
    expect(ordersOf(send(bar(3, EXIT_LONG)))).toMatchObject([['submit', 'exit', 'market', -1, 10, NaN]])
  })

  test('an order whose life is over is called back at its venue, one that the venue has ended is not', () => {
    const { send } = session(['test:A'], {
      entry: { kind: 'limit', distance: { kind: 'percent', fraction: 0.01 }, lifeBars: 1 },
    })
    send(bar(1, ENTER_LONG))
    expect(ordersOf(send(bar(2, 0)))).toEqual([['cancel', 1], ['blocked']])
    send(bar(3, ENTER_LONG))
    expect(send({ kind: 'order-ended', time: START + 4 * HOUR_MS, instrument: 0, orderId: 2, state: 'expired' })).toMatchObject([{ kind: 'blocked', reason: 'unfilled' }]) // prettier-ignore
  })
})
