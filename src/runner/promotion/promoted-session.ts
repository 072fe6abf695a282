import { codeHashes } from '../../jobs/code-hash.js'
import { storedRequest } from '../../jobs/replay-run.js'
import { readWholeRun, type RunRecord } from '../../jobs/run-store.js'
import type { CompiledDefinition } from '../../strategy/compile.js'
import type { SessionFile, SessionPromotion } from '../session-file.js'
import type { TradingRequest } from '../session-request.js'
import { requirePromoted, type PromotionSubject } from './guard.js'
import { trustedKey } from './keys.js'
import { currentSubject } from './promote.js'
import { readPromotions } from './promotion-store.js'
import { promotedHashes } from './record.js'

/** Where runs and records of promotions lie. */
export interface PromotionFolders {
  readonly runsFolder: string
  readonly promotionsFolder: string
  readonly keyFolder: string
  readonly workingFolder: string
}

/** A promoted run as a session trades it. */
export interface PromotedRun {
  readonly run: RunRecord
  readonly trading: TradingRequest
  readonly promotion: SessionPromotion
}

/** A run that may go on paper. Throws CheckError where it was not promoted, or code, params or limits are not, to the last byte, what was promoted. */
export async function promotedRun(id: string, folders: PromotionFolders): Promise<PromotedRun> {
  const run = await readWholeRun(folders.runsFolder, id)
  const promotions = await readPromotions(folders.promotionsFolder, await trustedKey(folders.keyFolder))
  const { stage, at } = requirePromoted(promotions, currentSubject(run, folders), 'paper')
  return { run, trading: storedRequest(run, folders), promotion: { runId: id, stage, at } }
}

/** Whether a promoted session is still what was promoted. Throws CheckError where it is not. Unpromoted sessions are nobody's. */
export async function requireSessionPromoted(
  file: SessionFile,
  strategy: CompiledDefinition,
  folders: PromotionFolders,
): Promise<void> {
  if (file.promotion === null) return
  const { runId } = file.promotion
  const run = await readWholeRun(folders.runsFolder, runId)
  const subject = sessionSubject(run, { ...file, code: codeHashes(file.strategy.file) }, strategy)
  const promotions = await readPromotions(folders.promotionsFolder, await trustedKey(folders.keyFolder))
  requirePromoted(promotions, subject, 'paper')
}

/** What a session runs, or ran, in the name of a run, as a promotion vouches for it. */
export function sessionSubject(
  run: RunRecord,
  file: SessionFile,
  { params, risk }: Pick<CompiledDefinition, 'params' | 'risk'>,
): PromotionSubject {
  const { policies, costs, startingBalance, instruments, timeframeMs, funding, factOverrides, code } = file
  const { name, preset, factsRead } = file.strategy
  const traded = { policies, costs, startingBalance, instruments, timeframeMs, funding, factOverrides, code }
  const inputs = { ...run.manifest.inputs, ...traded, strategy: { name, preset, params, risk, factsRead } }
  const { decision, params: ofParams, limits, other, dependencies } = promotedHashes(inputs, null)
  return { runId: run.id, hashes: { decision, params: ofParams, limits, other, dependencies } }
}
