import { BaleenError, DataError } from '../core/errors.js'

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'there is a file of this name where a folder is needed',
}

/** Codes that only an attempt to write explains: where something is read, they are another matter. */
const WORDS_OF_WRITING: Readonly<Record<string, string>> = {
  ...WORDS,
  ENOENT: 'the system takes no new files or folders there',
  EISDIR: 'there is a folder of this name where a file is needed',
  ENAMETOOLONG: 'the name is too long for this file system',
  ELOOP: 'the path runs in a circle of links',
}

/** Why the machine refused, in words; undefined where the error is none of the system, or does not say by itself whose fault it is. */
export function refusalWords(error: unknown): string | undefined {
  const { code } = systemError(error)
  return code !== undefined && Object.hasOwn(WORDS, code) ? WORDS[code] : undefined
}

/** Runs work that writes to a path. Throws DataError naming the path and the reason where the system refuses. */
export async function writingTo<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code } = systemError(error)
    if (code === undefined) throw error
    throw new DataError(`cannot be written: ${WORDS_OF_WRITING[code] ?? code}`, { file: path })
  }
}

function systemError(error: unknown): { readonly code: string | undefined } {
  if (!(error instanceof Error) || error instanceof BaleenError) return { code: undefined }
  const { code } = error as NodeJS.ErrnoException
  // Node's own complaints are named ERR_…; those are bugs.
  return { code: code !== undefined && /^E[A-Z0-9]+$/.test(code) ? code : undefined }
}
