import { formatValue } from '../metrics/format.js'
import type { Statistic } from '../metrics/statistic.js'
import { seededSample } from '../research/sweep/seeded-sample.js'
import { safe, type Markup } from './markup.js'
import { vegaChart, type PageKit } from './page/index.js'
import { completeTrials, objectiveText, objectiveValue, paramWords, type SweepReport } from './sweep-report.js' // prettier-ignore

/** Points that a chart of single trials holds. */
const MOST_POINTS = 1_500

/** The objective trial by trial, and the best so far. */
export function historyChart(kit: PageKit, report: SweepReport): Markup {
  const { objective, seed, trials } = report
  const complete = completeTrials(report)
  const records: { trial: number; best: number }[] = []
  let best = -Infinity
  for (const { number, score } of complete) {
    if (score <= best) continue
    best = score
    records.push({ trial: number, best: objectiveValue(objective, score) })
  }
  const last = records.at(-1)
  if (last === undefined) return safe`<p>No trial is complete: there is no history of the objective.</p>`
  const steps = [...records, { trial: trials.at(-1)?.number ?? last.trial, best: last.best }]
  const sample = seededSample(complete.length, MOST_POINTS, seed, 1)
  const values = sample.map((at) => {
    const trial = complete[at]!
    return { trial: trial.number, value: objectiveValue(objective, trial.score), text: objectiveText(objective, trial.score), params: paramWords(report, trial.point) } // prettier-ignore
  })
  const sampled = sample.length < complete.length ? ` Drawn are ${formatValue(sample.length, 'count')} of ${formatValue(complete.length, 'count')} complete trials, a sample by the seed; the line is of all.` : '' // prettier-ignore
  const axis = { title: null, tickCount: 5 }
  return vegaChart(kit, {
    title: `History of the search: ${objective.key}`,
    note: `Each complete trial in the order in which it was proposed; the line is the best so far.${sampled}`,
    spec: {
      width: 'container',
      height: 220,
      layer: [
        {
          data: { values },
          mark: { type: 'point', filled: true, size: 16, color: 'var(--soft)', opacity: 0.55 },
          encoding: {
            x: { field: 'trial', type: 'quantitative', axis: { title: 'Trial', tickMinStep: 1 } },
            y: { field: 'value', type: 'quantitative', axis, scale: { zero: false } },
            tooltip: [{ field: 'trial', title: 'Trial' }, { field: 'text', title: objective.key }, { field: 'params', title: 'Params' }],
          },
        },
        {
          data: { values: steps },
          mark: { type: 'line', interpolate: 'step-after', color: 'var(--strategy)', strokeWidth: 2 },
          encoding: { x: { field: 'trial', type: 'quantitative' }, y: { field: 'best', type: 'quantitative' } },
        },
      ],
    },
  }) // prettier-ignore
}

/** Share of the objective's variance that each param explains by itself. */
export function importanceChart(
  kit: PageKit,
  { dimensions, sampler }: SweepReport,
  shares: readonly Statistic[],
): Markup {
  const values = dimensions.flatMap(({ name }, at) => {
    const share = shares[at]?.value
    return share === undefined
      ? []
      : [{ name, share, end: Math.max(0, share), text: formatValue(share, 'fraction') }]
  })
  const absent = dimensions.flatMap(({ name }, at) => {
    const share = shares[at]!
    return share.value === undefined ? [`${name}: n/a (${share.reason})`] : []
  })
  const reasons = absent.length === 0 ? safe`` : safe`<p class="note">${absent.join('; ')}</p>`
  const ordered = [...values].sort((a, b) => b.share - a.share).map(({ name }) => name)
  const most = values.reduce((largest, { share }) => Math.max(largest, share), 0.1)
  const least = values.reduce((smallest, { share }) => Math.min(smallest, share), 0)
  if (values.length === 0) return safe`<figure><figcaption><strong>Importance of params</strong></figcaption>${reasons}</figure>` // prettier-ignore
  const learnt = sampler === 'tpe' ? ' This search learned as it went: the shares are those of the regions that it liked.' : '' // prettier-ignore
  return safe`${vegaChart(kit, {
    title: 'Importance of params',
    note: `Share of the variance of the objective that lies between the means of a param's values (ten parts where there are more), less what chance explains (ε², Kelley 1935); complete trials. What params do only together is in no share, so that they need not add up to all; a little below 0 is chance.${learnt}`,
    spec: {
      data: { values },
      width: 'container',
      height: 30 * values.length,
      encoding: {
        y: { field: 'name', type: 'nominal', sort: ordered, axis: { title: null, labelLimit: 120 } },
        x: { field: 'share', type: 'quantitative', axis: { title: null, format: '~%', tickCount: 4, grid: true }, scale: { domain: [least, most * 1.18], nice: false } },
        tooltip: [{ field: 'name', title: 'Param' }, { field: 'text', title: 'Explains' }],
      },
      layer: [
        { mark: { type: 'bar', height: 14 } },
        { mark: { type: 'text', align: 'left', dx: 6 }, encoding: { x: { field: 'end', type: 'quantitative' }, text: { field: 'text' } } },
      ],
    },
  })}${reasons}` // prettier-ignore
}
