import { durationName, formatUtc, formatUtcDay } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import type { Statistic } from '../metrics/statistic.js'
import { differencesFromFirst, type ComparedMetric, type Comparison } from './comparison.js'
import { runLetter } from './comparison-doubts.js'
import { table, type Table } from './table.js'

/** A figure, or `n/a`: the reasons stand in --json, and where the run itself is shown. */
export function cellText({ value }: Statistic, unit: ComparedMetric['unit']): string {
  return value === undefined ? 'n/a' : formatValue(value, unit)
}

const letters = ({ runs }: Comparison): string[] => runs.map((_, index) => `${runLetter(index)}#`)

/** Which letter is which run, and on what it ran. */
export function runsTable({ runs }: Comparison): Table {
  const rows = runs.map((run, index) => [
    runLetter(index),
    run.id,
    `${run.strategy}${run.preset === undefined ? '' : ` (${run.preset})`}`,
    run.instruments.map(({ id }) => id).join(', '),
    durationName(run.timeframeMs),
    `${formatUtc(run.startTime)} to ${formatUtc(run.endTime)}`,
    formatValue(run.startingBalance, 'money'),
    run.synthetic ? 'SYNTHETIC' : 'recorded',
  ])
  return table('', ['', 'Run', 'Strategy', 'On', 'Bars', 'Period (UTC)', 'Balance#', 'Data'], rows)
}

/** Inputs in which runs differ, each value with the runs that have it. */
export function differencesTable({ differences }: Comparison): Table {
  const rows = differences.map(({ path, values }) => {
    const texts = values.map(inputText)
    const lines = [...new Set(texts)].map((text) => {
      const runs = texts.flatMap((one, index) => (one === text ? [runLetter(index)] : []))
      return `${runs.join(', ')}: ${text}`
    })
    return [path, lines.join('\n')]
  })
  return table('', ['Input', 'Runs and their value'], rows)
}

/** A hash by its beginning: nobody reads 64 digits. */
function inputText(value: string | undefined): string {
  if (value === undefined) return '–'
  return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}…` : value
}

/** Figures side by side; the best is marked with a star, where there is a best. */
export function metricsTable(title: string, comparison: Comparison, metrics: readonly ComparedMetric[]): Table {
  const rows = metrics.map(({ label, unit, values, best }) => [
    label,
    ...values.map((value, run) => `${cellText(value, unit)}${best.includes(run) ? ' *' : best.length > 0 ? '  ' : ''}`),
  ])
  return table(title, ['Figure', ...letters(comparison)], rows)
} // prettier-ignore

/** What every other run has more or less than the first. Times are left out. */
export function deltasTable(comparison: Comparison): Table {
  const rows = comparison.headline
    .filter(({ unit }) => unit !== 'time')
    .map((one) => [
      one.label,
      ...differencesFromFirst(one)
        .slice(1)
        .map((value) => signed(value, one.unit)),
    ])
  const columns = comparison.runs.slice(1).map((_, index) => `${runLetter(index + 1)} − A#`)
  return table('Differences from A', ['Figure', ...columns], rows)
}

function signed(statistic: Statistic, unit: ComparedMetric['unit']): string {
  // A difference of percentages is in percentage points.
  const text = cellText(statistic, unit).replace(/ %$/, ' pp')
  return statistic.value !== undefined && statistic.value > 0 ? `+${text}` : text
}

/** A square of what run and run have to do with each other. */
export function matrixTable(title: string, cells: readonly (readonly Statistic[])[], unit: ComparedMetric['unit']): Table {
  const rows = cells.map((row, index) => [runLetter(index), ...row.map((value) => cellText(value, unit))])
  return table(title, ['', ...cells.map((_, index) => `${runLetter(index)}#`)], rows)
} // prettier-ignore

/** Returns of calendar months, newest first. */
export function monthlyTable({ runs, monthly }: Comparison): Table {
  const rows = [...monthly]
    .reverse()
    .map(({ startTime, returns }) => [
      formatUtcDay(startTime).slice(0, 7),
      ...returns.map((value) => (value === null ? '–' : formatValue(value, 'fraction'))),
    ])
  return table('', ['Month', ...runs.map((_, index) => `${runLetter(index)}#`)], rows)
}
