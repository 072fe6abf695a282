import { expect, it } from 'vitest'
import type { Instrument } from '../../../src/core/instrument.js'
import { chargedOf } from '../../../src/jobs/sweep/charged.js'
import { chargedWords, freeTradingWarning } from '../../../src/report/index.js'

const PERPETUAL: Instrument = {
  id: 'test:X', venue: 'test', kind: 'perpetual', base: 'X', quote: 'USD', tickSize: 0, lotSize: 0, minNotional: 0, makerFee: 0, takerFee: 0.0005,
} // prettier-ignore
const SPOT: Instrument = { ...PERPETUAL, kind: 'spot' }
const NOTHING = { slippageBps: 0, takerFee: 0, makerFee: 0 }
const words = (...of: Parameters<typeof chargedOf>): readonly [string, string | undefined] => {
  const charged = chargedOf(...of)
  return [chargedWords(charged), freeTradingWarning(charged)]
}

it.each([
  ['the usual', { costs: { slippageBps: 1 }, instruments: [PERPETUAL], funding: 'settled' }, 'with fees, slippage and funding', undefined],
  ['nothing at all', { costs: NOTHING, instruments: [PERPETUAL], funding: 'none' }, 'without fees, slippage or funding', 'Trials pay no fees, no slippage and no funding: twice the costs are none either'],
  ['funding alone, which is no cost of trading', { costs: NOTHING, instruments: [PERPETUAL], funding: 'settled' }, 'with funding, without fees or slippage', 'Trials pay no fees and no slippage: twice the costs are none either'],
  ['nothing on spot, which has no funding', { costs: NOTHING, instruments: [SPOT], funding: 'settled' }, 'without fees or slippage', 'Trials pay no fees and no slippage: twice the costs are none either'],
  ['half a spread', { costs: { ...NOTHING, halfSpreadBps: 1 }, instruments: [SPOT], funding: 'none' }, 'with slippage, without fees', undefined],
  ['a rebate', { costs: { slippageBps: 0 }, instruments: [{ ...SPOT, takerFee: 0, makerFee: -0.0001 }], funding: 'none' }, 'without fees or slippage', 'Trials pay no fees and no slippage: twice the costs are none either'],
  ['a fee that came later', { costs: { slippageBps: 0 }, instruments: [{ ...SPOT, takerFee: 0, changes: [{ from: 1, takerFee: 0.001 }] }], funding: 'none' }, 'with fees, without slippage', undefined],
] as const)('says what trials are charged: %s', (_what, asked, charged, warning) => {
  expect(words(asked)).toEqual([charged, warning])
}) // prettier-ignore
