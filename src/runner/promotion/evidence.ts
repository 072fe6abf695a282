import type { Statistic } from '../../metrics/statistic.js'
import type { CheckResult } from '../../research/checks/check-result.js'
import type { DemotionFigures } from './demotion.js'

/** What is known of a bot when somebody asks for a step up. Whatever was not measured is n/a with its reason, and passes no gate. */
export interface PromotionEvidence {
  readonly checks: readonly Pick<CheckResult, 'key' | 'name' | 'outcome' | 'detail'>[]
  readonly verdict: SweepEvidence | { readonly reason: string }
  readonly backtest: BacktestEvidence
  readonly paper: PaperEvidence
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

/** What sessions on paper have shown, as far as gates ask for it. */
export interface PaperFigures {
  /** On a clock that was not the world's, or a market that was not: it is shown, and counts for nothing above paper. */
  readonly isVirtualClock: boolean
  /** Time covered: closes that were decided on in time with nothing held, by their length. */
  readonly days: Statistic
  /** Round trips, from flat to flat. */
  readonly trades: Statistic
  /** Share of the bars that were due. */
  readonly barsOnTime: Statistic
  /** Share of the days whose decisions a replay makes again; n/a where a day was not replayed. */
  readonly decisionParity: Statistic
  /** Share of the bars that were decided on late, or before something that was known by their close was told. */
  readonly lateBars: Statistic
  /** Those of them for which the session's log has no reason. */
  readonly unexplainedLateBars: Statistic
  /** Processes that ended without a word, after which the session went on. */
  readonly restartDrills: Statistic
  /** Upper 95 % bound of the mean. */
  readonly fillGapAboveModelBps: Statistic
  readonly fillGapP95Bps: Statistic
  /** Cumulative return less the lower edge of the backtest's simultaneous band, on the worst day. */
  readonly aboveBand: Statistic
}

/** What paper sessions of the promoted bot have shown, and which they were. */
export interface PaperEvidence extends PaperFigures {
  readonly demotion: DemotionFigures
  /** Oldest first, by the market's time. */
  readonly sessions: readonly PaperSessionCounted[]
  readonly notCounted: readonly PaperSessionNotCounted[]
}

/** A session that is counted, up to a row of its journal. Times UTC ms. */
export interface PaperSessionCounted {
  readonly id: string
  /** Since when it counts: its first bar, or the last time that somebody traded by hand. */
  readonly fromTime: number
  /** Its last close. */
  readonly toTime: number
  readonly rows: number
  /** Of the last row, over all before it. */
  readonly hash: string
}

/** A session of this promotion, or one that cannot be read, and why it counts for nothing. */
export interface PaperSessionNotCounted {
  readonly id: string
  readonly reason: string
}
