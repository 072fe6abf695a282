import { formatUtcDay } from '../core/time.js'
import { formatStatistic, formatValue } from '../metrics/format.js'
import type { CheckOutcome } from '../research/overfitting/verdict.js'
import type { NoOutcome, Outcome, Sensitivity } from '../research/sensitivity.js'
import type { MonteCarlo } from '../research/monte-carlo.js'
import { safe, type Markup } from './markup.js'
import { monteCarloTable, monteCarloWords } from './monte-carlo-table.js'
import { type PageKit, pageTable, vegaChart } from './page/index.js'
import type { DeflatedSharpe, ReportExtras, StrategyChecks, WalkForward } from './report-extras.js'
import { sensitivityTable } from './sensitivity-table.js'
import { table } from './table.js'

/** The run under other assumptions: a picture, and the table with everything that has no outcome and why. */
export function sensitivityCharts(kit: PageKit, sensitivity: Sensitivity, startingBalance: number): Markup {
  const bars = [
    ...sensitivity.costs.map(({ factor, outcome }) => bar(`Costs × ${factor}`, outcome)),
    bar('Pessimistic', sensitivity.pessimistic),
    bar('Optimistic', sensitivity.optimistic),
    bar('One bar late', sensitivity.oneBarLate),
    ...shuffleBars(sensitivity, startingBalance),
  ].flat()
  return safe`<div class="side-by-side">${vegaChart(kit, {
    title: 'Total return under other assumptions',
    note: 'Costs: fees, slippage and half spread together, funding as it is. One bar late: every decision acts a bar after it did.',
    spec: {
      data: { values: bars },
      width: 'container',
      height: 22 * bars.length + 4,
      mark: { type: 'bar', height: 13 },
      encoding: {
        y: { field: 'name', type: 'nominal', sort: null, axis: { title: null, grid: false, labelLimit: 170 } },
        x: { field: 'value', type: 'quantitative', axis: { format: '~%', title: null, grid: true, tickCount: 5 } },
        color: { condition: { test: 'datum.value > 0', value: 'var(--gain)' }, value: 'var(--loss)' },
        tooltip: [{ field: 'name', title: 'Assumption' }, { field: 'text', title: 'Total return' }, { field: 'trades', title: 'Trades' }],
      },
    },
  })}${pageTable(sensitivityTable(sensitivity, startingBalance))}</div>`
} // prettier-ignore

interface OutcomeBar {
  readonly name: string
  readonly value: number
  readonly text: string
  readonly trades: string
}

function bar(name: string, outcome: Outcome | NoOutcome): OutcomeBar[] {
  if ('reason' in outcome) return []
  const { totalReturn, trades } = outcome
  return [{ name, value: totalReturn, text: formatValue(totalReturn, 'fraction'), trades: formatValue(trades, 'count') }] // prettier-ignore
}

function shuffleBars({ shuffledIds }: Sensitivity, startingBalance: number): OutcomeBar[][] {
  if ('reason' in shuffledIds) return []
  const one = (name: string, finalEquity: number): OutcomeBar[] => {
    const value = finalEquity / startingBalance - 1
    return [{ name, value, text: formatValue(value, 'fraction'), trades: '–' }]
  }
  return [one('Ids shuffled, lowest', shuffledIds.minimum), one('Ids shuffled, highest', shuffledIds.maximum)]
}

/** Whatever else the run carries of how far its figures may be trusted. */
export function extraParts({ deflatedSharpe, monteCarlo, walkForward, checks }: ReportExtras): Markup[] {
  return [
    ...(deflatedSharpe === undefined ? [] : [deflatedSharpePart(deflatedSharpe)]),
    ...(monteCarlo === undefined ? [] : [monteCarloPart(monteCarlo)]),
    ...(walkForward === undefined ? [] : [walkForwardPart(walkForward)]),
    ...(checks === undefined ? [] : [checksPart(checks)]),
  ]
}

function deflatedSharpePart({ probability, trials, effectiveTrials }: DeflatedSharpe): Markup {
  return pageTable(
    table(
      'Deflated Sharpe',
      ['Figure', 'Value#'],
      [
        [
          'Probability that the true Sharpe is above what luck gives the best trial',
          formatStatistic(probability, 'fraction'),
        ],
        ['Trials', formatValue(trials, 'count')],
        ['Trials that differ', formatValue(effectiveTrials, 'ratio')],
      ],
    ),
  )
}

function monteCarloPart(found: MonteCarlo): Markup {
  return safe`${pageTable(monteCarloTable(found))}<p class="note">${monteCarloWords(found)}</p>`
}

function walkForwardPart({ windows, efficiency }: WalkForward): Markup {
  return safe`${pageTable(
    table(
      'Walk-forward',
      ['Trained on', 'Judged on', 'In sample#', 'Out of sample#'],
      windows.map(({ trainStartTime, testStartTime, testEndTime, inSample, outOfSample }) => [
        `${formatUtcDay(trainStartTime)} to ${formatUtcDay(testStartTime)}`,
        `${formatUtcDay(testStartTime)} to ${formatUtcDay(testEndTime)}`,
        formatStatistic(inSample, 'fraction'),
        formatStatistic(outOfSample, 'fraction'),
      ]),
    ),
  )}<p class="note">Efficiency, out of sample over in sample: ${formatStatistic(efficiency, 'fraction')}</p>`
}

function checksPart({ checks }: StrategyChecks): Markup {
  return pageTable(
    table(
      'Checks',
      ['Check', 'Finding'],
      checks.map(({ name, outcome, detail }) => [name, `${outcomeWords(outcome)}: ${detail}`]),
    ),
  )
}

/** How the outcome of a check reads: a failure must not be overlooked. */
export function outcomeWords(outcome: CheckOutcome['outcome']): string {
  return outcome === 'passed' ? 'passed' : outcome === 'failed' ? 'FAILED' : 'n/a'
}
