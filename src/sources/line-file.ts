import { createReadStream } from 'node:fs'
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { dirname } from 'node:path'
import { DataError } from '../core/errors.js'
import { hashText, makeFolder, syncPath } from '../store/files.js'
import { writingTo } from '../store/refusals.js'
import { readWitness, witnessPath, witnessText } from '../store/witness.js'
import { parseSummedLine, summedLine } from './summed-line.js'

/**
 * Appends a line of JSON with its sum; resolves once it is durable. Beside the file stands how long it was then, since lines that are lost at its end leave no trace in it.
 * Throws DataError naming the file where it cannot be written whole.
 */
export async function appendLine(path: string, value: object): Promise<void> {
  const line = summedLine(value)
  const text = `${line}\n`
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
      await writeFile(witnessPath(path), witnessText({ count: size + added, hash: hashText(line) }))
      if (size === 0) await syncPath(dirname(path))
    } finally {
      await file.close()
    }
  })
}

/** Whole lines of a file (also `.gz`), parsed; a last line without its end was never acknowledged and is left out. Yields nothing where there is no file. Throws DataError for any other line that is not as it was written, and where acknowledged ones are missing at the end. */
export async function* readLinesOf(path: string): AsyncGenerator<unknown> {
  const acknowledged = readWitness(path)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return
  if (acknowledged !== undefined && acknowledged.count > found.size)
    throw new DataError(`lines are missing at the end: ${witnessPath(path)} tells of more`, { file: path, value: found.size, unit: 'bytes' }) // prettier-ignore
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
  if (held === undefined || held === '') return
  if (isEnded) yield parsed(held, path, row + 1)
  else if (acknowledged !== undefined && acknowledged.count > found.size - Buffer.byteLength(held))
    throw new DataError('the last line is not as it was stored', { file: path, row: row + 1 })
}

function parsed(line: string, file: string, row: number): unknown {
  const value = parseSummedLine(line)
  if (value === undefined) throw new DataError('a line is not as it was stored: it was changed or damaged', { file, row }) // prettier-ignore
  return value
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

/** Takes a line without its end off a file, so that the next one does not grow onto it. Answers what was taken off; undefined where the file ends as it should. Throws DataError where it was acknowledged. */
export async function cutTornLine(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || found.size === 0 || (await endsLine(path, found.size))) return undefined
  const acknowledged = readWitness(path)
  const bytes = await readFile(path)
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (acknowledged !== undefined && acknowledged.count > whole)
    throw new DataError('the last line is not as it was stored', { file: path, value: whole, unit: 'bytes' })
  const file = await open(path, 'r+')
  try {
    await file.truncate(whole)
    await file.sync()
  } finally {
    await file.close()
  }
  return bytes.subarray(whole).toString('utf8')
}

/** Removes a file of lines and what is known of its length, that first: a new file of the name begins with nothing. */
export async function removeLines(path: string): Promise<void> {
  await rm(witnessPath(path), { force: true })
  await rm(path)
}
