import { ConfigError } from '../core/errors.js'
import { durationName, parseDuration } from '../core/time.js'
import { FACT_OPERATORS } from './facts.js'
import { type Feature, close, high, low, open, time, volume } from './feature.js'

/**
 * A feature of the bars of a higher timeframe: a value for each of them, the unfinished one included. So it is no `Feature`: no
 * operator, no rule and no strategy takes it, and neither does another timeframe. `completed` makes a feature of it.
 */
export class HigherFeature {
  constructor(
    /** Such as `4h`. */
    readonly timeframe: string,
    /** What is calculated: the very declaration that would run on base bars. */
    readonly of: Feature,
  ) {}

  /** What makes a feature of it asks for its key: a strategy file may be run without having been compiled. */
  get key(): never {
    throw new ConfigError(
      `write completed(…) around a feature of ${this.timeframe} bars: the newest of them is not finished`,
      { field: 'timeframe', value: this.of.key },
    )
  }
}

/**
 * The bars of a higher timeframe: in `timeframe('4h')(atr(14))` everything within is calculated on 4-hour bars, `close` is their close
 * and 14 are 56 hours. They open on the grid of UTC: days at 00:00, weeks on Monday. Facts join base bars only. That it is a whole
 * multiple of the base timeframe is checked where that is known, with a ConfigError.
 *
 * @throws ConfigError for anything but a duration, and where the feature reads a fact or has a setting that is not finite
 */
export function timeframe(duration: string): (of: Feature) => HigherFeature {
  const name = durationName(parseDuration(duration, 'timeframe'))
  return (of) => {
    checkWithin(name, of)
    return new HigherFeature(name, of)
  }
}

/**
 * On each base bar, the value of the newest higher bar that was complete at its close: a base bar whose close is the end of a higher
 * bar sees that one at once, the base bars before it see the one before. Where the last base bars of a higher bar are missing, it is
 * known from the close of the next base bar on, made of those that exist; without any base bar it does not exist. A first
 * higher bar whose beginning is before the data is dropped. A value that a base bar lacks, its higher bar lacks too.
 *
 * O(1) a base bar. Warm-up, with r base bars to a higher one and w higher bars of warm-up within: (w + 2) · r − 2, enough wherever the
 * data begin; where they begin on the grid the first value is there r − 1 bars earlier.
 *
 * @throws ConfigError for what no timeframe has made
 */
export function completed(higher: HigherFeature): Feature {
  if (!(higher instanceof HigherFeature)) {
    throw new ConfigError("takes what a timeframe has made, such as timeframe('4h')(ema(close, 20))", {
      field: 'completed',
      value: higher,
    })
  }
  const { timeframe, of } = higher
  return {
    operator: 'completed',
    inputs: [open, high, low, close, volume, time],
    // A feature is plain data, so JSON carries it whole.
    args: [timeframe, JSON.stringify(of)],
    key: `completed(${timeframe};${of.key})`,
  }
}

function checkWithin(timeframe: string, { operator, inputs, args, key }: Feature): void {
  const refuse = (why: string): never => {
    throw new ConfigError(`${why} ${timeframe} bars`, { field: 'timeframe', value: key })
  }
  if (FACT_OPERATORS.has(operator)) refuse('facts join base bars: they are no part of')
  // JSON would make null of it.
  if (args.some((value) => typeof value === 'number' && !Number.isFinite(value)))
    refuse('only finite settings can be taken to')
  for (const input of inputs) checkWithin(timeframe, input)
}
