/**
 * Every rule on which two engines could differ, as a named value. The defaults are Baleen's; another engine's results are
 * reproduced by setting its values here, never by a special case elsewhere.
 */
export interface Policies {
  /** When a market order decided at the close of bar i fills. */
  readonly fillAt: 'next-open' | 'same-close'
  /** Whether an entry's quantity comes from the decision's close and equity, or from the price and cash at its fill. */
  readonly sizeAt: 'decision' | 'fill'
  /** What an entry waits for after an exit on the same side: that its condition was false on one bar (or its re-arm fact is newer). */
  readonly rearm: 'condition-false' | 'none'
  /** Whether a bar on which a stop or target filled may also fill or decide another order of that instrument. */
  readonly ordersPerBar: 'any' | 'one'
  /** Both levels inside one bar: does an open beyond one of them decide, or does the stop always win? */
  readonly bothTouched: 'open-decides' | 'stop-first'
  /** Both levels inside one bar and the open does not decide. */
  readonly undecided: 'pessimistic' | 'optimistic'
  /** A resting target needs the price to trade one tick through it, or only to touch it. */
  readonly targetFill: 'through' | 'touch'
  /** The bar opens beyond the target: the limit's own price, or the better open. */
  readonly targetGap: 'limit-price' | 'open-price'
  /** Orders that wait longer than one bar interval because bars are missing. Exits are never given up by default. */
  readonly staleOrders: 'cancel-entries' | 'cancel-all' | 'fill'
  /** Open positions after the last bar. */
  readonly endOfData: 'close' | 'leave-open'
  /** A fill at the very instant of a funding settlement: pays if that is adverse and never receives, or only what was held before it counts. */
  readonly fundingAtFill: 'adverse-only' | 'held-before'
  /** A perpetual is held over a settlement whose rate was not recorded. */
  readonly missingFunding: 'fail' | 'flag'
  /** Running peak of the drawdown: from the starting balance, or from the first bar's equity. */
  readonly drawdownPeak: 'starting-balance' | 'first-bar'
  /** Returns from which Sharpe and its kin are computed. */
  readonly returns: 'daily' | 'per-bar'
}

export const DEFAULT_POLICIES: Policies = {
  fillAt: 'next-open',
  sizeAt: 'decision',
  rearm: 'condition-false',
  ordersPerBar: 'any',
  bothTouched: 'open-decides',
  undecided: 'pessimistic',
  targetFill: 'through',
  targetGap: 'limit-price',
  staleOrders: 'cancel-entries',
  endOfData: 'close',
  fundingAtFill: 'adverse-only',
  missingFunding: 'fail',
  drawdownPeak: 'starting-balance',
  returns: 'daily',
}

/** The values each policy may take, default first. Keeps the command line's help and validation in step with the type. */
export const POLICY_VALUES: { readonly [K in keyof Policies]: readonly Policies[K][] } = {
  fillAt: ['next-open', 'same-close'],
  sizeAt: ['decision', 'fill'],
  rearm: ['condition-false', 'none'],
  ordersPerBar: ['any', 'one'],
  bothTouched: ['open-decides', 'stop-first'],
  undecided: ['pessimistic', 'optimistic'],
  targetFill: ['through', 'touch'],
  targetGap: ['limit-price', 'open-price'],
  staleOrders: ['cancel-entries', 'cancel-all', 'fill'],
  endOfData: ['close', 'leave-open'],
  fundingAtFill: ['adverse-only', 'held-before'],
  missingFunding: ['fail', 'flag'],
  drawdownPeak: ['starting-balance', 'first-bar'],
  returns: ['daily', 'per-bar'],
}
