import type { Instrument } from '../core/instrument.js'
import type { Policies } from '../core/policies.js'
import type { CostSettings } from '../engine/options.js'
import type { QuoteFillSettings } from '../execution/quote-fills.js'
import type { CodeHashes } from '../jobs/code-hash.js'
import type { FillModel } from './fill-model.js'
import type { HoldLimits } from './hold.js'
import type { SessionPaths } from './session-folder.js'

/** Version of the layout of session.json; a session of another version is refused by name. */
export const SESSION_SCHEMA = 1

/** Where bars and facts come from. Never a key: those are in the environment alone. */
export type SessionSource =
  | {
      readonly kind: 'stored'
      /** Full path. */
      readonly dataFolder: string
      /** Close of the last bar that is told, UTC ms; Infinity for all that there are. */
      readonly endTime: number
      /** Times real time; Infinity: as fast as it is read. */
      readonly speed: number
      /** Of all rows that it may read. */
      readonly dataHash: string
      readonly isSynthetic: boolean
    }
  | {
      readonly kind: 'live'
      readonly addresses: LiveAddresses
      /** Open of the first bar that warms features up, UTC ms. */
      readonly warmUpStartTime: number
      /** Full path of the data folder that warms features up before REST does; null: REST alone. */
      readonly warmUpFolder: string | null
      /** A loopback world or another machine's clock stands behind it: its evidence counts for nothing above paper. */
      readonly isLoopback: boolean
      /** Of the world's clock, times real time: 1 for the world itself, 0 for a clock that is stepped. */
      readonly speed: number
    }

/** Base addresses. Undefined: the venue's own, or none at all for the API: then its facts are absent. */
export interface LiveAddresses {
  /** `http://127.0.0.1:PORT` of a loopback world; its paths are the venue's. */
  readonly exchange?: string
  readonly stream?: string
  readonly smartMoney?: string
}

/** The promotion by which a session may run. */
export interface SessionPromotion {
  readonly runId: string
  readonly stage: string
  /** UTC, ISO 8601: of the record. */
  readonly at: string
}

/** session.json: what a session was started as. It is written once and never changed. */
export interface SessionFile {
  readonly schema: typeof SESSION_SCHEMA
  readonly id: string
  /** UTC, ISO 8601. */
  readonly createdAt: string
  readonly baleen: string
  readonly strategy: {
    readonly name: string
    /** Full path of its file. */
    readonly file: string
    readonly preset: string | null
    /** All of them, those that were not given included. */
    readonly params: Readonly<Record<string, number | string | boolean>>
    readonly factsRead: readonly string[]
  }
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  /** Bars that open before it warm features up, and decide nothing. UTC ms. */
  readonly startTime: number
  /** Quote units. */
  readonly startingBalance: number
  readonly costs: CostSettings
  /** All of them. */
  readonly policies: Policies
  readonly funding: 'settled' | 'none'
  readonly factOverrides: Readonly<Record<string, string>>
  readonly fillModel: FillModel
  /** All of them; of the fill model `quotes` alone. */
  readonly quotes?: QuoteFillSettings
  readonly holdLimits: HoldLimits
  readonly source: SessionSource
  readonly code: CodeHashes
  /** Null: unpromoted. Such a session is marked wherever it is shown, and counts for nothing. */
  readonly promotion: SessionPromotion | null
}

/** A session as it lies in its folder. */
export interface StoredSession {
  readonly paths: SessionPaths
  readonly settings: SessionFile
  /** Of the settings: stands in the journal's first row, so that one cannot be swapped without the other. */
  readonly sha256: string
}
