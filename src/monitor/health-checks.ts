import { formatUtc, MINUTE_MS } from '../core/time.js'
import type { SourceState } from '../runner/health-file.js'
import type { SessionView } from './session-view.js'
import { ageWords } from './words.js'

/** A check that nobody could make is `unknown`, never `healthy`. */
export type CheckState = 'healthy' | 'failed' | 'unknown'

export interface HealthCheck {
  readonly key: 'api' | 'exchange' | 'equity' | 'errors'
  readonly name: string
  readonly state: CheckState
  /** What was seen, or why nothing was, in words. */
  readonly detail: string
}

/** Equity at or below this share of the starting balance fails. */
export const LEAST_EQUITY = 0.5
/** So many errors within the last hour fail. */
export const ERRORS_AN_HOUR = 5
/** health.json is written every few seconds: older than this, nobody writes it. */
export const HEALTH_MAX_AGE_MS: number = MINUTE_MS

/** Whether health.json is fresh enough to be believed. */
export function isHealthFresh({ health, now }: SessionView): boolean {
  return health !== undefined && now - health.time <= HEALTH_MAX_AGE_MS
}

/** The four checks of a session: API reachable, exchange reachable, equity, errors of the last hour. */
export function healthChecks(view: SessionView): HealthCheck[] {
  return [
    sourceCheck('api', 'Smart Money API reachable', view, view.health?.api),
    sourceCheck('exchange', 'Exchange reachable', view, view.health?.feed),
    equityCheck(view),
    errorsCheck(view),
  ]
}

/** Words of a source that say that it works. */
const WORKING: readonly string[] = ['ready', 'streaming']
/** Words that say neither: a socket on which nothing was heard may be quiet, and who asks nobody cannot tell. Any other word says why it does not work. */
const UNSURE: readonly string[] = ['silent', 'starting', 'unknown', 'none', 'stored', 'ended']

function sourceCheck(
  key: HealthCheck['key'],
  name: string,
  view: SessionView,
  source: SourceState | undefined,
): HealthCheck {
  const unsure = unsureOf(view)
  if (unsure !== undefined || source === undefined)
    return { key, name, state: 'unknown', detail: unsure ?? 'nobody measured it' }
  const detail = `${source.state} since ${formatUtc(source.since)}`
  if (view.settings.source.kind === 'stored')
    return { key, name, state: 'unknown', detail: `${source.state}: the session reads stored data and asks nobody` } // prettier-ignore
  if (WORKING.includes(source.state)) return { key, name, state: 'healthy', detail }
  return { key, name, state: UNSURE.includes(source.state) ? 'unknown' : 'failed', detail }
}

function equityCheck({ journal }: SessionView): HealthCheck {
  const about = {
    key: 'equity',
    name: `Equity above ${LEAST_EQUITY * 100} % of the starting balance`,
  } as const
  const { record, equity, marks } = journal
  if (record === undefined || marks.length === 0) return { ...about, state: 'unknown', detail: 'no close was decided on yet' } // prettier-ignore
  const share = equity / record.startingBalance
  if (Number.isNaN(share)) return { ...about, state: 'unknown', detail: 'equity is not known' }
  return { ...about, state: share > LEAST_EQUITY ? 'healthy' : 'failed', detail: `${(share * 100).toFixed(2)} %` } // prettier-ignore
}

function errorsCheck(view: SessionView): HealthCheck {
  const about = { key: 'errors', name: `Fewer than ${ERRORS_AN_HOUR} errors in the last hour` } as const
  const errors = view.health?.errorsLastHour ?? undefined
  const unsure = unsureOf(view)
  if (unsure !== undefined || errors === undefined) return { ...about, state: 'unknown', detail: unsure ?? 'nobody counts them' } // prettier-ignore
  return { ...about, state: errors < ERRORS_AN_HOUR ? 'healthy' : 'failed', detail: `${errors}` }
}

/** Why what health.json says cannot be taken for what is so now. */
function unsureOf(view: SessionView): string | undefined {
  const { health, now } = view
  if (health === undefined) return 'the session has written no health yet'
  if (isHealthFresh(view)) return undefined
  return `the session has not told of its health for ${ageWords(now - health.time)}` // prettier-ignore
}
