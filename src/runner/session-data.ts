import { DataError } from '../core/errors.js'
import type { InstrumentData } from '../engine/options.js'
import { loadReplay } from '../jobs/backtest.js'
import { isSynthetic } from '../jobs/manifest.js'
import { openStore } from '../store/store.js'
import type { CompiledDefinition } from '../strategy/compile.js'
import type { SessionFile, SessionSource } from './session-file.js'

export interface SessionData {
  readonly instruments: readonly InstrumentData[]
  /** Identifies all rows that are read. */
  readonly dataHash: string
  readonly isSynthetic: boolean
}

/** What a session needs to know of the data that it is about to read. */
export type DataWanted = Pick<SessionFile, 'instruments' | 'timeframeMs' | 'startTime' | 'startingBalance' | 'costs' | 'policies' | 'funding' | 'factOverrides'> // prettier-ignore

/** Loads from a data folder what a backtest of the same settings would read. Throws as that does. */
export async function loadSessionData(
  strategy: CompiledDefinition,
  wanted: DataWanted,
  dataFolder: string,
  endTime: number,
): Promise<SessionData> {
  const { instruments, startTime, ...rest } = wanted
  const { data } = await loadReplay(openStore(dataFolder), {
    ...rest,
    strategy,
    instruments,
    dataFolder,
    range: { startMs: startTime, endMs: endTime },
  })
  return {
    instruments: data.instruments,
    dataHash: data.dataHash,
    isSynthetic: isSynthetic(data, instruments),
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
