import type { Side } from '../core/orders.js'
import type { Policies } from '../core/policies.js'

/** Resting protective levels of a position; ∓Infinity or ±Infinity where there is none. */
export interface ProtectiveLevels {
  readonly side: Side
  readonly stop: number
  readonly target: number
}

export interface BarRange {
  readonly open: number
  readonly high: number
  readonly low: number
}

/** What a bar did to a position's protective orders. `reference` is the price before slippage. */
export interface ProtectiveFill {
  readonly role: 'stop' | 'target'
  readonly reference: number
  /** The open was already at or beyond the level: the fill is at the open's instant, otherwise somewhere inside the bar. */
  readonly atOpen: boolean
  /** Both levels lay inside the bar and its open did not say which came first. */
  readonly undecided: boolean
}

/** The level that no price reaches, for a position of this side without that order. */
export function noLevel(side: Side, role: 'stop' | 'target'): number {
  return (role === 'stop') === side > 0 ? -Infinity : Infinity
}

/** A resting target is met one tick beyond its price, or at it, by policy; on a continuous grid "through" is strictly beyond. */
function meetsTarget(price: number, levels: ProtectiveLevels, tickSize: number, policies: Policies): boolean {
  const { side, target } = levels
  if (policies.targetFill === 'touch') return side > 0 ? price >= target : price <= target
  if (tickSize === 0) return side > 0 ? price > target : price < target
  // Half a tick of slack: prices on a grid carry float noise, and no price lies between two ticks.
  return side > 0 ? price > target + tickSize / 2 : price < target - tickSize / 2
}

/**
 * Tests one bar against the stop and the target of a position that is held from the bar's open on. A bar that opens beyond
 * the stop fills it at the open; beyond the target, at the limit's own price (or the open, by policy). When both levels lie
 * inside the bar the stop comes first, unless the open had already passed one of them.
 */
export function touchProtective(
  bar: BarRange,
  levels: ProtectiveLevels,
  tickSize: number,
  policies: Policies,
): ProtectiveFill | undefined {
  const { side, stop, target } = levels
  const worst = side > 0 ? bar.low : bar.high
  const best = side > 0 ? bar.high : bar.low
  const stopTouched = side > 0 ? worst <= stop : worst >= stop
  const targetMet = meetsTarget(best, levels, tickSize, policies)
  if (!stopTouched && !targetMet) return undefined

  const openPastStop = side > 0 ? bar.open <= stop : bar.open >= stop
  const openPastTarget = meetsTarget(bar.open, levels, tickSize, policies)
  const stopFill = (undecided: boolean): ProtectiveFill => ({
    role: 'stop',
    reference: openPastStop ? bar.open : stop,
    atOpen: openPastStop,
    undecided,
  })
  const targetFill = (undecided: boolean): ProtectiveFill => ({
    role: 'target',
    reference: openPastTarget && policies.targetGap === 'open-price' ? bar.open : target,
    atOpen: openPastTarget,
    undecided,
  })

  if (!targetMet) return stopFill(false)
  if (!stopTouched) return targetFill(false)
  if (policies.bothTouched === 'stop-first' || openPastStop) return stopFill(!openPastStop && !openPastTarget)
  if (openPastTarget) return targetFill(false)
  return policies.undecided === 'pessimistic' ? stopFill(true) : targetFill(true)
}
