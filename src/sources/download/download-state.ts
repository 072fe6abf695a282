import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError } from '../../core/errors.js'
import { replaceTextFile } from '../../store/files.js'
import type { Span } from './spans.js'

/** What was downloaded of a series, and is in the data folder. */
export interface DownloadState {
  /** Asked for, answered and imported: not asked for again. */
  readonly spans: readonly Span[]
  /** Of these, what the venue has nothing of although it was asked twice: facts, never filled. */
  readonly gaps: readonly Span[]
  /** A walk that has begun: pages of it may be there. */
  readonly underway?: Span | undefined
}

const span: z.ZodType<Span> = z.tuple([z.number(), z.number()])
const schema: z.ZodType<DownloadState> = z.strictObject({
  version: z.literal(1),
  spans: z.array(span),
  gaps: z.array(span),
  underway: span.optional(),
})

/** Reads it; nothing where there is none. Throws DataError where it is damaged. */
export async function readDownloadState(path: string): Promise<DownloadState> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { spans: [], gaps: [] }
    throw error
  }
  const parsed = schema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new DataError('what was downloaded before cannot be read: remove the file, and all of it is asked for again', { file: path }) // prettier-ignore
}

export function writeDownloadState(path: string, state: DownloadState): Promise<void> {
  return replaceTextFile(path, `${JSON.stringify({ version: 1, ...state })}\n`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
