import { formatValue } from '../metrics/format.js'
import { quantile } from '../metrics/moments.js'
import { DAYS_PER_YEAR, equityCurve } from '../metrics/returns.js'
import { binned } from './histogram.js'
import { safe, type Markup } from './markup.js'
import { vegaChart, type PageKit } from './page/index.js'
import { bestTrial, type SweepReport } from './sweep-report.js'

/** Days that the chart of equity holds. */
const MOST_DAYS = 300
const YEARLY = Math.sqrt(DAYS_PER_YEAR)

/** Sharpe ratios of a year, of whole UTC days, no risk-free rate taken off: of the best trial, and what luck alone would give the best of as many. */
export interface LuckFigures {
  readonly best: number | undefined
  readonly lucky: number | undefined
  /** Why there is no lucky one. */
  readonly reason: string
}

export function luckFigures(report: SweepReport): LuckFigures {
  const best = bestTrial(report)?.dailySharpe
  const deflated = report.judgement?.assessment.deflatedSharpe
  const yearly = best === undefined ? undefined : best * YEARLY
  if (deflated === undefined) return { best: yearly, lucky: undefined, reason: 'no trial is complete' }
  if ('reason' in deflated) return { best: yearly, lucky: undefined, reason: deflated.reason }
  return { best: yearly, lucky: deflated.luckySharpe * YEARLY, reason: '' }
}

/** How the trials' Sharpe ratios are spread, and where luck alone would put the best of them. */
export function luckChart(kit: PageKit, report: SweepReport): Markup {
  const sharpes = report.trials.flatMap(({ dailySharpe }) =>
    dailySharpe === undefined ? [] : [dailySharpe * YEARLY],
  )
  if (sharpes.length === 0) return safe`<p>No trial has a Sharpe ratio: there is no distribution.</p>`
  const bins = binned(sharpes).map(({ from, to, count }) => ({ from, to, count, text: `${formatValue(from, 'ratio')} to ${formatValue(to, 'ratio')}` })) // prettier-ignore
  const { best, lucky, reason } = luckFigures(report)
  const lines = [
    ...(lucky === undefined ? [] : [{ at: lucky, name: 'expected of luck', level: 0 }]),
    ...(best === undefined ? [] : [{ at: best, name: 'best trial', level: 1 }]),
  ]
  const lowest = Math.min(bins[0]!.from, ...lines.map(({ at }) => at))
  const highest = Math.max(bins.at(-1)!.to, ...lines.map(({ at }) => at))
  const left = report.trials.length - sharpes.length
  const floor = report.judgement?.assessment.deflatedSharpe
  const variance = floor === undefined || 'reason' in floor ? '' : ` The expected maximum is √V · E[max N] with N = ${formatValue(floor.trials, 'count')} trials of the ledger and V ${floor.isFloored ? 'at its floor 1/(T − 1)' : 'measured between the trials'}.` // prettier-ignore
  return vegaChart(kit, {
    title: 'Sharpe ratios of all trials, and of luck',
    note: `A year, of whole UTC days, no risk-free rate taken off. "Expected of luck" is what the best of as many trials without any edge reaches on average: ${lucky === undefined ? `n/a (${reason})` : formatValue(lucky, 'ratio')}; the best trial: ${best === undefined ? 'n/a' : formatValue(best, 'ratio')}.${variance}${left > 0 ? ` ${formatValue(left, 'count')} trials have no Sharpe ratio.` : ''}`,
    spec: {
      width: 'container',
      height: 240,
      layer: [
        {
          data: { values: bins },
          mark: { type: 'bar', color: 'var(--benchmark)', opacity: 0.75 },
          encoding: {
            x: { field: 'from', type: 'quantitative', bin: { binned: true }, axis: { title: 'Sharpe ratio, a year', tickCount: 8 }, scale: { domain: [lowest, highest], nice: true } },
            x2: { field: 'to' },
            y: { field: 'count', type: 'quantitative', axis: { title: 'Trials', tickMinStep: 1 } },
            tooltip: [{ field: 'text', title: 'Sharpe' }, { field: 'count', title: 'trials' }],
          },
        },
        {
          data: { values: lines },
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: { x: { field: 'at', type: 'quantitative' }, color: markColour(), tooltip: [{ field: 'name', title: 'Line' }, { field: 'at', format: '.3f', title: 'Sharpe' }] },
        },
      ],
    },
  }) // prettier-ignore
}

function markColour(): object {
  return {
    field: 'name',
    type: 'nominal',
    scale: { domain: ['expected of luck', 'best trial'], range: ['var(--loss)', 'var(--strategy)'] },
    legend: { title: null, orient: 'top', symbolType: 'stroke' },
  }
}

/** Equity of the best trial, and between which the others lie. */
export function equityBands(kit: PageKit, { returns }: SweepReport): Markup {
  if (returns === undefined || returns.best.length < 2) return safe`<p class="note">Equity over days: n/a (${returns === undefined ? 'no trial is complete' : 'fewer than two whole days'}).</p>` // prettier-ignore
  const best = equityCurve(returns.best)
  const others = returns.others.map((one) => equityCurve(one))
  const every = Math.max(1, Math.ceil(best.length / MOST_DAYS))
  const days = [...best.keys()].filter((day) => day % every === 0 || day === best.length - 1)
  const values = days.map((day) => {
    const there = others.map((one) => one[day]! - 1)
    const at = (part: number): number | null => (there.length === 0 ? null : quantile(there, part))
    return { day, best: best[day]! - 1, low: at(0.1), middle: at(0.5), high: at(0.9), text: formatValue(best[day]! - 1, 'fraction'), words: there.length === 0 ? 'n/a' : [0.1, 0.5, 0.9].map((part) => formatValue(at(part)!, 'fraction')).join(', ') } // prettier-ignore
  })
  const x = { field: 'day', type: 'quantitative', axis: { title: 'Whole UTC days since the first', tickMinStep: 1 }, scale: { nice: false } } // prettier-ignore
  const y = { type: 'quantitative', axis: { title: null, format: '~%', tickCount: 5 } }
  const tooltip = [{ field: 'day', title: 'Day' }, { field: 'text', title: 'Best trial' }, { field: 'words', title: '10, 50, 90 % of the others' }] // prettier-ignore
  const which = returns.isSample ? `a sample by the seed of ${formatValue(others.length, 'count')} of the others` : `the ${formatValue(others.length, 'count')} others` // prettier-ignore
  return vegaChart(kit, {
    title: 'Return of the best trial among the others',
    note: `Net, at the end of whole UTC days${every > 1 ? `, one in ${every} of them` : ''}. Band: from the 10 % to the 90 % quantile, day by day, of ${which} that ran to their end; the line in it is their median. The best was chosen by these very days.`,
    spec: {
      data: { values },
      width: 'container',
      height: 240,
      layer: [
        { mark: { type: 'area', color: 'var(--soft)', opacity: 0.2 }, encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } } },
        { mark: { type: 'line', color: 'var(--soft)', strokeWidth: 1 }, encoding: { x, y: { ...y, field: 'middle' } } },
        { mark: { type: 'line', color: 'var(--strategy)', strokeWidth: 1.8 }, encoding: { x, y: { ...y, field: 'best' }, tooltip } },
      ],
    },
  }) // prettier-ignore
}
