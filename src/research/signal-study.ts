import type { Policies } from '../core/policies.js'
import { quotient, type Statistic } from '../metrics/statistic.js'
import { entryStudy, type EntrySide, type EntryStudy } from './entry-study.js'
import { forwardReturns, type ForwardReturns } from './forward-returns.js'
import { scoreStudy, type ScoreStudy } from './score-study.js'
import { countFigures, type FigureCount } from './signal-figures.js'
import type { Outlook, StudiedInstrument, StudyOptions } from './signal-input.js'

export interface EntriesOfSide {
  readonly side: EntrySide
  /** Over all instruments, with or without a forward return. */
  readonly entries: number
  /** Bars from one entry to the next of the same instrument, on average. */
  readonly meanGap: Statistic
  readonly horizons: readonly (EntryStudy & { readonly horizon: number })[]
}

/** What a strategy's signal said of later returns, before any position, size or stop. */
export interface SignalStudy {
  readonly timeframeMs: number
  readonly horizons: readonly number[]
  readonly focus: number
  readonly fillAt: Policies['fillAt']
  readonly instruments: readonly string[]
  /** Traded bars over all instruments. */
  readonly bars: number
  /** Undefined for strategies without a score. */
  readonly score: ScoreStudy | undefined
  readonly entries: readonly EntriesOfSide[]
  /** How many figures were looked at, and what luck alone would make of so many. */
  readonly figures: FigureCount
}

/** Studies the signal of a strategy on the bars of a run. O(horizons · variants · bars · log bars). */
export function studySignal(instruments: readonly StudiedInstrument[], options: StudyOptions): SignalStudy {
  const { timeframeMs, horizons, focus, fillAt } = options
  const found = new Map<number, readonly ForwardReturns[]>()
  const outlook: Outlook = (horizon) => {
    const returns = found.get(horizon) ?? instruments.map((one) => forwardReturns(one, horizon, fillAt))
    found.set(horizon, returns)
    return returns
  }
  const hasScore = instruments.some(({ score }) => score !== undefined)
  const score = hasScore ? scoreStudy(instruments, outlook, options) : undefined
  const entries = entriesBySide(instruments, outlook, options)
  return {
    timeframeMs,
    horizons,
    focus,
    fillAt,
    instruments: instruments.map(({ id }) => id),
    bars: instruments.reduce((sum, { slots }) => sum + slots.length, 0),
    score,
    entries,
    figures: countFigures(score, entries),
  }
}

function entriesBySide(
  instruments: readonly StudiedInstrument[],
  outlook: Outlook,
  { horizons, chance, shifts }: StudyOptions,
): EntriesOfSide[] {
  const count = (side: 'long' | 'short'): number =>
    instruments.reduce((sum, one) => sum + one[side].length, 0)
  const sides: EntrySide[] =
    count('long') > 0 && count('short') > 0
      ? ['both', 'long', 'short']
      : count('short') > 0
        ? ['short']
        : ['long']
  return sides.map((side) => ({
    side,
    entries: (side === 'short' ? 0 : count('long')) + (side === 'long' ? 0 : count('short')),
    meanGap: meanGap(instruments, side),
    horizons: horizons.map((horizon) => {
      const returns = outlook(horizon)
      const samples = instruments.map(({ slots, long, short }, at) => ({
        slots,
        long,
        short,
        returns: returns[at]!.total,
      }))
      return { horizon, ...entryStudy(samples, side, horizon, chance, shifts) }
    }),
  }))
}

function meanGap(instruments: readonly StudiedInstrument[], side: EntrySide): Statistic {
  let [bars, gaps] = [0, 0]
  for (const { slots, long, short } of instruments) {
    const rows = [...(side === 'short' ? [] : long), ...(side === 'long' ? [] : short)].sort((a, b) => a - b)
    if (rows.length < 2) continue
    bars += slots[rows.at(-1)!]! - slots[rows[0]!]!
    gaps += rows.length - 1
  }
  return quotient(bars, gaps, 'no instrument has two entries')
}
