import { existsSync } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../core/canonical-json.js'
import { DataError } from '../core/errors.js'
import type { LedgerRecord } from '../research/trial-ledger.js'
import { hashText, makeFolder, replaceTextFile, syncPath } from '../store/files.js'
import { withStoreLock } from '../store/lock.js'

export const DEFAULT_LEDGER_FOLDER = '.baleen/ledger'

/** One record a line: `{"hash":…,"previous":…,"record":{…}}`; `hash` is the SHA-256 of the previous hash and the record's canonical JSON. */
const TRIALS_FILE = 'trials.jsonl'
/** How many records there are and the hash of the last one: what tells that lines were cut off at the end. */
const HEAD_FILE = 'head.json'
/** Bytes that are read at once in search of a line's beginning. */
const LINE_PIECE = 64 * 1024
const NEW_LINE = 10
const FIRST_PREVIOUS = '0'.repeat(64)

interface Head {
  readonly records: number
  readonly hash: string
}

/** The ledger as it is: all records up to where its chain breaks. */
export interface Ledger {
  readonly folder: string
  /** Nothing was ever written. */
  readonly isAbsent: boolean
  readonly records: readonly LedgerRecord[]
  /** Hash of the last record. */
  readonly head: string
  /** Where the chain breaks and how, in words; undefined where it is whole. */
  readonly problem: string | undefined
}

interface Chain extends Ledger {
  /** Bytes of whole lines: what follows is a line that a crash cut off. */
  readonly wholeBytes: number
}

/**
 * Reads the ledger and verifies its chain. A last line without its end is what an interrupted write leaves: it does not count, and is no fault. O(bytes).
 */
export async function readLedger(folder: string): Promise<Ledger> {
  const { isAbsent, records, head, problem } = await readChain(folder)
  return { folder, isAbsent, records, head, problem }
}

async function readChain(folder: string): Promise<Chain> {
  const file = join(folder, TRIALS_FILE)
  const headFile = join(folder, HEAD_FILE)
  const isAbsent = !existsSync(file) && !existsSync(headFile)
  const empty = { folder, isAbsent, records: [], head: FIRST_PREVIOUS, wholeBytes: 0 }
  if (isAbsent) return { ...empty, problem: undefined }
  if (!existsSync(file)) return { ...empty, problem: `${file} is gone, although ${HEAD_FILE} tells of it` }
  const text = await readFile(file, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const lines = whole === '' ? [] : whole.slice(0, -1).split('\n')
  const records: LedgerRecord[] = []
  const hashes: string[] = []
  let head = FIRST_PREVIOUS
  for (const [at, line] of lines.entries()) {
    const read = readLine(line, head)
    if (typeof read === 'string')
      return { ...empty, records, head, problem: `line ${at + 1} of ${file} ${read}` }
    records.push(read.record)
    hashes.push((head = read.hash))
  }
  const wholeBytes = Buffer.byteLength(whole)
  return { folder, isAbsent, records, head, wholeBytes, problem: await headProblem(headFile, hashes) }
}

function readLine(
  line: string,
  previous: string,
): { readonly record: LedgerRecord; readonly hash: string } | string {
  let parsed: { readonly hash?: unknown; readonly previous?: unknown; readonly record?: unknown } | null
  try {
    parsed = JSON.parse(line) as typeof parsed
  } catch {
    return 'is not JSON'
  }
  if (typeof parsed !== 'object' || parsed === null || !isRecord(parsed.record)) return 'is no record'
  if (parsed.previous !== previous)
    return 'does not follow the one before it: a record was removed, added or moved'
  const hash = hashOf(previous, parsed.record as LedgerRecord)
  if (parsed.hash !== hash) return 'was changed'
  return { record: parsed.record as LedgerRecord, hash }
}

/** Whether it has what trials are counted by. */
function isRecord(record: unknown): boolean {
  if (typeof record !== 'object' || record === null) return false
  const { from, strategy, sourceHash, bases, startTime, endTime, returns, failed } = record as Partial<LedgerRecord> // prettier-ignore
  const texts = [from, strategy, sourceHash].every((text) => typeof text === 'string')
  const times = [startTime, endTime].every((time) => Number.isFinite(time))
  return texts && times && [bases, returns, failed].every((list) => Array.isArray(list))
}

/** The head may lag one append behind, which is what a crash between the two writes leaves. */
async function headProblem(file: string, hashes: readonly string[]): Promise<string | undefined> {
  if (!existsSync(file))
    return hashes.length <= 1 ? undefined : `${file} is gone: whether records were cut off cannot be told`
  let head: Partial<Head> | null
  try {
    head = JSON.parse(await readFile(file, 'utf8')) as Partial<Head> | null
  } catch {
    return `${file} is not JSON`
  }
  if (typeof head !== 'object' || head === null) return `${file} is no head of records`
  const { records = -1, hash } = head
  if (records > hashes.length)
    return `${file} tells of ${records} records, ${hashes.length} are there: the last ones were cut off`
  if (records < hashes.length - 1 || records < 1 || hashes[records - 1] !== hash)
    return `${file} is not of these records`
  return undefined
}

function hashOf(previous: string, record: LedgerRecord): string {
  return hashText(previous + canonicalJson(record))
}

/**
 * Appends a record, durably, and answers the ledger with it. A ledger whose chain is broken takes further records all the same, and stays broken: what is tried must
 * not be lost because something before it was. Throws DataError where another process keeps the ledger for more than 10 s.
 */
export async function appendToLedger(folder: string, record: LedgerRecord): Promise<void> {
  await makeFolder(folder)
  await withStoreLock(
    folder,
    async () => {
      const chain = await lastOf(folder)
      const hash = hashOf(chain.head, record)
      const line = `${canonicalJson({ hash, previous: chain.head, record })}\n`
      const file = join(folder, TRIALS_FILE)
      const handle = await open(file, 'a+')
      try {
        const { size } = await handle.stat()
        if (size > chain.wholeBytes) await handle.truncate(chain.wholeBytes)
        const { bytesWritten } = await handle.write(line)
        if (bytesWritten !== Buffer.byteLength(line))
          throw new DataError('the disk took only part of a record: is it full?', { file, value: bytesWritten, unit: 'bytes' }) // prettier-ignore
        await handle.sync()
      } finally {
        await handle.close()
      }
      await syncPath(folder)
      if (chain.isWhole) await replaceTextFile(join(folder, HEAD_FILE), `${canonicalJson({ hash, records: chain.records + 1 })}\n`) // prettier-ignore
    },
    10_000,
    'writing to this ledger',
  )
}

interface Last {
  readonly head: string
  readonly records: number
  readonly wholeBytes: number
  /** Nothing speaks against the chain: a broken one keeps its head, so that it stays broken. */
  readonly isWhole: boolean
}

/** By the last line alone where the head tells of it: a sweep that appends a thousand times does not read all that it wrote each time. What is broken before it stays so. */
async function lastOf(folder: string): Promise<Last> {
  return (await lastLine(folder)) ?? lastOfChain(folder)
}

/** Undefined where the head and the last line do not belong together. */
async function lastLine(folder: string): Promise<Last | undefined> {
  let head: Partial<Head> | null
  let handle: FileHandle
  try {
    head = JSON.parse(await readFile(join(folder, HEAD_FILE), 'utf8')) as Partial<Head> | null
    handle = await open(join(folder, TRIALS_FILE), 'r')
  } catch {
    return undefined
  }
  try {
    const { size } = await handle.stat()
    const line = await lineBefore(handle, size)
    const previous = /^\{"hash":"[0-9a-f]{64}","previous":"([0-9a-f]{64})"/.exec(line)?.[1]
    const read = previous === undefined ? undefined : readLine(line, previous)
    if (typeof read !== 'object' || read.hash !== head?.hash || !(Number(head.records) >= 1)) return undefined
    return { head: read.hash, records: head.records as number, wholeBytes: size, isWhole: true }
  } finally {
    await handle.close()
  }
}

/** The line that ends at a place of a file; empty where no line ends there. */
async function lineBefore(handle: FileHandle, end: number): Promise<string> {
  let bytes = Buffer.alloc(0)
  for (let from = end; from > 0;) {
    const size = Math.min(LINE_PIECE, from)
    from -= size
    const { buffer } = await handle.read(Buffer.alloc(size), 0, size, from)
    bytes = Buffer.concat([buffer, bytes])
    if (bytes.at(-1) !== NEW_LINE) return ''
    const start = bytes.lastIndexOf(NEW_LINE, -2)
    if (start >= 0 || from === 0) return bytes.toString('utf8', start + 1, bytes.length - 1)
  }
  return ''
}

async function lastOfChain(folder: string): Promise<Last> {
  const { head, records, wholeBytes, problem } = await readChain(folder)
  if (problem === undefined) return { head, records: records.length, wholeBytes, isWhole: true }
  const file = join(folder, TRIALS_FILE)
  const text = existsSync(file) ? await readFile(file, 'utf8') : ''
  const bytes = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1))
  return { head, records: records.length, wholeBytes: bytes, isWhole: false }
}
