import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The commit that is checked out around a folder, and whether tracked files differ from it; null where there is no git or no commit. */
export async function gitState(folder: string): Promise<{ commit: string; dirty: boolean } | null> {
  const git = async (...words: string[]): Promise<string> =>
    (await run('git', ['-C', folder, ...words])).stdout.trim()
  try {
    const commit = await git('rev-parse', 'HEAD')
    const changed = await git('status', '--porcelain', '--untracked-files=no')
    return { commit, dirty: changed !== '' }
  } catch {
    // No git on this machine, or not a repository: the code hashes identify the code all the same.
    return null
  }
}
