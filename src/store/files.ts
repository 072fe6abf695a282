import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DataError } from '../core/errors.js'

/** SHA-256 of a file, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a rename survive a power loss: until its folder is synced, the old name may come back. */
async function syncFolder(path: string): Promise<void> {
  await sync(path)
}

/** Puts a finished file under its final name, so that after a crash the name holds all of it or what it held before. */
export async function publishFile(temporary: string, path: string): Promise<void> {
  await sync(temporary)
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

/** Writes text beside its final name, syncs it, checks its length and publishes it. */
export async function replaceTextFile(path: string, text: string): Promise<void> {
  const temporary = temporaryName(path)
  await makeFolder(dirname(path))
  const handle = await open(temporary, 'w')
  try {
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
  // A full disk may accept fewer bytes without an error.
  const { size } = await stat(temporary)
  if (size !== Buffer.byteLength(text)) {
    throw new DataError('the disk took only part of a file: is it full?', {
      file: temporary,
      value: size,
      unit: 'bytes',
    })
  }
  await publishFile(temporary, path)
}

/** Creates a folder and makes its own name durable. */
export async function makeFolder(path: string): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true })
  if (firstMade !== undefined) await syncFolder(dirname(firstMade))
}

let made = 0

/** A name that no other process and no earlier call uses; verify and the next import know it by its ending. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}-${made++}.tmp`
}
