import { formatUtc } from '../core/time.js'
import type { Metric, Unit } from './metrics-report.js'
import type { Statistic } from './statistic.js'

const MINUS = '-'

/**
 * A number as its unit is read: `12.34 %`, `1,234.50`, `3.5 d` (hours below one day, minutes below one hour), `1.234`, `42`,
 * `2026-02-03 04:00`.
 */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'fraction':
      return `${grouped(value * 100, 2)} %`
    case 'money':
      return grouped(value, 2)
    case 'days':
      return formatDays(value)
    case 'ratio':
      return isTiny(value) ? String(Number(value.toPrecision(2))) : grouped(value, 3)
    case 'count':
      return grouped(value, 0)
    case 'time':
      return formatUtc(value)
  }
}

/** Would round to 0.000 and is not 0; what is below 1e-9 is an error of rounding. */
function isTiny(value: number): boolean {
  return Math.abs(value) < 0.0005 && Math.abs(value) >= 1e-9
}

/** The formatted number, or `n/a (reason)`. */
export function formatStatistic(statistic: Statistic, unit: Unit): string {
  return statistic.value === undefined ? `n/a (${statistic.reason})` : formatValue(statistic.value, unit)
}

/** The formatted number of a metric, or `n/a (reason)`. */
export function formatMetric(metric: Metric): string {
  return formatStatistic(metric, metric.unit)
}

function formatDays(days: number): string {
  const size = Math.abs(days)
  if (size >= 1 || size === 0) return `${grouped(days, 1)} d`
  return size * 24 >= 1 ? `${grouped(days * 24, 1)} h` : `${grouped(days * 1440, 1)} min`
}

/** Fixed decimals with thousands separators, without depending on the machine's locale; no "-0.00". */
function grouped(value: number, decimals: number): string {
  const digits = Math.abs(value).toFixed(decimals)
  const [whole = '', fraction] = digits.split('.')
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction === undefined ? '' : `.${fraction}`)
  return value < 0 && Number(digits) !== 0 ? MINUS + text : text
}
