import type { SessionFact } from './session.js'

/** A fact that comes after a close was decided counts as known this much after it. */
const LATE_MS = 1

/** Facts that have been told of and are not known yet, as far as decisions go. */
export class FactBuffer {
  private waiting: { readonly fact: SessionFact; readonly arrival: number }[] = []
  private arrivals: number = 0

  /** Answers the known-at that the fact counts by; NaN for one that was never known, which is passed over. */
  add(fact: SessionFact, decidedTo: number): number {
    if (Number.isNaN(fact.knownAt)) return Number.NaN
    const knownAt = fact.knownAt > decidedTo ? fact.knownAt : decidedTo + LATE_MS
    this.waiting.push({ fact: { ...fact, knownAt }, arrival: this.arrivals++ })
    return knownAt
  }

  /** Those known by a close, in the order in which a store keeps them: known-at, event time, arrival. */
  take(closeTime: number): SessionFact[] {
    const known = this.waiting.filter(({ fact }) => fact.knownAt <= closeTime)
    if (known.length === 0) return []
    this.waiting = this.waiting.filter(({ fact }) => fact.knownAt > closeTime)
    known.sort(
      (a, b) =>
        a.fact.knownAt - b.fact.knownAt || a.fact.eventTime - b.fact.eventTime || a.arrival - b.arrival,
    )
    return known.map(({ fact }) => fact)
  }
}
