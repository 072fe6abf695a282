import {
  atr,
  close,
  compileStrategy,
  defineStrategy,
  ema,
  above,
  high,
  highest,
  sma,
  type Feature,
} from 'baleen'
import { MILLION, million } from './backtest-rows.js'
import type { BenchmarkRow } from './harness.js'
import { hashOf } from './hash.js'

/** One operator over a whole column, through the public way of computing features. */
function operatorRow(name: string, of: Feature): BenchmarkRow {
  const strategy = defineStrategy({
    name: 'operator',
    description: 'one feature and a rule that never holds',
    params: {},
    features: () => ({ of }),
    enterLong: (f) => above(f.of, 1e300),
  })
  return {
    name: `operator-${name}`,
    bars: MILLION,
    trials: 1,
    run: () => compileStrategy(strategy).columns({ candles: million(), facts: {} }).features['of'],
    hash: (column: Float64Array) => hashOf(column),
  }
}

export function operatorRows(): BenchmarkRow[] {
  return [
    operatorRow('sma', sma(close, 50)),
    operatorRow('ema', ema(close, 50)),
    operatorRow('atr', atr(14)),
    operatorRow('highest', highest(high, 55)),
  ]
}
