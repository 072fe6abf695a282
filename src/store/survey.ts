import type { DataSurvey, SeriesSurvey } from '../core/data-survey.js'
import { type DuckDBConnection, literal, queryRows, withDuckDB } from './duckdb.js'
import type { SeriesEntry } from './manifest.js'
import { surveyChecks } from './survey-checks.js'
import { surveyEvents } from './survey-events.js'
import { surveyKnown } from './survey-known.js'
import { surveyValues } from './survey-values.js'
import { kindTable } from './kinds.js'
import { type Store, storeManifest, verifiedPath } from './store.js'

export interface SurveyOptions {
  /** Robust deviations (1.4826 · MAD) beyond which a change is listed as an outlier. */
  readonly outlierDeviations: number
  /** Which series; all where it is left out. */
  readonly ids?: readonly string[]
  readonly progress?: (done: number, total: number, series: string) => void
}

const MANY_ROWS = 200_000

/**
 * Reads every row of the chosen series, whose files are verified first, and says what they hold: coverage, gaps, spacing, delays of
 * known-at, age of the newest known fact, ranges and outliers. Sorting is all that is more than linear in the rows.
 *
 * @throws DataError where a stored file is broken
 */
export async function surveyStore(store: Store, options: SurveyOptions): Promise<DataSurvey> {
  const manifest = await storeManifest(store)
  const all = Object.keys(manifest.series).sort()
  const ids = options.ids ?? all
  const series: SeriesSurvey[] = []
  await withDuckDB(async (connection) => {
    for (const id of ids) {
      const entry = manifest.series[id]
      if (entry === undefined) throw new Error(`not in the manifest: ${id}`)
      series.push(await surveySeries(connection, store, id, entry, options.outlierDeviations))
      options.progress?.(series.length, ids.length, id)
    }
  })
  return {
    folder: store.directory,
    dataSetHash: manifest.dataSetHash,
    leftOut: all.length - ids.length,
    outlierDeviations: options.outlierDeviations,
    series,
  }
}

async function surveySeries(
  connection: DuckDBConnection,
  store: Store,
  id: string,
  entry: SeriesEntry,
  outlierDeviations: number,
): Promise<SeriesSurvey> {
  // Threads cost a short query more than they save.
  await connection.run(entry.file.rows < MANY_ROWS ? 'SET threads = 1' : 'RESET threads')
  const table = `read_parquet(${literal(await verifiedPath(store, entry.file))})`
  await connection.run(`CREATE OR REPLACE TEMP VIEW rows AS SELECT * FROM ${table}`)
  await connection.run(`CREATE OR REPLACE TEMP VIEW latest AS SELECT * FROM rows ${lastRevisions(entry)}`)
  const events = await surveyEvents(connection, entry)
  const { known, staleness, largestAges } = await surveyKnown(
    connection,
    entry,
    events.expectedStep.ms,
    events.coverage.buckets,
  )
  const buckets = events.coverage.buckets.map((bucket, index) => {
    return { ...bucket, largestAgeMs: largestAges[index] }
  })
  return {
    id,
    kind: entry.kind,
    subject: entry.subject,
    asset: entry.asset,
    inverse: entry.inverse,
    flags: entry.flags,
    sources: entry.sources,
    files: [...new Set(entry.imports.map(({ file }) => file))],
    sha256: entry.file.sha256,
    bytes: entry.file.bytes,
    rows: entry.file.rows,
    revisions: entry.revisions,
    quarantined: await surveyQuarantine(connection, store, entry),
    firstEventTime: entry.firstEventTime,
    lastEventTime: entry.lastEventTime,
    ...events,
    coverage: { ...events.coverage, buckets },
    known,
    staleness,
    values: await surveyValues(connection, entry),
    checks: await surveyChecks(connection, entry, outlierDeviations),
  }
}

/** Of each fact only its last correction. */
function lastRevisions({ kind, revisions }: SeriesEntry): string {
  if (revisions === 0) return ''
  const keys = kindTable(kind).fields.filter(({ key }) => key === true)
  const partition = ['"eventTime"', ...keys.map(({ name }) => `"${name}"`)].join(', ')
  return `QUALIFY row_number() OVER (PARTITION BY ${partition} ORDER BY revision DESC) = 1`
}

async function surveyQuarantine(
  connection: DuckDBConnection,
  store: Store,
  { quarantine }: SeriesEntry,
): Promise<SeriesSurvey['quarantined']> {
  if (quarantine === undefined) return { rows: 0, reasons: [] }
  const path = await verifiedPath(store, quarantine)
  const reasons = await queryRows(
    connection,
    `SELECT reason, count(*)::DOUBLE AS rows FROM read_parquet(${literal(path)}) GROUP BY reason ORDER BY rows DESC, reason`,
  )
  return {
    rows: quarantine.rows,
    reasons: reasons.map(({ reason, rows }) => ({ reason: String(reason), rows: Number(rows) })),
  }
}
