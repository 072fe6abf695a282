import { DAY_MS } from '../core/time.js'
import type { TradingState } from './state.js'

/** Begins a new UTC day: its loss is measured from the last mark at or before 00:00, and a halt ends. */
export function rollDay(state: TradingState, time: number): void {
  state.dayStartEquity = state.equity()
  state.nextMidnight = (Math.floor(time / DAY_MS) + 1) * DAY_MS
  state.halted = false
}

/** Halts entries for the day once its loss, unrealised included, is strictly above the limit. */
export function checkDailyLoss(state: TradingState): void {
  const limit = state.config.risk.dailyLossLimit
  if (limit === 0 || state.halted) return
  if ((state.dayStartEquity - state.equity()) / state.dayStartEquity > limit) state.halted = true
}
