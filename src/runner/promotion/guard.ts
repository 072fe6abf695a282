import { CheckError } from '../../core/errors.js'
import { STAGES, type PromotedStage } from './gates.js'
import type { PromotedHashes, Promotion } from './record.js'

/** What must be as it was promoted, to the last byte. */
const DECIDES = { decision: 'the code that decides', params: 'its params', limits: 'its limits' } as const
/** What may change where all evidence comes out the same under it. */
const CARRIED = { other: 'the code around it', dependencies: 'the packages it stands on' } as const

/** What is about to run. */
export interface PromotionSubject {
  readonly runId: string
  readonly hashes: Omit<PromotedHashes, 'data' | 'evidence'>
}

/**
 * The promotion by which a bot may run at a stage. Throws CheckError that says what is not as it was promoted: a changed decision, param or limit asks for a new run and promotion, a
 * change around them for a carry-over.
 */
export function requirePromoted(
  promotions: readonly Promotion[],
  { runId, hashes }: PromotionSubject,
  stage: PromotedStage,
): Promotion {
  const record = promotions.findLast((one) => one.runId === runId)
  if (record === undefined || STAGES.indexOf(record.stage) < STAGES.indexOf(stage))
    throw new CheckError(`the run was not promoted to ${stage}${record === undefined ? '' : `, but to ${record.stage}`}: baleen promote ${runId} --to ${stage}`, { field: 'run', value: runId }) // prettier-ignore
  const { decides, around } = changedParts(record.hashes, hashes)
  if (decides.length > 0)
    throw new CheckError(`${decides.join(' and ')} changed since the promotion of ${record.at}: backtest it again, and promote that run`, { field: 'run', value: runId }) // prettier-ignore
  if (around.length > 0)
    throw new CheckError(`${around.join(' and ')} changed since the promotion of ${record.at}: baleen promote ${runId} --carry-over replays the evidence under the new code, and keeps it where every byte is the same`, { field: 'run', value: runId }) // prettier-ignore
  return record
}

/** What differs between what was and what is, in words: of what decides, and of what lies around it. */
export function changedParts(
  before: PromotionSubject['hashes'],
  now: PromotionSubject['hashes'],
): { readonly decides: readonly string[]; readonly around: readonly string[] } {
  const changed = (of: Readonly<Record<string, string>>): string[] =>
    Object.entries(of).flatMap(([key, words]) => {
      const part = key as keyof typeof now
      return before[part] === now[part] ? [] : [words]
    })
  return { decides: changed(DECIDES), around: changed(CARRIED) }
}
