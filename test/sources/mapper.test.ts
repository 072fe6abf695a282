import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ASSUMPTIONS_VERSION } from '../../src/core/smart-money-rows.js'
import { mapConfirm, mapRows } from '../../src/sources/smart-money/mapper.js'
import { EXCHANGE_FAMILIES, exchangeProblem } from './exchange-mutations.js'
import { FAMILIES, payloadProblem } from './payload-mutations.js'

const consensus = (row: object) => mapRows('whale-consensus', { consensus: [{ ts: 1_704_067_200, symbol: 'BTC', ...row }] }) // prettier-ignore

describe('five different things', () => {
  it('null, absent, unavailable, NO_DATA and 0 stay apart', () => {
    const { rows, version } = consensus({ long_count: 0, short_count: null, funding_rate: 'unavailable', lsr: 'NO_DATA' }) // prettier-ignore
    expect(version).toBe(ASSUMPTIONS_VERSION)
    expect(rows[0]!.eventTime).toBe(1_704_067_200_000)
    expect({ ...rows[0]!.measures }).toEqual({
      long_count: { state: 'measured', value: 0 },
      short_count: { state: 'null' },
      long_volume_usd: { state: 'absent' },
      short_volume_usd: { state: 'absent' },
      funding_rate: { state: 'unavailable' },
      lsr: { state: 'no-data' },
    })
  })

  const confirm = (more: object) => mapConfirm({ ts: 1_704_067_200, symbol: 'BTC', direction: 'long', confidence: 'LOW', composite: 0, ...more }) // prettier-ignore
  it('a confirmation without data has no composite, whatever number stands there', () => {
    expect(confirm({}).rows[0]!.measures['composite']).toEqual({ state: 'measured', value: 0 })
    for (const silent of [{ confidence: 'NO_DATA' }, { unsupported: true }])
      expect(confirm(silent).rows[0]!.measures['composite']).toEqual({ state: 'no-data' })
    expect(confirm({ confidence: 'VERY_HIGH' }).quarantined[0]!.reason).toBe('confidence is a word that nobody knows') // prettier-ignore
  })
})

describe('quarantine', () => {
  it.each([
    [{ ts: 1_704_067_200_000 }, 'ts is no unix time in seconds'],
    [{ ts: '1704067200' }, 'ts is no unix time in seconds'],
    [{ ts: null }, 'ts is missing'],
    [{ symbol: 7 }, 'symbol is no text'],
    [{ lsr: '1.5' }, 'lsr is no number'],
    [{ lsr: Infinity }, 'lsr is no number'],
    [{ long_count: 1.5 }, 'long_count counts nothing'],
    [{ long_count: -1 }, 'long_count counts nothing'],
  ])('%j: %s', (row, reason) => {
    const { rows, quarantined } = consensus(row)
    expect(rows).toEqual([])
    expect(quarantined).toEqual([{ reason, index: 0, row: { ts: 1_704_067_200, symbol: 'BTC', ...row } }])
  })

  it('a body without its list, and a family of which nothing is assumed', () => {
    for (const body of [null, [], 'x', {}, { consensus: {} }, JSON.parse('{"__proto__":{"consensus":[]}}')])
      expect(mapRows('whale-consensus', body).quarantined[0]).toMatchObject({ index: -1 })
    expect(mapRows('constructor', {}).quarantined[0]!.reason).toBe('nothing is assumed of constructor')
  })

  it('names that reach for prototypes are names', () => {
    const body = JSON.parse('{"per_venue":{"__proto__":{"rate":0.01},"constructor":{"rate":0.02},"x":5}}') as unknown // prettier-ignore
    const { rows, quarantined } = mapRows('funding/normalised', body)
    expect(rows.map(({ texts, measures }) => [texts['venue'], measures['rate']])).toEqual([
      ['__proto__', { state: 'measured', value: 0.01 }],
      ['constructor', { state: 'measured', value: 0.02 }],
    ])
    expect(quarantined).toHaveLength(1)
  })
})

describe('no mutation of a payload throws or reaches a prototype; each bad row is put aside with a reason, each sound one read as what it says', () => {
  it('of the API', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FAMILIES), fc.nat(), (family, seed) => {
        expect(payloadProblem(family, seed)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  it('of the exchange, as far as into facts', () => {
    fc.assert(
      fc.property(fc.constantFrom(...EXCHANGE_FAMILIES), fc.nat(), (family, seed) => {
        expect(exchangeProblem(family, seed)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })
})
