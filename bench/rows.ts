import { createHash } from 'node:crypto'
import {
  above,
  atr,
  close,
  compileStrategy,
  defineStrategy,
  ema,
  high,
  highest,
  HOUR_MS,
  int,
  crossesAbove,
  crossesBelow,
  replay,
  sma,
  type BacktestResult,
  type Candles,
  type Feature,
  type Strategy,
} from 'baleen'
import type { BenchmarkRow } from './harness.js'

/** A seeded random walk of hourly bars: the same candles on every machine. Synthetic. */
export function walk(bars: number): Candles {
  let seed = 1
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed / 4_294_967_296
  }
  const column = (): Float64Array => new Float64Array(new SharedArrayBuffer(bars * 8))
  const candles = {
    openTime: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
  let price = 100
  for (let bar = 0; bar < bars; bar++) {
    const open = price
    price *= 1 + (random() + random() - 1) * 0.01
    candles.openTime[bar] = Date.UTC(1900, 0, 1) + bar * HOUR_MS
    candles.open[bar] = open
    candles.close[bar] = price
    candles.high[bar] = Math.max(open, price) * (1 + random() * 0.003)
    candles.low[bar] = Math.min(open, price) * (1 - random() * 0.003)
    candles.volume[bar] = 1 + random()
  }
  return { timeframeMs: HOUR_MS, ...candles }
}

function hashOf(...columns: readonly ArrayLike<number>[]): string {
  const hash = createHash('sha256')
  for (const column of columns) hash.update(new Uint8Array(Float64Array.from(column).buffer))
  return hash.digest('hex').slice(0, 16)
}

/** What a hand-written program would do at the least: one pass over the closes, two running sums, a comparison. */
function plainSmaCross({ close: closes }: Candles): number {
  const [fast, slow] = [20, 50]
  let [fastSum, slowSum, cash, held] = [0, 0, 1, 0]
  for (let bar = 0; bar < closes.length; bar++) {
    const price = closes[bar] as number
    fastSum += price - (bar >= fast ? (closes[bar - fast] as number) : 0)
    slowSum += price - (bar >= slow ? (closes[bar - slow] as number) : 0)
    if (bar < slow) continue
    const isAbove = fastSum / fast > slowSum / slow
    if (isAbove && held === 0) {
      held = cash / price
      cash = 0
    } else if (!isAbove && held > 0) {
      cash = held * price
      held = 0
    }
  }
  return cash + held
}

/** One operator over a whole column, through the public way of computing features. */
function operatorRow(name: string, candles: Candles, of: Feature): BenchmarkRow {
  const strategy = defineStrategy({
    name: 'operator',
    description: 'one feature and a rule that never holds',
    params: {},
    features: () => ({ of }),
    enterLong: (f) => above(f.of, 1e300),
  })
  return {
    name: `operator-${name}`,
    bars: candles.close.length,
    trials: 1,
    run: () => compileStrategy(strategy).columns({ candles, facts: {} }).features['of'],
    hash: (column: Float64Array) => hashOf(column),
    plainLoop: () => plainSmaCross(candles),
  }
}

function resultHash({ fills, daily }: BacktestResult): string {
  return hashOf(
    fills.map((fill) => fill.time),
    fills.map((fill) => fill.price),
    fills.map((fill) => fill.quantity),
    daily.equity,
  )
}

/** One whole backtest by the reference engine: features, signal, trades and equity, from columns in memory. */
function replayRow(name: string, strategy: Strategy, candles: Candles): BenchmarkRow {
  const instrument = {
    id: 'walk:BTCUSDT-PERP',
    venue: 'walk',
    kind: 'perpetual' as const,
    base: 'BTC',
    quote: 'USDT',
    tickSize: 0,
    lotSize: 0,
    minNotional: 0,
    makerFee: 0.0002,
    takerFee: 0.0005,
  }
  return {
    name: `reference-${name}`,
    bars: candles.close.length,
    trials: 1,
    run: () =>
      replay({
        strategy: compileStrategy(strategy),
        instruments: [{ instrument, candles, funding: undefined, facts: {} }],
        startTime: -Infinity,
        endTime: Infinity,
        startingBalance: 10_000,
        costs: { slippageBps: 1 },
      }),
    hash: resultHash,
    plainLoop: () => plainSmaCross(candles),
  }
}

const smaCross = defineStrategy({
  name: 'sma-cross',
  description: 'Long from cross to cross.',
  params: { fast: int(2, 20, 200), slow: int(3, 50, 400) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, p.slow) }),
  enterLong: (f) => crossesAbove(f.fast, f.slow),
  exitLong: (f) => crossesBelow(f.fast, f.slow),
})

/** Every row of the benchmark. */
export function benchmarkRows(): BenchmarkRow[] {
  const million = walk(1_000_000)
  const twoYears = walk(17_520)
  return [
    operatorRow('sma', million, sma(close, 50)),
    operatorRow('ema', million, ema(close, 50)),
    operatorRow('atr', million, atr(14)),
    operatorRow('highest', million, highest(high, 55)),
    replayRow('sma-cross-hourly', smaCross, twoYears),
    replayRow('sma-cross-million', smaCross, million),
  ]
}
