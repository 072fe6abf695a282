import type { Candles, FactColumns, FundingSchedule } from '../../src/core/columns.js'
import type { Instrument } from '../../src/core/instrument.js'
import { RUNS_END, type Runs } from '../../src/core/signals.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { InstrumentData } from '../../src/engine/options.js'
import { riskSettings, type RiskSettings } from '../../src/risk/settings.js'
import type { CompiledStrategy, StrategyInputs } from '../../src/strategy/compiled.js'

/**
 * What a scripted strategy says, bar by bar: `L` enter long, `l` exit long, `S` enter short, `s` exit short, `.` nothing, `?`
 * unknown. `B` is both entries at once, `X` enters and exits long at once, `Y` enters and exits short at once, `U` enters short while nothing is known of
 * long, `u` enters long while nothing is known of short.
 */
export interface Script {
  readonly says: string
  readonly score?: readonly number[]
  readonly rearmKey?: readonly number[]
  readonly atr?: readonly number[]
}

function runsOf(says: string, letters: string): Runs {
  const runs: number[] = []
  for (let bar = 0; bar < says.length; bar++) {
    if (!letters.includes(says[bar] as string)) continue
    runs.push(bar, bar + 1)
  }
  return Int32Array.from([...runs, RUNS_END, RUNS_END])
}

/** A script with unknown bars needs a score to be unknown: where none is given, known bars score 1 (full conviction). */
function scoresOf({ says, score }: Script): readonly number[] | undefined {
  if (!says.includes('?')) return score
  return Array.from(says, (letter, bar) => (letter === '?' ? NaN : (score?.[bar] ?? 1)))
}

/** A strategy that says what it was told to, for the candles it was told of. */
export function scriptedStrategy(
  scripts: ReadonlyMap<Candles, Script>,
  risk: Partial<RiskSettings>,
  policies: CompiledStrategy['policies'] = {},
): CompiledStrategy {
  const column = (values: readonly number[] | undefined): Float64Array | undefined =>
    values === undefined ? undefined : Float64Array.from(values)
  return {
    name: 'scripted',
    params: {},
    risk: riskSettings(risk),
    policies,
    factsRead: [],
    columns: ({ candles }: StrategyInputs) => {
      const script = scripts.get(candles)
      if (script === undefined) throw new Error('no script for these candles')
      return {
        signal: {
          enterLong: runsOf(script.says, 'LBXu'),
          exitLong: runsOf(script.says, 'lX'),
          enterShort: runsOf(script.says, 'SBYU'),
          exitShort: runsOf(script.says, 'sY'),
          longOff: runsOf(script.says, '.lSsY'),
          shortOff: runsOf(script.says, '.sLlX'),
          score: column(scoresOf(script)),
          coverage: undefined,
          rearmKey: column(script.rearmKey),
          atr: column(script.atr),
          warmUpBars: 0,
        },
        features: {},
      }
    },
    stream: () => {
      throw new Error('a scripted strategy has no stream')
    },
    decide: undefined,
  }
}

/** Candles from rows of [open, high, low, close]; volume 1. */
export function candlesOf(
  rows: readonly (readonly [number, number, number, number])[],
  startTime: number = Date.UTC(2024, 0, 1),
  timeframeMs: number = HOUR_MS,
): Candles {
  return {
    timeframeMs,
    openTime: Float64Array.from(rows, (_, bar) => startTime + bar * timeframeMs),
    open: Float64Array.from(rows, (row) => row[0]),
    high: Float64Array.from(rows, (row) => row[1]),
    low: Float64Array.from(rows, (row) => row[2]),
    close: Float64Array.from(rows, (row) => row[3]),
    volume: Float64Array.from(rows, () => 1),
  }
}

export function instrumentOf(overrides: Partial<Instrument> = {}): Instrument {
  return {
    id: 'test:BTCUSDT-PERP',
    venue: 'test',
    kind: 'perpetual',
    base: 'BTC',
    quote: 'USDT',
    tickSize: 0,
    lotSize: 0,
    minNotional: 0,
    makerFee: 0,
    takerFee: 0,
    ...overrides,
  }
}

export function dataOf(
  candles: Candles,
  instrument: Instrument,
  funding?: FundingSchedule,
  facts: Readonly<Record<string, FactColumns>> = {},
): InstrumentData {
  return { instrument, candles, funding, facts }
}
