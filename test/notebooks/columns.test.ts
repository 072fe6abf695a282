import fc from 'fast-check'
import { tableFromIPC } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { columnsOf } from '../../src/notebook/columns.js'
import { toArrow, toArrowFile } from '../../src/notebook/to-arrow.js'
import { toDanfo } from '../../src/notebook/to-danfo.js'

const anyDouble = fc.double({ noDefaultInfinity: false, noNaN: false })
const time = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 })

/** As columns lie in runs: on shared memory. */
function shared(values: readonly number[]): Float64Array {
  const column = new Float64Array(new SharedArrayBuffer(values.length * 8))
  column.set(values)
  return column
}

describe('columnsOf', () => {
  it('takes members that are arrays, with the values of facts beside their times, and rows of plain objects', () => {
    const facts = {
      eventTime: shared([1]),
      knownAt: shared([2]),
      values: { rate: shared([3]) },
      intervalMs: 5,
    }
    expect(columnsOf(facts).map(({ name, kind }) => [name, kind])).toEqual([['eventTime', 'time'], ['knownAt', 'time'], ['rate', 'number']]) // prettier-ignore
    const rows = [
      { entryTime: 1, reason: 'stop', undecided: false, score: null },
      { entryTime: 2, reason: null, undecided: true, score: 0.5 },
    ]
    expect(columnsOf(rows)).toEqual([
      { name: 'entryTime', kind: 'time', values: Float64Array.of(1, 2) },
      { name: 'reason', kind: 'text', values: ['stop', null] },
      { name: 'undecided', kind: 'flag', values: [false, true] },
      { name: 'score', kind: 'number', values: Float64Array.of(NaN, 0.5) },
    ])
  })

  it('copies no Float64Array', () => {
    const close = shared([1, 2])
    expect(columnsOf({ close })[0]?.values).toBe(close)
  })

  it.each([
    [{}, /no column/],
    [[], /at least one/],
    [{ a: new Float64Array(2), b: new Float64Array(3) }, /2 rows.*b.*3/],
    [{ a: [1, 'x'] }, /one kind.*a/],
    [{ a: [{}] }, /numbers, texts or flags/],
    [{ rate: new Float64Array(1), values: { rate: new Float64Array(1) } }, /one name.*rate/],
  ])('refuses %j', (source, message) => {
    expect(() => columnsOf(source)).toThrow(message)
  })
})

describe('toArrow', () => {
  it('keeps every time to the millisecond and every number to the last bit, through a file and back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(time, anyDouble), { minLength: 1, maxLength: 40 }), async (rows) => {
        const source = { openTime: shared(rows.map(([at]) => at)), close: shared(rows.map(([, value]) => value)) } // prettier-ignore
        for (const back of [await toArrow(source), tableFromIPC(await toArrowFile(source))]) {
          expect(back.numRows).toBe(rows.length)
          rows.forEach(([at, value], row) => {
            expect(back.getChild('openTime')?.get(row)).toBe(at)
            expect(Object.is(back.getChild('close')?.get(row), value)).toBe(true)
          })
        }
      }),
      { numRuns: 40 },
    )
  })

  it('says what its columns are; a missing number stays NaN, a missing time and text are null', async () => {
    const table = await toArrow([
      { time: 1, price: 2, reason: 'a', undecided: true },
      { time: NaN, price: NaN, reason: null, undecided: null },
    ])
    expect(table.schema.fields.map(({ name, type }) => `${name} ${String(type)}`)).toEqual([
      'time Timestamp<MILLISECOND, UTC>', 'price Float64', 'reason Utf8', 'undecided Bool',
    ]) // prettier-ignore
    const second = table.get(1)?.toJSON()
    expect(second).toEqual({ time: null, price: NaN, reason: null, undecided: null })
    expect(table.getChild('price')?.nullCount).toBe(0)
  })

  it('refuses a time that is no whole millisecond, naming column, row and value', async () => {
    await expect(toArrow({ openTime: Float64Array.of(1, 2.5) })).rejects.toThrow(/openTime.*2\.5|row 2/)
  })
})

describe('toDanfo', () => {
  class Frame {
    constructor(readonly data: Record<string, unknown[]>) {}
    add(): string {
      return 'float32'
    }
    head(): string {
      return 'exact'
    }
  }

  it('hands columns over as they are, and refuses what danfojs would calculate in float32', () => {
    const frame = toDanfo({ DataFrame: Frame }, { openTime: shared([1_700_000_000_123]), close: shared([0.1]) }) // prettier-ignore
    expect(frame.data).toEqual({ openTime: [1_700_000_000_123], close: [0.1] })
    expect(frame.head()).toBe('exact')
    expect(() => frame.add()).toThrow(/add of a whole frame in float32.*frame\['close'\]/)
  })

  it('says what to hand in where danfojs is not the first argument', () => {
    expect(() => toDanfo({} as { DataFrame: typeof Frame }, { close: shared([1]) })).toThrow(/danfojs-node/)
  })
})
