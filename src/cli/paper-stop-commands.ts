import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { CheckError, DataError } from '../core/errors.js'
import { JournalFile, type LeaseHolder } from '../runner/journal-file.js'
import { killReason, removeClearing, requestClearing, throwKillSwitch } from '../runner/kill-file.js'
import { isAlive, thisProcess } from '../runner/machine.js'
import { DEFAULT_SESSIONS_FOLDER, findSession, readSession } from '../runner/session-folder.js'
import type { StoredSession } from '../runner/session-file.js'
import { wholeNumber } from './arguments.js'
import { ioOf, type Io } from './io.js'

/** How a session is named on the command line. */
export const SESSION_ARGUMENT = 'a session: its id, the beginning of its id or hash, or latest'

interface Flags {
  readonly sessions: string
  readonly reason?: string
  readonly timeout: number
}

/** `paper stop`, `paper kill`, `paper clear-kill`. */
export function addPaperStopCommands(paper: Command): void {
  const add = (name: string, about: string): Command =>
    paper.command(name).description(about).argument('<session>', SESSION_ARGUMENT).option('--sessions <dir>', 'folder of the sessions', DEFAULT_SESSIONS_FOLDER) // prettier-ignore
  add('stop', 'end the process that runs a session, and wait until it has; the session can be resumed')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber, 20)
    .addHelpText(
      'after',
      `
All orders stay as they are: a resumed session goes on with the bars that were missed. To close what it holds, use kill.

Examples:
  baleen paper stop latest
  baleen paper stop sma-cross-1f0c9a7be24d --json`,
    )
    .action(onSession(stop))
  add('kill', 'throw the kill switch: nothing is entered any more, entries are withdrawn, all positions are closed')
    .requiredOption('--reason <words>', 'why; it stands in the journal')
    .addHelpText(
      'after',
      `
The switch is the file "kill" in the session's folder: writing that file by hand does the same. It acts at the next close, whether the session runs now or is resumed later, and
is latched: it stays thrown through restarts until clear-kill.

Example:
  baleen paper kill latest --reason "the feed tells nonsense"`,
    )
    .action(onSession(kill))
  add('clear-kill', 'let a session trade again whose kill switch was thrown')
    .requiredOption('--reason <words>', 'why; it stands in the journal')
    .addHelpText('after', '\nExample:\n  baleen paper clear-kill latest --reason "the feed was mended"')
    .action(onSession(clearKill))
} // prettier-ignore

function onSession(work: (io: Io, session: StoredSession, flags: Flags) => Promise<void>) {
  return async (name: string, _options: unknown, command: Command): Promise<void> => {
    const flags = command.optsWithGlobals<Flags>()
    const id = await findSession(flags.sessions, name)
    await work(ioOf(command), await readSession(flags.sessions, id), flags)
  }
}

/** Who runs a session now: undefined where nobody does. */
export async function runnerOf({ paths }: StoredSession): Promise<LeaseHolder | undefined> {
  const file = await JournalFile.open(paths.journal)
  try {
    const holder = file.holder()
    if (holder === undefined) return undefined
    const isHere = holder.host === thisProcess().host
    return isHere && !isAlive(holder) ? undefined : holder
  } finally {
    file.close()
  }
}

async function stop(io: Io, session: StoredSession, { timeout }: Flags): Promise<void> {
  const { id } = session.settings
  const holder = await runnerOf(session)
  if (holder !== undefined) {
    if (holder.host !== thisProcess().host)
      throw new DataError(`the session runs on another machine: process ${holder.pid} on ${holder.host}; stop it there`, { field: 'session', value: id }) // prettier-ignore
    process.kill(holder.pid, 'SIGTERM')
    const deadline = performance.now() + timeout * 1_000
    while (isAlive(holder)) {
      if (performance.now() > deadline)
        throw new CheckError(`process ${holder.pid} was told to end and still runs after ${timeout} s: look at it, or end it with kill -9, which loses nothing`, { field: 'session', value: id }) // prettier-ignore
      await delay(50)
    }
  }
  if (io.json) return io.printJson({ id, wasRunning: holder !== undefined, pid: holder?.pid ?? null })
  io.print(holder === undefined ? `${id} does not run.` : `${id} has ended (process ${holder.pid}).`)
}

async function kill(io: Io, session: StoredSession, { reason = '' }: Flags): Promise<void> {
  const { paths, settings } = session
  throwKillSwitch(paths.kill, reason)
  removeClearing(paths.kill)
  const holder = await runnerOf(session)
  if (io.json) return io.printJson({ id: settings.id, killed: true, reason, file: paths.kill, isRunning: holder !== undefined }) // prettier-ignore
  io.print(`The kill switch of ${settings.id} is thrown: ${holder === undefined ? 'nobody runs it; it acts when the session is resumed' : 'it acts at the next close'}.`) // prettier-ignore
}

async function clearKill(io: Io, session: StoredSession, { reason = '' }: Flags): Promise<void> {
  const { paths, settings } = session
  const was = killReason(paths.kill)
  requestClearing(paths.kill, reason)
  const holder = await runnerOf(session)
  if (io.json) return io.printJson({ id: settings.id, killed: false, reason, was: was ?? null, isRunning: holder !== undefined }) // prettier-ignore
  io.print(`The kill switch of ${settings.id} will be cleared ${holder === undefined ? 'when the session is resumed' : 'within a second or at the next close'}.`) // prettier-ignore
}
