import { hostname } from 'node:os'
import { BaleenError } from '../core/errors.js'
import { DAY_MS, HOUR_MS, formatUtcDay } from '../core/time.js'
import type { Desk } from './desk.js'
import { known, writeHealthFile, type SessionHealthFile } from './health-file.js'
import type { SessionHealth } from './hold.js'
import { clearingReason, killReason, removeClearing } from './kill-file.js'
import { openLogFile } from './log-file.js'
import { isAlive, thisProcess } from './machine.js'
import { orStopped } from './or-stopped.js'
import { openPaperSession, type PaperSession } from './paper-session.js'
import { runSession, type Log, type RunEnd } from './run-session.js'
import type { FeedTrouble, SessionFeed } from './session-feed.js'
import type { StoredSession } from './session-file.js'
import type { LoadedSession } from './session-settings.js'

/** Whom a running session tells of itself. */
export interface PaperListener {
  /** Its rows have been lived through again: it goes on. */
  readonly onReady: (ready: PaperReady) => void
  readonly onClose: (close: PaperClose) => void
  readonly onTrouble: FeedTrouble
  /** A UTC day is over, and its last close is durable; `2024-01-31`. */
  readonly onDay?: (day: string) => void
}

export interface PaperReady {
  /** Rows that were there already. */
  readonly recovered: number
  /** Real ms that recovery took. */
  readonly recoveryMs: number
  /** Close of the newest bars that were decided on; −Infinity before the first. */
  readonly lastDecided: number
  readonly desk: Desk
}

/** One close, as progress. */
export interface PaperClose {
  /** UTC ms. */
  readonly time: number
  readonly health: SessionHealth
  readonly desk: Desk
}

export interface PaperEnd {
  readonly end: RunEnd
  readonly desk: Desk
}

export interface RunPaperOptions {
  readonly stored: StoredSession
  readonly loaded: LoadedSession
  /** Asked once the session has its lease. */
  readonly openFeed: (trouble: FeedTrouble) => Promise<SessionFeed>
  readonly stop: AbortSignal
  readonly listener: PaperListener
}

/** How often health.json is written between closes, real ms. */
const HEALTH_MS = 5_000
/** And at most so often after closes. */
const CLOSE_MS = 100

/**
 * Runs a session in this process: takes its lease, recovers it, and goes on until its feed ends or it is told to stop. Stopping leaves all orders as they are: the venue on paper lives in the
 * journal, and goes on with the bars that were missed. Throws what ended it otherwise, which is in the log then.
 */
export async function runPaper(options: RunPaperOptions): Promise<PaperEnd> {
  const { stored, loaded, openFeed, listener } = options
  const { paths, settings } = stored
  const logFile = openLogFile(paths.log, () => Date.now())
  const errors: number[] = []
  const log: Log = logFile.log
  const trouble: FeedTrouble = (what, message) => {
    errors.push(Date.now())
    log({ event: 'error', what, message })
    listener.onTrouble(what, message)
  }
  const promotion = settings.promotion === null ? 'unpromoted' : 'promoted'
  let session: PaperSession | undefined
  let feed: SessionFeed | undefined
  let timer: NodeJS.Timeout | undefined
  const began = performance.now()
  try {
    const holder = thisProcess()
    // The feed is told what the session knows before it is asked for more.
    const ports = { holder, isAlive, onTorn: (row: unknown) => log({ event: 'torn-row', row }) }
    const opening = await openPaperSession(paths.journal, loaded.settings, ports)
    session = opening
    const { desk, file, recovered } = opening
    const recoveryMs = performance.now() - began
    const opened = openFeed(trouble)
    feed = await orStopped(opened, options.stop)
    if (feed === undefined) {
      void opened.then((late) => late.close()).catch(() => undefined)
      return { end: 'stopped', desk }
    }
    if (feed.remember !== undefined) for (const fact of file.facts()) feed.remember(fact)
    const { lastDecided } = desk.session
    log({ event: 'start', recovered, recoveryMs, lastDecided, pid: process.pid, promotion, settings: stored.sha256 })
    if (desk.mode !== 'halted') removeClearing(paths.kill)
    listener.onReady({ recovered, recoveryMs, lastDecided, desk })
    const health = new HealthWriter(paths.health, desk, feed, errors, promotion)
    health.write()
    timer = setInterval(() => health.write(), HEALTH_MS)
    timer.unref()
    const days = new DayWatch(lastDecided, listener.onDay)
    const end = await runSession(desk, {
      feed,
      clock: feed.clock,
      log,
      trouble,
      limits: settings.holdLimits,
      killed: () => killReason(paths.kill),
      cleared: () => {
        const reason = clearingReason(paths.kill)
        removeClearing(paths.kill)
        return reason
      },
      onClose: (time, measured) => {
        health.closed(measured)
        listener.onClose({ time, health: measured, desk })
        days.closed(time)
      },
      stopped: () => options.stop.aborted,
      stop: options.stop,
      requireLease: () => file.requireLease(holder),
    })
    // Facts since the last close: they were heard, though nothing rests on them yet.
    file.commit()
    log({ event: 'end', end, lastDecided: desk.session.lastDecided, equity: desk.session.state.markedEquity })
    health.write()
    return { end, desk }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    log({ event: 'failed', message, exitCode: error instanceof BaleenError ? error.exitCode : 1 })
    throw error
  } finally {
    clearInterval(timer)
    await feed?.close()
    session?.close()
    logFile.close()
  }
} // prettier-ignore

/** Keeps health.json. What keeps it from being written keeps nothing from being traded. */
class HealthWriter {
  private readonly startedAt: number = Date.now()
  private readonly host: string = hostname()
  private last: SessionHealth | undefined
  private writtenAt: number = -Infinity

  constructor(
    private readonly path: string,
    private readonly desk: Desk,
    private readonly feed: SessionFeed,
    private readonly errors: number[],
    private readonly promotion: SessionHealthFile['promotion'],
  ) {}

  closed(health: SessionHealth): void {
    this.last = health
    // Stored data close a thousand times a second.
    if (performance.now() - this.writtenAt >= CLOSE_MS) this.write()
  }

  write(): void {
    this.writtenAt = performance.now()
    try {
      writeHealthFile(this.path, this.now())
    } catch {
      // Whoever reads it sees that it grows old.
    }
  }

  private now(): SessionHealthFile {
    const { desk, feed, errors, last } = this
    const time = Date.now()
    while ((errors[0] ?? Infinity) < time - HOUR_MS) errors.shift()
    return {
      time,
      startedAt: this.startedAt,
      pid: process.pid,
      host: this.host,
      mode: desk.mode,
      holds: desk.holds,
      lastCloseTime: known(desk.session.lastDecided),
      candleAgeMs: known(last?.candleAgeMs ?? NaN),
      clockOffsetMs: known(feed.clock.offset()),
      journalMs: known(last?.journalMs ?? NaN),
      feed: feed.feedState(),
      api: feed.apiState(),
      errorsLastHour: errors.length,
      equity: known(desk.session.state.markedEquity),
      promotion: this.promotion,
    }
  }
}

/** Sees UTC days end. */
class DayWatch {
  constructor(
    private last: number,
    private readonly tell: ((day: string) => void) | undefined,
  ) {}

  /** A close at midnight is the last of the day before. */
  closed(time: number): void {
    const day = (at: number): number => Math.floor((at - 1) / DAY_MS)
    if (Number.isFinite(this.last) && day(time) > day(this.last)) this.tell?.(formatUtcDay(this.last - 1))
    this.last = time
  }
}
