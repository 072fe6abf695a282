import { settlementAt, type Settlement } from './market.js'
import type { Market, World } from './world.js'

/** A position was held over a settlement whose rate was not recorded, and the policy is to fail. */
export class MissingRate extends Error {}

function amountOf(settlements: readonly Settlement[], side: number): number {
  return settlements.reduce((sum, { perUnit }) => sum + (Number.isNaN(perUnit) ? 0 : side * perUnit), 0)
}

function pay(world: World, market: Market, units: number, settlements: readonly Settlement[]): void {
  const { position } = market
  if (position === undefined || units === 0) return
  if (world.policies.missingFunding === 'fail' && settlements.some(({ perUnit }) => Number.isNaN(perUnit)))
    throw new MissingRate(market.data.instrument.id)
  const amount = units * amountOf(settlements, position.side)
  position.funding += amount
  world.cash += amount
}

/** The settlements that are due in [from, to) and not yet charged. */
function due(market: Market, to: number): Settlement[] {
  const found: Settlement[] = []
  for (let row = market.nextSettlement; ; row++) {
    const settlement = settlementAt(market.data, row)
    if (settlement === undefined || settlement.time >= to) return found
    found.push(settlement)
  }
}

/** Charges whatever falls before a time to whoever holds, and has nothing to do with fills. */
export function settleBefore(world: World, market: Market, to: number): void {
  settleFirst(world, market, due(market, to))
}

/** The settlement at the very instant of the open, if there is one. */
function atInstant(market: Market, openTime: number): Settlement[] {
  const next = settlementAt(market.data, market.nextSettlement)
  return next?.time === openTime ? [next] : []
}

/** One that comes or goes at the instant pays, and never receives; a missing rate counts as a payment. */
function adverseAtInstant(market: Market, openTime: number, side: number): Settlement[] {
  return atInstant(market, openTime).filter(({ perUnit }) => Number.isNaN(perUnit) || side * perUnit < 0)
}

/**
 * Before anything else at the open: whoever has held until then. Who leaves at it, and for that pays only, has it at the fill. Where more of the
 * position comes first, what it receives is received before, what it pays is paid after.
 */
export function settleAtOpen(
  world: World,
  market: Market,
  openTime: number,
  leaves: boolean,
  adds: boolean,
): void {
  const { position } = market
  if (position === undefined) return
  const receives = adverseAtInstant(market, openTime, position.side).length === 0
  const waits = receives ? leaves && !adds : leaves || adds
  if (waits && world.policies.fundingAtFill === 'adverse-only') return
  pay(world, market, position.before, atInstant(market, openTime))
  position.isSettledAtOpen = true
}

/** Units that leave at the open, those held since before it first. */
export function settleExitAtOpen(world: World, market: Market, units: number, openTime: number): void {
  const { position } = market
  if (position === undefined) return
  const old = Math.min(units, position.before)
  if (world.policies.fundingAtFill === 'adverse-only') {
    const settlements = adverseAtInstant(market, openTime, position.side)
    if (!position.isSettledAtOpen) pay(world, market, old, settlements)
    pay(world, market, units - old, settlements)
  }
  position.before -= old
  position.atOpen -= units - old
}

/** After all fills at the open: whoever has come at it, and what was to leave and is still held. */
export function settleArrivals(world: World, market: Market, openTime: number): void {
  const { position } = market
  if (position !== undefined) {
    if (!position.isSettledAtOpen) pay(world, market, position.before, atInstant(market, openTime))
    if (world.policies.fundingAtFill === 'adverse-only')
      pay(world, market, position.atOpen, adverseAtInstant(market, openTime, position.side))
    position.isSettledAtOpen = false
  }
  market.nextSettlement += atInstant(market, openTime).length
}

/** Every stretch of the list that a holder may have seen, the shortest first. */
function stretches(
  settlements: readonly Settlement[],
  fromStart: boolean,
  toEnd: boolean,
): (readonly Settlement[])[] {
  const found: (readonly Settlement[])[] = []
  for (let from = 0; from <= settlements.length; from++)
    for (let to = from; to <= settlements.length; to++)
      if ((!fromStart || from === 0) && (!toEnd || to === settlements.length))
        found.push(settlements.slice(from, to))
  return found.sort((a, b) => a.length - b.length)
}

/** The stretch that costs most, among those that hold every missing rate. */
function worst(candidates: readonly (readonly Settlement[])[], side: number): readonly Settlement[] {
  const missingIn = (list: readonly Settlement[]): number =>
    list.filter(({ perUnit }) => Number.isNaN(perUnit)).length
  const mostMissing = Math.max(...candidates.map(missingIn))
  const possible = candidates.filter((list) => missingIn(list) === mostMissing)
  return possible.reduce((chosen, list) => (amountOf(list, side) < amountOf(chosen, side) ? list : chosen))
}

/** Units come inside the bar, having seen the ending of its settlements that costs most: what is held already has seen the others too. */
export function settleEntryInside(world: World, market: Market, side: number, closeTime: number): void {
  const settlements = due(market, closeTime)
  const ending = worst(stretches(settlements, false, true), side)
  settleFirst(world, market, settlements.slice(0, settlements.length - ending.length))
}

/** Units leave inside the bar, having seen the beginning of its settlements that costs most, and so has all that is held with them. */
export function settleExitInside(world: World, market: Market, closeTime: number): void {
  const side = market.position?.side ?? 1
  settleFirst(world, market, worst(stretches(due(market, closeTime), true, false), side))
}

/** Whoever holds at the close has seen all that is left of the bar's settlements. */
export function settleInside(world: World, market: Market, closeTime: number): void {
  settleFirst(world, market, due(market, closeTime))
  if (market.position === undefined) return
  market.position.before = market.position.held
  market.position.atOpen = 0
}

/** Charges the next settlements to all that is held. */
function settleFirst(world: World, market: Market, settlements: readonly Settlement[]): void {
  pay(world, market, market.position?.held ?? 0, settlements)
  market.nextSettlement += settlements.length
}
