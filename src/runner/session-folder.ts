import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BaleenError, ConfigError, DataError } from '../core/errors.js'
import { revive, stableJson, type Json } from '../jobs/json.js'
import { RUN_ID } from '../jobs/run-store.js'
import { makeFolder, replaceTextFile, syncPath } from '../store/files.js'
import { writingTo } from '../store/refusals.js'
import { SESSION_SCHEMA, type SessionFile, type StoredSession } from './session-file.js'

export const DEFAULT_SESSIONS_FOLDER = 'sessions'

/** Where everything of one session lies. */
export interface SessionPaths {
  readonly folder: string
  readonly settings: string
  readonly journal: string
  readonly log: string
  readonly health: string
  /** The kill switch: while a file stands there the session is halted. */
  readonly kill: string
  /** Daily reports, and daily replays of decisions. */
  readonly daily: string
  readonly replay: string
}

/** Ids have no dots and no slashes, so that no name leads out of the folder. */
export function sessionPaths(sessionsFolder: string, id: string): SessionPaths {
  if (!RUN_ID.test(id))
    throw new ConfigError('no session is called so: <strategy>-<12 hex digits>', { field: 'session', value: id }) // prettier-ignore
  const folder = join(sessionsFolder, id)
  return {
    folder,
    settings: join(folder, 'session.json'),
    journal: join(folder, 'journal.sqlite'),
    log: join(folder, 'log.jsonl'),
    health: join(folder, 'health.json'),
    kill: join(folder, 'kill'),
    daily: join(folder, 'daily'),
    replay: join(folder, 'replay'),
  }
}

/** `sma-cross-1f0c9a7be24d`: the strategy's name to read, 48 bits of what the session was started as, and when, to tell sessions apart. */
export function sessionId(settings: Omit<SessionFile, 'id'>): string {
  const digest = createHash('sha256').update(stableJson(settings)).digest('hex')
  const prefix = settings.strategy.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 40) // prettier-ignore
  return `${prefix || 'session'}-${digest.slice(0, 12)}`
}

/** Makes the folder of a new session and writes down what it is. Throws DataError where the folder cannot be written. */
export async function createSession(
  sessionsFolder: string,
  settings: Omit<SessionFile, 'id'>,
): Promise<StoredSession> {
  const id = sessionId(settings)
  const paths = sessionPaths(sessionsFolder, id)
  const file: SessionFile = { ...settings, id }
  await makeFolder(sessionsFolder)
  await writingTo(paths.folder, () => mkdir(paths.folder, { recursive: true }))
  const text = sealed(file)
  await replaceTextFile(paths.settings, text)
  await syncPath(sessionsFolder)
  return { paths, settings: file, sha256: hashOf(file) }
}

/** Reads what a session was started as. Throws ConfigError where there is no such session, DataError naming the file where it is not as it was written. */
export async function readSession(sessionsFolder: string, id: string): Promise<StoredSession> {
  const paths = sessionPaths(sessionsFolder, id)
  let text: string
  try {
    text = await readFile(paths.settings, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    throw new ConfigError('there is no such session', { file: paths.settings, field: 'session', value: id })
  }
  const settings = unsealed(text, paths.settings)
  if (settings.id !== id)
    throw new DataError('the folder was renamed: a session is called as it was started', { file: paths.settings, field: 'id', value: settings.id }) // prettier-ignore
  return { paths, settings, sha256: hashOf(settings) }
}

function hashOf(file: SessionFile): string {
  return createHash('sha256').update(stableJson(file)).digest('hex')
}

/** The settings with their own SHA-256 among them. */
function sealed(file: SessionFile): string {
  return stableJson({ ...file, sha256: hashOf(file) })
}

function unsealed(text: string, path: string): SessionFile {
  const changed = (what: string): DataError =>
    new DataError(`the settings of a session are never changed, and these are not as they were written: ${what}`, { file: path }) // prettier-ignore
  let json: Json
  try {
    json = JSON.parse(text) as Json
  } catch {
    throw changed('no JSON')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw changed('no object')
  const { sha256: _sum, ...rest } = json as Record<string, Json>
  const settings = revive(rest) as SessionFile
  if (settings.schema !== SESSION_SCHEMA)
    throw new DataError(`the session was started by another version (schema ${String(settings.schema)}, this one reads ${SESSION_SCHEMA})`, { file: path }) // prettier-ignore
  // To the last byte: a change that JSON would forgive is one too.
  if (sealed(settings) !== text) throw changed('a byte differs')
  return settings
}

/** Ids of all sessions of a folder, sorted; none where the folder is not there. */
export async function listSessionIds(sessionsFolder: string): Promise<string[]> {
  if (!existsSync(sessionsFolder)) return []
  const names = (await readdir(sessionsFolder)).filter((name) => RUN_ID.test(name)).sort()
  return names.filter((name) => existsSync(sessionPaths(sessionsFolder, name).settings))
}

/** A session of a folder, or what is wrong with it. */
export type ListedSession =
  { readonly id: string; readonly session: StoredSession } | { readonly id: string; readonly problem: string }

/** All sessions, newest first; those that cannot be read come last, each with what is wrong with it. */
export async function listSessions(sessionsFolder: string): Promise<ListedSession[]> {
  const all = await Promise.all(
    (await listSessionIds(sessionsFolder)).map(async (id): Promise<ListedSession> => {
      try {
        return { id, session: await readSession(sessionsFolder, id) }
      } catch (error) {
        if (!(error instanceof BaleenError)) throw error
        return { id, problem: error.message }
      }
    }),
  )
  const time = (one: ListedSession): string => ('session' in one ? one.session.settings.createdAt : '')
  return all.sort((a, b) => (time(a) < time(b) ? 1 : time(a) > time(b) ? -1 : 0))
}

/** The word that means the newest session. */
const LATEST = 'latest'

/** The id of a session by `latest`, its id, or an unambiguous beginning of id or hash. Throws ConfigError. */
export async function findSession(sessionsFolder: string, name: string): Promise<string> {
  const ids = await listSessionIds(sessionsFolder)
  if (ids.includes(name)) return name
  if (name === LATEST) {
    const [newest] = await listSessions(sessionsFolder)
    if (newest !== undefined && 'session' in newest) return newest.id
  }
  const matches = name === '' ? [] : ids.filter((id) => id.startsWith(name) || id.slice(-12).startsWith(name))
  const [only] = matches
  if (only !== undefined && matches.length === 1) return only
  const problem = matches.length > 1 ? `${matches.length} sessions begin so: ${matches.slice(0, 5).join(', ')}` : 'there is no such session' // prettier-ignore
  throw new ConfigError(problem, { file: sessionsFolder, field: 'session', value: name })
}
