import { link, realpath, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { DuckDBInstance } from '@duckdb/node-api'
import { DataError } from '../core/errors.js'
import { duckdbLibrary } from './duckdb-library.js'
import { makeFolder, temporaryName } from './files.js'

/**
 * An empty DuckDB database that nobody ever writes to: opening it takes a lock that the kernel gives back when its holder
 * dies, however it dies, so that no stale lock file can be left behind.
 */
export const LOCK_FILE = 'lock.duckdb'

/** Work waiting for a folder in this very process, where the kernel's lock does not exclude. */
const queues = new Map<string, Promise<unknown>>()

async function ensureLockFile(path: string): Promise<void> {
  if (await stat(path).then(() => true, () => false)) return // prettier-ignore
  const temporary = temporaryName(path)
  const made = await duckdbLibrary().DuckDBInstance.create(temporary)
  made.closeSync()
  // link() never replaces: of two first importers, both end with the same lock file.
  await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await unlink(temporary)
}

async function acquire(path: string, waitMs: number, doing: string): Promise<DuckDBInstance> {
  const pollMs = 50
  for (let waited = 0; ; waited += pollMs) {
    try {
      return await duckdbLibrary().DuckDBInstance.create(path)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (!message.includes('Could not set lock')) throw error
      if (waited >= waitMs) {
        const holder = /\(PID (\d+)\)/.exec(message)?.[1]
        const who = holder === undefined ? 'another process' : `process ${holder}`
        throw new DataError(`${who} is ${doing}: wait until it has finished`, {
          file: path,
        })
      }
      await delay(pollMs)
    }
  }
}

/**
 * Runs `work` while no other importer, in this process or another, works on the folder.
 * Throws DataError where another process holds the folder for longer than `waitMs`, saying what it is `doing`.
 */
export async function withStoreLock<T>(
  directory: string,
  work: () => Promise<T>,
  waitMs: number = 10_000,
  doing: string = 'importing into this data folder',
): Promise<T> {
  await makeFolder(directory)
  const path = join(await realpath(directory), LOCK_FILE)
  const before = queues.get(path) ?? Promise.resolve()
  const locked = before.then(async () => {
    await ensureLockFile(path)
    const lock = await acquire(path, waitMs, doing)
    try {
      return await work()
    } finally {
      lock.closeSync()
    }
  })
  const settled = locked.then(
    () => undefined,
    () => undefined,
  )
  queues.set(path, settled)
  try {
    return await locked
  } finally {
    if (queues.get(path) === settled) queues.delete(path)
  }
}
