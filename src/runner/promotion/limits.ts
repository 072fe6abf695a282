/** What each step up asks for, and what leads down. Every threshold of promotion and demotion stands here. Shares are fractions, days whole UTC days. */
export interface PromotionLimits {
  /** Of a backtest, for the first real money. */
  readonly backtest: {
    /** At least; and at least the minimum track record that the deflated Sharpe ratio asks for. */
    readonly days: number
    /** Trades of the walk-forward's tests, at least. */
    readonly outOfSampleTrades: number
    /** Bars on which the signal had enough of its weight, at least. */
    readonly coverage: number
    /** Days for which each fact that is read was recorded as it became known, at least. */
    readonly recordedDays: number
    /** Exits whose bar does not say which level came first, at most. */
    readonly undecidedExits: number
    /** Share of the profit that the best five trades made, at most. */
    readonly topFiveShare: number
    /** Largest share of a bar's volume that a fill took, at most. */
    readonly participation: number
  }
  /** Of paper sessions, for the first real money. */
  readonly paper: {
    readonly days: number
    readonly trades: number
    readonly barsOnTime: number
    /** Decisions that the replay of the session makes again, at least. */
    readonly decisionParity: number
    /** Bars with data that came late, at most; each of them explained. */
    readonly lateBars: number
    readonly restartDrills: number
    /** Upper 95 % bound of the mean gap of fills against quotes at send + latency, above what the model says; basis points, at most. */
    readonly fillGapAboveModelBps: number
    /** 95th percentile of that gap, basis points, at most. */
    readonly fillGapP95Bps: number
    /** The simultaneous band of the backtest's bootstrap below which the return may not fall: its level. */
    readonly bandLevel: number
    /** Evidence that nothing was added to for longer than this has expired. */
    readonly expiryDays: number
  }
  readonly small: { readonly days: number; readonly roundTrips: number; readonly costOfModel: number }
  readonly monitor: { readonly days: number; readonly trades: number }
  readonly scaling: { readonly days: number; readonly trades: number }
  readonly full: { readonly liveDays: number }
  /** Beyond these a bot is to go down. */
  readonly demotion: {
    /** The simultaneous band of the backtest's bootstrap below which the return falls: its level. */
    readonly bandLevel: number
    /** Drawdown, above this many times the 95th percentile of the same bootstrap's. */
    readonly drawdownOfBootstrap: number
    /** Gap of fills over the last `gapTrades` trades, above this many times the model's. */
    readonly gapOfModel: number
    readonly gapTrades: number
    /** Share of decisions with enough of the signal's weight, below this on each of the last `coverageDays` days. */
    readonly coverage: number
    readonly coverageDays: number
    /** Days on which the limit on the loss of a day was passed, at least, of `haltDays`. */
    readonly dailyHalts: number
    readonly haltDays: number
  }
}

export const DEFAULT_PROMOTION_LIMITS: PromotionLimits = {
  backtest: {
    days: 365,
    outOfSampleTrades: 100,
    coverage: 0.95,
    recordedDays: 180,
    undecidedExits: 0.05,
    topFiveShare: 0.5,
    participation: 0.01,
  },
  paper: {
    days: 28,
    trades: 30,
    barsOnTime: 0.99,
    decisionParity: 1,
    lateBars: 0.005,
    restartDrills: 1,
    fillGapAboveModelBps: 2,
    fillGapP95Bps: 10,
    bandLevel: 0.05,
    expiryDays: 60,
  },
  small: { days: 14, roundTrips: 20, costOfModel: 1.5 },
  monitor: { days: 14, trades: 30 },
  scaling: { days: 7, trades: 10 },
  full: { liveDays: 90 },
  demotion: {
    bandLevel: 0.01,
    drawdownOfBootstrap: 1.5,
    gapOfModel: 2,
    gapTrades: 20,
    coverage: 0.9,
    coverageDays: 3,
    dailyHalts: 2,
    haltDays: 7,
  },
}
