import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ExtremesFold,
  highestByBlock,
  highestWithin,
  lowestByBlock,
  lowestWithin,
  type Extremes,
} from '../../src/engine/blocks.js'
import { foldOneByOne, foldWholeBlocks } from '../../src/engine/fold-blocks.js'

const value = fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.integer({ min: -3, max: 3 }))
const whole = fc.array(value, { maxLength: 600 })
const gappy = fc.array(fc.oneof(value, fc.constant(NaN)), { maxLength: 600 })

const noise = (row: number): number => Math.sin(row * 12.9898) * 43_758

function expectExtremes(extremes: Extremes, rows: Float64Array, pick: (...values: number[]) => number): void {
  const levels = [
    [extremes.by16, 16],
    [extremes.by256, 256],
    [extremes.by4096, 4096],
  ] as const
  for (const [blocks, size] of levels) {
    expect(blocks).toHaveLength(Math.ceil(rows.length / size))
    blocks.forEach((extreme, block) => {
      const known = rows.subarray(block * size, (block + 1) * size).filter((row) => !Number.isNaN(row))
      // 0 and −0 are one price.
      expect(extreme + 0).toBe(pick(...known) + 0)
    })
  }
}

describe('extremes by blocks', () => {
  it.each([
    ['without gaps', whole, false],
    ['that may have gaps, and has none', whole, true],
    ['with gaps', gappy, true],
  ] as const)('of a column %s are those of its rows', (_, columns, hasNaN) => {
    fc.assert(
      fc.property(columns, (values) => {
        const rows = Float64Array.from(values)
        expectExtremes(highestByBlock(rows, hasNaN), rows, Math.max)
        expectExtremes(lowestByBlock(rows, hasNaN), rows, Math.min)
      }),
    )
  })

  it('are the same numbers on vectors and one by one', () => {
    const column = fc.array(value, { minLength: 16, maxLength: 5_000 })
    const asked = fc.constantFrom('highest', 'lowest', 'both')
    fc.assert(
      fc.property(column, asked, fc.nat(), (values, kind, first) => {
        const rows = Float64Array.from(values)
        const count = rows.length >> 4
        const from = first % count
        const [onVectors, oneByOne] = [foldWholeBlocks, foldOneByOne].map((fold) => {
          // What is not to be written stays as it was.
          const blocksOf = (other: string): Float64Array | undefined =>
            kind === other ? undefined : new Float64Array(count).fill(NaN)
          const into = { highest: blocksOf('lowest'), lowest: blocksOf('highest') }
          fold(rows, from, count, into)
          return [into.highest, into.lowest].map((blocks) => blocks?.map((block) => block + 0))
        })
        expect(onVectors).toEqual(oneByOne)
        expect(oneByOne?.map((blocks) => blocks?.subarray(0, from).every(Number.isNaN) ?? 'none')).toEqual([
          kind === 'lowest' ? 'none' : true,
          kind === 'highest' ? 'none' : true,
        ])
      }),
    )
  })

  it('are the same numbers on vectors and one by one, however long the column', () => {
    const rows = Float64Array.from({ length: 20_000 }, (_, row) => noise(row))
    const [onVectors, oneByOne] = [foldWholeBlocks, foldOneByOne].map((fold) => {
      const into = { highest: new Float64Array(1_250), lowest: new Float64Array(1_250) }
      fold(rows, 0, 1_250, into)
      return into
    })
    expect(onVectors).toEqual(oneByOne)
  })

  it('are the same whether a column is folded at once or stretch by stretch', () => {
    const stretches = fc.array(fc.nat({ max: 900 }), { maxLength: 6 })
    fc.assert(
      fc.property(gappy, fc.boolean(), stretches, (values, hasNaN, lengths) => {
        const rows = Float64Array.from(hasNaN ? values : values.filter((one) => !Number.isNaN(one)))
        const fold = new ExtremesFold(rows, hasNaN, 'both')
        let end = 0
        for (const length of lengths) {
          end = Math.min(rows.length, end + length)
          fold.pass(end)
        }
        expect(fold.highest()).toEqual(highestByBlock(rows, hasNaN))
        expect(fold.lowest()).toEqual(lowestByBlock(rows, hasNaN))
      }),
    )
  })

  it('within any rows are those of the rows', () => {
    const rows = Float64Array.from({ length: 9_000 }, (_, row) => (row % 97 === 5 ? NaN : noise(row)))
    const highs = highestByBlock(rows, true)
    const lows = lowestByBlock(rows, true)
    const row = fc.integer({ min: 0, max: rows.length })
    fc.assert(
      fc.property(row, row, (from, end) => {
        const known = rows.subarray(from, Math.max(from, end)).filter((value) => !Number.isNaN(value))
        expect(highestWithin(highs, from, end)).toBe(known.reduce((a, b) => Math.max(a, b), -Infinity))
        expect(lowestWithin(lows, from, end)).toBe(known.reduce((a, b) => Math.min(a, b), Infinity))
      }),
    )
  })

  it('reach over all three levels', () => {
    const rows = Float64Array.from({ length: 4_100 }, (_, row) => noise(row))
    expectExtremes(highestByBlock(rows, false), rows, Math.max)
    expectExtremes(lowestByBlock(rows, false), rows, Math.min)
  })
})
