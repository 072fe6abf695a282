import { ConfigError } from '../core/errors.js'
import { effectivePolicies } from '../engine/replay.js'
import { codeHashes } from '../jobs/code-hash.js'
import { packageVersion } from '../jobs/package-info.js'
import type { RunRequest } from '../jobs/run.js'
import { loadStrategyFile } from '../jobs/strategy-file.js'
import { compileStrategy, type CompiledDefinition } from '../strategy/compile.js'
import { requireFedByStoredData, type FillModel } from './fill-model.js'
import type { HoldLimits } from './hold.js'
import { loadSessionData } from './session-data.js'
import {
  SESSION_SCHEMA,
  type SessionFile,
  type SessionPromotion,
  type SessionSource,
} from './session-file.js'

/** What is to be traded, as a backtest is asked for. */
export type TradingRequest = Pick<RunRequest, 'strategyFile' | 'preset' | 'params' | 'instruments' | 'timeframeMs' | 'startingBalance' | 'costs' | 'policies' | 'funding' | 'factOverrides'> // prettier-ignore

export interface SessionRequest {
  readonly trading: TradingRequest
  readonly fillModel: FillModel
  readonly holdLimits: HoldLimits
  /** Null: unpromoted. */
  readonly promotion: SessionPromotion | null
  /** UTC ms. */
  readonly now: number
}

/** Everything of session.json but where its data are from. */
export type SessionBasis = Omit<SessionFile, 'id' | 'source' | 'startTime'>

/** Loads the strategy and writes out every choice. Throws ConfigError where it cannot be compiled. */
export async function sessionBasis(
  request: SessionRequest,
): Promise<{ readonly basis: SessionBasis; readonly strategy: CompiledDefinition }> {
  const { trading, fillModel, holdLimits, promotion, now } = request
  const { strategyFile, preset, params, policies, ...rest } = trading
  const strategy = compileStrategy(await loadStrategyFile(strategyFile), params, preset ?? 'default')
  const { instruments, timeframeMs, startingBalance, costs, funding, factOverrides } = rest
  const basis: SessionBasis = {
    schema: SESSION_SCHEMA,
    createdAt: new Date(now).toISOString(),
    baleen: packageVersion(),
    strategy: {
      name: strategy.name,
      file: strategyFile,
      preset,
      params: strategy.params,
      factsRead: strategy.factsRead,
    },
    instruments,
    timeframeMs,
    startingBalance,
    costs,
    policies: effectivePolicies({ strategy, policies }),
    funding,
    factOverrides,
    fillModel,
    holdLimits,
    code: codeHashes(strategyFile),
    promotion,
  }
  return { basis, strategy }
}

export interface StoredSourceOptions {
  readonly dataFolder: string
  /** Open of the first bar that is traded, −Infinity for the first that there is; close of the last, Infinity. UTC ms. */
  readonly startTime: number
  readonly endTime: number
  /** Times real time; Infinity: as fast as it is read. */
  readonly speed: number
}

/** A session on stored data. Throws DataError where they are not there, ConfigError for a speed that is none. */
export async function onStoredData(
  request: SessionRequest,
  { dataFolder, startTime, endTime, speed }: StoredSourceOptions,
): Promise<Omit<SessionFile, 'id'>> {
  requireFedByStoredData(request.fillModel)
  if (!(speed > 0)) throw new ConfigError('a speed is above 0', { field: '--speed', value: speed, unit: 'times real time' }) // prettier-ignore
  const { basis, strategy } = await sessionBasis(request)
  const data = await loadSessionData(strategy, { ...basis, startTime }, dataFolder, endTime)
  const firstOpen = Math.min(...data.instruments.map(({ candles }) => candles.openTime[0] ?? Infinity))
  const { dataHash, isSynthetic } = data
  const source: SessionSource = { kind: 'stored', dataFolder, endTime, speed, dataHash, isSynthetic }
  return { ...basis, startTime: Math.max(startTime, firstOpen), source }
}

/** Whether what is traded is invented. */
export function isSyntheticSession({
  source,
  instruments,
}: Pick<SessionFile, 'source' | 'instruments'>): boolean {
  const isInvented = source.kind === 'stored' && source.isSynthetic
  return isInvented || instruments.some(({ venue }) => venue === 'synthetic')
}
