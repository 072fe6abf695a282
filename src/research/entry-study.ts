import { mean, quantile } from '../metrics/moments.js'
import { FEWEST_WINDOWS, tooFewWindows } from '../metrics/newey-west.js'
import { known, quotient, unknown, type Statistic } from '../metrics/statistic.js'
import type { Chance } from './permutations.js'

/** One instrument's forward returns by decision bar, NaN where unknown, and on which of these bars an entry is called for. */
export interface EntrySample {
  /** Bars since an origin that all samples share, rising. */
  readonly slots: ArrayLike<number>
  /** Of a long, as fractions. */
  readonly returns: ArrayLike<number>
  /** Rows of the arrays above, rising. */
  readonly long: ArrayLike<number>
  readonly short: ArrayLike<number>
}

export type EntrySide = 'long' | 'short' | 'both'

/** What followed entries at one horizon. Returns are those of the side: a short's is the negative of the instrument's. */
export interface EntryStudy {
  /** Entries with a forward return. */
  readonly entries: number
  readonly meanReturn: Statistic
  /** What the same sides on the same instruments would have made at any time: the mean return over all bars. */
  readonly anyTime: Statistic
  readonly excess: Statistic
  /** Middle 95 % of the mean return of the same entries at other times. */
  readonly bandLower: Statistic
  readonly bandUpper: Statistic
  /** Share of shifts, the true one counted too, whose mean lies at least as far from `anyTime`: (1 + #) / (1 + shifts). */
  readonly pValue: Statistic
}

/**
 * Forward returns after entries against the same entries at other times: all entries of all instruments are moved by one common number of
 * bars, round the end to the beginning, which keeps their spacing, their bunching and what instruments have in common and breaks their
 * tie to prices (circular shift; Politis & Romano 1992 wrap blocks in the same way). `chance` draws the shifts, each at least a horizon away from none. n/a where fewer than
 * twenty horizons fit into the span. O(shifts · entries + bars).
 */
export function entryStudy(
  samples: readonly EntrySample[],
  side: EntrySide,
  horizon: number,
  chance: Chance,
  shifts: number = 999,
): EntryStudy {
  const span = spanOf(samples)
  const tracks = samples.map((sample) => track(sample, side, span))
  const { total, usual, count } = shifted(tracks, 0)
  const over = (sum: number): Statistic => quotient(sum, count, 'no entry with a forward return')
  const excess = over(total - usual)
  const parts = { entries: count, meanReturn: over(total), anyTime: over(usual), excess }
  const stretches = Math.floor(span.length / horizon)
  if (excess.value === undefined) return { ...parts, ...noBand(excess.reason) }
  if (stretches < FEWEST_WINDOWS)
    return {
      ...parts,
      ...noBand(tooFewWindows(stretches).reason),
    }
  const means: number[] = []
  let atLeast = 0
  for (let drawn = 0; drawn < shifts; drawn++) {
    const other = shifted(tracks, horizon + chance(span.length - 2 * horizon + 1))
    if (other.count === 0) continue
    means.push(other.total / other.count)
    // The very same sum in another order must count as equal.
    if (Math.abs(other.total - other.usual) / other.count >= Math.abs(excess.value) - 1e-15) atLeast++
  }
  if (means.length === 0) return { ...parts, ...noBand('no shift meets a forward return') }
  return {
    ...parts,
    bandLower: known(quantile(means, 0.025)),
    bandUpper: known(quantile(means, 0.975)),
    pValue: known((1 + atLeast) / (1 + means.length)),
  }
}

function noBand(reason: string): Pick<EntryStudy, 'bandLower' | 'bandUpper' | 'pValue'> {
  return { bandLower: unknown(reason), bandUpper: unknown(reason), pValue: unknown(reason) }
}

interface Span {
  readonly first: number
  readonly length: number
}

function spanOf(samples: readonly EntrySample[]): Span {
  const ends = samples.filter(({ slots }) => slots.length > 0)
  const first = Math.min(...ends.map(({ slots }) => slots[0]!))
  const last = Math.max(...ends.map(({ slots }) => slots[slots.length - 1]!))
  return ends.length === 0 ? { first: 0, length: 0 } : { first, length: last - first + 1 }
}

interface EventTrack {
  /** Forward returns of a long by place in the span; NaN where unknown. */
  readonly returns: Float64Array
  /** Mean of the known ones, 0 where there is none (and nothing to be counted). */
  readonly usual: number
  readonly places: Int32Array
  /** +1 or −1 by entry. */
  readonly sides: Int32Array
}

function track(
  { slots, returns, long, short }: EntrySample,
  side: EntrySide,
  { first, length }: Span,
): EventTrack {
  const bySlot = new Float64Array(length).fill(NaN)
  for (let row = 0; row < slots.length; row++) bySlot[slots[row]! - first] = returns[row]!
  const entries = [
    ...(side === 'short' ? [] : Array.from(long, (row) => [row, 1] as const)),
    ...(side === 'long' ? [] : Array.from(short, (row) => [row, -1] as const)),
  ]
  const known = bySlot.filter((value) => value === value)
  return {
    returns: bySlot,
    usual: known.length === 0 ? 0 : mean(known),
    places: Int32Array.from(entries, ([row]) => slots[row]! - first),
    sides: Int32Array.from(entries, ([, sign]) => sign),
  }
}

interface Sums {
  readonly total: number
  /** What the same sides would have made at any time on the same instruments. */
  readonly usual: number
  readonly count: number
}

function shifted(tracks: readonly EventTrack[], by: number): Sums {
  let [total, usual, count] = [0, 0, 0]
  for (const { returns, places, sides, usual: mean } of tracks) {
    for (let at = 0; at < places.length; at++) {
      const place = places[at]! + by
      const value = returns[place < returns.length ? place : place - returns.length]!
      if (value !== value) continue
      total += sides[at]! * value
      usual += sides[at]! * mean
      count++
    }
  }
  return { total, usual, count }
}
