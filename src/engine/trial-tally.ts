import type { ExitReason } from '../core/orders.js'
import type { TradeListener } from '../trading/observer.js'
import type { Book, OpenTrade } from '../trading/state.js'

/** A number for each reason; the commonest are asked for first. */
function codeOf(reason: ExitReason): number {
  if (reason === 'signal') return 1
  if (reason === 'stop-loss') return 2
  if (reason === 'take-profit') return 4
  if (reason === 'trailing-stop') return 3
  return OTHER_REASONS[reason]
}

const OTHER_REASONS: Readonly<
  Record<Exclude<ExitReason, 'signal' | 'stop-loss' | 'take-profit' | 'trailing-stop'>, number>
> = {
  time: 5,
  'daily-loss': 6,
  'stale-signal': 7,
  liquidation: 8,
  delisted: 9,
  'end-of-data': 10,
  manual: 11,
}

/** Paper on which a number is taken apart; tallies may share it. */
export class Digits {
  readonly number: Float64Array = new Float64Array(1)
  readonly halves: Int32Array = new Int32Array(this.number.buffer)
}

/** Adds up the trades of a trial, and a hash of them by which two replays can be told apart. */
export class TrialTally implements TradeListener {
  trades: number = 0
  /** Trades that ended by themselves, not with the data: those that a win rate counts. */
  decided: number = 0
  wins: number = 0
  undecided: number = 0
  /** Quote units. */
  fees: number = 0
  slippage: number = 0
  funding: number = 0
  grossProfit: number = 0
  grossLoss: number = 0
  /** Bars from entry to exit, over all trades. */
  barsHeld: number = 0
  private high: number = 0x811c9dc5 | 0
  private low: number = 0x2f0b4c47
  private readonly digits: Digits

  constructor(digits: Digits = new Digits()) {
    this.digits = digits
  }

  tradeEnded({ trade, instrument }: Book): void {
    this.add(trade, instrument)
  }

  add(trade: OpenTrade, instrument: number): void {
    const profit = trade.released - trade.fees
    this.trades++
    if (trade.exitReason !== 'end-of-data') {
      this.decided++
      if (profit > 0) this.wins++
    }
    if (trade.undecided) this.undecided++
    this.fees += trade.fees
    this.slippage += trade.slippage
    this.funding += trade.funding
    if (profit > 0) this.grossProfit += profit
    else this.grossLoss -= profit
    this.barsHeld += trade.exitBar - trade.entryBar
    this.mixWhole(instrument * 64 + codeOf(trade.exitReason) * 2 + (trade.side > 0 ? 1 : 0), trade.entryBar)
    this.mixWhole(trade.exitBar, this.trades)
    this.mixNumber(trade.entryPrice)
    this.mixNumber(trade.exitPrice)
    this.mixNumber(trade.entered)
    this.mixNumber(trade.fees)
  }

  /** 16 hexadecimal digits: of instrument, side, reason, bars, prices, quantity and fees of every trade, in order. */
  get hash(): string {
    return hex(this.high) + hex(this.low)
  }

  private mixNumber(value: number): void {
    const { number, halves } = this.digits
    number[0] = value
    this.mixWhole(halves[0] as number, halves[1] as number)
  }

  /** Two words at a time, each by FNV-1a's multiply (Fowler, Noll, Vo) on 32 bits, turned and crossed over. */
  private mixWhole(one: number, other: number): void {
    const high = Math.imul(this.high ^ one, 0x01000193)
    const low = Math.imul(this.low ^ other, 0x85ebca6b)
    this.high = high ^ ((low << 13) | (low >>> 19))
    this.low = low ^ ((high << 7) | (high >>> 25))
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
