import type { KnownAtSurvey, KnownBasis, Staleness } from '../core/data-survey.js'
import { type DuckDBConnection, queryRows } from './duckdb.js'
import { isBars, kindTable } from './kinds.js'
import type { SeriesEntry } from './manifest.js'
import { optionalNumber, queryRow, readSpread, spreadSql } from './survey-sql.js'

export interface KnownSurvey {
  readonly known: KnownAtSurvey
  readonly staleness: Staleness | undefined
  /** Largest age of the newest known fact in each bucket of the table `buckets`; undefined while nothing was known. */
  readonly largestAges: readonly (number | undefined)[]
}

/** Steps beyond the usual delay after which the newest known fact counts as stale here. */
const STALE_STEPS = 2

/** When the facts in `rows` were known, and how old the newest known one ever became. Reads `steps` and `buckets`. */
export async function surveyKnown(
  connection: DuckDBConnection,
  entry: SeriesEntry,
  expectedStepMs: number | undefined,
): Promise<KnownSurvey> {
  // An event is known when the last of its rows is, as first recorded: a page that came late makes the whole snapshot late.
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE known AS SELECT "eventTime", max("knownAt") AS "knownAt" FROM rows
     WHERE revision = 0 AND "knownAt" IS NOT NULL GROUP BY "eventTime"`,
  )
  const facts = await queryRow(
    connection,
    `SELECT count(*)::DOUBLE AS events, count(*) FILTER (WHERE "knownAt" = "eventTime")::DOUBLE AS instant,
       ${spreadSql('"knownAt" - "eventTime"')} AS delay FROM known`,
  )
  const origins = await queryRows(
    connection,
    'SELECT origin, count(*)::DOUBLE AS rows FROM rows GROUP BY origin ORDER BY origin',
  )
  const delay = readSpread(facts['delay'])
  const known: KnownAtSurvey = {
    basis: knownBasis(entry),
    delay,
    knownEvents: Number(facts['events']),
    instantEvents: Number(facts['instant']),
    neverKnown: entry.neverKnown,
    rowsByOrigin: Object.fromEntries(origins.map(({ origin, rows }) => [String(origin), Number(rows)])),
  }
  await makeAges(connection, entry)
  // A bar's age counts from its close, at which it is known.
  const usual = isBars(kindTable(entry.kind)) ? 0 : (delay?.median ?? 0)
  const limitMs = usual + STALE_STEPS * (expectedStepMs ?? 0)
  return {
    known,
    staleness: await readStaleness(connection, limitMs),
    largestAges: await readLargestAges(connection),
  }
}

/** How known-at came about, from what the imports were told. */
function knownBasis({ kind, imports, rateKind }: SeriesEntry): KnownBasis[] {
  const table = kindTable(kind)
  const basisOf = (typed: Readonly<Record<string, unknown>>): KnownBasis => {
    const { knownAtColumn, knownLagMs, origin } = typed
    if (isBars(table)) return 'bar-close'
    if (origin === 'unknown') return 'unknown'
    if (knownAtColumn !== undefined) return origin === 'assumed' ? 'assumed-column' : 'column'
    if (knownLagMs !== undefined) return origin === 'recorded' ? 'exact-lag' : 'assumed-lag'
    return table.knownAt === 'settlement' && (rateKind ?? 'settled') === 'settled' ? 'settlement' : 'unknown'
  }
  return [...new Set(imports.map(({ arguments: typed }) => basisOf(typed)))].sort()
}

/**
 * The table `ages`: stretches of time between two known-ats, `[fromTime, toTime)`, with the newest event known in each. The age of what is
 * known rises from `fromTime − newest` to `toTime − newest`.
 */
async function makeAges(connection: DuckDBConnection, entry: SeriesEntry): Promise<void> {
  const event = `"eventTime" + ${isBars(kindTable(entry.kind)) ? (entry.timeframeMs ?? 0) : 0}`
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ages AS
     WITH instants AS (SELECT "knownAt" AS "fromTime", max(${event}) AS event FROM known GROUP BY 1)
     SELECT "fromTime", lead("fromTime") OVER (ORDER BY "fromTime") AS "toTime",
       max(event) OVER (ORDER BY "fromTime" ROWS UNBOUNDED PRECEDING) AS newest
     FROM instants QUALIFY "toTime" IS NOT NULL ORDER BY "fromTime"`,
  )
}

async function readStaleness(connection: DuckDBConnection, limitMs: number): Promise<Staleness | undefined> {
  const length = '("toTime" - "fromTime")'
  const over = `greatest(0, "toTime" - greatest("fromTime", newest + ${limitMs}))`
  const row = await queryRow(
    connection,
    `SELECT max("toTime" - newest)::DOUBLE AS largest, sum(${length} * (("fromTime" + "toTime") / 2 - newest))::DOUBLE / sum(${length}) AS mean,
       sum(${over})::DOUBLE / sum(${length}) AS over FROM ages`,
  )
  const largest = optionalNumber(row['largest'])
  if (largest === undefined) return undefined
  const [at] = await queryRows(
    connection,
    `SELECT min("toTime")::DOUBLE AS at FROM ages WHERE "toTime" - newest = ${largest}`,
  )
  return {
    largestMs: largest,
    largestAt: Number(at?.['at']),
    meanMs: Number(row['mean']),
    limitMs,
    overLimit: Number(row['over']),
  }
}

/** The largest age lies at the end of a stretch, or at the end of the bucket that cuts one. */
async function readLargestAges(connection: DuckDBConnection): Promise<(number | undefined)[]> {
  const rows = await queryRows(
    connection,
    `WITH ends AS (
       SELECT bucket, max("toTime" - newest) AS age FROM ages ASOF JOIN buckets ON ages."toTime" > buckets."startTime"
       WHERE ages."toTime" <= buckets."endTime" GROUP BY bucket
     ), cuts AS (
       SELECT bucket, "endTime" - newest AS age FROM buckets ASOF JOIN ages ON buckets."endTime" > ages."fromTime"
       WHERE buckets."endTime" <= ages."toTime"
     )
     SELECT buckets.bucket::DOUBLE AS bucket, greatest(ends.age, cuts.age)::DOUBLE AS age
     FROM buckets LEFT JOIN ends USING (bucket) LEFT JOIN cuts USING (bucket) ORDER BY 1`,
  )
  return rows.map((row) => optionalNumber(row['age']))
}
