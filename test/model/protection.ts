import type { ExitReason } from '../../src/core/orders.js'
import { exitAllowance, fillExit } from './fills.js'
import { stopOf } from './levels.js'
import { barAt, markBarAt, takerPrice, termsAt, type Bar } from './market.js'
import type { Market, Moment, Position, Rung, World } from './world.js'

/** Whether a falling price (of a long) has come down to the level; of a short, a rising one up to it. */
function hasReached(side: number, price: number, level: number): boolean {
  return side * (price - level) <= 0
}

interface ActingStop {
  readonly level: number
  readonly reason: ExitReason
}

/** Of the levels that the bar touched, the one that the price meets first; the stop where both are one. */
function touchedStop(market: Market, position: Position, bar: Bar): ActingStop | undefined {
  const { side, liquidation } = position
  const mark = markBarAt(market.data, market.bar)
  const stop = market.exit === undefined ? stopOf(position) : undefined
  const isUp = side > 0
  const isStopped = stop !== undefined && hasReached(side, isUp ? bar.low : bar.high, stop.level)
  const isLiquidated = liquidation !== undefined && hasReached(side, isUp ? mark.low : mark.high, liquidation)
  if (isStopped && isLiquidated)
    return side * (liquidation - stop.level) > 0 ? { level: liquidation, reason: 'liquidation' } : stop
  if (isLiquidated) return { level: liquidation, reason: 'liquidation' }
  return isStopped ? stop : undefined
}

/** The venue takes all over at the bankruptcy price. */
function liquidate(world: World, market: Market, moment: Moment): void {
  const { side, average, held } = market.position as Position
  const price = average * (1 - side / world.risk.leverage)
  market.exit = undefined
  const feeRate = moment.terms.margin?.liquidationFee as number
  fillExit(
    world,
    market,
    'liquidation',
    'liquidation',
    held,
    { paid: price, undisturbed: price, feeRate },
    moment,
  )
}

/** The stop takes what the volume allows, and the rest becomes an exit at market; liquidation takes all. */
function takeAll(world: World, market: Market, stop: ActingStop, undisturbed: number, moment: Moment): void {
  const position = market.position as Position
  if (stop.reason === 'liquidation') return liquidate(world, market, moment)
  const quantity = exitAllowance(market, moment, position.held)
  const { terms } = moment
  const paid = takerPrice(undisturbed, position.side > 0 ? -1 : 1, world.options.costs, terms)
  if (quantity > 0)
    fillExit(
      world,
      market,
      'stop',
      stop.reason,
      quantity,
      { paid, undisturbed, feeRate: terms.takerFee },
      moment,
    )
  if (market.position === undefined) return
  position.rungs = []
  startExit(market, stop.reason, barAt(market.data, market.bar).closeTime)
}

/** From now on all that is held is to leave at market. */
export function startExit(market: Market, reason: ExitReason, waitsSince: number): void {
  market.exit = { reason, waitsSince }
}

/** Rungs that still stand for something and that this price fills: by more than half a tick, or touched. */
function metRungs(world: World, position: Position, price: number, tick: number): Rung[] {
  return position.rungs.filter(({ level, quantity, filled }) => {
    const beyond = position.side * (price - level)
    return quantity > filled && (world.policies.targetFill === 'touch' ? beyond >= 0 : beyond > tick / 2)
  })
}

function takeProfit(
  world: World,
  market: Market,
  rungs: readonly Rung[],
  price: number | undefined,
  moment: Moment,
): void {
  for (const rung of rungs) {
    const { position } = market
    if (position === undefined) return
    const wanted = Math.min(rung.quantity - rung.filled, position.held)
    const quantity = exitAllowance(market, moment, wanted)
    if (!(quantity > 0)) continue
    rung.filled = quantity === wanted ? rung.quantity : rung.filled + quantity
    const paid = price ?? rung.level
    const feeRate = moment.terms.makerFee
    fillExit(world, market, 'target', 'take-profit', quantity, { paid, undisturbed: paid, feeRate }, moment)
  }
}

/** What the open of this bar does to a position by itself. */
function openDoes(world: World, market: Market, bar: Bar): ActingStop | readonly Rung[] | undefined {
  const { position } = market
  if (position === undefined) return undefined
  const { side, liquidation } = position
  if (liquidation !== undefined && hasReached(side, markBarAt(market.data, market.bar).open, liquidation))
    return { level: liquidation, reason: 'liquidation' }
  // An exit at market that the volume has cut short has used the bar's volume up: nothing is left for stop and target.
  if (market.exit !== undefined) return undefined
  const stop = stopOf(position)
  if (stop !== undefined && hasReached(side, bar.open, stop.level)) return stop
  if (world.policies.bothTouched === 'stop-first' && touchedStop(market, position, bar) !== undefined)
    return undefined
  const { tickSize } = termsAt(market.data, world.options.costs, bar.openTime)
  const rungs = metRungs(world, position, bar.open, tickSize)
  return rungs.length > 0 ? rungs : undefined
}

/** Whether what is held will leave at this open, for one reason or another. */
export function leavesAtOpen(world: World, market: Market, bar: Bar): boolean {
  return market.exit !== undefined || openDoes(world, market, bar) !== undefined
}

/** Protective orders whose level the open has passed. */
export function protectAtOpen(world: World, market: Market, bar: Bar, moment: Moment): void {
  const deed = openDoes(world, market, bar)
  if (deed === undefined) return
  if ('reason' in deed) return takeAll(world, market, deed, bar.open, moment)
  takeProfit(world, market, deed, world.policies.targetGap === 'open-price' ? bar.open : undefined, moment)
}

/** Protective orders inside the bar, of what was held when it had opened. */
export function protectInside(world: World, market: Market, bar: Bar, moment: Moment): void {
  const { position } = market
  if (position === undefined) return
  const stop = touchedStop(market, position, bar)
  const extreme = position.side > 0 ? bar.high : bar.low
  const met = market.exit === undefined ? metRungs(world, position, extreme, moment.terms.tickSize) : []
  if (stop === undefined) return takeProfit(world, market, met, undefined, moment)
  const passedByOpen = metRungs(world, position, bar.open, moment.terms.tickSize)
  if (met.length > 0 && passedByOpen.length === 0) {
    position.isUndecided = true
    const mayBeTargets =
      world.policies.bothTouched !== 'stop-first' && world.policies.undecided === 'optimistic'
    if (mayBeTargets) takeProfit(world, market, met, undefined, moment)
  }
  if (market.position !== undefined) takeAll(world, market, stop, stop.level, moment)
}

/** The stop of a position that was entered inside this bar: surely after a limit, which the price had to pass; after a stop entry, who knows. */
export function protectAfterEntryInside(
  world: World,
  market: Market,
  bar: Bar,
  kind: 'limit' | 'stop',
  moment: Moment,
): void {
  const { position } = market
  if (position === undefined) return
  const stop = touchedStop(market, position, bar)
  if (stop === undefined) return
  if (kind === 'stop') {
    if (world.policies.undecided === 'optimistic') return
    position.isUndecided = true
  }
  takeAll(world, market, stop, stop.level, moment)
}
