import type { Statistic } from '../metrics/statistic.js'
import type { Dimension } from '../research/search-dimension.js'
import type { Point } from '../research/search-space.js'
import type { Span } from '../research/splits/time-spans.js'
import type { WalkForwardResult } from '../research/splits/walk-forward.js'
import type { ParamStability } from '../research/walk-forward/choices.js'
import type { WalkForwardVerdict } from '../research/walk-forward/verdict.js'

/** One window. Yearly: the mean daily return, times 365. */
export interface WalkForwardWindowReport {
  /** Without what was purged. */
  readonly training: Span
  readonly test: Span
  readonly tried: number
  /** Of them, with a score and no broken condition. */
  readonly choosable: number
  /** Undefined where none could be chosen. */
  readonly params: Point | undefined
  readonly inSampleYearly: Statistic
  readonly outOfSampleYearly: Statistic
  /** Over the whole test. */
  readonly outOfSampleReturn: Statistic
  /** Out of sample, those included that the window's end closed. */
  readonly trades: number | undefined
}

/** Everything that is shown of a walk-forward analysis. Times UTC ms, returns net fractions. */
export interface WalkForwardReport
  extends WalkForwardVerdict, Pick<WalkForwardResult, 'netReturn' | 'efficiency' | 'gainingWindows'> {
  readonly strategy: string
  readonly preset: string | null
  readonly instruments: readonly string[]
  readonly timeframeMs: number
  readonly synthetic: boolean
  readonly dimensions: readonly Dimension[]
  readonly fixed: Point
  readonly constraints: readonly string[]
  readonly conditions: readonly string[]
  readonly objective: string
  readonly sampler: string
  /** In each window, at most. */
  readonly trials: number
  /** Points of the grid that these are drawn from by the seed, where it has more of them. */
  readonly drawnFrom?: number
  readonly seed: number
  readonly trainDays: number
  readonly testDays: number
  readonly isAnchored: boolean
  readonly purgeMs: number
  /** Where the purge comes from, in words. */
  readonly purgeFrom: string
  readonly windows: readonly WalkForwardWindowReport[]
  readonly params: readonly ParamStability[]
  /** Of the days out of sample. */
  readonly sharpe: Statistic
  readonly maxDrawdown: Statistic
  /** End to end: the end of each day, and its return. */
  readonly outOfSample: { readonly time: readonly number[]; readonly returns: readonly number[] }
  readonly warnings: readonly string[]
}
