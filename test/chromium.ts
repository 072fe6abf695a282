import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where `chromium` is, looked up on the PATH as `.ci/run` does before it installs one; undefined where there is none. */
export const CHROMIUM: string | undefined = findProgram('chromium', process.env['PATH'] ?? '')

/** The first executable of this name in the folders of a PATH. */
export function findProgram(name: string, path: string): string | undefined {
  const candidates = path.split(delimiter).filter((folder) => folder !== '').map((folder) => join(folder, name)) // prettier-ignore
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
