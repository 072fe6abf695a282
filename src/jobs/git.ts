import { execFile } from 'node:child_process'
import { sep } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The commit that is checked out around a folder, and whether it fails to hold what ran: tracked files differ from it, or one of
 * `files` is not tracked there. Null where there is no git or no commit.
 */
export async function gitState(
  folder: string,
  files: readonly string[] = [],
): Promise<{ commit: string; dirty: boolean } | null> {
  const git = async (...words: string[]): Promise<string> =>
    (await run('git', ['-C', folder, ...words])).stdout.trim()
  // What a package manager installed is told by its version.
  const own = files.filter((file) => !file.split(sep).includes('node_modules'))
  const areTracked = async (): Promise<boolean> =>
    own.length === 0 ||
    git('ls-files', '--error-unmatch', '--', ...own).then(
      () => true,
      () => false,
    )
  try {
    const commit = await git('rev-parse', 'HEAD')
    const changed = await git('status', '--porcelain', '--untracked-files=no')
    return { commit, dirty: changed !== '' || !(await areTracked()) }
  } catch {
    // No git on this machine, or not a repository: the code hashes identify the code all the same.
    return null
  }
}
