import { durationName, formatUtc } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import type { Statistic } from '../metrics/statistic.js'
import type { ScoreStudy } from '../research/score-study.js'
import { safe, type Markup } from './markup.js'
import { chartGrid, choice, makePage, pageBanner, pageTable, RISK_NOTICE, timeChart, vegaChart, type PageKit, type PageSection, type TimeChartData } from './page/index.js' // prettier-ignore
import {
  correlationChart,
  decayChart,
  decileChart,
  entryChart,
  legChart,
  monthChart,
} from './signal-study-charts.js'
import { SIGNAL_DEFINITIONS } from './signal-definitions.js'
import type { SignalColumnsOf, SignalSummary } from './signal-summary.js'
import {
  bps,
  correlationTable,
  coverageTable,
  decayTable,
  decileTable,
  entryTable,
  figureWords,
  focusDeciles,
  horizonName,
  instrumentTable,
  legTable,
  poolingWords,
  sideName,
  spreadTable,
  turnoverTable,
} from './signal-tables.js'
import { table, type Table } from './table.js'
import { thinnedRows } from './thinned-rows.js'

/** Points of a chart over time. */
const MOST_POINTS = 3_000

/** All tables of a study that a terminal shows, in order. */
export function signalTextTables(summary: SignalSummary): Table[] {
  const { study } = summary
  const tables = [
    dataTableOf(summary),
    coverageTable(summary),
    decayTable(study),
    instrumentTable(study),
    decileTable(study),
    spreadTable(study),
    turnoverTable(study),
    legTable(study),
    study.score?.legs && correlationTable(study.score.legs),
    ...study.entries.map((side) => entryTable(side, study)),
  ]
  return tables.filter((one) => one !== undefined)
}

function dataTableOf({ data }: SignalSummary): Table {
  const rows = data.map(({ instrument, feeds, series, notes }) => [instrument, feeds, series ?? 'absent', notes.join('; ')]) // prettier-ignore
  return table('Data', ['Instrument', 'Feeds', 'Series', 'Notes'], rows)
}

/** One self-contained page about a study. Its figures are those of the JSON of the same study. */
export function signalPage(
  kit: PageKit,
  summary: SignalSummary,
  columns: readonly SignalColumnsOf[],
): string {
  const { study } = summary
  const name = `${summary.strategy}${summary.preset === undefined ? '' : ` (${summary.preset})`}`
  const { score } = study
  const sections: (PageSection | undefined)[] = [
    score && { id: 'overview', title: 'Overview', body: tiles(summary, score) },
    score && { id: 'decay', title: 'Information coefficient', body: decayBody(kit, summary, score) },
    score && { id: 'deciles', title: 'Return by score', body: decileBody(kit, summary) },
    score && {
      id: 'months',
      title: 'By month',
      body: vegaChart(kit, {
        title: `Rank IC by month, ${horizonName(study.focus, study.timeframeMs)} ahead`,
        spec: monthChart(study, score),
        note: 'Each month by its own ranks, of decisions that fall in it. Grey: too few, or nothing varied.',
      }),
    },
    score?.legs && { id: 'legs', title: 'Legs', body: legBody(kit, summary, score) },
    score && { id: 'turnover', title: 'Turnover', body: untitled(turnoverTable(study)) },
    { id: 'entries', title: 'Entries', body: entryBody(kit, summary) },
    score && { id: 'coverage', title: 'Coverage', body: untitled(coverageTable(summary)) },
    columns.length === 0 ? undefined : { id: 'time', title: 'Over time', body: timeBody(summary, columns) },
    { id: 'luck', title: 'How much is luck', body: safe`<p>${figureWords(study)}</p>` },
    { id: 'definitions', title: 'How figures are defined', body: safe`<ul>${SIGNAL_DEFINITIONS.map((one) => safe`<li>${one}</li>`)}</ul>` },
    { id: 'reproduce', title: 'Reproduce', body: reproduceBody(summary) },
  ] // prettier-ignore
  return makePage(kit, {
    title: `${name}: signal`,
    banner: pageBanner({
      title: `${name}: the signal before any trade`,
      lines: [
        study.instruments.join(', '),
        `${formatUtc(summary.startTime)} to ${formatUtc(summary.endTime)} UTC, ${formatValue(study.bars, 'count')} bars of ${durationName(study.timeframeMs)}`,
      ],
      labels: [
        summary.synthetic
          ? { text: 'synthetic data', isLoud: true, explanation: 'Invented prices and facts: they say nothing about any real market.' }
          : { text: 'recorded data' },
        { text: 'in-sample', explanation: 'Nothing was held back: deciles and ranks are of the whole range.' },
      ],
      warnings: summary.warnings,
    }),
    sections: sections.filter((one) => one !== undefined),
    footer: RISK_NOTICE,
  }) // prettier-ignore
}

function tableOrNothing(one: Table | undefined): Markup {
  return one === undefined ? safe`` : pageTable(one)
}

/** A table under a heading that says the same as its title. */
function untitled(one: Table | undefined): Markup {
  return one === undefined ? safe`` : pageTable({ ...one, title: '' })
}

function tiles({ study }: SignalSummary, score: ScoreStudy): Markup {
  const { rank } = score.decay.find(({ horizon }) => horizon === study.focus)!
  const deciles = focusDeciles(study)!
  const [bars, scored] = score.coverage.reduce(
    ([all, known], one) => [all + one.bars, known + one.scored],
    [0, 0],
  )
  const ahead = horizonName(study.focus, study.timeframeMs)
  const range = (lower: Statistic, upper: Statistic, text: (value: number) => string): string =>
    lower.value === undefined || upper.value === undefined ? '' : `95 %: ${text(lower.value)} to ${text(upper.value)}` // prettier-ignore
  const ratio = (value: number): string => formatValue(value, 'ratio')
  return safe`<dl class="tiles">
    ${tile(`Rank IC, ${ahead}`, 'rank-ic', rank.value, ratio, rank.tStatistic.value === undefined ? `no error: ${rank.tStatistic.reason}` : `t ${ratio(rank.tStatistic.value)}; ${range(rank.lower, rank.upper, ratio)}`)}
    ${tile('Effective observations', 'effective', rank.effective, (value) => formatValue(value, 'count'), `of ${formatValue(rank.observations, 'count')}`)}
    ${tile('Highest less lowest decile', 'spread', deciles.topMinusBottom.value, bps, range(deciles.topMinusBottom.lower, deciles.topMinusBottom.upper, bps))}
    ${tile('After four fills', 'after-costs', deciles.spreadAfterCosts, bps, score.turnover.fillCost.value === undefined ? '' : `${bps(score.turnover.fillCost.value)} each`)}
    ${tile('Break-even fill', 'break-even', deciles.breakEvenFill, bps, '')}
    ${tile('Decile changes', 'changes', score.turnover.decileChanges, (value) => formatValue(value, 'fraction'), 'of the bars')}
    ${tile('Bars with a score', 'coverage', bars === 0 ? { reason: 'no bar' } : { value: scored / bars }, (value) => formatValue(value, 'fraction'), `${formatValue(scored, 'count')} of ${formatValue(bars, 'count')}`)}
  </dl>`
}

function tile(
  label: string,
  id: string,
  statistic: Statistic,
  text: (value: number) => string,
  small: string,
): Markup {
  const isNegative = statistic.value !== undefined && statistic.value < 0
  const value =
    statistic.value === undefined
      ? safe`n/a<small>${statistic.reason}</small>`
      : safe`${text(statistic.value)}<small>${small}</small>`
  return safe`<div data-figure="${id}"><dt>${label}</dt><dd${isNegative ? safe` class="negative"` : safe``}>${value}</dd></div>`
}

function decayBody(kit: PageKit, { study }: SignalSummary, score: ScoreStudy): Markup {
  return safe`<p class="soft">${poolingWords(study)} Returns are from the price at which one could act${study.fillAt === 'next-open' ? ', the next open' : ''}, funding included.</p>
    ${vegaChart(kit, { title: 'Rank IC by horizon', spec: decayChart(study, score), note: 'Band: 95 % interval, wide enough for returns that overlap. No band: the range is too short to tell.' })}
    ${tableOrNothing(decayTable(study))} ${tableOrNothing(instrumentTable(study))}`
}

function decileBody(kit: PageKit, { study }: SignalSummary): Markup {
  const deciles = study.score?.deciles ?? []
  const order = [...deciles].sort(
    (a, b) => Number(b.horizon === study.focus) - Number(a.horizon === study.focus),
  )
  const charts = order.map(
    (one) =>
      [
        horizonName(one.horizon, study.timeframeMs),
        vegaChart(kit, {
          title: `Mean forward return by decile of the score, ${horizonName(one.horizon, study.timeframeMs)} ahead`,
          spec: decileChart(one),
          note: 'Lines: 95 % intervals. Dashed: the mean over all scores. Equal scores share a decile, so that some may be empty.',
        }),
      ] as const,
  )
  return safe`${choice('decile-horizon', 'Horizon', charts)} ${tableOrNothing(decileTable(study))} ${tableOrNothing(spreadTable(study))}`
}

function legBody(kit: PageKit, { study }: SignalSummary, score: ScoreStudy): Markup {
  const { legs } = score
  if (legs === undefined) return safe``
  return safe`${chartGrid(
    vegaChart(kit, {
      title: `Rank IC of each leg, ${horizonName(study.focus, study.timeframeMs)} ahead`,
      spec: legChart(study, score),
      note: 'Alone: the leg by itself. Without: the score of the others, weighted as the score does when a leg is missing.',
    }),
    vegaChart(kit, {
      title: 'Rank correlation between legs',
      spec: correlationChart(legs),
      note: 'On bars that both know. Grey: they are never known together, or one does not vary.',
    }),
  )}
    ${tableOrNothing(legTable(study))}
    <p class="note">Leg adds: the coefficient of the whole score less that of the score without the leg, on bars that both know.</p>`
}

function entryBody(kit: PageKit, { study }: SignalSummary): Markup {
  const charts = study.entries
    .filter(({ entries }) => entries > 0)
    .map((side) => vegaChart(kit, { title: `Mean return after ${sideName(side.side)}`, spec: entryChart(side, study.timeframeMs), note: 'Band and dashed line: the same entries at other times, and any time.' })) // prettier-ignore
  if (charts.length === 0) return safe`<p>The strategy called for no entry in this range.</p>`
  return safe`<p class="soft">An entry is the first bar on which the strategy calls for one, whatever the account holds. Returns are those of the side, funding included, before costs.</p>
    ${chartGrid(...charts)} ${study.entries.map((side) => pageTable(entryTable(side, study)))}`
}

const LEG_INKS = ['third', 'fourth', 'fifth', 'sixth', 'benchmark', 'soft'] as const

function timeBody({ signals }: SignalSummary, columns: readonly SignalColumnsOf[]): Markup {
  const charts = columns.map(({ instrument, closeTime, score, legs }) => {
    const all = [score, ...legs.map(({ values }) => values)]
    const rows = thinnedRows(all, closeTime.length, MOST_POINTS)
    const column = (values: ArrayLike<number>): (number | null)[] =>
      rows.map((row) => (Number.isNaN(values[row]!) ? null : values[row]!))
    const one = signals.find((found) => found.instrument === instrument)
    const threshold = (label: string, level: number | undefined): TimeChartData['series'] =>
      level === undefined ? [] : [{ label, values: rows.map(() => level), ink: 'soft', isDashed: true, unit: 'ratio' }] // prettier-ignore
    const data: TimeChartData = {
      group: `time-${columns.findIndex((found) => found.instrument === instrument)}`,
      time: rows.map((row) => closeTime[row]!),
      series: [
        { label: 'score', values: column(score), ink: 'strategy', draw: 'step', unit: 'ratio' },
        ...threshold('buy from', one?.entryAbove),
        ...threshold('sell under', one?.entryBelow),
      ],
      unit: 'ratio',
      range: [0, 1],
    }
    const legData: TimeChartData = {
      ...data,
      series: legs.map(({ leg, values }, at) => ({ label: leg, values: column(values), ink: LEG_INKS[at % LEG_INKS.length]!, draw: 'step' as const, unit: 'ratio' as const })), // prettier-ignore
    }
    const body = safe`${timeChart({ title: 'Score', height: 200, data })}${legs.length === 0 ? safe`` : timeChart({ title: 'Legs', height: 220, data: legData, note: 'Gaps: the leg had nothing, or nothing fresh enough, to say.' })}`
    return [instrument, body] as const
  })
  return choice('time-instrument', 'Instrument', charts)
}

function reproduceBody(summary: SignalSummary): Markup {
  const pairs = (title: string, rows: readonly (readonly [string, string])[]): Markup =>
    pageTable(table(title, ['What', 'Value'], rows))
  return safe`<pre>${summary.command}</pre>
    ${pairs('', summary.reproduce)} ${pairs('Settings', summary.settings)}
    ${pairs(
      'Parameters',
      Object.entries(summary.params).map(([name, value]) => [name, String(value)] as const),
    )}
    ${pageTable(dataTableOf(summary))}`
}
