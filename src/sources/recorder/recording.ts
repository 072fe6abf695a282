import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import { DataError } from '../../core/errors.js'
import { publishFile, temporaryName } from '../../store/files.js'
import { readLinesOf, removeLines } from '../line-file.js'
import type { StoredAnswer } from '../smart-money/answer-log.js'
import type { PlanLine, SeriesCoverage } from './coverage.js'

/** Where things lie in a recording's folder. */
export const placesOf = (
  folder: string,
): Readonly<Record<'answers' | 'days' | 'quarantine' | 'work' | 'plans' | 'budget' | 'exchangeBudget' | 'torn', string>> => ({
  answers: join(folder, 'answers'),
  days: join(folder, 'days'),
  quarantine: join(folder, 'quarantine'),
  work: join(folder, 'work'),
  plans: join(folder, 'plans.ndjson'),
  budget: join(folder, 'budget.json'),
  exchangeBudget: join(folder, 'exchange-budget.json'),
  torn: join(folder, 'torn.ndjson'),
}) // prettier-ignore

/** What became of a day, once it is over and in the data folder. */
export interface DaySummary {
  readonly version: 1
  readonly day: string
  readonly series: Readonly<Record<string, SeriesCoverage>>
  readonly answers: Readonly<Record<string, { readonly answered: number; readonly failed: Readonly<Record<string, number>>; readonly bytes: number }>> // prettier-ignore
  readonly gaps: readonly { readonly series: string; readonly fromMs: number; readonly toMs: number; readonly reason: string }[] // prettier-ignore
  /** Rows by table, as they went into the import. */
  readonly tables: Readonly<Record<string, number>>
  /** Rows that are set aside, by reason: those of answers, and those that the import kept aside. */
  readonly quarantine: Readonly<Record<string, number>>
  /** Tables that the import refused, and why. */
  readonly refused: Readonly<Record<string, string>>
}

const coverage = z.strictObject({
  firstAnswered: z.number().nullable(),
  lastAnswered: z.number().nullable(),
  completeUntil: z.number().nullable(),
  walk: z.strictObject({ from: z.number(), until: z.number(), to: z.number() }).nullable(),
  gaps: z.number(),
  gapMs: z.number(),
})
const counts = z.record(z.string(), z.number())
const summary: z.ZodType<DaySummary> = z.strictObject({
  version: z.literal(1),
  day: z.string(),
  series: z.record(z.string(), coverage),
  answers: z.record(z.string(), z.strictObject({ answered: z.number(), failed: counts, bytes: z.number() })),
  gaps: z.array(z.strictObject({ series: z.string(), fromMs: z.number(), toMs: z.number(), reason: z.string() })),
  tables: counts,
  quarantine: counts,
  refused: z.record(z.string(), z.string()),
}) // prettier-ignore

/** Days of which there are summaries, oldest first. Throws DataError naming one that is damaged. */
export async function readSummaries(folder: string): Promise<DaySummary[]> {
  const { days } = placesOf(folder)
  const names = (await namesIn(days)).filter((name) => /^\d{4}-\d{2}-\d{2}\.json$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const file = join(days, name)
      const parsed = summary.safeParse(jsonOf(await readFile(file, 'utf8')))
      if (parsed.success) return parsed.data
      throw new DataError('the summary of a day is damaged: remove it, and it is made again of the answers', { file }) // prettier-ignore
    }),
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

/** Days with answers that are not packed yet, oldest first. */
export async function unpackedDays(folder: string): Promise<string[]> {
  const names = await namesIn(placesOf(folder).answers)
  return names.flatMap((name) => /^(\d{4}-\d{2}-\d{2})\.ndjson$/.exec(name)?.[1] ?? []).sort()
}

/** All answers of a day in the order in which they came. */
export async function* answersOf(folder: string, day: string): AsyncGenerator<StoredAnswer> {
  const path = join(placesOf(folder).answers, `${day}.ndjson`)
  for (const part of [`${path}.gz`, path])
    for await (const line of readLinesOf(part)) yield line as StoredAnswer
}

/** Days of which there are answers, packed or not, oldest first. */
export async function answerDays(folder: string): Promise<string[]> {
  const names = await namesIn(placesOf(folder).answers)
  const days = names.flatMap((name) => /^(\d{4}-\d{2}-\d{2})\.ndjson(\.gz)?$/.exec(name)?.[1] ?? [])
  return [...new Set(days)].sort()
}

/** Beginnings and intervals, oldest first. */
export async function readPlans(folder: string): Promise<PlanLine[]> {
  const plans: PlanLine[] = []
  for await (const line of readLinesOf(placesOf(folder).plans)) plans.push(line as PlanLine)
  return plans
}

/** Packs the answers of a day that is over. Whatever it dies of, the day's answers are there: plain, packed, or both, which `settlePacked` sorts out. */
export async function packDay(folder: string, day: string): Promise<void> {
  const plain = join(placesOf(folder).answers, `${day}.ndjson`)
  const packed = `${plain}.gz`
  const temporary = temporaryName(packed)
  if (await isThere(packed)) {
    // Answers that came after the day was packed, since a clock was set back.
    const whole = temporaryName(plain)
    await pipeline(createReadStream(packed), createGunzip(), createWriteStream(whole))
    await pipeline(createReadStream(plain), createWriteStream(whole, { flags: 'a' }))
    await pipeline(createReadStream(whole), createGzip(), createWriteStream(temporary))
    await rm(whole)
  } else await pipeline(createReadStream(plain), createGzip(), createWriteStream(temporary))
  await publishFile(temporary, packed)
  await removeLines(plain)
}

/** After a death between packing and removing: takes away a plain file whose lines stand at the end of the packed one. */
export async function settlePacked(folder: string, day: string): Promise<void> {
  const plain = join(placesOf(folder).answers, `${day}.ndjson`)
  if (!(await isThere(`${plain}.gz`)) || !(await isThere(plain))) return
  const text = await readFile(plain)
  const chunks: Buffer[] = []
  await pipeline(createReadStream(`${plain}.gz`), createGunzip(), async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) chunks.push(chunk)
  })
  const packed = Buffer.concat(chunks)
  if (packed.subarray(Math.max(0, packed.length - text.length)).equals(text)) await removeLines(plain)
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
