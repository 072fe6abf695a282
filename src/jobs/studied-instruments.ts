import { termsAt, type TermsTimeline } from '../core/instrument-terms.js'
import { type Runs, RUNS_END } from '../core/signals.js'
import type { CostSettings } from '../engine/options.js'
import type { Market } from '../engine/simulation.js'
import type { Track } from '../engine/track.js'
import type { StudiedInstrument } from '../research/signal-input.js'
import { variantColumns, type LegVariant } from '../strategy/ablation.js'
import type { CompiledDefinition } from '../strategy/compile.js'

/** What a strategy says on the bars that a replay of this market would trade: score, variants and entries, by the very columns a replay reads. */
export function studiedInstruments(
  strategy: CompiledDefinition,
  variants: readonly LegVariant[],
  { tracks, terms, timeline, costs }: Market,
): StudiedInstrument[] {
  const origin = timeline.openTime[0]!
  return tracks.map((track, at) =>
    studied(strategy, variants, track, origin, meanFillCost(track, terms[at]!, costs)),
  )
}

function studied(
  strategy: CompiledDefinition,
  variants: readonly LegVariant[],
  track: Track,
  origin: number,
  costPerFill: number,
): StudiedInstrument {
  const { data, firstBar, endBar, settlements } = track
  const { candles, facts, instrument } = data
  const { signal } = strategy.columns({ candles, facts })
  const traded = (column: Float64Array): Float64Array => column.slice(firstBar, endBar)
  const longs = new Set(starts(signal.enterLong, firstBar, endBar, true))
  // Long and short together are neither.
  const isUndecided = new Set(
    starts(signal.enterShort, firstBar, endBar, true).filter((row) => longs.has(row)),
  )
  const entries = (runs: Runs): Int32Array =>
    Int32Array.from(starts(runs, firstBar, endBar, false).filter((row) => !isUndecided.has(row)))
  return {
    id: instrument.id,
    candles,
    firstBar,
    endBar,
    settlements,
    slots: Int32Array.from(
      candles.openTime.subarray(firstBar, endBar),
      (time) => (time - origin) / candles.timeframeMs,
    ),
    score: signal.score && traded(signal.score),
    variants: variantColumns(variants, { candles, facts }, signal.warmUpBars).map(traded),
    long: entries(signal.enterLong),
    short:
      strategy.risk.allowShort && instrument.kind === 'perpetual'
        ? entries(signal.enterShort)
        : new Int32Array(0),
    costPerFill,
  }
}

/** Traded bars of runs, counted from the first traded one: the first of each run, or all of them. */
function starts(runs: Runs, firstBar: number, endBar: number, all: boolean): number[] {
  const found: number[] = []
  for (let at = 0; runs[at] !== RUNS_END; at += 2) {
    const from = Math.max(runs[at]!, firstBar)
    const to = Math.min(runs[at + 1]!, endBar)
    for (let bar = from; bar < to && (all || bar === from); bar++) found.push(bar - firstBar)
  }
  return found
}

/** Taker fee at the time of each bar, on average, with slippage and half the spread. */
function meanFillCost(
  { data: { candles }, firstBar, endBar }: Track,
  terms: TermsTimeline,
  { slippageBps, halfSpreadBps = 0 }: CostSettings,
): number {
  let fees = 0
  for (let bar = firstBar; bar < endBar; bar++) fees += termsAt(terms, candles.openTime[bar]!).takerFee
  return fees / (endBar - firstBar) + (slippageBps + halfSpreadBps) / 10_000
}
