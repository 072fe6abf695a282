import fc from 'fast-check'
import { expect, it } from 'vitest'
import { replay } from '../../src/engine/replay.js'
import { computeMetrics, findMetric } from '../../src/metrics/index.js'
import { tradeTable } from '../../src/metrics/trade-columns.js'
import { generateCase, optionsOf } from '../ledger/generate.js'

function results(seed: number) {
  const drawn = generateCase(seed, false)
  const endOfData = seed % 2 === 0 ? 'close' : 'leave-open'
  return replay(optionsOf({ ...drawn, policies: { ...drawn.policies, missingFunding: 'flag', endOfData } }))
}

it('the trades of a run by column are its trades, those left open last', () => {
  let closed = 0
  let open = 0
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const result = results(seed)
      const table = result.tradeTable!
      expect(table).toEqual(tradeTable({ trades: result.trades }))
      expect(result.trades.map(({ status }) => status)).toEqual(
        result.trades.map((_, at) => (at < table.closed ? 'closed' : 'open')),
      )
      expect(result.trades.map(({ id }) => id)).toEqual(result.trades.map((_, at) => at + 1))
      closed += table.closed
      open += table.count - table.closed
    }),
  )
  expect(closed).toBeGreaterThan(100)
  expect(open).toBeGreaterThan(2)
})

it('a copy of a result that is given other trades is measured by those', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const result = results(seed)
      const closed = result.trades.filter(({ status }) => status === 'closed')
      const some = closed.filter(({ id }) => id % 2 === 1)
      const metrics = computeMetrics({ ...result, trades: some })
      expect(findMetric(metrics, 'trades').value).toBe(some.length)
      expect(computeMetrics({ ...result })).toEqual(computeMetrics(result))
    }),
    { numRuns: 30 },
  )
})
