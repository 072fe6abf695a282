import type { Instrument } from '../core/instrument.js'
import {
  isFinal,
  type ExitReason,
  type OrderKind,
  type OrderRole,
  type OrderState,
  type Side,
} from '../core/orders.js'
import type { Policies } from '../core/policies.js'
import type { SizeBound } from '../core/trades.js'
import { DAY_MS } from '../core/time.js'
import { Account } from '../portfolio/account.js'
import type { RiskSettings } from '../risk/settings.js'
import type { CompiledStrategy } from '../strategy/compiled.js'

/** What does not change during a session. */
export interface TradingConfig {
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  readonly risk: RiskSettings
  readonly policies: Policies
  /** Fraction of notional by instrument: what an entry (a market order) is expected to pay. */
  readonly takerFee: Float64Array
  readonly decide: CompiledStrategy['decide']
}

/** One order that the reducer has out: reused from trade to trade, one of each role per instrument. */
export class WorkingOrder {
  readonly role: OrderRole
  id: number = 0
  kind: OrderKind = 'market'
  side: Side = 1
  /** Base units. */
  quantity: number = 0
  filledQuantity: number = 0
  /** Trigger of a stop, limit of a target, NaN for a market order. */
  price: number = NaN
  decidedAt: number = NaN
  state: OrderState = 'cancelled'
  exitReason: ExitReason | undefined = undefined

  constructor(role: OrderRole) {
    this.role = role
  }

  get isActive(): boolean {
    return !isFinal(this.state)
  }
}

/** What the decision of an entry froze (execution rule 5), kept until the trade that came of it is closed. */
export class EntryPlan {
  decidedAt: number = NaN
  /** Price units; NaN where there is none. */
  stopDistance: number = NaN
  targetDistance: number = NaN
  atr: number = NaN
  score: number = NaN
  coverage: number = NaN
  rearmKey: number = NaN
  sizeBoundBy: SizeBound = 'risk'
}

/** Running sums of the trade that is open. */
export class OpenTrade {
  entryTime: number = NaN
  entryBar: number = -1
  /** Base units. */
  entered: number = 0
  /** Quote units. */
  enteredNotional: number = 0
  exited: number = 0
  exitedNotional: number = 0
  fees: number = 0
  slippage: number = 0
  funding: number = 0
  /** Cash released by exits before fees: price difference and funding. */
  released: number = 0
  initialStop: number = NaN
  initialTarget: number = NaN
  /** Best price since entry, for the trailing stop. */
  best: number = NaN

  /** Average prices of the fills so far. */
  entryPrice: number = NaN
  exitPrice: number = NaN
}

/** Everything the reducer remembers of one instrument. */
export class Book {
  readonly instrument: number
  readonly entry: WorkingOrder = new WorkingOrder('entry')
  readonly exit: WorkingOrder = new WorkingOrder('exit')
  readonly stop: WorkingOrder = new WorkingOrder('stop')
  readonly target: WorkingOrder = new WorkingOrder('target')

  /** Bars completed so far: the index of the bar in progress. */
  bars: number = 0
  lastClose: number = NaN
  /** Bar on which a protective order last filled. */
  protectiveFillBar: number = -1
  lastUsableTime: number = NaN

  /** Of the entry that is decided but not filled, and of the position that is held. */
  plan: EntryPlan = new EntryPlan()
  heldPlan: EntryPlan = new EntryPlan()
  trade: OpenTrade = new OpenTrade()

  /** Entries on a side wait, after an exit on it, until they are armed again. */
  longArmed: boolean = true
  shortArmed: boolean = true
  rearmKey: number = NaN

  /** Settlements without a recorded rate over which a position was held, and when the last of them was. */
  missingFunding: number = 0
  missingFundingTime: number = NaN

  constructor(instrument: number) {
    this.instrument = instrument
  }
}

/**
 * The whole state of a session. The reducer changes it in place (its caller owns it and may copy it between events); nothing
 * but the reducer writes to it.
 */
export class TradingState {
  readonly config: TradingConfig
  readonly account: Account
  readonly books: readonly Book[]
  /** By instrument: what one long unit has paid in funding since the start. */
  readonly fundingIndex: Float64Array
  /** By instrument: last close less the funding index at that time. */
  readonly marks: Float64Array
  nextOrderId: number = 1
  /** Equity at the last 00:00 UTC. */
  dayStartEquity: number
  /** The next 00:00 UTC after the last event. */
  nextMidnight: number
  /** The daily loss limit was passed: no new entries until the next UTC day. */
  halted: boolean = false

  constructor(config: TradingConfig, startingBalance: number, startTime: number) {
    this.config = config
    this.account = new Account(startingBalance, config.instruments.length)
    this.books = config.instruments.map((_, index) => new Book(index))
    this.fundingIndex = new Float64Array(config.instruments.length)
    this.marks = new Float64Array(config.instruments.length)
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
    const { quantity } = this.account.position(instrument)
    return quantity > 0 ? 1 : quantity < 0 ? -1 : 0
  }
}
