import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CheckError, ConfigError, DataError } from '../../src/core/errors.js'
import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import { stableJson } from '../../src/jobs/json.js'
import { runId, type RunInputs, type RunManifest } from '../../src/jobs/manifest.js'
import { writeEquity, writeFills, writeTrades } from '../../src/jobs/parquet.js'
import {
  findRun,
  listRunIds,
  listRuns,
  readRun,
  readWholeRun,
  storeRun,
  type RunFiles,
} from '../../src/jobs/run-store.js'
import { DEFAULT_RISK } from '../../src/risk/settings.js'
import { queryRows, withDuckDB } from '../../src/store/duckdb.js'
import { exampleResult } from '../report/example.js'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'baleen-runs-'))))
afterEach(() => rmSync(folder, { recursive: true }))

function manifest(changes: Partial<RunInputs> = {}): RunManifest {
  return {
    inputs: {
      schema: 1,
      strategy: {
        name: 'Trend breakout!',
        preset: null,
        params: { fast: 20 },
        risk: DEFAULT_RISK,
        factsRead: [],
      },
      policies: DEFAULT_POLICIES,
      costs: { slippageBps: 1 },
      startingBalance: 10_000,
      instruments: [],
      timeframeMs: 3_600_000,
      range: { startTime: -Infinity, endTime: Infinity, warmUpStartTime: 0 },
      funding: 'settled',
      factOverrides: {},
      data: { hash: 'd', synthetic: true, series: [] },
      code: { decision: 'a', other: 'b', dependencies: 'c', dependenciesFrom: 'lockfile' },
      seed: null,
      ...changes,
    },
    provenance: {
      strategyPath: 's.ts',
      dataFolder: 'data',
      command: 'baleen backtest s.ts',
      git: null,
      versions: { baleen: '0', node: '20', duckdb: '1' },
    },
  }
}

function files(metrics: unknown = { sharpe: 1 }, changes: Partial<RunInputs> = {}): RunFiles {
  const result = exampleResult()
  return {
    manifest: manifest(changes),
    created: { createdAt: '2030-01-01T00:00:00Z' },
    writers: {
      'metrics.json': (path) => writeFile(path, stableJson(metrics)),
      'trades.parquet': (path) => writeTrades(path, result),
      'fills.parquet': (path) => writeFills(path, result),
      'equity.parquet': (path) => writeEquity(path, result),
    },
  }
}

describe('run ids', () => {
  it('are readable, and equal exactly for equal inputs', () => {
    const id = runId(manifest().inputs)
    expect(id).toMatch(/^trend-breakout-[0-9a-f]{12}$/)
    expect(runId(manifest().inputs)).toBe(id)
    expect(runId(manifest({ seed: 1 }).inputs)).not.toBe(id)
    expect(
      runId(
        manifest({ code: { decision: 'A', other: 'b', dependencies: 'c', dependenciesFrom: 'lockfile' } })
          .inputs,
      ),
    ).not.toBe(id)
  })
})

describe('storeRun', () => {
  it('stores the same bytes whenever it is asked, and says that the run was there', async () => {
    const first = await storeRun(folder, files())
    const bytes = readdirSync(first.folder).map((name) => readFileSync(join(first.folder, name)))
    const second = await storeRun(folder, { ...files(), created: { createdAt: '2031-01-01T00:00:00Z' } })
    expect([first.existed, second.existed]).toEqual([false, true])
    expect(readdirSync(folder)).toEqual([first.id])
    expect(readdirSync(first.folder).map((name) => readFileSync(join(first.folder, name)))).toEqual(bytes)
    const elsewhere = mkdtempSync(join(tmpdir(), 'baleen-runs-'))
    const third = await storeRun(elsewhere, files())
    for (const name of readdirSync(first.folder)) {
      expect(
        readFileSync(join(third.folder, name)).equals(readFileSync(join(first.folder, name))),
        name,
      ).toBe(true)
    }
    rmSync(elsewhere, { recursive: true })
  })

  it('refuses another result from the same inputs, names the difference and keeps what was there', async () => {
    const { folder: run } = await storeRun(folder, files())
    const attempt = storeRun(folder, files({ sharpe: 2 }))
    await expect(attempt).rejects.toThrow(CheckError)
    await expect(attempt).rejects.toThrow(/metrics\.json sharpe: 1 became 2/)
    expect(readFileSync(join(run, 'metrics.json'), 'utf8')).toContain('1')
  })

  it('leaves nothing behind when a file cannot be written', async () => {
    const broken = files()
    const writers = { ...broken.writers, 'equity.parquet': () => Promise.reject(new Error('disk full')) }
    await expect(storeRun(folder, { ...broken, writers })).rejects.toThrow('disk full')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('readRun and findRun', () => {
  it('read back what was stored, infinities included', async () => {
    const { id } = await storeRun(folder, files())
    const run = await readRun(folder, id)
    expect(run.manifest).toEqual(manifest())
    expect(run.manifest.inputs.strategy.risk.maxPositions).toBe(Infinity)
    expect(run.metrics).toEqual({ sharpe: 1 })
  })

  it('list the newest first, and one damaged run hides no other', async () => {
    const old = await storeRun(folder, files())
    const late = { ...files({}, { seed: 1 }), created: { createdAt: '2040-01-01T00:00:00Z' } }
    const newest = await storeRun(folder, late)
    const bare = await storeRun(folder, files({}, { seed: 2 }))
    const garbage = await storeRun(folder, files({}, { seed: 3 }))
    rmSync(join(bare.folder, 'metrics.json'))
    writeFileSync(join(garbage.folder, 'run.json'), 'null')
    writeFileSync(join(folder, 'stray-0123456789ab'), 'a file')
    const listed = await listRuns(folder)
    expect(listed.slice(0, 2).map(({ id }) => id)).toEqual([newest.id, old.id])
    const problems = new Map(listed.map((one) => [one.id, 'problem' in one ? one.problem : '']))
    expect(problems.get(bare.id)).toMatch(/lacks.*metrics\.json/)
    expect(problems.get(garbage.id)).toMatch(/schema.*run\.json/)
    expect(problems.get('stray-0123456789ab')).toMatch(/lacks/)
    expect(await findRun(folder, 'latest')).toBe(newest.id)
    await expect(findRun(join(folder, 'nowhere'), 'latest')).rejects.toThrow(/no run yet/)
  })

  it('read every file where a run is shown or compared, and blame the one that was damaged', async () => {
    const { id, folder: run } = await storeRun(folder, files())
    await readWholeRun(folder, id)
    const path = join(run, 'trades.parquet')
    const bytes = readFileSync(path)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(path, bytes)
    await expect(readWholeRun(folder, id)).rejects.toThrow(/not as it was stored.*trades\.parquet/)
    await expect(readWholeRun(folder, id)).rejects.toThrow(DataError)
  })

  it('find a run by the beginning of its name or hash, and never guess', async () => {
    const a = await storeRun(folder, files())
    const b = await storeRun(folder, files({}, { seed: 7 }))
    expect(await listRunIds(folder)).toEqual([a.id, b.id].sort())
    expect(await findRun(folder, a.id.slice(-12, -4))).toBe(a.id)
    await expect(findRun(folder, 'trend')).rejects.toThrow(/2 runs begin so/)
    await expect(findRun(folder, '')).rejects.toThrow(ConfigError)
    await expect(findRun(folder, '../etc')).rejects.toThrow(/no such run/)
  })

  it('refuse a run whose inputs, results or version are not its own', async () => {
    const { id, folder: run } = await storeRun(folder, files())
    const path = join(run, 'run.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('"fast": 20', '"fast": 21'))
    await expect(readRun(folder, id)).rejects.toThrow(/was changed/)
    writeFileSync(path, text.replace('"schema": 1', '"schema": 2'))
    await expect(readRun(folder, id)).rejects.toThrow(/schema.*value 2/)
    writeFileSync(path, text.slice(0, 100))
    await expect(readRun(folder, id)).rejects.toThrow(DataError)
    writeFileSync(path, text)
    writeFileSync(join(run, 'metrics.json'), stableJson({ sharpe: 9 }))
    await expect(readRun(folder, id)).rejects.toThrow(/metrics\.json/)
  })
})

it('tables hold one row each, NULL where a number is not known, times in UTC ms', async () => {
  const result = exampleResult()
  const path = join(folder, 't.parquet')
  await writeTrades(path, result)
  const rows = await withDuckDB((connection) =>
    queryRows(connection, `SELECT * FROM read_parquet('${path}')`),
  )
  expect(rows).toHaveLength(result.trades.length)
  const [first] = rows
  expect(first?.['target_price']).toBeNull()
  expect(first?.['stop_price']).toBe(98)
  expect(Number(first?.['entry_time'])).toBe(result.trades[0]?.entryTime)
  expect(first?.['exit_reason']).toBe('take-profit')
  expect(Object.keys(first ?? {})).toHaveLength(26)
})
