import type { InstrumentTerms } from '../../src/core/instrument.js'
import { roundedDown, roundedUp } from './grid.js'
import type { Bar } from './market.js'
import type { Market, Position, Rung, World } from './world.js'

/** The tick that loses more: down for a long's stop, up for a short's. */
function stopTick(price: number, side: number, tick: number): number {
  return side > 0 ? roundedDown(price, tick) : roundedUp(price, tick)
}

/** The tick that is harder to reach. */
function targetTick(price: number, side: number, tick: number): number {
  return side > 0 ? roundedUp(price, tick) : roundedDown(price, tick)
}

/** Stop, targets, trailing stop and liquidation level of a position, after each fill of its entry. */
export function setLevels(world: World, market: Market, position: Position, terms: InstrumentTerms): void {
  const { side, average, order } = position
  const tick = terms.tickSize
  if (order.stopDistance !== undefined)
    position.stop = stopTick(average - side * order.stopDistance, side, tick)
  position.rungs = rungsOf(position, terms)
  follow(world, position, average, order.atr, tick)
  position.liquidation =
    market.data.instrument.kind === 'perpetual' ? liquidationLevel(world, position, terms) : undefined
}

function rungsOf(position: Position, terms: InstrumentTerms): Rung[] {
  const { side, average, entered, order } = position
  const sharesAreWhole = Math.abs(order.targets.reduce((sum, { share }) => sum + share, 0) - 1) <= 1e-9
  let given = 0
  return order.targets.map(({ distance, share }, at) => {
    const takesTheRest = sharesAreWhole && at === order.targets.length - 1
    const quantity = takesTheRest ? entered - given : roundedDown(entered * share, terms.lotSize)
    given += quantity
    const filled = position.rungs[at]?.filled ?? 0
    return { level: targetTick(average + side * distance, side, terms.tickSize), share, quantity, filled }
  })
}

function better(side: number, one: number, other: number): number {
  return side > 0 ? Math.max(one, other) : Math.min(one, other)
}

/** Moves the trailing stop to where this best price wants it, if that is tighter. */
function follow({ risk }: World, position: Position, best: number, atr: number, tick: number): void {
  const { trailing } = risk
  const { side, average } = position
  if (trailing.kind === 'none') return
  if (side * (best - average) < trailing.activation * average) return
  const distance = trailing.kind === 'percent' ? best * trailing.fraction : atr * trailing.multiple
  if (!(distance > 0)) return
  const level = stopTick(best - side * distance, side, tick)
  position.trail = position.trail === undefined ? level : better(side, position.trail, level)
}

/** At the close of a bar, after its orders: the extreme of the bar, or its close alone after an entry inside it. */
export function ratchet(
  world: World,
  position: Position,
  bar: Bar,
  enteredInside: boolean,
  atr: number,
  terms: InstrumentTerms,
): void {
  const extreme = position.side > 0 ? bar.high : bar.low
  position.best = better(position.side, position.best, enteredInside ? bar.close : extreme)
  follow(world, position, position.best, atr, terms.tickSize)
}

/** The tighter of the fixed and the trailing stop. */
export function stopOf({
  side,
  stop,
  trail,
}: Position): { readonly level: number; readonly reason: 'stop-loss' | 'trailing-stop' } | undefined {
  if (trail !== undefined && (stop === undefined || side * (trail - stop) > 0))
    return { level: trail, reason: 'trailing-stop' }
  return stop === undefined ? undefined : { level: stop, reason: 'stop-loss' }
}

/** Where the first tier begins that does not allow the leverage: a notional that may not be reached. */
export function forbiddenNotional({ risk }: World, { margin }: InstrumentTerms): number {
  return margin?.tiers.find(({ maxLeverage }) => maxLeverage < risk.leverage)?.fromNotional ?? Infinity
}

/** Where the margin of a position no longer covers its maintenance; undefined where the venue names no margins. */
function liquidationLevel(
  { risk }: World,
  { side, average, held }: Position,
  { margin }: InstrumentTerms,
): number | undefined {
  if (margin === undefined) return undefined
  let rate = 0
  let amount = 0
  for (const { fromNotional, maintenanceRate } of margin.tiers) {
    if (fromNotional > average * held) break
    amount += fromNotional * (maintenanceRate - rate)
    rate = maintenanceRate
  }
  const room = average / risk.leverage + amount / held
  const asked = side > 0 ? (average - room) / (1 - rate) : (average + room) / (1 + rate)
  const gone = average - (side * average) / risk.leverage
  const level = better(side, asked, gone)
  return level > 0 ? level : undefined
}
