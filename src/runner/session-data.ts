import { DataError } from '../core/errors.js'
import type { InstrumentData } from '../engine/options.js'
import { loadReplay } from '../jobs/backtest.js'
import { isSynthetic } from '../jobs/manifest.js'
import { hashText } from '../store/files.js'
import { openStore } from '../store/store.js'
import type { CompiledDefinition } from '../strategy/compile.js'
import { StoredFeed } from './feed.js'
import type { SessionFile, SessionSource } from './session-file.js'
import { loadStoredQuotes, type StoredQuotes } from './stored-quotes.js'

export interface SessionData {
  readonly instruments: readonly InstrumentData[]
  /** Identifies all rows that are read. */
  readonly dataHash: string
  readonly isSynthetic: boolean
  /** Where orders fill by quotes. */
  readonly quotes: StoredQuotes | undefined
}

/** What a session needs to know of the data that it is about to read. */
export type DataWanted = Pick<SessionFile, 'instruments' | 'timeframeMs' | 'startTime' | 'startingBalance' | 'costs' | 'policies' | 'funding' | 'factOverrides' | 'fillModel'> // prettier-ignore

/** Loads from a data folder what a backtest of the same settings would read, and quotes where orders fill by them. Throws as that does, and ConfigError where there are no quotes. */
export async function loadSessionData(
  strategy: CompiledDefinition,
  wanted: DataWanted,
  dataFolder: string,
  endTime: number,
): Promise<SessionData> {
  const { instruments, startTime, fillModel, ...rest } = wanted
  const quotes = fillModel === 'quotes' ? await loadStoredQuotes(dataFolder, instruments) : undefined
  const { data } = await loadReplay(openStore(dataFolder), {
    ...rest,
    strategy,
    instruments,
    dataFolder,
    range: { startMs: startTime, endMs: endTime },
  })
  return {
    instruments: data.instruments,
    dataHash: quotes === undefined ? data.dataHash : hashText(`${data.dataHash}\n${quotes.hash}`),
    isSynthetic: isSynthetic(data, instruments),
    quotes,
  }
}

/** The same for a session that was stored: rows that differ from those it was started on would make it another. */
export async function reloadSessionData(
  strategy: CompiledDefinition,
  file: SessionFile,
  source: SessionSource & { readonly kind: 'stored' },
): Promise<SessionData> {
  const data = await loadSessionData(strategy, file, source.dataFolder, source.endTime)
  if (data.dataHash === source.dataHash) return data
  throw new DataError('the data folder holds other rows than the session was started on: start a new session', { file: source.dataFolder, field: 'session', value: file.id }) // prettier-ignore
}

/** Stored bars and facts that warm a live session's features up: everything known before it trades. */
export async function warmUpFeed(
  strategy: CompiledDefinition,
  file: SessionFile,
  dataFolder: string,
): Promise<StoredFeed> {
  const { instruments, startTime, timeframeMs, ...rest } = file
  const { data } = await loadReplay(openStore(dataFolder), {
    ...rest,
    strategy,
    instruments,
    timeframeMs,
    dataFolder,
    range: { startMs: -Infinity, endMs: startTime },
  })
  return new StoredFeed(data.instruments, startTime)
}
