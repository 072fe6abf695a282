import { join } from 'node:path'
import { hashFile } from './files.js'
import { unlistedFiles } from './import.js'
import { type Store, fileFault, storeManifest } from './store.js'

export interface BrokenFile {
  /** Relative to the data folder. */
  readonly path: string
  /** Series it belongs to; undefined for a file that no series lists. */
  readonly series: string | undefined
  readonly fault: string
}

export interface VerifyReport {
  readonly files: number
  readonly bytes: number
  readonly dataSetHash: string
  readonly broken: readonly BrokenFile[]
  /** Files of an interrupted or superseded import: never read, removed by the next import. */
  readonly leftovers: readonly string[]
}

/**
 * Reads every stored file again and compares it with the manifest, which is itself checked first.
 * Throws DataError where the manifest is damaged.
 */
export async function verifyStore(
  store: Store,
  progress?: (done: number, total: number) => void,
): Promise<VerifyReport> {
  const { series, dataSetHash } = await storeManifest(store)
  const files = Object.entries(series).flatMap(([id, entry]) =>
    [entry.file, ...(entry.quarantine === undefined ? [] : [entry.quarantine])].map((file) => ({ id, file })),
  )
  const broken: BrokenFile[] = []
  for (const [index, { id, file }] of files.entries()) {
    const fault = await fileFault(store.directory, file)
    if (fault !== undefined) broken.push({ path: file.path, series: id, fault })
    progress?.(index + 1, files.length)
  }
  const leftovers: string[] = []
  for (const path of await unlistedFiles(store.directory, series)) {
    if (await isLeftover(store, path)) leftovers.push(path)
    else broken.push({ path, series: undefined, fault: 'no series lists it' })
  }
  const bytes = files.reduce((sum, { file }) => sum + file.bytes, 0)
  return { files: files.length, bytes, dataSetHash, broken, leftovers }
}

/** A file of ours that the manifest does not list (yet, or any more): a temporary one, or one that its own name vouches for. */
async function isLeftover(store: Store, path: string): Promise<boolean> {
  if (path.endsWith('.tmp')) return true
  const named = /\.([0-9a-f]{16})\.parquet$/.exec(path)?.[1]
  if (named === undefined) return false
  return (await hashFile(join(store.directory, path))).startsWith(named)
}
