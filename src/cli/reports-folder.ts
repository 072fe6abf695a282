import { existsSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { REPORT_FILE, type StoredRun } from '../jobs/run-store.js'
import { makeFolder } from '../store/files.js'
import { writingTo } from '../store/refusals.js'

/** Where reports land in a folder that has it, such as a clone. */
export const REPORTS_FOLDER = 'reports'

/** The report inside a stored run. */
export function reportPath({ folder }: Pick<StoredRun, 'folder'>): string {
  return join(folder, REPORT_FILE)
}

/** Copies the report of a run to where people look for it, and answers where it lies: in the stored run if nowhere else. */
export async function copyReport(
  run: Pick<StoredRun, 'id' | 'folder'>,
  out: string | undefined,
): Promise<string> {
  const folder = out ?? (existsSync(REPORTS_FOLDER) ? REPORTS_FOLDER : undefined)
  if (folder === undefined) return reportPath(run)
  const copy = join(folder, `${run.id}.html`)
  await makeFolder(folder)
  await writingTo(copy, () => copyFile(reportPath(run), copy))
  return copy
}
