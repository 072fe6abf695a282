import { formatStatistic, formatValue } from '../metrics/format.js'
import type { Neighbourhood } from '../research/overfitting/plateau.js'
import { dimensionText, levelCount } from '../research/search-dimension.js'
import type { StatisticKey } from '../research/sweep/objective.js'
import type { Statistic } from '../metrics/statistic.js'
import type { RecordColumn, RecordTableData } from './page/index.js'
import { samplerWords } from './sampler-words.js'
import { STATISTIC_UNITS } from './statistic-units.js'
import { objectiveText, rankedTrials, type SweepReport, type SweepTrial } from './sweep-report.js'
import { table, type Table } from './table.js'

/** So many trials stand in the table of the page. */
export const LISTED_TRIALS = 200

/** What was asked. */
export function searchTable(report: SweepReport): Table {
  const { objective, sampler, seed, asked, drawnFrom, trials, fixed, constraints, counts } = report
  const words = (texts: readonly string[]): string => (texts.length === 0 ? 'none' : texts.join(', '))
  const fewer = trials.length < asked ? ` (${formatValue(asked, 'count')} asked, the space has no more)` : ''
  const isWhole = sampler === 'grid' && drawnFrom === undefined
  const by = isWhole ? 'grid, every point' : samplerWords({ sampler, seed, trials: asked, drawnFrom })
  return table('', ['What', 'Value'], [
    ['Trials', `${formatValue(trials.length, 'count')}${fewer}: ${countWords(counts)}`],
    ['Objective', `${objective.key}, ${objective.best} is best`],
    ['Sampler', by],
    ['Fixed', words(fixed)],
    ['Constraints', words(constraints)],
  ])
} // prettier-ignore

/** `261 complete, 39 break a constraint` */
export function countWords(counts: SweepReport['counts']): string {
  const words = {
    complete: 'complete',
    constraint: 'break a constraint',
    unrated: 'unrated',
    failed: 'failed',
  }
  return (['complete', 'constraint', 'unrated', 'failed'] as const)
    .flatMap((status) =>
      status === 'complete' || counts[status] > 0
        ? [`${formatValue(counts[status], 'count')} ${words[status]}`]
        : [],
    )
    .join(', ')
}

/** What was varied: one row a param. `importance`: see `paramImportance`. */
export function dimensionTable(
  { dimensions }: SweepReport,
  importance: readonly Statistic[],
  best: SweepTrial | undefined,
): Table {
  return table(
    '',
    ['Param', 'Searched', 'Values#', 'Best trial#', 'Explains of the objective#'],
    dimensions.map((dimension, at) => {
      const levels = levelCount(dimension)
      return [
        dimension.name,
        dimensionText(dimension).slice(dimension.name.length + 1),
        levels === Infinity ? 'any' : formatValue(levels, 'count'),
        best === undefined ? 'n/a' : String(best.point[dimension.name]),
        formatStatistic(importance[at]!, 'fraction'),
      ]
    }),
  )
}

/** The best trial beside the middle of a plateau, where that is another one, each with what lies around it. */
export function plateauTable(report: SweepReport): Table | undefined {
  const { plateau, objective, trials, dimensions } = report
  if (plateau === undefined) return undefined
  const { peak, centre } = plateau
  const shown = centre.trial === peak.trial ? [peak] : [peak, centre]
  const figure = (statistic: Statistic): string =>
    statistic.value === undefined ? `n/a (${statistic.reason})` : objectiveText(objective, statistic.value)
  const row = (name: string, of: (around: Neighbourhood) => string): readonly string[] => [name, ...shown.map(of)] // prettier-ignore
  return table(
    '',
    ['', 'Best trial#', ...(shown.length > 1 ? ['Middle of a plateau#'] : [])],
    [
      row('Trial', ({ trial }) => String(trials[trial]!.number)),
      ...dimensions.map(({ name }) => row(name, ({ trial }) => String(trials[trial]!.point[name]))),
      row(objective.key, ({ score }) => figure(score)),
      row('Neighbours', ({ neighbours }) => formatValue(neighbours, 'count')),
      row(`Mean ${objective.key} of it and them`, ({ mean }) => figure(mean)),
      row(`Worst ${objective.key} among them`, ({ worst }) => figure(worst)),
      row('Neighbours that cannot be chosen', ({ unscored }) => formatValue(unscored, 'count')),
    ],
  )
}

/** The best trials, then those that cannot be chosen, in their order, up to `LISTED_TRIALS`; each with its command. */
export function trialsData(report: SweepReport): RecordTableData {
  const { dimensions, objective, commandOf, id } = report
  const complete = rankedTrials(report).slice(0, LISTED_TRIALS)
  const others = report.trials.filter(({ status }) => status !== 'complete').slice(0, LISTED_TRIALS - complete.length) // prettier-ignore
  const rows: readonly SweepTrial[] = [...complete, ...others]
  const keys = [...new Set<StatisticKey>([objective.key, 'sharpe', 'totalReturn', 'maxDrawdown', 'trades', 'profitFactor', 'tradeWinRate'])] // prettier-ignore
  const column = (name: string, of: (row: SweepTrial) => string | number | null, more: Partial<RecordColumn> = {}): RecordColumn => ({ name, values: rows.map(of), ...more }) // prettier-ignore
  const commands = rows.map(({ point }) => commandOf(point))
  return {
    rowsPerPage: 20,
    csvName: `${id}-trials.csv`,
    columns: [
      column('Trial', ({ number }) => number, { unit: 'count' }),
      ...dimensions.map((dimension) =>
        column(dimension.name, ({ point }) =>
          dimension.kind === 'number' ? (point[dimension.name] as number) : String(point[dimension.name]),
        ),
      ),
      ...keys.map((key) => column(key, ({ statistics }) => statistics?.[key].value ?? null, { unit: STATISTIC_UNITS[key], isSigned: true })), // prettier-ignore
      column('Status', ({ status }) => status, { isChoice: true }),
      ...(others.length > 0 ? [column('Why not', ({ reason }) => reason ?? '')] : []),
      ...(commands.every((command) => command === undefined)
        ? []
        : [{ name: 'Command', values: commands.map((command) => command ?? null), isCopied: true }]),
    ],
  }
}
