import type { InstrumentTerms } from '../../src/core/instrument.js'
import { costShare, termsAt } from './market.js'
import type { Market, World } from './world.js'

function unrealised({ position, lastClose }: Market): number {
  return position === undefined ? 0 : position.side * (lastClose - position.average) * position.held
}

/** Cash and open results at the last closes. */
export function equityOf({ cash, markets }: World): number {
  return markets.reduce((sum, market) => sum + unrealised(market), cash)
}

function margin({ risk }: World, { position }: Market): number {
  return position === undefined ? 0 : (position.average * position.held) / risk.leverage
}

/** Cash, funding so far included, less the margins of what is held. */
export function freeCapital(world: World): number {
  return world.markets.reduce((sum, market) => sum - margin(world, market), world.cash)
}

/** What entries that are out will need. */
export function reservedCapital(world: World, time: number): number {
  return world.markets.reduce((sum, { entry, data, lastClose }) => {
    if (entry === undefined) return sum
    const price = entry.kind === 'market' ? lastClose : entry.price
    return sum + entry.left * price * costShare(world, termsAt(data, world.options.costs, time))
  }, 0)
}

/** What a position that is turned around sets free at the last close, its fee paid. */
export function freedByTurning(world: World, market: Market, { takerFee }: InstrumentTerms): number {
  const fee = (market.position?.held ?? 0) * market.lastClose * takerFee
  return margin(world, market) + unrealised(market) - fee
}

/** Quantity that the capital pays for. */
export function affordable(world: World, free: number, price: number, terms: InstrumentTerms): number {
  return free / (price * costShare(world, terms))
}
