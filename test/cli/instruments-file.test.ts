import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readInstruments } from '../../src/cli/instruments-file.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-instruments-'))
const file = join(folder, 'instruments.json')
afterAll(() => rmSync(folder, { recursive: true }))

const INSTRUMENT = { id: 'x:A', kind: 'spot', base: 'A', quote: 'USD', tickSize: 0, lotSize: 0, makerFee: 0, takerFee: 0 } // prettier-ignore

function read(entries: unknown): unknown {
  writeFileSync(file, JSON.stringify(entries))
  return readInstruments(file, [])
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
