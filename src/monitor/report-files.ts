import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionPaths } from '../runner/session-folder.js'
import type { ParityResult } from './daily-report.js'

/** Where the report of a day lies. */
export function reportPaths(
  { daily }: Pick<SessionPaths, 'daily'>,
  day: string,
): { readonly json: string; readonly html: string } {
  // prettier-ignore
  return { json: join(daily, `${day}.json`), html: join(daily, `${day}.html`) }
}

/** What a replay has to have lived through to be one of a session up to the end of a day. */
export interface LivedThrough {
  readonly session: string
  /** UTC ms. */
  readonly lastClose: number
  /** Records of decisions. */
  readonly decisions: number
}

/**
 * What the replay of a day's decisions found, by `replay/<day>.json`: absent where there is no such file, or one that does not say. A file that says of no
 * decisions at all, or of others than `lived`, proves nothing.
 */
export async function readParity(
  { replay }: Pick<SessionPaths, 'replay'>,
  day: string,
  lived?: LivedThrough,
): Promise<ParityResult> {
  const path = join(replay, `${day}.json`)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'absent', detail: 'no replay of this day was made' } // prettier-ignore
    throw error
  }
  try {
    return parityOf(JSON.parse(text) as unknown, lived)
  } catch {
    return { state: 'absent', detail: `${path} is no JSON` }
  }
}

/** The layout of a replay's file that is understood. */
const REPLAY_SCHEMA = 1

/** `decisions.decisions` and `decisions.difference` of a replay's file; no difference among some decisions is equality. */
export function parityOf(json: unknown, lived?: LivedThrough): ParityResult {
  const { schema, session, lastClose, decisions: found } = (json ?? {}) as Readonly<Record<string, unknown>>
  if (schema !== REPLAY_SCHEMA)
    return { state: 'absent', detail: 'the replay is of a layout that this version does not know' }
  if (typeof found !== 'object' || found === null)
    return { state: 'absent', detail: 'the replay says nothing of decisions' }
  const { decisions, difference } = found as Readonly<Record<string, unknown>>
  if (typeof difference === 'object' && difference !== null)
    return { state: 'different', detail: differenceWords(difference as Readonly<Record<string, unknown>>) }
  const isOther = lived !== undefined && (session !== lived.session || lastClose !== lived.lastClose || decisions !== lived.decisions) // prettier-ignore
  if (isOther)
    return { state: 'absent', detail: 'the replay is not of all that the session decided by the end of the day' } // prettier-ignore
  if (typeof decisions === 'number' && decisions > 0)
    return { state: 'equal', detail: `${decisions} decisions` }
  return { state: 'absent', detail: 'the replay compared no decision' }
}

function differenceWords({ row, kind, field, recorded, now }: Readonly<Record<string, unknown>>): string {
  const cut = (text: unknown): string => String(text).slice(0, 120)
  return `row ${String(row)} (${String(kind)}${field === '' || field === undefined ? '' : `, ${String(field)}`}) was ${cut(recorded)}, now it is ${cut(now)}`
}
