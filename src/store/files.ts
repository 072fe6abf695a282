import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { BaleenError, DataError } from '../core/errors.js'
import { writingTo } from './refusals.js'

/** SHA-256 of a file, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Makes what was written to a file durable; for a folder, the names in it: until then a rename may be undone by a power loss. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a text file, syncs it and checks its length. Throws DataError where the disk took only part of it. */
export async function writeTextFile(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w')
  try {
    await handle.writeFile(text)
    await handle.sync()
    const { size } = await handle.stat()
    // A full disk may accept fewer bytes without an error.
    if (size !== Buffer.byteLength(text)) {
      throw new DataError('the disk took only part of a file: is it full?', {
        file: path,
        value: size,
        unit: 'bytes',
      })
    }
  } finally {
    await handle.close()
  }
}

/** Puts a finished file under its final name, so that after a crash the name holds all of it or what it held before. */
export async function publishFile(temporary: string, path: string): Promise<void> {
  await syncPath(temporary)
  await rename(temporary, path)
  await syncPath(dirname(path))
}

/** Writes text beside its final name and publishes it. Throws DataError naming the path where it cannot be written. */
export async function replaceTextFile(path: string, text: string): Promise<void> {
  const temporary = temporaryName(path)
  await makeFolder(dirname(path))
  await writingTo(path, async () => {
    try {
      await writeTextFile(temporary, text)
      await publishFile(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  })
}

/**
 * Creates a folder with those above it, from the top, and makes their names durable. Throws DataError naming the first one that cannot be
 * made. Node's own recursive mkdir never ends where the system answers "no such file or directory" to a name in a folder that exists, as
 * /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
  const absent: string[] = []
  let folder = resolve(path)
  while (!(await isThere(folder))) {
    absent.unshift(folder)
    if (dirname(folder) === folder) break
    folder = dirname(folder)
  }
  for (const one of absent) await writingTo(one, () => makeOneFolder(one))
  const [first] = absent
  if (first !== undefined) await writingTo(first, () => syncPath(dirname(first)))
  else if (!(await stat(folder)).isDirectory())
    throw new DataError('a folder is needed here, and this is a file', { file: path })
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Another process may make the same folder at the same time. */
async function makeOneFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (!(await stat(path)).isDirectory()) throw error
  }
}

/**
 * Runs work on a folder and turns an error of permissions, of the system or of DuckDB, into a DataError that names the path:
 * that is nobody's bug.
 */
export async function namingPermissions<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error) || error instanceof BaleenError) throw error
    const { code, path } = error as NodeJS.ErrnoException
    const isSystem = code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
    const refused = /file "([^"]+)": (Permission denied|Read-only file system)/.exec(error.message)
    if (!isSystem && refused === null) throw error
    throw new DataError('no permission to work there: is the folder read-only?', {
      file: refused?.[1] ?? path ?? folder,
    })
  }
}

let made = 0

/** A name that no other process and no earlier call uses; verify and the next import know it by its ending. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}-${made++}.tmp`
}
