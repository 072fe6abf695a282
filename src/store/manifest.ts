import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { canonicalJson } from '../core/canonical-json.js'
import { DataError } from '../core/errors.js'
import { hashText, replaceTextFile } from './files.js'
import { type Kind, KINDS, type Origin, ORIGINS, type RateKind, RATE_KINDS } from './kinds.js'

export const MANIFEST_FILE = 'manifest.json'
const FORMAT_VERSION = 1

export interface StoredFile {
  /** Relative to the data folder, ending in the first 16 digits of its SHA-256. */
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  readonly rows: number
}

const storedFile: z.ZodType<StoredFile> = z.strictObject({
  path: z.string().regex(/^([A-Za-z0-9][A-Za-z0-9._@+-]*\/)+[A-Za-z0-9._@+-]+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int(),
  rows: z.number().int(),
})

export interface ImportRecord {
  /** UTC ms. */
  readonly importedAt: number
  readonly file: string
  readonly fileSha256: string
  /** The import's options as typed. */
  readonly arguments: Record<string, unknown>
}

const importRecord: z.ZodType<ImportRecord> = z.strictObject({
  importedAt: z.number(),
  file: z.string(),
  fileSha256: z.string(),
  arguments: z.record(z.string(), z.unknown()),
})

/** One line of the manifest: what a series holds, in which file, and where it came from. */
export interface SeriesEntry {
  readonly kind: Kind
  readonly subject: string
  readonly venue?: string | undefined
  readonly asset?: string | undefined
  readonly timeframeMs?: number | undefined
  /** Where the candle grid starts within an interval: 0 except for grids such as weeks that open on Monday. */
  readonly gridOffsetMs?: number | undefined
  readonly rateKind?: RateKind | undefined
  /** Coin-margined: a run refuses it. */
  readonly inverse: boolean
  /** Number columns, as in the files. */
  readonly fields: string[]
  readonly file: StoredFile
  readonly quarantine?: StoredFile | undefined
  readonly firstEventTime: number
  readonly lastEventTime: number
  /** Typical distance of two events; undefined for a single one. */
  readonly stepMs?: number | undefined
  readonly gaps: { readonly count: number; readonly missing: number; readonly longestMs: number }
  /** Rows without a known-at: kept, never loaded. */
  readonly neverKnown: number
  readonly revisions: number
  readonly knownDelayMedianMs?: number | undefined
  readonly origins: Origin[]
  readonly flags: string[]
  readonly sources: string[]
  readonly imports: ImportRecord[]
}

const seriesEntry: z.ZodType<SeriesEntry> = z.strictObject({
  kind: z.enum(KINDS),
  subject: z.string(),
  venue: z.string().optional(),
  asset: z.string().optional(),
  timeframeMs: z.number().optional(),
  gridOffsetMs: z.number().optional(),
  rateKind: z.enum(RATE_KINDS).optional(),
  inverse: z.boolean(),
  fields: z.array(z.string()),
  file: storedFile,
  quarantine: storedFile.optional(),
  firstEventTime: z.number(),
  lastEventTime: z.number(),
  stepMs: z.number().optional(),
  gaps: z.strictObject({ count: z.number(), missing: z.number(), longestMs: z.number() }),
  neverKnown: z.number(),
  revisions: z.number(),
  knownDelayMedianMs: z.number().optional(),
  origins: z.array(z.enum(ORIGINS)),
  flags: z.array(z.string()),
  sources: z.array(z.string()),
  imports: z.array(importRecord),
})

/** A series that was taken out of the store on purpose. */
export interface RemovalRecord {
  readonly series: string
  /** UTC ms. */
  readonly removedAt: number
  readonly rows: number
  readonly sha256: string
  /** What it had been imported from. */
  readonly files: string[]
}

const removalRecord: z.ZodType<RemovalRecord> = z.strictObject({
  series: z.string(),
  removedAt: z.number(),
  rows: z.number().int(),
  sha256: z.string(),
  files: z.array(z.string()),
})

const manifestSchema = z.strictObject({
  formatVersion: z.literal(FORMAT_VERSION),
  series: z.record(z.string(), seriesEntry),
  removed: z.array(removalRecord).default([]),
})

export type SeriesMap = Readonly<Record<string, SeriesEntry>>

/** All series of a data folder, and the hash that identifies them. */
export interface Manifest {
  readonly series: SeriesMap
  /** Journal of removals, oldest first. No part of the data's identity. */
  readonly removed: readonly RemovalRecord[]
  readonly dataSetHash: string
}

/** What of a series identifies data: its rows and how to read them, not when or from where it was imported. */
function identity(entry: SeriesEntry): unknown {
  const { sha256 } = entry.file
  return {
    sha256,
    kind: entry.kind,
    inverse: entry.inverse,
    asset: entry.asset,
    gridOffsetMs: entry.gridOffsetMs,
  }
}

/** Hash of the data held by some series: the same rows imported elsewhere, at another time, have the same hash. */
export function dataSetHash(series: SeriesMap): string {
  const identities = Object.entries(series).map(([id, entry]) => [id, identity(entry)])
  return hashText(canonicalJson(Object.fromEntries(identities)))
}

/** Reads the manifest; a folder without one is an empty store. Throws DataError where it is damaged. */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, MANIFEST_FILE)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { series: {}, removed: [], dataSetHash: dataSetHash({}) }
    throw new DataError('the manifest cannot be read', { file: path, value: (error as Error).message })
  }
  return parseManifest(text, path)
}

function parseManifest(text: string, path: string): Manifest {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new DataError('the manifest is damaged: it is not JSON', { file: path })
  }
  const { checksum, dataSetHash: hash, ...content } = z.looseObject({}).catch({}).parse(json)
  if (hashText(canonicalJson(content)) !== checksum) {
    throw new DataError('the manifest is damaged: its content does not match its checksum', { file: path })
  }
  const parsed = manifestSchema.safeParse(content)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new DataError('the manifest is not one that this version reads', {
      file: path,
      field: issue?.path.map(String).join('.') ?? 'manifest',
      value: issue?.message,
    })
  }
  const { series, removed } = parsed.data
  if (dataSetHash(series) !== hash)
    throw new DataError('the manifest is damaged: its data-set hash is wrong', { file: path })
  return { series, removed, dataSetHash: hash as string }
}

/** Replaces the manifest in one step: a crash leaves the old one or the new one. */
export async function writeManifest(
  directory: string,
  series: SeriesMap,
  removed: readonly RemovalRecord[],
): Promise<Manifest> {
  const content = { formatVersion: FORMAT_VERSION, series, removed }
  const hash = dataSetHash(series)
  const checksum = hashText(canonicalJson(content))
  const text = canonicalJson({ ...content, dataSetHash: hash, checksum }, 1)
  await replaceTextFile(join(directory, MANIFEST_FILE), text + '\n')
  return { series, removed, dataSetHash: hash }
}
