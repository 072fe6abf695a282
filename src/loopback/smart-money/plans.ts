import type { AssumedPlan, AssumedUsage } from '../../core/smart-money-rows.js'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../core/time.js'
import { ApiRefusals, refuseWith } from './refusals.js'

/** Plans by rising rights. Figures: the newest documents for the day, the oldest, the only ones that name any, for the minute. */
export const PLANS: Readonly<Record<PlanName, AssumedPlan>> = {
  free: { name: 'free', requests_per_day: 200, requests_per_minute: 2, symbols: ['BTC', 'ETH', 'SOL', 'XAU', 'XAG'] }, // prettier-ignore
  trader: { name: 'trader', requests_per_day: 3_000, requests_per_minute: 20, symbols: null },
  pro: { name: 'pro', requests_per_day: 15_000, requests_per_minute: 100, symbols: null },
}

export type PlanName = 'free' | 'trader' | 'pro'
const RANKS: readonly PlanName[] = ['free', 'trader', 'pro']

/** Keys that a loopback world takes. They open nothing else. */
export const LOOPBACK_KEYS: ReadonlyMap<string, PlanName> = new Map(RANKS.map((plan) => [`sm_loopback_${plan}`, plan])) // prettier-ignore

/** What callers without a key share: documented as a throttle per address "of unstated size". */
const KEYLESS_PER_MINUTE = 60

export function hasPlan(plan: PlanName | undefined, needed: PlanName): boolean {
  return plan !== undefined && RANKS.indexOf(plan) >= RANKS.indexOf(needed)
}

interface Counter {
  day: number
  usedToday: number
  minute: number
  usedThisMinute: number
}

/** Counts requests by key, by virtual UTC day and minute. */
export class Quotas {
  private readonly counters = new Map<string, Counter>()

  /** Takes one request; refuses with 429 where none is left. Answers the headers that one document promises and no later one repeats. */
  take(key: string | undefined, plan: PlanName | undefined, nowMs: number): Record<string, string> {
    const counter = this.counterOf(key ?? '', nowMs)
    const perMinute = plan === undefined ? KEYLESS_PER_MINUTE : PLANS[plan].requests_per_minute
    const perDay = plan === undefined ? Infinity : PLANS[plan].requests_per_day
    if (counter.usedThisMinute >= perMinute || counter.usedToday >= perDay) refuseWith(ApiRefusals.tooMany())
    counter.usedThisMinute++
    counter.usedToday++
    return {
      'x-ratelimit-limit': String(perMinute),
      'x-ratelimit-remaining': String(perMinute - counter.usedThisMinute),
      'x-ratelimit-reset': String(((counter.minute + 1) * MINUTE_MS) / SECOND_MS),
    }
  }

  usage(key: string, plan: PlanName, nowMs: number): AssumedUsage {
    const { usedToday, day } = this.counterOf(key, nowMs)
    const { requests_per_day, requests_per_minute } = PLANS[plan]
    return { plan, used_today: usedToday, requests_per_day, requests_per_minute, resets_at: ((day + 1) * DAY_MS) / SECOND_MS } // prettier-ignore
  }

  private counterOf(key: string, nowMs: number): Counter {
    const [day, minute] = [Math.floor(nowMs / DAY_MS), Math.floor(nowMs / MINUTE_MS)]
    const before = this.counters.get(key)
    const counter: Counter = {
      day,
      usedToday: before?.day === day ? before.usedToday : 0,
      minute,
      usedThisMinute: before?.minute === minute ? before.usedThisMinute : 0,
    }
    this.counters.set(key, counter)
    return counter
  }
}
