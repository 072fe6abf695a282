/** How fast trials have been run so far. */
export interface Pace {
  /** Processors of workers who listen; at least 1. */
  readonly workers: number
  /** Trials a second of one worker; undefined before any was measured. */
  readonly trialsPerSecond: number | undefined
}

/** A job is worth its way: less than a second of work is not; and what is lost with a worker that dies should not be much. */
const LEAST_SECONDS = 1
const MOST_SECONDS = 30
/** Some workers are faster than others: each should find work for a second time. */
const RANGES_PER_WORKER = 2
const FIRST_RANGES = 16

/**
 * Cuts a generation into jobs: sizes of ranges of trials, in order, the last one perhaps smaller. Every worker should have two, of one second to thirty each where that
 * can be. Rows do not depend on it.
 */
export function cutGeneration(trials: number, { workers, trialsPerSecond }: Pace): readonly number[] {
  const even = (ranges: number): number => Math.ceil(trials / ranges)
  const size =
    trialsPerSecond === undefined
      ? even(FIRST_RANGES)
      : Math.min(
          Math.max(even(RANGES_PER_WORKER * Math.max(1, workers)), trialsPerSecond * LEAST_SECONDS),
          trialsPerSecond * MOST_SECONDS,
        )
  const whole = Math.min(trials, Math.max(1, Math.floor(size)))
  const sizes: number[] = []
  for (let left = trials; left > 0; left -= whole) sizes.push(Math.min(whole, left))
  return sizes
}

/** Trials a second of one worker: the median, since one job may have waited for a busy disk. Undefined where nothing was measured. */
export function paceOf(
  done: readonly { readonly trials: number; readonly ms: number }[],
): number | undefined {
  const paces = done
    .flatMap(({ trials, ms }) => (ms > 0 ? [(trials * 1_000) / ms] : []))
    .sort((a, b) => a - b)
  return paces[paces.length >> 1]
}
