import { describe, expect, test } from 'vitest'
import type { Instrument, MarginTerms } from '../../src/core/instrument.js'
import { HOUR_MS } from '../../src/core/time.js'
import { above, close, compileStrategy, defineStrategy, sma } from '../../src/index.js'
import type { BrokerMessage } from '../../src/runner/broker.js'
import { journalBody } from '../../src/runner/journal-text.js'
import { recoverSession, type PaperSessionSettings } from '../../src/runner/paper-session.js'
import { differences } from '../../src/runner/reconcile.js'
import { replayDecisions } from '../../src/runner/replay/replay-decisions.js'
import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import { instrumentOf } from '../engine/scripted.js'
import { MemoryJournal } from './small-session.js'

const START = Date.UTC(2024, 0, 1)
/** At four times, a long from 100 is liquidated at (100 − 25) / (1 − 0.0625) = 80, and taken over at 75. */
const MARGIN: MarginTerms = {
  tiers: [{ fromNotional: 0, maintenanceRate: 0.0625, maxLeverage: 10 }],
  liquidationFee: 0.01,
}
const INSTRUMENT: Instrument = instrumentOf({ kind: 'perpetual', tickSize: 0.5, lotSize: 1, minNotional: 1, margin: MARGIN, takerFee: 0, makerFee: 0 }) // prettier-ignore

const settings: PaperSessionSettings = {
  strategy: compileStrategy(
    defineStrategy({
      name: 'levered',
      description: '',
      params: {},
      features: () => ({ mean: sma(close, 1) }),
      enterLong: (f) => above(f.mean, 1),
      // Further away than the price at which the position is gone.
      risk: () => ({ leverage: 4, stop: { kind: 'percent', fraction: 0.9 }, sizing: { kind: 'cash', fraction: 0.025 }, conviction: 'off' }),
    }),
  ),
  instruments: [INSTRUMENT],
  timeframeMs: HOUR_MS,
  startTime: START,
  startingBalance: 10_000,
  policies: DEFAULT_POLICIES,
  costs: { slippageBps: 0 },
  id: 'levered',
  strategyHash: '',
  data: '',
  fillModel: 'quotes',
  quotes: { sendLatencyMs: 0, answerLatencyMs: 0, quoteLifeMs: HOUR_MS },
} // prettier-ignore

/** A session that has bought at 100 in its first hour. */
function bought(journal: MemoryJournal): ReturnType<typeof recoverSession>['desk'] {
  const { desk } = recoverSession(settings, [], journal)
  const quote = quoting(desk)
  quote(HOUR_MS - 1, 99.5, 100)
  desk.close({ closeTime: START + HOUR_MS, bars: [{ instrument: 0, openTime: START, open: 100, high: 100, low: 100, close: 100, volume: 1 }] }) // prettier-ignore
  quote(HOUR_MS + 1, 99.5, 100)
  return desk
}

const quoting =
  (desk: ReturnType<typeof recoverSession>['desk']) =>
  (at: number, bid: number, ask: number, late = 0): void =>
    desk.quote({ instrument: 0, time: START + at, venueTime: START + at - late, bid, bidSize: 50, ask, askSize: 50 }) // prettier-ignore

const messages = ({ durable }: MemoryJournal): BrokerMessage[] =>
  durable.flatMap(({ kind, text }) => (kind === 'broker' ? [journalBody(text) as BrokerMessage] : []))

describe('a position at leverage whose orders fill by quotes', () => {
  test('is taken over once the middle of bid and ask passes its price, and the session knows', () => {
    const journal = new MemoryJournal()
    const desk = bought(journal)
    const [{ position, trade }] = desk.session.state.books as [(typeof desk.session.state.books)[0]]
    expect([position.quantity, trade.entryPrice]).toEqual([10, 100])
    const quote = quoting(desk)
    quote(HOUR_MS + 10, 80, 81)
    expect(desk.broker.account().positions).toEqual([10])
    quote(HOUR_MS + 20, 79.5, 80.5)
    desk.advance(START + HOUR_MS + 30)
    expect(desk.broker.account()).toMatchObject({ positions: [0], orders: [] })
    const last = desk.session.trades.at(-1)
    // Its margin of 25 a unit is gone, and the venue's fee is paid on the takeover's value.
    expect([last?.exitReason, last?.exitPrice, last?.profit]).toEqual(['liquidation', 75, -250 - 7.5])
    expect(desk.broker.account().cash).toBeCloseTo(10_000 - 257.5, 9)
    const taken = messages(journal).find(({ event }) => event.kind === 'fill' && event.fill.role === 'liquidation')
    expect(taken?.met).toMatchObject({ bid: 79.5, ask: 80.5 })
    // The stop that rested for it is gone, here and there.
    expect(differences(desk.session, desk.broker.account(), settings.id)).toEqual([])
  })

  test('is not taken over at a quote that is old', () => {
    const desk = bought(new MemoryJournal())
    quoting(desk)(3 * HOUR_MS, 70, 71, HOUR_MS + 1)
    expect(desk.broker.account().positions).toEqual([10])
    quoting(desk)(3 * HOUR_MS + 1, 70, 71, HOUR_MS)
    expect(desk.broker.account().positions).toEqual([0])
  })

  test('is gone after a restart too, and is decided on the same', () => {
    const journal = new MemoryJournal()
    const desk = bought(journal)
    quoting(desk)(HOUR_MS + 20, 60, 61)
    desk.close({ closeTime: START + 2 * HOUR_MS, bars: [{ instrument: 0, openTime: START + HOUR_MS, open: 60, high: 60, low: 60, close: 60, volume: 1 }] }) // prettier-ignore
    const replay = replayDecisions(settings, journal.durable, 'memory')
    expect([replay.difference, replay.decisions]).toEqual([undefined, 2])
    for (let rows = 1; rows <= journal.durable.length; rows++) {
      const again = new MemoryJournal(journal.durable.slice(0, rows))
      const back = recoverSession(settings, [...again.durable], again).desk
      const wasTaken = messages(again).some(({ event }) => event.kind === 'fill' && event.fill.role === 'liquidation')
      if (wasTaken) expect(back.session.trades[0]?.exitReason).toBe('liquidation')
      // A fall that nobody has heard of takes the position over at the next quote.
      quoting(back)(3 * HOUR_MS, 60, 61)
      back.advance(START + 3 * HOUR_MS)
      const held = back.broker.account().positions[0] ?? NaN
      if (held !== 0) expect(back.session.state.book(0).trade.entryPrice).toBe(61)
      expect(differences(back.session, back.broker.account(), settings.id)).toEqual([])
    }
  })
}) // prettier-ignore
