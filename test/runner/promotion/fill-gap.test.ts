import { expect, test } from 'vitest'
import type { BookQuote } from '../../../src/core/quotes.js'
import { journalText } from '../../../src/runner/journal-text.js'
import {
  arrivedFills,
  fillGaps,
  fillGapStatistics,
  type ArrivedFill,
} from '../../../src/runner/promotion/fill-gap.js'

const quote = (time: number, bid: number, ask: number, instrument = 0): BookQuote => ({ instrument, time, bid, bidSize: 1, ask, askSize: 1 }) // prettier-ignore
const buy = (arrivedAt: number, price: number): ArrivedFill => ({
  orderId: 1,
  instrument: 0,
  side: 1,
  price,
  arrivedAt,
  modelGapBps: 0,
})
const QUOTES = [quote(1_000, 99, 100), quote(1_000, 49, 50, 1), quote(2_000, 101, 102)]

test('a fill is held against the newest quote that was known when its order arrived', () => {
  const { gaps, unquoted } = fillGaps([buy(1_999, 100), buy(2_000, 100), { ...buy(2_000, 102), side: -1 }], QUOTES, 5_000) // prettier-ignore
  // 102 for 100 is 200 bps worse; a sale at 102 where 101 is bid is 98.04 bps worse.
  expect(gaps.map(({ gapBps }) => Math.round(gapBps * 100) / 100)).toEqual([0, 200, 98.04])
  expect(unquoted).toBe(0)
})

test('what was recorded after it, or too long before, says nothing of it', () => {
  const { gaps, unquoted } = fillGaps([buy(999, 100), buy(7_001, 100), buy(7_000, 100)], QUOTES, 5_000)
  expect([gaps.map(({ arrivedAt }) => arrivedAt), unquoted]).toEqual([[7_000], 2])
})

test('arrivals are out of the journal: sent with the close and the latency, or when the venue took them', () => {
  const order = (id: number, kind: string): object => ({ kind: 'submit', order: { order: { id, kind, decidedAt: 5_000 } } }) // prettier-ignore
  const fill = (orderId: number, price: number): object => ({ id: `${orderId} ${price}`, event: { kind: 'fill', time: 9_000, fill: { orderId, instrument: 0, side: 1, price, quantity: 2, slippage: price / 100 } } }) // prettier-ignore
  const accepted = { id: 'a', event: { kind: 'order-accepted', orderId: 1, time: 5_750 } }
  const rows = [
    ['intent', order(1, 'market')],
    ['intent', order(2, 'stop')],
    ['intent', { kind: 'cancel', clientId: 'x' }],
    ['broker', accepted],
    ['broker', fill(1, 100)],
    ['broker', fill(1, 101)],
    ['broker', fill(2, 102)],
  ].map(([kind, body], at) => ({ seq: at + 1, kind: kind as string, text: journalText(body) }))
  const latencies = { sendLatencyMs: 100, answerLatencyMs: 50 }
  expect(arrivedFills(rows, latencies, false)).toEqual([{ ...buy(5_100, 100), modelGapBps: 50 }])
  expect(arrivedFills(rows, latencies, true)).toEqual([{ ...buy(5_700, 100), modelGapBps: 50 }])
})

test('too few fills have no statistics; thirty have a bound above their mean', () => {
  const some = (count: number): ReturnType<typeof fillGaps> => ({ gaps: Array.from({ length: count }, (_, at) => ({ ...buy(0, 100), quote: QUOTES[0]!, gapBps: at % 2 })), unquoted: 3 }) // prettier-ignore
  expect(fillGapStatistics(some(29)).fillGapP95Bps).toEqual({ reason: expect.stringMatching(/^29 fills.*3 without/) }) // prettier-ignore
  const { fillGapAboveModelBps, fillGapP95Bps } = fillGapStatistics(some(30))
  // Mean 0.5, deviation √(30 · 0.25 / 29) = 0.50855, over √30: 0.09285; 1.64485 of that.
  expect(fillGapAboveModelBps.value).toBeCloseTo(0.5 + 1.64485 * 0.09285, 4)
  expect(fillGapP95Bps.value).toBe(1)
})
