import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BaleenError, ConfigError, EXIT_CODES } from '../../core/errors.js'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, durationName, formatUtc } from '../../core/time.js'
import type { ImportReport } from '../../store/import-options.js'
import type { Store } from '../../store/store.js'
import type { Patience } from '../exchange/ask-page.js'
import { ConfirmationRows } from '../facts/confirmations.js'
import { FactTables, importTables, type TableImport } from '../facts/fact-tables.js'
import { FlowRows } from '../facts/flows.js'
import { addMapped, type KnownAt } from '../facts/smart-money-facts.js'
import { readLinesOf } from '../line-file.js'
import type { StoredAnswer } from '../smart-money/answer-log.js'
import type { Outcome, SmartMoneyClient } from '../smart-money/client.js'
import { type HistoryResult, readHistory } from '../smart-money/history.js'
import type { Mapped, Quarantined } from '../smart-money/mapper.js'
import { understand } from '../smart-money/meaning.js'
import { ASSUMPTIONS_VERSION } from '../../core/smart-money-rows.js'
import { readDownloadState, writeDownloadState } from './download-state.js'
import { DOWNLOADS_FOLDER } from './exchange-download.js'
import { joined, type Span, without } from './spans.js'

/** Tables of the archive of which series are made, and what is assumed of when a row of each was known: this long after its event, at least one bar. */
export const ARCHIVE_TABLES: Readonly<Record<string, { readonly lagMs: number }>> = {
  whale_positions: { lagMs: HOUR_MS },
  derivatives: { lagMs: HOUR_MS },
  derivatives_agg: { lagMs: HOUR_MS },
  // Of a day, stamped with its start, and told one to three days later; where a row says itself when, that counts.
  onchain: { lagMs: 4 * DAY_MS },
  confirmations: { lagMs: HOUR_MS },
  whale_consensus: { lagMs: HOUR_MS },
}

/** The variable of the environment that holds the key. */
export const KEY_VARIABLE = 'SMARTMONEY_API_KEY'

/** Where answers of the archive are kept as they came, inside the downloads folder. */
export const ANSWERS_FOLDER = 'smart-money'

export interface ArchiveDownloadOptions extends Patience {
  readonly store: Store
  /** Keeps its answers under `archiveAnswers(store)`. */
  readonly client: SmartMoneyClient
  readonly fromMs: number
  readonly toMs: number
  /** In place of what is assumed of the table. */
  readonly lagMs?: number
  readonly flags: readonly string[]
  readonly source?: string
  readonly progress?: (table: string, done: number, total: number, words: string) => void
}

export interface ArchiveReport {
  readonly table: string
  readonly asked: readonly Span[]
  readonly answers: { readonly asked: number; readonly remembered: number }
  /** Known-at is assumed to be this long after the event. */
  readonly assumedLagMs: number
  readonly quarantined: readonly { readonly reason: string; readonly count: number }[]
  readonly imports: readonly ImportReport[]
}

export function archiveAnswers(store: Store): string {
  return join(store.directory, DOWNLOADS_FOLDER, ANSWERS_FOLDER)
}

/** Answers of the archive that are kept already, by address. Only whole ones: what failed is asked again. */
export async function keptAnswers(folder: string): Promise<Map<string, StoredAnswer>> {
  await mkdir(folder, { recursive: true })
  const kept = new Map<string, StoredAnswer>()
  for (const name of (await readdir(folder)).filter((file) => /\.ndjson(\.gz)?$/.test(file)).sort())
    for await (const line of readLinesOf(join(folder, name))) {
      const answer = line as StoredAnswer
      if (answer.status === 200 && understand(200, answer.body).meaning === 'answered') kept.set(answer.url, answer) // prettier-ignore
    }
  return kept
}

/**
 * Downloads a table of the archive between two times, newest first, and imports what it holds. Each page is kept as it came before it is read; a download that was cut off asks for none of them again.
 *
 * @throws ConfigError where the key is missing or refused, or the plan does not have it; BaleenError with the exit code of networks where the API does not answer or its quota is used up
 */
export async function downloadArchive(
  table: string,
  kept: Map<string, StoredAnswer>,
  options: ArchiveDownloadOptions,
): Promise<ArchiveReport> {
  const known = Object.hasOwn(ARCHIVE_TABLES, table) ? ARCHIVE_TABLES[table] : undefined
  if (known === undefined) throw new ConfigError(`series are made of ${Object.keys(ARCHIVE_TABLES).join(', ')}`, { field: '--smart-money', value: table }) // prettier-ignore
  const { store, client, now, flags, source, progress } = options
  const lagMs = options.lagMs ?? known.lagMs
  const folder = join(store.directory, DOWNLOADS_FOLDER)
  const stateFile = join(folder, `smart-money.${table}.json`)
  const before = await readDownloadState(stateFile)
  const second = (timeMs: number): number => Math.floor(timeMs / SECOND_MS) * SECOND_MS
  // A walk that was cut off is ended first: its pages hang on where it began.
  const resumed = before.underway === undefined ? [] : [before.underway]
  const asked: Span[] = [...resumed, ...without([second(options.fromMs), second(options.toMs)], joined([...before.spans, ...resumed]))] // prettier-ignore
  const counts = { asked: 0, remembered: 0 }
  const asking: Pick<SmartMoneyClient, 'ask'> = {
    ask: async (path, params = {}) => {
      const address = `${path}?${new URLSearchParams(params).toString()}`
      const old = [...kept.values()].find(({ url }) => url.endsWith(address))
      if (old !== undefined) {
        counts.remembered++
        return { ...understand(200, old.body), answer: old }
      }
      const outcome = await client.ask(path, params)
      if (outcome.meaning === 'answered' && outcome.answer !== undefined) {
        counts.asked++
        kept.set(outcome.answer.url, outcome.answer)
      }
      return outcome
    },
  }
  const quarantined: Quarantined[] = []
  const imports: TableImport[] = []
  let spans = before.spans
  for (const span of asked) {
    await writeDownloadState(stateFile, { spans, gaps: [], underway: span })
    const forget = (url: string): void => void kept.delete(url)
    const history = await readPatiently(asking, forget, table, span, options)
    const tables = new FactTables()
    const mapped: Mapped = { version: ASSUMPTIONS_VERSION, family: `history/${table}`, rows: oldestFirst(history), quarantined: history.quarantined } // prettier-ignore
    quarantined.push(...addArchive(tables, mapped, (row) => row.times['available_ts'] ?? (row.eventTime ?? NaN) + lagMs)) // prettier-ignore
    const files = tables.files().map(({ shape, text }) => ({ text, shape: { ...shape, options: { ...shape.options, origin: 'assumed' as const } } })) // prettier-ignore
    imports.push(...(await importTables(files, { store, folder, now: now(), flags, prefix: 'download-', throwsRefusals: true, ...(source !== undefined && { source }), progress: (name, done, total) => progress?.(table, done, total, `importing ${name}`) }))) // prettier-ignore
    spans = joined([...spans, span])
    await writeDownloadState(stateFile, { spans, gaps: [] })
  }
  const reasons = new Map<string, number>()
  for (const { reason } of quarantined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  return {
    table,
    asked,
    answers: counts,
    assumedLagMs: lagMs,
    quarantined: [...reasons].map(([reason, count]) => ({ reason, count })),
    imports: imports.flatMap(({ report }) => (report === undefined ? [] : [report])),
  }
}

function oldestFirst({ rows }: HistoryResult): Mapped['rows'] {
  return [...rows].sort((a, b) => (a.eventTime ?? 0) - (b.eventTime ?? 0))
}

/** Rows of an archive's table as facts, whichever put them together. */
export function addArchive(tables: FactTables, mapped: Mapped, knownAt: KnownAt): Quarantined[] {
  if (mapped.family === 'history/onchain') new FlowRows(tables).add(mapped.rows, knownAt)
  else if (mapped.family === 'history/confirmations')
    new ConfirmationRows(tables).addArchived(mapped.rows, knownAt)
  return addMapped(tables, mapped, knownAt)
}

/** Longest wait that a download sits out by itself; beyond, it says when to come again. */
const LONGEST_WAIT_MS = 15 * MINUTE_MS

/** How often in a row an API that does not answer is asked. */
const TRIES = 6

async function readPatiently(
  asking: Pick<SmartMoneyClient, 'ask'>,
  forget: (url: string) => void,
  table: string,
  [fromMs, toMs]: Span,
  { now, pause, progress }: ArchiveDownloadOptions,
): Promise<HistoryResult> {
  let failures = 0
  let reached = Infinity
  for (;;) {
    const result = await readHistory(asking, table, { fromMs, toMs: toMs - 1 })
    const { stoppedBy, completeFromMs } = result
    if (stoppedBy === undefined) return result
    // A page that cannot be read stays in the log, and is asked for again.
    if (stoppedBy.meaning === 'unreadable' && stoppedBy.answer !== undefined) forget(stoppedBy.answer.url)
    if (completeFromMs < reached) [reached, failures] = [completeFromMs, 0]
    const done = Number.isFinite(completeFromMs) ? toMs - completeFromMs : 0
    const waitMs = waitOf(table, stoppedBy, now(), ++failures)
    progress?.(table, done, toMs - fromMs, `waiting ${durationName(Math.ceil(waitMs / SECOND_MS) * SECOND_MS)}: ${stoppedBy.message}`) // prettier-ignore
    await pause(waitMs)
  }
}

/** How long to wait before asking again. Throws where that is of no use, or too long. */
function waitOf(
  table: string,
  { meaning, message, retryAt }: Outcome,
  nowMs: number,
  failures: number,
): number {
  const said = message === '' ? meaning : message
  if (meaning === 'key-refused') throw new ConfigError(`the API wants a key, or refuses this one (${said}): put it into the environment variable ${KEY_VARIABLE}`, { field: KEY_VARIABLE }) // prettier-ignore
  if (meaning === 'not-in-plan') throw new ConfigError(`your plan does not cover history/${table} (${said}); ${KEY_VARIABLE} holds the key of another one`, { field: '--smart-money', value: table }) // prettier-ignore
  if (meaning === 'withheld') throw new ConfigError(`the API withholds history/${table} for licence from every plan (${said})`, { field: '--smart-money', value: table }) // prettier-ignore
  if (meaning === 'bad-request' || meaning === 'not-found') throw new ConfigError(`the API refuses the question: ${said}`, { field: '--smart-money', value: table }) // prettier-ignore
  const waitMs = retryAt === undefined ? 1_000 * 2 ** failures : Math.max(0, retryAt - nowMs)
  const isOver = failures > TRIES && meaning !== 'held-back' && meaning !== 'limited'
  if (isOver) throw new BaleenError(`history/${table} cannot be downloaded: ${said}; what came is kept, the same command goes on from there`, EXIT_CODES.network) // prettier-ignore
  if (waitMs <= LONGEST_WAIT_MS) return waitMs
  throw new BaleenError(`the requests that the plan allows are used up: the same command goes on from here after ${formatUtc(nowMs + waitMs)} UTC`, EXIT_CODES.network) // prettier-ignore
}
