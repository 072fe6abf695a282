import { ConfigError } from '../core/errors.js'

/**
 * - `active` trades
 * - `reducing` enters nothing and withdraws entries that rest; what is held leaves by its own exits
 * - `halted` the kill switch: the same, and what is held is closed at the market. Latched: only a reason clears it
 */
export type SessionMode = 'active' | 'reducing' | 'halted'

/** A mode that whoever runs a session has set. */
export interface ModeChange {
  /** UTC ms. */
  readonly time: number
  readonly mode: SessionMode
  /** In words; may be empty only where nothing latched is cleared. */
  readonly reason: string
}

/** Throws ConfigError where a latched mode would be left without a reason. */
export function requireChange(from: SessionMode, { mode, reason }: ModeChange): void {
  if (from !== 'halted' || mode === 'halted' || reason.trim() !== '') return
  throw new ConfigError('the kill switch is latched: say why it is cleared', {
    field: 'reason',
    value: reason,
  })
}
