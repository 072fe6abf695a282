import { scoreSignal } from '../core/score-bands.js'
import type { SizeBound } from '../core/trades.js'
import { floorToLot } from '../core/rounding.js'
import type { RiskSettings } from './settings.js'

/** How much of the full risk a score earns, the same for both sides: 1 when strong, 0.75 when plain. Rules (no score) earn 1. */
export function convictionOf(score: number): number {
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
}

export interface EntrySize {
  /** Base units, a whole number of lots, 0 where nothing fits. */
  readonly quantity: number
  readonly boundBy: SizeBound
}

/** Largest quantity that the free capital pays for, fee included, in whole lots. */
export function affordableQuantity(
  freeCapital: number,
  price: number,
  entryFee: number,
  lotSize: number,
): number {
  return freeCapital > 0 ? floorToLot(freeCapital / (1 + entryFee) / price, lotSize) : 0
}

/** Size of an entry and the bound that decided it. */
export function entrySize(risk: RiskSettings, inputs: SizingInputs): EntrySize {
  const { price, equity, freeCapital, stopDistance, entryFee, lotSize } = inputs
  if (risk.sizing.kind === 'cash') {
    return {
      quantity: affordableQuantity(freeCapital * risk.sizing.fraction, price, entryFee, lotSize),
      boundBy: 'fixed',
    }
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
  const affordable = freeCapital / (1 + entryFee) / price
  if (affordable < quantity) {
    quantity = affordable
    boundBy = 'cash'
  }
  return { quantity: quantity > 0 ? floorToLot(quantity, lotSize) : 0, boundBy }
}
