import type { Instrument } from '../core/instrument.js'
import { termsTimeline, type FullTerms, type TermsTimeline } from '../core/instrument-terms.js'
import type { ExitReason, OrderKind, OrderRole, OrderState, Side } from '../core/orders.js'
import type { Policies } from '../core/policies.js'
import { DAY_MS } from '../core/time.js'
import type { SizeBound } from '../core/trades.js'
import { Account } from '../portfolio/account.js'
import type { Position } from '../portfolio/position.js'
import type { RiskSettings } from '../risk/settings.js'
import { EntrySizing } from '../risk/sizing.js'
import type { CompiledStrategy } from '../strategy/compiled.js'
import type { CalledBack } from './called-back.js'
import type { AccountDay } from './day.js'
import type { TradeListener, TradingObserver } from './observer.js'

/** What does not change during a session. */
export interface TradingConfig {
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  readonly risk: RiskSettings
  readonly policies: Policies
  /** Win over every instrument's own fees (fractions of notional) where given. */
  readonly takerFee?: number
  readonly makerFee?: number
  readonly decide: CompiledStrategy['decide']
}

/** One order that the reducer has out: reused from trade to trade, one of each role (and rung) per instrument. */
export class WorkingOrder {
  readonly role: OrderRole
  id: number = 0
  kind: OrderKind = 'market'
  side: Side = 1
  /** Base units, what has been filled included. */
  quantity: number = NaN
  filledQuantity: number = NaN
  /** Trigger of a stop, limit of a limit order, NaN for a market order. */
  price: number = NaN
  decidedAt: number = NaN
  /** Bars that open at or after this cannot fill it; Infinity for orders without an end. */
  expiresAt: number = Infinity
  state: OrderState = 'cancelled'
  /** Nothing, or not all, of it could be filled for want of volume. */
  lacksVolume: boolean = false
  /** The state is not final. */
  isActive: boolean = false
  exitReason: ExitReason | undefined = undefined

  /** What earlier orders of this rung have sold of the trade that is open. */
  given: number = 0

  constructor(role: OrderRole) {
    this.role = role
  }

  /** What it did in an earlier trade counts no more. */
  forget(): void {
    this.given = 0
    this.filledQuantity = 0
  }
}

/** What the decision of an entry froze (execution rule 5), kept until the trade that came of it is closed. */
export class EntryPlan {
  decidedAt: number = NaN
  /** Price units; NaN where there is none. */
  stopDistance: number = NaN
  /** The decision's close: targets that are a fraction of the price are measured by it. */
  close: number = NaN
  atr: number = NaN
  score: number = NaN
  coverage: number = NaN
  rearmKey: number = NaN
  sizeBoundBy: SizeBound = 'risk'
}

/** Running sums of the trade that is open, and how it ended once it has. */
export class OpenTrade {
  side: Side = 1
  entryTime: number = NaN
  entryBar: number = -1
  /** Base units. */
  entered: number = NaN
  /** Quote units. */
  enteredNotional: number = NaN
  exited: number = NaN
  exitedNotional: number = NaN
  fees: number = NaN
  slippage: number = NaN
  funding: number = NaN
  /** Cash released by exits before fees: price difference and funding. */
  released: number = NaN
  initialStop: number = NaN
  initialTarget: number = NaN
  /** Best price since entry, for the trailing stop. */
  best: number = NaN
  /** Where the trailing rule alone has brought the stop; NaN until it starts to work. */
  trailed: number = NaN
  /** Average prices of the fills so far. */
  entryPrice: number = NaN
  exitPrice: number = NaN
  /** Of the last fill of the trade. */
  exitTime: number = NaN
  exitBar: number = -1
  exitReason: ExitReason = 'manual'
  /** One of its exits came from a bar that left open which of two levels was met first. */
  undecided: boolean = false
  /** It was opened somewhere inside its entry bar: that bar's extremes may have come before it. */
  openedInside: boolean = false

  begin(side: Side, fill: { readonly time: number; readonly inside: boolean }, bar: number): void {
    this.side = side
    this.entryTime = fill.time
    this.entryBar = bar
    this.entered = 0
    this.enteredNotional = 0
    this.exited = 0
    this.exitedNotional = 0
    this.fees = 0
    this.slippage = 0
    this.funding = 0
    this.released = 0
    this.initialStop = NaN
    this.initialTarget = NaN
    this.best = NaN
    this.trailed = NaN
    this.entryPrice = NaN
    this.exitPrice = NaN
    this.undecided = false
    this.openedInside = fill.inside
  }
}

/** The bar of one instrument that has just completed, with what the strategy says of it. Filled in by whoever drives the session. */
export class BarInView {
  open: number = NaN
  high: number = NaN
  low: number = NaN
  close: number = NaN
  /** Sum of the signal bits of core/signals. */
  bits: number = 0
  /** The instrument leaves the venue at this close: nothing is entered any more. */
  isLast: boolean = false
  /** The signal is known: warm-up is over and enough of its inputs are present. */
  usable: boolean = false
  score: number = NaN
  coverage: number = NaN
  /** Average true range, where stop, trail or entry asks for it. */
  atr: number = NaN
  features: Readonly<Record<string, number>> | undefined = undefined
}

/** Everything the reducer remembers of one instrument. */
export class Book {
  readonly instrument: number
  readonly position: Position
  readonly entry: WorkingOrder = new WorkingOrder('entry')
  readonly exit: WorkingOrder = new WorkingOrder('exit')
  readonly stop: WorkingOrder = new WorkingOrder('stop')
  /** Nearest first; one, unless the target is a ladder. */
  readonly targets: readonly WorkingOrder[]
  readonly view: BarInView = new BarInView()

  /** The venue's rules in force, and from when the next ones hold. */
  terms: FullTerms
  nextTermsTime: number

  /** Bars completed so far: the index of the bar in progress. */
  bars: number = 0
  lastClose: number = NaN
  /** Bar on which a protective order last filled. */
  protectiveFillBar: number = -1
  lastUsableTime: number = NaN

  /** Of the entry that is decided but not filled, and of the position that is held. */
  plan: EntryPlan = new EntryPlan()
  heldPlan: EntryPlan = new EntryPlan()
  readonly trade: OpenTrade = new OpenTrade()

  /** Price at which the venue takes the position over; NaN where it never does. */
  liquidationPrice: number = NaN
  /** It is the mark price, which bars of last prices do not tell, that liquidates. */
  liquidatesOnMark: boolean = false
  /**
   * Nearest resting level below and above the price, of whatever order or liquidation: no bar with low > floor and high < ceiling can
   * fill anything.
   */
  floor: number = -Infinity
  ceiling: number = Infinity

  /** Entries on a side wait, after an exit on it, until they are armed again. */
  longArmed: boolean = true
  shortArmed: boolean = true
  rearmKey: number = NaN

  /** Settlements without a recorded rate over which a position was held, and when the first of them was. */
  missingFunding: number = 0
  missingFundingTime: number = NaN

  /** Of a candidate for an entry at the close in view. */
  candidateSide: Side = 1
  candidateStopDistance: number = NaN

  private readonly timeline: TermsTimeline
  private termsAt: number = 0

  constructor(instrument: number, position: Position, timeline: TermsTimeline, rungs: number) {
    this.instrument = instrument
    this.position = position
    this.targets = Array.from({ length: rungs }, () => new WorkingOrder('target'))
    this.timeline = timeline
    this.terms = timeline.terms[0] as FullTerms
    this.nextTermsTime = timeline.from[1] ?? Number.POSITIVE_INFINITY
  }

  /** +1 long, −1 short, 0 flat. */
  get side(): Side | 0 {
    const { quantity } = this.position
    return quantity > 0 ? 1 : quantity < 0 ? -1 : 0
  }

  /** Puts the terms of `time` in force; times do not fall. */
  advanceTerms(time: number): void {
    while (time >= this.nextTermsTime) {
      this.termsAt++
      this.terms = this.timeline.terms[this.termsAt] as FullTerms
      this.nextTermsTime = this.timeline.from[this.termsAt + 1] ?? Number.POSITIVE_INFINITY
    }
  }
}

/** Number of target orders that a target rule keeps out at once. */
function rungsOf({ target }: RiskSettings): number {
  return target.kind === 'ladder' ? target.rungs.length : target.kind === 'none' ? 0 : 1
}

/**
 * The whole state of a session. The reducer changes it in place (its caller owns it and may copy it between events); nothing
 * but the reducer writes to it.
 */
export class TradingState implements AccountDay {
  readonly config: TradingConfig
  readonly account: Account
  readonly books: readonly Book[]
  /** By instrument: what one long unit has paid in funding since the start. */
  readonly fundingIndex: Float64Array
  /** By instrument: last close less the funding index at that time. */
  readonly marks: Float64Array
  /** Told of whatever happens to orders; undefined where nobody listens. */
  observer: TradingObserver | undefined
  /** Undefined where nobody listens. */
  tradeListener: TradeListener | undefined
  nextOrderId: number = 1
  /** By id. Only a session that is told by events fills it: a venue made of bars in a replay calls back at once. */
  readonly calledBack: Map<number, CalledBack> = new Map()
  now: number
  markedEquity: number
  dayStartEquity: number
  nextMidnight: number
  halted: boolean = false
  /** Whoever runs the session lets nothing be entered for now. */
  held: boolean = false
  readonly sizing: EntrySizing = new EntrySizing()
  /** Scratch of one close: the books that may enter, in the first places. */
  readonly candidates: Book[]
  candidateCount: number = 0

  constructor(
    config: TradingConfig,
    startingBalance: number,
    startTime: number,
    timelines: readonly TermsTimeline[] = termsTimelines(config),
  ) {
    this.config = config
    const count = config.instruments.length
    this.account = new Account(startingBalance, count, config.risk.leverage)
    const rungs = rungsOf(config.risk)
    this.books = config.instruments.map(
      (_, index) => new Book(index, this.account.position(index), timelines[index] as TermsTimeline, rungs),
    )
    for (const book of this.books) book.advanceTerms(startTime)
    this.candidates = [...this.books]
    this.fundingIndex = new Float64Array(count)
    this.marks = new Float64Array(count)
    this.observer = undefined
    this.tradeListener = undefined
    this.now = startTime
    this.markedEquity = startingBalance
    this.dayStartEquity = startingBalance
    this.nextMidnight = (Math.floor(startTime / DAY_MS) + 1) * DAY_MS
  }

  equity(): number {
    return this.account.equity(this.marks)
  }

  book(instrument: number): Book {
    const book = this.books[instrument]
    if (book === undefined) throw new RangeError(`no instrument ${instrument}`)
    return book
  }

  instrument(index: number): Instrument {
    const instrument = this.config.instruments[index]
    if (instrument === undefined) throw new RangeError(`no instrument ${index}`)
    return instrument
  }

  /** +1 long, −1 short, 0 flat. */
  side(instrument: number): Side | 0 {
    return this.book(instrument).side
  }
}

/** The terms of every instrument over time, with the session's own fees in place of theirs. */
export function termsTimelines({
  instruments,
  takerFee,
  makerFee,
}: Pick<TradingConfig, 'instruments' | 'takerFee' | 'makerFee'>): TermsTimeline[] {
  return instruments.map((instrument) => {
    const timeline = termsTimeline(instrument)
    if (takerFee === undefined && makerFee === undefined) return timeline
    const terms = timeline.terms.map((one) => ({
      ...one,
      takerFee: takerFee ?? one.takerFee,
      makerFee: makerFee ?? one.makerFee,
    }))
    return { from: timeline.from, terms }
  })
}
