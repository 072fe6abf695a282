import { expect, it } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import { realisedRisk } from '../../src/metrics/realised-risk.js'
import { JANUARY, makeResult, makeTrade } from './make-result.js'

it('is the mean loss of stopped trades over equity at their entry, whatever else was traded', () => {
  const stopped = { exitReason: 'stop-loss', profit: -20 } as const
  const trades = [
    // At the open of the run: over the starting balance.
    makeTrade({ ...stopped, entryTime: JANUARY }),
    // At 01:00 the mark at 01:00 holds, not the one after.
    makeTrade({ ...stopped, entryTime: JANUARY + HOUR_MS }),
    makeTrade({ exitReason: 'take-profit', profit: 500 }),
    makeTrade({ exitReason: 'signal', profit: -500 }),
    makeTrade({ ...stopped, status: 'open', profit: -500 }),
  ]
  const result = makeResult({ startingBalance: 1000, equity: [500, 800], trades })
  expect(realisedRisk(result).value).toBeCloseTo((0.02 + 0.04) / 2, 14)
})

it('is n/a where no stop was hit', () => {
  const result = makeResult({ equity: [1000], trades: [makeTrade({ profit: -5 })] })
  expect(realisedRisk(result)).toEqual({ reason: '0 stopped trades, at least 1 needed' })
})
