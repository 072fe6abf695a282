import fc from 'fast-check'
import { expect, it } from 'vitest'
import { jsonDifferences, plain, revive, stableJson, type Json } from '../../src/jobs/json.js'

it('equal values have one text, whatever the order of their keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const shuffled = JSON.parse(JSON.stringify(value), (_, member: unknown) =>
        typeof member === 'object' && member !== null && !Array.isArray(member)
          ? Object.fromEntries(Object.entries(member).reverse())
          : member,
      ) as unknown
      expect(stableJson(shuffled)).toBe(stableJson(value))
      expect(plain(JSON.parse(stableJson(value)))).toEqual(plain(value))
    }),
  )
})

it('numbers that JSON lacks survive the round trip, and nothing becomes null', () => {
  const value = { none: Infinity, low: -Infinity, unknown: NaN, zero: -0, column: Float64Array.of(1, NaN) }
  const read = revive(JSON.parse(stableJson(value)) as Json)
  expect(read).toEqual({ none: Infinity, low: -Infinity, unknown: NaN, zero: 0, column: [1, NaN] })
  expect(stableJson(value)).not.toContain('null')
  expect(revive({ name: 'constructor' })).toEqual({ name: 'constructor' })
})

it('names each difference by its path', () => {
  const before: Json = { a: 1, b: { c: [1, 2], d: 'x' }, gone: null }
  const after: Json = { a: 1, b: { c: [1, 3, 4], d: 'x' }, constructor: 1 }
  expect(jsonDifferences(before, after)).toEqual([
    { path: 'b.c.1', before: 2, after: 3 },
    { path: 'b.c.2', before: undefined, after: 4 },
    { path: 'gone', before: null, after: undefined },
    { path: 'constructor', before: undefined, after: 1 },
  ])
  expect(jsonDifferences(before, before)).toEqual([])
})
