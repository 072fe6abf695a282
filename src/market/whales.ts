import { HOUR_MS, MINUTE_MS } from '../core/time.js'
import type { InstrumentLevels } from './instruments.js'
import { WHALES } from './levels.js'
import { autoregress, Normals, persistenceOf, uniform, type RandomGenerator } from './random.js'
import { hourAt, type Timeline } from './timeline.js'

/** Positions of the largest wallets, one row a wallet and asset at each snapshot, by known-at. All columns have one length. */
export interface WhalePositions {
  readonly eventTime: Float64Array
  readonly knownAt: Float64Array
  readonly wallet: readonly string[]
  /** The instrument's base asset. */
  readonly asset: readonly string[]
  readonly side: readonly ('long' | 'short')[]
  /** Base units, positive. */
  readonly quantity: Float64Array
  /** Quote units, positive. */
  readonly notional: Float64Array
  readonly leverage: Float64Array
  /** Quote units. */
  readonly accountValue: Float64Array
}

/** Whether what happens at a time is recorded, and when it is known. */
export interface Recorder {
  isTaken(eventTime: number): boolean
  knownAt(eventTime: number): number
}

interface Holding {
  /** Index of the instrument. */
  readonly asset: number
  side: 'long' | 'short'
  readonly quantity: number
}

/** One place of the list and the wallet that holds it now. */
interface Place {
  wallet: string
  accountValue: number
  leverage: number
  holdings: Holding[]
}

/**
 * Snapshots of a list of the largest wallets. A wallet takes its sides when it comes into the list, by the sentiment of the asset as far
 * as `WHALES.loyalty` says, and mostly keeps them until it leaves: the list is news because wallets come and go. Each wallet's largest
 * position is in its first asset.
 *
 * @param price of an instrument at the end of the last hour that is over by a time: a snapshot must not show what comes
 */
export function simulateWhales(
  timeline: Timeline,
  levels: readonly InstrumentLevels[],
  price: (asset: number, time: number) => number,
  sentiments: readonly Float64Array[],
  random: RandomGenerator,
  recorder: Recorder,
): WhalePositions {
  const normals = new Normals(random)
  const shares = popularShares(levels)
  const makePlace = (time: number): Place => {
    const size = normals.next()
    const first = pickAsset(shares, uniform(random))
    const second = pickAsset(shares, uniform(random))
    const hasSecond = uniform(random) < WHALES.second && second !== first
    const notional = Math.max(
      WHALES.smallestNotional,
      WHALES.medianNotional * Math.exp(WHALES.logDeviationOfNotional * (0.6 * size + 0.8 * normals.next())),
    )
    const hold = (asset: number, value: number): Holding => ({
      asset,
      side: sideIn(asset, time),
      quantity: round(value / price(asset, time), 4),
    })
    return {
      wallet: `synthetic-${String(1 + Math.floor(uniform(random) * WHALES.strangers)).padStart(4, '0')}`,
      accountValue: round(WHALES.medianAccountValue * Math.exp(WHALES.logDeviationOfAccountValue * size), 2),
      leverage: WHALES.leverages[Math.floor(uniform(random) * WHALES.leverages.length)] ?? 1,
      holdings: [hold(first, notional), ...(hasSecond ? [hold(second, 0.4 * notional)] : [])],
    }
  }
  const sideIn = (asset: number, time: number): 'long' | 'short' => {
    const mood = sentiments[asset]![hourAt(timeline, time)]!
    const own = Math.sqrt(1 - WHALES.loyalty ** 2) * normals.next()
    return WHALES.loyalty * mood + own + WHALES.tilt > 0 ? 'long' : 'short'
  }

  const rows = new WhaleRows(levels)
  const places: Place[] = []
  let crowding = normals.next()
  let time = timeline.startTime + gap(random)
  for (let since = 0; time <= timeline.endTime; time += since) {
    while (places.length < WHALES.mostWallets) places.push(makePlace(time))
    const listed = Math.round(
      Math.min(
        WHALES.mostWallets,
        Math.max(
          WHALES.fewestWallets,
          WHALES.medianWallets * Math.exp(WHALES.logDeviationOfWallets * crowding),
        ),
      ),
    )
    const names = new Set<string>()
    for (const place of places.slice(0, listed)) {
      // The name says who it is: a stranger who comes in under a name that is on the list already is left out.
      if (names.has(place.wallet)) continue
      names.add(place.wallet)
      if (recorder.isTaken(time)) rows.add(time, recorder.knownAt(time), place, price)
    }
    since = gap(random)
    crowding = autoregress(crowding, persistenceOf(WHALES.walletsHalfLifeMs, since), normals.next())
    for (let index = 0; index < places.length; index++) {
      if (uniform(random) < WHALES.leaving) places[index] = makePlace(time + since)
      else if (uniform(random) < WHALES.turning)
        for (const holding of places[index]!.holdings) holding.side = sideIn(holding.asset, time + since)
    }
  }
  return rows.positions()
}

class WhaleRows {
  private readonly texts = { wallet: [] as string[], asset: [] as string[], side: [] as ('long' | 'short')[] }
  private readonly numbers = {
    eventTime: [] as number[],
    knownAt: [] as number[],
    quantity: [] as number[],
    notional: [] as number[],
    leverage: [] as number[],
    accountValue: [] as number[],
  }

  constructor(private readonly levels: readonly InstrumentLevels[]) {}

  add(
    eventTime: number,
    knownAt: number,
    place: Place,
    price: (asset: number, time: number) => number,
  ): void {
    const { texts, numbers } = this
    for (const { asset, side, quantity } of place.holdings) {
      texts.wallet.push(place.wallet)
      texts.asset.push(this.levels[asset]!.instrument.base)
      texts.side.push(side)
      numbers.eventTime.push(eventTime)
      numbers.knownAt.push(knownAt)
      numbers.quantity.push(quantity)
      numbers.notional.push(round(quantity * price(asset, eventTime), 2))
      numbers.leverage.push(place.leverage)
      numbers.accountValue.push(place.accountValue)
    }
  }

  /** In the order of snapshots; the store sorts by known-at whatever it is given. */
  positions(): WhalePositions {
    const columns = Object.entries(this.numbers).map(([name, values]) => [name, Float64Array.from(values)])
    return {
      ...this.texts,
      ...(Object.fromEntries(columns) as Record<keyof WhaleRows['numbers'], Float64Array>),
    }
  }
}

/** Cumulative shares of the instruments among the wallets. */
function popularShares(levels: readonly InstrumentLevels[]): number[] {
  const total = levels.reduce((sum, { popularity }) => sum + popularity, 0)
  let sum = 0
  return levels.map(({ popularity }) => (sum += popularity) / total)
}

function pickAsset(cumulativeShares: readonly number[], chance: number): number {
  const asset = cumulativeShares.findIndex((share) => chance < share)
  return asset < 0 ? cumulativeShares.length - 1 : asset
}

/** Whole minutes to the next snapshot. */
function gap(random: RandomGenerator): number {
  const chance = uniform(random)
  const { gaps } = WHALES
  const right = Math.max(
    1,
    gaps.findIndex(([share]) => chance < share),
  )
  const [[lowShare, low], [highShare, high]] = [gaps[right - 1]!, gaps[right]!]
  const hours = low + ((high - low) * (chance - lowShare)) / (highShare - lowShare)
  return Math.round((hours * HOUR_MS) / MINUTE_MS) * MINUTE_MS
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
