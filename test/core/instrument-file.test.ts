import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ConfigError } from '../../src/core/errors.js'
import type { Instrument } from '../../src/core/instrument.js'
import { termsAt, termsTimeline } from '../../src/core/instrument-terms.js'
import { parseInstruments } from '../../src/core/parse-instruments.js'
import { revive, stableJson, type Json } from '../../src/jobs/json.js'
import { entryArbitrary, PLAIN_ENTRY, type WrittenEntry } from './instrument-entries.js'

const FILE = 'mine/instruments.json'

function parse(entry: unknown, feeTier?: string): Instrument {
  const [found] = parseInstruments([entry], FILE)
  if (found === undefined) throw new Error('the entry was lost')
  return found.instrument(feeTier)
}

/** An entry without one of its keys. */
function without(entry: WrittenEntry, key: string): WrittenEntry {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => name !== key))
}

const TIERS = [
  { fromNotional: 0, maintenanceRate: 0.004, maxLeverage: 125 },
  { fromNotional: 50_000, maintenanceRate: 0.005, maxLeverage: 100 },
]
const MARGIN = { tiers: TIERS, liquidationFee: 0.0125, source: 'margin page' }

/** Everything there is, in one entry. */
const FULL: WrittenEntry = {
  ...PLAIN_ENTRY,
  source: 'contract page',
  feeTier: 'regular',
  feeTiers: {
    regular: { makerFee: 0.0002, takerFee: 0.0005 },
    vip1: { makerFee: 0.00016, takerFee: 0.0004, source: 'fee page' },
  },
  margin: MARGIN,
  listed: '2019-09-08T17:57:00Z',
  delisted: '2024-05-01',
  changes: [
    { from: '2021-03-01', tickSize: 0.01, source: 'notice 1' },
    {
      from: '2022-03-01T08:00Z',
      makerFee: 0.0001,
      feeTiers: { vip1: { makerFee: 0, takerFee: 0.0003 } },
      source: 'notice 2',
    },
    { from: '2023-03-01', margin: { ...MARGIN, tiers: TIERS.slice(0, 1) }, source: 'contract page' },
  ],
}

describe('an entry', () => {
  it('of plain figures is what it always was', () => {
    expect(parse(PLAIN_ENTRY)).toEqual({ ...PLAIN_ENTRY, venue: 'x' })
    expect(parse(without(PLAIN_ENTRY, 'minNotional')).minNotional).toBe(0)
  })

  it('with everything becomes times in UTC ms, terms at its fee tier, and the sources of what was used', () => {
    expect(parse(FULL)).toEqual({
      ...PLAIN_ENTRY,
      venue: 'x',
      margin: { tiers: TIERS, liquidationFee: 0.0125 },
      listedAt: Date.UTC(2019, 8, 8, 17, 57),
      delistedAt: Date.UTC(2024, 4, 1),
      changes: [
        { from: Date.UTC(2021, 2, 1), tickSize: 0.01 },
        { from: Date.UTC(2022, 2, 1, 8) },
        { from: Date.UTC(2023, 2, 1), margin: { tiers: TIERS.slice(0, 1), liquidationFee: 0.0125 } },
      ],
      sources: ['contract page', 'margin page', 'notice 1', 'notice 2'],
    })
  })

  it('pays the fees of the tier that is asked for, and of its own where it does not list that', () => {
    const fees = (feeTier: string | undefined, time: number, entry: WrittenEntry = FULL): unknown => {
      const { makerFee, takerFee } = termsAt(termsTimeline(parse(entry, feeTier)), time)
      return [makerFee, takerFee]
    }
    const later = Date.UTC(2023, 0, 1)
    expect([fees('vip1', 0), fees('vip1', later)]).toEqual([[0.00016, 0.0004], [0, 0.0003]]) // prettier-ignore
    expect([fees('regular', 0), fees('regular', later)]).toEqual([[0.0002, 0.0005], [0.0002, 0.0005]]) // prettier-ignore
    expect(fees('vip9', later)).toEqual([0.0002, 0.0005])
    expect(fees('toString', later)).toEqual([0.0002, 0.0005])
    const untiered = without(FULL, 'feeTier')
    expect([fees(undefined, 0, untiered), fees(undefined, later, untiered)]).toEqual([[0.0002, 0.0005], [0.0001, 0.0005]]) // prettier-ignore
    expect(parse(FULL, 'vip1').sources).toContain('fee page')
  })

  it('is the same whichever way its days and instants are written', () => {
    const listed = (text: string): number | undefined => parse({ ...PLAIN_ENTRY, listed: text }).listedAt
    for (const text of [
      '2024-02-29',
      '2024-02-29T00:00Z',
      '2024-02-29T00:00:00Z',
      '2024-02-29T00:00:00.000Z',
    ])
      expect(listed(text)).toBe(Date.UTC(2024, 1, 29))
  })

  it('survives JSON, and the manifest of a run, whatever it holds', () => {
    fc.assert(
      fc.property(entryArbitrary, (entry) => {
        const instrument = parse(entry)
        expect(JSON.parse(JSON.stringify(instrument))).toEqual(instrument)
        const again = revive(JSON.parse(stableJson(instrument)) as Json) as Instrument
        expect(stableJson(again)).toBe(stableJson(instrument))
        expect(stableJson(termsTimeline(again))).toBe(stableJson(termsTimeline(instrument)))
      }),
    )
  })

  it('keeps every figure that was written', () => {
    fc.assert(
      fc.property(entryArbitrary, (entry) => {
        const { listedAt, delistedAt, sources, changes, ...rest } = parse(entry)
        const { source, listed, delisted, changes: written, ...figures } = entry
        expect(rest).toEqual({ ...figures, venue: 'x' })
        expect(sources).toEqual([source])
        expect(listedAt).toBe(listed === undefined ? undefined : Date.parse(listed as string))
        expect(delistedAt).toBe(delisted === undefined ? undefined : Date.parse(delisted as string))
        const asWritten = (written ?? []) as { from: string; source: string }[]
        expect(changes ?? []).toEqual(
          asWritten.map(({ source: _source, ...change }) => ({ ...change, from: Date.parse(change.from) })),
        )
      }),
    )
  })
})

const SPOT = { ...PLAIN_ENTRY, kind: 'spot' }
const tiers = (...changed: object[]): WrittenEntry => ({
  ...PLAIN_ENTRY,
  margin: { ...MARGIN, tiers: TIERS.map((tier, at) => ({ ...tier, ...changed[at] })) },
})
const changes = (...list: object[]): WrittenEntry => ({
  ...FULL,
  changes: list.map((change) => ({ source: 'notice', ...change })),
})

describe('what cannot be is refused, naming file, row, field, value and unit', () => {
  test.each([
    ['tickSize', { ...PLAIN_ENTRY, tickSize: -1 }, /field tickSize, value -1 quote/],
    ['lotSize', { ...PLAIN_ENTRY, lotSize: '1' }, /field lotSize, value "1" base/],
    ['fee in percent', { ...PLAIN_ENTRY, takerFee: 0.5 }, /0\.001 is 0\.1 %.*field takerFee, value 0\.5 fraction/],
    ['unknown key', { ...PLAIN_ENTRY, tikSize: 1 }, /no such key; there are id, .*tickSize.*margin.*field tikSize, value 1/],
    ['unknown key within', { ...PLAIN_ENTRY, margin: { ...MARGIN, fee: 1 } }, /there are tiers, liquidationFee, source .*field margin\.fee, value 1/],
    ['unknown key in a tier', tiers({}, { cum: 50 }), /there are fromNotional, maintenanceRate, maxLeverage .*field margin\.tiers\.1\.cum, value 50/],
    ['no such day', { ...PLAIN_ENTRY, listed: '2023-02-29' }, /UTC day.*field listed, value "2023-02-29" UTC/],
    ['another zone', { ...PLAIN_ENTRY, listed: '2023-02-28T00:00:00+01:00' }, /field listed/],
    ['a time as a number', { ...PLAIN_ENTRY, delisted: 1_700_000_000_000 }, /field delisted, value 1700000000000 UTC/],
    ['delisted before listed', { ...PLAIN_ENTRY, listed: '2024-01-02', delisted: '2024-01-02' }, /delisted after.*field delisted, value "2024-01-02" UTC/],
    ['margin on spot', { ...SPOT, margin: MARGIN }, /only perpetuals.*field margin,/],
    ['margin on spot later', { ...SPOT, changes: [{ from: '2024-01-01', margin: MARGIN, source: 'a' }] }, /only perpetuals.*field changes\.0\.margin,/],
    ['no tiers', { ...PLAIN_ENTRY, margin: { ...MARGIN, tiers: [] } }, /at least one tier.*field margin\.tiers,/],
    ['a late first tier', tiers({ fromNotional: 1 }), /begins at a notional of 0.*field margin\.tiers\.0\.fromNotional, value 1 quote/],
    ['tiers at one notional', tiers({}, { fromNotional: 0 }), /above the one before.*field margin\.tiers\.1\.fromNotional, value 0 quote/],
    ['a falling rate', tiers({}, { maintenanceRate: 0.003 }), /not below.*field margin\.tiers\.1\.maintenanceRate, value 0\.003 fraction/],
    ['a rate of 0', tiers({ maintenanceRate: 0 }), /above 0 and below 1.*field margin\.tiers\.0\.maintenanceRate, value 0 fraction/],
    ['a rate of 1', tiers({}, { maintenanceRate: 1, maxLeverage: 1 }), /above 0 and below 1/],
    ['a rising leverage', tiers({}, { maxLeverage: 126 }), /not above.*field margin\.tiers\.1\.maxLeverage, value 126 times/],
    ['a leverage below 1', tiers({}, { maxLeverage: 0.5 }), /1 or more.*field margin\.tiers\.1\.maxLeverage/],
    ['liquidated when opened', tiers({}, { maintenanceRate: 0.01 }), /liquidated at once.*field margin\.tiers\.1\.maintenanceRate, value 0\.01 fraction/],
    ['a liquidation fee in percent', { ...PLAIN_ENTRY, margin: { ...MARGIN, liquidationFee: 1.25 } }, /0\.005 is 0\.5 %.*field margin\.liquidationFee, value 1\.25 fraction/],
    ['no liquidation fee', { ...PLAIN_ENTRY, margin: { tiers: TIERS, source: 'a' } }, /field margin\.liquidationFee, value undefined/],
    ['margin without a source', { ...PLAIN_ENTRY, margin: { ...MARGIN, source: undefined } }, /where these figures are from.*field margin\.source, value undefined/],
    ['fee tiers without a source', { ...PLAIN_ENTRY, feeTiers: { a: { makerFee: 0, takerFee: 0 } } }, /where these figures are from.*field feeTiers\.a\.source/],
    ['an empty source', { ...PLAIN_ENTRY, source: ' ' }, /where these figures are from.*field source/],
    ['a change without a source', { ...PLAIN_ENTRY, changes: [{ from: '2024-01-01', tickSize: 1 }] }, /where these figures are from.*field changes\.0\.source/],
    ['half a fee tier', { ...FULL, feeTiers: { regular: { makerFee: 0 } } }, /field feeTiers\.regular\.takerFee, value undefined fraction/],
    ['a fee tier that is not listed', { ...FULL, feeTier: 'vip2' }, /it lists regular, vip1.*field feeTier, value "vip2"/],
    ['a fee tier where none is listed', { ...PLAIN_ENTRY, feeTier: 'vip2' }, /no such fee tier \(.*field feeTier/],
    ['a fee tier by a name of every object', { ...FULL, feeTier: 'toString' }, /no such fee tier/],
    ['changes out of order', changes({ from: '2024-01-02', tickSize: 1 }, { from: '2024-01-01', lotSize: 1 }), /oldest first.*field changes\.1\.from, value "2024-01-01" UTC/],
    ['changes at one time', changes({ from: '2024-01-02', tickSize: 1 }, { from: '2024-01-02T00:00Z', lotSize: 1 }), /at one time.*field changes\.1\.from/],
    ['a change of nothing', changes({ from: '2024-01-02' }), /says what changes: tickSize, lotSize, minNotional, makerFee, takerFee, feeTiers, margin .*field changes\.0,/],
    ['a change of what does not change', changes({ from: '2024-01-02', quote: 'USDC' }), /no such key.*field changes\.0\.quote/],
    ['a change of fees that leaves out the tiers', changes({ from: '2024-01-02', takerFee: 0 }), /what the fee tiers pay.*field changes\.0\.feeTiers/],
    ['a change of an unknown fee tier', changes({ from: '2024-01-02', feeTiers: { vip3: { makerFee: 0, takerFee: 0 } } }), /it lists regular, vip1.*field changes\.0\.feeTiers\.vip3/],
    ['a bad margin in a change', changes({ from: '2024-01-02', margin: { ...MARGIN, tiers: [TIERS[1]] } }), /field changes\.0\.margin\.tiers\.0\.fromNotional, value 50000 quote/],
    ['no object', 7, /field instrument, value 7/],
    ['null', null, /field instrument/],
  ])('%s', (_, entry, message) => {
    const refused = (): unknown => parseInstruments([{ ...PLAIN_ENTRY, id: 'x:FIRST' }, entry], FILE)
    expect(refused).toThrow(ConfigError)
    expect(refused).toThrow(message)
    expect(refused).toThrow(/file mine\/instruments\.json, row 2/)
  }) // prettier-ignore

  it('an instrument listed twice', () => {
    expect(() => parseInstruments([PLAIN_ENTRY, FULL], FILE)).toThrow(
      /listed twice.*row 2, field id, value "x:A-PERP"/,
    )
  })

  it('a figure of the wrong kind, wherever it stands', () => {
    fc.assert(
      fc.property(
        entryArbitrary,
        fc.nat(),
        fc.constantFrom('1', null, true, [], {}),
        (entry, pick, wrong) => {
          const text = JSON.stringify(entry)
          const figures = [...text.matchAll(/(?<=":)-?\d[\d.e+-]*/g)]
          const figure = figures[pick % figures.length]
          if (figure === undefined) return
          const end = figure.index + figure[0].length
          const broken = text.slice(0, figure.index) + JSON.stringify(wrong) + text.slice(end)
          expect(() => parse(JSON.parse(broken))).toThrow(
            /must be a number.*file mine\/instruments\.json, row 1, field \w/,
          )
        },
      ),
    )
  })
})
