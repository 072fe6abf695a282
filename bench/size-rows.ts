import { compileStrategy, MINUTE_MS, type Candles, type FactColumns } from 'baleen'
import { runTrials, type Market, type TrialOutcome } from 'baleen/lab'
import { secondsOfSync } from './clock.js'
import { WrongAnswer, type BenchmarkRow } from './harness.js'
import { median } from './median.js'
import { outcomesHash } from './hash.js'
import { once, openTimes, sharedColumn, uniform, walk } from './market.js'
import onePercentStrategy from './strategies/one-percent.js'
import { marketOf } from './sweep-rows.js'

const FINER = 10
const BARS = 105_120
const TRIALS = 100
/** Bars ten times finer may cost half as much again: what happens on them is the same. */
const FLOOR = 1 / 1.5

/** Two years of ten minutes. */
const coarse = once(() => walk(BARS, FINER * MINUTE_MS, 5))

/** The same in minutes: each bar goes in straight lines from its open to one extreme, to the other, and to its close. */
function finer({ open, high, low, close }: Candles): Candles {
  const bars = open.length * FINER
  const random = uniform(6)
  const columns = Array.from({ length: 5 }, () => sharedColumn(bars)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const [opens, highs, lows, closes, volumes] = columns
  for (let bar = 0; bar < open.length; bar++) {
    const isLowFirst = random() < 0.5
    const [first, second] = (isLowFirst ? [low, high] : [high, low]) as [Float64Array, Float64Array]
    const corners = [open[bar], first[bar], second[bar], close[bar]] as [number, number, number, number]
    for (let part = 0; part < FINER; part++) {
      const at = bar * FINER + part
      opens[at] = onWay(corners, part)
      closes[at] = onWay(corners, part + 1)
      highs[at] = Math.max(opens[at] as number, closes[at] as number)
      lows[at] = Math.min(opens[at] as number, closes[at] as number)
      volumes[at] = 1
    }
  }
  return {
    timeframeMs: MINUTE_MS,
    openTime: openTimes(bars, MINUTE_MS),
    open: opens,
    high: highs,
    low: lows,
    close: closes,
    volume: volumes,
  }
}

/** Price after so many parts of ten: the extremes come after the third and the seventh. */
function onWay(
  [open, first, second, close]: readonly [number, number, number, number],
  part: number,
): number {
  if (part <= 3) return part === 3 ? first : open + ((first - open) * part) / 3
  if (part <= 7) return part === 7 ? second : first + ((second - first) * (part - 3)) / 4
  return part === FINER ? close : second + ((close - second) * (part - 7)) / 3
}

/** 1 at one close in a hundred of the coarse bars, for one bar of the candles that are asked. */
function picks(everyMs: number, forMs: number): Readonly<Record<string, FactColumns>> {
  const closes = Array.from(coarse().openTime, (time) => time + everyMs)
  const random = uniform(7)
  const picked = closes.filter(() => random() < 0.01)
  const time = Float64Array.from(picked.flatMap((at) => [at, at + forMs]))
  return {
    picks: { eventTime: time, knownAt: time, values: { pick: time.map((_, at) => 1 - (at % 2)) } },
  }
}

const coarseMarket = once(() => marketOf(coarse(), picks(FINER * MINUTE_MS, FINER * MINUTE_MS)))
const fineMarket = once(() => marketOf(finer(coarse()), picks(FINER * MINUTE_MS, MINUTE_MS)))

/** Trials alike but for the last digits of their stop, in one batch: signals and market are prepared once for all of them. */
function outcomesOn(market: Market, trials: number): TrialOutcome[] {
  const outcomes: TrialOutcome[] = []
  const compiled = Array.from({ length: trials }, (_, at) =>
    compileStrategy(onePercentStrategy, { stop: 0.03 + 1e-7 * at, target: 0.05 }),
  )
  runTrials({ market, trials: compiled, batchTrials: trials }, (outcome) => outcomes.push(outcome))
  return outcomes
}

/** Seconds of a hundred trials more: passing over bars and stepping on some, and nothing that is prepared once. */
function marginalSeconds(market: Market): number {
  const [, few] = secondsOfSync(() => outcomesOn(market, 1))
  const [, many] = secondsOfSync(() => outcomesOn(market, 1 + TRIALS))
  return many - few
}

/** @throws WrongAnswer where the finer bars do not lead to the same trades: the two would then not be comparable */
function expectSameTrades(rough: readonly TrialOutcome[], fine: readonly TrialOutcome[]): void {
  rough.forEach(({ trades, finalEquity }, at) => {
    const other = fine[at]
    if (other?.trades === trades && Math.abs(other.finalEquity / finalEquity - 1) < 1e-9) return
    throw new WrongAnswer(
      `cost-against-size, trial ${at}: ${trades} trades to ${finalEquity}, on finer bars ${other?.trades} to ${other?.finalEquity}`,
    )
  })
}

/** How much more the same trades cost on bars ten times finer: the coarse bars' seconds over the fine ones'. */
export function sizeRow(): BenchmarkRow {
  return {
    name: 'cost-against-size',
    bars: BARS * FINER,
    trials: TRIALS,
    floor: { value: FLOOR, unit: 'x' },
    run: () => outcomesOn(fineMarket(), TRIALS),
    hash: (outcomes: readonly TrialOutcome[]) => {
      expectSameTrades(outcomesOn(coarseMarket(), TRIALS), outcomes)
      return outcomesHash(outcomes)
    },
    ratio: async (repetitions) => {
      const pairs = Array.from({ length: repetitions }, () => [
        marginalSeconds(coarseMarket()),
        marginalSeconds(fineMarket()),
      ])
      const of = (which: 0 | 1): number => median(pairs.map((pair) => pair[which] as number))
      return { measured: of(0) / of(1) }
    },
  }
}
