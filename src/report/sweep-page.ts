import { durationName, formatUtcDay } from '../core/time.js'
import { formatStatistic, formatValue } from '../metrics/format.js'
import { DAYS_PER_YEAR } from '../metrics/returns.js'
import { unknown, known, type Statistic } from '../metrics/statistic.js'
import { paramImportance } from '../research/sweep/param-importance.js'
import { chargedWords, freeTradingWarning } from './charged.js'
import { gateTable, unknownGateLines } from './gate-table.js'
import { safe, type Markup } from './markup.js'
import { chartGrid, makePage, pageBanner, pageTable, recordTable, RISK_NOTICE, type PageKit } from './page/index.js' // prettier-ignore
import { parallelChart } from './parallel-chart.js'
import { samplerWords } from './sampler-words.js'
import { STATISTIC_UNITS } from './statistic-units.js'
import { equityBands, luckChart, luckFigures } from './sweep-luck-charts.js'
import { objectiveMaps } from './sweep-map.js'
import { bestTrial, completeTrials, paramWords, type SweepReport } from './sweep-report.js'
import { frontChart } from './sweep-front.js'
import { historyChart, importanceChart } from './sweep-search-charts.js'
import { objectiveSlices } from './sweep-slices.js'
import { stabilitySection } from './sweep-stability.js'
import { countWords, dimensionTable, LISTED_TRIALS, searchTable, trialsData } from './sweep-tables.js' // prettier-ignore
import { table } from './table.js'
import { promisedChart } from './walk-forward-page.js'
import { walkForwardFiguresTable, walkForwardWindowsTable } from './walk-forward-tables.js'

const VERDICTS = {
  believe: { text: 'Believe', meaning: 'everything that is asked of a sweep holds' },
  'not yet': { text: 'Not yet', meaning: 'what was found does not suffice to believe in an edge' },
  no: { text: 'No', meaning: 'what was found speaks against an edge' },
} as const

/** The page of a finished sweep: one file, below 3 MB whatever the number of trials. Equal reports give equal bytes. */
export function sweepPage(kit: PageKit, report: SweepReport): string {
  const shares = importanceOf(report)
  return makePage(kit, {
    title: titleOf(report),
    banner: safe`${banner(report)}${tiles(report)}<p class="note rules">Trials are backtests ${chargedWords(report.charged)}; returns are net, of whole UTC days, flat days included; a year has 365 days. All figures but those of the verdict's replays are in sample: the best was chosen by them.</p>`,
    sections: [
      { id: 'verdict', title: 'Verdict', body: verdict(report) },
      { id: 'search', title: 'Search', body: safe`${pageTable(searchTable(report))}${pageTable(dimensionTable(report, shares, bestTrial(report)))}${chartGrid(historyChart(kit, report), importanceChart(kit, report, shares))}` },
      { id: 'map', title: 'Map of the objective', body: objectiveMaps(kit, report, shares) },
      { id: 'slices', title: 'One param at a time', body: objectiveSlices(kit, report, shares) },
      { id: 'params', title: 'Params', body: parallelChart(kit, report) },
      { id: 'front', title: 'Objective against drawdown', body: frontChart(kit, report) },
      { id: 'stability', title: 'Stability', body: stabilitySection(report) },
      { id: 'walk-forward', title: 'Walk-forward', body: walkForward(kit, report) },
      { id: 'luck', title: 'Best of many', body: chartGrid(luckChart(kit, report), equityBands(kit, report)) },
      { id: 'trials', title: 'Trials', body: trials(report) },
      { id: 'reproduce', title: 'Reproduce', body: reproduce(report) },
    ],
    footer: safe`<p>${RISK_NOTICE}</p><p>Charts are drawn by Vega (BSD 3-Clause licence), which lies in this file.</p>`,
  })
} // prettier-ignore

function titleOf({ strategy, preset }: SweepReport): string {
  return `${strategy}${preset === null ? '' : ` (${preset})`}: sweep`
}

function importanceOf(report: SweepReport): readonly Statistic[] {
  const complete = completeTrials(report)
  const scores = complete.map(({ score }) => score)
  return report.dimensions.map(
    (dimension) =>
    paramImportance(dimension, complete.map(({ point }) => point[dimension.name]!), scores), // prettier-ignore
  )
}

function banner(report: SweepReport): Markup {
  const { id, instruments, timeframeMs, range, trials, sampler, seed, asked, drawnFrom, synthetic, objective, judgement, ledger } = report // prettier-ignore
  const by = samplerWords({ sampler, seed, trials: asked, drawnFrom })
  const days = judgement === undefined ? '' : `, ${formatValue(judgement.assessment.days, 'count')} whole days`
  const found = judgement === undefined ? undefined : VERDICTS[judgement.verdict.verdict]
  const free = freeTradingWarning(report.charged)
  const broken = ledger.problem === undefined ? [] : [`The ledger cannot be trusted: ${ledger.problem}. Trials may be missing, so that no deflated Sharpe ratio can be trusted.`] // prettier-ignore
  return pageBanner({
    title: titleOf(report),
    lines: [
      `${instruments.join(', ')} · ${durationName(timeframeMs)} bars · ${rangeWords(range)}${days}`,
      `${formatValue(trials.length, 'count')} trials by ${by}, ranked by ${objective.key} · ${id}`,
      found === undefined ? 'No trial is complete: there is nothing to judge.' : `Verdict: ${found.text.toLowerCase()}: ${found.meaning}.`,
      ...lengthWords(report),
    ],
    labels: [
      synthetic
        ? { text: 'Synthetic data', isLoud: true, explanation: 'Invented prices and facts: they say nothing about any real market.' }
        : { text: 'Real data', explanation: 'Recorded at the venue.' },
      { text: 'in-sample', isLoud: true, explanation: 'The best was chosen by the very days that it is shown on.' },
      { text: found?.text ?? 'nothing complete', isLoud: judgement?.verdict.verdict !== 'believe', explanation: found?.meaning ?? 'No trial is complete.' },
    ],
    warnings: [...broken, ...(free === undefined ? [] : [`${free}.`]), ...(judgement?.verdict.reasons ?? noneComplete(report)).map(capital), ...(ledger.isNew ? ['The ledger begins with this sweep: whatever was tried before it is not counted.'] : [])],
  })
} // prettier-ignore

function noneComplete({ trials, counts }: SweepReport): readonly string[] {
  const reasons = [...new Set(trials.flatMap(({ reason }) => (reason === undefined ? [] : [reason])))]
  return [countWords(counts), ...reasons.slice(0, 5), ...(reasons.length > 5 ? [`and ${reasons.length - 5} more reasons`] : [])] // prettier-ignore
}

/** What so many trials need before their best says anything. */
function lengthWords({ judgement, ledger }: SweepReport): readonly string[] {
  if (judgement === undefined) return []
  const { minimumBacktestYears: years, days, deflatedSharpe } = judgement.assessment
  const count = 'reason' in deflatedSharpe ? Math.max(ledger.trials, judgement.assessment.distinct) : deflatedSharpe.trials // prettier-ignore
  const have = (days / DAYS_PER_YEAR).toFixed(1)
  return [
    years.value === undefined
      ? `Minimum backtest length: n/a (${years.reason}).`
      : `The best of ${formatValue(count, 'count')} trials without any edge is expected to show a Sharpe ratio of 1 over ${years.value.toFixed(1)} years, and more over fewer; these are ${have} years${days / DAYS_PER_YEAR < years.value ? ': too short for a ratio of 1 to say anything' : ''}.`,
  ]
}

function rangeWords({ startTime, endTime }: SweepReport['range']): string {
  const from = Number.isFinite(startTime) ? formatUtcDay(startTime) : 'the first bar'
  const to = Number.isFinite(endTime) ? formatUtcDay(endTime - 1) : 'the last bar'
  return `${from} to ${to}`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function tiles(report: SweepReport): Markup {
  const { judgement, ledger, objective } = report
  const best = bestTrial(report)
  const none = unknown('no trial is complete')
  const assessment = judgement?.assessment
  const { lucky, reason } = luckFigures(report)
  const deflated = assessment === undefined ? none : 'reason' in assessment.deflatedSharpe ? unknown(assessment.deflatedSharpe.reason) : assessment.deflatedSharpe.probability // prettier-ignore
  const spa = assessment === undefined ? none : 'reason' in assessment.spa ? unknown(assessment.spa.reason) : assessment.spa.pValue // prettier-ignore
  const isPlateau = assessment?.overfitting.isPlateau === true
  const overfitting = assessment === undefined ? none : isPlateau ? assessment.overfitting.probabilityOfLoss : assessment.overfitting.probability // prettier-ignore
  const all: readonly (readonly [string, string, Statistic, Parameters<typeof formatStatistic>[1]])[] = [
    ['objective', `${objective.key} of the best`, best?.statistics?.[objective.key] ?? none, STATISTIC_UNITS[objective.key]],
    ['lucky', 'Sharpe expected of luck', lucky === undefined ? unknown(reason) : known(lucky), 'ratio'],
    ['deflated', 'Deflated Sharpe', deflated, 'ratio'],
    ['spa', 'SPA p', spa, 'ratio'],
    ['overfitting', isPlateau ? 'Probability of loss (plateau)' : 'PBO', overfitting, 'ratio'],
    ['ledger', 'Trials in the ledger', ledger.problem === undefined ? known(ledger.trials) : unknown('it cannot be trusted'), 'count'],
    ['effective', 'Effective trials', assessment?.effectiveTrials.count ?? none, 'count'],
  ] // prettier-ignore
  return safe`<dl class="tiles">${all.map(([key, label, statistic, unit]) =>
    statistic.value === undefined
      ? safe`<div data-key="${key}"><dt>${label}</dt><dd>n/a<small>${statistic.reason}</small></dd></div>`
      : safe`<div data-key="${key}"><dt>${label}</dt><dd${statistic.value < 0 ? safe` class="negative"` : safe``}>${formatStatistic(statistic, unit)}</dd></div>`,
  )}</dl>`
}

/** Every gate, and what was not looked at. */
function verdict({ judgement, checks }: SweepReport): Markup {
  if (judgement === undefined) return safe`<p>No trial is complete: there is nothing to judge.</p>`
  const { medianRank } = judgement.assessment.overfitting
  const rows = checks.map(({ name, outcome, detail }) => [name, outcome, detail ?? ''])
  return safe`${pageTable(gateTable(judgement.verdict.gates))}
<p class="note">What each gate asks, and why, is said in docs/overfitting.md. A figure that is n/a keeps a sweep from being believed.</p>
${unknownGateLines(judgement.verdict).map(
  (line) => safe`<p class="note">${capital(line)}.</p>
`,
)}${randomEntryWords(judgement.randomEntry)}<p class="note">Rank out of sample of the best in sample, median of the splits (0.5 is luck): ${formatStatistic(medianRank, 'ratio')}.</p>
${rows.length === 0 ? '' : pageTable(table('Checks', ['Check', 'Outcome', 'Detail'], rows))}`
}

function randomEntryWords(found: NonNullable<SweepReport['judgement']>['randomEntry']): Markup {
  if (found === undefined) return safe``
  const { replicates, exceedances, setAside } = found
  return safe`<p class="note">Random entries: all trials again with their signals moved to other times, ${formatValue(replicates, 'count')} times; the best then did as well ${formatValue(exceedances, 'count')} times.${setAside === 0 ? '' : safe` ${formatValue(setAside, 'count')} times were set aside, since exposure changed by more than a tenth.`}</p>`
}

/** The same search on earlier days alone, again and again. */
function walkForward(kit: PageKit, { walkForward: walked }: SweepReport): Markup {
  if (walked === undefined) return safe`<p>No trial is complete: there was nothing to choose.</p>`
  if (!('windows' in walked)) return safe`<p>Not walked: ${walked.reason}.</p>`
  const { trainDays, testDays, trials: most, sampler, drawnFrom } = walked
  const by = drawnFrom === undefined ? `${sampler} and of at most ${formatValue(most, 'count')} trials` : `${sampler}, ${formatValue(most, 'count')} of its ${formatValue(drawnFrom, 'count')} points, drawn by the seed` // prettier-ignore
  return safe`${promisedChart(kit, walked)}${pageTable(walkForwardFiguresTable(walked))}${pageTable(walkForwardWindowsTable(walked))}<p class="note">In each window the same search, by ${by}, chose on ${trainDays} days of training; the ${testDays} days after them were traded with its choice by a fresh account, positions at the edges closed with costs. baleen walkforward has other lengths, anchored training and a page of its own.</p>`
}

function trials(report: SweepReport): Markup {
  const { trials: all, id } = report
  const said = all.length <= LISTED_TRIALS ? 'All trials, the best first.' : `The best ${LISTED_TRIALS} of ${formatValue(all.length, 'count')} trials; fewer complete ones are followed by those that cannot be chosen. All of them, with every statistic and their daily returns, are in the sweep's Parquet files: readSweep of baleen/lab, or any reader of Parquet on ${id}/*.parquet.` // prettier-ignore
  return safe`<p class="note">${said} Each command is the exact backtest of its trial.</p>${recordTable(trialsData(report))}`
}

function reproduce(report: SweepReport): Markup {
  const { ledger, reproduce: rows, commandOf } = report
  const { trials: count, records, names, sources, failed, problem, isNew } = ledger
  const best = bestTrial(report)
  const command = best === undefined ? undefined : commandOf(best.point)
  const words = [
    `${formatValue(count, 'count')} distinct trials of this strategy on overlapping data, in ${formatValue(records, 'count')} records`,
    ...(names.length > 1 ? [`tried as ${names.join(', ')}`] : []),
    ...(sources > 1 ? [`${sources} versions of its source`] : []),
    ...(failed > 0 ? [`${formatValue(failed, 'count')} of them failed`] : []),
  ]
  const chain = problem === undefined ? `whole when the sweep was judged${isNew ? '; it began with this sweep' : ''}` : `not to be trusted: ${problem}` // prettier-ignore
  return safe`${command === undefined ? '' : safe`<h3>The best trial again: ${paramWords(report, best!.point)}</h3><pre>${command}</pre>`}
${pageTable(table('', ['What', 'Value'], [...rows, ['Ledger', words.join('; ')], ['Chain of the ledger', chain]]))}`
}
