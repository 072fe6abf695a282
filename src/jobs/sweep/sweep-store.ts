import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { BaleenError, ConfigError, DataError } from '../../core/errors.js'
import type { TrialRow } from '../../research/sweep/trial-row.js'
import { hashText, makeFolder, replaceTextFile, syncPath, writeTextFile } from '../../store/files.js'
import { withDuckDB } from '../../store/duckdb.js'
import { withStoreLock } from '../../store/lock.js'
import { readJsonFile } from '../json-file.js'
import { revive, stableJson, summedJson, unsummed, type Json } from '../json.js'
import type { StrategySource } from '../strategy-source.js'
import { generationOf, readRows, writeGeneration } from './generation-file.js'
import { SWEEP_SCHEMA, sweepId, type SweepQuestion } from './question.js'
import { TriedOffsets } from './tried-offsets.js'
import { readResult, RESULT_SCHEMA, type SweepResult } from './result.js'

export const DEFAULT_SWEEPS_FOLDER = '.baleen/sweeps'
const SWEEP_ID = /^[a-z0-9][a-z0-9-]*-[0-9a-f]{12}$/

const QUESTION_FILE = 'sweep.json'
const CREATED_FILE = 'created.json'
const RESULT_FILE = 'result.json'
/** Folder, in a sweep's, of pieces of the generation under way that other processes have run. */
const PARTS_FOLDER = 'parts'
/** Folder, beside the sweeps, of what locks them. */
const LOCKS = '.locks'

/** When, where and how a sweep was begun: kept apart, so that all other bytes can be reproduced. */
export interface SweepCreated {
  /** UTC, ISO 8601. */
  readonly createdAt: string
  /** As typed. */
  readonly strategyPath: string
  /** The strategy file inside the sweep's folder. */
  readonly strategySource: string
  readonly dataFolder: string
  readonly command: string
  /** Words of `baleen backtest` that ask for the same but for the params; undefined where it was not begun from a command line. */
  readonly backtestWords?: readonly string[]
  /** Relative paths were read from here. */
  readonly workingFolder: string
  readonly versions: { readonly baleen: string; readonly node: string; readonly duckdb: string }
}

/** The command that asks the same again; a planned sweep then runs here. */
export function commandAgain({ command }: Pick<SweepCreated, 'command'>): string {
  return command.replace(/\bsweep plan\b/, 'sweep')
}

/** The folder of one sweep: its question, a file for each generation that is there, and its result once it has one. */
export class SweepFolder {
  constructor(
    readonly id: string,
    readonly folder: string,
    readonly question: SweepQuestion,
    readonly created: SweepCreated,
  ) {}

  /** Files of the generations that are there, by number. Throws DataError where there are two of one. */
  async generations(): Promise<ReadonlyMap<number, string>> {
    const files = new Map<number, string>()
    for (const name of (await readdir(this.folder)).sort()) {
      const generation = generationOf(name)
      if (generation === undefined) continue
      if (files.has(generation))
        throw new DataError(`generation ${generation} is there twice, with different bytes`, {
          file: join(this.folder, name),
        })
      files.set(generation, join(this.folder, name))
    }
    return files
  }

  /** Throws DataError where the file was changed or damaged. */
  async read(connection: DuckDBConnection, file: string): Promise<readonly TrialRow[]> {
    return readRows(connection, file, this.question.asked.strategy.params)
  }

  async write(connection: DuckDBConnection, generation: number, rows: readonly TrialRow[]): Promise<void> {
    await writeGeneration(connection, this.folder, generation, this.question.asked.strategy.params, rows)
  }

  get isFinished(): boolean {
    return existsSync(join(this.folder, RESULT_FILE))
  }

  async finish(result: SweepResult): Promise<void> {
    const text = stableJson(result)
    await replaceTextFile(join(this.folder, RESULT_FILE), stableJson({ sha256: hashText(text), result }))
  }

  /** Undefined where the sweep is not finished. Throws DataError where the file was changed, damaged or written by a later version. */
  async result(): Promise<SweepResult | undefined> {
    if (!this.isFinished) return undefined
    const file = join(this.folder, RESULT_FILE)
    const { sha256, result } = (await readJsonFile(file)) as { sha256?: unknown; result?: Json }
    if (sha256 !== hashText(stableJson(result)))
      throw new DataError('the file is not as it was stored: it was changed or damaged', { file })
    const read = readResult(result as unknown as SweepResult)
    if (read !== undefined) return read
    const { schema } = result as unknown as { schema: unknown }
    throw new DataError(`this version reads results of schemas up to ${RESULT_SCHEMA}`, { file, field: 'schema', value: schema }) // prettier-ignore
  }

  /** What random entries have come to. Throws DataError where the file was changed or damaged. */
  async triedOffsets(): Promise<TriedOffsets> {
    return TriedOffsets.in(this.folder)
  }

  get partsFolder(): string {
    return join(this.folder, PARTS_FOLDER)
  }

  /** Removes pieces of generations, which are stored whole by now. */
  async removeParts(): Promise<void> {
    await rm(this.partsFolder, { recursive: true, force: true })
  }

  /** Removes what processes that were killed had begun to write. Of a finished sweep another process may be writing the page anew just now: what belongs to one that lives is left then. */
  async clean(isFinished: boolean): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (!name.endsWith('.tmp')) continue
      const pid = Number(WRITER.exec(name)?.[1])
      if (!isFinished || isGone(pid)) await rm(join(this.folder, name), { force: true })
    }
  }
}

/** The process that writes a file on its way. */
const WRITER = /\.(\d+)(?:-\d+)?\.tmp$/

/** That no process of this machine has the number. */
function isGone(pid: number): boolean {
  if (Number.isNaN(pid)) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Makes the folder of a sweep, whole or not at all. Where it is there already it is opened. */
export async function createSweep(
  sweepsFolder: string,
  question: SweepQuestion,
  created: SweepCreated,
  source: StrategySource,
): Promise<SweepFolder> {
  const id = sweepId(question)
  const folder = join(sweepsFolder, id)
  if (existsSync(folder)) return openSweep(sweepsFolder, id)
  await makeFolder(sweepsFolder)
  const temporary = join(sweepsFolder, `.${id}.${process.pid}.tmp`)
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary)
  try {
    for (const [name, write] of Object.entries(source.writers)) {
      const path = join(temporary, name)
      await mkdir(dirname(path), { recursive: true })
      await write(path)
      await syncPath(path)
      await syncPath(dirname(path))
    }
    await writeTextFile(join(temporary, QUESTION_FILE), stableJson(question))
    await writeTextFile(join(temporary, CREATED_FILE), summedJson({ ...created }))
    await syncPath(temporary)
    await rename(temporary, folder)
    await syncPath(sweepsFolder)
  } catch (error) {
    // Another process was quicker: the sweep is there, by the same question.
    if (!existsSync(folder)) throw error
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return openSweep(sweepsFolder, id)
}

/** Throws DataError naming the file where the sweep is not whole, changed or of another version. */
export async function openSweep(sweepsFolder: string, id: string): Promise<SweepFolder> {
  const folder = join(sweepsFolder, id)
  const file = join(folder, QUESTION_FILE)
  const question = revive(await readJsonFile(file)) as unknown as SweepQuestion | null
  const schema: unknown = question?.asked?.schema
  if (question === null || schema !== SWEEP_SCHEMA)
    throw new DataError(`this version reads sweeps of schema ${SWEEP_SCHEMA}`, { file, field: 'schema', value: schema }) // prettier-ignore
  if (sweepId(question) !== id)
    throw new DataError('the question in sweep.json is not the one that the sweep is named after: the file was changed', { file }) // prettier-ignore
  const createdFile = join(folder, CREATED_FILE)
  const created = unsummed(await readJsonFile(createdFile), createdFile) as unknown as SweepCreated
  return new SweepFolder(id, folder, question, created)
}

/** Ids of all sweeps of a folder; none where it is not there yet. */
export async function listSweepIds(sweepsFolder: string): Promise<readonly string[]> {
  if (!existsSync(sweepsFolder)) return []
  return (await readdir(sweepsFolder)).filter((name) => SWEEP_ID.test(name)).sort()
}

/** A sweep of a folder, or what is wrong with it. */
export type ListedSweep =
  { readonly id: string; readonly sweep: SweepFolder } | { readonly id: string; readonly problem: string }

/** All sweeps, newest first; those that cannot be read come last. */
export async function listSweeps(sweepsFolder: string): Promise<readonly ListedSweep[]> {
  const all = await Promise.all(
    (await listSweepIds(sweepsFolder)).map(async (id): Promise<ListedSweep> => {
      try {
        return { id, sweep: await openSweep(sweepsFolder, id) }
      } catch (error) {
        const isOfTheFiles =
          error instanceof BaleenError || (error as NodeJS.ErrnoException).code !== undefined
        if (!isOfTheFiles) throw error
        return { id, problem: (error as Error).message }
      }
    }),
  )
  const time = (one: ListedSweep): string => ('sweep' in one ? one.sweep.created.createdAt : '')
  return all.sort((a, b) => (time(a) === time(b) ? 0 : time(a) < time(b) ? 1 : -1))
}

/** Finds a sweep by its id, an unambiguous beginning of it or of its hash, or `latest`. Throws ConfigError where none or several match. */
export async function findSweep(sweepsFolder: string, idOrPrefix: string): Promise<SweepFolder> {
  if (idOrPrefix === 'latest') {
    const [newest] = await listSweeps(sweepsFolder)
    if (newest !== undefined && 'sweep' in newest) return newest.sweep
    throw new ConfigError('there is no sweep yet', { file: sweepsFolder, field: 'sweep', value: idOrPrefix })
  }
  const ids = await listSweepIds(sweepsFolder)
  const matches = ids.includes(idOrPrefix)
    ? [idOrPrefix]
    : ids.filter((id) => idOrPrefix !== '' && (id.startsWith(idOrPrefix) || id.slice(-12).startsWith(idOrPrefix))) // prettier-ignore
  const [only] = matches
  if (only !== undefined && matches.length === 1) return openSweep(sweepsFolder, only)
  const problem = matches.length > 1 ? `${matches.length} sweeps begin so: ${matches.slice(0, 5).join(', ')}` : 'there is no such sweep' // prettier-ignore
  throw new ConfigError(problem, { file: sweepsFolder, field: 'sweep', value: idOrPrefix })
}

/** Works on a sweep while no other process does. Throws DataError where one does. */
export async function withSweepLock<T>(sweepsFolder: string, id: string, work: () => Promise<T>): Promise<T> {
  return withStoreLock(join(sweepsFolder, LOCKS, id), work, 0, 'running this sweep')
}

/** Deletes a sweep and its lock. What the ledger knows of its trials stays. */
export async function removeSweep(sweepsFolder: string, id: string): Promise<void> {
  await withSweepLock(sweepsFolder, id, async () => {
    const away = join(sweepsFolder, `.${id}.${process.pid}.tmp`)
    await rename(join(sweepsFolder, id), away)
    await syncPath(sweepsFolder)
    await rm(away, { recursive: true, force: true })
  })
  await rm(join(sweepsFolder, LOCKS, id), { recursive: true, force: true })
}

/** A sweep as it is stored, whole or as far as it has come. */
export interface StoredSweep {
  readonly id: string
  readonly folder: string
  readonly question: SweepQuestion
  readonly created: SweepCreated
  /** In order of trials; of an unfinished sweep those whose generation is there. */
  readonly rows: readonly TrialRow[]
  /** Undefined where the sweep is not finished. */
  readonly result: SweepResult | undefined
}

/** Loads a stored sweep whole, by the path of its folder, every file checked. O(trials · days). Throws DataError naming the file that is not as it was stored. */
export async function readSweep(folder: string): Promise<StoredSweep> {
  const sweep = await openSweep(dirname(folder), folder.slice(dirname(folder).length + 1))
  const files = [...(await sweep.generations())].sort(([a], [b]) => a - b)
  const rows = await withDuckDB(async (connection) => {
    const all: TrialRow[] = []
    for (const [, file] of files) all.push(...(await sweep.read(connection, file)))
    return all
  })
  await sweep.triedOffsets()
  const { id, question, created } = sweep
  return { id, folder, question, created, rows, result: await sweep.result() }
}
