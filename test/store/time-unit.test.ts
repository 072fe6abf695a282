import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importFile } from '../../src/store/import.js'
import { loadFacts } from '../../src/store/load.js'
import { openStore } from '../../src/store/store.js'
import { T0, importLines, parquetFile, temporaryFolder } from './helpers.js'

const RECORDED = { kind: 'series', name: 'x', map: { v: 'v' }, now: 0 } as const
const OWN = { ...RECORDED, knownLagMs: 0 } as const

async function timesOf(lines: readonly string[]): Promise<number[]> {
  const { store } = await importLines(['time,v', ...lines], OWN)
  return [...(await loadFacts(store, 'series/x')).eventTime]
}

describe('the unit of time', () => {
  it.each([
    ['s', T0 / 1e3],
    ['ms', T0],
    ['us', T0 * 1e3],
    ['ns', `${T0}000000`],
  ])('is found by range and said: %s', async (unit, time) => {
    const { store, report } = await importLines(['time,v', `${time},1`], OWN)
    expect(report.understood[0]).toBe(`time = column time (epoch ${unit})`)
    expect([...(await loadFacts(store, 'series/x')).eventTime]).toEqual([T0])
  })

  it.each([
    ['2024-01-01', T0],
    ['2024-01-01 00:00:00', T0],
    ['2024-01-01T00:00:00Z', T0],
    ['2024-01-01T02:00:00+02:00', T0],
    ['2024-01-01 00:00:00.250', T0 + 250],
  ])('dates without a zone are UTC: %s', async (text, expected) => {
    expect(await timesOf([`${text},1`])).toEqual([expected])
  })

  it.each(['DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS'])(
    'reads columns of type %s',
    async (type) => {
      const folder = temporaryFolder()
      const file = await parquetFile(folder, `SELECT CAST('2024-01-01' AS ${type}) AS time, 1.0 AS v`)
      const store = openStore(join(folder, 'data'))
      await importFile(store, { ...OWN, file })
      expect([...(await loadFacts(store, 'series/x')).eventTime]).toEqual([T0])
    },
  )

  it('keeps event times from rounding up, and known-at from rounding down', async () => {
    const lines = ['time,known,v', `${T0 * 1e3 + 999},${T0 * 1e3 + 1001},1`]
    const { store } = await importLines(lines, { ...RECORDED, knownAtColumn: 'known' })
    const facts = await loadFacts(store, 'series/x')
    expect([facts.eventTime[0], facts.knownAt[0]]).toEqual([T0, T0 + 2])
  })

  it('reads fractional seconds to the millisecond', async () => {
    expect(await timesOf([`${T0 / 1e3 + 0.123},1`])).toEqual([T0 + 123])
  })

  it('quarantines the few rows in another unit, by row', async () => {
    const good = Array.from({ length: 5 }, (_, index) => `${T0 + index},1`)
    const { report } = await importLines(
      ['time,v', ...good, `${T0 / 1e3},1`, 'yesterday,1', '2024-01-05,1'],
      OWN,
    )
    expect(report.findings).toMatchObject([
      { kind: 'quarantined', message: 'time is not in the unit of the others (ms)', count: 2, rows: [6, 8] },
      { kind: 'quarantined', message: 'time is not a time between 1990 and 2100', count: 1, rows: [7] },
    ])
  })

  it('is an error naming rows where no unit holds most of them', async () => {
    await expect(timesOf([`${T0},1`, `${T0 / 1e3},1`])).rejects.toThrow(
      /unit of time is unclear: 1 rows as ms \(first: row 1.*1 rows as s \(first: row 2/,
    )
    await expect(timesOf(['20240101,1', '20240102,1'])).rejects.toThrow(
      /no time between 1990 and 2100.*row 1, '20240101'/,
    )
    await expect(timesOf(['0,1'])).rejects.toThrow(/unit of time is unclear/)
    await expect(timesOf([',1'])).rejects.toThrow(/the column is empty/)
  })

  it.each(['12/31/2024', '31.12.2024', 'Dec 31, 2024', '31-12-2024 10:00'])(
    'does not guess at the date %s',
    async (date) => {
      await expect(timesOf([`"${date}",1`, `"${date}",2`])).rejects.toThrow(
        /ISO 8601.*convert the column.*row 1/,
      )
    },
  )

  it('must be one unit in known-at too', async () => {
    const lines = ['time,known,v', `${T0},${T0},1`, `${T0 + 1},${T0 / 1e3 + 1},1`, `${T0 + 2},${T0 + 2},1`]
    const { report } = await importLines(lines, { ...RECORDED, knownAtColumn: 'known' })
    expect(report.findings).toMatchObject([
      { kind: 'quarantined', message: 'known-at is not in the unit of the others (ms)', count: 1, rows: [2] },
    ])
  })
})
