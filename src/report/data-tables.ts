import type { DataSurvey, KnownBasis, SeriesSurvey, Spread } from '../core/data-survey.js'
import { formatUtc, formatUtcDay } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import { type DataFinding, dataFindings, durationText, isIrregular } from './data-findings.js'
import { table, type Table } from './table.js'

/** How known-at came about, as a reader takes it. */
export const BASIS_WORDS: Readonly<Record<KnownBasis, string>> = {
  'bar-close': 'by definition: at the close of the bar',
  settlement: 'by definition: at its settlement',
  column: 'recorded with the rows',
  'exact-lag': 'a lag that the import calls exact',
  'assumed-lag': 'ASSUMED: a lag after the event',
  'assumed-column': 'ASSUMED: a column of the file',
  unknown: 'unknown',
}

const SHORT_BASIS: Readonly<Record<KnownBasis, string>> = {
  'bar-close': 'close',
  settlement: 'settlement',
  column: 'recorded',
  'exact-lag': 'exact lag',
  'assumed-lag': 'ASSUMED',
  'assumed-column': 'ASSUMED',
  unknown: 'unknown',
}

export function basisWord({ known }: SeriesSurvey): string {
  return [...new Set(known.basis.map((basis) => SHORT_BASIS[basis]))].join(', ')
}

/** Rows of a series that meet a criterion of one severity. */
export function flaggedRows({ checks }: SeriesSurvey, severity: 'impossible' | 'suspicious'): number {
  return checks.reduce((sum, check) => sum + (check.severity === severity ? (check.count ?? 0) : 0), 0)
}

/** Coverage in time; events at irregular times have none that would mean something. */
export function coverageText(series: SeriesSurvey): string {
  return isIrregular(series) ? 'irregular' : formatValue(series.coverage.share, 'fraction')
}

/** One line a series, as the terminal prints it. */
export function surveyTable({ folder, series }: DataSurvey): Table {
  const columns = ['series', 'rows#', 'from', 'to', 'coverage#', 'gaps#', 'missing#', 'longest gap#', 'suspicious#', 'impossible#', 'known after#', 'known-at', 'oldest#'] // prettier-ignore
  const rows = series.map((one) => {
    const { known, gaps, coverage, staleness } = one
    const isGrid = !isIrregular(one)
    return [
      one.id,
      formatValue(one.rows, 'count'),
      formatUtcDay(one.firstEventTime),
      formatUtcDay(one.lastEventTime),
      coverageText(one),
      isGrid ? formatValue(gaps.count, 'count') : '–',
      isGrid ? formatValue(coverage.missingEvents, 'count') : '–',
      isGrid && gaps.count > 0 ? durationText(gaps.longestMs) : '–',
      formatValue(flaggedRows(one, 'suspicious'), 'count'),
      formatValue(flaggedRows(one, 'impossible'), 'count'),
      known.delay === undefined ? 'never' : durationText(known.delay.median),
      basisWord(one),
      staleness === undefined ? 'n/a' : durationText(staleness.largestMs),
    ]
  })
  return table(`Data in ${folder}`, columns, rows)
}

export interface FindingGroup {
  readonly finding: DataFinding
  /** Series with the same finding, and what it is in each. */
  readonly series: readonly { readonly id: string; readonly text: string }[]
}

/** The same finding of several series as one, gravest first, then by how many series have it. */
export function groupFindings({ series }: DataSurvey): FindingGroup[] {
  const groups = new Map<string, { finding: DataFinding; series: { id: string; text: string }[] }>()
  for (const one of series) {
    for (const finding of dataFindings(one)) {
      const name = `${finding.severity} ${finding.key} ${finding.title}`
      const group = groups.get(name) ?? { finding, series: [] }
      const last = group.series.at(-1)
      if (last?.id === one.id) last.text += `; ${finding.text}`
      else group.series.push({ id: one.id, text: finding.text })
      groups.set(name, group)
    }
  }
  const order = { impossible: 0, suspicious: 1, note: 2 }
  return [...groups.values()].sort(
    (a, b) =>
      order[a.finding.severity] - order[b.finding.severity] ||
      b.series.length - a.series.length ||
      (a.finding.key < b.finding.key ? -1 : 1),
  )
}

/** Findings of all series, one line each, as the terminal prints them; each names a few of its series. */
export function findingsTable(survey: DataSurvey, named = 2): Table {
  const rows = groupFindings(survey).map(({ finding, series }) => {
    const examples = series.slice(0, named).map(({ id, text }) => `${id}: ${text}`)
    const more = series.length - examples.length
    return [
      finding.severity,
      finding.title,
      formatValue(series.length, 'count'),
      [...examples, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'),
    ]
  })
  return table('What to know of these data', ['Severity', 'Finding', 'Series', 'Where'], rows)
}

export const SPREAD_COLUMNS = ['lowest#', '5 %#', '25 %#', 'median#', '75 %#', '95 %#', '99 %#', 'highest#'] as const // prettier-ignore

export function spreadCells(spread: Spread, format: (value: number) => string): string[] {
  const { minimum, p5, p25, median, p75, p95, p99, maximum } = spread
  return [minimum, p5, p25, median, p75, p95, p99, maximum].map(format)
}

/** Distances and delays of a series: quantiles. */
export function timingTable({ spacing, known, rowsPerEvent }: SeriesSurvey): Table {
  const rows: string[][] = []
  if (spacing !== undefined) rows.push(['from one event to the next', ...spreadCells(spacing, durationText)])
  if (known.delay !== undefined)
    rows.push(['from the event to known-at', ...spreadCells(known.delay, durationText)])
  if (rowsPerEvent !== undefined)
    rows.push(['rows of an event', ...spreadCells(rowsPerEvent, (count) => formatValue(count, 'count'))])
  return table('Distances and delays', ['', ...SPREAD_COLUMNS], rows)
}

/** Ranges of the fields of a series. */
export function valuesTable({ values }: SeriesSurvey): Table {
  const rows = values.map(({ name, missing, spread, flat }) => [
    name,
    formatValue(missing, 'count'),
    ...(spread === undefined ? SPREAD_COLUMNS.map(() => 'n/a') : spreadCells(spread, shortNumber)),
    flat === undefined ? '–' : `${formatValue(flat.length, 'count')} from ${formatUtc(flat.startTime)}`,
  ])
  return table('Values', ['field', 'missing#', ...SPREAD_COLUMNS, 'longest standstill, events'], rows)
}

/** Six digits, as many as a reader takes in. */
function shortNumber(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e9 || size < 1e-6) return value.toExponential(4)
  return String(Number(value.toPrecision(6)))
}

/** Every criterion with the rows that meet it. */
export function checksTable({ checks }: SeriesSurvey): Table {
  const rows = checks.map(({ title, severity, criterion, count, reason, worst }) => [
    title,
    count === undefined ? `n/a (${reason ?? ''})` : formatValue(count, 'count'),
    severity,
    criterion,
    worst.map(({ time, text, score }) => `${formatUtc(time)} ${text}${score > 0 ? ` (${formatValue(score, 'ratio')})` : ''}`).join('\n'), // prettier-ignore
  ])
  return table('Checks', ['Check', 'Rows', 'Severity', 'Criterion', 'Worst (how far out)'], rows)
}

/** The longest gaps of a series. */
export function gapsTable({ gaps }: SeriesSurvey, count: number): Table {
  const rows = gaps.longest
    .slice(0, count)
    .map(({ afterTime, beforeTime, missing, lengthMs }) => [
      formatUtc(afterTime),
      formatUtc(beforeTime),
      durationText(lengthMs),
      formatValue(missing, 'count'),
    ])
  const title = gaps.count > rows.length ? `The ${rows.length} longest of ${formatValue(gaps.count, 'count')} gaps` : 'Gaps' // prettier-ignore
  return table(title, ['last event before', 'first event after', 'missing time#', 'missing events#'], rows)
}
