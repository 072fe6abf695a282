import { createHash } from 'node:crypto'
import type { Instrument } from '../core/instrument.js'
import type { Policies } from '../core/policies.js'
import type { CostSettings } from '../engine/options.js'
import type { RiskSettings } from '../risk/settings.js'
import type { RunData } from '../store/run-data.js'
import { stableJson } from './json.js'
import type { CodeHashes } from './code-hash.js'

/** Version of the layout of run.json; a run of another version is refused by name. */
export const RUN_SCHEMA = 1

/** Everything that decides what a run answers. The run id is a hash of this, so equal inputs have one id. */
export interface RunInputs {
  readonly schema: typeof RUN_SCHEMA
  readonly strategy: {
    readonly name: string
    readonly preset: string | null
    readonly params: Readonly<Record<string, number | string | boolean>>
    readonly risk: RiskSettings
    /** Series names that the features read. */
    readonly factsRead: readonly string[]
  }
  readonly policies: Policies
  readonly costs: CostSettings
  readonly startingBalance: number
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  /** `[startTime, endTime)` is what was asked for, ∓Infinity where it was left open; warm-up began at `warmUpStartTime`. UTC ms. */
  readonly range: { readonly startTime: number; readonly endTime: number; readonly warmUpStartTime: number }
  /** `none` where the run was told to leave funding out. */
  readonly funding: 'settled' | 'none'
  /** The user's own mapping of a series name, such as `whales`, to series of the store; empty where the store decided. */
  readonly factOverrides: Readonly<Record<string, string>>
  /** Timeframe of the finer candles that the run could ask; left out where it asked none. */
  readonly detailMs?: number
  /** The run was replayed under other assumptions too; left out where it was not. */
  readonly sensitivity?: true
  readonly data: {
    /** Identifies all rows that the run could read, whatever else the data folder holds. */
    readonly hash: string
    readonly synthetic: boolean
    /** What was read of it. */
    readonly series: readonly SeriesUsed[]
  }
  readonly code: CodeHashes
  /** Seed of whatever in the run is random; null where nothing is. */
  readonly seed: number | null
}

export interface SeriesUsed {
  readonly id: string
  /** The leg or purpose it feeds: `candles`, `funding`, `whales`, …, and for which instrument. */
  readonly feeds: string
  readonly instrument: string
  /** SHA-256 of its rows as stored. */
  readonly hash: string
  readonly flags: readonly string[]
}

/** Where a run came from: told, but not part of its identity. */
export interface RunProvenance {
  /** As typed; found again by `runs replay`. */
  readonly strategyPath: string
  /** The strategy file as it ran, inside the run's folder: `source/mine.ts`. Runs of earlier versions have none. */
  readonly strategySource?: string
  readonly dataFolder: string
  readonly command: string
  /** `dirty`: tracked files, or the strategy, are not as the commit holds them. */
  readonly git: { readonly commit: string; readonly dirty: boolean } | null
  readonly versions: { readonly baleen: string; readonly node: string; readonly duckdb: string }
}

/** The contents of run.json. */
export interface RunManifest {
  readonly inputs: RunInputs
  readonly provenance: RunProvenance
}

/** `sma-cross-1f0c9a7be24d`: the strategy's name to read, 48 bits of the inputs' SHA-256 to tell runs apart. */
export function runId(inputs: RunInputs): string {
  const digest = createHash('sha256').update(stableJson(inputs)).digest('hex')
  const prefix = inputs.strategy.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 40) // prettier-ignore
  return `${prefix || 'run'}-${digest.slice(0, 12)}`
}

/** What a run or a sweep has read, as its manifest names it. */
export function seriesUsed({ used }: RunData): SeriesUsed[] {
  return used.map(({ instrumentId, use, seriesId, sha256, flags }) => ({
    id: seriesId ?? '',
    feeds: use,
    instrument: instrumentId,
    hash: sha256 ?? '',
    flags,
  }))
}

/** Whether any of it was invented: a series by its flag, an instrument by its venue. */
export function isSynthetic({ used }: RunData, instruments: readonly Instrument[]): boolean {
  return (
    used.some(({ flags }) => flags.includes('synthetic')) ||
    instruments.some(({ venue }) => venue === 'synthetic')
  )
}
