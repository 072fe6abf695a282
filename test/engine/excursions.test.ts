import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Trade } from '../../src/core/trades.js'
import { replay } from '../../src/engine/replay.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { generateCase, optionsOf } from '../ledger/generate.js'

/** Looks at every candle that a trade was held over whole. */
function excursionsOf(trade: Trade, { instruments, strategy, policies, startTime }: ReplayOptions) {
  const { candles, instrument } = instruments.find((data) => data.instrument.id === trade.instrumentId)!
  const start = Math.max(startTime, instrument.listedAt ?? -Infinity)
  const firstBar = candles.openTime.findIndex((time) => time >= start)
  const fillsAtClose = policies?.fillAt === 'same-close' && strategy.risk.entry.kind === 'market'
  const isProtective = ['stop-loss', 'trailing-stop', 'take-profit'].includes(trade.exitReason)
  const heldExitBar = trade.exitReason === 'end-of-data' || (fillsAtClose && !isProtective)
  const from = firstBar + trade.entryBar + (fillsAtClose ? 1 : 0)
  const end = firstBar + trade.exitBar + (heldExitBar ? 1 : 0)
  const low = Math.min(trade.entryPrice, trade.exitPrice, ...candles.low.subarray(from, Math.max(from, end)))
  const high = Math.max(
    trade.entryPrice,
    trade.exitPrice,
    ...candles.high.subarray(from, Math.max(from, end)),
  )
  const [down, up] = [low / trade.entryPrice - 1, high / trade.entryPrice - 1]
  return trade.side > 0 ? [down, up] : [0 - up, 0 - down]
}

it('the excursions of a trade are those of its candles, whatever bars are missing', () => {
  let trades = 0
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const drawn = generateCase(seed, false)
      const options = optionsOf({ ...drawn, policies: { ...drawn.policies, missingFunding: 'flag' } })
      for (const trade of replay(options).trades) {
        const { maxAdverseExcursion, maxFavourableExcursion } = trade
        expect([maxAdverseExcursion, maxFavourableExcursion]).toEqual(excursionsOf(trade, options))
        trades++
      }
    }),
  )
  expect(trades).toBeGreaterThan(100)
})
