import type { Spread } from '../core/data-survey.js'

/** The quantiles of some numbers; undefined where there are none. O(n log n). */
export function spreadOf(values: Float64Array): Spread | undefined {
  const count = values.length
  if (count === 0) return undefined
  const sorted = Float64Array.from(values).sort()
  const at = (level: number): number => sorted[Math.max(0, Math.ceil(level * count) - 1)]!
  return {
    count,
    minimum: sorted[0]!,
    p5: at(0.05),
    p25: at(0.25),
    median: at(0.5),
    p75: at(0.75),
    p95: at(0.95),
    p99: at(0.99),
    maximum: sorted[count - 1]!,
  }
}
