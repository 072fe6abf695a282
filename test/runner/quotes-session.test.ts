import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BookQuote } from '../../src/core/quotes.js'
import { HOUR_MS } from '../../src/core/time.js'
import { offerTo, type QuoteFillSettings } from '../../src/execution/quote-fills.js'
import type { BrokerMessage } from '../../src/runner/broker.js'
import type { Desk } from '../../src/runner/desk.js'
import { storedItems, type FeedItem } from '../../src/runner/feed.js'
import { journalBody } from '../../src/runner/journal-text.js'
import { recoverSession } from '../../src/runner/paper-session.js'
import { differences } from '../../src/runner/reconcile.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import { feed } from './as-session.js'
import { MemoryJournal, paperSettings, smallOptions } from './small-session.js'

const BARS = 40
const CASES = Number(process.env['BALEEN_QUOTES_CASES'] ?? 3)

interface Drawn {
  readonly seed: number
  readonly quotes: Partial<QuoteFillSettings>
  /** Largest size that a quote offers, in hundredths of a base unit. */
  readonly largest: number
  /** How long after their close bars are told: what quotes did meanwhile is heard before them. */
  readonly lateMs?: number
}

/** Bars, facts and settlements of two instruments with quotes around each open, some of which move on quickly. */
function itemsOf({ seed, largest, lateMs = 0 }: Drawn): FeedItem[] {
  const random = seededRandom(seed, 0x71756f74)
  const stored = storedItems(smallOptions(BARS).instruments, Infinity)
  const quoted = stored.flatMap((item): FeedItem[] => {
    if (item.kind !== 'bars') return [item]
    const after = item.bars.bars.flatMap(({ instrument, close }): FeedItem[] => {
      let price = close
      let time = item.at
      return Array.from({ length: 2 + drawBelow(random, 6) }, () => {
        time += 1 + drawBelow(random, drawBelow(random, 4) === 0 ? HOUR_MS / 8 : 400)
        price *= 1 + (drawBelow(random, 201) - 100.5) / 8_000
        const half = price * (0.0001 + drawBelow(random, 20) / 20_000)
        const size = (): number => drawBelow(random, largest + 1) / 100
        const quote = { instrument, time, bid: price - half, bidSize: size(), ask: price + half, askSize: size() }
        return { kind: 'quote', at: time, quote }
      })
    })
    return [item, ...after]
  }) // prettier-ignore
  // One quote a millisecond, so that a fill tells which one it met.
  const times = new Set<string>()
  const single = quoted.filter((item) => {
    const key = item.kind === 'quote' ? `${item.quote.instrument} ${item.at}` : ''
    if (key !== '' && times.has(key)) return false
    times.add(key)
    return true
  })
  const toldAt = ({ kind, at }: FeedItem): number => (kind === 'bars' ? at + lateMs : at)
  return single
    .map((item, place) => ({ item, place }))
    .sort((a, b) => toldAt(a.item) - toldAt(b.item) || a.place - b.place)
    .map(({ item }) => item)
}

const options = { ...smallOptions(BARS) }
const settingsOf = ({ quotes }: Drawn): Parameters<typeof recoverSession>[0] => ({ ...paperSettings(options), fillModel: 'quotes', quotes }) // prettier-ignore

const drawn = fc.record<Drawn>({
  seed: fc.integer({ min: 0, max: 1e9 }),
  largest: fc.constantFrom(20, 300, 100_000),
  lateMs: fc.constantFrom(0, 900, HOUR_MS / 3),
  quotes: fc.record({
    sendLatencyMs: fc.constantFrom(0, 50, 700, 900_000),
    answerLatencyMs: fc.constantFrom(0, 50, 700, 900_000),
    touchWaitMs: fc.constantFrom(0, Infinity),
    quoteLifeMs: fc.constantFrom(500, HOUR_MS),
  }),
})

/** Always among the cases: what fills in parts, and is heard of late. */
const SMALL_SIZES: Drawn = { seed: 1, largest: 20, lateMs: 45_000, quotes: { sendLatencyMs: 50, answerLatencyMs: 700, touchWaitMs: 0, quoteLifeMs: HOUR_MS } } // prettier-ignore

function live(desk: Desk, items: readonly FeedItem[]): void {
  for (const item of items) feed(desk, item)
}

/** Money by a bookkeeping of its own: what every message of the broker did to cash and holdings. */
function fold(
  messages: readonly BrokerMessage[],
  mark: readonly number[],
): { readonly equity: number; readonly held: number[] } {
  // prettier-ignore
  let cash = options.startingBalance
  const held = mark.map(() => 0)
  for (const { event } of messages) {
    if (event.kind === 'fill') {
      const { side, price, quantity, fee, instrument } = event.fill
      cash -= side * price * quantity + fee
      held[instrument]! += side * quantity
    } else if (event.kind === 'funding') cash -= held[event.instrument]! * event.amountPerUnit
  }
  return { equity: held.reduce((sum, quantity, at) => sum + quantity * mark[at]!, cash), held }
}

function messagesOf({ durable }: MemoryJournal): BrokerMessage[] {
  return durable.flatMap(({ kind, text }) => (kind === 'broker' ? [journalBody(text) as BrokerMessage] : []))
}

describe('a session whose orders fill by quotes', () => {
  test('keeps money, offers and orders in balance, whatever the quotes and latencies; brought back from any row it is the same', () => {
    let fills = 0
    let partial = 0
    let late = 0
    fc.assert(
      fc.property(drawn, (one) => {
        const settings = settingsOf(one)
        const items = itemsOf(one)
        const journal = new MemoryJournal()
        const { desk } = recoverSession(settings, [], journal)
        const quotesOf: BookQuote[][] = [[], []]
        const last: BookQuote[] = []
        for (const item of items) {
          feed(desk, item)
          if (item.kind === 'quote') {
            quotesOf[item.quote.instrument]!.push(item.quote)
            last[item.quote.instrument] = item.quote
          }
        }
        // All that is on its way arrives.
        for (let round = 1; round <= 8; round++)
          desk.broker.quotes?.advance(items.at(-1)!.at + round * HOUR_MS)
        desk.close({ closeTime: items.findLast(({ kind }) => kind === 'bars')!.at + 9 * HOUR_MS, bars: [] })
        expect(differences(desk.session, desk.broker.account(), settings.id)).toEqual([])

        const messages = messagesOf(journal)
        const marks = last.map(({ bid }) => bid)
        const { equity, held } = fold(messages, marks)
        const { state } = desk.session
        const indexed = Float64Array.from(marks, (mark, at) => mark - state.fundingIndex[at]!)
        expect(Math.abs(state.account.equity(indexed) - equity)).toBeLessThan(1e-7)
        state.books.forEach(({ position }, at) => expect(position.quantity).toBeCloseTo(held[at]!, 9))

        const ordered = new Map(desk.session.recorder.orders.list().map((order) => [order.id, order]))
        const taken = new Map<string, number>()
        for (const { event } of messages) {
          if (event.kind !== 'fill') continue
          const { instrument, side, price, quantity, time, orderId } = event.fill
          fills++
          if (quantity < ordered.get(orderId)!.quantity) partial++
          if (time < event.time && ordered.get(orderId)!.role === 'entry') late++
          // What arrives in the very millisecond of a quote meets the one before it.
          const seen = quotesOf[instrument]!.filter((quote) => quote.time <= time).slice(-2)
          const atOnce = seen.filter((quote) => quote.time === time).length > 0 ? seen : seen.slice(-1)
          const standing = atOnce.find((quote) => offerTo(side, quote).price === price) ?? atOnce.at(-1)!
          const offer = offerTo(side, standing)
          expect(side * (price - offer.price)).toBeGreaterThanOrEqual(-1e-9)
          const key = `${instrument} ${side} ${standing.time}`
          taken.set(key, (taken.get(key) ?? 0) + quantity)
          expect(taken.get(key)).toBeLessThanOrEqual(offer.size + 1e-9)
        }
        const filled = new Map<number, number>()
        for (const { event } of messages)
          if (event.kind === 'fill') filled.set(event.fill.orderId, (filled.get(event.fill.orderId) ?? 0) + event.fill.quantity) // prettier-ignore
        for (const [id, quantity] of filled) expect(quantity).toBeLessThanOrEqual(ordered.get(id)!.quantity + 1e-9) // prettier-ignore

        // Duplicates change nothing.
        const rows = journal.durable.length
        for (const message of messages) desk.hear(message)
        expect(journal.durable.length).toBe(rows)

        // Brought back from any row: the account is that of the rows, and it goes on.
        for (const cut of [1, 0.2, 0.5, 0.8, 1].map((share, at) =>
          Math.max(1, Math.floor(share * rows) - at),
        )) {
          const again = new MemoryJournal(journal.durable.slice(0, cut))
          const back = recoverSession(settings, [...again.durable], again).desk
          expect(differences(back.session, back.broker.account(), settings.id)).toEqual([])
          const kept = fold(messagesOf(again), marks)
          const index = back.session.state.fundingIndex
          const values = Float64Array.from(marks, (mark, at) => mark - index[at]!)
          expect(Math.abs(back.session.state.account.equity(values) - kept.equity)).toBeLessThan(1e-7)
          live(
            back,
            items.filter(({ at }) => at > back.session.lastDecided + HOUR_MS / 2),
          )
          const ended = new MemoryJournal(again.durable)
          const twice = recoverSession(settings, [...ended.durable], ended).desk
          expect(differences(twice.session, twice.broker.account(), settings.id)).toEqual([])
        }
      }),
      {
        numRuns: CASES,
        seed: Number(process.env['BALEEN_QUOTES_SEED'] ?? 7),
        endOnFailure: true,
        examples: [[SMALL_SIZES]],
      },
    )
    expect(fills).toBeGreaterThan(CASES)
    expect(partial).toBeGreaterThan(0)
    expect(late).toBeGreaterThan(0)
  }, 1_200_000)

  test('that is halted while an entry is on its way closes what that has filled', () => {
    const quotes = { sendLatencyMs: 100, answerLatencyMs: 100, quoteLifeMs: HOUR_MS }
    const settings = settingsOf({ seed: 1, largest: 1, quotes })
    const journal = new MemoryJournal()
    const { desk } = recoverSession(settings, [], journal)
    const entryOut = (): boolean => desk.session.state.books.some(({ entry }) => entry.isActive)
    const quote = (at: number): void => {
      for (const instrument of [0, 1]) desk.quote({ instrument, time: at, bid: 100, bidSize: 1e6, ask: 100.01, askSize: 1e6 }) // prettier-ignore
    }
    for (const item of storedItems(options.instruments, Infinity)) {
      if (item.kind === 'bars') quote(item.at - 1)
      feed(desk, item)
      if (entryOut()) break
    }
    const time = desk.session.lastDecided
    // What has not been sent yet would not be.
    desk.broker.quotes?.advance(time + 1)
    desk.changeMode({ time: time + 1, mode: 'halted', reason: 'a test' })
    expect(entryOut()).toBe(false)
    desk.broker.quotes?.advance(time + 250)
    // The fill was quicker than the cancel.
    expect(desk.session.recorder.fills.list().filter(({ role }) => role === 'entry').length).toBeGreaterThan(
      0,
    )
    quote(time + 400)
    desk.broker.quotes?.advance(time + 1_000)
    expect(desk.session.state.books.map(({ position }) => position.quantity)).toEqual([0, 0])
    expect(desk.session.trades.at(-1)?.exitReason).toBe('manual')
    expect(differences(desk.session, desk.broker.account(), settings.id)).toEqual([])
    recoverSession(settings, [...journal.durable], new MemoryJournal(journal.durable))
  })
})
