import type { DataGap, SeriesSurvey, SurveyBucket } from '../core/data-survey.js'
import { type DuckDBConnection, queryRows } from './duckdb.js'
import type { SeriesEntry } from './manifest.js'
import { bucketPeriod, coverageOf, cutIntoBuckets } from './survey-buckets.js'
import { queryRow, readSpread, spreadSql } from './survey-sql.js'

/** A step longer than so many expected ones is a gap: as the import counts them. */
const GAP_STEPS = 1.5
const GAPS_NAMED = 1000

type Events = Pick<
  SeriesSurvey,
  'events' | 'endTime' | 'expectedStep' | 'coverage' | 'gaps' | 'spacing' | 'rowsPerEvent'
>

/** The distance at which a series' events should stand, and who says so. Funding has its own in every row. */
function expectedStep(entry: SeriesEntry): SeriesSurvey['expectedStep'] {
  const { timeframeMs, stepMs, imports } = entry
  if (timeframeMs !== undefined) return { ms: timeframeMs, basis: 'timeframe' }
  if (entry.fields.includes('intervalMs')) return { ms: stepMs, basis: 'own-interval' }
  const stated = imports.at(-1)?.arguments['intervalMs']
  return typeof stated === 'number' ? { ms: stated, basis: 'stated' } : { ms: stepMs, basis: 'median' }
}

/**
 * Distances, gaps and coverage of the events in `rows` (a table of the stored rows). Leaves behind the table `steps`: each event with
 * the step that led to it (NULL for the first) and the step that was expected.
 */
export async function surveyEvents(connection: DuckDBConnection, entry: SeriesEntry): Promise<Events> {
  const step = expectedStep(entry)
  const own = step.basis === 'own-interval'
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE steps AS
     SELECT "eventTime", "eventTime" - lag("eventTime") OVER (ORDER BY "eventTime") AS step, expected, rows FROM (
       SELECT "eventTime", count(*) AS rows, ${own ? 'max("intervalMs")' : `CAST(${step.ms ?? 'NULL'} AS DOUBLE)`} AS expected
       FROM rows GROUP BY "eventTime") ORDER BY "eventTime"`,
  )
  const facts = await queryRow(
    connection,
    `SELECT count(*)::DOUBLE AS events, max(rows)::DOUBLE AS most, arg_max(expected, "eventTime")::DOUBLE AS "lastExpected",
       ${spreadSql('step')} AS spacing, ${spreadSql('rows')} AS rows FROM steps`,
  )
  const gaps = await readGaps(connection)
  const { firstEventTime: start, lastEventTime } = entry
  const endTime = lastEventTime + Number(facts['lastExpected'] ?? 0)
  const period = bucketPeriod(start, endTime)
  const cut = cutIntoBuckets(start, endTime, period)
  const counts = await eventsIn(connection, cut)
  const shares = coverageOf(cut, gaps)
  const buckets = cut.map((bucket, index): SurveyBucket => {
    return { ...bucket, events: counts[index] ?? 0, coverage: shares[index] ?? 1, largestAgeMs: undefined }
  })
  const missingMs = gaps.reduce((sum, { lengthMs }) => sum + lengthMs, 0)
  const longest = [...gaps].sort((a, b) => b.lengthMs - a.lengthMs || a.afterTime - b.afterTime)
  return {
    events: Number(facts['events']),
    endTime,
    expectedStep: step,
    coverage: {
      share: endTime > start ? 1 - missingMs / (endTime - start) : 1,
      missingEvents: gaps.reduce((sum, { missing }) => sum + missing, 0),
      missingMs,
      period,
      buckets,
    },
    gaps: {
      count: gaps.length,
      longestMs: longest[0]?.lengthMs ?? 0,
      longest: longest.slice(0, GAPS_NAMED),
    },
    spacing: readSpread(facts['spacing']),
    rowsPerEvent: Number(facts['most']) > 1 ? readSpread(facts['rows']) : undefined,
  }
}

/** All gaps, in order of time. */
async function readGaps(connection: DuckDBConnection): Promise<DataGap[]> {
  const rows = await queryRows(
    connection,
    `SELECT ("eventTime" - step)::DOUBLE AS after, "eventTime"::DOUBLE AS before, (round(step / expected) - 1)::DOUBLE AS missing,
       (step - expected)::DOUBLE AS length FROM steps WHERE step > ${GAP_STEPS} * expected ORDER BY "eventTime"`,
  )
  return rows.map((row) => ({
    afterTime: Number(row['after']),
    beforeTime: Number(row['before']),
    missing: Number(row['missing']),
    lengthMs: Number(row['length']),
  }))
}

/** Puts buckets where SQL can join them, as the table `buckets`. */
async function eventsIn(
  connection: DuckDBConnection,
  buckets: readonly { readonly startTime: number; readonly endTime: number }[],
): Promise<number[]> {
  const values = buckets.map(({ startTime, endTime }, index) => `(${index}, ${startTime}, ${endTime})`)
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE buckets AS SELECT bucket, "startTime"::BIGINT AS "startTime", "endTime"::BIGINT AS "endTime"
     FROM (VALUES ${values.join(', ')}) AS t(bucket, "startTime", "endTime")`,
  )
  const rows = await queryRows(
    connection,
    `SELECT bucket::DOUBLE AS bucket, count(*)::DOUBLE AS events FROM steps ASOF JOIN buckets
     ON steps."eventTime" >= buckets."startTime" GROUP BY bucket`,
  )
  const counts = buckets.map(() => 0)
  for (const row of rows) counts[Number(row['bucket'])] = Number(row['events'])
  return counts
}

