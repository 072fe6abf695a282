import type { SeriesSurvey, SurveyBucket } from '../core/data-survey.js'
import { type DuckDBConnection, queryNumber, readColumns } from './duckdb.js'
import type { SeriesEntry } from './manifest.js'
import { bucketPeriod, coverageOf, cutIntoBuckets } from './survey-buckets.js'
import { spreadOf } from './survey-spread.js'
import { GAP_STEPS, eventsIn, gapsOf, stepsOf } from './survey-steps.js'

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
 * its rows and whether a gap led to it.
 */
export async function surveyEvents(connection: DuckDBConnection, entry: SeriesEntry): Promise<Events> {
  const step = expectedStep(entry)
  const expected =
    step.basis === 'own-interval' ? 'max("intervalMs")' : `CAST(${step.ms ?? 'NULL'} AS DOUBLE)`
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE steps AS
     SELECT *, coalesce("eventTime" - lag("eventTime") OVER (ORDER BY "eventTime") > ${GAP_STEPS} * expected, false) AS "afterGap"
     FROM (SELECT "eventTime", count(*) AS rows, ${expected} AS expected FROM rows GROUP BY "eventTime") ORDER BY "eventTime"`,
  )
  const events = await queryNumber(connection, 'SELECT count(*) FROM steps')
  const columns = { time: '"eventTime"', expected: 'expected', rows: 'rows' }
  const read = await readColumns(connection, columns, 'steps ORDER BY "eventTime"', events)
  const time = read['time']!
  const gaps = gapsOf(time, read['expected']!)
  const start = entry.firstEventTime
  const lastExpected = read['expected']!.at(-1)!
  const endTime = entry.lastEventTime + (Number.isNaN(lastExpected) ? 0 : lastExpected)
  const period = bucketPeriod(start, endTime)
  const cut = cutIntoBuckets(start, endTime, period)
  const counts = eventsIn(cut, time)
  const shares = coverageOf(cut, gaps)
  const buckets = cut.map((bucket, index): SurveyBucket => {
    return { ...bucket, events: counts[index] ?? 0, coverage: shares[index] ?? 1, largestAgeMs: undefined }
  })
  const missingMs = gaps.reduce((sum, { lengthMs }) => sum + lengthMs, 0)
  const longest = [...gaps].sort((a, b) => b.lengthMs - a.lengthMs || a.afterTime - b.afterTime)
  return {
    events,
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
    spacing: spreadOf(stepsOf(time)),
    rowsPerEvent: read['rows']!.some((rows) => rows > 1) ? spreadOf(read['rows']!) : undefined,
  }
}
