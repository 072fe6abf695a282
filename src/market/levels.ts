import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.js'

/**
 * Levels of the simulator, chosen so that what it makes has the spread seen on large crypto perpetuals: docs/simulator.md puts measured and
 * simulated figures side by side, and a test holds them to it. They set the scale; nothing downstream may rely on them.
 */

/** Slow volatility: a calm and a stressed state with mean durations; multiples are relative to each other. */
export const REGIMES: {
  readonly calm: { readonly multiple: number; readonly meanDurationMs: number }
  readonly stressed: { readonly multiple: number; readonly meanDurationMs: number }
} = {
  calm: { multiple: 0.8, meanDurationMs: 30 * DAY_MS },
  stressed: { multiple: 1.5, meanDurationMs: 10 * DAY_MS },
}

/** Clusters of volatility: log-normal, each forgetting half of itself in its time. */
export const CLUSTERING: Readonly<
  Record<string, { readonly logDeviation: number; readonly halfLifeMs: number }>
> = {
  days: { logDeviation: 0.25, halfLifeMs: 3 * DAY_MS },
  hours: { logDeviation: 0.42, halfLifeMs: 4 * HOUR_MS },
}

/** Multiples of volatility by UTC hour (busiest as American markets open) and by weekday from Thursday on, the first of 1970. */
export const HOUR_MULTIPLES: readonly number[] = [
  1.05, 1.05, 0.95, 0.9, 0.8, 0.75, 0.85, 0.85, 0.85, 0.85, 0.75, 0.8, 0.85, 1.25, 1.6, 1.55, 1.25, 1.25, 1.1,
  1.0, 1.0, 0.9, 1.0, 0.85,
]
export const WEEKDAY_MULTIPLES: readonly number[] = [1.1, 1.15, 0.6, 0.8, 1.15, 1.1, 1.1]

/** Price jumps at the open of a bar: rare, as likely up as down; some common to all instruments, some of one alone. */
export const JUMPS: { readonly meanGapMs: number; readonly size: number } = {
  meanGapMs: 40 * DAY_MS,
  /** Deviation as a multiple of the hourly volatility. */
  size: 3,
}

/** No shock of one minute, and no jump, is larger than this: keeps prices positive and the shocks symmetric. */
export const LARGEST_SHOCK = 0.4

/** Hidden positioning of the large traders: what every leg reads, and with an edge, what the next return leans towards. */
export const SENTIMENT: { readonly halfLifeMs: number; readonly commonShare: number } = {
  halfLifeMs: 72 * HOUR_MS,
  commonShare: 0.5,
}

/**
 * Funding, a fraction per 8 h. What traders would pay (`premium`) becomes the rate as venues calculate it: the usual rate in a dead zone above it,
 * what exceeds the zone beyond.
 */
export const FUNDING: {
  readonly intervalMs: number
  readonly usualRate: number
  readonly deadZone: number
  readonly premium: number
  readonly perSentiment: number
  readonly perDayReturn: number
  readonly crowdHalfLifeMs: number
  readonly perCrowd: number
  readonly maniaFrom: number
  readonly perMania: number
  readonly noise: number
  readonly cap: number
} = {
  intervalMs: 8 * HOUR_MS,
  usualRate: 0.0001,
  deadZone: 0.0004,
  premium: 0.000055,
  /** The large traders lean against the crowd. */
  perSentiment: -0.00005,
  perDayReturn: 0.0003,
  /** A mood of the crowd that has nothing to do with the large traders; beyond a point it feeds on itself. */
  crowdHalfLifeMs: 8 * DAY_MS,
  perCrowd: 0.00002,
  maniaFrom: 1,
  perMania: 0.0007,
  noise: 0.00005,
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
  perSentimentPerHour: -0.0016,
  noisePerRootHour: 0.0135,
  /** The mean over an hour, stamped with the hour's open: known when the hour is over. */
  knownAfterMs: HOUR_MS,
}

/** Snapshots of the largest wallets. */
export const WHALES: {
  readonly gaps: readonly (readonly [share: number, hours: number])[]
  readonly medianWallets: number
  readonly fewestWallets: number
  readonly mostWallets: number
  readonly logDeviationOfWallets: number
  readonly walletsHalfLifeMs: number
  readonly strangers: number
  readonly knownAfterMs: number
  readonly loyalty: number
  readonly tilt: number
  readonly leaving: number
  readonly turning: number
  readonly second: number
  readonly medianAccountValue: number
  readonly logDeviationOfAccountValue: number
  readonly smallestNotional: number
  readonly medianNotional: number
  readonly logDeviationOfNotional: number
  readonly leverages: readonly number[]
} = {
  /** Hours between snapshots as points of their distribution; straight lines between them. */
  gaps: [
    [0, 0.1],
    [0.05, 0.17],
    [0.25, 0.75],
    [0.5, 3.97],
    [0.75, 6.11],
    [0.95, 9.48],
    [1, 10.24],
  ],
  medianWallets: 115,
  fewestWallets: 59,
  mostWallets: 223,
  logDeviationOfWallets: 0.4,
  walletsHalfLifeMs: 4 * DAY_MS,
  /** Wallets that may come into the list. */
  strangers: 900,
  /** Assumed: the recorded list does not say. */
  knownAfterMs: 3 * MINUTE_MS,
  /** Correlation of one wallet's lean with the hidden sentiment of its asset when it takes its side. */
  loyalty: 0.45,
  /** How far the average wallet leans short, in standard deviations: many hedge. */
  tilt: -0.35,
  /** From one snapshot to the next: chance that a wallet leaves the list for another, and that one that stays thinks again. */
  leaving: 0.125,
  turning: 0.015,
  /** Share of wallets with a second position. */
  second: 0.3,
  medianAccountValue: 3_800_000,
  logDeviationOfAccountValue: 1.44,
  smallestNotional: 1_000_000,
  medianNotional: 3_400_000,
  logDeviationOfNotional: 1.2,
  leverages: [20, 20, 20, 20, 20, 20, 20, 20, 40, 40, 25, 25, 10, 3, 15, 5, 2],
}

/** Exchange flows per UTC day, known a day or more after the day has begun. */
export const FLOWS: {
  readonly throughputOverSupply: number
  readonly throughputLogDeviation: number
  readonly throughputPersistence: number
  readonly netPerSentiment: number
  readonly netNoise: number
  readonly netTail: number
  readonly netLevel: number
  readonly shortestLagMs: number
  readonly usualSpreadMs: number
  readonly longestLagMs: number
  readonly chanceOfLongLag: number
} = {
  throughputOverSupply: 0.009,
  throughputLogDeviation: 0.48,
  throughputPersistence: 0.52,
  netPerSentiment: -0.0012,
  /** Of the log-normal mixture of normals: its scale on a typical day, and how much that differs from day to day. */
  netNoise: 0.0009,
  netTail: 1.25,
  netLevel: -0.0007,
  /** From the day's open: usually within the spread after the shortest, now and then up to the longest. */
  shortestLagMs: 26 * HOUR_MS,
  usualSpreadMs: 4.6 * HOUR_MS,
  longestLagMs: 70 * HOUR_MS,
  chanceOfLongLag: 0.013,
}

/** A third party's own score of a symbol and a direction, in [−1, 1], taken at half past each hour. Assumed throughout: no recording was at hand. */
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

/** What goes missing on request. Funding never does: a payment that is not recorded is still paid. */
export const GAPS: {
  readonly outages: { readonly meanGapMs: number; readonly shortestMs: number; readonly meanExtraMs: number }
  readonly silences: { readonly meanGapMs: number; readonly shortestMs: number; readonly meanExtraMs: number }
  readonly late: { readonly chance: number; readonly meanMs: number }
} = {
  /** Of the venue: bars that open during one are missing. */
  outages: { meanGapMs: 60 * DAY_MS, shortestMs: HOUR_MS, meanExtraMs: 4 * HOUR_MS },
  /** Of a recorder of facts: what happened during one was never recorded. */
  silences: { meanGapMs: 25 * DAY_MS, shortestMs: 2 * HOUR_MS, meanExtraMs: 10 * HOUR_MS },
  /** Of single facts: so many are known later than usual, by an exponential time. */
  late: { chance: 0.03, meanMs: 3 * HOUR_MS },
}
