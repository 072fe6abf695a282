import { WHALES, type InstrumentLevels } from './levels.js'
import { gaussian, uniform, type RandomGenerator } from './random.js'
import { barAt, openTimeOf, type Timeline } from './timeline.js'

/** Positions of the largest wallets, one row a wallet and asset at each snapshot, oldest first. All columns have one length. */
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

interface Wallet {
  readonly name: string
  readonly home: number
  readonly second: number
  readonly accountValue: number
  readonly leverage: number
  readonly exposure: number
  /** Its own view of each instrument, standard normal. */
  readonly opinions: Float64Array
}

/**
 * Snapshots every few hours. A wallet's side in an asset follows the asset's sentiment as far as `WHALES.loyalty` says, else
 * its own opinion, which it changes now and then. Each wallet's largest position is in its home asset.
 */
export function simulateWhales(
  timeline: Timeline,
  levels: readonly InstrumentLevels[],
  closes: readonly Float64Array[],
  sentiments: readonly Float64Array[],
  random: RandomGenerator,
): WhalePositions {
  const wallets = Array.from({ length: WHALES.wallets }, (_, index) =>
    makeWallet(index, levels.length, random),
  )
  const rows = {
    eventTime: [] as number[],
    wallet: [] as string[],
    asset: [] as string[],
    side: [] as ('long' | 'short')[],
  }
  const numbers = {
    quantity: [] as number[],
    notional: [] as number[],
    leverage: [] as number[],
    accountValue: [] as number[],
  }
  const end = openTimeOf(timeline, timeline.bars)

  for (let time = timeline.startTime + gap(random); time <= end; time += gap(random)) {
    // The price of the last completed bar: a snapshot must not show what a bar in progress will close at.
    const priceBar = barAt(timeline, time - timeline.timeframeMs)
    const moodBar = barAt(timeline, time)
    for (const wallet of wallets) {
      changeMind(wallet, random)
      const held = wallet.second === wallet.home ? [wallet.home] : [wallet.home, wallet.second]
      for (const asset of held) {
        const mood = sentiments[asset]![moodBar]!
        const lean =
          WHALES.loyalty * mood + Math.sqrt(1 - WHALES.loyalty ** 2) * wallet.opinions[asset]! + WHALES.tilt
        const notional = wallet.accountValue * wallet.exposure * (asset === wallet.home ? 1 : 0.4)
        const quantity = round(notional / closes[asset]![priceBar]!, 4)
        rows.eventTime.push(time)
        rows.wallet.push(wallet.name)
        rows.asset.push(levels[asset]!.instrument.base)
        rows.side.push(lean > 0 ? 'long' : 'short')
        numbers.quantity.push(quantity)
        numbers.notional.push(round(quantity * closes[asset]![priceBar]!, 2))
        numbers.leverage.push(wallet.leverage)
        numbers.accountValue.push(wallet.accountValue)
      }
    }
  }
  const eventTime = Float64Array.from(rows.eventTime)
  return {
    ...rows,
    eventTime,
    knownAt: eventTime.map((time) => time + WHALES.knownAfterMs),
    quantity: Float64Array.from(numbers.quantity),
    notional: Float64Array.from(numbers.notional),
    leverage: Float64Array.from(numbers.leverage),
    accountValue: Float64Array.from(numbers.accountValue),
  }
}

function makeWallet(index: number, instruments: number, random: RandomGenerator): Wallet {
  const home = assetByPopularity(instruments, random)
  const second = assetByPopularity(instruments, random)
  const size = Math.exp(WHALES.logDeviationOfAccountValue * gaussian(random))
  return {
    name: `synthetic-${String(index + 1).padStart(4, '0')}`,
    home,
    second,
    accountValue: round(WHALES.medianAccountValue * size, 2),
    leverage: WHALES.leverages[Math.floor(uniform(random) * WHALES.leverages.length)] ?? 1,
    exposure: round(1.5 * Math.exp(0.8 * gaussian(random)), 2) + 0.1,
    opinions: Float64Array.from({ length: instruments }, () => gaussian(random)),
  }
}

function changeMind(wallet: Wallet, random: RandomGenerator): void {
  for (let asset = 0; asset < wallet.opinions.length; asset++) {
    const changes = uniform(random) < WHALES.turnover
    const opinion = gaussian(random)
    if (changes) wallet.opinions[asset] = opinion
  }
}

/** The first asset is held by about half of the wallets, the next by half of the rest, and so on. */
function assetByPopularity(instruments: number, random: RandomGenerator): number {
  let asset = 0
  while (asset < instruments - 1 && uniform(random) >= 0.5) asset++
  return asset
}

/** Whole minutes between two snapshots. */
function gap(random: RandomGenerator): number {
  const range = WHALES.longestGapMs - WHALES.shortestGapMs
  return WHALES.shortestGapMs + Math.floor((uniform(random) * range) / 60_000) * 60_000
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
