import type { ExitReason } from '../core/orders.js'
import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT } from '../core/signals.js'
import { HOUR_MS } from '../core/time.js'
import type { RiskSettings } from '../risk/settings.js'
import { submit } from './orders.js'
import type { Book, TradingState } from './state.js'

/** Asks for the whole position to be closed at the market, unless that is under way. Limits and capital never block it. */
export function submitExit(state: TradingState, book: Book, reason: ExitReason): void {
  const { exit, position } = book
  const { quantity } = position
  if (quantity === 0 || exit.isActive) return
  exit.exitReason = reason
  exit.kind = 'market'
  exit.side = quantity > 0 ? -1 : 1
  exit.quantity = Math.abs(quantity)
  exit.price = NaN
  submit(state, book, exit)
}

/** Why the position should be closed at this bar's close, if it should. */
export function exitReasonOf(state: TradingState, book: Book, bits: number): ExitReason | undefined {
  const { risk } = state.config
  const isStale =
    risk.flattenAfterStaleHours > 0 &&
    state.now - book.lastUsableTime >= risk.flattenAfterStaleHours * HOUR_MS
  const barsHeld = book.bars - 1 - book.trade.entryBar
  return reasonToExit(risk, bits, book.position.quantity > 0, barsHeld, state.halted, isStale)
}

/** The same for a position of that many bars after its entry's. An opposite entry signal is an exit too. */
export function reasonToExit(
  risk: RiskSettings,
  bits: number,
  isLong: boolean,
  barsHeld: number,
  halted: boolean,
  isStale: boolean,
): ExitReason | undefined {
  if (halted && risk.onDailyLoss === 'flatten') return 'daily-loss'
  if (risk.timeExitBars > 0 && barsHeld >= risk.timeExitBars) return 'time'
  const opposite = isLong ? ENTER_SHORT : ENTER_LONG
  const both = (bits & (ENTER_LONG | ENTER_SHORT)) === (ENTER_LONG | ENTER_SHORT)
  if ((bits & (isLong ? EXIT_LONG : EXIT_SHORT)) !== 0 || (!both && (bits & opposite) !== 0)) return 'signal'
  return isStale ? 'stale-signal' : undefined
}
