import { namingPermissions } from './files.js'
import { removeBroken } from './import.js'
import { withStoreLock } from './lock.js'
import { type RemovalRecord, writeManifest } from './manifest.js'
import { parseSeriesId } from './series-id.js'
import { type Store, seriesEntry, storeManifest } from './store.js'

/**
 * Takes a series out of the store, whole or broken, and notes that in the manifest's journal. Its files stay for readers of the
 * old manifest until the next import removes them. Throws DataError listing similar series where it is absent.
 */
export async function removeSeries(store: Store, id: string, now: number): Promise<RemovalRecord> {
  parseSeriesId(id)
  // A folder without the series is left untouched, without so much as a lock.
  seriesEntry(store, await storeManifest(store), id)
  const work = async (): Promise<RemovalRecord> => {
    const manifest = await storeManifest(store)
    const { file, imports } = seriesEntry(store, manifest, id)
    const record: RemovalRecord = {
      series: id,
      removedAt: now,
      rows: file.rows,
      sha256: file.sha256,
      files: [...new Set(imports.map(({ file: name }) => name))],
    }
    const rest = Object.fromEntries(Object.entries(manifest.series).filter(([kept]) => kept !== id))
    const after = await writeManifest(store.directory, rest, [...manifest.removed, record])
    await removeBroken(store.directory, manifest.series, after.series)
    return record
  }
  return namingPermissions(store.directory, () => withStoreLock(store.directory, work))
}
