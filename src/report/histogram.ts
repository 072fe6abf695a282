import { quantile } from '../metrics/moments.js'

export interface Bin {
  readonly from: number
  readonly to: number
  /** Values in `[from, to)`; the last bin holds its end too. */
  readonly count: number
}

const FEWEST_BINS = 8
const MOST_BINS = 60

/**
 * Counts values in bins of a round width near Freedman and Diaconis' (1981), 2 · IQR / ∛n, with an edge at 0, so that no bin mixes gains
 * and losses. Every value lies in one. O(n log n).
 */
export function binned(values: readonly number[]): Bin[] {
  if (values.length === 0) return []
  const lowest = values.reduce((least, value) => Math.min(least, value))
  const highest = values.reduce((most, value) => Math.max(most, value))
  const wanted = (2 * (quantile(values, 0.75) - quantile(values, 0.25))) / Math.pow(values.length, 1 / 3)
  const span = highest - lowest || Math.abs(highest) || 1
  const width = roundWidth(Math.min(span / FEWEST_BINS, Math.max(span / MOST_BINS, wanted)))
  const first = Math.floor(lowest / width)
  const last = Math.max(first, Math.ceil(highest / width) - 1)
  const counts = Array.from({ length: last - first + 1 }, () => 0)
  for (const value of values) {
    const bin = Math.min(last, Math.floor(value / width)) - first
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts.map((count, bin) => ({ from: (first + bin) * width, to: (first + bin + 1) * width, count }))
}

/** 1, 2, 2.5 or 5 times a power of ten, not above the width. */
function roundWidth(width: number): number {
  const power = 10 ** Math.floor(Math.log(width) / Math.log(10) + 1e-12)
  return (([5, 2.5, 2, 1] as const).find((factor) => factor * power <= width * (1 + 1e-12)) ?? 1) * power
}
