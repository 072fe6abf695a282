import { describe, expect, test } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import { prepareSettlements } from '../../src/execution/funding.js'
import { candlesOf } from '../engine/scripted.js'

const START = Date.UTC(2024, 0, 1)
const CANDLES = candlesOf([[100, 101, 99, 101], [101, 103, 100, 102], [102, 104, 101, 103]], START) // prettier-ignore

function settle(
  rows: readonly (readonly [hour: number, rate: number, mark: number])[],
  from = 0,
  to = 3,
): unknown {
  const schedule = {
    time: Float64Array.from(rows, ([hour]) => START + hour * HOUR_MS),
    rate: Float64Array.from(rows, ([, rate]) => rate),
    mark: Float64Array.from(rows, ([, , mark]) => mark),
  }
  return prepareSettlements(schedule, CANDLES, START + from * HOUR_MS, START + to * HOUR_MS).map(
    ({ time, amountPerUnit, markMissing }) => [(time - START) / HOUR_MS, amountPerUnit, markMissing],
  )
}

describe('settlements', () => {
  test('are charged on the mark', () => {
    expect(settle([[1, 0.5, 200]])).toEqual([[1, 100, false]])
  })

  test('without a mark, on the close of the last bar that had closed by then, flagged', () => {
    // at 1:30 the bar of 1:00 is still open: 101, not 102; at 2:00 it has just closed
    expect(settle([[1.5, 0.5, NaN], [2, 0.5, NaN]])).toEqual([[1.5, 50.5, true], [2, 51, true]]) // prettier-ignore
  })

  test('before any close there is no price, and nobody can hold', () => {
    expect(settle([[0, 0.5, NaN], [0.5, 0.5, NaN], [0.75, 0.5, 80]])).toEqual([[0.75, 40, false]]) // prettier-ignore
  })

  test('outside the run are left out: its start counts, its end does not', () => {
    expect(settle([[0.5, 1, 1], [1, 1, 1], [2, 1, 1], [3, 1, 1]], 1, 3)).toEqual([[1, 1, false], [2, 1, false]]) // prettier-ignore
  })

  test('keep a missing rate as missing', () => {
    expect(settle([[1, NaN, 100]])).toEqual([[1, NaN, false]])
  })
})
