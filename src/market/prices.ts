import { sharedColumn, type Candles, type FactColumns } from '../core/columns.js'
import { HOUR_MS, MINUTE_MS } from '../core/time.js'
import { fundingRate, Settlements, type FundingDrivers } from './funding.js'
import type { InstrumentLevels } from './instruments.js'
import { FUNDING, LARGEST_SHOCK } from './levels.js'
import { uniformAboveZero, type RandomGenerator } from './random.js'
import { HOUR_MINUTES, type Timeline } from './timeline.js'

/** What drives one instrument's prices. */
export interface PriceDrivers {
  /** By hour: deviation of its return as a multiple of the instrument's hourly volatility. */
  readonly volatility: Float64Array
  /** By hour: multiple of the hourly volatility by which its first minute opens away from the close before. */
  readonly jumps: Float64Array
  readonly sentiment: Float64Array
  readonly funding: FundingDrivers
  /** The next minute's standard normal, independent of everything before it. */
  readonly noise: () => number
  /** By hour: multiple of the typical volume. */
  readonly activity: Float64Array
}

export interface PriceSettings {
  /** Expected total return per hour, funding included. */
  readonly driftPerHour: number
  /** Correlation of an hour's shock with the sentiment during it. */
  readonly edge: number
}

export interface SimulatedPrices {
  readonly candles: Candles
  readonly funding: FactColumns
  /** Price at the end of each hour, whole ticks: the same at any timeframe. */
  readonly hourClose: Float64Array
}

/**
 * Prices whose total return is a martingale around the drift when `edge` is 0, from bar to bar and inside bars:
 * - total return of a minute, from its open to its close, after paying the funding settled at that close, is 1 + drift + shock, with
 *   a symmetric shock: close · (1 − rate) = open · (1 + drift + shock). The rate is set from what was known when the hour began, so
 *   the price makes up exactly for the funding it pays, in the minute before.
 * - jumps are symmetric and lie between a close and the next open, where no stop or target could have been filled.
 * - inside a minute the price is a Brownian bridge from open to close; high and low are drawn from the bridge's own law (reflection
 *   principle: P(high > h) = exp(−2(h − open)(h − close) / σ²)), so an order resting inside has no advantage either.
 *
 * Bars of any timeframe are these minutes put together.
 */
export function simulatePrices(
  timeline: Timeline,
  levels: InstrumentLevels,
  drivers: PriceDrivers,
  settings: PriceSettings,
  random: RandomGenerator,
): SimulatedPrices {
  const { hours, startTime, endTime } = timeline
  const { hourlyVolatility, startPrice, instrument } = levels
  const bars = new BarBuilder(timeline, Math.round(1 / instrument.tickSize))
  const settlements = new Settlements()
  const drift = settings.driftPerHour / HOUR_MINUTES
  const ownWeight = Math.sqrt(1 - settings.edge * settings.edge)
  const hourOpens = new Float64Array(hours)
  const hourClose = new Float64Array(hours)
  let price = startPrice

  for (let hour = 0; hour < hours; hour++) {
    const hourStart = startTime + hour * HOUR_MS
    price *= 1 + symmetricClamp(hourlyVolatility * drivers.jumps[hour]!)
    hourOpens[hour] = price
    const settles = (hourStart + HOUR_MS) % FUNDING.intervalMs === 0
    const dayReturn = price / hourOpens[Math.max(0, hour - 24)]! - 1
    const rate = settles ? fundingRate(drivers.funding, hour, dayReturn) : 0
    const deviation = (hourlyVolatility * drivers.volatility[hour]!) / Math.sqrt(HOUR_MINUTES)
    const lean = (settings.edge * drivers.sentiment[hour]!) / Math.sqrt(HOUR_MINUTES)
    const volume = (levels.hourlyVolume / HOUR_MINUTES) * drivers.activity[hour]!
    const minutes = Math.min(HOUR_MINUTES, (endTime - hourStart) / MINUTE_MS)

    for (let minute = 0; minute < minutes; minute++) {
      const open = price
      const noise = drivers.noise()
      const shock = symmetricClamp(deviation * (lean + ownWeight * noise))
      const total = open * (1 + drift + shock)
      price = minute === HOUR_MINUTES - 1 ? total / (1 - rate) : total
      const reach = deviation * ownWeight * open
      const middle = (open + price) / 2
      const high = middle + bridgeReach(price - open, reach, random)
      const low = Math.max(0.5 * Math.min(open, price), middle - bridgeReach(price - open, reach, random))
      bars.add(open, high, low, price, volume * (0.4 + 0.75 * Math.abs(noise)))
    }
    hourClose[hour] = bars.rounded(price)
    if (settles && minutes === HOUR_MINUTES) settlements.add(hourStart + HOUR_MS, rate, hourClose[hour]!)
  }
  return { candles: bars.candles, funding: settlements.facts(), hourClose }
}

/** Half of `√((close − open)² − 2·σ²·ln U)`: how far the extreme of a Brownian bridge lies from the middle of its ends. */
function bridgeReach(distance: number, deviation: number, random: RandomGenerator): number {
  return Math.sqrt(distance * distance - 2 * deviation * deviation * Math.log(uniformAboveZero(random))) / 2
}

function symmetricClamp(shock: number): number {
  return Math.min(LARGEST_SHOCK, Math.max(-LARGEST_SHOCK, shock))
}

/** Puts minutes together to bars whose prices are whole ticks. */
class BarBuilder {
  readonly candles: Candles
  private readonly minutesPerBar: number
  private minute = 0
  private high = 0
  private low = 0
  private volume = 0

  constructor(
    { bars, startTime, timeframeMs }: Timeline,
    private readonly ticksPerUnit: number,
  ) {
    const column = (): Float64Array => sharedColumn(bars)
    const openTime = column()
    for (let bar = 0; bar < bars; bar++) openTime[bar] = startTime + bar * timeframeMs
    this.minutesPerBar = timeframeMs / MINUTE_MS
    this.candles = { timeframeMs, openTime, open: column(), high: column(), low: column(), close: column(), volume: column() } // prettier-ignore
  }

  add(open: number, high: number, low: number, close: number, volume: number): void {
    const { candles, minutesPerBar } = this
    const bar = Math.floor(this.minute / minutesPerBar)
    const inBar = this.minute - bar * minutesPerBar
    this.minute++
    if (inBar === 0) {
      candles.open[bar] = this.rounded(open)
      this.high = high
      this.low = low
      this.volume = volume
    } else {
      if (high > this.high) this.high = high
      if (low < this.low) this.low = low
      this.volume += volume
    }
    if (inBar < minutesPerBar - 1) return
    candles.high[bar] = this.rounded(this.high)
    candles.low[bar] = this.rounded(this.low)
    candles.close[bar] = this.rounded(close)
    candles.volume[bar] = Math.round(1000 * this.volume) / 1000
  }

  rounded(price: number): number {
    return Math.round(price * this.ticksPerUnit) / this.ticksPerUnit
  }
}
