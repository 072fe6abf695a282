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

/** What an entry is sized by, and the size: one piece of paper, filled in anew for each. */
export class EntrySizing {
  price: number = NaN
  /** Quote units. */
  equity: number = NaN
  /** Quote units that may be committed, fee included. */
  freeCapital: number = NaN
  /** Price units; NaN where the entry has no stop. */
  stopDistance: number = NaN
  score: number = NaN
  /** Fraction of the notional. */
  entryFee: number = NaN
  lotSize: number = NaN
  /** Quote units. */
  minNotional: number = NaN
  /** Quote units: above it the venue does not grant the leverage. Infinity where nothing bounds it. */
  largestNotional: number = Infinity

  /** Base units, a whole number of lots, 0 where nothing fits. */
  quantity: number = NaN
  /** Quote units of the free capital that are asked about, and what they pay for: on the paper, since a fraction that a call answers is put in a box. */
  capital: number = NaN
  affordable: number = NaN
  /** The bound that decided it. */
  boundBy: SizeBound = 'risk'
}

/** Puts down the largest quantity whose margin and fee the capital pays for, in whole lots. */
export function reckonAffordable(sizing: EntrySizing, leverage: number): void {
  const { capital, price, entryFee, lotSize } = sizing
  sizing.affordable = capital > 0 ? floorToLot(capital / (1 / leverage + entryFee) / price, lotSize) : 0
}

/** Largest quantity of whole lots whose notional is not above the largest. */
export function grantedQuantity({ largestNotional, price, lotSize }: EntrySizing): number {
  if (largestNotional === Infinity) return Number.POSITIVE_INFINITY
  const quantity = floorToLot(largestNotional / price, lotSize)
  // A quotient that is whole but for float noise counts as whole, and may then lie just above the limit.
  return quantity * price > largestNotional && lotSize > 0
    ? floorToLot(quantity - lotSize / 2, lotSize)
    : quantity
}

/** Shrinks the quantity, of which `filled` is held already, to what the capital pays for and the venue grants (rule 19). */
export function shrinkToCapital(sizing: EntrySizing, leverage: number, filled: number): void {
  sizing.capital = sizing.freeCapital
  reckonAffordable(sizing, leverage)
  const affordable = filled + sizing.affordable
  if (!(affordable >= sizing.quantity)) sizing.quantity = affordable
  const granted = filled + grantedQuantity(sizing)
  if (granted < sizing.quantity) sizing.quantity = granted
}

/** Works out the size of an entry, and the bound that decided it. */
export function sizeEntry(risk: RiskSettings, sizing: EntrySizing): void {
  if (risk.sizing.kind === 'cash') spend(risk.sizing.fraction, risk.leverage, sizing)
  else risked(risk, sizing)
}

function spend(fraction: number, leverage: number, sizing: EntrySizing): void {
  sizing.capital = sizing.freeCapital * fraction
  reckonAffordable(sizing, leverage)
  sizing.quantity = sizing.affordable
  sizing.boundBy = 'fixed'
  const granted = grantedQuantity(sizing)
  if (!(granted < sizing.quantity)) return
  sizing.quantity = granted
  sizing.boundBy = 'margin-tier'
}

function risked(risk: RiskSettings, sizing: EntrySizing): void {
  const { price, equity, freeCapital, lotSize, score } = sizing
  const conviction = convictionOf(score)
  const atRisk = (equity * risk.riskPerTrade) / sizing.stopDistance
  let quantity = risk.conviction === 'before-cap' ? atRisk * conviction : atRisk
  let boundBy: SizeBound = 'risk'
  const largest = (equity * risk.maxPosition) / price
  if (largest < quantity) {
    quantity = largest
    boundBy = 'max-position'
  }
  if (risk.conviction === 'after-cap') quantity *= conviction
  const granted = grantedQuantity(sizing)
  if (granted < quantity) {
    quantity = granted
    boundBy = 'margin-tier'
  }
  const affordable = freeCapital / (1 / risk.leverage + sizing.entryFee) / price
  if (affordable < quantity) {
    quantity = affordable
    boundBy = 'cash'
  }
  sizing.quantity = quantity > 0 ? floorToLot(quantity, lotSize) : 0
  sizing.boundBy = boundBy
}
