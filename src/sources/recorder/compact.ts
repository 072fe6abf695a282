import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceTextFile } from '../../store/files.js'
import type { Store } from '../../store/store.js'
import { venueInstrument } from '../download/exchange-download.js'
import { importTables, type TableImport } from '../facts/fact-tables.js'
import { Coverage, type PlanLine } from './coverage.js'
import { Derivation, type InstrumentsByMarket, instrumentsByMarket } from './derive.js'
import { answersOf, type DaySummary, packDay, placesOf, readSummaries } from './recording.js'

export interface CompactOptions {
  /** Of the recording. */
  readonly folder: string
  readonly store: Store
  readonly plans: readonly PlanLine[]
  /** UTC ms, for the manifest. */
  readonly now: number
  /** A day under way is imported as far as it has come; it stays open. */
  readonly isUnderWay?: boolean
  readonly progress?: (table: string, done: number, total: number) => void
  readonly isStopped?: () => boolean
}

/**
 * Makes facts of a day's answers and imports them as any other file is imported: its checks, its quarantine, its manifest. What it does twice it does once: a death on the way costs only time. Answers
 * undefined where it was stopped before the end.
 */
export async function compactDay(day: string, options: CompactOptions): Promise<DaySummary | undefined> {
  const { folder, store, plans, now, progress, isStopped, isUnderWay } = options
  const { flags, source } = plans.at(-1)?.recorded ?? { flags: [], source: null }
  const places = placesOf(folder)
  const earlier = (await readSummaries(folder)).filter((one) => one.day < day)
  const coverage = new Coverage(earlier.at(-1)?.series ?? {}, plans)
  const derivation = new Derivation(instrumentsOf(plans))
  for await (const answer of answersOf(folder, day)) {
    coverage.add(answer)
    derivation.add(answer)
  }
  // Of a day under way, the other side of a confirmation may still come.
  if (isUnderWay !== true) derivation.end()
  const files = derivation.tables.files()
  const imports = await importTables(files, {
    store,
    folder: places.work,
    now,
    flags,
    prefix: `recorded-${day}-`,
    ...(source !== null && { source }),
    ...(progress !== undefined && { progress }),
    ...(isStopped !== undefined && { isStopped }),
  })
  if (imports.length < files.length) return undefined
  const aside = derivation.aside.map((one) => JSON.stringify(one))
  const summary: DaySummary = {
    version: 1,
    day,
    series: coverage.all(),
    answers: coverage.day(),
    gaps: coverage.gaps(),
    tables: Object.fromEntries(derivation.tables.counts()),
    quarantine: countReasons(derivation, imports),
    refused: Object.fromEntries(imports.flatMap(({ table, refused }) => (refused === undefined ? [] : [[table, refused]]))), // prettier-ignore
  }
  if (isUnderWay === true) return summary
  const quarantineFile = join(places.quarantine, `${day}.ndjson`)
  if (aside.length > 0) await replaceTextFile(quarantineFile, `${aside.join('\n')}\n`)
  else await rm(quarantineFile, { force: true })
  await replaceTextFile(join(places.days, `${day}.json`), `${JSON.stringify(summary)}\n`)
  await packDay(folder, day)
  return summary
}

/** All that were ever recorded here, under the newest of their names. */
function instrumentsOf(plans: readonly PlanLine[]): InstrumentsByMarket {
  const ids = new Set(plans.flatMap(({ recorded }) => recorded.instruments))
  return instrumentsByMarket([...ids].map(venueInstrument))
}

function countReasons({ aside }: Derivation, imports: readonly TableImport[]): Record<string, number> {
  const reasons: Record<string, number> = {}
  const count = (reason: string, rows: number): void => void (reasons[reason] = (reasons[reason] ?? 0) + rows)
  for (const { reason } of aside) count(reason, 1)
  for (const { report } of imports)
    for (const { findings } of report?.series ?? [])
      for (const { kind, message, count: rows } of findings) if (kind === 'quarantined') count(message, rows)
  return reasons
}
