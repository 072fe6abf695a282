import { join } from 'node:path'
import { stableJson } from '../../jobs/json.js'
import { makeFolder, replaceTextFile } from '../../store/files.js'
import { readJournalRows } from '../journal-file.js'
import type { PaperListener } from '../run-paper.js'
import type { StoredSession } from '../session-file.js'
import type { LoadedSession } from '../session-settings.js'
import { replaySession, type SessionReplay } from './replay-session.js'

/** Version of the layout of `replay/<day>.json`. */
export const REPLAY_SCHEMA = 1

/**
 * Replays a session up to the end of a UTC day (`2024-01-31`) and writes what came of it to `replay/<day>.json` of its folder; the session may be running.
 * Throws DataError where its journal cannot be read, or the file not be written.
 */
export async function writeDailyReplay(
  { paths }: StoredSession,
  { settings }: LoadedSession,
  day: string,
): Promise<SessionReplay> {
  const replay = replaySession(settings, await readJournalRows(paths.journal), { file: paths.journal, day })
  await makeFolder(paths.replay)
  await replaceTextFile(join(paths.replay, `${day}.json`), stableJson({ schema: REPLAY_SCHEMA, ...replay }))
  return replay
}

/** Replays a session up to the end of a day, elsewhere. What is wrong, in words; undefined where nothing is. */
export type ReplayDay = (day: string) => Promise<string | undefined>

/**
 * What a running session does when a UTC day is over: that day's replay, one after the other. Nothing that goes wrong with it keeps the session from trading. A session
 * that reads stored data as fast as it can would replay itself all day: there it does nothing.
 */
export function dailyReplays(
  { settings: { source } }: Pick<StoredSession, 'settings'>,
  replayDay: ReplayDay,
  { onTrouble }: Pick<PaperListener, 'onTrouble'>,
): (day: string) => void {
  if (source.kind === 'stored' && source.speed === Infinity) return () => undefined
  let last: Promise<void> = Promise.resolve()
  const write = async (day: string): Promise<void> => {
    const wrong = await replayDay(day)
    if (wrong !== undefined) onTrouble('replay', `${day}: ${wrong}`)
  }
  return (day) => {
    last = last.then(() => write(day))
  }
}

/** In a sentence. */
export function differenceWords({
  row,
  kind,
  field,
  recorded,
  now,
}: NonNullable<SessionReplay['decisions']['difference']>): string {
  // prettier-ignore
  const cut = (text: string): string => (text.length <= 120 ? text : `${text.slice(0, 120)}…`)
  return `row ${row} of the journal (${kind}${field === '' ? '' : `, field ${field}`}) was ${cut(recorded)}, now it is ${cut(now)}`
}
