import { SECOND_MS } from '../core/time.js'
import type { Desk } from './desk.js'
import type { Feed, FeedItem, FeedTick } from './feed.js'
import { holdReasons, type HoldLimits, type HoldReason, type SessionHealth } from './hold.js'
import { itemsUntilStopped } from './or-stopped.js'
import type { FeedTrouble } from './session-feed.js'

/** What time it is. */
export interface Clock {
  /** UTC ms. */
  now(): number
  /** Ms since some moment; never steps. */
  monotonic(): number
  /** How far this machine's clock is ahead of the exchange's, ms; NaN where nobody has measured it. */
  offset(): number
}

/** Where a session says what it does. A log that fails must not stop trading: it is not waited for. */
export type Log = (line: Readonly<Record<string, unknown>> & { readonly event: string }) => void

/** How a session is run. */
export interface RunOptions {
  readonly feed: Feed
  readonly clock: Clock
  readonly log: Log
  /** Told where nothing was done for long, so that what is late has its reason in the log. */
  readonly trouble?: FeedTrouble
  readonly limits: HoldLimits
  /** Why the kill switch is thrown, where it is: asked before every close. */
  readonly killed: () => string | undefined
  /** Why a kill switch that was thrown is cleared, where somebody asks for it; default nobody does. */
  readonly cleared?: () => string | undefined
  /** Told after every close, once its rows are durable, with what was measured of it. */
  readonly onClose?: (time: number, health: SessionHealth) => void
  /** Asked after every item: true ends the run, between two items. */
  readonly stopped: () => boolean
  /** Ends the run between two items, also while a feed that does not answer is waited for. */
  readonly stop?: AbortSignal
  /** Throws where somebody else has the session now. */
  readonly requireLease: () => void
}

/** Feeds tell at least that time has passed, every second while they wait and every 8 s while they are answered: who is not told anything for longer stood still. */
const STOOD_STILL_MS = 10 * SECOND_MS

/** Why a run ended. */
export type RunEnd = 'stopped' | 'end-of-feed'

/**
 * Runs a session on its feed until that ends or it is stopped. Before each close it measures what may keep it from entering, and asks the
 * kill switch. What goes wrong in a decision ends the run: the journal holds all of it.
 */
export async function runSession(desk: Desk, options: RunOptions): Promise<RunEnd> {
  const { feed, clock, log, stopped } = options
  const measure = new Measurements(desk, clock)
  const items = feed.items(desk.session.lastDecided)
  let lastItemAt = NaN
  for await (const item of options.stop === undefined ? items : itemsUntilStopped(items, options.stop)) {
    if (stopped()) return 'stopped'
    const stillMs = clock.monotonic() - lastItemAt
    lastItemAt = clock.monotonic()
    if (stillMs > STOOD_STILL_MS)
      options.trouble?.('hang', `nothing was done for ${Math.round(stillMs / SECOND_MS)} s: this process hung, was stopped, or waited for its disk`) // prettier-ignore
    take(desk, item, options, measure)
    if (item.kind !== 'bars') continue
    const { decisions, session } = desk
    const { markedEquity: equity, halted } = session.state
    log({ event: 'close', time: item.at, equity, halted, mode: desk.mode, holds: desk.holds, decisions })
    options.onClose?.(item.at, measure.last)
  }
  return stopped() ? 'stopped' : 'end-of-feed'
}

function take(desk: Desk, item: FeedItem | FeedTick, options: RunOptions, measure: Measurements): void {
  if (item.kind === 'fact') return desk.learn(item.fact)
  if (item.kind === 'settlement') return desk.settle(item.settlement)
  if (item.kind === 'quote' || item.kind === 'tick') measure.heardTo = Math.max(measure.heardTo, item.at)
  if (item.kind === 'quote') return desk.quote(item.quote)
  if (item.kind === 'tick') desk.advance(item.at)
  const { limits, killed, requireLease } = options
  requireLease()
  const time = Math.max(item.at, desk.session.lastDecided)
  const reason = killed()
  if (item.kind === 'tick') {
    holdByQuotes(desk, item.at, time, limits)
    // What is sent between two closes would fill at the open of the bar under way, which is over.
    if (desk.broker.bars === undefined) throwSwitch(desk, time, reason, options)
    return clearSwitch(desk, time, reason, options)
  }
  clearSwitch(desk, time, reason, options)
  const isNew = reason !== undefined && desk.mode !== 'halted'
  const reasons: HoldReason[] = holdReasons(measure.before(item.at), limits)
  // Bars that warm up are old, and decide nothing.
  if (desk.session.tradable(item.bars).length > 0)
    desk.hold({ time, reasons: isNew ? ['kill-switch', ...reasons] : reasons })
  measure.close(() => desk.close(item.bars))
  throwSwitch(desk, time, reason, options)
}

/** Quotes may fall silent long before a close, and come back: it is held from then on, and no longer. What only warms up is not held. */
function holdByQuotes(desk: Desk, now: number, time: number, limits: HoldLimits): void {
  if (desk.marks.length === 0) return
  const ageMs = desk.broker.quotes?.ageMs(now) ?? NaN
  const isOld = ageMs > limits.quoteAgeMs
  if (isOld === desk.holds.includes('stale-quotes')) return
  const others = desk.holds.filter((reason) => reason !== 'stale-quotes')
  desk.hold({ time, reasons: isOld ? [...others, 'stale-quotes'] : others })
}

function throwSwitch(desk: Desk, time: number, reason: string | undefined, { log }: RunOptions): void {
  if (reason === undefined || desk.mode === 'halted') return
  desk.changeMode({ time, mode: 'halted', reason })
  log({ event: 'killed', time, reason })
}

/** A switch that is thrown wins over whoever would clear it. */
function clearSwitch(
  desk: Desk,
  time: number,
  thrown: string | undefined,
  { log, cleared }: RunOptions,
): void {
  const reason = thrown === undefined ? cleared?.() : undefined
  if (reason === undefined || desk.mode !== 'halted') return
  desk.changeMode({ time, mode: 'active', reason })
  log({ event: 'kill-cleared', time, reason })
}

/** What is measured of a session as it goes. */
class Measurements {
  /** Of the last close. */
  last: SessionHealth = {
    candleAgeMs: NaN,
    signalAgeMs: NaN,
    quoteAgeMs: NaN,
    clockOffsetMs: NaN,
    journalMs: NaN,
    coverage: NaN,
  }
  /** The market's time, as far as ticks and quotes have told it, UTC ms. */
  heardTo: number = -Infinity
  private readonly desk: Desk
  private readonly clock: Clock
  private slowestMs: number = NaN
  private lastUsable: number = NaN

  constructor(desk: Desk, clock: Clock) {
    this.desk = desk
    this.clock = clock
  }

  before(closeTime: number): SessionHealth {
    const coverages = this.desk.decisions.map(({ signal }) => signal.coverage)
    // By the venue's clock, as far as it was measured: a close is a time of its.
    const offset = this.clock.offset()
    this.last = {
      candleAgeMs: this.clock.now() - (Number.isNaN(offset) ? 0 : offset) - closeTime,
      signalAgeMs: closeTime - this.lastUsable,
      quoteAgeMs: this.desk.broker.quotes?.ageMs(Math.max(this.heardTo, closeTime)) ?? NaN,
      clockOffsetMs: offset,
      journalMs: this.slowestMs,
      coverage: coverages.reduce((least, one) => (one < least || Number.isNaN(least) ? one : least), NaN),
    }
    return this.last
  }

  /** Runs a close and takes its time, which is the journal's but for a trifle. */
  close(work: () => void): void {
    const began = this.clock.monotonic()
    work()
    this.slowestMs = this.clock.monotonic() - began
    this.last = { ...this.last, journalMs: this.slowestMs }
    const { decisions, session } = this.desk
    if (decisions.some(({ usable }) => usable) || Number.isNaN(this.lastUsable))
      this.lastUsable = session.lastDecided
  }
}
