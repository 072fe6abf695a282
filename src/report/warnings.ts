import type { BacktestResult } from '../core/result.js'
import { formatUtc } from '../core/time.js'
import { formatMetric, formatValue } from '../metrics/format.js'
import { SHORTEST_YEARLY_DAYS } from '../metrics/measured-run.js'
import { findMetric, type MetricsReport } from '../metrics/metrics-report.js'
import { realisedRisk } from '../metrics/realised-risk.js'
import { whyNoTrades } from './funnel.js'
import type { InstrumentSignals } from './run-summary.js'

/** Fewer closed trades than this say next to nothing. */
const FEW_TRADES = 100
/** Undecided exits above this share make the result a range rather than a figure. */
const UNDECIDED_SHARE = 0.05
/** With a usable signal on a smaller share of the bars, figures of the whole run speak of a time that mostly was not traded. */
const USABLE_SHARE = 0.8
/** A run of which the best five trades made more than this stands on them alone. */
const TOP_FIVE_SHARE = 0.5

export interface WarningInputs {
  readonly result: BacktestResult
  readonly metrics: MetricsReport
  readonly synthetic: boolean
  readonly signals: readonly InstrumentSignals[]
  /** What is to be said of the data, as `dataWarnings` does. */
  readonly data: readonly string[]
  /** What the strategy itself says a reader must know, such as the period that its thresholds were chosen on. */
  readonly notes: readonly string[]
  /** Missing bars inside the run, by instrument id. */
  readonly missingBars: Readonly<Record<string, number>>
  readonly fundingLeftOut: boolean
  /** Of market and stop orders, as set. */
  readonly slippageBps: number
  /** Share of equity that a stopped trade was meant to lose; undefined where sizes do not come from it. */
  readonly riskPerTrade: number | undefined
}

/** Everything a reader must know before believing a figure, gravest first. */
export function runWarnings(inputs: WarningInputs): string[] {
  const { result } = inputs
  const warnings: (string | undefined)[] = [
    inputs.synthetic
      ? 'Synthetic data: invented prices and facts. They say nothing about any real market.'
      : undefined,
    whyNoTrades(result.funnel),
    hardlyUsable(inputs.signals),
    shortRun(inputs),
    ...inputs.data,
    ...unreachable(inputs.signals),
    fewTrades(result),
    topFive(inputs),
    ...inputs.notes,
    inputs.fundingLeftOut
      ? 'Funding was left out on request: a perpetual pays or receives it every few hours.'
      : undefined,
    undecided(result),
    sizeBound(inputs),
    ...Object.entries(inputs.missingBars).map(([id, count]) =>
      count === 0
        ? undefined
        : `Bars are missing inside the run: ${formatValue(count, 'count')} of ${id}; orders and stops waited for the next one.`,
    ),
    noFees(result),
    noSlippage(inputs),
    ...result.flags
      .filter(({ code }) => code !== 'bars-missing')
      .map((flag) =>
        flag.count > 1 ? `${flag.message} (${formatValue(flag.count, 'count')} times)` : flag.message,
      ),
  ]
  return warnings.filter((warning) => warning !== undefined).map(capitalised)
}

/** Of sentences: one that begins with an instrument's id keeps it as it is typed. */
export function capitalised(text: string): string {
  return /^\S+:/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1)
}

/** Instruments whose signal was absent for much of the run: cash in between dilutes every figure. */
function hardlyUsable(signals: readonly InstrumentSignals[]): string | undefined {
  const where = signals.flatMap(({ instrument, usable: { warm, bars, firstTime, lastTime } }) => {
    if (bars >= USABLE_SHARE * warm) return []
    const range =
      firstTime === undefined || lastTime === undefined
        ? ''
        : `, from ${formatUtc(firstTime)} to ${formatUtc(lastTime)}`
    return [`${formatValue(bars / warm, 'fraction')} of the bars of ${instrument}${range}`]
  })
  if (where.length === 0) return undefined
  return `SIGNAL OFTEN ABSENT: it was usable on ${where.join('; ')}. Every figure is of the whole run, cash in between included: choose a range that has the data.`
}

function shortRun({ result, metrics }: WarningInputs): string | undefined {
  const days = findMetric(metrics, 'days').value ?? 0
  const needed = findMetric(metrics, 'minimumTrackRecordDays').value ?? 0
  const isShort = days < SHORTEST_YEARLY_DAYS
  if (result.trades.length === 0 || (!isShort && days >= needed)) return undefined
  const words = [`Short run: ${formatValue(days, 'days')}.`]
  if (isShort) {
    words.push(
      `Under ${SHORTEST_YEARLY_DAYS} days no growth is stated by the year, and yearly ratios are mostly luck.`,
    )
  }
  if (days < needed) {
    words.push(
      `A Sharpe ratio of ${formatMetric(findMetric(metrics, 'sharpe'))} needs ${formatValue(needed, 'days')} to be above 0 with 95 % confidence.`,
    )
  }
  return words.join(' ')
}

function topFive({ result, metrics }: WarningInputs): string | undefined {
  const share = findMetric(metrics, 'topFiveShare').value ?? 0
  if (share <= TOP_FIVE_SHARE) return undefined
  const closed = result.trades.filter(({ status }) => status === 'closed').length
  return `The best ${Math.min(5, closed)} of ${formatValue(closed, 'count')} trades made ${formatValue(share, 'fraction')} of the net profit.`
}

function sizeBound({ result, metrics, riskPerTrade }: WarningInputs): string | undefined {
  if (metrics.dominantSizeBound === null) return undefined
  const bound = `The ${metrics.dominantSizeBound} bound decided more than 90 % of the sizes: other sizing settings hardly matter.`
  const realised = realisedRisk(result).value
  if (realised === undefined || riskPerTrade === undefined) return bound
  return `${bound} A trade that its stop closed lost ${formatValue(realised, 'fraction')} of equity on average, where riskPerTrade says ${formatValue(riskPerTrade, 'fraction')}.`
}

/** Thresholds that no bar of the run could have reached, whatever the legs had said together. */
export function unreachable(signals: readonly InstrumentSignals[]): string[] {
  const words = (what: string, found: (one: InstrumentSignals) => string | undefined): string[] => {
    const where = signals.flatMap((one) => {
      const score = found(one)
      return score === undefined ? [] : [`${one.instrument} (${score})`]
    })
    return where.length === 0 ? [] : [`${what} was unreachable on ${where.join(', ')}.`]
  }
  const score = (value: number): string => formatValue(value, 'ratio')
  return [
    ...words('A buy', ({ attainable, entryAbove }) =>
      attainable === undefined || entryAbove === undefined || attainable.highest >= entryAbove
        ? undefined
        : `at most ${score(attainable.highest)} of ${score(entryAbove)}`,
    ),
    ...words('A sell', ({ attainable, entryBelow }) =>
      attainable === undefined || entryBelow === undefined || attainable.lowest < entryBelow
        ? undefined
        : `at least ${score(attainable.lowest)}, needed under ${score(entryBelow)}`,
    ),
  ]
}

function fewTrades(result: BacktestResult): string | undefined {
  const closed = result.trades.filter((trade) => trade.status === 'closed').length
  if (closed === 0 || closed >= FEW_TRADES) return undefined
  return `Few trades: ${closed}. Under ${FEW_TRADES}, luck decides most of every figure.`
}

function undecided(result: BacktestResult): string | undefined {
  const share = result.trades.length === 0 ? 0 : result.undecidedExits / result.trades.length
  if (share <= UNDECIDED_SHARE) return undefined
  return `Undecided: ${formatValue(share, 'fraction')} of exits touched stop and target in one bar; read the pessimistic result, or let finer candles decide (--detail).`
}

function noFees({ fills, costs }: BacktestResult): string | undefined {
  return fills.length > 0 && costs.fees === 0 ? 'No fee was paid on any fill.' : undefined
}

/** By the setting: the slippage of fills also holds what rounding to the tick cost. */
function noSlippage({ result: { fills }, slippageBps }: WarningInputs): string | undefined {
  return slippageBps === 0 && fills.some(({ liquidity }) => liquidity === 'taker')
    ? 'Slippage is set to 0: every market and stop order got the very price that it saw.'
    : undefined
}
