import type { WorldInstrument } from '../world.js'
import type { World } from '../world.js'
import { refuse } from './errors.js'

/** The venue's two markets; each has hosts of its own. */
export type Market = 'spot' | 'usdm'

/** One symbol of a market. */
export interface Listed extends WorldInstrument {
  /** As the venue writes it: `BTCUSDT`. */
  readonly symbol: string
}

/** What the exchange lists: the world's spot instruments on one market, its perpetuals on the other. */
export interface Venue {
  readonly world: World
  readonly spot: ReadonlyMap<string, Listed>
  readonly usdm: ReadonlyMap<string, Listed>
}

export function venueOf(world: World): Venue {
  const listed = (kind: 'spot' | 'perpetual'): ReadonlyMap<string, Listed> =>
    new Map(
      world.instruments
        .filter(({ instrument }) => instrument.kind === kind)
        .map((one) => {
          const symbol = `${one.instrument.base}${one.instrument.quote}`.toUpperCase()
          return [symbol, { ...one, symbol }]
        }),
    )
  return { world, spot: listed('spot'), usdm: listed('perpetual') }
}

/** The symbol that a query names. Refuses as the venue does where it names none, or one that is not listed. */
export function listedSymbol(venue: Venue, market: Market, query: Readonly<Record<string, string>>): Listed {
  const symbol = query['symbol']
  if (symbol === undefined || symbol === '') refuse('mandatory', 'symbol')
  return venue[market].get(symbol) ?? refuse('symbol')
}
