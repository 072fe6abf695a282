import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { replay } from '../../src/engine/replay.js'
import { generateCase, optionsOf } from './generate.js'
import { keepPlainLedger, type PlainLedger } from './plain-ledger.js'

/** Calls `compare` with every pair of figures that the two bookkeepings must agree on. */
function eachFigure(
  seed: number,
  dyadic: boolean,
  compare: (what: string, engine: number, plain: number) => void,
): PlainLedger {
  const options = optionsOf(generateCase(seed, dyadic))
  const result = replay(options)
  const plain = keepPlainLedger(options, result)
  plain.equity.forEach((equity, mark) =>
    compare(`equity at mark ${mark}`, result.equity.equity[mark] as number, equity),
  )
  compare('final equity', result.finalEquity, plain.finalEquity)
  compare('fees', result.costs.fees, plain.fees)
  compare('funding', result.costs.funding, plain.funding)
  compare('settlements without a rate', countOf(result.flags, 'funding-rate-missing'), plain.missingRates)
  options.instruments.forEach(({ instrument }, index) => {
    const trades = result.trades.filter(({ instrumentId }) => instrumentId === instrument.id)
    const plainTrades = plain.trades.filter((trade) => trade.instrument === index)
    trades.forEach((trade, at) => {
      const other = plainTrades[at]
      compare(`profit of trade ${trade.id}`, trade.profit, other?.profit ?? NaN)
      compare(`fees of trade ${trade.id}`, trade.fees, other?.fees ?? NaN)
      compare(`funding of trade ${trade.id}`, trade.funding, other?.funding ?? NaN)
    })
  })
  return plain
}

function countOf(flags: readonly { code: string; count: number }[], code: string): number {
  return flags.find((flag) => flag.code === code)?.count ?? 0
}

const seeds = fc.integer({ min: 1, max: 0x7fffffff })

describe('a second bookkeeping from the fills', () => {
  test('agrees bit for bit on 5,000 cases drawn on a dyadic grid', () => {
    let fills = 0
    fc.assert(
      fc.property(seeds, (seed) => {
        const { turnover } = eachFigure(seed, true, (what, engine, plain) => {
          if (engine !== plain) throw new Error(`${what}: engine ${engine}, fills ${plain}`)
        })
        fills += turnover > 0 ? 1 : 0
      }),
      { numRuns: 5_000, seed: 20240101 },
    )
    expect(fills).toBeGreaterThan(3_500)
  })

  test('agrees within 1e-12 of gross turnover on 5,000 cases drawn from anywhere', () => {
    let worst = 0
    fc.assert(
      fc.property(seeds, (seed) => {
        let largest = 0
        let where = ''
        const { turnover } = eachFigure(seed, false, (what, engine, plain) => {
          const difference = Math.abs(engine - plain)
          if (difference > largest || Number.isNaN(difference)) [largest, where] = [difference, what]
        })
        if (!(largest <= 1e-12 * turnover))
          throw new Error(`${where} differs by ${largest} at a turnover of ${turnover}`)
        if (turnover > 0) worst = Math.max(worst, largest / turnover)
      }),
      { numRuns: 5_000, seed: 20240102 },
    )
    expect(worst).toBeGreaterThan(0)
  })
})
