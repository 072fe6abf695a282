import { durationName, formatUtc } from '../core/time.js'
import { formatMetric, formatValue } from '../metrics/format.js'
import { findMetric, type Unit } from '../metrics/metrics-report.js'
import type { Statistic } from '../metrics/statistic.js'
import type { TradeGroup } from '../metrics/trade-groups.js'
import { pathWords } from './path-words.js'
import type {
  DetailUse,
  InstrumentSignals,
  LegActivity,
  LegFacts,
  RunSummary,
  ScoreRange,
} from './run-summary.js'
import { table, type Table } from './table.js'

/** What feeds the run: a line for every input, absent ones named. */
export function dataTable(summary: RunSummary): Table {
  const rows = summary.data.map(({ instrument, feeds, series, notes }) => [
    instrument,
    feeds,
    series ?? 'absent',
    notes.join('; '),
  ])
  return table('Data', ['Instrument', 'Feeds', 'Series', 'Notes'], rows)
}

/** Attainable scores and how often each leg had something to say; undefined for strategies without a score. */
export function signalTable(summary: RunSummary): Table | undefined {
  const rows = summary.signals.flatMap((signals) => {
    const { instrument, scores, attainable, legs } = signals
    const { startTime } = summary.result
    if (scores === undefined && attainable === undefined && legs.length === 0) return []
    return [
      [instrument, 'score attainable', range(attainable), thresholdWords(signals)],
      [instrument, 'score seen', range(scores), ''],
      ...legs.map((leg) => [instrument, leg.leg, legRange(leg), legWords(leg, startTime)]),
    ]
  })
  return rows.length === 0
    ? undefined
    : table('Signal, before results', ['Instrument', 'Leg', 'Range', 'What it said'], rows)
}

/** `long at 0.650 attainable`, or that it was out of reach whatever the position. */
function thresholdWords({ entryAbove, entryBelow, attainable, scores }: InstrumentSignals): string {
  const reach = attainable ?? scores
  const word = (isAttainable: boolean): string => (isAttainable ? 'attainable' : 'UNREACHABLE here')
  const words: string[] = []
  if (entryAbove !== undefined) {
    words.push(`buy from ${score(entryAbove)}: ${word(reach !== undefined && reach.highest >= entryAbove)}`)
  }
  if (entryBelow !== undefined) {
    words.push(`sell under ${score(entryBelow)}: ${word(reach !== undefined && reach.lowest < entryBelow)}`)
  }
  return words.join(', ')
}

function score(value: number): string {
  return formatValue(value, 'ratio')
}

function range(scores: ScoreRange | undefined): string {
  return scores === undefined ? 'none was known' : `${score(scores.lowest)} to ${score(scores.highest)}`
}

function legRange({ present, lowest, highest, facts }: LegActivity): string {
  if (present > 0) return `${score(lowest)} to ${score(highest)}`
  return facts.length > 0 && facts.every(({ isAbsent }) => isAbsent) ? 'absent' : 'none'
}

/** What a leg said; of a leg that never did, why not. */
function legWords({ present, active, facts }: LegActivity, startTime: number): string {
  if (present === 0) return facts.map((one) => silence(one, startTime)).join('; ') || 'never known'
  return `away from neutral on ${formatValue(active / present, 'fraction')} of ${formatValue(present, 'count')} bars`
}

function silence({ name, isAbsent, lastEventTime }: LegFacts, startTime: number): string {
  if (isAbsent) return `no series of ${name}`
  if (lastEventTime === undefined) return `${name}: nothing was known yet`
  const last = `last event ${formatUtc(lastEventTime)} UTC`
  return lastEventTime < startTime ? `${name} too old throughout (${last})` : `${name} never usable (${last})`
}

/** The one table of results: pessimistic figures, the optimistic return beside them, holding as the benchmark. */
export function resultTable(summary: RunSummary): Table {
  const { result, metrics, optimistic, detail } = summary
  const shown = [
    'totalReturn', 'cagr', 'sharpe', 'probabilisticSharpe', 'minimumTrackRecordDays', 'sortino', 'maxDrawdown', 'calmar',
    'volatility', 'timeInMarket', 'trades', 'tradeWinRate', 'profitFactor', 'expectancy', 'holdReturn',
    'scaledHoldReturn', 'netHoldReturn',
  ] // prettier-ignore
  const rows = shown
    .map((key) => findMetric(metrics, key))
    .filter((metric) => !(metric.value === undefined && metric.reason === 'no such metric'))
    .map((metric) => [metric.label, formatMetric(metric)])
  const optimisticReturn = optimistic.finalEquity / result.startingBalance - 1
  return table(`Result (${result.policies.undecided})`, ['Figure', 'Value#'], [
    ['Period', `${formatUtc(result.startTime)} to ${formatUtc(result.endTime)} UTC`],
    ['Starting balance', formatValue(result.startingBalance, 'money')],
    ['Final equity', formatValue(result.finalEquity, 'money')],
    ...rows,
    ['Total return, optimistic', `${formatValue(optimisticReturn, 'fraction')} (${optimistic.trades} trades)`],
    ['Undecided exits', formatValue(result.undecidedExits, 'count')],
    ...(detail === undefined ? [] : [[`Bars put to ${durationName(detail.timeframeMs)} candles`, detailWords(detail)]]),
    ['Fees', formatValue(result.costs.fees, 'money')],
    ['Slippage', formatValue(result.costs.slippage, 'money')],
    ['Funding (received is positive)', formatValue(result.costs.funding, 'money')],
    ['Replay', pathWords(result.path)],
  ]) // prettier-ignore
}

function detailWords({ asked, found, decided }: DetailUse): string {
  const [all, some, told] = [asked, found, decided].map((count) => formatValue(count, 'count'))
  return `${all}: ${some} found, ${told} decided`
}

/** Closed trades per group; undefined where there are none. */
export function groupTable(title: string, name: string, groups: readonly TradeGroup[]): Table | undefined {
  if (groups.length === 0) return undefined
  const rows = groups.map((group) => [
    group.key,
    formatValue(group.trades, 'count'),
    formatValue(group.netProfit, 'money'),
    short(group.winRate, 'fraction'),
    short(group.profitFactor, 'ratio'),
    short(group.averageHoldingDays, 'days'),
    formatValue(group.fees, 'money'),
    formatValue(group.funding, 'money'),
  ])
  const columns = [
    name,
    'Trades#',
    'Net profit#',
    'Win rate#',
    'Profit factor#',
    'Average hold#',
    'Fees#',
    'Funding#',
  ]
  return table(title, columns, rows)
}

/** Many rows share one column: the reason of an n/a stands in the full table. */
function short(statistic: Statistic, unit: Unit): string {
  return statistic.value === undefined ? 'n/a' : formatValue(statistic.value, unit)
}

/** The groups that a summary shows, empty ones left out. */
export function groupTables(summary: RunSummary): Table[] {
  const { instrument, exitReason, side, coverage } = summary.metrics.groups
  return [
    groupTable('Per instrument', 'Instrument', instrument),
    groupTable('Per exit reason', 'Exit reason', exitReason),
    groupTable('Long and short', 'Side', side),
    groupTable('Per coverage of the signal at entry', 'Coverage', coverage),
  ].filter((found) => found !== undefined)
}
