import { formatValue } from '../../src/metrics/format.js'
import type { ChartUnit } from '../../src/report/page/chart-data.js'

/** A number as the rest of the page writes it. */
export function formatAs(value: number, unit: ChartUnit): string {
  return unit === 'price' ? formatPrice(value) : formatValue(value, unit)
}

/** Two decimals from 100 up, six significant digits below. */
function formatPrice(price: number): string {
  const size = Math.abs(price)
  if (size >= 100 || size === 0) return formatValue(price, 'money')
  const decimals = Math.min(12, 5 - Math.floor(Math.log10(size)))
  return price.toFixed(decimals)
}
