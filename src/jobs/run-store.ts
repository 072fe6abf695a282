import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { BaleenError, CheckError, ConfigError, DataError } from '../core/errors.js'
import { makeFolder, syncPath, writeTextFile } from '../store/files.js'
import { writingTo } from '../store/refusals.js'
import { jsonDifferences, revive, stableJson, summedJson, unsummed, type Json } from './json.js'
import { RUN_SCHEMA, runId, type RunManifest } from './manifest.js'

export const RUN_ID: RegExp = /^[a-z0-9][a-z0-9-]*-[0-9a-f]{12}$/

/** Files of a run that must come out the same, byte for byte, when the run is replayed. */
export const RESULT_FILES = ['metrics.json', 'trades.parquet', 'fills.parquet', 'equity.parquet'] as const

/** Result files that runs of earlier versions lack: compared and read where both are there. */
const LATER_RESULT_FILES = ['charts.json'] as const

/** The page about a run: made of its other files, and made anew by `baleen report`, so that no sum is kept of it. */
export const REPORT_FILE = 'report.html'

/** SHA-256 of every other file of a run but created.json and its report, as `sha256sum -c` reads it: damaged Parquet often reads without an error. */
const SUMS_FILE = 'SHA256SUMS'

/** A way to write one file of a run to the path it is given. */
export type FileWriter = (path: string) => Promise<void>

export interface RunFiles {
  readonly manifest: RunManifest
  /** By file name; those of RESULT_FILES are compared when a run is stored twice. */
  readonly writers: Readonly<Record<string, FileWriter>>
  /** When and where: kept apart, so that all other bytes can be reproduced. */
  readonly created: Readonly<Record<string, Json>>
}

export interface StoredRun {
  readonly id: string
  readonly folder: string
  /** The run was there already, with the same bytes. */
  readonly existed: boolean
}

/**
 * Stores a run as `<runsFolder>/<run id>/`: written beside it, synced, renamed, so that the name holds a whole run or none.
 * Where the run is there already its results are compared. Throws CheckError where equal inputs gave other results.
 */
export async function storeRun(runsFolder: string, files: RunFiles): Promise<StoredRun> {
  const id = runId(files.manifest.inputs)
  const folder = join(runsFolder, id)
  await makeFolder(runsFolder)
  const temporary = join(runsFolder, `.${id}.${process.pid}.tmp`)
  await rm(temporary, { recursive: true, force: true })
  await writingTo(runsFolder, () => mkdir(temporary))
  try {
    await writeRunFiles(temporary, files)
    if (!existsSync(folder)) {
      await rename(temporary, folder)
      await syncPath(runsFolder)
      return { id, folder, existed: false }
    }
    const difference = await firstDifference(folder, temporary)
    if (difference !== undefined) {
      throw new CheckError(`the same inputs gave another result than the stored run: ${difference}`, {
        file: folder,
      })
    }
    return { id, folder, existed: true }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Writes and syncs every file of a run into an empty folder. */
export async function writeRunFiles(folder: string, files: RunFiles): Promise<void> {
  await writeTextFile(join(folder, 'run.json'), stableJson(files.manifest))
  for (const [name, write] of Object.entries(files.writers)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await write(path)
    await syncPath(path)
    await syncPath(dirname(path))
  }
  const names = (await filesBelow(folder)).filter((name) => name !== REPORT_FILE)
  const sums = await Promise.all(
    names.map(async (name) => `${sha256(await bytesOf(folder, name))}  ${name}\n`),
  )
  await writeTextFile(join(folder, SUMS_FILE), sums.join(''))
  await writeTextFile(join(folder, 'created.json'), summedJson(files.created))
  await syncPath(folder)
}

/** Every file below a folder, as `source/mine.ts`, sorted. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Files of a run with the SHA-256 that each was stored with. */
async function storedSums(folder: string): Promise<ReadonlyMap<string, string>> {
  const lines = (await bytesOf(folder, SUMS_FILE)).toString().split('\n')
  return new Map(lines.filter((line) => line !== '').map((line) => [line.slice(66), line.slice(0, 64)]))
}

/** The bytes of a file of a run, which must be those that were stored. */
async function checkedBytes(
  folder: string,
  name: string,
  sums: ReadonlyMap<string, string>,
): Promise<Buffer> {
  const bytes = await bytesOf(folder, name)
  if (sums.get(name) !== sha256(bytes)) {
    throw new DataError('the file is not as it was stored: it was changed or damaged', {
      file: join(folder, name),
    })
  }
  return bytes
}

/** The first result file in which two run folders differ and where, or undefined where all bytes are equal. */
export async function firstDifference(before: string, after: string): Promise<string | undefined> {
  const later = LATER_RESULT_FILES.filter((name) => existsSync(join(before, name)) && existsSync(join(after, name))) // prettier-ignore
  for (const name of [...RESULT_FILES, ...later]) {
    const [left, right] = await Promise.all([bytesOf(before, name), bytesOf(after, name)])
    if (left.equals(right)) continue
    if (name.endsWith('.json')) {
      const [difference] = jsonDifferences(
        JSON.parse(left.toString()) as Json,
        JSON.parse(right.toString()) as Json,
      )
      if (difference !== undefined) {
        return `${name} ${difference.path}: ${JSON.stringify(difference.before)} became ${JSON.stringify(difference.after)}`
      }
    }
    const length = Math.min(left.length, right.length)
    let byte = 0
    while (byte < length && left[byte] === right[byte]) byte++
    return `${name} at byte ${byte} (${left.length} bytes became ${right.length})`
  }
  return undefined
}

async function bytesOf(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    throw new DataError('a run lacks one of its files', { file: join(folder, name) })
  }
}

export interface RunRecord {
  readonly id: string
  readonly folder: string
  readonly manifest: RunManifest
  /** metrics.json as it was written. */
  readonly metrics: Json
  readonly created: Json
  /** UTC ms. */
  readonly createdTime: number
}

/** Ids of all runs of a folder, oldest id first by name; none where the folder is not there yet. */
export async function listRunIds(runsFolder: string): Promise<string[]> {
  if (!existsSync(runsFolder)) return []
  return (await readdir(runsFolder)).filter((name) => RUN_ID.test(name)).sort()
}

/** A run of a folder, or what is wrong with it. */
export type ListedRun =
  { readonly id: string; readonly run: RunRecord } | { readonly id: string; readonly problem: string }

/** All runs of a folder, newest first; those that cannot be read come last, each with what is wrong with it. */
export async function listRuns(runsFolder: string): Promise<ListedRun[]> {
  const all = await Promise.all(
    (await listRunIds(runsFolder)).map(async (id): Promise<ListedRun> => {
      try {
        return { id, run: await readRun(runsFolder, id) }
      } catch (error) {
        const isOfTheFiles =
          error instanceof BaleenError || (error as NodeJS.ErrnoException).code !== undefined
        if (!isOfTheFiles) throw error
        return { id, problem: (error as Error).message }
      }
    }),
  )
  const time = (one: ListedRun): number => ('run' in one ? one.run.createdTime : -Infinity)
  return all.sort((a, b) => (time(a) === time(b) ? 0 : time(b) - time(a)))
}

/** The word that means the newest run. */
const LATEST = 'latest'

async function newestRun(runsFolder: string): Promise<string> {
  const [newest] = await listRuns(runsFolder)
  if (newest !== undefined && 'run' in newest) return newest.id
  throw new ConfigError('there is no run yet', { file: runsFolder, field: 'run', value: LATEST })
}

/**
 * Finds a run by its id or an unambiguous beginning of it; `latest` is the newest that can be read. Throws ConfigError where
 * none or several match.
 */
export async function findRun(runsFolder: string, idOrPrefix: string): Promise<string> {
  if (idOrPrefix === LATEST) return newestRun(runsFolder)
  const ids = await listRunIds(runsFolder)
  if (ids.includes(idOrPrefix)) return idOrPrefix
  const matches =
    idOrPrefix === ''
      ? []
      : ids.filter((id) => id.startsWith(idOrPrefix) || id.slice(-12).startsWith(idOrPrefix))
  const [only] = matches
  if (only !== undefined && matches.length === 1) return only
  const problem =
    matches.length > 1
      ? `${matches.length} runs begin so: ${matches.slice(0, 5).join(', ')}`
      : 'there is no such run'
  throw new ConfigError(problem, { file: runsFolder, field: 'run', value: idOrPrefix })
}

/**
 * Reads a stored run; of its files only those that are read are checked. Throws DataError naming the file where it is not whole,
 * changed or of another version.
 */
export async function readRun(runsFolder: string, id: string): Promise<RunRecord> {
  const folder = join(runsFolder, id)
  const read = async (name: string): Promise<Json> => {
    const text = (await bytesOf(folder, name)).toString()
    try {
      return JSON.parse(text) as Json
    } catch {
      throw new DataError('not JSON: the file was damaged', { file: join(folder, name) })
    }
  }
  const file = join(folder, 'run.json')
  const manifest = revive(await read('run.json')) as unknown as RunManifest | null
  const schema: unknown = manifest?.inputs?.schema
  if (manifest === null || schema !== RUN_SCHEMA) {
    throw new DataError(`this version reads runs of schema ${RUN_SCHEMA}`, {
      file,
      field: 'schema',
      value: schema,
    })
  }
  const sums = await storedSums(folder)
  await checkedBytes(folder, 'run.json', sums)
  if (runId(manifest.inputs) !== id) {
    throw new DataError('the inputs in run.json are not those the run is named after: the file was changed', {
      file,
    })
  }
  const created = unsummed(await read('created.json'), join(folder, 'created.json'))
  return {
    id,
    folder,
    manifest,
    metrics: JSON.parse((await checkedBytes(folder, 'metrics.json', sums)).toString()) as Json,
    created,
    createdTime: createdTimeOf(created, join(folder, 'created.json')),
  }
}

function createdTimeOf(created: Json, file: string): number {
  const text = typeof created === 'object' && created !== null && 'createdAt' in created ? created.createdAt : undefined // prettier-ignore
  const time = typeof text === 'string' ? Date.parse(text) : NaN
  if (Number.isNaN(time)) throw new DataError('must be a time', { file, field: 'createdAt', value: text })
  return time
}

/** Reads every file of a stored run, as `readRun`: what is shown of it, or compared with it, is what was stored. */
export async function readWholeRun(runsFolder: string, id: string): Promise<RunRecord> {
  const run = await readRun(runsFolder, id)
  const sums = await storedSums(run.folder)
  for (const name of new Set([...RESULT_FILES, ...sums.keys()])) await checkedBytes(run.folder, name, sums)
  return run
}

/** A JSON file of a run that is there since a later version; undefined where the run was stored without it. */
export async function readRunJson({ folder }: RunRecord, name: string): Promise<Json | undefined> {
  const sums = await storedSums(folder)
  if (!sums.has(name)) return undefined
  return JSON.parse((await checkedBytes(folder, name, sums)).toString()) as Json
}
