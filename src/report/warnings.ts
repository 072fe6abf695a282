import type { BacktestResult } from '../core/result.js'
import { formatValue } from '../metrics/format.js'
import type { MetricsReport } from '../metrics/metrics-report.js'
import { whyNoTrades } from './funnel.js'
import type { InstrumentSignals } from './run-summary.js'

/** Fewer closed trades than this say next to nothing. */
const FEW_TRADES = 100
/** Undecided exits above this share make the result a range rather than a figure. */
const UNDECIDED_SHARE = 0.05

export interface WarningInputs {
  readonly result: BacktestResult
  readonly metrics: MetricsReport
  readonly synthetic: boolean
  readonly signals: readonly InstrumentSignals[]
  /** What the strategy itself says a reader must know, such as the period that its thresholds were chosen on. */
  readonly notes: readonly string[]
  /** Missing bars inside the run, by instrument id. */
  readonly missingBars: Readonly<Record<string, number>>
  readonly fundingLeftOut: boolean
}

/** Everything a reader must know before believing a figure, gravest first. */
export function runWarnings(inputs: WarningInputs): string[] {
  const { result, metrics } = inputs
  const warnings: (string | undefined)[] = [
    inputs.synthetic
      ? 'Synthetic data: invented prices and facts. They say nothing about any real market.'
      : undefined,
    whyNoTrades(result.funnel),
    ...unreachable(inputs.signals),
    fewTrades(result),
    ...inputs.notes,
    inputs.fundingLeftOut
      ? 'Funding was left out on request: a perpetual pays or receives it every few hours.'
      : undefined,
    undecided(result),
    metrics.dominantSizeBound === null
      ? undefined
      : `The ${metrics.dominantSizeBound} bound decided more than 90 % of the sizes: other sizing settings hardly matter.`,
    ...Object.entries(inputs.missingBars).map(([id, count]) =>
      count === 0
        ? undefined
        : `${id}: ${formatValue(count, 'count')} bars are missing inside the run; orders and stops waited for the next one.`,
    ),
    noSlippage(result),
    ...result.flags.map((flag) =>
      flag.count > 1 ? `${flag.message} (${formatValue(flag.count, 'count')} times)` : flag.message,
    ),
  ]
  return warnings.filter((warning) => warning !== undefined)
}

/** Thresholds that no bar of the run could have reached, whatever the legs had said together. */
function unreachable(signals: readonly InstrumentSignals[]): string[] {
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
  return `Undecided: ${formatValue(share, 'fraction')} of exits touched stop and target in one bar; read the pessimistic result, or use finer candles.`
}

function noSlippage(result: BacktestResult): string | undefined {
  const isFree = result.fills.length > 0 && result.costs.fees === 0
  return isFree ? 'No fee was paid on any fill.' : undefined
}
