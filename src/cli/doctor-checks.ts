import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, statfs, stat, writeFile } from 'node:fs/promises'
import { availableParallelism, freemem, tmpdir, totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { BaleenError } from '../core/errors.js'
import { PACKAGE_ROOT } from '../jobs/package-info.js'
import { listRuns } from '../jobs/run-store.js'
import { loadStrategyFile } from '../jobs/strategy-file.js'
import { literal, withDuckDB } from '../store/duckdb.js'
import { findJupyter, hasNotebookPackages, REMEDIES } from '../notebook/jupyter.js'
import { openStore, storeManifest } from '../store/store.js'
import { verifyStore } from '../store/verify.js'
import { createScanner } from '../strategy/scanner.js'
import { instrumentsFileOf, readInstruments } from './instruments-file.js'

/** `unused`: nothing that is here today needs it. */
export type CheckStatus = 'pass' | 'warn' | 'fail' | 'unused'

export interface Check {
  readonly name: string
  readonly status: CheckStatus
  /** What was found, in words. */
  readonly found: string
  /** What to do about it; where the status is warn or fail, and for what is unused. */
  readonly remedy?: string
}

/** What is looked at: folders and files as the commands would use them. */
export interface Surroundings {
  readonly dataFolder: string
  readonly runsFolder: string
  readonly instrumentsFile: string
  /** The config file that was read, or the error that it gave. */
  readonly config: { readonly file: string | undefined; readonly error?: unknown }
  readonly path: string
  readonly progress?: (done: number, total: number) => void
}

const GIB = 2 ** 30
const LOWEST_NODE = [20, 19] as const
const LEAST_FREE_DISK_BYTES = 2 * GIB
const LEAST_MEMORY_BYTES = 2 * GIB
/** More than this is checked by its sizes only: `data verify` reads all of it. */
const MOST_READ_BYTES = 4 * GIB

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`
const pass = (name: string, found: string): Check => ({ name, status: 'pass', found })
const warn = (name: string, found: string, remedy: string): Check => ({ name, status: 'warn', found, remedy })
const fail = (name: string, found: string, remedy: string): Check => ({ name, status: 'fail', found, remedy })

/** Looks at the machine, then at what lies in the folders; in this order, each whatever the others found. */
export async function runChecks(surroundings: Surroundings): Promise<Check[]> {
  const { dataFolder, runsFolder } = surroundings
  return [
    nodeVersion(process.versions.node),
    await guarded('DuckDB', REINSTALL, duckdb),
    await guarded('TypeScript strategies', REINSTALL, strategies),
    vectors(),
    await guarded('Threads', 'start node without restrictions on worker threads', threads),
    await clock(),
    memory(),
    config(surroundings.config),
    await guarded('Data folder', WRITABLE, () => folder('Data folder', dataFolder)),
    await guarded('Stored data', '`baleen data verify` says more', () => storedData(surroundings)),
    instruments(surroundings.instrumentsFile, surroundings.dataFolder),
    await guarded('Runs folder', WRITABLE, () => folder('Runs folder', runsFolder)),
    await guarded('Stored runs', '`baleen runs list` says more', () => storedRuns(runsFolder)),
    notebooks(surroundings.path),
    {
      name: 'Exchanges',
      status: 'unused',
      found: 'none is contacted: sessions on paper and downloads ask one for public data when they run',
    },
    { name: 'Exchange keys', status: 'unused', found: 'none are configured, and none are looked for' },
  ]
}

const REINSTALL = 'install again on this very machine: rm -rf node_modules && npm ci (or npm install)'
const WRITABLE = 'name another folder, or give yourself the right to write here'

/** What a check throws is what it found. */
async function guarded(name: string, remedy: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check()
  } catch (error) {
    return fail(name, error instanceof Error ? error.message : String(error), remedy)
  }
}

/** Exported for its test. */
export function nodeVersion(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [lowestMajor, lowestMinor] = LOWEST_NODE
  const found = `${version} on ${process.platform} ${process.arch}`
  return major > lowestMajor || (major === lowestMajor && minor >= lowestMinor)
    ? pass('Node', found)
    : fail('Node', found, `install Node ${lowestMajor}.${lowestMinor} or newer`)
}

/** Writes a Parquet file with it and reads it back: that the module loads is not enough. */
async function duckdb(): Promise<Check> {
  const scratch = await mkdtemp(join(tmpdir(), 'baleen-doctor-'))
  try {
    const file = literal(join(scratch, 'a.parquet'))
    const [row] = await withDuckDB(async (connection) => {
      await connection.run(`COPY (SELECT range AS i FROM range(1000)) TO ${file} (FORMAT parquet)`)
      const answer = await connection.runAndReadAll(
        `SELECT version() AS version, sum(i)::INTEGER AS total FROM ${file}`,
      )
      return answer.getRowObjects()
    })
    if (row?.['total'] !== 499_500)
      return fail('DuckDB', `read ${String(row?.['total'])} where it had written 499500`, REINSTALL)
    return pass('DuckDB', `${String(row['version'])} writes and reads Parquet`)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function strategies(): Promise<Check> {
  const { name } = await loadStrategyFile(join(PACKAGE_ROOT, 'strategies/sma-cross.ts'))
  return pass('TypeScript strategies', `${name} loads without a build`)
}

function vectors(): Check {
  return createScanner().kind === 'simd'
    ? pass('WebAssembly vectors', 'rules are scanned by them')
    : warn(
        'WebAssembly vectors',
        'none: rules are scanned in plain JavaScript, with equal results',
        'only speed is lost: use a Node and a processor with WebAssembly SIMD',
      )
}

const THREAD = `
const { workerData, parentPort } = require('node:worker_threads')
Atomics.add(new Int32Array(workerData), 0, 41)
parentPort.postMessage('done')`

async function threads(): Promise<Check> {
  const shared = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(THREAD, { eval: true, workerData: shared.buffer })
  try {
    await new Promise((done, failed) => {
      worker.once('message', done)
      worker.once('error', failed)
      worker.once('exit', (code) => failed(new Error(`the thread ended with ${code}`)))
    })
  } finally {
    await worker.terminate()
  }
  const cores = availableParallelism()
  return Atomics.load(shared, 0) === 41
    ? pass('Threads', `${cores} at once, on shared memory`)
    : fail('Threads', 'a thread does not see shared memory', 'use an official build of Node')
}

const CLOCK_MS = 250
/** A clock that lost its battery says 1970 or 2000. */
const EARLIEST_TIME = Date.UTC(2024, 0, 1)

/** The wall clock against the monotonic one, and against the year. */
async function clock(): Promise<Check> {
  const [wall, steady] = [Date.now(), performance.now()]
  await delay(CLOCK_MS)
  return judgeClock(Date.now(), Date.now() - wall - (performance.now() - steady))
}

/** `driftMs`: how much farther the wall clock went than the monotonic one. Exported for its test. */
export function judgeClock(wallTime: number, driftMs: number): Check {
  const remedy = 'let the system set its clock from the network (NTP)'
  const now = new Date(wallTime).toISOString().slice(0, 16).replace('T', ' ')
  if (wallTime < EARLIEST_TIME)
    return fail('Clock', `${now} UTC: in the past, so that known-at times would be wrong`, remedy)
  if (Math.abs(driftMs) > 100)
    return warn('Clock', `${now} UTC; it moved by ${driftMs.toFixed(0)} ms within ${CLOCK_MS} ms`, remedy)
  return pass('Clock', `${now} UTC, steady; the time zone plays no part`)
}

function memory(): Check {
  const limit = process.constrainedMemory()
  const total = limit !== undefined && limit > 0 && limit < totalmem() ? limit : totalmem()
  const free = Math.min(total, typeof process.availableMemory === 'function' ? process.availableMemory() : freemem()) // prettier-ignore
  const found = `${gib(free)} of ${gib(total)} available`
  return free >= LEAST_MEMORY_BYTES
    ? pass('Memory', found)
    : warn('Memory', found, 'close other programs, or backtest fewer instruments at a time')
}

function config({ file, error }: Surroundings['config']): Check {
  if (error !== undefined) {
    if (!(error instanceof BaleenError)) throw error
    return fail('Config', error.message, 'mend the file: docs/config.md lists every key')
  }
  return pass('Config', file === undefined ? 'no config file: defaults and the command line' : `${file} is read`) // prettier-ignore
}

/** Whether the folder, or the nearest one above it that exists, takes a file, and how much room there is. */
async function folder(name: string, path: string): Promise<Check> {
  let nearest = resolve(path)
  while (!existsSync(nearest)) nearest = dirname(nearest)
  if (!(await stat(nearest)).isDirectory())
    return fail(name, `${path}: ${nearest} is a file`, 'name a folder, or move the file')
  const probe = join(nearest, `.baleen-doctor-${process.pid}`)
  try {
    await writeFile(probe, 'x')
    if ((await readFile(probe, 'utf8')) !== 'x') return fail(name, `${path}: what was written cannot be read`, WRITABLE) // prettier-ignore
  } catch (error) {
    return fail(name, `${path} takes no file: ${error instanceof Error ? error.message : String(error)}`, WRITABLE) // prettier-ignore
  } finally {
    await rm(probe, { force: true })
  }
  const { bavail, bsize } = await statfs(nearest)
  const free = bavail * bsize
  const found = `${path} ${nearest === resolve(path) ? 'is writable' : 'can be made'}, ${gib(free)} free`
  return free >= LEAST_FREE_DISK_BYTES
    ? pass(name, found)
    : warn(name, found, `make room: imports and runs want ${gib(LEAST_FREE_DISK_BYTES)}`)
}

async function storedData({ dataFolder, progress }: Surroundings): Promise<Check> {
  const name = 'Stored data'
  const store = openStore(resolve(dataFolder))
  const entries = Object.values((await storeManifest(store)).series)
  if (entries.length === 0)
    return warn(name, `${dataFolder} holds none yet`, 'baleen data import, or baleen demo for invented data')
  const bytes = entries.reduce((sum, { file }) => sum + file.bytes, 0)
  if (bytes > MOST_READ_BYTES)
    return pass(name, `${entries.length} series, ${gib(bytes)}: not read here, baleen data verify does`)
  const { broken, files } = await verifyStore(store, progress)
  const [first] = broken
  return first === undefined
    ? pass(name, `${entries.length} series in ${files} files, every byte as imported`)
    : fail(name, `${broken.length} broken: ${first.path}: ${first.fault}`, 'import the source of the series again; baleen data verify lists all') // prettier-ignore
}

function instruments(file: string, dataFolder: string): Check {
  const name = 'Instruments'
  const read = instrumentsFileOf(file, dataFolder)
  if (!existsSync(read))
    return warn(name, `there is no ${file}`, 'list what you trade: docs/instruments.md; demo has its own')
  try {
    const ids = readInstruments(read, []).map(({ id }) => id)
    return pass(name, `${read} lists ${ids.slice(0, 4).join(', ')}${ids.length > 4 ? ', …' : ''}`)
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error
    return fail(name, error.message, 'mend the file: docs/instruments.md lists every key')
  }
}

async function storedRuns(runsFolder: string): Promise<Check> {
  const all = await listRuns(runsFolder)
  const damaged = all.flatMap((one) => ('problem' in one ? [one] : []))
  const [first] = damaged
  return first === undefined
    ? pass('Stored runs', `${all.length} in ${runsFolder}`)
    : warn('Stored runs', `${damaged.length} of ${all.length} damaged: ${first.id}: ${first.problem}`, 'make them again, or delete their folders') // prettier-ignore
}

/** Notebooks need both; nothing else needs either. */
function notebooks(path: string): Check {
  const jupyter = findJupyter(path)
  const hasPackages = hasNotebookPackages()
  const found = `${jupyter === undefined ? 'no Jupyter' : `${jupyter.name}, ${jupyter.program}`}; the packages of the notebooks are ${hasPackages ? 'installed' : 'not installed'}`
  const missing = [
    ...(jupyter === undefined ? [REMEDIES.jupyter] : []),
    ...(hasPackages ? [] : [REMEDIES.packages]),
  ]
  return missing.length === 0
    ? pass('Notebooks', found)
    : { name: 'Notebooks', status: 'unused', found, remedy: `only for notebooks: ${missing.join('; ')}` }
}
