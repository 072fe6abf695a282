import { ConfigError } from './errors.js'
import type { Instrument, InstrumentTerms, MarginTerms, MarginTier } from './instrument.js'
import type { Side } from './orders.js'

/** A tier with what its formula subtracts, so that the maintenance margin rises from tier to tier without a jump. */
export interface FullMarginTier extends MarginTier {
  /** Quote units. */
  readonly maintenanceAmount: number
}

export interface FullMargin extends MarginTerms {
  readonly tiers: readonly FullMarginTier[]
}

/** All terms that hold at one time. */
export interface FullTerms extends InstrumentTerms {
  readonly margin?: FullMargin
}

/** The terms of an instrument over time: `terms[i]` hold from `from[i]` (UTC ms, rising, the first −Infinity) up to `from[i + 1]`. */
export interface TermsTimeline {
  readonly from: Float64Array
  readonly terms: readonly FullTerms[]
}

/** Resolves an instrument's own terms and every change of them. Throws ConfigError where changes are not in the order of time. */
export function termsTimeline(instrument: Instrument): TermsTimeline {
  const changes = instrument.changes ?? []
  const from = Float64Array.of(-Infinity, ...changes.map((change) => change.from))
  const terms: FullTerms[] = []
  let inForce: InstrumentTerms = instrument
  for (const [at, change] of [{}, ...changes].entries()) {
    if (at > 0 && !((from[at] as number) > (from[at - 1] as number))) {
      throw new ConfigError('changes of terms are listed oldest first, each at a time of its own', {
        field: `changes of ${instrument.id}`,
        value: from[at],
        unit: 'UTC ms',
      })
    }
    inForce = { ...inForce, ...change }
    terms.push(fullTerms(inForce))
  }
  return { from, terms }
}

/** The terms in force at a time (UTC ms). O(changes after it). */
export function termsAt({ from, terms }: TermsTimeline, time: number): FullTerms {
  let at = terms.length - 1
  while (at > 0 && time < (from[at] as number)) at--
  return terms[at] as FullTerms
}

function fullTerms(terms: InstrumentTerms): FullTerms {
  const { tickSize, lotSize, minNotional, makerFee, takerFee } = terms
  const margin = terms.margin === undefined ? undefined : fullMargin(terms.margin)
  return {
    tickSize,
    lotSize,
    minNotional,
    makerFee,
    takerFee,
    ...(margin === undefined ? {} : { margin }),
  }
}

/** Maintenance amounts as Binance publishes them: amount_k = amount_(k−1) + fromNotional_k · (rate_k − rate_(k−1)), amount_0 = 0. */
function fullMargin({ tiers, liquidationFee }: MarginTerms): FullMargin {
  let maintenanceAmount = 0
  const full = tiers.map((tier, at) => {
    const before = tiers[at - 1]
    if (before !== undefined)
      maintenanceAmount += tier.fromNotional * (tier.maintenanceRate - before.maintenanceRate)
    return { ...tier, maintenanceAmount }
  })
  return { tiers: full, liquidationFee }
}

/**
 * Largest entry notional (quote units) whose tier allows this leverage: Infinity where every tier does, 0 where none does. A notional at
 * which a tier begins is of that tier, so this is the double just below the first tier that forbids it.
 */
export function largestNotional({ tiers }: MarginTerms, leverage: number): number {
  const forbidden = tiers.find(({ maxLeverage }) => maxLeverage < leverage)
  return forbidden === undefined
    ? Number.POSITIVE_INFINITY
    : forbidden.fromNotional * (1 - Number.EPSILON / 2)
}

/** The tier of a position by its entry notional (quote units): the last that begins at or below it. */
export function marginTierOf({ tiers }: FullMargin, notional: number): FullMarginTier {
  const tier = tiers.findLast(({ fromNotional }) => fromNotional <= notional)
  if (tier === undefined)
    throw new ConfigError('no margin tier holds this notional: the first begins at 0', {
      field: 'margin.tiers',
      value: notional,
      unit: 'quote',
    })
  return tier
}

/** What a tier asks to be left of the margin at this notional, in quote units. */
export function maintenanceMargin(tier: FullMarginTier, notional: number): number {
  return tier.maintenanceRate * notional - tier.maintenanceAmount
}

/** A position on isolated margin. */
export interface MarginedPosition {
  readonly side: Side
  /** Average price of its entry fills. */
  readonly entryPrice: number
  /** Base units, as after the last entry fill; the sign does not matter. */
  readonly quantity: number
  readonly leverage: number
  readonly margin: FullMargin
}

/**
 * The price at which what is left of a position's own margin, entry notional / leverage, is down to the maintenance margin of the tier
 * of its entry, and never beyond the price at which that margin is gone: in a higher tier a falling notional would come to ask for less than
 * nothing. Not rounded; NaN where no price above 0 does that. The formula is Binance's for isolated positions, one-way mode.
 */
export function liquidationPrice({ side, entryPrice, quantity, leverage, margin }: MarginedPosition): number {
  const size = Math.abs(quantity)
  const { maintenanceRate, maintenanceAmount } = marginTierOf(margin, entryPrice * size)
  const left = entryPrice - side * (entryPrice / leverage) - side * (maintenanceAmount / size)
  const asked = left / (1 - side * maintenanceRate)
  const gone = bankruptcyPrice(side, entryPrice, leverage)
  const price = side > 0 ? Math.max(asked, gone) : Math.min(asked, gone)
  return price > 0 ? price : Number.NaN
}

/** The price at which a position's own margin is gone. Not rounded. */
export function bankruptcyPrice(side: Side, entryPrice: number, leverage: number): number {
  return entryPrice * (1 - side / leverage)
}

/**
 * Throws ConfigError where leverage above 1 is asked of an instrument whose margin terms are not known at the start of a run (UTC ms), or
 * whose first tier then does not grant it: no entry could be made. Later changes can replace the terms, not take them away.
 */
export function requireMargin(instrument: Instrument, leverage: number, startTime: number): void {
  if (leverage <= 1) return
  const place = { field: `risk.leverage on ${instrument.id}`, value: leverage, unit: 'times' }
  if (instrument.kind === 'spot')
    throw new ConfigError('spot is bought in full: leverage above 1 is for perpetuals', place)
  const { margin } = termsAt(termsTimeline(instrument), startTime)
  if (margin === undefined) {
    throw new ConfigError(
      "leverage above 1 needs the venue's margin tiers and liquidation fee: put them under margin in the instruments file (docs/instruments.md)",
      place,
    )
  }
  const granted = marginTierOf(margin, 0).maxLeverage
  if (leverage > granted)
    throw new ConfigError(
      `the first margin tier grants at most ${granted} times: no entry could be made`,
      place,
    )
}
