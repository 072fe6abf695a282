import { DAY_MS } from '../core/time.js'
import { storedSummary } from '../jobs/stored-report.js'
import { known, unknown, type Statistic } from '../metrics/statistic.js'
import { wholeDayReturns } from '../research/monte-carlo.js'
import { commonBlockLength } from '../research/overfitting/block-length.js'
import { aboveBand, deepestDrawdown, simultaneousBand } from '../research/overfitting/simultaneous-band.js'
import { seededRandom } from '../research/seeded-random.js'
import type { DeskMark } from '../runner/desk.js'
import { DEFAULT_PROMOTION_LIMITS } from '../runner/promotion/limits.js'
import { equityAt } from './figures.js'
import type { JournalFold } from './journal-fold.js'

/** How a session compares with the days of the backtest that it was promoted by. */
export interface Drift {
  /** Days of the session that are compared. */
  readonly days: number
  readonly level: number
  /** Least distance of its cumulative return from the band's lower edge; below 0, some day was below it. Fractions. */
  readonly aboveBand: Statistic
  /** The same for the 1 % band, below which a session is demoted. */
  readonly aboveDemotionBand: Statistic
  /** Deepest drawdown between ends of whole days, positive; and the 95th percentile of it over the paths that the bands are made of. */
  readonly drawdown: Statistic
  readonly bootstrapDrawdown: Statistic
  /** Cumulative return, lower edge and median path by day, for a chart; empty where there is no band. */
  readonly actual: readonly number[]
  readonly lower: readonly number[]
  readonly median: readonly number[]
}

/** Returns of whole days of the backtest, or why there are none. */
export type BacktestReturns = Float64Array | { readonly reason: string }

const BAND_LEVEL = DEFAULT_PROMOTION_LIMITS.paper.bandLevel
const DEMOTION_LEVEL = DEFAULT_PROMOTION_LIMITS.demotion.bandLevel

/** Cumulative returns at 00:00 UTC of each whole day that the session lived through, against the bands of its backtest. What it earned or lost in a part of a day before them counts with the first. */
export function driftOf(
  { marks, record }: Pick<JournalFold, 'marks' | 'record'>,
  dayEnd: number,
  returns: BacktestReturns,
): Drift {
  const [first] = marks
  if (first === undefined || record === undefined) return noDrift('no close was decided on yet', [])
  const { startingBalance, timeframeMs } = record
  const toTime = Math.min(dayEnd, Math.floor((marks.at(-1) as DeskMark).time / DAY_MS) * DAY_MS)
  return againstBands(cumulativeReturns([{ marks, startingBalance, fromTime: first.time - timeframeMs, toTime }]), returns) // prettier-ignore
}

/** Cumulative returns after 1, 2, … days against the bands of the backtest. O(days of the backtest). */
export function againstBands(actual: readonly number[], returns: BacktestReturns): Drift {
  const days = actual.length
  if ('reason' in returns) return noDrift(returns.reason, actual)
  if (days === 0) return noDrift('no whole day has passed', actual)
  if (returns.length < 20) return noDrift(`the backtest has ${returns.length} whole days, at least 20 needed`, actual) // prettier-ignore
  const meanBlockDays = commonBlockLength([returns], { meanHoldingDays: 1 })
  const band = (level: number): ReturnType<typeof simultaneousBand> => simultaneousBand(returns, { random: seededRandom(0), meanBlockDays, days, level }) // prettier-ignore
  const [usual, demotion] = [band(BAND_LEVEL), band(DEMOTION_LEVEL)]
  if ('reason' in usual || 'reason' in demotion) return noDrift('reason' in usual ? usual.reason : '', actual)
  return { days, level: BAND_LEVEL, aboveBand: aboveBand(actual, usual), aboveDemotionBand: aboveBand(actual, demotion), drawdown: drawdownOf(actual), bootstrapDrawdown: known(usual.drawdown95), actual, lower: usual.lower, median: usual.median } // prettier-ignore
}

function noDrift(reason: string, actual: readonly number[]): Drift {
  const none = unknown(reason)
  const drawdown = actual.length === 0 ? none : drawdownOf(actual)
  return { days: actual.length, level: BAND_LEVEL, aboveBand: none, aboveDemotionBand: none, drawdown, bootstrapDrawdown: none, actual, lower: [], median: [] } // prettier-ignore
}

/** Who lost all, or more, is down by 100 %. */
function drawdownOf(actual: readonly number[]): Statistic {
  return known(deepestDrawdown(actual.map((value) => Math.log1p(Math.max(-1, value)))))
}

/** What an account was worth over one stretch of time, first to last: its start, each 00:00 UTC within it, its end. */
export interface EquityStretch {
  readonly marks: readonly DeskMark[]
  /** Of the time before the first mark, quote units. */
  readonly startingBalance: number
  /** UTC ms. */
  readonly fromTime: number
  readonly toTime: number
}

/**
 * Cumulative returns of several stretches end to end, after 1, 2, … whole UTC days that they lived through. What they earned or lost in a part of a day makes no day of its own, and is not left out either: it counts
 * with the whole day that follows, at the end with the last one. Time between two stretches is no time. Empty where no whole day was lived through.
 */
export function cumulativeReturns(stretches: readonly EquityStretch[]): number[] {
  const grown: number[] = []
  let [total, isWaiting] = [1, false]
  for (const { marks, startingBalance, fromTime, toTime } of stretches) {
    let [since, equity] = [fromTime, equityAt(marks, fromTime, startingBalance)]
    while (since < toTime) {
      const until = Math.min(toTime, (Math.floor(since / DAY_MS) + 1) * DAY_MS)
      const now = equityAt(marks, until, startingBalance)
      total *= now / equity
      isWaiting = until - since < DAY_MS
      if (!isWaiting) grown.push(total - 1)
      ;[since, equity] = [until, now]
    }
  }
  if (isWaiting && grown.length > 0) grown[grown.length - 1] = total - 1
  return grown
}

/** Returns of whole days of the run by whose promotion a session runs; undefined: it has none. */
export async function backtestReturnsOf(
  runsFolder: string,
  runId: string | undefined,
): Promise<BacktestReturns> {
  if (runId === undefined) return { reason: 'the session runs without a promotion: there is no backtest to hold it against' } // prettier-ignore
  try {
    const { charts } = await storedSummary(runsFolder, runId)
    if (charts === undefined)
      return { reason: `run ${runId} was stored by a version that kept no equity by day` }
    return wholeDayReturns(charts.daily)
  } catch (error) {
    return {
      reason: `run ${runId} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}
