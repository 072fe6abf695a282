import { ConfigError } from '../../core/errors.js'
import { DAY_MS } from '../../core/time.js'
import { mean } from '../../metrics/moments.js'
import { totalReturn } from '../../metrics/returns.js'
import { known, type Statistic, unknown } from '../../metrics/statistic.js'
import { type Separation, separate, type Span, spanDays } from './time-spans.js'

export interface WalkForwardOptions {
  /** Whole UTC days. */
  readonly period: Span
  /** Length of training; the first one where it is anchored. Days. */
  readonly trainDays: number
  /** Length of each test, 30 to 90 days: shorter ones hold too few trades, longer ones too few re-fits. */
  readonly testDays: number
  /** Training begins at the start of the period and grows; else it keeps its length and rolls. */
  readonly isAnchored: boolean
  /** Training always comes before its test here, so that nothing is embargoed. ms. */
  readonly purgeMs: Separation['purgeMs']
}

export interface WalkForwardWindow {
  readonly training: Span
  readonly test: Span
}

const FEWEST_WINDOWS = 6
const TEST_DAYS = { fewest: 30, most: 90 } as const

/**
 * Windows of a walk-forward analysis (Pardo 1992): train, test on what follows, move on by one test. Tests lie end to end up to the end of
 * the period, so that the newest days are always tested; what does not fill a window is left at the beginning. At least 6
 * windows, or the reason why there are not. Throws ConfigError for lengths that make no sense.
 */
export function walkForwardWindows(
  options: WalkForwardOptions,
): readonly WalkForwardWindow[] | { readonly reason: string } {
  const { period, trainDays, testDays, isAnchored, purgeMs } = options
  checkLengths(options)
  const days = Math.floor(spanDays(period))
  const count = Math.floor((days - trainDays) / testDays)
  if (count < FEWEST_WINDOWS) {
    const needed = trainDays + FEWEST_WINDOWS * testDays
    return {
      reason: `${days} days make ${Math.max(0, count)} windows, at least ${FEWEST_WINDOWS} (${needed} days) needed`,
    }
  }
  return Array.from({ length: count }, (_, at) => {
    const startMs = period.endMs - (count - at) * testDays * DAY_MS
    const test = { startMs, endMs: startMs + testDays * DAY_MS }
    const from = isAnchored ? period.startMs : startMs - trainDays * DAY_MS
    const [training] = separate({ startMs: from, endMs: startMs }, [test], { purgeMs, embargoMs: 0 })
    if (training === undefined)
      throw new ConfigError('the purge leaves no training', {
        field: 'purge',
        value: purgeMs / DAY_MS,
        unit: 'days',
      })
    return { training, test }
  })
}

function checkLengths({ trainDays, testDays, purgeMs }: WalkForwardOptions): void {
  const { fewest, most } = TEST_DAYS
  if (!(Number.isInteger(testDays) && testDays >= fewest && testDays <= most))
    throw new ConfigError(`a test is ${fewest} to ${most} whole days long`, {
      field: 'test',
      value: testDays,
      unit: 'days',
    })
  if (!(Number.isInteger(trainDays) && trainDays > 0))
    throw new ConfigError('training is a whole number of days', {
      field: 'train',
      value: trainDays,
      unit: 'days',
    })
  if (!(purgeMs >= 0 && purgeMs < trainDays * DAY_MS))
    throw new ConfigError('the purge is shorter than training', {
      field: 'purge',
      value: purgeMs / DAY_MS,
      unit: 'days',
    })
}

/** Net daily returns of the trial chosen in a window. */
export interface WindowReturns {
  /** Of the days it was chosen by. */
  readonly inSample: Float64Array
  /** Of the test; positions at its edges closed, with costs. */
  readonly outOfSample: Float64Array
}

/** What the choices made window by window earned on days they were not made by. */
export interface WalkForwardResult {
  readonly windows: number
  /** Compounded over all tests: a fraction. */
  readonly netReturn: Statistic
  /** Mean daily return out of sample over that in sample (Pardo 1992), each over all windows: 1 keeps all that was promised. */
  readonly efficiency: Statistic
  /** Share of windows whose test gained. */
  readonly gainingWindows: Statistic
  /** Out-of-sample returns end to end. */
  readonly outOfSample: Float64Array
}

/** O(days). n/a for fewer than 6 windows. */
export function walkForwardResult(windows: readonly WindowReturns[]): WalkForwardResult {
  const outOfSample = Float64Array.from(windows.flatMap((window) => [...window.outOfSample]))
  const inSample = windows.flatMap((window) => [...window.inSample])
  const used = windows.filter((window) => window.outOfSample.length > 0 && window.inSample.length > 0).length
  if (used < Math.max(FEWEST_WINDOWS, windows.length)) {
    const none = unknown(
      `${used} windows have days to train and to test on, at least ${FEWEST_WINDOWS} and all of them needed`,
    )
    return { windows: windows.length, netReturn: none, efficiency: none, gainingWindows: none, outOfSample }
  }
  const promised = mean(inSample)
  const gains = windows.map((window) => totalReturn(window.outOfSample))
  const gaining = gains.filter(({ value }) => value !== undefined && value > 0).length
  return {
    windows: windows.length,
    netReturn: totalReturn(outOfSample),
    efficiency: promised > 0 ? known(mean(outOfSample) / promised) : unknown('nothing was gained in sample'),
    gainingWindows: known(gaining / windows.length),
    outOfSample,
  }
}
