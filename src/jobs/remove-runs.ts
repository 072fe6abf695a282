import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BaleenError, ConfigError } from '../core/errors.js'
import { syncPath } from '../store/files.js'
import { findRun, listRuns, readWholeRun } from './run-store.js'

/** Which runs to remove: by name, or all that fit every condition given. */
export interface RunSelection {
  readonly names?: readonly string[]
  /** Made before this instant, UTC ms. */
  readonly before?: number
  readonly strategy?: string
  /** Those that cannot be read, or of which a file changed. */
  readonly damaged?: boolean
}

export interface RemovableRun {
  readonly id: string
  /** UTC ms; undefined for a run too damaged to say. */
  readonly createdTime: number | undefined
  readonly strategy: string | undefined
  readonly bytes: number
  /** What is wrong with it; undefined for a run that is whole, or was not checked. */
  readonly problem: string | undefined
}

/**
 * The chosen runs, in the order of names or newest first. Throws ConfigError where a name fits none or several, where names and conditions
 * are mixed, and where neither is given.
 */
export async function selectRuns(runsFolder: string, selection: RunSelection): Promise<RemovableRun[]> {
  const { names = [], before, strategy, damaged = false } = selection
  const hasCondition = before !== undefined || strategy !== undefined || damaged
  if (names.length > 0 === hasCondition) {
    throw new ConfigError(
      hasCondition
        ? 'name runs, or choose them by conditions, not both'
        : 'say which runs: by name, or with --older-than, --strategy or --damaged',
      { field: 'run' },
    )
  }
  const listed = await listRuns(runsFolder)
  let ids = listed.map(({ id }) => id)
  if (names.length > 0) {
    ids = []
    for (const name of names) ids.push(await findRun(runsFolder, name))
  }
  const chosen: RemovableRun[] = []
  for (const id of new Set(ids)) {
    const one = listed.find((run) => run.id === id)
    const run = one !== undefined && 'run' in one ? one.run : undefined
    const problem = one !== undefined && 'problem' in one ? one.problem : damaged ? await faultOf(runsFolder, id) : undefined // prettier-ignore
    if (damaged && problem === undefined) continue
    if (before !== undefined && !(run !== undefined && run.createdTime < before)) continue
    // A run that cannot be read is still named after its strategy.
    const name = run?.manifest.inputs.strategy.name
    if (strategy !== undefined && name !== strategy && !(run === undefined && id.slice(0, -13) === strategy)) continue // prettier-ignore
    chosen.push({ id, createdTime: run?.createdTime, strategy: name, bytes: await bytesBelow(join(runsFolder, id)), problem }) // prettier-ignore
  }
  return chosen
}

async function faultOf(runsFolder: string, id: string): Promise<string | undefined> {
  try {
    await readWholeRun(runsFolder, id)
    return undefined
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error
    return error.message
  }
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  ) // prettier-ignore
  return sizes.reduce((sum, size) => sum + size, 0)
}

const LEFTOVER = /^\.[a-z0-9][a-z0-9-]*-[0-9a-f]{12}\.\d+\.removed$/

/**
 * Removes one run: renamed first to a name that no listing reads, which is made durable, then deleted. A crash at any moment leaves the
 * whole run, or one that is gone and whose rest the next removal deletes.
 */
export async function removeRun(runsFolder: string, id: string): Promise<void> {
  const aside = join(runsFolder, `.${id}.${process.pid}.removed`)
  await rm(aside, { recursive: true, force: true })
  await rename(join(runsFolder, id), aside)
  await syncPath(runsFolder)
  await rm(aside, { recursive: true, force: true })
}

/** Deletes what interrupted removals left behind, and answers its bytes. */
export async function removeLeftovers(runsFolder: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(runsFolder).catch(() => [])) {
    if (!LEFTOVER.test(name)) continue
    bytes += await bytesBelow(join(runsFolder, name))
    await rm(join(runsFolder, name), { recursive: true, force: true })
  }
  return bytes
}
