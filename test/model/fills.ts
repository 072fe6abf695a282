import type { ExitReason, OrderRole } from '../../src/core/orders.js'
import { roundedDown } from './grid.js'
import { setLevels } from './levels.js'
import { barOfResult } from './market.js'
import { settleEntryInside, settleExitAtOpen, settleExitInside } from './settlements.js'
import type { EntryOrder, Market, ModelTrade, Moment, Position, World } from './world.js'

/** What of a quantity a fill of this moment may take: all, else whole lots; NaN where the volume is unknown. */
export function allowance(market: Market, { at, terms }: Moment, wanted: number): number {
  const budget = at === 'close' ? market.closeBudget : market.budget
  if (Number.isNaN(budget)) return NaN
  if (wanted <= budget) return wanted
  return Math.min(wanted, roundedDown(budget, terms.lotSize))
}

/** Volume that nobody knows holds no exit back. */
export function exitAllowance(market: Market, moment: Moment, wanted: number): number {
  const allowed = allowance(market, moment, wanted)
  return Number.isNaN(allowed) ? wanted : allowed
}

function spend(market: Market, { at }: Moment, quantity: number): void {
  if (at === 'close') market.closeBudget -= quantity
  else market.budget -= quantity
}

interface Price {
  readonly paid: number
  /** Before slippage and rounding. */
  readonly undisturbed: number
  readonly feeRate: number
}

function record(
  world: World,
  market: Market,
  role: OrderRole,
  side: 1 | -1,
  quantity: number,
  { paid, undisturbed, feeRate }: Price,
  moment: Moment,
): void {
  const position = market.position as Position
  const fee = quantity * paid * feeRate
  const slippage = side * (paid - undisturbed) * quantity
  position.fees += fee
  position.slippage += slippage
  world.cash -= fee
  world.fills.push({
    instrument: market.index,
    role,
    side,
    time: moment.time,
    bar: barOfResult(market, market.bar),
    price: paid,
    quantity,
    fee,
    slippage,
  })
}

/** Opens a position, or adds to it what was left of its entry. */
export function fillEntry(
  world: World,
  market: Market,
  order: EntryOrder,
  quantity: number,
  price: Price,
  moment: Moment,
): void {
  const { side } = order
  if (moment.at === 'inside') settleEntryInside(world, market, side, moment.time)
  const position = (market.position ??= {
    side,
    order,
    entryTime: moment.time,
    entryBar: market.bar,
    entered: 0,
    entryNotional: 0,
    held: 0,
    average: price.paid,
    stop: undefined,
    trail: undefined,
    best: price.paid,
    rungs: [],
    liquidation: undefined,
    fees: 0,
    slippage: 0,
    funding: 0,
    realised: 0,
    exitNotional: 0,
    isUndecided: false,
    before: 0,
    atOpen: 0,
    isSettledAtOpen: false,
  })
  if (position.held > 0)
    position.average = (position.average * position.held + price.paid * quantity) / (position.held + quantity)
  position.held += quantity
  position.entered += quantity
  position.entryNotional += price.paid * quantity
  order.filled += quantity
  market.keyAtEntry = order.rearmKey
  record(world, market, 'entry', side, quantity, price, moment)
  if (moment.at === 'open') position.atOpen += quantity
  else position.before += quantity
  spend(market, moment, quantity)
  setLevels(world, market, position, moment.terms)
}

/** Parts of a position add up to it but for float noise. */
function isAll(quantity: number, held: number): boolean {
  return quantity >= held * (1 - 1e-12)
}

/** Sells or buys back so much of what is held; the trade ends with the last of it. */
export function fillExit(
  world: World,
  market: Market,
  role: OrderRole,
  reason: ExitReason,
  asked: number,
  price: Price,
  moment: Moment,
): void {
  const position = market.position as Position
  const isLast = isAll(asked, position.held)
  const quantity = isLast ? position.held : asked
  if (moment.at === 'open') settleExitAtOpen(world, market, quantity, moment.time)
  else if (moment.at === 'inside') settleExitInside(world, market, moment.time)
  else position.before -= quantity
  const gained = position.side * (price.paid - position.average) * quantity
  position.realised += gained
  world.cash += gained
  position.exitNotional += price.paid * quantity
  record(world, market, role, position.side > 0 ? -1 : 1, quantity, price, moment)
  position.held = isLast ? 0 : position.held - quantity
  spend(market, moment, quantity)
  if (role === 'stop' || role === 'target' || role === 'liquidation') market.hadProtectiveFill = true
  if (!isLast) return
  world.trades.push(closedTrade(market, position, reason, moment))
  market.position = undefined
  market.exit = undefined
  // What is left of its own entry ends with the position; a reversal's entry stays.
  if (market.entry === position.order) market.entry = undefined
  if (position.side > 0) market.isLongArmed = false
  else market.isShortArmed = false
}

function closedTrade(market: Market, position: Position, reason: ExitReason, moment: Moment): ModelTrade {
  return {
    instrument: market.index,
    side: position.side,
    status: 'closed',
    entryTime: position.entryTime,
    entryBar: barOfResult(market, position.entryBar),
    entryPrice: position.entryNotional / position.entered,
    exitTime: moment.time,
    exitBar: barOfResult(market, market.bar),
    exitPrice: position.exitNotional / position.entered,
    quantity: position.entered,
    fees: position.fees,
    funding: position.funding,
    slippage: position.slippage,
    reason,
    undecided: position.isUndecided,
    profit: position.realised - position.fees + position.funding,
  }
}
