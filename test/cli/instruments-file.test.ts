import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readInstruments } from '../../src/cli/instruments-file.js'
import type { Instrument } from '../../src/core/instrument.js'
import { ROOT } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-instruments-'))
const file = join(folder, 'instruments.json')
afterAll(() => rmSync(folder, { recursive: true }))

const INSTRUMENT = { id: 'x:A', kind: 'spot', base: 'A', quote: 'USD', tickSize: 0, lotSize: 0, makerFee: 0, takerFee: 0 } // prettier-ignore

function read(entries: unknown, ids: readonly string[] = [], feeTier?: string): Instrument[] {
  writeFileSync(file, JSON.stringify(entries))
  return readInstruments(file, ids, feeTier)
}

it('an empty list is no list of instruments', () => {
  expect(() => read([])).toThrow(/lists no instrument .*instruments\.json/)
})

it('a misspelt key is named, with the keys there are', () => {
  expect(read([INSTRUMENT])).toHaveLength(1)
  expect(() => read([{ ...INSTRUMENT, tikSize: 1 }])).toThrow(
    /no such key; there are id, .*tickSize.*row 1, field tikSize/,
  )
})

describe('a fee tier by name', () => {
  const TIERED = {
    ...INSTRUMENT,
    id: 'x:B',
    feeTiers: {
      vip1: { makerFee: -0.0001, takerFee: 0.0003 },
      vip2: { makerFee: -0.0002, takerFee: 0.0002 },
    },
    source: 'the fee page',
  }

  it('is paid on every instrument that lists it', () => {
    const fees = read([INSTRUMENT, TIERED], [], 'vip2').map(({ makerFee, takerFee }) => [makerFee, takerFee])
    expect(fees).toEqual([[0, 0], [-0.0002, 0.0002]]) // prettier-ignore
    expect(read([INSTRUMENT, TIERED]).map(({ takerFee }) => takerFee)).toEqual([0, 0])
  })

  it('that no instrument of the run lists is refused with those that are listed', () => {
    expect(() => read([INSTRUMENT, TIERED], [], 'vip3')).toThrow(
      /no such fee tier; there are vip1, vip2 .*instruments\.json, field --fee-tier, value "vip3"/,
    )
    expect(() => read([INSTRUMENT, TIERED], ['x:A'], 'vip1')).toThrow(/no such fee tier; they list none/)
  })
})

it('the example in the documentation is a file that can be read', () => {
  const page = readFileSync(join(ROOT, 'docs/instruments.md'), 'utf8')
  const example: unknown = JSON.parse(/```json\n([^]*?)```/.exec(page)?.[1] ?? '')
  const [btc, eth] = read(example, [], 'vip1')
  expect(btc?.changes?.map(({ from }) => new Date(from).toISOString().slice(0, 10))).toEqual([
    '2022-03-01',
    '2023-11-15',
  ])
  expect(btc?.margin?.tiers.length).toBeGreaterThan(1)
  expect(btc?.takerFee).toBe(0.0004)
  expect(eth?.kind).toBe('spot')
})
