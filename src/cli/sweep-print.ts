import { chargedOf } from '../jobs/sweep/charged.js'
import { gridDrawnFrom, type SweepAsked } from '../jobs/sweep/question.js'
import type { SweepResult } from '../jobs/sweep/result.js'
import type { SweepFolder } from '../jobs/sweep/sweep-store.js'
import { formatStatistic, formatValue } from '../metrics/format.js'
import { type Statistic, unknown } from '../metrics/statistic.js'
import {
  gateTable,
  freeTradingWarning,
  samplerWords,
  STATISTIC_UNITS,
  table,
  unknownGateLines,
  type Table,
} from '../report/index.js'
import type { Point } from '../research/search-space.js'
import type { StatisticKey } from '../research/sweep/objective.js'
import { shellQuote } from './arguments.js'
import type { Io } from './io.js'
import { printable } from './io.js'

/** The command that replays the trial of these params; undefined for a sweep that was not begun from a command line. */
export function backtestCommand({ created, question }: SweepFolder, params: Point): string | undefined {
  if (created.backtestWords === undefined) return undefined
  // Every param: what the config file or a preset says now need not be what it said then.
  const values = Object.keys(question.asked.strategy.params).flatMap((name) => [
    '-p',
    `${name}=${params[name]}`,
  ])
  return ['baleen', ...created.backtestWords, ...values].map(shellQuote).join(' ')
}

/** What a finished sweep says, as a person reads it: the verdict and why, the best trials, what to type next. */
export function printSweep(io: Io, sweep: SweepFolder, result: SweepResult): void {
  const { asked } = sweep.question
  const mark = result.synthetic ? io.yellow('  SYNTHETIC DATA') : ''
  io.print(`${io.bold(printable(asked.strategy.name))}${mark}`)
  io.print(countsLine(asked, result))
  if (result.best.length > 0) {
    io.printTable(bestTable(asked, result))
    const { length } = asked.search.dimensions
    if (length > SHOWN_PARAMS) io.print(`The first ${SHOWN_PARAMS} of ${length} params that were searched; the page and --json have all of them.`) // prettier-ignore
  }
  const { judgement } = result
  if (judgement === undefined) {
    io.print('\nNo trial is complete: there is nothing to judge. `baleen sweeps show` names the reasons.')
    return
  }
  io.printTable(gateTable(judgement.verdict.gates))
  io.print(`\n${io.bold(`Verdict: ${VERDICT_WORDS[judgement.verdict.verdict]}`)}`)
  const free = freeTradingWarning(chargedOf(asked))
  if (free !== undefined) io.print(`${io.yellow('!')} ${free}`)
  for (const reason of judgement.verdict.reasons) io.print(`${io.yellow('!')} ${printable(reason)}`)
  for (const line of [...unknownGateLines(judgement.verdict), ...besideLines(result)])
    io.print(`  ${printable(line)}`)
  for (const line of ledgerLines(result)) io.print(printable(line))
  const [best] = result.best
  const command = best === undefined ? undefined : backtestCommand(sweep, best.params)
  if (command !== undefined) io.print(`\nThe best again: ${command}`)
  const { plateau } = result
  if (plateau !== undefined && plateau.centre.trial !== plateau.peak.trial) {
    const centre = backtestCommand(sweep, plateau.centreParams)
    if (centre !== undefined) io.print(`The middle of a plateau: ${centre}`)
  }
}

const VERDICT_WORDS = {
  believe: 'believe',
  'not yet': 'not yet',
  no: 'no',
} as const

function countsLine(asked: SweepAsked, { counts, trials: done }: SweepResult): string {
  const { objective, trials } = asked
  const parts = [
    `${formatValue(counts.complete, 'count')} complete`,
    ...(counts.constraint > 0 ? [`${formatValue(counts.constraint, 'count')} break a constraint`] : []),
    ...(counts.unrated > 0 ? [`${formatValue(counts.unrated, 'count')} without ${objective}`] : []),
    ...(counts.failed > 0 ? [`${formatValue(counts.failed, 'count')} failed`] : []),
  ]
  const fewer = done < trials ? ` (${formatValue(trials, 'count')} asked, the space has no more)` : ''
  const by = samplerWords({ ...asked, drawnFrom: gridDrawnFrom(asked) })
  return `${formatValue(done, 'count')} trials by ${by}${fewer}, ranked by ${objective}: ${parts.join(', ')}`
}

/** Params that a table of trials has room for. */
const SHOWN_PARAMS = 8

/** The objective first, then what a person looks at. */
function bestTable({ objective, search }: SweepAsked, { best }: SweepResult): Table {
  const keys = [...new Set<StatisticKey>([objective, 'sharpe', 'totalReturn', 'maxDrawdown', 'trades'])]
  const names = search.dimensions.slice(0, SHOWN_PARAMS).map(({ name }) => name)
  const cell = (statistic: Statistic, key: StatisticKey): string =>
    statistic.value === undefined ? 'n/a' : formatStatistic(statistic, STATISTIC_UNITS[key])
  return table(
    'Best trials',
    ['Trial#', ...names.map((name) => `${name}#`), ...keys.map((key) => `${key}#`)],
    best.map(({ number, params, statistics }) => [
      String(number),
      ...names.map((name) => String(params[name])),
      ...keys.map((key) => cell(statistics[key], key)),
    ]),
  )
}

/** Figures that decide nothing and say much. */
function besideLines({ judgement, checks }: SweepResult): readonly string[] {
  if (judgement === undefined) return []
  const { assessment } = judgement
  const { minimumBacktestYears, effectiveTrials, overfitting, days } = assessment
  const rank =
    overfitting.medianRank.value === undefined
      ? unknown(overfitting.medianRank.reason)
      : overfitting.medianRank
  const missing = checks.filter(({ outcome }) => outcome === 'not run').map(({ name }) => name)
  const untested = checks.flatMap(({ name, outcome, detail = '' }) => (outcome === 'not tested' ? [`${name}: ${detail}`] : [])) // prettier-ignore
  return [
    `${formatValue(assessment.distinct, 'count')} distinct trials over ${formatValue(days, 'count')} days; effective trials ${formatStatistic(effectiveTrials.count, 'count')}; minimum backtest length ${minimumBacktestYears.value === undefined ? 'n/a' : `${minimumBacktestYears.value.toFixed(1)} years`}`,
    `rank out of sample of the best in sample, median of the splits (0.5 is luck): ${formatStatistic(rank, 'ratio')}`,
    ...(missing.length > 0 ? [`checks that were not run: ${missing.join(', ')}`] : []),
    ...untested.map((one) => `not tested: ${one}`),
    ...checks.flatMap(({ name, outcome, detail }) =>
      outcome === 'failed' ? [`${name}: ${detail ?? 'failed'}`] : [],
    ),
  ]
}

function ledgerLines({ ledger }: SweepResult): readonly string[] {
  const { trials, records, names, sources, failed, problem, isNew } = ledger
  const versions = sources > 1 ? `, ${sources} versions of its source` : ''
  const others = names.length > 1 ? ` (also tried as ${names.join(', ')})` : ''
  const failures = failed > 0 ? `, ${formatValue(failed, 'count')} of them failed` : ''
  return [
    `Ledger: ${formatValue(trials, 'count')} distinct trials of this strategy${others} on overlapping data in ${formatValue(records, 'count')} records${versions}${failures}`,
    ...(isNew ? ['  It begins with this sweep: whatever was tried before it is not counted.'] : []),
    ...(problem === undefined ? [] : [`! The ledger cannot be trusted: ${problem}. Trials may be missing, so that no deflated Sharpe ratio can be trusted.`]), // prettier-ignore
  ]
}

/** The result as a program reads it. */
export function sweepJson(sweep: SweepFolder, result: SweepResult, existed: boolean): object {
  const [best] = result.best
  const { plateau } = result
  return {
    sweepId: sweep.id,
    folder: sweep.folder,
    existed,
    question: sweep.question,
    result,
    backtestCommand: best === undefined ? undefined : backtestCommand(sweep, best.params),
    plateauCommand: plateau === undefined ? undefined : backtestCommand(sweep, plateau.centreParams),
  }
}
