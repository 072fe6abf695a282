import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../core/errors.js'
import { hashFile } from './files.js'
import { type Manifest, type SeriesEntry, type StoredFile, readManifest } from './manifest.js'

/** A data folder: Parquet files and the manifest that lists them. Opening one touches nothing on disk. */
export interface Store {
  readonly directory: string
  /** Files whose bytes matched their hash once in this process; their names carry that hash. */
  readonly verified: Set<string>
}

export function openStore(directory: string): Store {
  return { directory, verified: new Set() }
}

/** What is wrong with a stored file, or undefined. Reads it whole. */
export async function fileFault(directory: string, file: StoredFile): Promise<string | undefined> {
  const path = join(directory, file.path)
  const bytes = await stat(path).then((found) => found.size, () => undefined) // prettier-ignore
  if (bytes === undefined) return 'missing'
  if (bytes !== file.bytes) return `${bytes} bytes instead of ${file.bytes}`
  const sha256 = await hashFile(path)
  return sha256 === file.sha256 ? undefined : `its bytes changed: SHA-256 ${sha256} instead of ${file.sha256}`
}

/**
 * Full path of a stored file after a check of its bytes: Parquet with one flipped bit mostly reads as other numbers,
 * without an error. Throws DataError naming the file.
 */
export async function verifiedPath(store: Store, file: StoredFile): Promise<string> {
  const path = join(store.directory, file.path)
  if (!store.verified.has(file.path)) {
    const fault = await fileFault(store.directory, file)
    if (fault !== undefined)
      throw new DataError(`a stored file is broken (${fault}): import its source again, which replaces it`, {
        file: path,
      })
    store.verified.add(file.path)
  }
  return path
}

/** The manifest's line for a series. Throws DataError listing similar series where it is absent. */
export function seriesEntry(store: Store, manifest: Manifest, id: string): SeriesEntry {
  const entry = manifest.series[id]
  if (entry !== undefined) return entry
  const kind = id.split('/')[0] ?? ''
  const similar = Object.keys(manifest.series).filter((known) => known.startsWith(`${kind}/`))
  const hint =
    similar.length === 0 ? `there are no ${kind} in it` : `it has ${similar.slice(0, 12).join(', ')}`
  throw new DataError(`the data folder does not hold ${id}: ${hint}`, { file: store.directory })
}

/** Reads the manifest of a store. */
export async function storeManifest(store: Store): Promise<Manifest> {
  return readManifest(store.directory)
}
