import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import { findMetric } from '../../src/metrics/index.js'
import { show } from '../../src/notebook/show.js'
import { openWorkspace, syntheticWorkspace, type Workspace } from '../../src/notebook/workspace.js'
import { readLedger } from '../../src/jobs/ledger.js'
import { close, crossesAbove, crossesBelow, defineStrategy, sma } from '../../src/index.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-workspace-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const MARKET = { days: 40, seed: 5, edge: 0.05, instruments: 1 }
const CANDLES = '"candles/synthetic:BTCUSDT-PERP@1h"'

describe('a workspace', () => {
  let workspace: Workspace
  beforeAll(async () => {
    workspace = await syntheticWorkspace('data', MARKET, { workingFolder: root })
  })

  it('is opened again from its folder alone, with the same instruments', () => {
    expect(openWorkspace('data', { workingFolder: root }).instruments).toEqual(workspace.instruments)
  })

  it('says what is missing: an instruments file, an instrument, a strategy', async () => {
    mkdirSync(join(root, 'empty'))
    expect(() => openWorkspace('empty', { workingFolder: join(root, 'empty') })).toThrow(/no instruments file/) // prettier-ignore
    await expect(workspace.backtest('sma-cross', { instruments: ['a:B'] })).rejects.toThrow(/synthetic:BTCUSDT-PERP.*a:B/) // prettier-ignore
    await expect(workspace.backtest('sma-crass')).rejects.toThrow(/sma-cross/)
    await expect(workspace.sweep('sma-cross', { randomEntryReplicates: 5 })).rejects.toThrow(/must be 19 to 999.*randomEntryReplicates/) // prettier-ignore
  })

  it('tells by SQL what its candles tell', async () => {
    const { openTime, close } = await workspace.candles('synthetic:BTCUSDT-PERP')
    const [row] = await workspace.sql(`SELECT count(*) AS bars, min("eventTime") AS first, max(close) AS highest, sum("eventTime" // ${HOUR_MS}) AS hours, 'x' AS text, NULL AS none FROM ${CANDLES}`) // prettier-ignore
    const hours = openTime.reduce((sum, time) => sum + time / HOUR_MS, 0)
    expect(row).toEqual({ bars: close.length, first: openTime[0], highest: Math.max(...close), hours, text: 'x', none: null }) // prettier-ignore
  })

  it('refuses an answer that JavaScript would round, and what no column holds', async () => {
    await expect(workspace.sql('SELECT 9007199254740993 AS large')).rejects.toThrow(/CAST.*large/)
    await expect(workspace.sql('SELECT [1, 2] AS list')).rejects.toThrow(/list/)
    await expect(workspace.sql('SELECT nothing FROM nowhere')).rejects.toThrow(/nowhere/)
  })

  it('stores what it runs, and counts that and what it backtests', async () => {
    const params = { fast: 5, slow: 20 }
    const [kept, run] = [await workspace.backtest('sma-cross', { params }), await workspace.run('sma-cross', { params })] // prettier-ignore
    expect(run.backtest.result.finalEquity).toBe(kept.result.finalEquity)
    expect(readdirSync(join(root, '.baleen/runs'))).toEqual([run.stored.id])
    const { records } = await readLedger(join(root, '.baleen/ledger'))
    expect(records.map(({ from }) => from)).toEqual([expect.stringMatching(/^notebook\/[0-9a-f]{16}$/), run.stored.id]) // prettier-ignore
    // One trial, however often it is asked for.
    expect(records[0]!.returns).toEqual(records[1]!.returns)
    expect((await workspace.run('sma-cross', { params })).stored.existed).toBe(true)
  })

  it('counts each other rule of a cell as another trial, whatever its name', async () => {
    const count = async (): Promise<number> => (await readLedger(join(root, '.baleen/ledger'))).records.length
    const before = await count()
    const backtest = (fast: number) => workspace.backtest(defineStrategy({
      name: 'cell',
      description: 'A cell that is edited and run again.',
      params: {},
      features: () => ({ fast: sma(close, fast), slow: sma(close, 20) }),
      enterLong: (f) => crossesAbove(f.fast, f.slow),
      exitLong: (f) => crossesBelow(f.fast, f.slow),
    })) // prettier-ignore
    for (const fast of [3, 4, 4, 9]) await backtest(fast)
    expect(await count()).toBe(before + 3)
  })

  it('sweeps: each trial is the backtest of its params, and the same sweep is read again', async () => {
    const settings = { search: ['fast=4:8:4', 'slow=20:40:20'], constraints: ['fast<slow'], threads: 1 }
    const sweep = await workspace.sweep('sma-cross', settings)
    expect(sweep.trials.length).toBe(4)
    const [trial] = sweep.trials
    const again = await workspace.backtest('sma-cross', { params: trial!.point })
    expect(findMetric(again.metrics, 'totalReturn').value).toBeCloseTo(trial!.statistics!.totalReturn.value!, 12) // prettier-ignore
    expect(await workspace.sweep('sma-cross', settings)).toMatchObject({ id: sweep.id, ledger: sweep.ledger })
    const html = await show(sweep)
    expect(html).toContain('SYNTHETIC DATA')
    expect(html).toContain('<svg')
    expect(html).toMatch(/Verdict: (no|not yet|believe)/)
  })

  it('does not ask a file that is not as it was stored', async () => {
    const copy = await syntheticWorkspace('other', MARKET, { workingFolder: root })
    const [name = ''] = readdirSync(join(copy.dataFolder, 'candles'))
    const path = join(copy.dataFolder, 'candles', name)
    const bytes = readFileSync(path)
    bytes[100] = bytes[100]! ^ 1
    chmodSync(path, 0o600)
    writeFileSync(path, bytes)
    const opened = openWorkspace('other', { workingFolder: root })
    await expect(opened.sql(`SELECT count(*) FROM ${CANDLES}`)).rejects.toThrow(/broken/)
  })
})
