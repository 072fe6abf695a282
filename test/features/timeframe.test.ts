import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candles } from '../../src/core/columns.js'
import { DAY_MS, HOUR_MS, MINUTE_MS, parseDuration } from '../../src/core/time.js'
import { warmUpBars } from '../../src/features/registry.js'
import * as b from '../../src/index.js'
import {
  ConfigError,
  DataError,
  type Feature,
  type HigherFeature,
  atr,
  close,
  compileStrategy,
  completed,
  defineStrategy,
  ema,
  findLookAhead,
  high,
  low,
  open,
  sma,
  time,
  timeframe,
  volume,
} from '../../src/index.js'
import { sliceCandles } from '../../src/strategy/leaks.js'
import { columnRows, streamRows } from '../strategy/helpers.js'
import { columnOf, roughCandles, sameBits, streamOf, walk } from './candles.js'
import { FEATURES } from './every-operator.js'
import { gappyCandles, naiveCompleted } from './timeframe-candles.js'

const _ = NaN
const fourHours = timeframe('4h')

/** Hourly bars that open at these hours since 1970; the n-th has open 10n, high 10n + 9, low 10n + 1, close 10n + 5, volume n. */
function barsAt(...hours: number[]): Candles {
  const column = (value: (n: number) => number): Float64Array =>
    Float64Array.from(hours, (_, i) => value(i + 1))
  return {
    timeframeMs: HOUR_MS,
    openTime: Float64Array.from(hours, (hour) => hour * HOUR_MS),
    open: column((n) => 10 * n),
    high: column((n) => 10 * n + 9),
    low: column((n) => 10 * n + 1),
    close: column((n) => 10 * n + 5),
    volume: column((n) => n),
  }
}

const seen = (feature: Feature, candles: Candles): number[] =>
  Array.from(columnOf(completed(fourHours(feature)), candles))

describe('worked by hand', () => {
  it('a base bar whose close is the end of a higher bar sees it; until then the one before is seen', () => {
    const candles = barsAt(0, 1, 2, 3, 4, 5, 6, 7, 8)
    expect(seen(close, candles)).toEqual([_, _, _, 45, 45, 45, 45, 85, 85])
    expect(seen(open, candles)).toEqual([_, _, _, 10, 10, 10, 10, 50, 50])
    expect(seen(high, candles)).toEqual([_, _, _, 49, 49, 49, 49, 89, 89])
    expect(seen(low, candles)).toEqual([_, _, _, 11, 11, 11, 11, 51, 51])
    expect(seen(volume, candles)).toEqual([_, _, _, 10, 10, 10, 10, 26, 26])
    expect(seen(time, candles).map((at) => at / HOUR_MS)).toEqual([_, _, _, 4, 4, 4, 4, 8, 8])
  })
  it('a first higher bar that began before the data is dropped', () => {
    expect(seen(close, barsAt(1, 2, 3, 4, 5, 6, 7))).toEqual([_, _, _, _, _, _, 75])
    expect(seen(open, barsAt(3, 4, 5, 6, 7))).toEqual([_, _, _, _, 20])
  })
  it('missing its last base bars it is known at the next base bar, without that one', () => {
    expect(seen(close, barsAt(0, 1, 4, 5, 6, 7))).toEqual([_, _, 25, 25, 25, 65])
    expect(seen(high, barsAt(0, 1, 4, 5, 6, 7))).toEqual([_, _, 29, 29, 29, 69])
    expect(seen(volume, barsAt(0, 2, 3, 5, 7))).toEqual([_, _, 6, 6, 9])
  })
  it('missing its first base bars it opens with the first that exists', () => {
    expect(seen(open, barsAt(0, 1, 2, 3, 6, 7))).toEqual([_, _, _, 10, 10, 50])
  })
  it('without any base bar it does not exist', () => {
    expect(seen(b.lag(close, 1), barsAt(0, 1, 2, 3, 12, 13, 14, 15))).toEqual([_, _, _, _, _, _, _, 45])
  })
  it('one base bar may end two of them', () => {
    expect(seen(close, barsAt(0, 1, 7, 8))).toEqual([_, _, 35, 35])
    expect(seen(b.lag(close, 1), barsAt(0, 1, 7, 8))).toEqual([_, _, 25, 25])
  })
  it('lacks what one of its base bars lacks', () => {
    const candles = barsAt(0, 1, 2, 3, 4, 5, 6, 7)
    for (const column of [candles.open, candles.high, candles.low, candles.close, candles.volume])
      column[1] = NaN
    expect(seen(high, candles)).toEqual([_, _, _, _, _, _, _, 89])
    expect(seen(volume, candles)).toEqual([_, _, _, _, _, _, _, 26])
    expect(seen(close, candles)).toEqual([_, _, _, 45, 45, 45, 45, 85])
  })
  it('days open at 00:00 UTC, weeks on Monday', () => {
    const daysFrom = (day: string, bars: number): Candles => {
      const candles = barsAt(...Array.from({ length: bars }, (_, i) => Date.parse(day) / HOUR_MS + i * 24))
      return { ...candles, timeframeMs: DAY_MS }
    }
    const ends = (duration: string, candles: Candles): string[] => {
      const column = columnOf(completed(timeframe(duration)(time)), candles)
      return [...new Set(column)].map((end) => (Number.isNaN(end) ? '' : new Date(end).toISOString()))
    }
    // The last of March 2018 was a Saturday: the week that ends on the second of April began before the data.
    expect(ends('1w', daysFrom('2018-03-31', 24))).toEqual([
      '',
      '2018-04-09T00:00:00.000Z',
      '2018-04-16T00:00:00.000Z',
      '2018-04-23T00:00:00.000Z',
    ])
    expect(ends('1w', daysFrom('2018-04-02', 8))).toEqual(['', '2018-04-09T00:00:00.000Z'])
    expect(ends('1d', walk(50)).slice(1)).toEqual(['2020-09-15T00:00:00.000Z'])
  })
  it('of the base timeframe it is the base bars', () => {
    const candles = walk(60)
    expect(sameBits(columnOf(completed(timeframe('1h')(atr(5))), candles), columnOf(atr(5), candles))).toBe(true) // prettier-ignore
  })
  it('stands on bars of its own: a day of 4-hour bars is a day', () => {
    const daily = timeframe('1d')
    const nested = completed(fourHours(b.sub(close, completed(daily(sma(close, 2))))))
    const candles = walk(24 * 9, 3)
    const flat = b.sub(completed(fourHours(close)), completed(daily(sma(close, 2))))
    const [a, c] = [columnOf(nested, candles), columnOf(flat, candles)]
    // Both change at ends of 4-hour bars only, and there they agree.
    for (let i = 23; i < a.length; i += 4) expect(a[i]).toBe(c[i])
    expect(a.slice(100).every((value) => !Number.isNaN(value))).toBe(true)
  })
})

const DURATIONS = ['1h', '2h', '4h', '12h', '1d', '3d', '1w'] as const

describe('against a naive resampler', () => {
  it('whatever bars and values are missing, wherever the data begin', () => {
    const within = [open, high, low, close, volume, time, b.lag(close, 2), ema(close, 3), atr(2), b.changeOver(close, DAY_MS)] // prettier-ignore
    fc.assert(
      fc.property(
        gappyCandles(),
        fc.constantFrom(...DURATIONS),
        fc.constantFrom(...within),
        (candles, duration, of) => {
          const column = columnOf(completed(timeframe(duration)(of)), candles)
          expect(Array.from(column)).toEqual(Array.from(naiveCompleted(of, candles, parseDuration(duration))))
        },
      ),
      { numRuns: 600 },
    )
  })
  const candles = walk(400, 5)
  it.each(Object.entries(FEATURES))('every operator there is: %s', (_name, of) => {
    const column = columnOf(completed(fourHours(of)), candles)
    expect(sameBits(column, naiveCompleted(of, candles, 4 * HOUR_MS))).toBe(true)
  })
})

describe.each(['2h', '4h', '1d', '1w'])('every %s', (duration) => {
  const higher = timeframe(duration)
  const features = [high, volume, ema(close, 2), b.orElse(b.rsi(close, 2), -1)].map((of) =>
    completed(higher(of)),
  )
  const drawn = fc.tuple(
    fc.constantFrom(...features),
    fc.oneof(gappyCandles(), roughCandles()),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )

  it('batch ≡ stream, bit for bit', () => {
    fc.assert(
      fc.property(drawn, ([feature, candles]) =>
        sameBits(columnOf(feature, candles), streamOf(feature, candles)),
      ),
      { numRuns: 60 },
    )
  })
  it('a prefix of the bars has the prefix of the answers', () => {
    fc.assert(
      fc.property(drawn, ([feature, candles, share]) => {
        const bars = Math.floor(candles.close.length * share)
        const whole = columnOf(feature, candles).subarray(0, bars)
        return sameBits(whole, columnOf(feature, sliceCandles(candles, bars)))
      }),
      { numRuns: 60 },
    )
  })
  it('no later bar changes an earlier answer', () => {
    fc.assert(
      fc.property(drawn, ([feature, candles, share]) => {
        const bars = Math.floor(candles.close.length * share)
        const turn = (column: Float64Array): Float64Array => {
          const turned = column.slice()
          turned.set(column.slice(bars).reverse(), bars)
          return turned
        }
        const other = { ...candles, open: turn(candles.open), high: turn(candles.high), low: turn(candles.low), close: turn(candles.close), volume: turn(candles.volume) } // prettier-ignore
        return sameBits(
          columnOf(feature, candles).subarray(0, bars),
          columnOf(feature, other).subarray(0, bars),
        )
      }),
      { numRuns: 60 },
    )
  })
})

describe('warm-up', () => {
  const firstKnown = (feature: Feature, candles: Candles): number =>
    columnOf(feature, candles).findIndex((value) => !Number.isNaN(value))
  /** The bars of a walk from its n-th on. */
  const from = (candles: Candles, n: number): Candles => ({
    timeframeMs: candles.timeframeMs,
    openTime: candles.openTime.subarray(n),
    open: candles.open.subarray(n),
    high: candles.high.subarray(n),
    low: candles.low.subarray(n),
    close: candles.close.subarray(n),
    volume: candles.volume.subarray(n),
  })

  it.each([
    ['1h', ema(close, 3), 2],
    ['2h', close, 2],
    ['4h', close, 6],
    ['4h', ema(close, 3), 14],
    ['4h', b.adx(3).adx, 22],
    ['1d', b.add(atr(2), sma(open, 4)), 118],
  ])('of %s: is the latest first value there can be, wherever the data begin', (duration, of, bars) => {
    const feature = completed(timeframe(duration)(of))
    const ratio = parseDuration(duration) / HOUR_MS
    const candles = walk(300, 7)
    const first = Array.from({ length: ratio }, (_, phase) => firstKnown(feature, from(candles, phase)))
    expect(Math.max(...first)).toBe(bars)
    expect(Math.max(...first) - Math.min(...first)).toBe(ratio - 1)
    expect(warmUpBars(feature, candles)).toBe(bars)
  })
  it('adds up with that of what is calculated of it', () => {
    const feature = sma(completed(fourHours(ema(close, 3))), 10)
    expect(warmUpBars(feature, { timeframeMs: HOUR_MS })).toBe(14 + 9)
    expect(warmUpBars(completed(timeframe('1d')(completed(timeframe('4d')(close)))), { timeframeMs: HOUR_MS })).toBe((6 + 2) * 24 - 2) // prettier-ignore
  })
})

describe('is refused', () => {
  const refused = (make: () => unknown, message: RegExp): void => {
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(message)
  }
  it('what is no duration', () => {
    refused(() => timeframe('4 hours'), /a duration is .*field timeframe, value "4 hours"/)
    refused(() => timeframe('0h'), /field timeframe/)
  })
  it('a timeframe that is no whole multiple of the base, with both named', () => {
    const feature = completed(timeframe('90m')(close))
    const message = /whole multiple of the 1h of the bars.*field timeframe, value "90m"/
    refused(() => columnOf(feature, walk(9)), message)
    refused(() => streamOf(feature, walk(9)), message)
    refused(() => warmUpBars(feature, { timeframeMs: HOUR_MS }), message)
    refused(() => columnOf(completed(timeframe('30m')(close)), walk(9)), /of the 1h .*"30m"/)
    refused(
      () => columnOf(completed(fourHours(completed(timeframe('6h')(close)))), walk(9)),
      /of the 4h .*"6h"/,
    )
  })
  it('a fact within: facts join base bars', () => {
    const value = b.sma(b.fact('funding', 'rate8h'), 3)
    refused(() => fourHours(value), /facts join base bars.*4h.*fact\(;.*funding/)
  })
  it('a setting that JSON would lose', () => {
    refused(
      () => fourHours(b.keepWhere(close, open, { atMost: Infinity })),
      /only finite settings.*4h.*keepWhere/,
    )
  })
  it('a bar that lies across the edge of two higher ones', () => {
    const candles = walk(9)
    const half = { ...candles, openTime: candles.openTime.map((open) => open + HOUR_MS / 2) }
    const message = /across the end of a 4h bar.*openTime.*2020-09-13 15:30.*UTC/
    expect(() => columnOf(completed(fourHours(close)), half)).toThrow(DataError)
    expect(() => columnOf(completed(fourHours(close)), half)).toThrow(message)
    expect(() => streamOf(completed(fourHours(close)), half)).toThrow(message)
  })
  it('a higher feature taken for a base one, in a file that nobody compiled', () => {
    const higher = fourHours(ema(close, 20)) as unknown as Feature
    const message = /write completed\(…\) around a feature of 4h bars.*ema\(close;20\)/
    refused(() => sma(higher, 3), message)
    refused(() => timeframe('1d')(higher as never), message)
    const strategy = (features: () => Record<string, Feature>, rule: () => b.Rule): unknown =>
      compileStrategy(defineStrategy({ name: 'uncompiled', description: '', params: {}, features, enterLong: rule })) // prettier-ignore
    refused(() => strategy(() => ({ higher }), () => b.above(close, 1)), message) // prettier-ignore
    refused(() => strategy(() => ({}), () => b.above(close, higher)), message) // prettier-ignore
  })
  it('a base feature taken for a higher one', () => {
    refused(() => completed(ema(close, 20) as unknown as HigherFeature), /takes what a timeframe has made/)
  })
})

describe('one feature by its key', () => {
  it('names the timeframe and what is calculated, whatever the duration was called', () => {
    expect(completed(fourHours(ema(close, 20))).key).toBe('completed(4h;ema(close;20))')
    expect(completed(timeframe('240m')(close)).key).toBe(completed(fourHours(close)).key)
    expect(completed(timeframe('1w')(close)).key).toBe(completed(timeframe('7d')(close)).key)
    expect(completed(timeframe('1d')(close)).key).not.toBe(completed(fourHours(close)).key)
  })
})

describe('in a strategy', () => {
  const strategy = compileStrategy(
    defineStrategy({
      name: 'daily-trend',
      description: 'Crosses of hourly averages in the direction of the day.',
      params: { trend: b.int(2, 3, 9, { unit: 'days' }), higher: b.choice(['1d', '12h']) },
      features: (p) => {
        const higher = timeframe(p.higher)
        return {
          fast: sma(close, 3),
          slow: sma(close, 9),
          trend: completed(higher(ema(close, p.trend))),
          range: completed(higher(atr(2))),
        }
      },
      enterLong: (f) => b.and(b.above(close, f.trend), b.crossesAbove(f.fast, f.slow)),
      exitLong: (f) => b.below(close, b.sub(f.trend, f.range)),
    }),
  )
  const inputs = { candles: walk(600, 11), facts: {} }

  it('says the same in columns and bar by bar, and sees nothing early', () => {
    const rows = columnRows(strategy, inputs)
    expect(streamRows(strategy, inputs)).toEqual(rows)
    expect(new Set(rows.map(({ signal }) => signal.bits)).size).toBeGreaterThan(2)
    expect(findLookAhead(strategy, inputs)).toBeUndefined()
    expect(strategy.columns(inputs).signal.warmUpBars).toBe((2 + 2) * 24 - 2)
  })

  /** The strategy with one feature joined by the day's own beginning: each bar sees how its unfinished day ends. */
  const leaky = (column: string, of: Feature): Parameters<typeof findLookAhead>[0] => ({
    columns: (given) => {
      const answer = strategy.columns(given)
      const { openTime } = given.candles
      const atEnd = naiveCompleted(of, given.candles, DAY_MS)
      const dayOf = Array.from(openTime, (open) => Math.floor(open / DAY_MS))
      const leaked = atEnd.map((_, bar) => atEnd[dayOf.lastIndexOf(dayOf[bar]!)]!)
      return { ...answer, features: { ...answer.features, [column]: leaked } }
    },
  })
  it('a join of unfinished bars is caught, and the column named', () => {
    expect(findLookAhead(leaky('trend', ema(close, 3)), inputs)).toMatchObject({ column: 'trend' })
    expect(findLookAhead(leaky('range', atr(2)), inputs)).toMatchObject({ column: 'range' })
    expect(findLookAhead(leaky('dayHigh', high), inputs)).toMatchObject({ column: 'dayHigh' })
  })
  it('and the very same check passes a join of complete ones', () => {
    const honest: Parameters<typeof findLookAhead>[0] = {
      columns: (given) => {
        const answer = strategy.columns(given)
        return { ...answer, features: { ...answer.features, trend: naiveCompleted(ema(close, 3), given.candles, DAY_MS) } } // prettier-ignore
      },
    }
    expect(findLookAhead(honest, inputs)).toBeUndefined()
  })
})

it('a minute timeframe works on bars of seconds as on any others', () => {
  const candles = walk(300, 2, 1000)
  const column = columnOf(completed(timeframe('1m')(b.highest(high, 2))), candles)
  expect(sameBits(column, naiveCompleted(b.highest(high, 2), candles, MINUTE_MS))).toBe(true)
})
