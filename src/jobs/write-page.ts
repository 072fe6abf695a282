import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { replaceTextFile } from '../store/files.js'

/** Folder for pages where the working folder has one, as a clone has. */
const REPORTS_FOLDER = 'reports'

/** Where a page goes: the file that was named, else `reports/NAME` where there is such a folder, else `NAME` here. */
export function pagePath(name: string, out: string | undefined, workingFolder: string): string {
  if (out !== undefined) return resolve(workingFolder, out)
  const reports = resolve(workingFolder, REPORTS_FOLDER)
  return resolve(existsSync(reports) ? reports : workingFolder, name)
}

/**
 * Writes a page beside its name and renames it: whoever has it open never sees half of it. Folders on the way are made. Throws DataError
 * naming the path where it cannot be written.
 */
export async function writePage(path: string, html: string): Promise<void> {
  await replaceTextFile(path, html)
}
