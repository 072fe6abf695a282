import type { ExitReason } from '../core/orders.js'
import type { OpenTrade } from '../trading/state.js'

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

/** Where the two words of the hash begin. */
const HIGH_SEED = 0x811c9dc5 | 0
const LOW_SEED = 0x2f0b4c47

/** So many are added up at a time. */
const AT_ONCE = 64
/** Words of a trade: four whole numbers, and two for each of eight others. */
const WIDTH = 20
/** Those that are hashed: the whole numbers, prices, quantity and fees. */
const HASHED_WORDS = 12
const END_OF_DATA = OTHER_REASONS['end-of-data']

/**
 * Trades that have ended, written down to be added up many at a time: what adds up and what trades do not fit the processor's first cache together. Trials of which one
 * is on its way at a time may share it.
 */
export class EndedTrades {
  count: number = 0
  /** Instrument, reason and side in one number, entry bar, exit bar, whether its end was an open question. */
  readonly words: Int32Array = new Int32Array(AT_ONCE * WIDTH)
  /** Behind those: entry price, exit price, quantity, fees, what was released, slippage, funding, cash afterwards. */
  readonly numbers: Float64Array = new Float64Array(this.words.buffer)

  get isFull(): boolean {
    return this.count === AT_ONCE
  }

  /** `cash`: of the account once the trade has ended, quote units. */
  add(trade: OpenTrade, instrument: number, { cash }: { readonly cash: number }): void {
    const { words, numbers } = this
    const word = WIDTH * this.count++
    const number = word >> 1
    words[word] = instrument * 64 + codeOf(trade.exitReason) * 2 + (trade.side > 0 ? 1 : 0)
    words[word + 1] = trade.entryBar
    words[word + 2] = trade.exitBar
    words[word + 3] = trade.undecided ? 1 : 0
    numbers[number + 2] = trade.entryPrice
    numbers[number + 3] = trade.exitPrice
    numbers[number + 4] = trade.entered
    numbers[number + 5] = trade.fees
    numbers[number + 6] = trade.released
    numbers[number + 7] = trade.slippage
    numbers[number + 8] = trade.funding
    numbers[number + 9] = cash
  }
}

/** Adds up the trades of a trial, and a hash of them by which two replays can be told apart. */
export class TrialTally {
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
  /** Σ side · share of equity · bars in which it was held for some time, over all trades. */
  netShareBars: number = 0
  private high: number = HIGH_SEED
  private low: number = LOW_SEED
  /** Forgets the trades of the trial before. */
  begin(): void {
    this.trades = 0
    this.decided = 0
    this.wins = 0
    this.undecided = 0
    this.fees = 0
    this.slippage = 0
    this.funding = 0
    this.grossProfit = 0
    this.grossLoss = 0
    this.barsHeld = 0
    this.netShareBars = 0
    this.high = HIGH_SEED
    this.low = LOW_SEED
  }

  /** Adds up all of them, which are then forgotten. */
  addAll(ended: EndedTrades): void {
    for (let at = 0; at < ended.count; at++) this.add(ended, WIDTH * at)
    ended.count = 0
  }

  private add({ words, numbers }: EndedTrades, word: number): void {
    const number = word >> 1
    const kind = words[word] as number
    const code = (kind >> 1) & 31
    const bars = (words[word + 2] as number) - (words[word + 1] as number)
    const fees = numbers[number + 5] as number
    const profit = (numbers[number + 6] as number) - fees
    this.trades++
    if (code !== END_OF_DATA) {
      this.decided++
      if (profit > 0) this.wins++
    }
    this.undecided += words[word + 3] as number
    this.fees += fees
    this.slippage += numbers[number + 7] as number
    this.funding += numbers[number + 8] as number
    if (profit > 0) this.grossProfit += profit
    else this.grossLoss -= profit
    this.barsHeld += bars
    // The mean of its notional at entry and exit over the mean of the balance before and after (the trapezoidal rule), 0 for an account that is ruined: a sum over its bars would
    // need each bar's equity, which a trial passes over.
    const cash = numbers[number + 9] as number
    const balances = cash + cash - profit
    const side = (kind & 1) === 1 ? 1 : -1
    const prices = (numbers[number + 2] as number) + (numbers[number + 3] as number)
    if (balances > 0)
      this.netShareBars +=
        (endsInside(code) ? bars + 1 : bars) * ((side * (numbers[number + 4] as number) * prices) / balances)
    // Hashed in place of the question, which has been counted: of two trades that are alike, which came first.
    words[word + 3] = this.trades
    this.hashIn(words, word)
  }

  /** 16 hexadecimal digits: of instrument, side, reason, bars, prices, quantity and fees of every trade, in order. */
  get hash(): string {
    return hex(this.high, this.low)
  }

  /** Word by word, each by FNV-1a's multiply (Fowler, Noll, Vo) on 32 bits, in two lanes that are turned and crossed over. */
  private hashIn(words: Int32Array, from: number): void {
    let { high, low } = this
    for (let at = from; at < from + HASHED_WORDS; at += 2) {
      const one = Math.imul(high ^ (words[at] as number), 0x01000193)
      const other = Math.imul(low ^ (words[at + 1] as number), 0x85ebca6b)
      high = one ^ ((other << 13) | (other >>> 19))
      low = other ^ ((one << 7) | (one >>> 25))
    }
    this.high = high
    this.low = low
  }
}

/** Whether a trade of this end was held for some time in its last bar; the others leave at a bar's open. */
function endsInside(code: number): boolean {
  return (code >= 2 && code <= 4) || (code >= 8 && code <= 10)
}

/** Codes of the hexadecimal digits. */
const DIGIT_CODES = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

function digitOf(word: number, shift: number): number {
  return DIGIT_CODES[(word >>> shift) & 15] as number
}

/** All digits of both words at once: to ask a number for its digits costs ten times as much, and to join parts leaves each of them behind. */
function hex(high: number, low: number): string {
  return String.fromCharCode(
    digitOf(high, 28),
    digitOf(high, 24),
    digitOf(high, 20),
    digitOf(high, 16),
    digitOf(high, 12),
    digitOf(high, 8),
    digitOf(high, 4),
    digitOf(high, 0),
    digitOf(low, 28),
    digitOf(low, 24),
    digitOf(low, 20),
    digitOf(low, 16),
    digitOf(low, 12),
    digitOf(low, 8),
    digitOf(low, 4),
    digitOf(low, 0),
  )
}
