import { ConfigError } from '../../core/errors.js'
import { SECOND_MS } from '../../core/time.js'
import type { Outcome, Params, SmartMoneyClient } from './client.js'
import { type MappedRow, mapRows, type Quarantined } from './mapper.js'

export interface HistoryQuery {
  /** UTC ms, both included; whole seconds are asked for. */
  readonly fromMs: number
  readonly toMs: number
  readonly filters?: Params
  /** Rows a page, 1 to 5000; default 5000. */
  readonly limit?: number
}

/** One archive's rows between two times, as far as they could be had. */
export interface HistoryResult {
  /** Newest first, none twice. */
  readonly rows: readonly MappedRow[]
  readonly quarantined: readonly Quarantined[]
  /** UTC ms: everything the archive knew from here to the end was read; later than `fromMs` where the walk was stopped. */
  readonly completeFromMs: number
  /** What stopped the walk before its end: held back, limited, no answer … */
  readonly stoppedBy?: Outcome
}

/**
 * Reads `/v1/history/<table>` backwards: a page is the newest up to `to`, and the next one ends where its oldest row stands, that second included, since a page may end
 * within it. Stops at the first answer that is none, and says how far it came: the caller goes on from there when the budget allows.
 */
export async function readHistory(
  client: Pick<SmartMoneyClient, 'ask'>,
  table: string,
  query: HistoryQuery,
): Promise<HistoryResult> {
  // prettier-ignore
  const { fromMs, toMs, filters = {}, limit = 5_000 } = query
  if (!(toMs >= fromMs)) throw new ConfigError('a history ends after it starts', { field: 'to', value: toMs, unit: 'ms' }) // prettier-ignore
  const rows = new Map<string, MappedRow>()
  const quarantined = new Map<string, Quarantined>()
  const from = Math.ceil(fromMs / SECOND_MS)
  let to = Math.floor(toMs / SECOND_MS)
  let completeFromMs = Infinity
  const result = (stoppedBy?: Outcome): HistoryResult => ({
    rows: [...rows.values()],
    quarantined: [...quarantined.values()],
    completeFromMs: stoppedBy === undefined ? fromMs : completeFromMs,
    ...(stoppedBy !== undefined && { stoppedBy }),
  })
  for (;;) {
    const params = { ...filters, from: String(from), to: String(to), limit: String(limit) }
    const outcome = await client.ask(`/v1/history/${table}`, params)
    const { body } = outcome
    if (body === undefined) return result(outcome)
    const mapped = mapRows(`history/${table}`, body)
    for (const row of mapped.rows) rows.set(JSON.stringify(row), row)
    for (const bad of mapped.quarantined) quarantined.set(JSON.stringify(bad.row), bad)
    const truncated = Object.hasOwn(body, 'truncated') ? body['truncated'] : undefined
    if (truncated === false && mapped.quarantined.every(({ index }) => index >= 0)) return result()
    const oldest = Math.min(...mapped.rows.map(({ eventTime }) => eventTime ?? Infinity)) / SECOND_MS
    const unreadable = (message: string): HistoryResult =>
      result({ ...outcome, meaning: 'unreadable', message })
    if (truncated !== true) return unreadable('the answer does not say whether it is whole')
    if (!(oldest <= to)) return unreadable('a page holds no row by whose time the next one could be asked')
    if (oldest === to)
      return unreadable(`more than ${limit} rows stand at one second: the page cannot be passed`)
    // Of the oldest second a part may be missing.
    completeFromMs = (oldest + 1) * SECOND_MS
    to = oldest
  }
}
