import type { InstrumentTerms } from '../../src/core/instrument.js'
import type { Side } from '../../src/core/orders.js'
import type { EntryDistance, TargetDistance } from '../../src/risk/settings.js'
import { allowance, fillEntry } from './fills.js'
import { roundedDown, roundedUp } from './grid.js'
import { forbiddenNotional } from './levels.js'
import { takerPrice, termsAt, type Bar, type Saying } from './market.js'
import { affordable, equityOf, freeCapital, freedByTurning, reservedCapital } from './money.js'
import type { EntryOrder, Market, Moment, Position, World } from './world.js'

function convictionOf(score: number): number {
  if (Number.isNaN(score)) return 1
  const strength = score >= 0.8 ? 1 : score >= 0.65 ? 0.75 : score >= 0.35 ? 0.5 : score >= 0.2 ? 0.25 : 0
  return Math.max(strength, 1 - strength)
}

/** Base units in whole lots; 0 or less where there is no room. */
function sizeOf(
  world: World,
  { stopDistance, score }: { stopDistance: number | undefined; score: number },
  price: number,
  free: number,
  equity: number,
  terms: InstrumentTerms,
): number {
  const { risk } = world
  const payable = affordable(world, free, price, terms)
  let quantity: number
  if (risk.sizing.kind === 'cash') quantity = payable * risk.sizing.fraction
  else {
    const conviction = convictionOf(score)
    quantity = (equity * risk.riskPerTrade) / (stopDistance as number)
    if (risk.conviction === 'before-cap') quantity *= conviction
    quantity = Math.min(quantity, (equity * risk.maxPosition) / price)
    if (risk.conviction === 'after-cap') quantity *= conviction
    quantity = Math.min(quantity, payable)
  }
  return withinTiers(world, roundedDown(quantity, terms.lotSize), price, 0, terms)
}

/** Cut to fewer lots where with what is held it would reach a tier that does not allow the leverage. */
function withinTiers(
  world: World,
  quantity: number,
  price: number,
  heldNotional: number,
  terms: InstrumentTerms,
): number {
  const bound = forbiddenNotional(world, terms) - heldNotional
  if (quantity * price < bound) return quantity
  const cut = roundedDown(bound / price, terms.lotSize)
  return cut * price < bound ? cut : roundedDown(cut - terms.lotSize, terms.lotSize)
}

function isEntry(quantity: number, price: number, { minNotional }: InstrumentTerms): boolean {
  return quantity > 0 && quantity * price >= minNotional
}

/** Undefined where the range is unknown, NaN or not above 0. */
function distanceOf(rule: EntryDistance, close: number, atr: number): number | undefined {
  const distance = rule.kind === 'percent' ? close * rule.fraction : atr * rule.multiple
  return distance > 0 && Number.isFinite(distance) ? distance : undefined
}

function targetsOf({ risk }: World, close: number, stopDistance: number | undefined): EntryOrder['targets'] {
  const { target } = risk
  if (target.kind === 'none') return []
  const distance = (at: TargetDistance): number =>
    at.kind === 'percent' ? close * at.fraction : at.ratio * (stopDistance as number)
  if (target.kind !== 'ladder') return [{ distance: distance(target), share: 1 }]
  return target.rungs
    .map(({ at, share }) => ({ distance: distance(at), share }))
    .sort((one, other) => one.distance - other.distance)
}

/** An order to enter, or undefined where there is no stop, no price, or not enough money. */
export function decideEntry(
  world: World,
  market: Market,
  side: Side,
  bar: Bar,
  saying: Saying,
): EntryOrder | undefined {
  const { risk } = world
  const terms = termsAt(market.data, world.options.costs, bar.closeTime)
  const { close } = bar
  let price: number | undefined = close
  if (risk.entry.kind !== 'market') {
    const distance = distanceOf(risk.entry.distance, close, saying.atr)
    if (distance === undefined) return undefined
    const goesUp = risk.entry.kind === 'stop' ? side > 0 : side < 0
    price = goesUp
      ? roundedUp(close + distance, terms.tickSize)
      : roundedDown(close - distance, terms.tickSize)
    if (!(price > 0)) return undefined
  }
  let stopDistance: number | undefined
  if (risk.stop.kind !== 'none') {
    stopDistance = distanceOf(risk.stop, close, saying.atr)
    if (stopDistance === undefined || !(stopDistance < price)) return undefined
  }
  if (risk.trailing.kind === 'atr' && !(saying.atr > 0)) return undefined
  const isTurning = market.position !== undefined
  const free =
    freeCapital(world) -
    reservedCapital(world, bar.closeTime) +
    (isTurning ? freedByTurning(world, market, terms) : 0)
  const quantity = sizeOf(
    world,
    { stopDistance, score: saying.score },
    price,
    free,
    world.equityAtMark,
    terms,
  )
  if (!isEntry(quantity, price, terms)) return undefined
  return {
    id: world.nextOrderId++,
    side,
    kind: risk.entry.kind,
    price,
    left: quantity,
    filled: 0,
    decidedAt: bar.closeTime,
    deadline:
      risk.entry.kind === 'market'
        ? Infinity
        : bar.closeTime + risk.entry.lifeBars * market.data.candles.timeframeMs,
    isOnItsLastBar: false,
    stopDistance,
    targets: targetsOf(world, close, stopDistance),
    score: saying.score,
    atr: saying.atr,
    rearmKey: saying.rearmKey,
  }
}

/** What of the order fits the account at the price that it is about to fill at. */
function fitted(
  world: World,
  order: EntryOrder,
  price: number,
  terms: InstrumentTerms,
  position: Position | undefined,
): number {
  const free = freeCapital(world)
  const isSizedNow = world.policies.sizeAt === 'fill' && order.filled === 0
  const dearest = order.kind === 'limit' ? Math.max(terms.makerFee, terms.takerFee) : terms.takerFee
  const asked = { ...terms, takerFee: dearest }
  const wanted = isSizedNow ? sizeOf(world, order, price, free, equityOf(world), terms) : order.left
  const heldNotional = position === undefined ? 0 : position.average * position.held
  const payable = roundedDown(Math.min(wanted, affordable(world, free, price, asked)), terms.lotSize)
  return withinTiers(world, payable, price, heldNotional, terms)
}

/** Lets an order that has found its price fill: whole, in part, not at all yet, or never. */
function tryToFill(
  world: World,
  market: Market,
  order: EntryOrder,
  undisturbed: number,
  isMaker: boolean,
  moment: Moment,
): void {
  const { terms } = moment
  const { position } = market
  if (position !== undefined && (position.side !== order.side || market.exit !== undefined)) return
  const othersHeld = world.markets.filter((other) => other !== market && other.position !== undefined).length
  const paid = isMaker ? undisturbed : takerPrice(undisturbed, order.side, world.options.costs, terms)
  const quantity = fitted(world, order, paid, terms, position)
  const taken = allowance(market, moment, quantity)
  const isEnough = order.filled > 0 ? quantity > 0 : isEntry(quantity, paid, terms)
  if (othersHeld + 1 > world.risk.maxPositions || !isEnough || Number.isNaN(taken)) {
    market.entry = undefined
    return
  }
  order.left = quantity - taken
  if (taken > 0) {
    const feeRate = isMaker ? terms.makerFee : terms.takerFee
    fillEntry(world, market, order, taken, { paid, undisturbed, feeRate }, moment)
  }
  if (roundedDown(order.left, terms.lotSize) > 0) liveOneMoreBar(market, order, moment)
  else market.entry = undefined
}

/** What did not fill lives for one more bar, the next on the grid, however long it was to rest. */
function liveOneMoreBar(market: Market, order: EntryOrder, { at, time }: Moment): void {
  if (order.isOnItsLastBar) return
  order.isOnItsLastBar = true
  const { timeframeMs } = market.data.candles
  const close = at === 'open' ? time + timeframeMs : time
  order.deadline = close + timeframeMs
}

/** A limit is passed as a target is: by half a tick and more, or touched. `price` is the bar's extreme, or its open. */
function limitIsMet(world: World, order: EntryOrder, price: number, tick: number): boolean {
  const beyond = order.side * (order.price - price)
  return world.policies.targetFill === 'touch' ? beyond >= 0 : beyond > tick / 2
}

/** Market orders, and resting ones that the open has passed. */
function fillsAtOpen(world: World, entry: EntryOrder, open: number, tick: number): boolean {
  if (entry.kind === 'limit') return limitIsMet(world, entry, open, tick)
  return entry.kind === 'market' || entry.side * (open - entry.price) >= 0
}

/** Entries at the instant of the open. */
export function enterAtOpen(world: World, market: Market, bar: Bar, moment: Moment): void {
  const { entry } = market
  if (entry === undefined || !fillsAtOpen(world, entry, bar.open, moment.terms.tickSize)) return
  const isMaker = entry.kind === 'limit'
  const price = isMaker && world.policies.targetGap !== 'open-price' ? entry.price : bar.open
  tryToFill(world, market, entry, price, isMaker, moment)
}

/** Whether more of the entry of what is held may come at the open. */
export function addsAtOpen(world: World, market: Market, bar: Bar): boolean {
  const { entry, position, exit } = market
  if (entry === undefined || position?.side !== entry.side || exit !== undefined) return false
  const { tickSize } = termsAt(market.data, world.options.costs, bar.openTime)
  return fillsAtOpen(world, entry, bar.open, tickSize)
}

/** Resting entries whose price lies inside the bar. Says whether something was filled. */
export function enterInside(world: World, market: Market, bar: Bar, moment: Moment): boolean {
  const { entry } = market
  if (entry === undefined || entry.kind === 'market') return false
  const { open } = bar
  const tick = moment.terms.tickSize
  const isUp = entry.side > 0
  const filledBefore = entry.filled
  if (entry.kind === 'limit') {
    if (limitIsMet(world, entry, open, tick) || !limitIsMet(world, entry, isUp ? bar.low : bar.high, tick))
      return false
    tryToFill(world, market, entry, entry.price, true, moment)
  } else {
    if (entry.side * (open - entry.price) >= 0) return false
    if (entry.side * ((isUp ? bar.high : bar.low) - entry.price) < 0) return false
    tryToFill(world, market, entry, entry.price, false, moment)
  }
  return entry.filled > filledBefore
}

/** Under `same-close` a market order fills at the close that decided it. */
export function enterAtClose(world: World, market: Market, bar: Bar, moment: Moment): void {
  const { entry } = market
  if (entry?.kind === 'market' && entry.decidedAt === bar.closeTime)
    tryToFill(world, market, entry, bar.close, false, moment)
}
