import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { BaleenError, DataError } from '../core/errors.js'

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

/** Writes text beside its final name and publishes it. */
export async function replaceTextFile(path: string, text: string): Promise<void> {
  const temporary = temporaryName(path)
  await makeFolder(dirname(path))
  await writeTextFile(temporary, text)
  await publishFile(temporary, path)
}

/** Creates a folder and makes its own name durable. */
export async function makeFolder(path: string): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true })
  if (firstMade !== undefined) await syncPath(dirname(firstMade))
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
