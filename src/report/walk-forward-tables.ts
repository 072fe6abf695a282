import { formatUtcDay } from '../core/time.js'
import { formatStatistic, formatValue } from '../metrics/format.js'
import { dimensionText } from '../research/search-dimension.js'
import { table, type Table } from './table.js'
import type { WalkForwardReport } from './walk-forward-report.js'

/** One row a window: when, what was chosen, what it promised and what came of it. */
export function walkForwardWindowsTable({ windows, dimensions }: WalkForwardReport): Table {
  return table(
    'Windows',
    ['No.#', 'Trained on', 'Tested on', 'Chosen', 'In sample, a year#', 'Out of sample, a year#', 'Test return#', 'Trades#'],
    windows.map(({ training, test, params, inSampleYearly, outOfSampleYearly, outOfSampleReturn, trades }, at) => [
      String(at + 1),
      days(training.startMs, training.endMs),
      days(test.startMs, test.endMs),
      params === undefined ? 'none' : dimensions.length === 0 ? 'as fixed' : dimensions.map(({ name }) => `${name}=${params[name]}`).join(' '),
      figure(inSampleYearly),
      figure(outOfSampleYearly),
      figure(outOfSampleReturn),
      trades === undefined ? 'n/a' : formatValue(trades, 'count'),
    ]),
  )
} // prettier-ignore

/** How far the choices of each param wander. */
export function walkForwardParamsTable({ params, dimensions }: WalkForwardReport): Table {
  return table(
    'Chosen params',
    ['Param', 'Searched', 'Chosen, window by window', 'Different#', 'Spread#', 'Commonest#'],
    params.map(({ name, values, distinct, spread, commonest }, at) => [
      name,
      dimensionText(dimensions[at]!).slice(name.length + 1),
      choices(values),
      formatValue(distinct, 'count'),
      spread === undefined ? 'n/a' : formatValue(spread, 'fraction'),
      formatValue(commonest, 'fraction'),
    ]),
  )
}

/** The days out of sample as a whole. */
export function walkForwardFiguresTable(report: WalkForwardReport): Table {
  const { netReturn, efficiency, gainingWindows, sharpe, maxDrawdown, outOfSample } = report
  return table('Out of sample, all windows end to end', ['Figure', 'Value#'], [
    ['Net return', formatStatistic(netReturn, 'fraction')],
    ['Efficiency, out of sample over in sample', formatStatistic(efficiency, 'ratio')],
    ['Windows that gained', formatStatistic(gainingWindows, 'fraction')],
    ['Sharpe', formatStatistic(sharpe, 'ratio')],
    ['Max drawdown, on days', formatStatistic(maxDrawdown, 'fraction')],
    ['Days', formatValue(outOfSample.returns.length, 'count')],
  ]) // prettier-ignore
}

/** What was asked. */
export function walkForwardSettingsTable(report: WalkForwardReport): Table {
  const { dimensions, fixed, constraints, conditions, objective, sampler, trials, drawnFrom, seed } = report
  const { trainDays, testDays, isAnchored, purgeMs, purgeFrom, windows } = report
  const tried = windows.reduce((sum, one) => sum + one.tried, 0)
  const by = drawnFrom === undefined ? `${sampler}, at most ${formatValue(trials, 'count')} trials a window` : `${sampler}, ${formatValue(trials, 'count')} of its ${formatValue(drawnFrom, 'count')} points, drawn by the seed, the same ones in every window` // prettier-ignore
  const words = (texts: readonly string[]): string => (texts.length === 0 ? 'none' : texts.join(', '))
  return table('How it was searched', ['Setting', 'Value'], [
    ['Searched', words(dimensions.map(dimensionText))],
    ['Fixed', words(Object.entries(fixed).map(([name, value]) => `${name}=${value}`))],
    ['Constraints', words([...constraints, ...conditions])],
    ['Objective', objective],
    ['Sampler', `${by}, ${formatValue(tried, 'count')} in all, seed ${seed}`],
    ['Training', `${trainDays} days, ${isAnchored ? 'anchored: it begins at the start and grows' : 'rolling'}`],
    ['Test', `${testDays} days`],
    ['Purge', `${formatValue(purgeMs / 86_400_000, 'days')} before each test: ${purgeFrom}`],
  ])
} // prettier-ignore

/** `37 ×6, 31, 47`: in the order of windows, what is chosen several times in a row once. */
function choices(values: WalkForwardReport['params'][number]['values']): string {
  const runs: { readonly value: string; readonly count: number }[] = []
  for (const one of values) {
    const value = one === undefined ? '–' : String(one)
    const last = runs.at(-1)
    if (last?.value === value) runs[runs.length - 1] = { value, count: last.count + 1 }
    else runs.push({ value, count: 1 })
  }
  return runs.map(({ value, count }) => (count === 1 ? value : `${value} ×${count}`)).join(', ')
}

function days(startMs: number, endMs: number): string {
  return `${formatUtcDay(startMs)} to ${formatUtcDay(endMs - 1)}`
}

function figure(statistic: Parameters<typeof formatStatistic>[0]): string {
  return statistic.value === undefined ? 'n/a' : formatStatistic(statistic, 'fraction')
}
