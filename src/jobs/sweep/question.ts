import type { Instrument } from '../../core/instrument.js'
import type { Policies } from '../../core/policies.js'
import type { CostSettings } from '../../engine/options.js'
import { drawnFrom } from '../../research/samplers/grid.js'
import type { SamplerName } from '../../research/samplers/sampler.js'
import type { Dimension } from '../../research/search-dimension.js'
import type { Constraint } from '../../research/search-space.js'
import type { Condition } from '../../research/sweep/conditions.js'
import type { StatisticKey } from '../../research/sweep/objective.js'
import { hashText } from '../../store/files.js'
import type { ParamSpecs, ParamValue } from '../../strategy/params.js'
import type { CodeHashes } from '../code-hash.js'
import { jsonDifferences, plain, stableJson, type Json } from '../json.js'
import type { SeriesUsed } from '../manifest.js'

/** Version of the layout of sweep.json; a sweep of another version is refused by name. */
export const SWEEP_SCHEMA = 2

/** What a user asks of a sweep, every choice made. */
export interface SweepAsked {
  readonly schema: typeof SWEEP_SCHEMA
  readonly strategy: {
    readonly name: string
    readonly preset: string | null
    /** All params as the strategy declares them: what points are made of. */
    readonly params: ParamSpecs
  }
  readonly search: {
    readonly dimensions: readonly Dimension[]
    readonly fixed: Readonly<Record<string, ParamValue>>
    readonly constraints: readonly Constraint[]
  }
  readonly conditions: readonly Condition[]
  readonly objective: StatisticKey
  readonly sampler: SamplerName
  readonly seed: number
  readonly trials: number
  /** Trials that are proposed, run and stored together. */
  readonly generationTrials: number
  readonly policies: Partial<Policies>
  readonly costs: CostSettings
  readonly startingBalance: number
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  /** As asked for, ∓Infinity where it was left open. UTC ms. */
  readonly range: { readonly startTime: number; readonly endTime: number }
  readonly funding: 'settled' | 'none'
  readonly factOverrides: Readonly<Record<string, string>>
}

/** What the answer stands on: the same question on other data or by other code may have another one. */
export interface SweepGround {
  readonly data: {
    readonly hash: string
    readonly synthetic: boolean
    readonly series: readonly SeriesUsed[]
  }
  readonly code: CodeHashes
  /** SHA-256 of the strategy file and what it imports by relative path. */
  readonly source: string
}

/** The contents of sweep.json. The id of a sweep is a hash of it. */
export interface SweepQuestion {
  readonly asked: SweepAsked
  readonly ground: SweepGround
}

/** `trend-breakout-1f0c9a7be24d`: the strategy's name to read, 48 bits of the question's SHA-256 to tell sweeps apart. */
export function sweepId(question: SweepQuestion): string {
  const prefix = question.asked.strategy.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 40) // prettier-ignore
  return `${prefix || 'sweep'}-${hashText(stableJson(question)).slice(0, 12)}`
}

/** Whether two sweeps were asked the same, on whatever data and by whatever code. */
export function isSameAsked(a: SweepAsked, b: SweepAsked): boolean {
  return stableJson(a) === stableJson(b)
}

/** How many points a grid has of which a sweep draws fewer by its seed; undefined for a whole grid and for other samplers. */
export function gridDrawnFrom({ sampler, search, strategy, trials }: SweepAsked): number | undefined {
  return sampler === 'grid' ? drawnFrom({ specs: strategy.params, ...search }, trials) : undefined
}

/** How what two sweeps stand on differs: `data.series.0.hash: "…" → "…"`. */
export function groundDifferences(before: SweepGround, after: SweepGround): readonly string[] {
  return jsonDifferences(plain(before) as Json, plain(after) as Json).map(
    (one) => `${one.path}: ${JSON.stringify(one.before)} → ${JSON.stringify(one.after)}`,
  )
}
