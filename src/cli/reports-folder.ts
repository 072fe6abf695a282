import { copyFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { REPORT_FILE, type StoredRun } from '../jobs/run-store.js'
import { PAGES_FOLDER, REPORTS_FOLDER, reportsFolder } from '../jobs/write-page.js'
import { makeFolder } from '../store/files.js'
import { writingTo } from '../store/refusals.js'

/** Where pages of no stored run go, for help texts. */
export const PAGE_FOLDERS: string = `${REPORTS_FOLDER}, where there is such a folder, else in ${PAGES_FOLDER}`

/** Where the report of a run goes, for help texts. */
export const REPORT_COPY: string = `a copy of the report: a file ending in .html, or a folder for RUN.html (default: ${REPORTS_FOLDER}, where there is one)`

/** The report inside a stored run. */
export function reportPath({ folder }: Pick<StoredRun, 'folder'>): string {
  return join(folder, REPORT_FILE)
}

/**
 * Copies the report of a run to where people look for it, and answers where it lies: in the stored run if nowhere else.
 *
 * @param out a file ending in .html, or a folder for RUN.html
 * @param ofSettings the folder for reports that the config file names
 */
export async function copyReport(
  run: Pick<StoredRun, 'id' | 'folder'>,
  out: string | undefined,
  ofSettings?: string,
): Promise<string> {
  const copy = copyPath(run.id, out, ofSettings)
  if (copy === undefined) return reportPath(run)
  await makeFolder(dirname(copy))
  await writingTo(copy, () => copyFile(reportPath(run), copy))
  return copy
}

function copyPath(id: string, out: string | undefined, ofSettings: string | undefined): string | undefined {
  if (out !== undefined) return /\.html?$/i.test(out) ? out : join(out, `${id}.html`)
  const folder = reportsFolder(process.cwd(), ofSettings)
  return folder === undefined ? undefined : join(relative(process.cwd(), folder), `${id}.html`)
}
