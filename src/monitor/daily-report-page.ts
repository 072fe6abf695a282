import { DAY_MS, formatUtc } from '../core/time.js'
import type { Unit } from '../metrics/metrics-report.js'
import { formatStatistic, formatValue } from '../metrics/format.js'
import { known, type Statistic } from '../metrics/statistic.js'
import { metRules, metWords } from '../runner/promotion/demotion.js'
import { safe, type Markup } from '../report/markup.js'
import {
  makePage,
  pageBanner,
  pageTable,
  RISK_NOTICE,
  timeChart,
  type PageKit,
} from '../report/page/index.js'
import { table, type Table } from '../report/table.js'
import type { DailyReport } from './daily-report.js'
import { demotionTable } from './demotion-words.js'
import { figure } from './explain.js'
import { ageWords } from './words.js'

/** The report of one day as one self-contained page. */
export function dailyReportPage(kit: PageKit, report: DailyReport): string {
  return makePage(kit, {
    title: `${report.strategy} · ${report.day}`,
    banner: safe`${banner(report)}${tiles(report)}`,
    sections: [
      { id: 'equity', title: 'Equity', body: equityChart(report) },
      { id: 'positions', title: 'Positions', body: listed(positionTable(report), 'Nothing is held.') },
      { id: 'trades', title: 'Trades', body: listed(tradeTable(report), 'No trade was closed on this day.') },
      { id: 'risk', title: 'Risk', body: safe`${pageTable(limitTable(report))}${listed(holdTable(report), 'Nothing was held back.')}${listed(missedTable(report), 'Every close that was due was decided on.')}` },
      { id: 'decisions', title: 'Decisions', body: decisions(report) },
      { id: 'drift', title: 'Drift', body: drift(report) },
      { id: 'demotion', title: 'Demotion', body: safe`<p class="note">Nothing trades otherwise by it: a promotion above paper is refused while a rule is met.</p>${pageTable(demotionTable(report.demotion, ''))}` },
    ],
    footer: safe`<p>${RISK_NOTICE}</p><p>Charts are drawn by uPlot (MIT licence), which lies in this file.</p>`,
  })
} // prettier-ignore

function banner(report: DailyReport): Markup {
  return pageBanner({
    title: `${report.strategy} on ${report.day}`,
    lines: [`Session ${report.sessionId} on paper · strategy ${report.strategyHash.slice(0, 12)} · times are UTC`],
    labels: [
      { text: 'Paper', isLoud: true, explanation: 'No money is at stake: fills are a model' },
      ...(report.isSynthetic ? [{ text: 'Synthetic data', isLoud: true }] : []),
      ...(report.isLoopback ? [{ text: 'Loopback world', isLoud: true, explanation: 'Its servers run on this machine, on a clock of their own: no market' }] : []),
      ...(report.promotedBy === null ? [{ text: 'Unpromoted', explanation: 'It runs without a promotion, and counts as evidence for nothing' }] : []),
      ...(report.isComplete ? [] : [{ text: 'The day is not over' }]),
    ],
    warnings: warningsOf(report),
  })
} // prettier-ignore

/** What to know before believing a figure, gravest first. */
export function warningsOf(report: DailyReport): string[] {
  const { parity, drift, missed, haltedAt, mode } = report
  const crossed = (statistic: Statistic): boolean => statistic.value !== undefined && statistic.value < 0
  return [
    ...report.problems,
    ...(parity.state === 'different' ? [`Decisions were not the same when replayed: ${parity.detail}`] : []),
    ...(mode === 'active' ? [] : [`The session is ${mode}: it enters nothing.`]),
    ...(haltedAt === undefined ? [] : [`The limit on the loss of a day was passed at ${formatUtc(haltedAt)}: nothing was entered from then on.`]),
    ...metRules(report.demotion).map((rule) => `To be demoted: ${metWords(rule)}.`),
    ...(crossed(drift.aboveBand) ? ['The return is below the 5 % band of the backtest.'] : []),
    ...(missed.length === 0 ? [] : [`${report.closesDue - report.closesDecided} of ${report.closesDue} closes were not decided on.`]),
  ]
} // prettier-ignore

type Tile = readonly [label: string, statistic: Statistic, unit: Unit, note?: string]

function tiles(report: DailyReport): Markup {
  const { equity } = report
  const all: readonly Tile[] = [
    ['Profit of the day', equity.dayProfit, 'money'],
    ['Return of the day', equity.dayReturn, 'fraction'],
    ['Value at current prices', equity.equity, 'money'],
    ['Since the start', equity.totalReturn, 'fraction'],
    ['Drawdown', equity.drawdown, 'fraction'],
    ['Closed trades', known(report.trades.length), 'count'],
    ['Win rate', report.winRate, 'fraction'],
    ['Gross exposure', equity.grossExposure, 'fraction'],
  ]
  return safe`<dl class="tiles">${all.map(tile)}<div><dt>Risk level</dt><dd>${report.riskLevel}</dd></div></dl>
<p class="note rules">Profit of the day: equity at its last close less equity at the last close at or before 00:00, open positions included, net of all costs so far. Risk level: the largest share used of a limit, low below 33 %, medium below 66 %.</p>` // prettier-ignore
}

function tile([label, statistic, unit]: Tile): Markup {
  if (statistic.value === undefined) return safe`<div><dt>${label}</dt><dd>n/a<small>${statistic.reason}</small></dd></div>` // prettier-ignore
  const isLoss = statistic.value < 0
  return safe`<div><dt>${label}</dt><dd${isLoss ? safe` class="negative"` : safe``}>${formatValue(statistic.value, unit)}</dd></div>` // prettier-ignore
}

function listed(rows: Table, otherwise: string): Markup {
  if (rows.rows.length > 0) return pageTable(rows)
  return safe`${rows.title === '' ? safe`` : safe`<h3>${rows.title}</h3>`}<p class="note">${otherwise}</p>`
}

function equityChart({ marks, equity }: DailyReport): Markup {
  if (marks.length < 2) return safe`<p class="note">Fewer than two closes of this day were decided on.</p>`
  const time = marks.map((mark) => mark.time)
  return timeChart({
    title: 'Equity at each close',
    height: 240,
    data: {
      group: 'day',
      unit: 'money',
      time,
      series: [
        { label: 'Equity', values: marks.map((mark) => mark.equity), ink: 'strategy', unit: 'money' },
        ...(equity.dayStart.value === undefined ? [] : [{ label: 'Start of the day', values: time.map(() => equity.dayStart.value as number), ink: 'soft' as const, isDashed: true, unit: 'money' as const }]),
      ],
    },
  }) // prettier-ignore
}

const side = (value: 1 | -1): string => (value > 0 ? 'long' : 'short')
const money = (value: number): string => formatValue(value, 'money')

export function positionTable({ positions }: DailyReport): Table {
  return table(
    '',
    ['Instrument', 'Side', 'Quantity#', 'Entered', 'Entry price#', 'Price#', 'Notional#', 'Unrealised#'],
    positions.map((one) => [one.instrument, side(one.side), figure(one.quantity), formatUtc(one.entryTime), figure(one.entryPrice), figure(one.price), money(one.notional), money(one.unrealised)]), // prettier-ignore
  )
}

export function tradeTable({ trades }: DailyReport): Table {
  return table(
    '',
    [
      'Instrument',
      'Side',
      'Quantity#',
      'Entered',
      'at#',
      'Left',
      'at#',
      'Why',
      'Fees#',
      'Funding#',
      'Profit#',
    ],
    trades.map((one) => [one.instrument, side(one.side), figure(one.quantity), formatUtc(one.entryTime), figure(one.entryPrice), formatUtc(one.exitTime), figure(one.exitPrice), one.exitReason, money(one.fees), money(one.funding), money(one.profit)]), // prettier-ignore
  )
}

export function limitTable({ limits }: Pick<DailyReport, 'limits'>): Table {
  const share = (statistic: Statistic): string => formatStatistic(statistic, 'fraction')
  return table('Limits', ['Limit', 'Now#', 'At most#', 'Used#'], limits.map(({ name, value, limit, used }) => [name, share(value), share(limit), share(used)])) // prettier-ignore
}

export function holdTable({ holds }: DailyReport): Table {
  return table('Holds: nothing was entered', ['From', 'To', 'Length#', 'Why'], holds.map(({ fromMs, toMs, reasons }) => [formatUtc(fromMs), toMs === undefined ? 'still' : formatUtc(toMs), toMs === undefined ? 'n/a (it lasts)' : ageWords(toMs - fromMs), reasons.length === 0 ? '' : reasons.join(', ')])) // prettier-ignore
}

export function missedTable({ missed }: DailyReport): Table {
  return table('Closes that were due and not decided on: no data, or nobody running', ['From', 'To', 'Closes#'], missed.map(({ firstTime, lastTime, closes }) => [formatUtc(firstTime), formatUtc(lastTime), String(closes)])) // prettier-ignore
}

function decisions({ decisions: all }: DailyReport): Markup {
  const blocked = Object.entries(all.blocked).map(([reason, count]) => [`not entered: ${reason}`, formatValue(count, 'count')]) // prettier-ignore
  const funnel = table('', ['What', 'Decisions#'], [['made', formatValue(all.made, 'count')], ['with enough known', formatValue(all.usable, 'count')], ['asking to enter', formatValue(all.askedToEnter, 'count')], ...blocked]) // prettier-ignore
  const rows = all.explained.map(({ time, instrument, signal, features, outcome }) => [formatUtc(time), instrument, signal, features, outcome]) // prettier-ignore
  const explained = table('Decisions that asked for something, or were acted on', ['Close', 'Instrument', 'Signal', 'What was known', 'What came of it'], rows) // prettier-ignore
  return safe`${pageTable(funnel)}${listed(explained, 'No decision asked for anything.')}${all.notListed === 0 ? '' : safe`<p class="note">${all.notListed} more are not listed.</p>`}` // prettier-ignore
}

function drift(report: DailyReport): Markup {
  const { drift: found, parity } = report
  const rows = [
    ['Decisions replayed', parity.state === 'absent' ? `n/a (${parity.detail})` : `${parity.state}${parity.detail === '' ? '' : `: ${parity.detail}`}`],
    ['Above the 5 % band of the backtest by', formatStatistic(found.aboveBand, 'fraction')],
    ['Above the 1 % band, below which it is demoted, by', formatStatistic(found.aboveDemotionBand, 'fraction')],
  ] // prettier-ignore
  const figures = pageTable(table('', ['What', 'Found'], rows))
  const { actual, lower, median } = found
  if (actual.length < 2 || lower.length === 0) return figures
  const end = report.marks.at(-1)?.time ?? 0
  const time = actual.map((_, day) => Math.floor(end / DAY_MS) * DAY_MS - (actual.length - 1 - day) * DAY_MS)
  return safe`${figures}${timeChart({
    title: 'Return since the start',
    height: 220,
    note: 'The edge is simultaneous: of sessions as good as the backtest, 5 % are below it on any day at all.',
    data: {
      group: 'days',
      unit: 'fraction',
      time,
      series: [
        { label: 'Session', values: actual, ink: 'strategy', unit: 'fraction' },
        { label: 'Median of the backtest', values: median, ink: 'soft', unit: 'fraction' },
        { label: 'Lower edge, 5 %', values: lower, ink: 'loss', isDashed: true, unit: 'fraction' },
      ],
    },
  })}`
}
