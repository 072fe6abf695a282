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

/**
 * What the replay of a day's decisions found, by `replay/<day>.json`: absent where there is no such file, or one that does not say. A file that says of no
 * decisions at all proves nothing.
 */
export async function readParity(
  { replay }: Pick<SessionPaths, 'replay'>,
  day: string,
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
    return parityOf(JSON.parse(text) as unknown)
  } catch {
    return { state: 'absent', detail: `${path} is no JSON` }
  }
}

/** `decisions.isEqual`, `decisions.compared` and `decisions.difference` of a replay's file. */
export function parityOf(json: unknown): ParityResult {
  const decisions = (json as { readonly decisions?: unknown } | null)?.decisions
  if (typeof decisions !== 'object' || decisions === null) return { state: 'absent', detail: 'the replay says nothing of decisions' } // prettier-ignore
  const { isEqual, compared, difference } = decisions as Readonly<Record<string, unknown>>
  const detail = typeof difference === 'string' ? difference : difference === undefined || difference === null ? '' : JSON.stringify(difference) // prettier-ignore
  if (isEqual === false) return { state: 'different', detail }
  if (isEqual === true && typeof compared === 'number' && compared > 0) return { state: 'equal', detail: `${compared} decisions` } // prettier-ignore
  return { state: 'absent', detail: 'the replay compared no decision' }
}
