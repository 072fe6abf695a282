import { sharedColumn, type Candles, type FactColumns } from '../core/columns.js'
import { DAY_MS, HOUR_MS } from '../core/time.js'
import { FUNDING, LARGEST_SHOCK, type InstrumentLevels } from './levels.js'
import { gaussian, uniformAboveZero, type RandomGenerator } from './random.js'
import { openTimeOf, type Timeline } from './timeline.js'

/** What drives one instrument's prices, one value a bar. */
export interface PriceDrivers {
  /** Deviation of the bar's return as a multiple of the instrument's hourly volatility. */
  readonly volatility: Float64Array
  /** Standard normal, correlated between instruments, independent of everything known before the bar. */
  readonly noise: Float64Array
  /** Multiple of the hourly volatility by which the bar opens away from the close before it. */
  readonly jumps: Float64Array
  readonly sentiment: Float64Array
}

export interface PriceSettings {
  /** Expected total return per hour, funding included. */
  readonly driftPerHour: number
  /** Correlation of a bar's shock with the sentiment at its open. */
  readonly edge: number
}

export interface SimulatedPrices {
  readonly candles: Candles
  /** Settled funding: `rate` (fraction for the interval), `intervalMs`, `mark`. Known at the settlement itself. */
  readonly funding: FactColumns
}

/**
 * Prices whose total return is a martingale around the drift when `edge` is 0, at bar edges and inside bars:
 * - total return of a bar, from its open to the next close, after paying the funding settled at that close, is
 *   1 + drift + shock, with a symmetric shock: close · (1 − rate) = open · (1 + drift + shock). The rate is set from what was
 *   known at the bar's open, so the price compensates exactly for the funding it pays.
 * - jumps are symmetric and lie between a close and the next open, where no stop or target could have been filled.
 * - inside a bar the price is a Brownian bridge from open to close; high and low are drawn from the bridge's own law
 *   (reflection principle), so an order resting inside the bar has no advantage either.
 */
export function simulatePrices(
  timeline: Timeline,
  levels: InstrumentLevels,
  drivers: PriceDrivers,
  settings: PriceSettings,
  random: RandomGenerator,
): SimulatedPrices {
  const { bars, timeframeMs } = timeline
  const { hourlyVolatility, instrument, startPrice } = levels
  const candles = emptyCandles(timeline)
  const settlements: number[] = []
  const rates: number[] = []
  const marks: number[] = []
  const opens = new Float64Array(bars)
  const drift = settings.driftPerHour * (timeframeMs / HOUR_MS)
  const ownWeight = Math.sqrt(1 - settings.edge * settings.edge)
  const dayBars = Math.round(DAY_MS / timeframeMs)
  const ticksPerUnit = Math.round(1 / instrument.tickSize)
  let price = startPrice

  for (let bar = 0; bar < bars; bar++) {
    const open = price * (1 + symmetricClamp(hourlyVolatility * drivers.jumps[bar]!))
    opens[bar] = open
    const deviation = hourlyVolatility * drivers.volatility[bar]!
    const sentiment = drivers.sentiment[bar]!
    const shock = symmetricClamp(deviation * (settings.edge * sentiment + ownWeight * drivers.noise[bar]!))
    const closeTime = openTimeOf(timeline, bar + 1)

    const dayReturn = open / opens[Math.max(0, bar - dayBars)]! - 1
    const fundingNoise = gaussian(random)
    const settles = closeTime % FUNDING.intervalMs === 0
    const rate = settles ? fundingRate(sentiment, dayReturn, fundingNoise) : 0
    const close = (open * (1 + drift + shock)) / (1 - rate)
    if (settles) {
      settlements.push(closeTime)
      rates.push(rate)
      marks.push(roundToTick(close, ticksPerUnit))
    }

    const bridgeDeviation = deviation * ownWeight * open
    const middle = (open + close) / 2
    const floor = 0.5 * Math.min(open, close)
    candles.open[bar] = roundToTick(open, ticksPerUnit)
    candles.high[bar] = roundToTick(middle + bridgeReach(open, close, bridgeDeviation, random), ticksPerUnit)
    candles.low[bar] = roundToTick(
      Math.max(floor, middle - bridgeReach(open, close, bridgeDeviation, random)),
      ticksPerUnit,
    )
    candles.close[bar] = roundToTick(close, ticksPerUnit)
    const activity =
      drivers.volatility[bar]! * Math.exp(0.4 * gaussian(random)) * Math.sqrt(timeframeMs / HOUR_MS)
    candles.volume[bar] = Math.round(1000 * levels.hourlyVolume * activity) / 1000
    price = close
  }
  return { candles, funding: fundingFacts(settlements, rates, marks) }
}

/** Half of `√((close − open)² − 2·σ²·ln U)`: how far the extreme of a Brownian bridge lies from the middle of its ends. */
function bridgeReach(open: number, close: number, deviation: number, random: RandomGenerator): number {
  const distance = close - open
  return Math.sqrt(distance * distance - 2 * deviation * deviation * Math.log(uniformAboveZero(random))) / 2
}

function fundingRate(sentiment: number, dayReturn: number, noise: number): number {
  const rate =
    FUNDING.level +
    FUNDING.perSentiment * sentiment +
    FUNDING.perDayReturn * dayReturn +
    FUNDING.noise * noise
  return Math.round(1e8 * Math.min(FUNDING.cap, Math.max(-FUNDING.cap, rate))) / 1e8
}

function symmetricClamp(shock: number): number {
  return Math.min(LARGEST_SHOCK, Math.max(-LARGEST_SHOCK, shock))
}

function roundToTick(price: number, ticksPerUnit: number): number {
  return Math.round(price * ticksPerUnit) / ticksPerUnit
}

function emptyCandles(timeline: Timeline): Candles {
  const column = (): Float64Array => sharedColumn(timeline.bars)
  const openTime = column()
  for (let bar = 0; bar < timeline.bars; bar++) openTime[bar] = openTimeOf(timeline, bar)
  return {
    timeframeMs: timeline.timeframeMs,
    openTime,
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
}

function fundingFacts(times: number[], rates: number[], marks: number[]): FactColumns {
  const settledAt = Float64Array.from(times)
  return {
    eventTime: settledAt,
    knownAt: settledAt.slice(),
    values: {
      rate: Float64Array.from(rates),
      intervalMs: new Float64Array(times.length).fill(FUNDING.intervalMs),
      mark: Float64Array.from(marks),
    },
  }
}
