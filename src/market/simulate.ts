import type { Candles, FactColumns } from '../core/columns.js'
import { ConfigError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { HOUR_MS } from '../core/time.js'
import { simulateConfirmations, simulateExchangeFlows, simulateOpenInterest } from './facts.js'
import { fundingDrivers } from './funding.js'
import { gappyRecorder, steadyRecorder, withOutages, withSilences } from './gaps.js'
import { DEFAULT_INSTRUMENTS, type InstrumentLevels } from './instruments.js'
import { JUMPS, WHALES } from './levels.js'
import { simulatePrices } from './prices.js'
import { Normals, streamsOf, type RandomGenerator, type Streams } from './random.js'
import { sentimentPaths } from './sentiment.js'
import { HOUR_MINUTES, timelineOf, type Timeline } from './timeline.js'
import { activityPath, jumpPath, jumpsAtOpens, volatilityPath } from './volatility.js'
import { simulateWhales, type WhalePositions } from './whales.js'

export interface MarketOptions {
  /** Open of the first bar, UTC ms: a full hour on the grid of the timeframe. */
  readonly startTime: number
  readonly bars: number
  /** Whole minutes that divide a day; default 1 h. It only says how the market is looked at: up to 1 h, one seed is one market. */
  readonly timeframeMs?: number
  readonly instruments?: readonly InstrumentLevels[]
  /** Expected total return of every instrument per hour, funding included; default 0. */
  readonly driftPerHour?: number
  /**
   * Correlation, in [0, 1), between the hidden sentiment of an hour, which all facts read, and that hour's return. 0, the default:
   * no fact says anything about any later return. 0.03 is already a strong edge.
   */
  readonly edge?: number
  /** Leaves out bars and facts, and lets some facts be known late; what remains is as it would have been. Default false. */
  readonly gaps?: boolean
}

export interface SimulatedInstrument {
  readonly instrument: Instrument
  readonly candles: Candles
  /** `rate` (fraction for the interval), `intervalMs`, `mark`. */
  readonly funding: FactColumns
  readonly openInterest: FactColumns
  readonly exchangeFlows: FactColumns
  readonly confirmations: FactColumns
}

/** An invented market: every number in it is synthetic, and every consumer must say so. */
export interface SimulatedMarket {
  readonly synthetic: true
  readonly instruments: readonly SimulatedInstrument[]
  readonly whales: WhalePositions
}

/**
 * Simulates correlated perpetuals with the facts that the four legs of a smart-money strategy read. The generator decides everything:
 * equal options and generator state give equal bytes, and neither the timeframe (up to 1 h) nor the other instruments change what happens to
 * one. O(minutes × instruments). Throws ConfigError.
 */
export function simulateMarket(options: MarketOptions, random: RandomGenerator): SimulatedMarket {
  const { instruments: levels = DEFAULT_INSTRUMENTS, driftPerHour = 0, edge = 0, gaps = false } = options
  const timeline = checkMarketOptions(options)
  const streams = streamsOf(random)
  const assets = levels.map(({ instrument }) => instrument.base)
  const sentiments = sentimentPaths(timeline.hours, assets, streams)
  const shared: SharedDrivers = {
    volatility: volatilityPath(timeline, streams),
    jumps: jumpPath(timeline.hours, JUMPS, streams('jumps')),
    noise: commonNoise(timeline, streams),
  }
  const whole = levels.map((level, index) =>
    simulateInstrument(timeline, level, sentiments[index]!, shared, { driftPerHour, edge }, streams),
  )
  const price = (asset: number, time: number): number => priceBy(timeline, whole[asset]!, time)
  const recorder = gaps
    ? gappyRecorder(timeline, streams('gaps whales'), WHALES.knownAfterMs)
    : steadyRecorder(WHALES.knownAfterMs)
  return {
    synthetic: true,
    instruments: whole.map(({ one }) => (gaps ? withGaps(one, timeline, streams) : one)),
    whales: simulateWhales(timeline, levels, price, sentiments, streams('whales'), recorder),
  }
}

/** The time of a market. Throws ConfigError for options that cannot be simulated. */
export function checkMarketOptions({
  startTime,
  bars,
  timeframeMs = HOUR_MS,
  driftPerHour = 0,
  edge = 0,
}: MarketOptions): Timeline {
  if (!(edge >= 0 && edge < 1))
    throw new ConfigError('must be at least 0 and below 1', { field: 'edge', value: edge })
  if (!(Math.abs(driftPerHour) <= 0.001))
    throw new ConfigError('an expected return per hour is a fraction from -0.001 to 0.001', { field: 'driftPerHour', value: driftPerHour }) // prettier-ignore
  return timelineOf(startTime, bars, timeframeMs)
}

interface Simulated {
  readonly one: SimulatedInstrument
  readonly hourClose: Float64Array
}

interface SharedDrivers {
  /** By hour. */
  readonly volatility: Float64Array
  readonly jumps: Float64Array
  /** By minute. */
  readonly noise: Float64Array
}

function simulateInstrument(
  timeline: Timeline,
  level: InstrumentLevels,
  sentiment: Float64Array,
  shared: SharedDrivers,
  settings: { readonly driftPerHour: number; readonly edge: number },
  streams: Streams,
): Simulated {
  const { instrument, commonShare } = level
  const of = (part: string): RandomGenerator => streams(`${part} ${instrument.base}`)
  const { volatility } = shared
  const ownJumps = jumpPath(timeline.hours, JUMPS, of('jumps'))
  const jumps = shared.jumps.map((jump, hour) => jump + ownJumps[hour]!)
  const own = new Normals(of('noise'))
  const [commonWeight, ownWeight] = [Math.sqrt(commonShare), Math.sqrt(1 - commonShare)]
  let minute = 0
  const { candles, funding, hourClose } = simulatePrices(
    timeline,
    level,
    {
      volatility,
      jumps: jumpsAtOpens(jumps, timeline),
      sentiment,
      funding: fundingDrivers(timeline, sentiment, instrument.base, streams),
      noise: () => commonWeight * shared.noise[minute++]! + ownWeight * own.next(),
      activity: activityPath(volatility, of('volume')),
    },
    settings,
    of('extremes'),
  )
  const one: SimulatedInstrument = {
    instrument,
    candles,
    funding,
    openInterest: simulateOpenInterest(timeline, level, sentiment, volatility, of('open interest')),
    exchangeFlows: simulateExchangeFlows(timeline, level, sentiment, of('flows')),
    confirmations: simulateConfirmations(timeline, sentiment, of('confirmations')),
  }
  return { one, hourClose }
}

/** Standard normal, by minute: the part of the noise that all instruments share. */
function commonNoise({ hours }: Timeline, streams: Streams): Float64Array {
  const normals = new Normals(streams('noise'))
  const noise = new Float64Array(hours * HOUR_MINUTES)
  for (let minute = 0; minute < noise.length; minute++) noise[minute] = normals.next()
  return noise
}

/** Price at the end of the last hour that is over by a time; the market's first price before there is one. */
function priceBy({ startTime }: Timeline, { one, hourClose }: Simulated, time: number): number {
  const hour = Math.floor((time - startTime) / HOUR_MS) - 1
  return hour < 0 ? one.candles.open[0]! : hourClose[Math.min(hour, hourClose.length - 1)]!
}

function withGaps(one: SimulatedInstrument, timeline: Timeline, streams: Streams): SimulatedInstrument {
  const { base } = one.instrument
  const silent = (facts: FactColumns, part: string): FactColumns =>
    withSilences(facts, timeline, streams(`gaps ${part} ${base}`))
  return {
    ...one,
    candles: withOutages(one.candles, timeline, streams('gaps candles')),
    openInterest: silent(one.openInterest, 'open interest'),
    exchangeFlows: silent(one.exchangeFlows, 'flows'),
    confirmations: silent(one.confirmations, 'confirmations'),
  }
}
