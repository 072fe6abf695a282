import { ConfigError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.js'

/**
 * Levels of the simulator, of the order seen on large crypto perpetuals in 2025-26: rounded figures that set the scale, not
 * estimates, and nothing downstream may rely on them.
 */

/** What one simulated instrument is and how it moves. */
export interface InstrumentLevels {
  readonly instrument: Instrument
  readonly startPrice: number
  /** Standard deviation of one hour's simple return, averaged over regimes and seasons. */
  readonly hourlyVolatility: number
  /** Typical volume of one hour, base units. */
  readonly hourlyVolume: number
  /** Typical open interest, base units. */
  readonly openInterest: number
  /** Coins held on exchanges, base units. */
  readonly exchangeSupply: number
}

function perpetual(base: string, tickSize: number, lotSize: number): Instrument {
  return {
    id: `synthetic:${base}USDT-PERP`,
    venue: 'synthetic',
    kind: 'perpetual',
    base,
    quote: 'USDT',
    tickSize,
    lotSize,
    minNotional: 10,
    makerFee: 0.0002,
    takerFee: 0.0005,
  }
}

/** Invented perpetuals on an invented venue: names say what they are modelled on, prices are nobody's. */
export const DEFAULT_INSTRUMENTS: readonly InstrumentLevels[] = [
  {
    instrument: perpetual('BTC', 0.1, 0.001),
    startPrice: 80_000,
    hourlyVolatility: 0.0045,
    hourlyVolume: 4_500,
    openInterest: 23_000,
    exchangeSupply: 2_700_000,
  },
  {
    instrument: perpetual('ETH', 0.01, 0.01),
    startPrice: 3_000,
    hourlyVolatility: 0.0075,
    hourlyVolume: 150_000,
    openInterest: 450_000,
    exchangeSupply: 16_000_000,
  },
  {
    instrument: perpetual('SOL', 0.01, 0.1),
    startPrice: 150,
    hourlyVolatility: 0.0085,
    hourlyVolume: 800_000,
    openInterest: 3_500_000,
    exchangeSupply: 30_000_000,
  },
]

/** The first so many of the invented instruments, or those named. Throws ConfigError for ids that there are not, and for none. */
export function instrumentLevels(wanted: number | readonly string[]): readonly InstrumentLevels[] {
  const known = DEFAULT_INSTRUMENTS.map(({ instrument }) => instrument.id)
  if (typeof wanted === 'number') {
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > known.length) {
      throw new ConfigError(`must be a whole number from 1 to ${known.length}`, {
        field: 'instruments',
        value: wanted,
      })
    }
    return DEFAULT_INSTRUMENTS.slice(0, wanted)
  }
  if (wanted.length === 0)
    throw new ConfigError('a market has at least one instrument', { field: 'instruments' })
  return wanted.map((id, index) => {
    const found = DEFAULT_INSTRUMENTS.find(({ instrument }) => instrument.id === id)
    if (found === undefined)
      throw new ConfigError(`there is no such invented instrument; there are ${known.join(', ')}`, { field: 'instruments', value: id }) // prettier-ignore
    if (wanted.indexOf(id) !== index)
      throw new ConfigError('an instrument is named twice', { field: 'instruments', value: id })
    return found
  })
}

/** Correlation of hourly returns between instruments. */
export const RETURN_CORRELATION = 0.8

/** Slow volatility: a calm and a stressed state with mean durations; multiples are of the unconditional deviation. */
export const REGIMES: {
  readonly calm: { readonly multiple: number; readonly meanDurationMs: number }
  readonly stressed: { readonly multiple: number; readonly meanDurationMs: number }
} = {
  calm: { multiple: 0.75, meanDurationMs: 12 * DAY_MS },
  stressed: { multiple: 1.7, meanDurationMs: 3 * DAY_MS },
}

/** Fast volatility: log-normal, forgetting half of itself in this time. */
export const CLUSTERING: { readonly logDeviation: number; readonly halfLifeMs: number } = {
  logDeviation: 0.4,
  halfLifeMs: 10 * HOUR_MS,
}

/** Multiples of volatility by UTC hour (busiest as American markets open) and on Saturday and Sunday. */
export const HOUR_MULTIPLES: readonly number[] = [
  1.05, 1.05, 0.95, 0.9, 0.8, 0.75, 0.85, 0.85, 0.85, 0.85, 0.75, 0.8, 0.85, 1.25, 1.6, 1.55, 1.25, 1.25, 1.1,
  1.0, 1.0, 0.9, 1.0, 0.85,
]
export const WEEKEND_MULTIPLE = 0.65

/** Price jumps between a close and the next open: rare, as likely up as down, common to all instruments. */
export const JUMPS: { readonly meanGapMs: number; readonly sizeInHourlyVolatility: number } = {
  meanGapMs: 20 * DAY_MS,
  sizeInHourlyVolatility: 3,
}

/** No shock of one bar is larger than this: keeps prices positive and the shocks symmetric. */
export const LARGEST_SHOCK = 0.4

/** Hidden positioning of the large traders: what every leg reads, and with an edge, what the next return leans towards. */
export const SENTIMENT: { readonly halfLifeMs: number; readonly commonShare: number } = {
  halfLifeMs: 30 * HOUR_MS,
  commonShare: 0.6,
}

/** Funding, a fraction per 8 h: most of the time small and positive; follows the last day's return; large traders lean against the crowd. */
export const FUNDING: {
  readonly intervalMs: number
  readonly level: number
  readonly perSentiment: number
  readonly perDayReturn: number
  readonly noise: number
  readonly cap: number
} = {
  intervalMs: 8 * HOUR_MS,
  level: 0.00005,
  perSentiment: -0.00009,
  perDayReturn: 0.0012,
  noise: 0.00006,
  cap: 0.003,
}

/** Open interest per hour: drifts away from the large traders' side and back to its mean. */
export const OPEN_INTEREST: {
  readonly intervalMs: number
  readonly reversionHalfLifeMs: number
  readonly perSentimentPerHour: number
  readonly noisePerRootHour: number
  readonly knownAfterMs: number
} = {
  intervalMs: HOUR_MS,
  reversionHalfLifeMs: 4 * DAY_MS,
  perSentimentPerHour: -0.003,
  noisePerRootHour: 0.01,
  knownAfterMs: 1 * MINUTE_MS,
}

/** Snapshots of the largest wallets. */
export const WHALES: {
  readonly wallets: number
  readonly shortestGapMs: number
  readonly longestGapMs: number
  readonly knownAfterMs: number
  readonly loyalty: number
  readonly tilt: number
  readonly turnover: number
  readonly medianAccountValue: number
  readonly logDeviationOfAccountValue: number
  readonly leverages: readonly number[]
} = {
  wallets: 120,
  /** Hours between snapshots: uniform between the two. */
  shortestGapMs: 2 * HOUR_MS,
  longestGapMs: 6 * HOUR_MS,
  knownAfterMs: 3 * MINUTE_MS,
  /** Correlation of one wallet's side with the hidden sentiment of its asset. */
  loyalty: 0.4,
  /** How far the average wallet leans short, in standard deviations: many hedge. */
  tilt: -0.15,
  /** Chance that a wallet makes up its mind afresh between two snapshots. */
  turnover: 0.15,
  medianAccountValue: 3_300_000,
  logDeviationOfAccountValue: 1.4,
  leverages: [3, 5, 10, 20, 25, 40],
}

/** Exchange flows per UTC day, known a day or more after the day has ended. */
export const FLOWS: {
  readonly inflowOverSupply: number
  readonly logDeviation: number
  readonly netPerSentiment: number
  readonly netNoise: number
  readonly netLevel: number
  readonly shortestLagMs: number
  readonly usualSpreadMs: number
  readonly longestLagMs: number
  readonly chanceOfLongLag: number
} = {
  inflowOverSupply: 0.009,
  logDeviation: 0.45,
  netPerSentiment: -0.0022,
  netNoise: 0.0018,
  netLevel: -0.0005,
  /** From the day's open: usually the shortest, now and then up to the longest. */
  shortestLagMs: 26 * HOUR_MS,
  usualSpreadMs: 4 * HOUR_MS,
  longestLagMs: 70 * HOUR_MS,
  chanceOfLongLag: 0.03,
}

/** A third party's own score of a symbol and a direction, in [−1, 1], taken at half past each hour. */
export const CONFIRMATION: {
  readonly intervalMs: number
  readonly offsetMs: number
  readonly knownAfterMs: number
  readonly perSentiment: number
  readonly noise: number
} = {
  intervalMs: HOUR_MS,
  offsetMs: 30 * MINUTE_MS,
  knownAfterMs: 5 * SECOND_MS,
  perSentiment: 0.3,
  noise: 0.25,
}
