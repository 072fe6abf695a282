import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { judgeClock, nodeVersion, type Check } from '../../src/cli/doctor-checks.js'
import type { LegFeeds } from '../../src/cli/doctor-legs.js'
import { baleen, baleenHere } from './run-cli.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-doctor-test-'))
afterAll(() => rmSync(root, { recursive: true }))

const CANDLES = ['--as', 'candles', '--instrument', 'a:B', '--interval', '1h']

/** A folder with one series and an instruments file. */
async function workspace(name: string): Promise<string> {
  const folder = join(root, name)
  mkdirSync(folder)
  const hours = Array.from({ length: 48 }, (_, hour) => `${Date.UTC(2024, 0, 1, hour)},1,2,0.5,1.5,10`)
  writeFileSync(join(folder, 'a.csv'), `time,open,high,low,close,volume\n${hours.join('\n')}\n`)
  expect((await baleenHere(folder, ['data', 'import', 'a.csv', ...CANDLES])).code).toBe(0)
  const instrument = { id: 'a:B', kind: 'spot', base: 'B', quote: 'A', tickSize: 0, lotSize: 0, makerFee: 0, takerFee: 0 } // prettier-ignore
  writeFileSync(join(folder, 'instruments.json'), JSON.stringify([instrument]))
  return folder
}

interface Findings {
  code: number | null
  ready: boolean
  of: (name: string) => Check | undefined
  stderr: string
}

async function doctor(folder: string, ...words: string[]): Promise<Findings> {
  const { code, stdout, stderr } = await baleenHere(folder, ['doctor', ...words, '--json'])
  const { ready, checks } = JSON.parse(stdout) as { ready: boolean; checks: Check[] }
  return { code, ready, of: (name) => checks.find((check) => check.name === name), stderr }
}

describe('doctor', () => {
  it('finds a good folder ready, leaves nothing behind, and says what it did not look at', async () => {
    const folder = await workspace('good')
    const before = readdirSync(folder, { recursive: true })
    const { code, ready, of, stderr } = await doctor(folder)
    expect([code, ready, stderr]).toEqual([0, true, ''])
    for (const name of [
      'Node',
      'DuckDB',
      'TypeScript strategies',
      'Threads',
      'Config',
      'Stored data',
      'Instruments',
      'Stored runs',
    ])
      // prettier-ignore
      expect([name, of(name)?.status]).toEqual([name, 'pass'])
    for (const name of ['Exchanges', 'Exchange keys']) expect(of(name)?.status).toBe('unused')
    expect(of('Exchanges')?.found).toContain('sessions on paper')
    // Nothing but notebooks needs what notebooks need.
    expect(['pass', 'unused']).toContain(of('Notebooks')?.status)
    expect(of('Stored data')?.found).toContain('1 series in 1 files')
    expect(readdirSync(folder, { recursive: true })).toEqual(before)
    expect((await baleen(folder, ['doctor'])).stdout).toMatch(/DuckDB +ok +v1[^]*Ready\.\n$/)
  })

  it('fails with 4 on one flipped byte of stored data, naming the file and what to do', async () => {
    const folder = await workspace('flipped')
    const [name = ''] = readdirSync(join(folder, 'data/candles'))
    const path = join(folder, 'data/candles', name)
    const bytes = readFileSync(path)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    chmodSync(path, 0o600)
    writeFileSync(path, bytes)
    const { code, ready, of, stderr } = await doctor(folder)
    expect([code, ready, of('Stored data')?.status]).toEqual([4, false, 'fail'])
    expect(of('Stored data')?.found).toContain(name)
    expect(of('Stored data')?.remedy).toContain('import')
    expect(stderr).toMatch(/^error: 1 check failed: Stored data/)
  })

  it('names a broken config, a broken instruments file and a folder that is a file, all at once', async () => {
    const folder = await workspace('broken')
    writeFileSync(join(folder, 'baleen.config.json'), '{"slipage": 1}')
    writeFileSync(join(folder, 'instruments.json'), '[{}]')
    writeFileSync(join(folder, 'runs'), '')
    const { code, of, stderr } = await doctor(folder, '--runs', 'runs')
    expect(code).toBe(4)
    for (const name of ['Config', 'Instruments', 'Runs folder'])
      expect([name, of(name)?.status]).toEqual([name, 'fail'])
    expect(of('Config')?.found).toContain('slipage')
    expect(of('Stored data')?.status).toBe('pass')
    expect(stderr).toContain('checks failed; the first: Config')
  })

  it('warns of what a new folder lacks, and looks where the config file says', async () => {
    const folder = await workspace('elsewhere')
    mkdirSync(join(folder, 'inner'))
    const empty = await doctor(join(folder, 'inner'))
    expect([empty.code, empty.of('Stored data')?.status, empty.of('Instruments')?.status]).toEqual([0, 'warn', 'warn']) // prettier-ignore
    // That of the data folder stands in for it, as for every command.
    mkdirSync(join(folder, 'inner/data'))
    copyFileSync(join(folder, 'instruments.json'), join(folder, 'inner/data/instruments.json'))
    const standIn = (await doctor(join(folder, 'inner'))).of('Instruments')
    expect([standIn?.status, standIn?.found]).toEqual([
      'pass',
      expect.stringContaining('data/instruments.json'),
    ])
    writeFileSync(join(folder, 'inner/baleen.config.json'), '{"data": "../data", "instruments": "../instruments.json"}') // prettier-ignore
    const told = await doctor(join(folder, 'inner'))
    expect([told.of('Stored data')?.status, told.of('Instruments')?.status]).toEqual(['pass', 'pass'])
    expect((await doctor(join(folder, 'inner'), '--data', 'none')).of('Stored data')?.status).toBe('warn')
  })

  it('says of each leg of a shipped score what can feed it, and why nothing can', async () => {
    const folder = await workspace('legs')
    const key = process.env['SMARTMONEY_API_KEY']
    delete process.env['SMARTMONEY_API_KEY']
    const { stdout } = await baleenHere(folder, ['doctor', '--json'])
    if (key !== undefined) process.env['SMARTMONEY_API_KEY'] = key
    const { legs } = JSON.parse(stdout) as { legs: LegFeeds[] }
    expect(new Set(legs.map(({ strategy }) => strategy))).toEqual(new Set(['smart-money']))
    expect(legs.map(({ leg, fact }) => `${leg} ${fact}`).sort()).toEqual(['confirmation confirmation', 'derivatives funding', 'derivatives open-interest', 'on-chain exchange-flows', 'whales whales']) // prettier-ignore
    const confirmed = legs.find(({ leg }) => leg === 'confirmation')!
    expect([confirmed.stored, confirmed.recorder, confirmed.live]).toEqual([
      { isFed: false, why: 'the data folder holds no confirmations' },
      { isFed: false, why: 'nothing is recorded in recording' },
      { isFed: false, why: expect.stringContaining('SMARTMONEY_API_KEY is not set') as string },
    ])
  })

  it('knows a Node that is too old, and a clock that is wrong or moves', () => {
    const node = (version: string): string => nodeVersion(version).status
    expect(['18.20.8', '20.18.3', '20.19.0', '22.0.0'].map(node)).toEqual(['fail', 'fail', 'pass', 'pass'])
    const clock = (time: number, driftMs: number): string => judgeClock(time, driftMs).status
    expect([clock(0, 0), clock(Date.UTC(2030, 0), 3), clock(Date.UTC(2030, 0), -3_600_000)]).toEqual(['fail', 'pass', 'warn']) // prettier-ignore
  })

  it('a native module that does not load ends in a sentence that says what to do', async () => {
    const hook = `import Module from 'node:module'
const load = Module._load
Module._load = function (name, ...rest) {
  if (name === '@duckdb/node-api') throw Object.assign(new Error('Cannot find module @duckdb/node-bindings'), { code: 'MODULE_NOT_FOUND' })
  return load.call(this, name, ...rest)
}`
    const file = join(root, 'hook.mjs')
    writeFileSync(file, hook)
    const environment = { NODE_OPTIONS: `--import ${pathToFileURL(file).href}` }
    const doctor = await baleen(root, ['doctor'], environment)
    expect([doctor.code, doctor.stdout]).toEqual([4, expect.stringMatching(/DuckDB +FAILED +Cannot find/)])
    expect(doctor.stdout).toContain('! DuckDB: install again on this very machine')
    writeFileSync(join(root, 'bars.csv'), 'time,open,high,low,close,volume\n2024-01-01T00:00:00Z,1,1,1,1,1\n')
    const words = [
      'data',
      'import',
      'bars.csv',
      '--as',
      'candles',
      '--instrument',
      'test:AAA',
      '--interval',
      '1h',
    ]
    const other = await baleen(root, words, environment)
    expect([other.code, other.stdout]).toEqual([4, ''])
    expect(other.stderr).toMatch(/does not load on .*@duckdb.*npm ci/)
    expect(other.stderr).not.toContain('bug')
  })
})
