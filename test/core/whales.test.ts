import { describe, expect, it } from 'vitest'
import { countWhales, whaleFacts } from '../../src/features/whales.js'

const BTC = 0
const ETH = 1

/** wallet, asset, side, notional, leverage */
function positions(rows: readonly (readonly [number, number, number, number, number])[]) {
  const column = (index: number): Float64Array => Float64Array.from(rows, (row) => row[index] ?? NaN)
  return { wallet: column(0), asset: column(1), side: column(2), notional: column(3), leverage: column(4) }
}

const snapshot = positions([
  [1, BTC, 1, 100, 5],
  [1, ETH, -1, 900, 5], // wallet 1: largest is short ETH
  [2, BTC, 1, 500, 10], // wallet 2: largest is long BTC
  [2, ETH, 1, 400, 10],
  [3, BTC, -1, 300, 3], // wallet 3: short BTC
  [4, BTC, 1, 800, 1], // wallet 4: long BTC without leverage
])

describe('counting whales', () => {
  it('counts a wallet once, by its largest position, and sides only above leverage 1', () => {
    expect(countWhales(snapshot, 0, 6, BTC)).toEqual({
      longs: 1,
      shorts: 1,
      wallets: 3,
      // The tutorial calls every leveraged wallet of the asset long, and every short wallet short.
      tutorialLong: 2,
      tutorialShort: 2,
      tutorialWallets: 4,
    })
    expect(countWhales(snapshot, 0, 6, ETH)).toMatchObject({ longs: 0, shorts: 1, wallets: 1 })
  })

  it('counts only the rows it was asked about', () => {
    expect(countWhales(snapshot, 2, 4, BTC)).toMatchObject({
      longs: 1,
      shorts: 0,
      wallets: 1,
      tutorialWallets: 1,
    })
    expect(countWhales(snapshot, 3, 3, BTC)).toMatchObject({ wallets: 0, tutorialWallets: 0 })
  })

  it('makes one fact a snapshot, in the order in which they were known', () => {
    const facts = whaleFacts(
      {
        ...snapshot,
        eventTime: Float64Array.of(10, 10, 20, 20, 20, 20),
        knownAt: Float64Array.of(40, 40, 25, 25, 25, 25),
        edition: new Float64Array(6),
      },
      BTC,
    )
    expect([...facts.eventTime]).toEqual([20, 10])
    expect([...facts.knownAt]).toEqual([25, 40])
    expect([...(facts.values['wallets'] ?? [])]).toEqual([3, 0])
  })
})
