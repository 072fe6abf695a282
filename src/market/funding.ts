import type { FactColumns } from '../core/columns.js'
import { HOUR_MS } from '../core/time.js'
import { FUNDING } from './levels.js'
import { autoregressivePath, Normals, persistenceOf, type Streams } from './random.js'
import type { Timeline } from './timeline.js'

/** What sets an instrument's funding beside its own price. */
export interface FundingDrivers {
  /** By hour. */
  readonly sentiment: Float64Array
  readonly crowd: Float64Array
  readonly noise: Normals
}

export function fundingDrivers(
  { hours }: Timeline,
  sentiment: Float64Array,
  asset: string,
  streams: Streams,
): FundingDrivers {
  const persistence = persistenceOf(FUNDING.crowdHalfLifeMs, HOUR_MS)
  return {
    sentiment,
    crowd: autoregressivePath(hours, persistence, streams(`crowd ${asset}`)),
    noise: new Normals(streams(`funding ${asset}`)),
  }
}

/**
 * The rate settled at the end of an hour, from what was known when the hour began. The dead zone is the clamp of the usual rate
 * in the formulas by which venues set funding.
 *
 * @param dayReturn of the 24 hours before the hour
 */
export function fundingRate(
  { sentiment, crowd, noise }: FundingDrivers,
  hour: number,
  dayReturn: number,
): number {
  const { usualRate, deadZone, cap } = FUNDING
  const mood = crowd[hour]!
  const premium =
    FUNDING.premium +
    FUNDING.perSentiment * sentiment[hour]! +
    FUNDING.perDayReturn * dayReturn +
    FUNDING.perCrowd * mood +
    FUNDING.perMania * Math.max(0, mood - FUNDING.maniaFrom) +
    FUNDING.noise * noise.next()
  const rate = premium < usualRate ? premium : Math.max(usualRate, premium - deadZone)
  return Math.round(1e8 * Math.min(cap, Math.max(-cap, rate))) / 1e8
}

/** Settlements as they come, then as facts: `rate` (fraction for the interval), `intervalMs`, `mark`, known at the settlement itself. */
export class Settlements {
  private readonly times: number[] = []
  private readonly rates: number[] = []
  private readonly marks: number[] = []

  add(time: number, rate: number, mark: number): void {
    this.times.push(time)
    this.rates.push(rate)
    this.marks.push(mark)
  }

  facts(): FactColumns {
    const settledAt = Float64Array.from(this.times)
    return {
      eventTime: settledAt,
      knownAt: settledAt.slice(),
      values: {
        rate: Float64Array.from(this.rates),
        intervalMs: new Float64Array(settledAt.length).fill(FUNDING.intervalMs),
        mark: Float64Array.from(this.marks),
      },
    }
  }
}
