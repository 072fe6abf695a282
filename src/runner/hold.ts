/** Why a session enters nothing for now, in the order in which it is told. `kill-switch`: at the close at which it was found thrown; the mode says so from then on. */
export type HoldReason =
  | 'kill-switch'
  | 'stale-candle'
  | 'stale-signal'
  | 'stale-quotes'
  | 'clock-offset'
  | 'slow-journal'
  | 'low-coverage'

/** Above (coverage: below) these a session enters nothing; exits and protective orders go on. */
export interface HoldLimits {
  /** Between a bar's close and the moment at which it is decided on. */
  readonly candleAgeMs: number
  /** Since the last close at which the signal of some instrument was known. */
  readonly signalAgeMs: number
  /** Of best bid and ask, where orders fill by them: of the instrument that was heard of longest ago. */
  readonly quoteAgeMs: number
  /** Between this machine's clock and the exchange's, either way. */
  readonly clockOffsetMs: number
  /** For deciding on the last close and writing it down durably. */
  readonly journalMs: number
  /** Share of the signal's weight that was present at the last close, in [0, 1], of the instrument that knew least. */
  readonly coverage: number
}

/**
 * What only a session in real time can suffer from. A strategy's own rules for stale facts and low coverage hold at every close in any case, as
 * in its backtest; the limits of `signalAgeMs` and `coverage` look back at closes before, so they are off unless they are set. That of `quoteAgeMs` is the life of a quote, where orders fill by quotes.
 */
export const DEFAULT_HOLD_LIMITS: HoldLimits = {
  candleAgeMs: 60_000,
  signalAgeMs: Infinity,
  quoteAgeMs: Infinity,
  clockOffsetMs: 1_000,
  journalMs: 2_000,
  coverage: 0,
}

/** What is measured of a session just before a close is decided on. NaN: not measured, or the strategy has none. */
export type SessionHealth = HoldLimits

/** The limits that are passed. What is not measured passes none. */
export function holdReasons(health: SessionHealth, limits: HoldLimits): HoldReason[] {
  const reasons: HoldReason[] = []
  if (health.candleAgeMs > limits.candleAgeMs) reasons.push('stale-candle')
  if (health.signalAgeMs > limits.signalAgeMs) reasons.push('stale-signal')
  if (health.quoteAgeMs > limits.quoteAgeMs) reasons.push('stale-quotes')
  if (Math.abs(health.clockOffsetMs) > limits.clockOffsetMs) reasons.push('clock-offset')
  if (health.journalMs > limits.journalMs) reasons.push('slow-journal')
  if (health.coverage < limits.coverage) reasons.push('low-coverage')
  return reasons
}
