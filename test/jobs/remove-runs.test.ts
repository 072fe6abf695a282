import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import { stableJson } from '../../src/jobs/json.js'
import type { RunInputs } from '../../src/jobs/manifest.js'
import { removeLeftovers, removeRun, selectRuns } from '../../src/jobs/remove-runs.js'
import { listRunIds, listRuns, storeRun } from '../../src/jobs/run-store.js'
import { DEFAULT_RISK } from '../../src/risk/settings.js'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'baleen-rm-'))))
afterEach(() => rmSync(folder, { recursive: true }))

/** Stores a small run and answers its id. */
async function store(name: string, createdAt: string): Promise<string> {
  const inputs: RunInputs = {
    schema: 1,
    strategy: { name, preset: null, params: {}, risk: DEFAULT_RISK, factsRead: [] },
    policies: DEFAULT_POLICIES,
    costs: { slippageBps: 1 },
    startingBalance: 10_000,
    instruments: [],
    timeframeMs: 3_600_000,
    range: { startTime: -Infinity, endTime: Infinity, warmUpStartTime: 0 },
    funding: 'settled',
    factOverrides: {},
    data: { hash: createdAt, synthetic: true, series: [] },
    code: { decision: 'a', other: 'b', dependencies: 'c', dependenciesFrom: 'lockfile' },
    seed: null,
  }
  const provenance = { strategyPath: 's.ts', dataFolder: 'data', command: '', git: null, versions: { baleen: '0', node: '20', duckdb: '1' } } // prettier-ignore
  const write = (text: string) => async (path: string) => writeFileSync(path, text)
  const writers = { 'metrics.json': write(stableJson({})), 'trades.parquet': write('trades'), 'fills.parquet': write('fills'), 'equity.parquet': write('equity') } // prettier-ignore
  return (await storeRun(folder, { manifest: { inputs, provenance }, created: { createdAt }, writers })).id
}

const JANUARY = '2030-01-01T00:00:00Z'
const JUNE = '2030-06-01T00:00:00Z'

it('chooses by name, age and strategy, all conditions together, and knows the bytes', async () => {
  const old = await store('alpha', JANUARY)
  const young = await store('alpha', JUNE)
  const beta = await store('beta', JANUARY)
  const ids = async (selection: Parameters<typeof selectRuns>[1]): Promise<string[]> =>
    (await selectRuns(folder, selection)).map(({ id }) => id)
  expect(
    await ids({ names: [young.slice(-8), 'beta', beta] }).catch((error: unknown) => String(error)),
  ).toContain('there is no such run')
  expect(await ids({ names: [young, 'beta', beta] })).toEqual([young, beta])
  const before = Date.parse('2030-02-01T00:00:00Z')
  expect((await ids({ before })).sort()).toEqual([old, beta].sort())
  expect(await ids({ before, strategy: 'alpha' })).toEqual([old])
  expect(await ids({ strategy: 'gamma' })).toEqual([])
  const [one] = await selectRuns(folder, { names: [old] })
  const files = readdirSync(join(folder, old))
  expect(one?.bytes).toBeGreaterThan('tradesfillsequity'.length + files.length)
})

it('refuses what fits several, mixtures of names and conditions, and nothing at all', async () => {
  await store('alpha', JANUARY)
  await store('alpha', JUNE)
  await expect(selectRuns(folder, { names: ['alpha'] })).rejects.toThrow('2 runs begin so')
  await expect(selectRuns(folder, { names: ['alpha'], strategy: 'alpha' })).rejects.toThrow('not both')
  await expect(selectRuns(folder, {})).rejects.toThrow('say which runs')
})

it('finds damaged runs: unreadable ones, and those of which any file was changed', async () => {
  const [whole, broken, changed] = [
    await store('a', JANUARY),
    await store('b', JANUARY),
    await store('c', JANUARY),
  ]
  writeFileSync(join(folder, broken, 'run.json'), '{')
  writeFileSync(join(folder, changed, 'fills.parquet'), 'Fills')
  const found = await selectRuns(folder, { damaged: true })
  expect(found.map(({ id }) => id).sort()).toEqual([broken, changed].sort())
  expect(found.every(({ problem }) => problem !== undefined)).toBe(true)
  expect(found.map(({ id }) => id)).not.toContain(whole)
})

it('leaves nothing behind, and other runs alone', async () => {
  const [gone, kept] = [await store('a', JANUARY), await store('b', JANUARY)]
  await removeRun(folder, gone)
  expect(readdirSync(folder)).toEqual([kept])
})

it('never lists a run whose removal was interrupted, and deletes its rest later', async () => {
  const kept = await store('a', JANUARY)
  // What a crash between renaming and deleting leaves; and a run that another process is just storing.
  const rest = '.beta-0123456789ab.77.removed'
  const storing = '.beta-0123456789ab.78.tmp'
  for (const name of [rest, storing]) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'run.json'), '12345')
  }
  expect(await listRunIds(folder)).toEqual([kept])
  expect((await listRuns(folder)).map(({ id }) => id)).toEqual([kept])
  expect(await removeLeftovers(folder)).toBe(5)
  expect(existsSync(join(folder, rest))).toBe(false)
  expect(existsSync(join(folder, storing))).toBe(true)
  expect(await removeLeftovers(join(folder, 'nowhere'))).toBe(0)
})
