import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candles } from '../../src/core/columns.js'
import type { BacktestResult } from '../../src/core/result.js'
import { MINUTE_MS } from '../../src/core/time.js'
import { replay } from '../../src/engine/replay.js'
import { ladder, noTarget, percentStop, percentTarget, type RiskSettings, stopEntry } from '../../src/risk/settings.js' // prettier-ignore
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from './scripted.js'

const START = Date.UTC(2024, 0, 1)
const QUARTER = 15 * MINUTE_MS

type Ohlc = readonly [number, number, number, number]

/** Quarters in half units, each opening where the one before closed: nothing happens between them. */
const quarters = fc
  .array(
    fc.record({ move: fc.integer({ min: -4, max: 4 }), up: fc.integer({ min: 0, max: 3 }), down: fc.integer({ min: 0, max: 3 }) }),
    { minLength: 16, maxLength: 160 },
  )
  .map((steps) => {
    let price = 200
    const rows = steps.slice(0, steps.length - (steps.length % 4)).map(({ move, up, down }): Ohlc => {
      const open = price
      price = Math.max(40, price + move)
      return [open / 2, (Math.max(open, price) + up) / 2, (Math.min(open, price) - down) / 2, price / 2]
    })
    return rows
  }) // prettier-ignore

function hoursOf(rows: readonly Ohlc[]): Ohlc[] {
  return Array.from({ length: rows.length / 4 }, (_, hour) => {
    const part = rows.slice(hour * 4, hour * 4 + 4)
    return [
      (part[0] as Ohlc)[0],
      Math.max(...part.map(([, high]) => high)),
      Math.min(...part.map(([, , low]) => low)),
      (part[3] as Ohlc)[3],
    ] as const
  })
}

function play(
  undecided: 'pessimistic' | 'optimistic',
  candles: Candles,
  says: string,
  risk: Partial<RiskSettings>,
  detail?: Candles,
): BacktestResult {
  const data = dataOf(candles, instrumentOf({ tickSize: 0.5, lotSize: 0.001 }))
  const options = {
    strategy: scriptedStrategy(new Map([[candles, { says }]]), { allowShort: true, ...risk }),
    instruments: [{ ...data, ...(detail && { detail }) }],
    startTime: START,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 2 },
    policies: { undecided },
  }
  const skipping = replay(options)
  const byBar = replay({ ...options, path: 'bar-by-bar' })
  expect({ ...skipping, path: undefined }).toEqual({ ...byBar, path: undefined })
  return skipping
}

const tradesOf = ({ trades }: Pick<BacktestResult, 'trades'>): unknown[] =>
  trades.map(({ side, quantity, entryPrice, exitPrice, exitReason, undecided, profit }) => ({ side, quantity, entryPrice, exitPrice, exitReason, undecided, profit })) // prettier-ignore

/** Stops and targets so near that hours often meet both. */
const risks: readonly (readonly [string, Partial<RiskSettings>])[] = [
  ['stop and target', { stop: percentStop(0.02), target: percentTarget(0.02) }],
  [
    'stop and ladder',
    {
      stop: percentStop(0.02),
      target: ladder({ at: percentTarget(0.01), share: 0.5 }, { at: percentTarget(0.025), share: 0.5 }),
    },
  ],
]

/** With a seed: what these ask for is counted, and by chance two hundred cases can have no open question. */
const RUNS = { numRuns: 200, seed: 20_240 } as const

const letters = fc.array(fc.constantFrom('L', 'S', '.', '.'), { minLength: 40, maxLength: 40 })

/** The same strategy on hours with quarters inside, and on the quarters: between the closes of the hours it neither enters nor arms. */
function both(
  undecided: 'pessimistic' | 'optimistic',
  rows: readonly Ohlc[],
  said: readonly string[],
  riskOf: (barsOfAnHour: number) => Partial<RiskSettings>,
): { readonly coarse: BacktestResult; readonly fine: BacktestResult } {
  const hours = hoursOf(rows)
  const detail = candlesOf(rows, START, QUARTER)
  const heard = said.slice(0, hours.length)
  const late = heard.map((letter) => `???${letter}`).join('')
  return {
    coarse: play(undecided, candlesOf(hours, START), heard.join(''), riskOf(1), detail),
    fine: play(undecided, detail, late, riskOf(4)),
  }
}

describe.each(['pessimistic', 'optimistic'] as const)('hours with quarters inside, %s', (undecided) => {
  it.each(risks)('trade as a replay of the quarters does: %s', (_name, risk) => {
    let asked = 0
    let answered = 0
    fc.assert(
      fc.property(quarters, letters, (rows, said) => {
        const { coarse, fine } = both(undecided, rows, said, () => risk)
        expect(tradesOf(coarse)).toEqual(tradesOf(fine))
        expect(coarse.finalEquity).toBe(fine.finalEquity)
        asked += coarse.questions.length
        answered += coarse.questions.filter(({ isAnswered }) => isAnswered).length
      }),
      RUNS,
    )
    expect(answered).toBeGreaterThan(20)
    expect(asked).toBeGreaterThan(answered)
  })
})

describe('hours with quarters inside', () => {
  it('stop out a stop entry as a replay of the quarters does, and leave no more undecided', () => {
    const risk = (bars: number): Partial<RiskSettings> => ({
      stop: percentStop(0.02),
      target: noTarget(),
      entry: stopEntry(0.01, bars),
    })
    let answered = 0
    fc.assert(
      fc.property(quarters, letters, (rows, said) => {
        const { coarse, fine } = both('pessimistic', rows, said, risk)
        const certain = ({ trades }: BacktestResult): unknown[] =>
          tradesOf({ trades: trades.map((trade) => ({ ...trade, undecided: false })) })
        expect(certain(coarse)).toEqual(certain(fine))
        // A quarter that left it open is no question where a later one of the same hour stops the position anyway.
        coarse.trades.forEach((trade, at) => {
          if (trade.undecided) expect(fine.trades[at]?.undecided).toBe(true)
        })
        answered += coarse.questions.filter(({ isAnswered }) => isAnswered).length
      }),
      RUNS,
    )
    expect(answered).toBeGreaterThan(20)
  })
})
