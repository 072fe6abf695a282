import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { HeardQuotes } from '../../src/runner/heard-quotes.js'
import { keepStream } from '../../src/sources/exchange/kept-stream.js'
import { quoteOfAnswer, quoteOfStream, type ToldQuote } from '../../src/sources/exchange/quote-message.js'

const told = (update: number, bid = 99, saidAt = NaN): ToldQuote => ({ symbol: 'X', saidAt, update, bid, bidSize: 1, ask: bid + 1, askSize: 2 }) // prettier-ignore

describe('quotes that were heard', () => {
  test('are taken once, in the order in which they were known, with both times', () => {
    let now = 10
    const heard = new HeardQuotes(2, () => now)
    heard.hear(0, told(1, 99, 7))
    now = 20
    heard.hear(1, told(1, 50))
    expect(heard.take()).toEqual([
      { instrument: 0, time: 10, venueTime: 7, bid: 99, bidSize: 1, ask: 100, askSize: 2 },
      { instrument: 1, time: 20, bid: 50, bidSize: 1, ask: 51, askSize: 2 },
    ])
    expect([heard.take(), heard.heardAt(0), heard.heardAt(1)]).toEqual([[], 10, 20])
  })

  test('that were told before, or are older by the count of the book, are passed over; an answer may say the same again', () => {
    const heard = new HeardQuotes(1, () => 100)
    for (const update of [5, 5, 4, 6]) heard.hear(0, told(update, update))
    heard.confirm(0, told(6, 6), 90)
    heard.confirm(0, told(5, 5), 90)
    heard.confirm(0, told(NaN, 8), 90)
    expect(heard.take().map(({ bid, venueTime }) => [bid, venueTime])).toEqual([[5, undefined], [6, undefined], [6, 90], [8, 90]]) // prettier-ignore
  })

  test('have times that never go back, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 }), (clock) => {
        let now = 0
        const heard = new HeardQuotes(1, () => now)
        clock.forEach((time, at) => {
          now = time
          heard.hear(0, told(at))
        })
        const times = heard.take().map(({ time }) => time)
        expect(times).toEqual(clock.map((_, at) => Math.max(...clock.slice(0, at + 1))))
      }),
      { numRuns: 50 },
    )
  })
})

describe('a message of best bid and ask', () => {
  const spot = {
    u: 400,
    s: 'BTCUSDT',
    b: '25.35190000',
    B: '31.21000000',
    a: '25.36520000',
    A: '40.66000000',
  }

  test('is read as the venue documents it', () => {
    const prices = {
      symbol: 'BTCUSDT',
      bid: 25.3519,
      bidSize: 31.21,
      ask: 25.3652,
      askSize: 40.66,
      update: 400,
    }
    expect(quoteOfStream(spot)).toEqual({ ...prices, saidAt: NaN })
    // Of futures: E is when it was said, T when the book changed.
    expect(quoteOfStream({ ...spot, e: 'bookTicker', E: 1_568_014_460_893, T: 1_568_014_460_891 })).toEqual({ ...prices, saidAt: 1_568_014_460_893 }) // prettier-ignore
    const answer = { lastUpdateId: 1027024, symbol: 'BTCUSDT', bidPrice: '4.00000000', bidQty: '431.0', askPrice: '4.00000200', askQty: '9.0', time: 1_589_437_530_011 } // prettier-ignore
    expect(quoteOfAnswer(answer)).toEqual({ symbol: 'BTCUSDT', saidAt: NaN, update: 1027024, bid: 4, bidSize: 431, ask: 4.000002, askSize: 9 }) // prettier-ignore
  })

  test.each([null, 'x', [], { ...spot, s: 5 }, { ...spot, b: '' }, { ...spot, a: 'x' }, { ...spot, B: null }, { ...spot, A: undefined }, { ...spot, b: 'Infinity' }, Object.create(spot) as object])(
    '%j is none',
    (message) => {
      expect(quoteOfStream(message)).toBeUndefined()
    },
  ) // prettier-ignore
})

describe('a stream that is kept', () => {
  afterEach(() => vi.useRealTimers())

  test('is opened again where the process stood still: what its old socket says then is never taken', async () => {
    vi.useFakeTimers()
    const [reopened, troubles] = [vi.fn(), [] as string[]]
    const stream = keepStream({ name: 'quotes', ask: [() => new Promise(() => undefined)], silenceMs: 60_000, reopen: reopened, onTrouble: (_, message) => void troubles.push(message) }) // prettier-ignore
    const [old, next] = [{}, {}]
    await vi.advanceTimersByTimeAsync(10_000)
    expect(stream.isOutdated(old)).toBe(false)
    stream.heard()
    expect(stream.state.state).toBe('streaming')
    // Time goes on, and no timer: the process was stopped.
    vi.setSystemTime(Date.now() + 3_600_000)
    expect([stream.isOutdated(old), stream.isOutdated(old)]).toEqual([true, true])
    expect([stream.state.state, reopened.mock.calls.length, troubles]).toEqual(['silent', 1, [expect.stringContaining('stood still')]]) // prettier-ignore
    await vi.advanceTimersByTimeAsync(2_000)
    expect([stream.isOutdated(next), stream.isOutdated(old)]).toEqual([false, true])
    stream.end()
  })

  test('is opened again where nothing is heard for long', async () => {
    vi.useFakeTimers()
    const reopen = vi.fn()
    const stream = keepStream({ name: 'quotes', ask: [() => new Promise(() => undefined)], silenceMs: 30_000, reopen, onTrouble: () => undefined }) // prettier-ignore
    await vi.advanceTimersByTimeAsync(20_000)
    stream.heard()
    await vi.advanceTimersByTimeAsync(29_000)
    expect(reopen.mock.calls.length).toBe(0)
    await vi.advanceTimersByTimeAsync(3_000)
    expect([reopen.mock.calls.length, stream.state.state]).toEqual([1, 'silent'])
    stream.end()
  })
})
