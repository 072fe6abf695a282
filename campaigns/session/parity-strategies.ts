import {
  above,
  atr,
  below,
  close,
  compileStrategy,
  defineStrategy,
  ema,
  fact,
  highest,
  lowest,
  rsi,
  sma,
  type CompiledDefinition,
  type Feature,
} from '../../src/index.js'
import {
  atrStop,
  atrTrail,
  ladder,
  limitEntry,
  percentStop,
  percentTrail,
  rewardToRisk,
  stopEntry,
} from '../../src/risk/settings.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import smaCross from '../../strategies/sma-cross.js'
import smartMoney from '../../strategies/smart-money.js'
import trendBreakout from '../../strategies/trend-breakout.js'

/** Strategies of the parity campaign: those of the package, then generated ones, the same for the same seed. */
export function parityStrategies(generated: number, seed: number): CompiledDefinition[] {
  const shipped = [smaCross, smartMoney, trendBreakout].map((one) => compileStrategy(one))
  return [...shipped, ...Array.from({ length: generated }, (_, at) => generatedStrategy(at, seed))]
}

/** One strategy of whatever can differ between a backtest and a session: kinds of entries, stops, targets, sides, facts. */
export function generatedStrategy(at: number, seed: number): CompiledDefinition {
  const random = seededRandom(seed, 0x70617269 + at)
  const among = <T>(...values: readonly T[]): T => values[drawBelow(random, values.length)] as T
  const fast = 2 + drawBelow(random, 6)
  const slow = fast + 4 + drawBelow(random, 12)
  const lines: readonly [Feature, Feature] = among<readonly [Feature, Feature]>(
    [sma(close, fast), sma(close, slow)],
    [ema(close, fast), ema(close, slow)],
    [rsi(close, fast + 3), sma(rsi(close, fast + 3), slow)],
    [sma(fact('confirmation', 'long'), fast), sma(fact('confirmation', 'long'), slow)],
    [fact('open-interest', 'openInterest'), sma(fact('open-interest', 'openInterest'), slow)],
  )
  const isBreakout = drawBelow(random, 5) === 0
  const allowShort = among(true, true, false)
  const risk = {
    allowShort,
    reversal: allowShort && among(true, false),
    maxPosition: among(0.1, 0.4),
    dailyLossLimit: among(0, 0.002, 0.05),
    onDailyLoss: among('hold' as const, 'flatten' as const),
    timeExitBars: among(0, 0, 9),
    stop: among(percentStop(0.008), percentStop(0.02), atrStop(1.5, 10)),
    target: among(
      rewardToRisk(1.5),
      ladder({ at: rewardToRisk(0.8), share: 0.5 }, { at: rewardToRisk(2), share: 0.5 }),
    ),
    trailing: among({ kind: 'none' as const }, percentTrail(0.006), atrTrail(2, 10)),
    entry: among({ kind: 'market' as const }, limitEntry(0.002, 3), stopEntry(0.001, 2)),
  }
  const [first, second] = isBreakout
    ? [close, highest(close, slow)]
    : lines
  const floor = isBreakout ? lowest(close, slow) : second
  return compileStrategy(
    defineStrategy({
      name: `generated-${at}`,
      description: '',
      params: {},
      features: () => ({ first, second, floor, funding: fact('funding', 'rate8h'), range: atr(10) }),
      enterLong: (f) => above(f.first, f.second),
      ...(isBreakout ? { exitLong: (f: { first: Feature; floor: Feature }) => below(f.first, f.floor) } : {}),
      ...(allowShort ? { enterShort: (f: { first: Feature; floor: Feature }) => below(f.first, f.floor) } : {}),
      risk: () => risk,
    }),
  )
} // prettier-ignore
