import { CheckError } from '../core/errors.js'
import { codeHashes } from '../jobs/code-hash.js'
import { loadStrategyFile } from '../jobs/strategy-file.js'
import { compileStrategy, type CompiledDefinition } from '../strategy/compile.js'
import type { PaperSessionSettings } from './paper-session.js'
import type { SessionFile, StoredSession } from './session-file.js'

/** A session as it can be run: its strategy loaded and compiled anew. */
export interface LoadedSession {
  readonly settings: PaperSessionSettings
  readonly strategy: CompiledDefinition
}

/**
 * Loads what a stored session runs. Throws CheckError where the code that decides is not what it was started with, ConfigError where
 * the strategy is gone.
 */
export async function loadSession({ settings: file, sha256 }: StoredSession): Promise<LoadedSession> {
  const strategy = await loadStrategy(file)
  if (codeHashes(file.strategy.file).decision !== file.code.decision)
    throw new CheckError('the code that decides changed since the session was started: start a new session with the code as it is now, or go on with the code as it was', { field: 'session', value: file.id }) // prettier-ignore
  const { takerFee, makerFee } = file.costs
  return {
    strategy,
    settings: {
      strategy,
      id: file.id,
      instruments: file.instruments,
      timeframeMs: file.timeframeMs,
      startTime: file.startTime,
      startingBalance: file.startingBalance,
      policies: file.policies,
      costs: file.costs,
      ...(takerFee === undefined ? {} : { takerFee }),
      ...(makerFee === undefined ? {} : { makerFee }),
      fillModel: file.fillModel,
      ...(file.quotes && { quotes: file.quotes }),
      strategyHash: file.code.decision,
      data: `session.json ${sha256}`,
    },
  }
}

/** The strategy of a session, all its params as they were. */
export async function loadStrategy({
  strategy: { file, params, preset },
}: Pick<SessionFile, 'strategy'>): Promise<CompiledDefinition> {
  return compileStrategy(await loadStrategyFile(file), params, preset ?? 'default')
}
