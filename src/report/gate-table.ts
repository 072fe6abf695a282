import { formatValue } from '../metrics/format.js'
import type { Statistic } from '../metrics/statistic.js'
import type { Gate, Verdict } from '../research/overfitting/verdict.js'
import { table, type Table } from './table.js'

/** One row a gate of the verdict. */
export function gateTable(gates: readonly Gate[]): Table {
  return table(
    'What the verdict asks',
    ['Gate', 'Found#', 'Asked#', 'Holds'],
    gates.map(({ name, value, rule, limit, unit, isPassed }) => [
      name,
      gateValue(value, unit),
      limit.value === undefined ? 'n/a' : `${rule} ${gateValue(limit, unit)}`,
      isPassed ? 'yes' : value.value === undefined ? 'n/a' : 'no',
    ]),
  )
}

/** Why gates are n/a, as far as the verdict's reasons do not say it: a "no" names what decides it alone. */
export function unknownGateLines({ gates, reasons }: Verdict): readonly string[] {
  return gates.flatMap(({ value, shortfall }) => (value.value === undefined && shortfall !== undefined && !reasons.includes(shortfall) ? [shortfall] : [])) // prettier-ignore
}

/** As the verdict reads it. */
export function gateValue(statistic: Statistic, unit: Gate['unit']): string {
  if (statistic.value === undefined) return 'n/a'
  switch (unit) {
    case 'fraction':
      return formatValue(statistic.value, 'fraction')
    case 'days':
      return `${formatValue(Math.ceil(statistic.value), 'count')} d`
    case 'trades':
    case 'checks':
      return formatValue(statistic.value, 'count')
    case 'probability':
    case 'ratio':
      return String(Number(statistic.value.toFixed(4)))
  }
}
