import { CheckError } from '../../core/errors.js'
import { codeHashes } from '../../jobs/code-hash.js'
import { replayRun, storedRequest } from '../../jobs/replay-run.js'
import { readWholeRun, type RunRecord } from '../../jobs/run-store.js'
import { collectEvidence, type CollectOptions } from './collect-evidence.js'
import type { PromotionEvidence } from './evidence.js'
import { type DemotionRule, demotionRules } from './demotion.js'
import { type Gate, gatesTo, STAGES, type PromotedStage } from './gates.js'
import { requirePromoted, type PromotionSubject } from './guard.js'
import { signingKey, trustedKey } from './keys.js'
import { appendPromotion, readPromotions } from './promotion-store.js'
import { PROMOTION_SCHEMA, promotedHashes, type Promotion } from './record.js'

export interface PromoteOptions extends CollectOptions {
  readonly promotionsFolder: string
  /** Outside of any repository. */
  readonly keyFolder: string
  /** UTC ms. */
  readonly now: number
}

export interface StageGates {
  readonly stage: PromotedStage
  readonly gates: readonly Gate[]
}

export interface PromotionAnswer {
  readonly run: RunRecord
  readonly evidence: PromotionEvidence
  /** Of every stage, lowest first. */
  readonly stages: readonly StageGates[]
  /** While one of them is met, it goes no further than to paper. */
  readonly demotion: readonly DemotionRule[]
  /** Undefined where a gate of the step is shut: nothing was written. */
  readonly promotion: Promotion | undefined
  /** A key was made for it. */
  readonly isKeyNew: boolean
}

const PROMOTED_STAGES = STAGES.filter((stage): stage is PromotedStage => stage !== 'backtest')

/**
 * Judges a run by the gates of a step, and signs a record of it where all are open. Throws DataError where the run, its code or its data are not as stored, CheckError where the code around it
 * changed and its results with it.
 */
export async function promote(
  id: string,
  stage: PromotedStage,
  options: PromoteOptions,
): Promise<PromotionAnswer> {
  const run = await readWholeRun(options.runsFolder, id)
  const { inputs } = run.manifest
  const subject = currentSubject(run, options)
  const evidence = await collectEvidence(run, subject, options)
  const { code } = inputs
  if (code.other !== subject.hashes.other || code.dependencies !== subject.hashes.dependencies)
    await requireSameResults(id, options)
  const stages = PROMOTED_STAGES.map((one) => ({ stage: one, gates: gatesTo(one, evidence) }))
  const gates = stages.find((one) => one.stage === stage)?.gates ?? []
  const demotion = demotionRules(evidence.paper.demotion)
  if (gates.some(({ isPassed }) => !isPassed)) return { run, evidence, stages, demotion, promotion: undefined, isKeyNew: false } // prettier-ignore
  const hashes = { ...promotedHashes(inputs, { evidence, metrics: run.metrics, gates }), ...subject.hashes }
  const promotion = { ...recordOf('promotion', run, stage, options.now), hashes, gates }
  return { run, evidence, stages, demotion, promotion, isKeyNew: await write(promotion, options) }
}

/**
 * Keeps a promotion under changed code around the decisions, if replaying its run gives the same bytes. Throws CheckError where what decides has changed, or a byte of the results.
 */
export async function carryOver(id: string, options: PromoteOptions): Promise<Promotion> {
  const run = await readWholeRun(options.runsFolder, id)
  const subject = currentSubject(run, options)
  const promotions = await readPromotions(options.promotionsFolder, await trustedKey(options.keyFolder))
  const before = promotions.findLast((one) => one.runId === id)
  const { other, dependencies } = before?.hashes ?? subject.hashes
  // What decides must be as it was; what lies around it is what is carried over.
  const record = requirePromoted(promotions, { ...subject, hashes: { ...subject.hashes, other, dependencies } }, before?.stage ?? 'paper') // prettier-ignore
  await requireSameResults(id, options)
  const promotion = {
    ...recordOf('carry-over', run, record.stage, options.now),
    hashes: { ...record.hashes, ...subject.hashes },
    gates: record.gates,
  }
  await write(promotion, options)
  return promotion
}

/** What would run now in the name of a stored run: its params and limits under the code that is here, or in `codeRoot`. */
export function currentSubject(
  run: RunRecord,
  options: Pick<PromoteOptions, 'workingFolder' | 'dataFolder'>,
  codeRoot?: string,
): PromotionSubject {
  const { inputs } = run.manifest
  const code = codeHashes(storedRequest(run, options).strategyFile, codeRoot)
  const { decision, params, limits, other, dependencies } = promotedHashes({ ...inputs, code }, null)
  return { runId: run.id, hashes: { decision, params, limits, other, dependencies } }
} // prettier-ignore

function recordOf(kind: Promotion['kind'], run: RunRecord, stage: PromotedStage, now: number) {
  const at = new Date(now).toISOString()
  return { schema: PROMOTION_SCHEMA, kind, at, stage, strategy: run.manifest.inputs.strategy.name, runId: run.id } as const // prettier-ignore
}

async function requireSameResults(id: string, options: PromoteOptions): Promise<void> {
  const { identical, difference } = await replayRun(options.runsFolder, id, options)
  if (!identical)
    throw new CheckError(`the code around the decisions changed, and the run comes out another one: ${difference}; backtest it again, and promote that run`, { field: 'run', value: id }) // prettier-ignore
}

async function write(
  promotion: Promotion,
  { promotionsFolder, keyFolder }: PromoteOptions,
): Promise<boolean> {
  const { key, isNew } = await signingKey(keyFolder)
  const keys = { privateKey: key, publicKey: await trustedKey(keyFolder) }
  await appendPromotion(promotionsFolder, promotion, keys)
  return isNew
}
