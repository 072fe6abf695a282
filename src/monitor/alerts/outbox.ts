import type { Alert, AlertOut, Bundle } from './alert.js'

export interface OutboxLimits {
  /** An alert that stays is told again after this long, and not before. */
  readonly quietMs: number
  /** What is not so for this long is over; what comes back sooner was never gone. */
  readonly overMs: number
  /** Between two messages: whatever comes meanwhile goes with the next one. */
  readonly paceMs: number
  /** After a message that nobody took: doubled each time up to `longestPauseMs`. */
  readonly pauseMs: number
  readonly longestPauseMs: number
  /** Warnings that wait at once; more are counted and dropped. Critical ones always wait. */
  readonly waitingWarnings: number
}

export const OUTBOX_LIMITS: OutboxLimits = {
  quietMs: 15 * 60_000,
  overMs: 60_000,
  paceMs: 5_000,
  pauseMs: 10_000,
  longestPauseMs: 300_000,
  waitingWarnings: 100,
}

interface Entry {
  alert: Alert
  since: number
  toldAt: number
  swallowed: number
  isWaiting: boolean
  /** NaN while it is so. */
  goneSince: number
}

/**
 * Alerts that wait to be told, one for each key, and when the next message may go. Without a clock: times (ms, never falling) are told. Memory: one
 * entry for each key that is still so or waits.
 */
export class Outbox {
  private readonly limits: OutboxLimits
  private readonly entries: Map<string, Entry> = new Map()
  private dropped: number = 0
  private notBefore: number = -Infinity
  private failures: number = 0

  constructor(limits: OutboxLimits = OUTBOX_LIMITS) {
    this.limits = limits
  }

  /** How many alerts wait. */
  get waiting(): number {
    let count = 0
    for (const { isWaiting } of this.entries.values()) if (isWaiting) count++
    return count
  }

  /** Something is so, once more or for the first time. */
  offer(alert: Alert, now: number): void {
    const entry = this.entries.get(alert.key)
    if (entry === undefined) {
      if (alert.severity !== 'critical' && this.waitingWarnings() >= this.limits.waitingWarnings)
        this.dropped++
      else
        this.entries.set(alert.key, {
          alert,
          since: now,
          toldAt: -Infinity,
          swallowed: 0,
          isWaiting: true,
          goneSince: NaN,
        })
      return
    }
    // What has become critical is told at once, whatever was told of it before.
    const isWorse = alert.severity === 'critical' && entry.alert.severity !== 'critical'
    entry.alert = alert
    entry.goneSince = NaN
    if (
      entry.isWaiting ||
      (!isWorse && (alert.isToldOnce === true || now - entry.toldAt < this.limits.quietMs))
    )
      entry.swallowed++
    else {
      entry.isWaiting = true
      entry.since = now
    }
  }

  private waitingWarnings(): number {
    let count = 0
    for (const { isWaiting, alert } of this.entries.values()) if (isWaiting && alert.severity !== 'critical') count++ // prettier-ignore
    return count
  }

  /** All that is so now: what was told and is not so any more is told to be over, once. What was never told of is told all the same. */
  settle(keys: ReadonlySet<string>, now: number): void {
    for (const [key, entry] of this.entries) {
      if (keys.has(key) || entry.isWaiting) continue
      if (Number.isNaN(entry.goneSince)) entry.goneSince = now
      if (entry.alert.severity !== 'note' && now - entry.goneSince < this.limits.overMs) continue
      this.entries.delete(key)
      if (entry.alert.severity === 'note') continue
      this.offer({ key: `${key} is over`, severity: 'note', title: `Over: ${entry.alert.title}`, detail: entry.alert.detail }, now) // prettier-ignore
    }
  }

  /** What goes now, gravest first; undefined where nothing waits, or it is too early. Call `told` or `failed` afterwards. */
  due(now: number): Bundle | undefined {
    if (now < this.notBefore) return undefined
    const alerts: AlertOut[] = []
    for (const { alert, since, swallowed, isWaiting } of this.entries.values())
      if (isWaiting) alerts.push({ ...alert, time: since, swallowed })
    if (alerts.length === 0) return undefined
    alerts.sort((a, b) => RANK[a.severity] - RANK[b.severity] || a.time - b.time)
    return { alerts, dropped: this.dropped }
  }

  told({ alerts, dropped }: Bundle, now: number): void {
    for (const { key, swallowed } of alerts) {
      const entry = this.entries.get(key)
      if (entry === undefined) continue
      // What came while the message was on its way is counted for the next one.
      entry.swallowed -= swallowed
      entry.isWaiting = false
      entry.toldAt = now
    }
    this.dropped -= dropped
    this.failures = 0
    this.notBefore = now + this.limits.paceMs
  }

  /** Nobody took it: everything goes on waiting. */
  failed(now: number): void {
    const { pauseMs, longestPauseMs } = this.limits
    this.notBefore = now + Math.min(longestPauseMs, pauseMs * 2 ** this.failures++)
  }
}

const RANK = { critical: 0, warning: 1, note: 2 } as const
