import { ConfigError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'

/** What one simulated instrument is and how it moves. */
export interface InstrumentLevels {
  readonly instrument: Instrument
  readonly startPrice: number
  /** Standard deviation of one hour's simple return, averaged over regimes and seasons. */
  readonly hourlyVolatility: number
  /** Share of its variance that it has in common with all others: two instruments correlate by the root of the product of theirs. */
  readonly commonShare: number
  /** Typical volume of one hour, base units. */
  readonly hourlyVolume: number
  /** Typical open interest, base units. */
  readonly openInterest: number
  /** Coins held on exchanges, base units. */
  readonly exchangeSupply: number
  /** How many wallets have their largest position in it, relative to other instruments. */
  readonly popularity: number
}

function perpetual(base: string, tickSize: number, lotSize: number): Instrument {
  return {
    id: `synthetic:${base}USDT-PERP`,
    venue: 'synthetic',
    kind: 'perpetual',
    base,
    quote: 'USDT',
    tickSize,
    lotSize,
    minNotional: 10,
    makerFee: 0.0002,
    takerFee: 0.0005,
  }
}

/** Invented perpetuals on an invented venue: names say what they are modelled on, prices are nobody's. docs/simulator.md tells where the figures are from. */
const MODELLED: readonly InstrumentLevels[] = [
  {
    instrument: perpetual('BTC', 0.1, 0.001),
    startPrice: 80_000,
    hourlyVolatility: 0.0047,
    commonShare: 0.79,
    hourlyVolume: 4_600,
    openInterest: 23_000,
    exchangeSupply: 2_600_000,
    popularity: 57,
  },
  {
    instrument: perpetual('ETH', 0.01, 0.01),
    startPrice: 3_000,
    hourlyVolatility: 0.0074,
    commonShare: 0.85,
    hourlyVolume: 157_000,
    openInterest: 840_000,
    exchangeSupply: 16_000_000,
    popularity: 33,
  },
  {
    instrument: perpetual('SOL', 0.01, 0.1),
    startPrice: 150,
    hourlyVolatility: 0.0083,
    commonShare: 0.81,
    hourlyVolume: 790_000,
    openInterest: 3_700_000,
    exchangeSupply: 30_000_000,
    popularity: 16,
  },
  {
    instrument: perpetual('DOGE', 0.00001, 1),
    startPrice: 0.17,
    hourlyVolatility: 0.0092,
    commonShare: 0.77,
    hourlyVolume: 202_000_000,
    openInterest: 240_000_000,
    exchangeSupply: 20_000_000_000,
    popularity: 6,
  },
]

const MOST_INSTRUMENTS = 20

/** An instrument modelled on none: between the others in everything. */
function imagined(number: number): InstrumentLevels {
  return {
    instrument: perpetual(`ALT${String(number).padStart(2, '0')}`, 0.001, 0.1),
    startPrice: 5 + 3 * number,
    hourlyVolatility: 0.0075 + 0.0005 * (number % 8),
    commonShare: 0.5 + 0.05 * (number % 6),
    hourlyVolume: 500_000 + 50_000 * number,
    openInterest: 2_000_000 + 100_000 * number,
    exchangeSupply: 50_000_000,
    popularity: 4,
  }
}

/** All that there are, in the order in which a market of so many takes them. */
export const INVENTED_INSTRUMENTS: readonly InstrumentLevels[] = [
  ...MODELLED,
  ...Array.from({ length: MOST_INSTRUMENTS - MODELLED.length }, (_, index) =>
    imagined(MODELLED.length + 1 + index),
  ),
]

/** The first so many of the invented instruments, or those named by id. Throws ConfigError for others than there are, for none, and for one named twice. */
export function instrumentLevels(wanted: number | readonly string[]): readonly InstrumentLevels[] {
  if (typeof wanted === 'number') {
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > MOST_INSTRUMENTS) {
      throw new ConfigError(`must be a whole number from 1 to ${MOST_INSTRUMENTS}`, {
        field: 'instruments',
        value: wanted,
      })
    }
    return INVENTED_INSTRUMENTS.slice(0, wanted)
  }
  if (wanted.length === 0)
    throw new ConfigError('a market has at least one instrument', { field: 'instruments' })
  return wanted.map((id, index) => {
    if (wanted.indexOf(id) !== index)
      throw new ConfigError('an instrument is named twice', { field: 'instruments', value: id })
    return levelsOf(id)
  })
}

function levelsOf(id: string): InstrumentLevels {
  const found = INVENTED_INSTRUMENTS.find(({ instrument }) => instrument.id === id)
  if (found !== undefined) return found
  const known = INVENTED_INSTRUMENTS.map(({ instrument }) => instrument.id)
  throw new ConfigError(
    `there is no such invented instrument; there are ${known.slice(0, 5).join(', ')} to ${known.at(-1) ?? ''}`,
    { field: 'instruments', value: id },
  )
}

/** What a market is made of unless others are named. */
export const DEFAULT_INSTRUMENTS: readonly InstrumentLevels[] = instrumentLevels(3)
