import type { Candles, FactColumns } from '../core/columns.js'
import { ConfigError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { HOUR_MS } from '../core/time.js'
import { simulateConfirmations, simulateExchangeFlows, simulateOpenInterest } from './facts.js'
import { DEFAULT_INSTRUMENTS, FUNDING, JUMPS, RETURN_CORRELATION, type InstrumentLevels } from './levels.js'
import { simulatePrices } from './prices.js'
import { fork, gaussian, type JumpableRandomGenerator, type RandomGenerator } from './random.js'
import { sentimentPaths } from './sentiment.js'
import { checkedTimeline, type Timeline } from './timeline.js'
import { jumpPath, volatilityPath } from './volatility.js'
import { simulateWhales, type WhalePositions } from './whales.js'

export interface MarketOptions {
  /** Open of the first bar, UTC ms, on the grid of the timeframe. */
  readonly startTime: number
  readonly bars: number
  /** Divides 8 hours; default 1 h. */
  readonly timeframeMs?: number
  readonly instruments?: readonly InstrumentLevels[]
  /** Expected total return of every instrument per hour, funding included; default 0. */
  readonly driftPerHour?: number
  /**
   * Correlation, in [0, 1), between the hidden sentiment at a bar's open, which all legs read, and that bar's shock. 0, the
   * default: no leg says anything about any later return. 0.03 an hour is already a strong edge.
   */
  readonly edge?: number
}

export interface SimulatedInstrument {
  readonly instrument: Instrument
  readonly candles: Candles
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
 * Simulates correlated perpetuals with the facts that the four legs of a smart-money strategy read. The generator decides
 * everything: equal options and generator state give equal bytes. Linear in bars × instruments. Throws ConfigError.
 */
export function simulateMarket(options: MarketOptions, random: JumpableRandomGenerator): SimulatedMarket {
  const {
    startTime,
    bars,
    timeframeMs = HOUR_MS,
    instruments: levels = DEFAULT_INSTRUMENTS,
    driftPerHour = 0,
    edge = 0,
  } = options
  if (!(edge >= 0 && edge < 1))
    throw new ConfigError('must be at least 0 and below 1', { field: 'edge', value: edge })
  const timeline = checkedTimeline({ startTime, bars, timeframeMs }, FUNDING.intervalMs)

  const volatility = volatilityPath(timeline, fork(random))
  const jumps = jumpPath(timeline, JUMPS.meanGapMs, JUMPS.sizeInHourlyVolatility, fork(random))
  const sentiments = sentimentPaths(timeline, levels.length, random)
  const noises = correlatedNoise(timeline, levels.length, fork(random))

  const instruments = levels.map((level, index): SimulatedInstrument => {
    const sentiment = sentiments[index]!
    const drivers = { volatility, jumps, sentiment, noise: noises[index]! }
    const { candles, funding } = simulatePrices(
      timeline,
      level,
      drivers,
      { driftPerHour, edge },
      fork(random),
    )
    return {
      instrument: level.instrument,
      candles,
      funding,
      openInterest: simulateOpenInterest(timeline, level, sentiment, fork(random)),
      exchangeFlows: simulateExchangeFlows(timeline, level, sentiment, fork(random)),
      confirmations: simulateConfirmations(timeline, sentiment, fork(random)),
    }
  })
  const closes = instruments.map(({ candles }) => candles.close)
  return {
    synthetic: true,
    instruments,
    whales: simulateWhales(timeline, levels, closes, sentiments, fork(random)),
  }
}

/** Standard normal noise per instrument and bar, with one correlation between all pairs. */
function correlatedNoise(timeline: Timeline, instruments: number, random: RandomGenerator): Float64Array[] {
  const noises = Array.from({ length: instruments }, () => new Float64Array(timeline.bars))
  for (let bar = 0; bar < timeline.bars; bar++) {
    const common = Math.sqrt(RETURN_CORRELATION) * gaussian(random)
    for (const noise of noises) noise[bar] = common + Math.sqrt(1 - RETURN_CORRELATION) * gaussian(random)
  }
  return noises
}
