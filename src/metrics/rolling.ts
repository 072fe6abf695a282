import type { Statistic } from './statistic.js'

/**
 * A statistic over each window of `window` successive values: entry i covers values i … i + window − 1 of every series.
 * Empty where the series is shorter than the window. O(n · window).
 */
export function rolling<Series extends readonly Float64Array[]>(
  series: Series,
  window: number,
  statistic: (...windows: { [K in keyof Series]: Float64Array }) => Statistic,
): Statistic[] {
  const length = series[0]?.length ?? 0
  const results: Statistic[] = []
  for (let end = window; end <= length; end++) {
    const windows = series.map((values) => values.subarray(end - window, end)) as {
      [K in keyof Series]: Float64Array
    }
    results.push(statistic(...windows))
  }
  return results
}
