import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { HOUR_MS } from '../../../src/core/time.js'
import { largestShare } from '../../../src/runner/promotion/collect-evidence.js'
import { queryRows, withDuckDB } from '../../../src/store/duckdb.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-share-'))
afterAll(() => rmSync(folder, { recursive: true }))
const [fills, candles] = [join(folder, 'fills.parquet'), join(folder, 'candles.parquet')]

/** The bars open at hours 0, 1 and 2, with volumes of 1,000, 100 and 10,000. */
async function shareOf(role: string, liquidity: string, hour: number, fillsAtClose = false): Promise<number> {
  await withDuckDB(async (connection) => {
    await queryRows(connection, `COPY (SELECT 'a' AS instrument, '${role}' AS role, '${liquidity}' AS liquidity, ${hour * HOUR_MS}::BIGINT AS time, 10.0 AS quantity) TO '${fills}' (FORMAT parquet)`) // prettier-ignore
    await queryRows(connection, `COPY (SELECT (bar * ${HOUR_MS})::BIGINT AS "eventTime", volume::DOUBLE AS volume FROM (VALUES (0, 1000), (1, 100), (2, 10000)) bars(bar, volume)) TO '${candles}' (FORMAT parquet)`) // prettier-ignore
  })
  return (await largestShare(fills, candles, 'a', fillsAtClose)).share
}

describe('the largest share of a bar’s volume that a fill took', () => {
  test('of a market order is of the bar at whose open it filled', async () => {
    expect(await shareOf('entry', 'taker', 2)).toBe(0.001)
    expect(await shareOf('exit', 'taker', 1)).toBe(0.1)
  })

  test('of a stop, target or limit, whose time is the close of its bar, is not of the bar after it alone', async () => {
    expect(await shareOf('stop', 'taker', 2)).toBe(0.1)
    expect(await shareOf('target', 'maker', 2)).toBe(0.1)
    expect(await shareOf('entry', 'maker', 2)).toBe(0.1)
    expect(await shareOf('exit', 'taker', 2, true)).toBe(0.1)
    // At an open beyond its trigger a stop fills there.
    expect(await shareOf('stop', 'taker', 1)).toBe(0.1)
  })

  test('at the end of the data is of the last bar', async () => {
    expect(await shareOf('exit', 'taker', 3)).toBe(0.001)
  })
})
