import { createReadStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { dirname } from 'node:path'
import { DataError } from '../core/errors.js'
import { makeFolder, syncPath } from '../store/files.js'
import { writingTo } from '../store/refusals.js'

/** Appends a line of JSON; resolves once it is durable. Throws DataError naming the file where it cannot be written whole. */
export async function appendLine(path: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value)}\n`
  await writingTo(path, async () => {
    const file = await open(path, 'a').catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      await makeFolder(dirname(path))
      return open(path, 'a')
    })
    try {
      const { size } = await file.stat()
      await file.appendFile(text)
      await file.datasync()
      const added = (await file.stat()).size - size
      // A full disk may accept fewer bytes without an error.
      if (added !== Buffer.byteLength(text)) throw new DataError('the disk took only part of a line: is it full?', { file: path, value: added, unit: 'bytes' }) // prettier-ignore
      if (size === 0) await syncPath(dirname(path))
    } finally {
      await file.close()
    }
  })
}

/** Whole lines of a file (also `.gz`), parsed; a last line without its end was never acknowledged and is left out. Yields nothing where there is no file. Throws DataError for any other line that is no JSON. */
export async function* readLinesOf(path: string): AsyncGenerator<unknown> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return
  const isPacked = path.endsWith('.gz')
  const isEnded = isPacked || found.size === 0 || (await endsLine(path, found.size))
  const raw = createReadStream(path)
  const input = isPacked ? raw.pipe(createGunzip()) : raw
  raw.on('error', (error) => input.destroy(error))
  let held: string | undefined
  let row = 0
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (held !== undefined) yield parsed(held, path, ++row)
    held = line
  }
  if (held !== undefined && held !== '' && isEnded) yield parsed(held, path, row + 1)
}

function parsed(line: string, file: string, row: number): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    throw new DataError('a line in the middle of the file is damaged', { file, row })
  }
}

async function endsLine(path: string, size: number): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const last = Buffer.alloc(1)
    await file.read(last, 0, 1, size - 1)
    return last[0] === 0x0a
  } finally {
    await file.close()
  }
}

/** Takes a line without its end off a file, so that the next one does not grow onto it. Answers what was taken off; undefined where the file ends as it should. */
export async function cutTornLine(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || found.size === 0 || (await endsLine(path, found.size))) return undefined
  const bytes = await readFile(path)
  const whole = bytes.lastIndexOf(0x0a) + 1
  const file = await open(path, 'r+')
  try {
    await file.truncate(whole)
    await file.sync()
  } finally {
    await file.close()
  }
  return bytes.subarray(whole).toString('utf8')
}
