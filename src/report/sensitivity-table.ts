import { formatValue } from '../metrics/format.js'
import type { EquitySpread, NoOutcome, Outcome, Sensitivity } from '../research/sensitivity.js'
import { table, type Table } from './table.js'

/** The run under other assumptions, one a line; the first cost line is the run itself. */
export function sensitivityTable(sensitivity: Sensitivity, startingBalance: number): Table {
  const { undecidedShare, pessimistic, optimistic, costs, oneBarLate, shuffledIds } = sensitivity
  const share =
    undecidedShare.value === undefined
      ? undecidedShare.reason
      : `${formatValue(undecidedShare.value, 'fraction')} of exits`
  return table(
    'Under other assumptions',
    ['Assumption', 'Final equity#', 'Total return#', 'Trades#'],
    [
      line(`Undecided bars against the strategy (${share})`, pessimistic),
      line('Undecided bars in its favour', optimistic),
      ...costs.map(({ factor, outcome }) => line(`Fees, slippage and half spread × ${factor}`, outcome)),
      line('Every decision one bar later', oneBarLate),
      ...spread(shuffledIds, startingBalance),
    ],
  )
}

function line(label: string, outcome: Outcome | NoOutcome): string[] {
  if ('reason' in outcome) return [`${label}: ${outcome.reason}`, 'n/a', 'n/a', 'n/a']
  const { finalEquity, totalReturn, trades } = outcome
  return [
    label,
    formatValue(finalEquity, 'money'),
    formatValue(totalReturn, 'fraction'),
    formatValue(trades, 'count'),
  ]
}

function spread(shuffled: EquitySpread | NoOutcome, startingBalance: number): string[][] {
  if ('reason' in shuffled) return [[`Instrument ids shuffled: ${shuffled.reason}`, 'n/a', 'n/a', 'n/a']]
  const { runs, minimum, median, maximum } = shuffled
  const equity = (label: string, value: number): string[] => [
    `Instrument ids shuffled, ${label} of ${runs}`,
    formatValue(value, 'money'),
    formatValue(value / startingBalance - 1, 'fraction'),
    '',
  ]
  return [equity('lowest', minimum), equity('median', median), equity('highest', maximum)]
}
