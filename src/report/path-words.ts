import type { ReplayPath } from '../core/result.js'
import { formatValue } from '../metrics/format.js'

/** Which way a replay took: `stepped on 1,234 of 17,520 bars`, or why it went bar by bar. Instants that several instruments share are one bar. */
export function pathWords({ kind, reason, steps, slots }: ReplayPath): string {
  if (kind === 'bar-by-bar') return `bar by bar: ${reason ?? 'asked for'}`
  return `stepped on ${formatValue(steps, 'count')} of ${formatValue(slots, 'count')} bars`
}
