import type { KnownAtSurvey, KnownBasis, Staleness } from '../core/data-survey.js'
import { type DuckDBConnection, queryNumber, queryRows, readColumns } from './duckdb.js'
import { isBars, kindTable } from './kinds.js'
import type { SeriesEntry } from './manifest.js'
import type { Bucket } from './survey-buckets.js'
import { spreadOf } from './survey-spread.js'
import { knownStretches, largestAges, stalenessOf } from './survey-staleness.js'

export interface KnownSurvey {
  readonly known: KnownAtSurvey
  readonly staleness: Staleness | undefined
  /** Largest age of the newest known fact in each bucket; undefined while nothing was known. */
  readonly largestAges: readonly (number | undefined)[]
}

/** Steps beyond the usual delay after which the newest known fact counts as stale here. */
const STALE_STEPS = 2

/** When the facts in `rows` were known, and how old the newest known one ever became. */
export async function surveyKnown(
  connection: DuckDBConnection,
  entry: SeriesEntry,
  expectedStepMs: number | undefined,
  buckets: readonly Bucket[],
): Promise<KnownSurvey> {
  // An event is known when the last of its rows is, as first recorded: a page that came late makes the whole snapshot late.
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE known AS SELECT "eventTime", max("knownAt") AS "knownAt" FROM rows
     WHERE revision = 0 AND "knownAt" IS NOT NULL GROUP BY "eventTime"`,
  )
  const events = await queryNumber(connection, 'SELECT count(*) FROM known')
  const columns = { eventTime: '"eventTime"', knownAt: '"knownAt"' }
  const read = await readColumns(connection, columns, 'known ORDER BY "knownAt", "eventTime"', events)
  const [eventTime, knownAt] = [read['eventTime']!, read['knownAt']!]
  const delays = knownAt.map((known, row) => known - eventTime[row]!)
  const delay = spreadOf(delays)
  // A bar's event is its close, at which it is known.
  const bars = isBars(kindTable(entry.kind))
  const happened = bars ? eventTime.map((open) => open + (entry.timeframeMs ?? 0)) : eventTime
  const stretches = knownStretches(happened, knownAt)
  const limitMs = (bars ? 0 : (delay?.median ?? 0)) + STALE_STEPS * (expectedStepMs ?? 0)
  return {
    known: {
      basis: knownBasis(entry),
      delay,
      knownEvents: events,
      instantEvents: delays.reduce((count, one) => count + (one === 0 ? 1 : 0), 0),
      neverKnown: entry.neverKnown,
      rowsByOrigin: await rowsByOrigin(connection, entry),
    },
    staleness: stalenessOf(stretches, limitMs),
    largestAges: largestAges(buckets, stretches),
  }
}

async function rowsByOrigin(
  connection: DuckDBConnection,
  { origins, file }: SeriesEntry,
): Promise<Record<string, number>> {
  const [only] = origins
  if (only !== undefined && origins.length === 1) return { [only]: file.rows }
  const counts = await queryRows(
    connection,
    'SELECT origin, count(*)::DOUBLE AS count FROM rows GROUP BY origin ORDER BY origin',
  )
  return Object.fromEntries(counts.map(({ origin, count }) => [String(origin), Number(count)]))
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
