/** What a sweep must reach to be believed. Every limit of the verdict stands here. */
export interface VerdictLimits {
  /** Family-wise: the best of all trials against exposure-matched holding. At most. */
  readonly spaPValue: number
  /** Above this the best is no better than the best of worthless trials: no. */
  readonly hopelessSpaPValue: number
  /** At least. */
  readonly deflatedSharpe: number
  /** Of PBO, or of the probability of loss where the trials form a plateau. At most. */
  readonly overfitting: number
  /** At most. */
  readonly randomEntryPValue: number
  /** Compounded return of all tests: above; at or below it: no. */
  readonly walkForwardNet: number
  /** At least. */
  readonly walkForwardEfficiency: number
  /** Closed trades, at least. */
  readonly trades: number
  /** At twice the costs, and with undecided bars against the strategy: above. */
  readonly adverseReturn: number
  /** Share of the return that is left one bar later, at least. */
  readonly keptOneBarLate: number
}

export const DEFAULT_VERDICT_LIMITS: VerdictLimits = {
  spaPValue: 0.05,
  hopelessSpaPValue: 0.5,
  deflatedSharpe: 0.95,
  overfitting: 0.2,
  randomEntryPValue: 0.05,
  walkForwardNet: 0,
  walkForwardEfficiency: 0.5,
  trades: 100,
  adverseReturn: 0,
  keptOneBarLate: 0.5,
}
