import type { Policies } from '../core/policies.js'
import { DAY_MS, durationName } from '../core/time.js'
import type { MetricOptions } from './measured-run.js'
import { DAYS_PER_YEAR } from './returns.js'

/** How the figures of a report are defined, one line a rule, for its header. */
export function metricRules(
  policies: Pick<Policies, 'returns' | 'drawdownPeak'>,
  options: Pick<MetricOptions, 'riskFreeRate' | 'periodsPerYear'>,
  timeframeMs: number,
): string[] {
  const perBar = policies.returns === 'per-bar'
  const periods = options.periodsPerYear ?? (perBar ? (DAYS_PER_YEAR * DAY_MS) / timeframeMs : DAYS_PER_YEAR)
  const rate = options.riskFreeRate ?? 0
  return [
    perBar
      ? `Sharpe and its kin from net returns of each ${durationName(timeframeMs)} bar; everything else from whole UTC days.`
      : 'Returns are of whole UTC days, net of all costs, flat days included; never of trades.',
    `Deviations are sample deviations (n − 1), annualised by √${Number(periods.toFixed(4))}.`,
    rate === 0
      ? 'Risk-free rate 0.'
      : `Risk-free rate ${Number((rate * 100).toFixed(4))} % a year, taken per period.`,
    `Drawdown on bar closes, as a positive fraction of the running peak, which starts at the ${
      policies.drawdownPeak === 'starting-balance' ? 'starting balance' : "first bar's equity"
    }.`,
    'Win rate, expectancy and the like are net of fees, slippage and funding; closes at the end of data count in profit, not in the win rate.',
    '"n/a" says why a figure is undefined; it is never shown as 0.',
  ]
}
