import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { replaceTextFile } from '../store/files.js'

/** Folder for pages where the working folder has one, as a clone has. */
export const REPORTS_FOLDER = 'reports'

/** Folder for pages that belong to no stored run, where there is no folder for reports. */
export const PAGES_FOLDER = '.baleen/pages'

/** The folder that reports are put in: the one of the settings, else `reports` where there is one; undefined where there is neither. */
export function reportsFolder(workingFolder: string, ofSettings?: string): string | undefined {
  const folder = resolve(workingFolder, ofSettings ?? REPORTS_FOLDER)
  return ofSettings !== undefined || existsSync(folder) ? folder : undefined
}

/** Where a page goes: the file that was named, else NAME in the folder for reports, else in `.baleen/pages`. */
export function pagePath(
  name: string,
  out: string | undefined,
  workingFolder: string,
  ofSettings?: string,
): string {
  if (out !== undefined) return resolve(workingFolder, out)
  return resolve(reportsFolder(workingFolder, ofSettings) ?? resolve(workingFolder, PAGES_FOLDER), name)
}

/**
 * Writes a page beside its name and renames it: whoever has it open never sees half of it. Folders on the way are made. Throws DataError
 * naming the path where it cannot be written.
 */
export async function writePage(path: string, html: string): Promise<void> {
  await replaceTextFile(path, html)
}
