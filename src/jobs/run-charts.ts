import { joinFacts } from '../core/point-in-time.js'
import type { BacktestResult } from '../core/result.js'
import { DAY_MS } from '../core/time.js'
import type { InstrumentData } from '../engine/options.js'
import { drawdownSeries } from '../metrics/drawdown.js'
import { type HoldCosts, holdBenchmark } from '../metrics/index.js'
import { quantile } from '../metrics/moments.js'
import {
  columnForChart, forChart, type InstrumentCharts, pointRows, type RunCharts, type ScoreDecile, type SignalCharts, stretchesOf,
  thinned, thinnedCandles,
} from '../report/index.js' // prettier-ignore
import { scoreDeciles } from '../research/score-deciles.js'
import type { SeenColumns } from './signals.js'

/** Points of the curve of equity. */
const CURVE_POINTS = 3_000
/** Candles of all instruments together, and the least and most of one. */
const CANDLES = { all: 12_000, least: 200, most: 1_500 } as const
/** Numbers of all columns of signals together, and the least and most points of one column. */
const SIGNAL_NUMBERS = { all: 90_000, least: 100, most: 1_000 } as const
/** Of scores, shares and ages. */
const DIGITS = 4
/** Scores with what followed, over all instruments. */
const SCORED_BARS = 100_000

/**
 * Collects what the charts of a run need, from columns that are there anyway: one pass over the bars of each instrument, and no column as
 * long as the run is kept.
 */
export class ChartCollector {
  private readonly instruments: InstrumentCharts[] = []
  private readonly scored = { score: [] as number[], forward: [] as number[], slot: [] as number[] }
  private readonly everyBars: number
  private readonly horizonBars: number
  private hasScore = false

  constructor(
    private readonly result: BacktestResult,
    private readonly holdCosts: HoldCosts,
  ) {
    const bars = result.instruments.reduce((sum, one) => sum + one.bars, 0)
    this.everyBars = Math.max(1, Math.ceil(bars / SCORED_BARS))
    this.horizonBars = medianHoldingBars(result)
  }

  /** Takes the next instrument of the run, in its order. */
  add(data: InstrumentData, seen: SeenColumns): void {
    const { first, end, score } = seen
    const count = this.result.instruments.length
    const most = Math.min(CANDLES.most, Math.max(CANDLES.least, Math.floor(CANDLES.all / count)))
    const candles = thinnedCandles(data.candles, first, end, most)
    this.instruments.push({
      id: data.instrument.id,
      candles: {
        ...candles,
        open: candles.open.map((price) => forChart(price)),
        high: candles.high.map((price) => forChart(price)),
        low: candles.low.map((price) => forChart(price)),
        close: candles.close.map((price) => forChart(price)),
      },
      signal: score === undefined ? null : signalCharts(data, seen, score, count),
    })
    if (score !== undefined) this.sample(data, seen, score)
  }

  /** Every so many bars: the score at its close, and what the open of the next bar became by the horizon. */
  private sample(
    { candles: { open, openTime, timeframeMs } }: InstrumentData,
    { first, end }: SeenColumns,
    score: Float64Array,
  ): void {
    this.hasScore = true
    const slotMs = timeframeMs * this.everyBars
    for (let bar = first; bar + 1 + this.horizonBars < end; bar += this.everyBars) {
      if (Number.isNaN(score[bar]!)) continue
      this.scored.score.push(score[bar]!)
      this.scored.forward.push(open[bar + 1 + this.horizonBars]! / open[bar + 1]! - 1)
      this.scored.slot.push(Math.floor(openTime[bar]! / slotMs))
    }
  }

  charts(): RunCharts {
    const { result, everyBars, horizonBars } = this
    const { time, equity, exposure } = result.equity
    const stretches = stretchesOf(0, time.length, CURVE_POINTS)
    const peak = result.policies.drawdownPeak === 'starting-balance' ? result.startingBalance : undefined
    const hold = holdBenchmark(result, this.holdCosts)
    return {
      curve: {
        barsPerStretch: stretches.size,
        time: pointRows(stretches).map((row) => time[row]!),
        equity: columnForChart(thinned(equity, stretches)),
        drawdown: columnForChart(thinned(drawdownSeries(equity, peak).map((depth) => -depth), stretches), DIGITS),
        exposure: columnForChart(thinned(exposure, stretches), DIGITS),
      },
      daily: {
        time: Array.from(result.daily.time),
        equity: Array.from(result.daily.equity),
        hold: 'reason' in hold ? null : Array.from(hold.equity),
        holdLabel: 'reason' in hold ? hold.reason : hold.label,
      },
      instruments: this.instruments,
      deciles: this.hasScore ? { horizonBars, everyBars, observations: this.scored.score.length, deciles: this.deciles() } : null,
    } // prettier-ignore
  }

  /** Those that hold any score. */
  private deciles(): ScoreDecile[] {
    const { score, forward, slot } = this.scored
    const horizonSlots = Math.ceil(this.horizonBars / this.everyBars)
    return scoreDeciles(score, forward, slot, horizonSlots).buckets.flatMap(({ bucket, lowestScore, highestScore, mean }) => {
      const { value, standardError, observations } = mean
      if (value.value === undefined) return []
      return [{ decile: bucket, lowestScore, highestScore, count: observations, mean: value.value, standardError: standardError.value ?? null }]
    })
  } // prettier-ignore
}

/** Of closed trades; a day where there is none. */
function medianHoldingBars({ trades, timeframeMs }: BacktestResult): number {
  const held = trades.filter(({ status }) => status === 'closed').map((one) => (one.exitTime - one.entryTime) / timeframeMs) // prettier-ignore
  return Math.max(1, Math.round(held.length === 0 ? DAY_MS / timeframeMs : quantile(held, 0.5)))
}

function signalCharts(
  { candles, facts }: InstrumentData,
  { first, end, coverage, legs }: SeenColumns,
  score: Float64Array,
  instruments: number,
): SignalCharts {
  const names = [...new Set(legs.flatMap((leg) => leg.facts))]
  const columns = 3 + legs.length + names.length
  const share = Math.floor(SIGNAL_NUMBERS.all / (instruments * columns))
  const stretches = stretchesOf(
    first,
    end,
    Math.min(SIGNAL_NUMBERS.most, Math.max(SIGNAL_NUMBERS.least, share)),
  )
  const rows = pointRows(stretches)
  const closeTime = Float64Array.from(rows, (row) => candles.openTime[row]! + candles.timeframeMs)
  return {
    barsPerStretch: stretches.size,
    time: Array.from(closeTime),
    score: columnForChart(thinned(score, stretches), DIGITS),
    coverage:
      coverage === undefined ? rows.map(() => null) : columnForChart(thinned(coverage, stretches), DIGITS),
    legs: legs.map(({ name, values }) => ({
      name,
      values: columnForChart(thinned(values, stretches), DIGITS),
    })),
    ages: names.map((fact) => {
      const found = facts[fact]
      const ages = found === undefined ? rows.map(() => NaN) : [...joinFacts(found, closeTime).ageMs]
      return {
        fact,
        days: columnForChart(
          ages.map((age) => (Number.isNaN(age) ? null : age / DAY_MS)),
          DIGITS,
        ),
      }
    }),
  }
}
