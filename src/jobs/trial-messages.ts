import {
  BaleenError,
  CheckError,
  ConfigError,
  DataError,
  LedgerError,
  type ErrorPlace,
} from '../core/errors.js'
import type { Policies } from '../core/policies.js'
import type { Market } from '../engine/simulation.js'
import type { TrialOptions } from '../engine/trials.js'
import type { ParamValue } from '../strategy/params.js'
import type { PackedOutcomes } from './packed-outcomes.js'
import type { PackedParams } from './packed-params.js'
import type { ReturnsRing } from './returns-ring.js'
import type { ChunkCut } from './trial-chunks.js'

/** What trials of one sweep share; crosses to each thread once. Columns lie on shared memory and are not copied. */
export interface TrialJob extends Pick<
  TrialOptions,
  'keepTrades' | 'scanner' | 'path' | 'batchTrials' | 'tileSlots'
> {
  /** Absolute path. */
  readonly strategyFile: string
  readonly preset: string
  readonly market: Market
  readonly policies: Partial<Policies>
  /** A trial that fails says so in its place, and the others go on. Default: it ends the run. */
  readonly keepsFailures?: boolean
}

/** A trial that has no outcome. */
export interface FailedTrial {
  readonly trial: number
  readonly error: PackedError
}

/** Params of one trial, where they differ from the preset's. */
export type TrialParams = Readonly<Record<string, ParamValue>>

/** What a thread must know of one run. Columns lie on shared memory. */
export interface RunOfTrials {
  readonly job: TrialJob
  readonly params: PackedParams
  /** One a trial, where signals are shifted: see `ParallelTrialOptions`. */
  readonly signalShifts?: Float64Array
  readonly cut: ChunkCut
  /** See `ChunkClaims`. */
  readonly claims: Int32Array
  readonly returns: ReturnsRing
}

export type ToWorker =
  /** Begin. */
  | { readonly kind: 'run'; readonly run: RunOfTrials }
  /** There are chunks again. */
  | { readonly kind: 'go-on' }

export type FromWorker =
  | {
      readonly kind: 'done'
      readonly chunk: number
      /** In order of trials. */
      readonly outcomes: PackedOutcomes
      readonly failures: readonly FailedTrial[]
    }
  | { readonly kind: 'failed'; readonly chunk: number; readonly error: PackedError }
  /** It has found no chunk to take. */
  | { readonly kind: 'idle' }

/** An error on its way between threads, which would lose its class. */
export interface PackedError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly place: ErrorPlace
}

const CLASSES = { BaleenError, CheckError, ConfigError, DataError, LedgerError } as const

export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, place: {} }
  const { name, message, stack } = error
  const { value, ...place } = error instanceof BaleenError ? error.place : {}
  const isPlain = ['string', 'number', 'boolean', 'undefined'].includes(typeof value)
  return { name, message, stack, place: { ...place, value: isPlain ? value : String(value) } }
}

/** The error as it was: of its class, with the message and stack it had in its thread. */
export function unpackError({ name, message, stack, place }: PackedError): Error {
  const error = name in CLASSES ? emptyError(name as keyof typeof CLASSES, place) : new Error()
  error.message = message
  error.name = name
  if (stack !== undefined) error.stack = stack
  return error
}

function emptyError(name: keyof typeof CLASSES, place: ErrorPlace): Error {
  return name === 'BaleenError' ? new BaleenError('', 1, place) : new CLASSES[name]('', place)
}
