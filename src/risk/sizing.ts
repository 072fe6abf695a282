import { scoreSignal } from '../core/score-bands.js'
import type { SizeBound } from '../core/trades.js'
import { floorToLot } from '../core/rounding.js'
import type { RiskSettings } from './settings.js'

/** How much of the full risk a score earns, the same for both sides: 1 when strong, 0.75 when plain. Rules (no score) earn 1. */
export function convictionOf(score: number): number {
  if (score !== score) return 1
  const strength = scoreSignal(score)?.strength ?? 1
  return Math.max(strength, 1 - strength)
}

export interface SizingInputs {
  readonly price: number
  /** Quote units. */
  readonly equity: number
  /** Quote units that may be committed, fee included. */
  readonly freeCapital: number
  /** Price units; NaN where the entry has no stop. */
  readonly stopDistance: number
  readonly score: number
  /** Fraction of the notional. */
  readonly entryFee: number
  readonly lotSize: number
  /** Quote units: above it the venue does not grant the leverage. Infinity where nothing bounds it. */
  readonly largestNotional: number
}

export interface EntrySize {
  /** Base units, a whole number of lots, 0 where nothing fits. */
  readonly quantity: number
  readonly boundBy: SizeBound
}

/** Largest quantity whose margin and fee the free capital pays for, in whole lots. */
export function affordableQuantity(
  freeCapital: number,
  price: number,
  entryFee: number,
  lotSize: number,
  leverage: number,
): number {
  return freeCapital > 0 ? floorToLot(freeCapital / (1 / leverage + entryFee) / price, lotSize) : 0
}

/** Largest quantity of whole lots whose notional is not above a limit. */
export function quantityWithin(notional: number, price: number, lotSize: number): number {
  if (notional === Infinity) return Infinity
  const quantity = floorToLot(notional / price, lotSize)
  // A quotient that is whole but for float noise counts as whole, and may then lie just above the limit.
  return quantity * price > notional && lotSize > 0 ? floorToLot(quantity - lotSize / 2, lotSize) : quantity
}

/** Size of an entry and the bound that decided it. */
export function entrySize(risk: RiskSettings, inputs: SizingInputs): EntrySize {
  const { price, equity, freeCapital, stopDistance, entryFee, lotSize } = inputs
  const allowed = quantityWithin(inputs.largestNotional, price, lotSize)
  if (risk.sizing.kind === 'cash') {
    const spent = freeCapital * risk.sizing.fraction
    const quantity = affordableQuantity(spent, price, entryFee, lotSize, risk.leverage)
    return allowed < quantity ? { quantity: allowed, boundBy: 'margin-tier' } : { quantity, boundBy: 'fixed' }
  }
  const conviction = convictionOf(inputs.score)
  const atRisk = (equity * risk.riskPerTrade) / stopDistance
  let quantity = risk.conviction === 'before-cap' ? atRisk * conviction : atRisk
  let boundBy: SizeBound = 'risk'
  const largest = (equity * risk.maxPosition) / price
  if (largest < quantity) {
    quantity = largest
    boundBy = 'max-position'
  }
  if (risk.conviction === 'after-cap') quantity *= conviction
  if (allowed < quantity) {
    quantity = allowed
    boundBy = 'margin-tier'
  }
  const affordable = freeCapital / (1 / risk.leverage + entryFee) / price
  if (affordable < quantity) {
    quantity = affordable
    boundBy = 'cash'
  }
  return { quantity: quantity > 0 ? floorToLot(quantity, lotSize) : 0, boundBy }
}
