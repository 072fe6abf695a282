import type { BacktestResult } from '../core/result.js'
import type { RunSummary } from '../report/index.js'
import type { Backtest } from './backtest.js'

/** What metrics.json holds: all that is shown of a run but its curves, charts, fills and trades. */
export interface StoredResults
  extends
    Pick<Backtest, 'metrics' | 'optimistic' | 'detail' | 'sensitivity' | 'signals' | 'missingBars'>,
    Pick<RunSummary, 'warnings' | 'data'> {
  readonly result: Pick<
    BacktestResult,
    'finalEquity' | 'startTime' | 'endTime' | 'funnel' | 'costs' | 'undecidedExits' | 'flags' | 'path'
  > & { readonly trades: number }
}

export function storedResults(backtest: Backtest, { warnings, data }: RunSummary): StoredResults {
  const { result, metrics, optimistic, detail, sensitivity, signals, missingBars } = backtest
  const { finalEquity, startTime, endTime, funnel, costs, undecidedExits, flags, path } = result
  return {
    metrics,
    result: { finalEquity, startTime, endTime, funnel, costs, undecidedExits, flags, path, trades: result.trades.length },
    optimistic,
    detail,
    sensitivity,
    signals,
    missingBars,
    warnings,
    data,
  } // prettier-ignore
}
