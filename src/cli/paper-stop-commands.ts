import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { CheckError, ConfigError, DataError } from '../core/errors.js'
import { formatUtc } from '../core/time.js'
import { HEALTH_MAX_AGE_MS } from '../monitor/health-checks.js'
import { readHealthFile } from '../runner/health-file.js'
import { JournalFile, type LeaseHolder } from '../runner/journal-file.js'
import { killReason, removeClearing, requestClearing, throwKillSwitch } from '../runner/kill-file.js'
import { openLogFile } from '../runner/log-file.js'
import { isAlive, isCountedHere, thisProcess } from '../runner/machine.js'
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

/** `paper stop`, `paper kill`, `paper clear-kill`, `paper free-lease`. */
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
The switch is the file "kill" in the session's folder: writing that file by hand does the same. With fills by quotes it acts within a second, with fills by bars at the next close; of a session
that does not run, once it is resumed; of one whose stored data were all told, never: no close comes. It is latched: it stays thrown through restarts until clear-kill.

Example:
  baleen paper kill latest --reason "the feed tells nonsense"`,
    )
    .action(onSession(kill))
  add('clear-kill', 'let a session trade again whose kill switch was thrown')
    .requiredOption('--reason <words>', 'why; it stands in the journal')
    .addHelpText('after', '\nExample:\n  baleen paper clear-kill latest --reason "the feed was mended"')
    .action(onSession(clearKill))
  add('free-lease', 'take a session from another machine that is gone for good, so that it can be resumed here')
    .requiredOption('--reason <words>', 'why; it stands beside the journal')
    .addHelpText(
      'after',
      `
A process that ended on this machine needs no freeing: resume takes its place. Of one on another machine nobody here can tell whether it lives, so it is refused as long as its health.json
is fresh. **Be sure that it is gone**: if it comes back it ends at its next look at the journal, a second at most while it waits.

Example:
  baleen paper free-lease latest --reason "the machine burnt down"`,
    )
    .action(onSession(freeLease))
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
    return isHere(holder) && !isAlive(holder) ? undefined : holder
  } finally {
    file.close()
  }
}

/** Whether its number says of a process here what it said when it took the lease. */
function isHere(holder: LeaseHolder): boolean {
  return holder.host === thisProcess().host && isCountedHere(holder)
}

async function stop(io: Io, session: StoredSession, { timeout }: Flags): Promise<void> {
  const { id } = session.settings
  const holder = await runnerOf(session)
  if (holder !== undefined) {
    if (!isHere(holder))
      throw new DataError(`the session runs on another machine, or in another container: process ${holder.pid} on ${holder.host}; stop it there`, { field: 'session', value: id }) // prettier-ignore
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

/** Throws CheckError where the holder may live. */
async function freeLease(io: Io, session: StoredSession, { reason = '' }: Flags): Promise<void> {
  const { paths, settings } = session
  const { id } = settings
  if (reason.trim() === '') throw new ConfigError('say why', { field: '--reason', value: reason })
  const file = await JournalFile.open(paths.journal)
  try {
    const holder = file.holder()
    if (holder === undefined) {
      if (io.json) io.printJson({ id, freed: false, was: null })
      else io.print(`Nobody has the lease of ${id}: it can be resumed.`)
      return
    }
    const who = `process ${holder.pid} on ${holder.host}`
    const refuse = (why: string): never => {
      throw new CheckError(why, { field: 'session', value: id })
    }
    if (isHere(holder))
      refuse(isAlive(holder) ? `${who} runs it here: end it with paper stop` : `${who} is gone, on this machine: paper resume takes its place by itself`)
    const now = Date.now()
    const health = await readHealthFile(paths.health)
    if (health !== undefined && now - health.time <= HEALTH_MAX_AGE_MS)
      refuse(`${who} has told of its health at ${formatUtc(health.time)} UTC, less than a minute ago: stop it there`)
    file.freeLease(holder, reason.trim(), now)
    const log = openLogFile(paths.log, () => Date.now())
    log.log({ event: 'lease-freed', reason: reason.trim(), was: holder })
    log.close()
    if (io.json) io.printJson({ id, freed: true, reason: reason.trim(), was: holder })
    else io.print(`${who}, which had ${id} since ${holder.started}, has it no more. It can be resumed here.`)
  } finally {
    file.close()
  }
} // prettier-ignore

async function kill(io: Io, session: StoredSession, { reason = '' }: Flags): Promise<void> {
  const { paths, settings } = session
  throwKillSwitch(paths.kill, reason)
  removeClearing(paths.kill)
  const holder = await runnerOf(session)
  if (io.json) return io.printJson({ id: settings.id, killed: true, reason, file: paths.kill, isRunning: holder !== undefined }) // prettier-ignore
  const running = settings.fillModel === 'quotes' ? 'within a second' : 'at the next close'
  io.print(`The kill switch of ${settings.id} is thrown: ${holder === undefined ? `nobody runs it; ${onceResumed(session)}` : `it acts ${running}`}.`) // prettier-ignore
}

/** When the switch of a session that nobody runs acts: where no close will come, never. */
function onceResumed({ settings: { source } }: StoredSession): string {
  if (source.kind === 'live') return 'it acts when the session is resumed'
  return 'it acts at the next close that its stored data hold, once it is resumed. Where all of them were told there is none: what is held then stays as it is' // prettier-ignore
}

async function clearKill(io: Io, session: StoredSession, { reason = '' }: Flags): Promise<void> {
  const { paths, settings } = session
  const was = killReason(paths.kill)
  requestClearing(paths.kill, reason)
  const holder = await runnerOf(session)
  if (io.json) return io.printJson({ id: settings.id, killed: false, reason, was: was ?? null, isRunning: holder !== undefined }) // prettier-ignore
  io.print(`The kill switch of ${settings.id} will be cleared ${holder === undefined ? 'when the session is resumed' : 'within a second or at the next close'}.`) // prettier-ignore
}
