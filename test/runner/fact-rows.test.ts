import { describe, expect, it } from 'vitest'
import type { Instrument } from '../../src/core/instrument.js'
import { confirmationFacts, flowFacts } from '../../src/runner/fact-rows.js'
import { mapRows } from '../../src/sources/smart-money/mapper.js'

const BTC = { base: 'BTC' } as Instrument
const SECONDS = 1_704_067_200

function confirmations(
  ...sides: readonly (readonly [direction: string, composite: number | null, confidence: string])[]
) {
  // prettier-ignore
  const rows = sides.map(([direction, composite, confidence]) => ({ ts: SECONDS, symbol: 'BTC', direction, composite, confidence, model_version: 'v1' })) // prettier-ignore
  return confirmationFacts(mapRows('history/confirmations', { rows }).rows, 'BTC', [BTC]).map(({ values }) => values) // prettier-ignore
}

describe('a confirmation that a session is told of is the one that the data folder would hold', () => {
  it('a veto on one side is a veto, whichever it is', () => {
    const vetoed = { long: 0.5, short: -0.25, veto: 1, available: 1 }
    expect(confirmations(['long', 0.5, 'HIGH'], ['short', -0.25, 'VETO'])).toEqual([vetoed])
    expect(confirmations(['long', 0.5, 'VETO'], ['short', -0.25, 'HIGH'])).toEqual([vetoed])
    expect(confirmations(['long', 0.5, 'HIGH'], ['short', -0.25, 'LOW'])).toEqual([{ ...vetoed, veto: 0 }])
  })

  it('a side without data is missing, and the other one stands', () => {
    expect(confirmations(['long', 0.5, 'MEDIUM'], ['short', null, 'NO_DATA'])).toEqual([{ long: 0.5, short: NaN, veto: 0, available: 1 }]) // prettier-ignore
    expect(confirmations(['long', null, 'NO_DATA'])).toEqual([{ long: NaN, short: NaN, veto: 0, available: 0 }]) // prettier-ignore
  })

  it('sides of one time, model version and source belong together, as in the import, and no others', () => {
    const side = (direction: string, composite: number, model_version: string | null, source: string) => ({ ts: SECONDS, symbol: 'BTC', direction, composite, confidence: 'HIGH', model_version, source }) // prettier-ignore
    const rows = [side('long', 0.1, 'v2 beta/3', 'a'), side('short', 0.2, 'v2 beta/3', 'b'), side('short', 0.3, null, 'a'), side('short', 0.4, 'v2 beta/3', 'a')] // prettier-ignore
    const facts = confirmationFacts(mapRows('history/confirmations', { rows }).rows, 'BTC', [BTC])
    expect(facts.map(({ modelVersion, values: { long, short } }) => [modelVersion, long, short])).toEqual([
      ['v2_beta_3', 0.1, 0.4],
      ['v2_beta_3', NaN, 0.2],
      ['unknown', NaN, 0.3],
    ])
  })

  it('what the import puts into quarantine is no fact', () => {
    expect(confirmations(['long', 1.5, 'HIGH'], ['short', -0.25, 'HIGH'])).toEqual([])
    const flows = (inflow: number) => flowFacts(mapRows('history/onchain', { rows: [['exchange_inflow', inflow], ['exchange_outflow', 3]].map(([metric, value]) => ({ ts: SECONDS, asset: 'BTC', metric, value })) }).rows, 'BTC', [BTC]) // prettier-ignore
    expect([flows(2).length, flows(-2).length]).toEqual([1, 0])
  })
})
