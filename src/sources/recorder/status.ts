import { readFile, readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../../core/errors.js'
import { DAY_MS, formatUtcDay } from '../../core/time.js'
import { withStoreLock } from '../../store/lock.js'
import { CAUTIOUS, RequestBudget } from '../smart-money/budget.js'
import { Coverage, type Gap, meaningOf } from './coverage.js'
import { answerDays, answersOf, isThere, namesIn, placesOf, readPlans, readSummaries } from './recording.js'
import { seriesOf } from './series.js'

export interface SeriesStatus {
  readonly id: string
  /** ms between polls by the newest plan; null where it is not asked for any more. */
  readonly everyMs: number | null
  readonly firstAnswered: number | null
  readonly lastAnswered: number | null
  readonly ageMs: number | null
  readonly answeredToday: number
  /** What its last try came to, where that was no answer. */
  readonly trouble: string | null
  /** Share of the time since its first answer that no gap lies in; null before there is one. */
  readonly coverage: number | null
  readonly gaps: number
}

export interface RecordingStatus {
  readonly folder: string
  /** UTC ms by whose clock ages are reckoned. */
  readonly now: number
  /** In words, where a recorder works in the folder. */
  readonly running: string | null
  readonly lastStart: number | null
  readonly series: readonly SeriesStatus[]
  /** Newest last; those of the last days, and those that are open. */
  readonly gaps: readonly Gap[]
  readonly openGaps: readonly Gap[]
  readonly quarantine: { readonly rows: number; readonly byReason: Readonly<Record<string, number>> }
  /** Tables that an import refused, by day. */
  readonly refused: Readonly<Record<string, string>>
  readonly budget: { readonly perMinute: number; readonly perDay: number; readonly usedToday: number; readonly notBefore: number | null }
  readonly disk: { readonly bytes: number; readonly answerBytesToday: number; readonly freeBytes: number; readonly daysLeft: number | null }
  readonly days: { readonly first: string | null; readonly last: string | null; readonly imported: number; readonly waiting: number }
} // prettier-ignore

/** How many gaps are listed. */
const GAPS_LISTED = 200

/** Looks at a recording without touching it. Throws DataError where there is none. */
export async function recordingStatus(folder: string, nowMs: number): Promise<RecordingStatus> {
  const places = placesOf(folder)
  if (!(await isThere(places.plans))) throw new DataError('nothing was recorded there yet: baleen data record begins', { file: folder }) // prettier-ignore
  const [summaries, plans, days] = [await readSummaries(folder), await readPlans(folder), await answerDays(folder)] // prettier-ignore
  const coverage = new Coverage(summaries.at(-1)?.series ?? {}, plans)
  const trouble = new Map<string, string>()
  const summarised = new Set(summaries.map(({ day }) => day))
  const waiting = days.filter((day) => !summarised.has(day))
  for (const day of waiting) {
    if (day === formatUtcDay(nowMs)) coverage.nextDay()
    for await (const answer of answersOf(folder, day)) {
      coverage.add(answer)
      const { meaning, message } = meaningOf(answer)
      if (meaning === 'answered') trouble.delete(seriesOf(answer))
      else trouble.set(seriesOf(answer), message === '' ? meaning : `${meaning}: ${message.slice(0, 160)}`)
    }
  }
  const every = plans.at(-1)?.every ?? {}
  const today = coverage.day()
  const ids = [...new Set([...Object.keys(every), ...Object.keys(coverage.all())])].filter((id) => !BOOKKEEPING.has(id)) // prettier-ignore
  const series = ids.map((id): SeriesStatus => {
    const { firstAnswered, lastAnswered, gaps, gapMs } = coverage.of(id)
    const open = every[id] === undefined ? undefined : coverage.openGap(id, nowMs)
    const spanMs = firstAnswered === null ? 0 : (open === undefined ? (lastAnswered ?? nowMs) : nowMs) - firstAnswered // prettier-ignore
    const missing = gapMs + (open === undefined ? 0 : open.toMs - open.fromMs)
    return {
      id,
      everyMs: every[id] ?? null,
      firstAnswered,
      lastAnswered,
      ageMs: lastAnswered === null ? null : nowMs - lastAnswered,
      answeredToday: today[id]?.answered ?? 0,
      trouble: trouble.get(id) ?? null,
      coverage: firstAnswered === null ? null : spanMs === 0 ? 1 : 1 - missing / spanMs,
      gaps: gaps + (open === undefined ? 0 : 1),
    }
  })
  const byReason: Record<string, number> = {}
  for (const { quarantine } of summaries)
    for (const [reason, rows] of Object.entries(quarantine)) byReason[reason] = (byReason[reason] ?? 0) + rows
  const { usedToday, notBefore, limits } = await budgetOf(
    plans.at(-1)?.recorded.budget ?? places.budget,
    nowMs,
  )
  const todayBytes = Object.values(today).reduce((sum, { bytes }) => sum + bytes, 0)
  const bytes = await bytesIn(folder)
  const { bavail, bsize } = await statfs(folder)
  const perDay = days.length === 0 ? 0 : bytes / days.length
  return {
    folder,
    now: nowMs,
    running: await holderOf(folder),
    lastStart: plans.filter(({ isStart }) => isStart).at(-1)?.at ?? null,
    series,
    gaps: [...summaries.flatMap(({ gaps }) => gaps), ...coverage.gaps()].slice(-GAPS_LISTED),
    openGaps: Object.keys(every).flatMap((id) => coverage.openGap(id, nowMs) ?? []),
    quarantine: { rows: Object.values(byReason).reduce((sum, rows) => sum + rows, 0), byReason },
    refused: Object.fromEntries(summaries.flatMap(({ day, refused }) => Object.entries(refused).map(([table, why]) => [`${day} ${table}`, why]))), // prettier-ignore
    budget: { ...limits, usedToday, notBefore: notBefore > nowMs ? notBefore : null },
    disk: { bytes, answerBytesToday: todayBytes, freeBytes: bavail * bsize, daysLeft: perDay === 0 ? null : Math.floor((bavail * bsize) / perDay) }, // prettier-ignore
    days: { first: days[0] ?? null, last: days.at(-1) ?? null, imported: summaries.length, waiting: waiting.length }, // prettier-ignore
  }
}

const BOOKKEEPING: ReadonlySet<string> = new Set(['api:usage', 'api:plans'])

async function budgetOf(
  path: string,
  nowMs: number,
): Promise<{ usedToday: number; notBefore: number; limits: { perMinute: number; perDay: number } }> {
  // prettier-ignore
  if (!(await isThere(path))) return { usedToday: 0, notBefore: -Infinity, limits: { ...CAUTIOUS } }
  // Checks it; the figures are the file's own.
  await RequestBudget.open(path)
  const { usedToday, notBefore, limits, day } = JSON.parse(await readFile(path, 'utf8')) as { usedToday: number; notBefore: number; limits: { perMinute: number; perDay: number }; day: number } // prettier-ignore
  return { usedToday: day === Math.floor(nowMs / DAY_MS) ? usedToday : 0, notBefore, limits }
}

/** Who holds the folder, in words. */
async function holderOf(folder: string): Promise<string | null> {
  if (!(await namesIn(folder)).includes('lock.duckdb')) return null
  try {
    await withStoreLock(folder, () => Promise.resolve(), 0, 'recording')
    return null
  } catch (error) {
    if (error instanceof DataError) return error.message.split(':')[0] ?? error.message
    throw error
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += await stat(join(entry.parentPath, entry.name)).then(({ size }) => size, () => 0) // prettier-ignore
  return bytes
}
