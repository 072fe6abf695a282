import { BaleenError } from '../core/errors.js'
import { killReason } from '../runner/kill-file.js'
import type { LeaseHolder } from '../runner/journal-file.js'
import { readHealthFile, type SessionHealthFile } from '../runner/health-file.js'
import type { SessionFile, StoredSession } from '../runner/session-file.js'
import { readSession } from '../runner/session-folder.js'
import { reportedDemotion, type ReportedDemotion } from './demotion-words.js'
import { JournalFold, type KeptTimes } from './journal-fold.js'
import { JournalReader } from './journal-reader.js'

/** What is to be seen of a session from outside at one moment, without asking whoever runs it. */
export interface SessionView {
  readonly settings: SessionFile
  readonly journal: JournalFold
  /** Undefined where none was written yet. */
  readonly health: SessionHealthFile | undefined
  /** Who has the session's lease; undefined where nobody has. */
  readonly holder: LeaseHolder | undefined
  /** Whether that process lives; undefined where there is none, or it is on another machine. */
  readonly isHolderAlive: boolean | undefined
  /** What stands in the kill file; undefined where there is none. */
  readonly killReason: string | undefined
  /** By the newest report of a day. */
  readonly demotion: ReportedDemotion
  /** When this was seen, UTC ms of this machine. */
  readonly now: number
  /** What could not be read, in words. Everything else is as it was before. */
  readonly problems: readonly string[]
}

/** What watching asks of the machine. */
export interface WatchPorts {
  /** UTC ms. */
  readonly now: () => number
  readonly host: string
  readonly isAlive: (holder: LeaseHolder) => boolean
}

/** Watches one session by its files: each look reads on in the journal from where the last one ended. It writes nothing. */
export class SessionWatch {
  readonly session: StoredSession
  private readonly ports: WatchPorts
  private readonly journal: JournalFold
  private reader: JournalReader | undefined
  private damage: string | undefined
  private health: SessionHealthFile | undefined

  private constructor(session: StoredSession, ports: WatchPorts, kept?: KeptTimes) {
    this.session = session
    this.ports = ports
    this.journal = new JournalFold(kept)
  }

  /** Throws ConfigError where there is no such session, DataError where its settings are not as they were written. */
  static async open(
    sessionsFolder: string,
    id: string,
    ports: WatchPorts,
    kept?: KeptTimes,
  ): Promise<SessionWatch> {
    // prettier-ignore
    return new this(await readSession(sessionsFolder, id), ports, kept)
  }

  async look(): Promise<SessionView> {
    const { session, ports, journal } = this
    const problems: string[] = []
    await this.readJournal(problems)
    const holder = this.reader === undefined ? undefined : attempt(problems, () => this.reader?.holder())
    try {
      this.health = await readHealthFile(session.paths.health)
    } catch (error) {
      problems.push(wordsOf(error))
    }
    const demotion = await reportedDemotion(session.paths)
    return {
      settings: session.settings,
      journal,
      health: this.health,
      holder,
      isHolderAlive: holder === undefined || holder.host !== ports.host ? undefined : ports.isAlive(holder),
      killReason: killReason(session.paths.kill),
      demotion,
      now: ports.now(),
      problems,
    }
  }

  /** A journal that is damaged stays so: nothing behind the damage is read. */
  private async readJournal(problems: string[]): Promise<void> {
    if (this.damage === undefined) {
      try {
        this.reader ??= await JournalReader.open(this.session.paths.journal)
        this.reader.read((row) => this.journal.take(row))
      } catch (error) {
        const words = wordsOf(error)
        if (this.journal.rows > 0 || this.reader !== undefined)
          this.damage = isPassing(words) ? undefined : words
        problems.push(words)
      }
    } else problems.push(this.damage)
  }

  close(): void {
    this.reader?.close()
  }
}

/** Another process has the file for a moment. */
function isPassing(words: string): boolean {
  return /SQLITE_(BUSY|LOCKED)/.test(words)
}

function attempt<T>(problems: string[], work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    problems.push(wordsOf(error))
    return undefined
  }
}

/** Errors made for people are told; whatever else it is, is a bug and thrown on. */
function wordsOf(error: unknown): string {
  if (error instanceof BaleenError) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  if (code !== undefined) return message
  throw error
}

/** One look at a session. */
export async function viewSession(
  sessionsFolder: string,
  id: string,
  ports: WatchPorts,
  kept?: KeptTimes,
): Promise<SessionView> {
  const watch = await SessionWatch.open(sessionsFolder, id, ports, kept)
  try {
    return await watch.look()
  } finally {
    watch.close()
  }
}
