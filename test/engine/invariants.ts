import { isFinal, type Fill } from '../../src/core/orders.js'
import type { BacktestResult } from '../../src/core/result.js'
import type { InstrumentData, ReplayOptions } from '../../src/engine/options.js'
import { fundingPayments } from '../ledger/plain-ledger.js'

/**
 * Checks over a finished run. Each answers with a sentence for every breach it finds, so that an empty list is a clean run.
 */
export type RunCheck = (result: BacktestResult, options: ReplayOptions) => string[]

/** How far a fill may lie from the undisturbed price, on the losing side: the slippage and less than one tick. */
function isWorseByCosts(
  fill: Fill,
  undisturbed: number,
  { instrument }: InstrumentData,
  slippageBps: number,
): boolean {
  const loss = fill.side * (fill.price - undisturbed)
  const noise = 1e-9 * undisturbed
  return loss >= -noise && loss <= undisturbed * (slippageBps / 10_000) + instrument.tickSize + noise
}

/**
 * The leak "same-bar fill": an entry that fills before its decision was known, or at a price that is not the open of the bar
 * which opens at the fill. Under the same-close policy the price is the close of the bar that closes at the decision.
 */
export const entriesFillAfterTheirDecision: RunCheck = (result, options) =>
  result.fills
    .filter(({ role }) => role === 'entry')
    .flatMap((fill) => {
      const data = options.instruments[fill.instrument] as InstrumentData
      const { openTime, open, close, timeframeMs } = data.candles
      const order = result.orders.find(({ id }) => id === fill.orderId)
      const label = `entry ${fill.orderId} of ${data.instrument.id}`
      if (order === undefined) return [`${label} was filled without an order`]
      if (fill.time < order.decidedAt) return [`${label} was filled before it was decided`]
      const atClose = result.policies.fillAt === 'same-close'
      const bar = openTime.indexOf(atClose ? fill.time - timeframeMs : fill.time)
      const undisturbed = (atClose ? close : open)[bar]
      if (undisturbed === undefined)
        return [`${label} was filled where no bar ${atClose ? 'closes' : 'opens'}`]
      return isWorseByCosts(fill, undisturbed, data, options.costs.slippageBps)
        ? []
        : [`${label} was filled at ${fill.price}, not at the ${atClose ? 'close' : 'open'} of ${undisturbed}`]
    })

/** Exits and protective orders fill at prices that their bar could give, with slippage only against us. */
export const exitsFillWhereTheBarWas: RunCheck = (result, options) =>
  result.trades
    .filter(({ status }) => status === 'closed')
    .flatMap((trade) => {
      const index = options.instruments.findIndex(({ instrument }) => instrument.id === trade.instrumentId)
      const data = options.instruments[index] as InstrumentData
      const run = result.instruments[index] as BacktestResult['instruments'][number]
      const at = data.candles.openTime.indexOf((run.closeTime[trade.exitBar] as number) - result.timeframeMs)
      const column = (name: 'open' | 'high' | 'low' | 'close'): number => data.candles[name][at] as number
      const fill = result.fills.find(
        ({ instrument, time, price, role }) =>
          instrument === index && time === trade.exitTime && price === trade.exitPrice && role !== 'entry',
      )
      const label = `exit of trade ${trade.id} (${trade.exitReason})`
      if (fill === undefined) return [`${label} has no fill`]
      const slippage = options.costs.slippageBps
      if (fill.role === 'exit') {
        const atClose = result.policies.fillAt === 'same-close' || trade.exitReason === 'end-of-data'
        return isWorseByCosts(fill, column(atClose ? 'close' : 'open'), data, slippage)
          ? []
          : [`${label} at ${fill.price} is not at the ${atClose ? 'close' : 'open'}`]
      }
      if (fill.role === 'target') {
        const reached = fill.side < 0 ? fill.price <= column('high') : fill.price >= column('low')
        const made = trade.side * (fill.price - trade.targetPrice) >= 0
        return reached && made ? [] : [`${label} at ${fill.price} was not reached or below its limit`]
      }
      const level = column('low') * (1 - 1e-12)
      const possible =
        fill.side < 0
          ? fill.price >= level * (1 - slippage / 10_000) - data.instrument.tickSize &&
            fill.price <= column('high')
          : fill.price <= column('high') * (1 + slippage / 10_000) + data.instrument.tickSize + 1e-9 &&
            fill.price >= column('low')
      return possible ? [] : [`${label} at ${fill.price} lies outside its bar`]
    })

/** Positions by instrument, followed through the fills: never more than allowed, never through zero, flat at the end. */
export const positionsStayWithinLimits: RunCheck = (result, options) => {
  const held = options.instruments.map(() => 0)
  const breaches: string[] = []
  for (const fill of result.fills) {
    const before = held[fill.instrument] as number
    const after = fill.role === 'entry' ? fill.side * fill.quantity : before + fill.side * fill.quantity
    if (fill.role === 'entry' && before !== 0)
      breaches.push(`order ${fill.orderId} entered on top of a position`)
    if (fill.role !== 'entry' && after !== 0)
      breaches.push(`order ${fill.orderId} closed another quantity than was held`)
    held[fill.instrument] = after
    const open = held.filter((quantity) => quantity !== 0).length
    if (open > options.strategy.risk.maxPositions) breaches.push(`${open} positions at order ${fill.orderId}`)
  }
  if (result.policies.endOfData === 'close' && held.some((quantity) => quantity !== 0))
    breaches.push('not flat at the end')
  return breaches
}

/** Every order came to an end, or is out because positions were left open. */
export const ordersEnd: RunCheck = (result) =>
  result.orders
    .filter(({ state }) => !isFinal(state))
    .filter(({ role }) => result.policies.endOfData === 'close' || role === 'entry')
    .map(({ id, role, state }) => `${role} order ${id} is still ${state}`)

/** Filled quantities of orders, and trades, are those of the fills. */
export const recordsAgree: RunCheck = (result) => {
  const breaches = result.orders.flatMap((order) => {
    const filled = result.fills
      .filter(({ orderId }) => orderId === order.id)
      .reduce((sum, { quantity }) => sum + quantity, 0)
    if (filled !== order.filledQuantity)
      return [`order ${order.id} says ${order.filledQuantity} of ${filled} filled`]
    if ((order.state === 'filled') !== (filled > 0 && filled === order.quantity))
      return [`order ${order.id} is ${order.state} with ${filled} of ${order.quantity}`]
    return []
  })
  const { blocked, signals, entryFills, entryOrders } = result.funnel
  const stopped = Object.values(blocked).reduce((sum, count) => sum + count, 0)
  if (signals !== stopped + entryFills)
    breaches.push(`${signals} signals, but ${stopped} blocked and ${entryFills} filled`)
  if (entryOrders < entryFills) breaches.push('more entries filled than ordered')
  for (const trade of result.trades) {
    const exits = result.orders.filter(
      ({ role, instrument, filledQuantity, decidedAt, exitReason }) =>
        role === 'exit' &&
        result.instruments[instrument]?.id === trade.instrumentId &&
        filledQuantity === trade.quantity &&
        decidedAt <= trade.exitTime &&
        decidedAt >= trade.entryTime &&
        exitReason === trade.exitReason,
    )
    const isProtective = ['stop-loss', 'trailing-stop', 'take-profit'].includes(trade.exitReason)
    if (trade.status === 'closed' && !isProtective && exits.length === 0)
      breaches.push(`trade ${trade.id} ended by ${trade.exitReason}, which no order says`)
    if (!(
      trade.decidedAt <= trade.entryTime &&
      trade.entryTime <= trade.exitTime &&
      trade.entryBar <= trade.exitBar
    ))
      breaches.push(`trade ${trade.id} runs backwards`)
    if (trade.maxAdverseExcursion > 0 || trade.maxFavourableExcursion < 0)
      breaches.push(`trade ${trade.id} has impossible excursions`)
  }
  return breaches
}

/** What entries cost never exceeds what was free: balance, realised results and funding so far, less what is tied up. */
export const entriesAreAffordable: RunCheck = (result, options) => {
  const open = new Map<number, Fill>()
  const breaches: string[] = []
  let free = result.startingBalance
  const payments = fundingPayments(options, result)
  const received = (time: number): number =>
    payments
      .filter((payment) => payment.time < time || (payment.time === time && payment.amount > 0))
      .reduce((sum, { amount }) => sum + amount, 0)
  for (const fill of result.fills) {
    const entry = open.get(fill.instrument)
    if (fill.role !== 'entry' && entry !== undefined) {
      free +=
        entry.price * entry.quantity + entry.side * (fill.price - entry.price) * fill.quantity - fill.fee
      open.delete(fill.instrument)
      continue
    }
    free -= fill.price * fill.quantity + fill.fee
    open.set(fill.instrument, fill)
    const overspent = -(free + received(fill.time))
    if (overspent > 1e-9 * result.startingBalance)
      breaches.push(`order ${fill.orderId} overspent by ${overspent}`)
  }
  return breaches
}

/** Targets rest and pay the maker fee; whatever takes pays the taker fee; both on the notional of the fill. */
export const feesAreTheVenues: RunCheck = (result, options) =>
  result.fills.flatMap(({ orderId, instrument, role, price, quantity, fee, liquidity }) => {
    const { makerFee, takerFee } = (options.instruments[instrument] as InstrumentData).instrument
    const rate = role === 'target' ? makerFee : takerFee
    const isRight = Math.abs(fee - price * quantity * rate) <= 1e-12 * price * quantity
    if (!isRight) return [`order ${orderId} paid ${fee}, not ${rate} of its notional`]
    return (liquidity === 'maker') === (role === 'target')
      ? []
      : [`order ${orderId} was filled as ${liquidity}`]
  })

export const RUN_CHECKS: Readonly<Record<string, RunCheck>> = {
  'entries fill after their decision, at the open of their bar': entriesFillAfterTheirDecision,
  'exits fill where the bar was': exitsFillWhereTheBarWas,
  'positions stay within limits': positionsStayWithinLimits,
  'orders end': ordersEnd,
  'records agree with fills': recordsAgree,
  'entries are affordable': entriesAreAffordable,
  'fees are the venue’s': feesAreTheVenues,
}
