import { describe, expect, test } from 'vitest'
import type { FundingSchedule } from '../../src/core/columns.js'
import { ConfigError, DataError } from '../../src/core/errors.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { InstrumentData, ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from './scripted.js'

type Rows = Parameters<typeof candlesOf>[0]
const GOOD: Rows = [[100, 101, 99, 100], [100, 101, 99, 100]] // prettier-ignore
const START = Date.UTC(2024, 0, 1)

function run(instruments: readonly InstrumentData[], changes: Partial<ReplayOptions> = {}): unknown {
  const scripts = new Map(
    instruments.map(({ candles }) => [candles, { says: 'L'.repeat(candles.openTime.length) }]),
  )
  return replay({
    strategy: scriptedStrategy(scripts, {}),
    instruments,
    startTime: START,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 0 },
    ...changes,
  })
}

const withRows = (rows: Rows): InstrumentData[] => [dataOf(candlesOf(rows), instrumentOf({ id: 'x:BTC' }))]

describe('candles that cannot be', () => {
  test.each([
    ['a high below the close', [[100, 101, 99, 100], [100, 100.5, 99, 102]], 'row 2, field high, value 100.5'], // prettier-ignore
    ['a low above the open', [[100, 101, 100.5, 101], [100, 101, 99, 100]], 'row 1, field low, value 100.5'], // prettier-ignore
    ['a low of zero', [[100, 101, 0, 100], [100, 101, 99, 100]], 'row 1, field low, value 0'], // prettier-ignore
    ['an infinite high', [[100, Infinity, 99, 100], [100, 101, 99, 100]], 'row 1, field high, value Infinity'], // prettier-ignore
    ['a close that is not a number', [[100, 101, 99, 100], [100, 101, 99, NaN]], 'row 2'], // prettier-ignore
  ] as const)('%s is refused, with instrument, row, field and value', (_what, rows, place) => {
    expect(() => run(withRows(rows))).toThrow(DataError)
    expect(() => run(withRows(rows))).toThrow(`candles of x:BTC, ${place}`)
  })

  test('bars that overlap are refused', () => {
    const [data] = withRows(GOOD) as [InstrumentData]
    data.candles.openTime[1] = START + HOUR_MS / 2
    expect(() => run([data])).toThrow(`candles of x:BTC, row 2, field openTime, value ${START + HOUR_MS / 2}`)
  })

  test('a bar is looked at beside the one before it wherever the two stand', () => {
    for (const bar of [4_096, 8_191, 8_192, 8_193, 16_384]) {
      const rows = Array.from({ length: 16_390 }, () => [100, 101, 99, 100] as const)
      const [early] = withRows(rows) as [InstrumentData]
      const time = START + bar * HOUR_MS - 1
      early.candles.openTime[bar] = time
      expect(() => run([early])).toThrow(`row ${bar + 1}, field openTime, value ${time}`)
      const [low] = withRows(rows) as [InstrumentData]
      low.candles.low[bar] = 0
      expect(() => run([low])).toThrow(`row ${bar + 1}, field low, value 0`)
    }
  })

  test('two instruments off each other’s grid, or of other timeframes, are refused', () => {
    const other = instrumentOf({ id: 'x:ETH' })
    const late = dataOf(candlesOf(GOOD, START + HOUR_MS / 2), other)
    expect(() => run([...withRows(GOOD), late])).toThrow('candles of x:ETH, row 1, field openTime')
    const daily = dataOf(candlesOf(GOOD, START, 24 * HOUR_MS), other)
    expect(() => run([...withRows(GOOD), daily])).toThrow('field timeframe, value 86400000 ms')
  })

  test('a time range without a bar names the instrument', () => {
    expect(() => run(withRows(GOOD), { startTime: START + 9 * HOUR_MS })).toThrow(
      'x:BTC has no bar in the time range',
    )
  })
})

describe('funding that cannot be', () => {
  const withFunding = (changes: Partial<FundingSchedule>): InstrumentData[] => {
    const schedule: FundingSchedule = {
      time: Float64Array.of(START, START + HOUR_MS),
      rate: Float64Array.of(0.01, 0.01),
      mark: Float64Array.of(100, 100),
      ...changes,
    }
    return [dataOf(candlesOf(GOOD), instrumentOf({ id: 'x:BTC' }), schedule)]
  }

  test.each([
    ['a settlement listed twice', { time: Float64Array.of(START, START) }, 'row 2, field time'],
    ['disorder', { time: Float64Array.of(START + 1, START) }, 'row 2, field time'],
    ['an infinite rate', { rate: Float64Array.of(Infinity, 0) }, 'row 1, field rate, value Infinity'],
    ['a mark of zero', { mark: Float64Array.of(100, 0) }, 'row 2, field mark, value 0'],
  ])('%s is refused, with instrument, row, field and value', (_what, changes, place) => {
    expect(() => run(withFunding(changes))).toThrow(DataError)
    expect(() => run(withFunding(changes))).toThrow(`funding of x:BTC, ${place}`)
  })

  test('missing rates and marks are not refused here', () => {
    const missing = { rate: Float64Array.of(NaN, 0.01), mark: Float64Array.of(NaN, NaN) }
    expect(() => run(withFunding(missing))).not.toThrow()
  })

  test('a missing rate under a position names instrument, field and time', () => {
    const missing = { time: Float64Array.of(START, START + 1.5 * HOUR_MS), rate: Float64Array.of(0, NaN) }
    expect(() => run(withFunding(missing))).toThrow(
      /x:BTC was held .* \(field rate, value "2024-01-01 01:30" UTC\)/,
    )
  })
})

describe('options that cannot be run', () => {
  test.each([
    ['no instrument', [], {}, 'field instruments'],
    ['the same instrument twice', [...withRows(GOOD), ...withRows(GOOD)], {}, 'value "x:BTC"'],
    [
      'two quote assets',
      [...withRows(GOOD), dataOf(candlesOf(GOOD), instrumentOf({ id: 'x:ETH', quote: 'EUR' }))],
      {},
      'field quote, value "USDT, EUR"',
    ],
    ['negative slippage', withRows(GOOD), { costs: { slippageBps: -1 } }, 'field slippage, value -1 bps'],
  ])('%s', (_what, instruments, changes, place) => {
    expect(() => run(instruments, changes)).toThrow(ConfigError)
    expect(() => run(instruments, changes)).toThrow(place)
  })
})
