import { formatStatistic, formatValue } from '../metrics/format.js'
import type { Statistic } from '../metrics/statistic.js'
import type { SweepStability, TrialStability } from '../research/sweep/stability.js'
import { safe, type Markup } from './markup.js'
import { pageTable } from './page/index.js'
import { objectiveText, type SweepReport } from './sweep-report.js'
import { plateauTable } from './sweep-tables.js'
import { table, type Table } from './table.js'

/** What lies around the best trial, what to take in its place, and whether both earned in each year and each instrument. */
export function stabilitySection(report: SweepReport): Markup {
  const found = plateauTable(report)
  if (found === undefined) return safe`<p>No trial is complete: there is no neighbourhood.</p>`
  return safe`${pageTable(found)}<p class="note">Neighbours: complete trials within a tenth of each param's range, or one step of it, with the same words. A plateau keeps most of its peak; where the mean around the best is much lower, the best is a spike. The middle of a plateau is that of the best hundred trials whose neighbourhood has the best mean.</p>
${suggestion(report)}${byYearAndInstrument(report)}`
}

/** The plateau's centre, not the peak, and how to run it. */
function suggestion(report: SweepReport): Markup {
  const { plateau, objective, trials, commandOf } = report
  if (plateau === undefined) return safe``
  const { peak, centre, centreParams } = plateau
  const number = (trial: number): number => trials[trial]!.number
  if (centre.mean.value === undefined)
    return safe`<p>Suggested: nothing yet. No trial of the best hundred has neighbours enough (${centre.mean.reason}), so that a plateau cannot be told from a spike: search more finely around the best.</p>`
  if (centre.trial === peak.trial)
    return safe`<p>Suggested: the best trial itself. Of the best hundred none has a neighbourhood with a better mean.</p>`
  const figure = (statistic: Statistic): string =>
    statistic.value === undefined ? `n/a (${statistic.reason})` : objectiveText(objective, statistic.value)
  const command = commandOf(centreParams)
  return safe`<h3>Suggested: the middle of a plateau, not the peak</h3><p>Trial ${number(centre.trial)} in place of ${number(peak.trial)}: its ${objective.key} is ${figure(centre.score)} rather than ${figure(peak.score)}, but the mean of it and what lies around it is ${figure(centre.mean)}, around the best ${figure(peak.mean)}. The verdict above is of the best trial: it was not asked of this one.</p>${command === undefined ? '' : safe`<pre>${command}</pre>`}`
}

function byYearAndInstrument({ stability, trials }: SweepReport): Markup {
  if (stability === undefined) return safe``
  if ('reason' in stability) return safe`<h3>By year and by instrument</h3><p>Not measured: ${stability.reason}.</p>`
  const { best, centre } = stability
  const shown = (of: TrialStability, what: string): readonly [TrialStability, string] => [of, `${what} (trial ${trials[of.trial]!.number})`]
  const both = [shown(best, 'Best trial'), ...(centre === undefined ? [] : [shown(centre, 'Middle of a plateau')])]
  const sideBySide = (tables: readonly Table[]): Markup => tables.length === 1 ? pageTable(tables[0]!) : safe`<div class="side-by-side">${tables.map(pageTable)}</div>`
  return safe`<h3>By calendar year</h3>${pageTable(gainedTable(stability))}${sideBySide(both.map(([of, name]) => yearTable(stability, of, name)))}
<p class="note">Net returns of whole UTC days, flat days included. The Sharpe ratio is annualised by √365, and n/a below 30 days; the drawdown is on the ends of days, from the peak of that year alone; trades by the year in which they were closed. All years are in sample. One that earns everything, or in which hardly any trial gained, says that the rest of the search rests on it.</p>
<h3>By instrument</h3>${sideBySide(both.map(([of, name]) => instrumentTable(of, name)))}
<p class="note">Closed trades of a replay of that trial, all instruments in one account; net of fees, slippage and funding, in quote units. Trades that end with the data count in the net result and not in the win rate.</p>`
} // prettier-ignore

/** How many of the trials that could be chosen gained in each year. */
function gainedTable({ years, trials }: SweepStability): Table {
  return table(
    '',
    ['Year', 'Whole days', `Gained, of ${formatValue(trials, 'count')} complete trials#`],
    years.map(({ year, days, ofDays, gained }) => [String(year), daysText(days, ofDays), cell(gained, 'fraction')]), // prettier-ignore
  )
}

/** `all 365`, or `121 of 366`. */
function daysText(days: number, ofDays: number): string {
  return days === ofDays ? `all ${days}` : `${days} of ${ofDays}`
}

function yearTable({ years }: SweepStability, { years: figures }: TrialStability, name: string): Table {
  return table(
    name,
    ['Year', 'Days', 'Return#', 'Sharpe#', 'Maximum drawdown#', 'Trades#'],
    figures.map(({ totalReturn, sharpe, maxDrawdown, trades }, at) => {
      const { year, days, ofDays } = years[at]!
      return [
        String(year),
        daysText(days, ofDays),
        cell(totalReturn, 'fraction'),
        cell(sharpe, 'ratio'),
        cell(maxDrawdown, 'fraction'),
        formatValue(trades, 'count'),
      ]
    }),
  )
}

function instrumentTable({ instruments }: TrialStability, name: string): Table {
  return table(
    name,
    ['Instrument', 'Net result#', 'Trades#', 'Win rate#'],
    instruments.map(({ instrument, netProfit, trades, winRate }) => [
      instrument,
      formatValue(netProfit, 'money'),
      formatValue(trades, 'count'),
      cell(winRate, 'fraction'),
    ]),
  )
}

function cell(statistic: Statistic, unit: Parameters<typeof formatStatistic>[1]): string {
  return statistic.value === undefined ? `n/a (${statistic.reason})` : formatStatistic(statistic, unit)
}
