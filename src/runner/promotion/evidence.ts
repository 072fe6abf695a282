import type { Statistic } from '../../metrics/statistic.js'
import type { CheckResult } from '../../research/checks/check-result.js'

/** What is known of a bot when somebody asks for a step up. Whatever was not measured is n/a with its reason, and passes no gate. */
export interface PromotionEvidence {
  readonly checks: readonly Pick<CheckResult, 'key' | 'name' | 'outcome' | 'detail'>[]
  readonly verdict: SweepEvidence | { readonly reason: string }
  readonly backtest: BacktestEvidence
  /** Undefined where none was collected. */
  readonly paper: PaperEvidence | undefined
}

/** The sweep that chose these very params on these very data. */
export interface SweepEvidence {
  readonly sweepId: string
  readonly verdict: 'believe' | 'not yet' | 'no'
  /** Whether the verdict still counts everything that was tried. */
  readonly ledger: LedgerSinceVerdict
  /** Days that its deflated Sharpe ratio asks for. */
  readonly minimumTrackRecordDays: Statistic
  readonly outOfSampleTrades: Statistic
}

/** The ledger of trials now, against what the verdict counted. */
export interface LedgerSinceVerdict {
  /** Trials of the strategy's family on overlapping data counted since; n/a where the ledger does not tell, for the reason given. */
  readonly added: Statistic
  readonly counted: number
  /** Asks for the verdict again. */
  readonly command: string
}

export interface BacktestEvidence {
  readonly isSynthetic: boolean
  readonly days: Statistic
  /** Share of the bars. */
  readonly coverage: Statistic
  /** Days recorded, of the fact with the fewest; undefined where the strategy reads candles alone. */
  readonly recordedDays: Statistic | undefined
  readonly undecidedExits: Statistic
  readonly topFiveShare: Statistic
  readonly participation: Statistic
}

/** What paper sessions of the promoted bot have shown. */
export interface PaperEvidence {
  /** On a clock that was not the world's: it is shown, and counts for nothing above paper. */
  readonly isVirtualClock: boolean
  readonly days: Statistic
  readonly trades: Statistic
  readonly barsOnTime: Statistic
  readonly decisionParity: Statistic
  readonly lateBars: Statistic
  /** Bars with late data that nobody has explained. */
  readonly unexplainedLateBars: Statistic
  readonly restartDrills: Statistic
  readonly fillGapAboveModelBps: Statistic
  readonly fillGapP95Bps: Statistic
  /** Cumulative return less the lower edge of the backtest's simultaneous band, on the worst day. */
  readonly aboveBand: Statistic
}
