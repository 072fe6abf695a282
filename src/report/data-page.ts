import type { DataSurvey, SeriesSurvey } from '../core/data-survey.js'
import { DAY_MS, durationName, formatUtc, formatUtcDay } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import { durationText, isIrregular } from './data-findings.js'
import { commonAxis, coverageStrip, type StripAxis } from './data-strip.js'
import {
  BASIS_WORDS,
  basisWord,
  checksTable,
  coverageText,
  findingsTable,
  flaggedRows,
  gapsTable,
  timingTable,
  valuesTable,
} from './data-tables.js'
import { safe, type Markup } from './markup.js'
import {
  makePage,
  pageBanner,
  pageTable,
  recordTable,
  timeChart,
  type PageKit,
  type RecordColumn,
} from './page/index.js'
import { table } from './table.js'

/** Series up to which a group of details is open from the start. */
const FEW_SERIES = 1
const GAPS_SHOWN = 20

/** The page of a data folder: coverage, gaps, outliers, staleness and known-at delays of every series, and what to know of them. */
export function dataPage(survey: DataSurvey, kit: PageKit): string {
  const { folder, series } = survey
  const title = series.length === 1 ? `Data: ${series[0]!.id}` : 'Data report'
  return makePage(kit, {
    title,
    banner: pageBanner({
      title,
      lines: [
        `${folder} · data set ${survey.dataSetHash}`,
        ...(survey.leftOut > 0
          ? [`${formatValue(survey.leftOut, 'count')} other series of the folder were not asked for`]
          : []),
      ],
      labels: labels(series),
      warnings: loudWords(series),
    }),
    sections:
      series.length === 0
        ? [{ id: 'nothing', title: 'Nothing', body: safe`<p>No series to show.</p>` }]
        : [
            { id: 'summary', title: 'Summary', body: safe`${tiles(series)}${pageTable(findingsTable(survey, 3))}` }, // prettier-ignore
            { id: 'coverage', title: 'Coverage over time', body: coverageOverview(series) },
            { id: 'series', title: 'Series', body: seriesRecords(series) },
            { id: 'details', title: 'Every series', body: details(series) },
            { id: 'definitions', title: 'How figures are defined', body: definitions(survey) },
          ],
    footer: safe`Read from the stored files, whose bytes were verified first. Nothing was changed and nothing was filled.`,
  })
}

function isSynthetic({ flags }: SeriesSurvey): boolean {
  return flags.includes('synthetic')
}

function labels(series: readonly SeriesSurvey[]): { text: string; isLoud?: boolean }[] {
  const synthetic = series.filter(isSynthetic).length
  const kinds = [...new Set(series.map(({ kind }) => kind))]
  const origin =
    synthetic === 0
      ? [{ text: 'recorded data' }]
      : [{ text: synthetic === series.length ? 'synthetic data' : 'partly synthetic data', isLoud: true }]
  return [...(series.length === 0 ? [] : origin), ...kinds.map((text) => ({ text }))]
}

function loudWords(series: readonly SeriesSurvey[]): string[] {
  const synthetic = series.filter(isSynthetic).length
  const impossible = series.filter((one) => flaggedRows(one, 'impossible') > 0)
  const words: string[] = []
  if (synthetic > 0)
    words.push(
      `SYNTHETIC: ${formatValue(synthetic, 'count')} of ${formatValue(series.length, 'count')} series were made by a simulator. They say nothing about any real market.`,
    )
  if (impossible.length > 0)
    words.push(`Impossible rows in ${impossible.map(({ id }) => id).join(', ')}: see the checks below.`)
  return words
}

function tiles(series: readonly SeriesSurvey[]): Markup {
  const total = (of: (one: SeriesSurvey) => number): number => series.reduce((sum, one) => sum + of(one), 0)
  const count = (is: (one: SeriesSurvey) => boolean): string => formatValue(series.filter(is).length, 'count')
  const axis = commonAxis(series)
  const grids = series.filter((one) => !isIrregular(one))
  const lastEvent = Math.max(...series.map(({ lastEventTime }) => lastEventTime))
  const figures: [string, string, string, string][] = [
    ['series', 'Series', formatValue(series.length, 'count'), ''],
    ['rows', 'Rows', formatValue(total(({ rows }) => rows), 'count'), `${formatValue(total(({ bytes }) => bytes), 'count')} bytes`],
    ['time', 'Time', durationText(axis.endTime - axis.startTime), `${formatUtcDay(axis.startTime)} to ${formatUtcDay(lastEvent)}`],
    ['gaps', 'Series with gaps', count((one) => !isIrregular(one) && one.gaps.count > 0), `${formatValue(grids.reduce((sum, one) => sum + one.coverage.missingEvents, 0), 'count')} events missing`],
    ['suspicious', 'Suspicious rows', formatValue(total((one) => flaggedRows(one, 'suspicious')), 'count'), `impossible: ${formatValue(total((one) => flaggedRows(one, 'impossible')), 'count')}`],
    ['unread', 'Rows that no run reads', formatValue(total(({ quarantined, known }) => quarantined.rows + known.neverKnown), 'count'), `in quarantine ${formatValue(total(({ quarantined }) => quarantined.rows), 'count')}, never known ${formatValue(total(({ known }) => known.neverKnown), 'count')}`],
    ['assumed', 'Known-at assumed', count(({ known }) => known.basis.some((word) => word.startsWith('assumed'))), 'series'],
  ] // prettier-ignore
  return safe`<dl class="tiles">${figures.map(
    ([key, label, value, more]) =>
      safe`<div data-key="${key}"><dt>${label}</dt><dd>${value}${more === '' ? safe`` : safe`<small>${more}</small>`}</dd></div>`,
  )}</dl>`
}

function groupsByKind(series: readonly SeriesSurvey[]): [kind: string, series: SeriesSurvey[]][] {
  const kinds = [...new Set(series.map(({ kind }) => kind))]
  return kinds.map((kind) => [kind, series.filter((one) => one.kind === kind)])
}

function coverageOverview(series: readonly SeriesSurvey[]): Markup {
  const axis = commonAxis(series)
  return safe`<p class="note">Teal: nothing missing. Amber, the deeper the more: part of the time missing. Red: all of it. Grey: before the first event or after the last. All strips run from ${formatUtcDay(axis.startTime)} to ${formatUtcDay(axis.endTime)}; point at a piece for its numbers. Blue: events at irregular times.</p>
${groupsByKind(series).map(([kind, group]) => strips(kind, group, axis))}`
}

function strips(kind: string, series: readonly SeriesSurvey[], axis: StripAxis): Markup {
  const rows = series.map(
    (one) =>
      safe`<tr><td><a href="#${anchor(one.id)}">${one.id.slice(kind.length + 1)}</a></td><td>${coverageStrip(one, axis, 15)}</td><td class="number">${coverageText(one)}</td></tr>`,
  )
  return safe`<details open><summary>${kind} (${series.length})</summary><div class="scroll"><table class="texts"><colgroup><col width="26%"><col width="60%"><col width="14%"></colgroup><thead><tr><th>series</th><th>${formatUtcDay(axis.startTime)} to ${formatUtcDay(axis.endTime)}</th><th class="number">covered</th></tr></thead><tbody>${rows}</tbody></table></div></details>`
}

/** A name for a link: letters, digits and hyphens, different for every id. */
function anchor(id: string): string {
  return `s-${id.replaceAll(/[^A-Za-z0-9]/g, (letter) => `-${letter.codePointAt(0)?.toString(16) ?? ''}-`)}`
}

function seriesRecords(series: readonly SeriesSurvey[]): Markup {
  const days = (durationMs: number | undefined): number | null =>
    durationMs === undefined ? null : durationMs / DAY_MS
  const grid = <T>(one: SeriesSurvey, value: T): T | null => (isIrregular(one) ? null : value)
  const columns: RecordColumn[] = [
    { name: 'Series', values: series.map(({ id }) => id) },
    { name: 'Kind', values: series.map(({ kind }) => kind), isChoice: true, isHidden: true },
    { name: 'Rows', unit: 'count', values: series.map(({ rows }) => rows) },
    { name: 'Events', unit: 'count', values: series.map(({ events }) => events), isHidden: true },
    { name: 'From', values: series.map(({ firstEventTime }) => formatUtcDay(firstEventTime)) },
    { name: 'To', values: series.map(({ lastEventTime }) => formatUtcDay(lastEventTime)) },
    { name: 'Coverage', unit: 'fraction', values: series.map((one) => grid(one, one.coverage.share)) },
    { name: 'Gaps', unit: 'count', values: series.map((one) => grid(one, one.gaps.count)) },
    { name: 'Missing', unit: 'count', values: series.map((one) => grid(one, one.coverage.missingEvents)) },
    { name: 'Longest gap', unit: 'days', values: series.map((one) => grid(one, days(one.gaps.longestMs))) },
    { name: 'Suspicious', unit: 'count', values: series.map((one) => flaggedRows(one, 'suspicious')) },
    { name: 'Impossible', unit: 'count', values: series.map((one) => flaggedRows(one, 'impossible')) },
    {
      name: 'Quarantined',
      unit: 'count',
      values: series.map(({ quarantined }) => quarantined.rows),
      isHidden: true,
    },
    {
      name: 'Never known',
      unit: 'count',
      values: series.map(({ known }) => known.neverKnown),
      isHidden: true,
    },
    { name: 'Known after', unit: 'days', values: series.map(({ known }) => days(known.delay?.median)) },
    { name: 'Known-at', values: series.map(basisWord), isChoice: true },
    { name: 'Oldest', unit: 'days', values: series.map(({ staleness }) => days(staleness?.largestMs)) },
    { name: 'Flags', values: series.map(({ flags }) => flags.join(' ')), isChoice: true, isHidden: true },
  ]
  return recordTable({ columns, rowsPerPage: 25, csvName: 'data-report.csv' })
}

function details(series: readonly SeriesSurvey[]): Markup {
  const isOpen = series.length <= FEW_SERIES
  return safe`${groupsByKind(series).map(
    ([kind, group]) => safe`<h3>${kind}</h3>${group.map((one) => detail(one, isOpen))}`,
  )}`
}

/** The link's aim lies inside what is folded: browsers unfold it then. */
function detail(one: SeriesSurvey, isOpen: boolean): Markup {
  const axis = { startTime: one.firstEventTime, endTime: one.endTime }
  return safe`<details class="series"${isOpen ? safe` open` : safe``}><summary>${one.id}</summary><div id="${anchor(one.id)}">
<figure><figcaption><strong>Coverage by ${one.coverage.period}</strong><span class="readout">${coverageText(one)}</span></figcaption>${coverageStrip(one, axis, 22)}
<p class="note">${formatUtc(axis.startTime)} to ${formatUtc(axis.endTime)} UTC</p></figure>
${ageChart(one)}
${pageTable(factsTable(one))}
${pageTable(timingTable(one))}
${one.values.length === 0 ? safe`` : pageTable(valuesTable(one))}
${pageTable(checksTable(one))}
${one.gaps.count === 0 || isIrregular(one) ? safe`` : pageTable(gapsTable(one, GAPS_SHOWN))}
</div></details>`
}

/** The largest age of the newest known fact, bucket by bucket, where it ever differed. */
function ageChart(one: SeriesSurvey): Markup {
  const { buckets, period } = one.coverage
  const ages = buckets.map(({ largestAgeMs }) =>
    largestAgeMs === undefined ? null : Number((largestAgeMs / DAY_MS).toFixed(5)),
  )
  if (buckets.length < 3 || new Set(ages.filter((age) => age !== null)).size < 2) return safe``
  const limitMs = one.staleness?.limitMs
  return timeChart({
    title: `Largest age of the newest known fact by ${period}`,
    height: 150,
    note: limitMs === undefined ? '' : `Dashed: the usual delay and two expected steps, ${durationText(limitMs)}.`, // prettier-ignore
    data: {
      group: anchor(one.id),
      time: buckets.map(({ startTime }) => startTime),
      unit: 'days',
      series: [
        { label: 'age', values: ages, ink: 'strategy', draw: 'step', unit: 'days' },
        ...(limitMs === undefined
          ? []
          : [{ label: 'limit', values: ages.map(() => Number((limitMs / DAY_MS).toFixed(5))), ink: 'soft' as const, isDashed: true, unit: 'days' as const }]),
      ],
    },
  }) // prettier-ignore
}

const STEP_BASIS = {
  timeframe: 'the timeframe of the series',
  'own-interval': "each row's own interval",
  stated: 'as the import was told',
  median: 'the median of the steps',
} as const

function factsTable(one: SeriesSurvey): ReturnType<typeof table> {
  const { known, staleness, expectedStep, coverage, quarantined } = one
  const stepMs = expectedStep.ms
  const rows: [string, string][] = [
    ['Rows', `${formatValue(one.rows, 'count')} rows, ${formatValue(one.events, 'count')} events, ${formatUtc(one.firstEventTime)} to ${formatUtc(one.lastEventTime)} UTC`],
    ['Expected step', stepMs === undefined ? 'n/a (a single event)' : `${stepMs % 1000 === 0 ? durationName(stepMs) : durationText(stepMs)}, ${STEP_BASIS[expectedStep.basis]}`],
    ['Missing', isIrregular(one) ? 'n/a (at irregular times)' : `${formatValue(coverage.missingEvents, 'count')} events, ${durationText(coverage.missingMs).replace('at once', 'no time')}`],
    ['Known-at', [...known.basis].map((basis) => BASIS_WORDS[basis]).join('; ')],
    ['Never known', `${formatValue(known.neverKnown, 'count')} rows`],
    ['Known at the event itself', `${formatValue(known.instantEvents, 'count')} of ${formatValue(known.knownEvents, 'count')} known events`],
    ['Age of the newest known fact', staleness === undefined ? 'n/a (fewer than two events known)' : `${durationText(staleness.meanMs)} on average over time, at most ${durationText(staleness.largestMs)} on ${formatUtc(staleness.largestAt)}; older than ${durationText(staleness.limitMs)} on ${formatValue(staleness.overLimit, 'fraction')} of the time`],
    ['Corrected later', `${formatValue(one.revisions, 'count')} rows`],
    ['In quarantine', quarantined.rows === 0 ? 'none' : quarantined.reasons.map(({ reason, rows: count }) => `${reason}: ${formatValue(count, 'count')}`).join('; ')],
    ['Flags', [...one.flags, ...(one.inverse ? ['coin-margined'] : [])].join(', ') || 'none'],
    ['Imported from', one.files.join(', ')],
    ...(one.sources.length === 0 ? [] : [['Source', one.sources.join('; ')] as [string, string]]),
    ['SHA-256', one.sha256],
  ] // prettier-ignore
  return table('', ['Fact', 'Value'], rows)
}

function definitions({ outlierDeviations }: DataSurvey): Markup {
  const lines = [
    'Event time is when it happened, known-at from when it may be used; all times are UTC. A bar’s event is its open, its age counts from its close.',
    'A gap is a step between events of more than 1.5 expected ones; events missing = round(step / expected) − 1; missing time = step − expected.',
    'Coverage = 1 − missing time / (last event + expected step − first event).',
    'Events stand at irregular times where the expected step is the median and half of the steps lie beyond a quarter of it on either side: coverage then says little and is left out of the figures.',
    'Age of the newest known fact at t = t − the newest event among the facts known at t, for all t from the first to the last known-at; averages and shares are over time.',
    'Quantiles are values of the data: the smallest with at least that share at or below it.',
    `Outliers lie more than ${outlierDeviations} robust deviations from the median: 1.4826 · MAD, which is the standard deviation of normal data and is moved by no outlier. Markets have such moves: suspicious means look, not wrong.`,
  ]
  return safe`<ul class="soft">${lines.map((line) => safe`<li>${line}</li>`)}</ul>`
}
