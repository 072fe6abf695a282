import { formatValue } from '../metrics/format.js'
import type { CheckOutcome } from '../research/overfitting/verdict.js'
import type { NoOutcome, Outcome, Sensitivity } from '../research/sensitivity.js'
import type { MonteCarlo } from '../research/monte-carlo.js'
import { safe, type Markup } from './markup.js'
import { monteCarloTable, monteCarloWords } from './monte-carlo-table.js'
import { type PageKit, pageTable, vegaChart } from './page/index.js'
import { gateTable } from './gate-table.js'
import type { ReportExtras, StrategyChecks, SweepVerdict } from './report-extras.js'
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
export function extraParts({ sweepVerdict, monteCarlo, checks }: ReportExtras): Markup[] {
  return [
    ...(sweepVerdict === undefined ? [] : [verdictPart(sweepVerdict)]),
    ...(monteCarlo === undefined ? [] : [monteCarloPart(monteCarlo)]),
    ...(checks === undefined ? [] : [checksPart(checks)]),
  ]
}

/** The run is the best of many: whether that is luck stands before anything else that is said of it. */
function verdictPart({ sweepId, trials, ledgerTrials, verdict }: SweepVerdict): Markup {
  const { reasons, gates } = verdict
  const counted = `best of ${formatValue(trials, 'count')} trials of ${sweepId}, ${formatValue(ledgerTrials, 'count')} in the ledger then`
  const why = reasons.length === 0 ? '' : safe`<ul>${reasons.map((reason) => safe`<li>${reason}</li>`)}</ul>`
  return safe`<h3>Verdict: ${verdict.verdict}</h3><p class="note">Its params are the ${counted}.</p>${why}${pageTable(gateTable(gates))}`
}

function monteCarloPart(found: MonteCarlo): Markup {
  return safe`${pageTable(monteCarloTable(found))}<p class="note">${monteCarloWords(found)}</p>`
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

/** How the outcome of a check reads: a failure, or what was not tested, must not be overlooked. */
export function outcomeWords(outcome: CheckOutcome['outcome']): string {
  switch (outcome) {
    case 'passed':
      return 'passed'
    case 'failed':
      return 'FAILED'
    case 'not tested':
      return 'NOT TESTED'
    case 'not run':
      return 'n/a'
  }
}
