import { DAY_MS, HOUR_MS } from '../core/time.js'
import { add, clamp, div, keepWhere, mul, orElse, sub } from './arithmetic.js'
import { combineLegs } from './combine.js'
import { fact, factAge, factChange, factEventTime } from './facts.js'
import type { Feature } from './feature.js'
import { type BandAnswers, bandLeg, confirmationLeg } from './legs.js'
import { rankOver } from './rank.js'

/** A pair of thresholds, and what a leg answers beyond them: `bearish` above `high`, `bullish` below `low`, 0.5 between. */
export interface Thresholds {
  readonly high: number
  readonly low: number
  readonly bearish: number
  readonly bullish: number
}

function answers({ high, low, bearish, bullish }: Thresholds): BandAnswers {
  return { high, low, above: bearish, between: 0.5, below: bullish }
}

/** `ranked` compares a value's place in its own past with the thresholds instead of the value itself. */
export interface Ranking {
  readonly spanMs: number
  readonly minimumKnownMs: number
}

/** Trailing 90 days, of which at least 30 known. */
export const NINETY_DAYS: Ranking = { spanMs: 90 * DAY_MS, minimumKnownMs: 30 * DAY_MS }

function ranked(value: Feature, ranking: Ranking | undefined): Feature {
  return ranking === undefined ? value : rankOver(value, ranking.spanMs, ranking)
}

export interface WhaleLegOptions {
  /** Snapshots older than this, by event time, are absent. */
  readonly maxAgeHours: number
  /** Fewer wallets than this whose largest position is in the asset: absent. */
  readonly minimumWallets: number
}

/**
 * Whales: x = (long − short) / (long + short) among wallets whose largest position is in this asset, at leverage above 1; the leg is
 * x / 2 + 0.5. Reads `whales` (`longs`, `shorts`, `wallets`).
 */
export function whaleLeg({ maxAgeHours, minimumWallets }: WhaleLegOptions): Feature {
  const longs = fact('whales', 'longs')
  const shorts = fact('whales', 'shorts')
  const lean = div(sub(longs, shorts), add(longs, shorts))
  const enough = keepWhere(add(mul(lean, 0.5), 0.5), fact('whales', 'wallets'), { atLeast: minimumWallets })
  return keepWhere(enough, factAge('whales'), { atMost: maxAgeHours * HOUR_MS })
}

/** The same as the tutorial counts: over all wallets of the answer, longs of any side, shorts of any asset, clamped to [0, 1]. */
export function tutorialWhaleLeg({ maxAgeHours }: { readonly maxAgeHours: number }): Feature {
  const lean = div(
    sub(fact('whales', 'tutorialLong'), fact('whales', 'tutorialShort')),
    fact('whales', 'tutorialWallets'),
  )
  const leg = clamp(add(mul(lean, 0.5), 0.5), 0, 1)
  return keepWhere(leg, factAge('whales'), { atMost: maxAgeHours * HOUR_MS })
}

/** Event time of the whale snapshot on which a leg rests; NaN where the leg is absent. An entry may re-arm when it rises. */
export function whaleSnapshot(leg: Feature): Feature {
  return keepWhere(factEventTime('whales'), leg, {})
}

export interface DerivativesLegOptions {
  /** Per 8-hour equivalent, as a fraction; of the rank where `ranking` is given. */
  readonly funding: Thresholds
  /** Relative change over 24 h in base units; of the rank where `ranking` is given. */
  readonly openInterest: Thresholds
  readonly ranking?: Ranking
  readonly fundingWeight: number
  readonly openInterestWeight: number
  /** Funding older than this many of its own intervals, by event time, is absent. */
  readonly maxFundingIntervals: number
  readonly maxOpenInterestAgeHours: number
  /** How far from 24 h before the compared open interest may lie. */
  readonly openInterestToleranceHours: number
}

/** Funding rate per 8 hours while it is fresh. Reads `funding` (`rate8h`, `intervalMs`). */
export function freshFunding(maxIntervals: number): Feature {
  const age = div(factAge('funding'), fact('funding', 'intervalMs'))
  return keepWhere(fact('funding', 'rate8h'), age, { atMost: maxIntervals })
}

/** Change of open interest over 24 h of event time while it is fresh. Reads `open-interest` (`openInterest`, base units). */
export function openInterestChange(maxAgeHours: number, toleranceHours: number): Feature {
  const change = factChange('open-interest', 'openInterest', {
    spanMs: DAY_MS,
    toleranceMs: toleranceHours * HOUR_MS,
  })
  return keepWhere(change, factAge('open-interest'), { atMost: maxAgeHours * HOUR_MS })
}

export interface DerivativesLeg {
  readonly funding: Feature
  readonly openInterest: Feature
  /** Weighted mean of the two; of the one that is present where the other is absent. */
  readonly leg: Feature
}

/** Longs that pay are bearish, and so is a crowd that has grown fast. */
export function derivativesLeg(options: DerivativesLegOptions): DerivativesLeg {
  const rate = freshFunding(options.maxFundingIntervals)
  const change = openInterestChange(options.maxOpenInterestAgeHours, options.openInterestToleranceHours)
  const funding = bandLeg(ranked(rate, options.ranking), answers(options.funding))
  const openInterest = bandLeg(ranked(change, options.ranking), answers(options.openInterest))
  const { score } = combineLegs(
    [
      { weight: options.fundingWeight, leg: funding },
      { weight: options.openInterestWeight, leg: openInterest },
    ],
    { minimumCoverage: 0 },
  )
  return { funding, openInterest, leg: score }
}

export interface FlowLegOptions {
  /** Net inflow over exchange supply; of its rank where `ranking` is given; plain net inflow where `perSupply` is false. */
  readonly flow: Thresholds
  readonly ranking?: Ranking
  readonly perSupply: boolean
  /** Counted from the open of the day that the flows are of. */
  readonly maxAgeHours: number
}

/** On-chain: net flow of this asset to exchanges; coins that go there are for sale. Reads `exchange-flows` (`inflow`, `outflow`, `supply`, native units). */
export function flowLeg({ flow, ranking, perSupply, maxAgeHours }: FlowLegOptions): Feature {
  const net = sub(fact('exchange-flows', 'inflow'), fact('exchange-flows', 'outflow'))
  const size = perSupply ? div(net, fact('exchange-flows', 'supply')) : net
  const fresh = keepWhere(size, factAge('exchange-flows'), { atMost: maxAgeHours * HOUR_MS })
  return bandLeg(ranked(fresh, ranking), answers(flow))
}

export interface ConfirmationOptions {
  readonly maxAgeHours: number
  /** What stands in for an absent confirmation (the tutorial: 0.5); left out, it is absent. */
  readonly absent?: number
}

/** The API's own score. Reads `confirmation` (`long`, `short`, `available`): composites of −1..+1 towards the side asked. */
export function confirmation({ maxAgeHours, absent }: ConfirmationOptions): Feature {
  const leg = confirmationLeg(
    fact('confirmation', 'available'),
    fact('confirmation', 'long'),
    fact('confirmation', 'short'),
  )
  const fresh = keepWhere(leg, factAge('confirmation'), { atMost: maxAgeHours * HOUR_MS })
  return absent === undefined ? fresh : orElse(fresh, absent)
}

/** 1 where the API vetoes, 0 where it answered without a veto, NaN where its answer is absent or stale: for a gate. */
export function confirmationVeto({ maxAgeHours }: { readonly maxAgeHours: number }): Feature {
  return fact('confirmation', 'veto', { maxAgeMs: maxAgeHours * HOUR_MS })
}
