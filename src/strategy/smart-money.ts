import { DAY_MS } from '../core/time.js'
import { combineLegs } from '../features/combine.js'
import type { Feature } from '../features/feature.js'
import {
  type Ranking,
  type Thresholds,
  confirmation,
  confirmationVeto,
  derivativesLeg,
  flowLeg,
  tutorialWhaleLeg,
  whaleLeg,
  whaleSnapshot,
} from '../features/smart-money.js'
import type { Gates } from './define.js'
import { type ChoiceParam, type NumberParam, type ParamValues, choice, int, real } from './params.js'
import { above, and, atLeast, atMost, not, or, unknown } from './rules.js'

const weight = (value: number): NumberParam => real(0, value, 1, { unit: 'weight' })
const answer = (value: number): NumberParam => real(0, value, 1, { unit: 'score' })
const hours = (value: number): NumberParam => real(0, value, 1000, { unit: 'hours' })
const fraction = (value: number): NumberParam => real(-1, value, 1, { unit: 'fraction' })

/** Every figure of the smart-money score, as params to spread into a strategy's own. */
export interface SmartMoneyParams {
  readonly legs: ChoiceParam<'calibrated' | 'relative' | 'tutorial'>
  /** Share of each leg in the score; 0 leaves it out. */
  readonly whaleWeight: NumberParam
  readonly derivativesWeight: NumberParam
  readonly onChainWeight: NumberParam
  readonly confirmationWeight: NumberParam
  /** Less of the weight than this: no score. */
  readonly minimumCoverage: NumberParam
  /** Ages are close − event time; older is absent. */
  readonly whaleMaxAge: NumberParam
  readonly minimumWallets: NumberParam
  /** Shares inside the derivatives leg. */
  readonly fundingWeight: NumberParam
  readonly openInterestWeight: NumberParam
  /** Per 8-hour equivalent. */
  readonly fundingHigh: NumberParam
  readonly fundingLow: NumberParam
  /** What the leg answers above the high and below the low threshold. */
  readonly fundingBearish: NumberParam
  readonly fundingBullish: NumberParam
  readonly fundingMaxAge: NumberParam
  /** Change over 24 h in base units. */
  readonly openInterestHigh: NumberParam
  readonly openInterestLow: NumberParam
  readonly openInterestBearish: NumberParam
  readonly openInterestBullish: NumberParam
  readonly openInterestMaxAge: NumberParam
  readonly openInterestTolerance: NumberParam
  /** Net inflow over exchange supply. */
  readonly flowHigh: NumberParam
  readonly flowLow: NumberParam
  readonly flowBearish: NumberParam
  readonly flowBullish: NumberParam
  readonly flowMaxAge: NumberParam
  /** The relative legs: place among the trailing days. */
  readonly rankHigh: NumberParam
  readonly rankLow: NumberParam
  readonly rankDays: NumberParam
  readonly rankKnownDays: NumberParam
  readonly confirmationMaxAge: NumberParam
  /** Least confirmation of the side that may enter; 0: off. */
  readonly minimumConfirmation: NumberParam
}

export const smartMoneyParams: SmartMoneyParams = {
  legs: choice(['calibrated', 'relative', 'tutorial'], 'how the legs read their inputs'),
  whaleWeight: weight(0.35),
  derivativesWeight: weight(0.35),
  onChainWeight: weight(0.2),
  confirmationWeight: weight(0.1),
  minimumCoverage: real(0, 0.6, 1, { unit: 'share of the weight' }),
  whaleMaxAge: hours(12),
  minimumWallets: int(0, 10, 1000, { unit: 'wallets' }),
  fundingWeight: weight(0.6),
  openInterestWeight: weight(0.4),
  fundingHigh: fraction(0.0003),
  fundingLow: fraction(-0.0001),
  fundingBearish: answer(0.2),
  fundingBullish: answer(0.8),
  fundingMaxAge: real(0, 1.5, 100, { unit: 'funding intervals' }),
  openInterestHigh: fraction(0.12),
  openInterestLow: fraction(-0.1),
  openInterestBearish: answer(0.3),
  openInterestBullish: answer(0.7),
  openInterestMaxAge: hours(2),
  openInterestTolerance: real(0, 1, 23, { unit: 'hours' }),
  flowHigh: fraction(0.002),
  flowLow: fraction(-0.003),
  flowBearish: answer(0.3),
  flowBullish: answer(0.7),
  flowMaxAge: hours(96),
  rankHigh: real(0, 0.95, 1, { unit: 'rank' }),
  rankLow: real(0, 0.05, 1, { unit: 'rank' }),
  rankDays: int(1, 90, 1000, { unit: 'days' }),
  rankKnownDays: int(1, 30, 1000, { unit: 'days' }),
  confirmationMaxAge: hours(1),
  minimumConfirmation: real(0, 0, 1, { unit: 'score' }),
}

type Values = ParamValues<SmartMoneyParams>

/** A type, not an interface: only a type's properties can stand for a record of features. */
export type SmartMoneyFeatures = {
  readonly score: Feature
  readonly coverage: Feature
  readonly whales: Feature
  readonly derivatives: Feature
  readonly onChain: Feature
  readonly confirmation: Feature
  /** Event time of the whale snapshot that the score rests on. */
  readonly whaleSnapshot: Feature
  readonly veto: Feature
}

/** Ranks compare a value with its own past, thresholds with fixed figures. */
function thresholds(p: Values, fixed: Thresholds): Thresholds {
  return p.legs === 'relative' ? { ...fixed, high: p.rankHigh, low: p.rankLow } : fixed
}

/** The four legs and their weighted score, as named features. */
export function smartMoneyFeatures(p: Values): SmartMoneyFeatures {
  const tutorial = p.legs === 'tutorial'
  const ranking: Ranking = { spanMs: p.rankDays * DAY_MS, minimumKnownMs: p.rankKnownDays * DAY_MS }
  const ranked = p.legs === 'relative' ? { ranking } : {}
  const whales = tutorial
    ? tutorialWhaleLeg({ maxAgeHours: p.whaleMaxAge })
    : whaleLeg({ maxAgeHours: p.whaleMaxAge, minimumWallets: p.minimumWallets })
  const derivatives = derivativesLeg({
    funding: thresholds(p, {
      high: p.fundingHigh,
      low: p.fundingLow,
      bearish: p.fundingBearish,
      bullish: p.fundingBullish,
    }),
    openInterest: thresholds(p, {
      high: p.openInterestHigh,
      low: p.openInterestLow,
      bearish: p.openInterestBearish,
      bullish: p.openInterestBullish,
    }),
    ...ranked,
    fundingWeight: p.fundingWeight,
    openInterestWeight: p.openInterestWeight,
    maxFundingIntervals: p.fundingMaxAge,
    maxOpenInterestAgeHours: p.openInterestMaxAge,
    openInterestToleranceHours: p.openInterestTolerance,
  }).leg
  const flow = { high: p.flowHigh, low: p.flowLow, bearish: p.flowBearish, bullish: p.flowBullish }
  const onChain = flowLeg({
    flow: thresholds(p, flow),
    ...ranked,
    perSupply: !tutorial,
    maxAgeHours: p.flowMaxAge,
  })
  const confirmed = confirmation({ maxAgeHours: p.confirmationMaxAge, ...(tutorial ? { absent: 0.5 } : {}) })
  const combined = combineLegs(
    [
      { weight: p.whaleWeight, leg: whales },
      { weight: p.derivativesWeight, leg: derivatives },
      { weight: p.onChainWeight, leg: onChain },
      { weight: p.confirmationWeight, leg: confirmed },
    ].filter(({ weight }) => weight > 0),
    { minimumCoverage: p.minimumCoverage },
  )
  return {
    whales,
    derivatives,
    onChain,
    confirmation: confirmed,
    ...combined,
    whaleSnapshot: whaleSnapshot(whales),
    veto: confirmationVeto({ maxAgeHours: p.confirmationMaxAge }),
  }
}

/** No entry against a veto, nor, where a minimum is set, without enough confirmation of that very side. */
export function smartMoneyGates(f: SmartMoneyFeatures, p: Values): Gates {
  const notVetoed = or(unknown(f.veto), not(above(f.veto, 0)))
  if (p.minimumConfirmation === 0) return { long: notVetoed, short: notVetoed }
  return {
    long: and(notVetoed, atLeast(f.confirmation, p.minimumConfirmation)),
    short: and(notVetoed, atMost(f.confirmation, 1 - p.minimumConfirmation)),
  }
}
