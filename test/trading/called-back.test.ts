import { describe, expect, test } from 'vitest'
import { LedgerError } from '../../src/core/errors.js'
import type { Fill } from '../../src/core/orders.js'
import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import { ENTER_LONG, EXIT_LONG } from '../../src/core/signals.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { riskSettings, type RiskSettings } from '../../src/risk/settings.js'
import type { Command } from '../../src/trading/commands.js'
import type { TradingEvent } from '../../src/trading/events.js'
import { TradingState } from '../../src/trading/state.js'
import { step } from '../../src/trading/step.js'
import { instrumentOf } from '../engine/scripted.js'

const START = Date.UTC(2024, 0, 1)

function session(risk: Partial<RiskSettings> = {}): {
  state: TradingState
  send: (event: TradingEvent) => Command[]
} {
  // prettier-ignore
  const config = {
    instruments: [instrumentOf({})],
    timeframeMs: HOUR_MS,
    risk: riskSettings(risk),
    policies: DEFAULT_POLICIES,
    decide: undefined,
  }
  const state = new TradingState(config, 10_000, START)
  return {
    state,
    send: (event) => {
      const commands: Command[] = []
      step(state, event, commands)
      return commands
    },
  }
}

function bar(hour: number, bits: number, close = 100): TradingEvent {
  const signal = { bits, score: NaN, coverage: NaN, rearmKey: NaN, atr: NaN }
  const prices = { open: 100, high: Math.max(100, close), low: Math.min(100, close), close }
  return { kind: 'bars', time: START + hour * HOUR_MS, bars: [{ instrument: 0, ...prices, signal, usable: true, features: undefined }] } // prettier-ignore
}

function fill(orderId: number, changes: Partial<Fill> = {}): TradingEvent {
  const time = START + 1.5 * HOUR_MS
  return {
    kind: 'fill',
    time,
    undecided: false,
    inside: true,
    fill: { orderId, instrument: 0, role: 'entry', side: 1, time, price: 100, quantity: 10, fee: 0, slippage: 0, liquidity: 'taker', ...changes },
  } // prettier-ignore
}

const stop = (orderId: number, quantity: number): TradingEvent => fill(orderId, { role: 'stop', side: -1, price: 98, quantity }) // prettier-ignore
const kinds = (commands: readonly Command[]): string[] =>
  commands.map((command) => (command.kind === 'submit' ? `submit ${command.order.role}` : command.kind))
const withdraw: TradingEvent = { kind: 'withdraw', time: START + HOUR_MS }

describe('an order that was called back', () => {
  test('and has filled before opens a position, which is protected by the plan of its own decision', () => {
    const { send, state } = session()
    send(bar(1, ENTER_LONG))
    expect(kinds(send(withdraw))).toEqual(['cancel', 'blocked'])
    expect(kinds(send(fill(1, { quantity: 4 })))).toEqual(['submit stop', 'submit target'])
    expect(state.book(0).stop.price).toBe(98)
    expect(state.book(0).position.quantity).toBe(4)
    send(fill(1, { quantity: 6 }))
    expect(state.book(0).stop).toMatchObject({ quantity: 10, isActive: true })
    expect(() => send(fill(1, { quantity: 1 }))).toThrow(LedgerError)
  })

  test('calls the entry back that was sent since: nothing is entered beside it', () => {
    const { send, state } = session()
    send(bar(1, ENTER_LONG))
    send(withdraw)
    send(bar(2, ENTER_LONG))
    expect(state.book(0).entry).toMatchObject({ id: 2, isActive: true })
    const commands = send(fill(1))
    expect(commands).toContainEqual({ kind: 'cancel', orderId: 2, instrument: 0 })
    expect(kinds(commands)).toEqual(['cancel', 'submit stop', 'submit target'])
  })

  test('is forgotten once the venue says that it is gone', () => {
    const { send } = session()
    send(bar(1, ENTER_LONG))
    send(withdraw)
    send({ kind: 'order-ended', time: START + HOUR_MS, instrument: 0, orderId: 1, state: 'cancelled' })
    expect(() => send(fill(1))).toThrow(LedgerError)
  })

  test('that leaves takes off what is held, and ends the trade where that is all of it', () => {
    const { send, state } = session()
    send(bar(1, ENTER_LONG))
    send(fill(1))
    // Met in part, the stop is a market order: its rest is called back, and sent as an exit.
    expect(kinds(send(stop(2, 3)))).toEqual(['cancel', 'submit exit', 'cancel'])
    expect(kinds(send(stop(2, 5)))).toEqual([])
    expect(state.book(0).position.quantity).toBe(2)
    const end = send(stop(2, 2))
    expect(end).toContainEqual({ kind: 'cancel', orderId: 4, instrument: 0 })
    expect(end.at(-1)).toMatchObject({ kind: 'trade', trade: { quantity: 10, exitReason: 'stop-loss' } })
    expect(state.account.cash).toBe(10_000 - 20)
  })
})

describe('a venue that does not do as it is asked', () => {
  test('a stop that it does not take closes the position at the market', () => {
    const { send } = session()
    send(bar(1, ENTER_LONG))
    send(fill(1))
    const commands = send({ kind: 'order-ended', time: START + 2 * HOUR_MS, instrument: 0, orderId: 2, state: 'rejected' }) // prettier-ignore
    expect(kinds(commands)).toEqual(['submit exit', 'cancel'])
  })

  test('a target that filled before it could be made larger is sent anew for the rest', () => {
    const { send, state } = session()
    send(bar(1, ENTER_LONG))
    send(fill(1, { quantity: 4 }))
    send(fill(1, { quantity: 6 }))
    send(fill(3, { role: 'target', side: -1, price: 104, quantity: 4 }))
    const commands = send({ kind: 'order-ended', time: START + 2 * HOUR_MS, instrument: 0, orderId: 3, state: 'expired' }) // prettier-ignore
    expect(kinds(commands)).toEqual(['submit target'])
    expect(state.book(0).targets[0]).toMatchObject({ quantity: 6, isActive: true })
  })

  test('an entry that it refuses is counted by its reason', () => {
    const { send } = session()
    send(bar(1, ENTER_LONG))
    const commands = send({ kind: 'order-ended', time: START + HOUR_MS, instrument: 0, orderId: 1, state: 'rejected', reason: 'no-capital' }) // prettier-ignore
    expect(commands).toMatchObject([{ kind: 'blocked', reason: 'no-capital', atDecision: false }])
  })

  test('an exit takes along what its entry has added meanwhile', () => {
    const { send } = session()
    send(bar(1, ENTER_LONG))
    send(fill(1, { quantity: 4 }))
    const [submitted] = send(bar(2, EXIT_LONG))
    expect(submitted).toMatchObject({ kind: 'submit', order: { role: 'exit', quantity: 4 } })
    send(fill(1, { quantity: 2 }))
    expect(kinds(send(fill(4, { role: 'exit', side: -1, quantity: 4 })))).toContain('submit exit')
  })
})

test('bars that are told of after what has happened since their close begin their day with their own mark', () => {
  const { send, state } = session({ dailyLossLimit: 0.5 })
  send(bar(1, ENTER_LONG))
  send(fill(1))
  for (let hour = 2; hour < 24; hour++) send(bar(hour, 0))
  // An acknowledgement a second after midnight, heard before the bars that close there.
  send({ kind: 'order-accepted', time: START + DAY_MS + 1_000, instrument: 0, orderId: 2 })
  send(bar(24, 0, 99))
  expect(state.dayStartEquity).toBe(10_000 - 10)
  expect(state.nextMidnight).toBe(START + 2 * DAY_MS)
})
