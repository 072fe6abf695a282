import type { Proposal } from '../../../research/samplers/sampler.js'
import { hashText } from '../../../store/files.js'
import { stableJson } from '../../json.js'
import { sweepId } from '../question.js'
import type { SweepFolder } from '../sweep-store.js'

/** All keys of baleen in a Redis begin so. */
export const KEY_PREFIX = 'baleen'

/** Some trials to run: all that crosses Redis on the way to a worker. */
export interface TrialRange {
  readonly proposals: readonly Proposal[]
}

/** What a worker says of a range: the trials themselves are in a part, on disk. */
export interface RangeDone {
  /** Name of the part. */
  readonly part: string
  /** Time the trials took, without waiting. */
  readonly ms: number
}

/** A sweep that asks for workers. */
export interface Announcement {
  readonly sweepId: string
  /** See `queueKey`. */
  readonly key: string
  /** Full path of the sweep's folder, as the sweep's own machine sees it. */
  readonly folder: string
}

/**
 * The name of a sweep's queue. Of its folder too and of when it was begun: the same question may be asked twice at one Redis, and a worker that sees another folder
 * under the same path must notice. A sweep that is resumed has the name it had.
 */
export function queueKey({ id, created }: Pick<SweepFolder, 'id' | 'created'>, folder: string): string {
  return `${id}-${hashText(stableJson({ id, created, folder })).slice(0, 12)}`
}

/** The name of a job: equal trials of an equal question have equal names, whoever asks, and however often. */
export function rangeId({ question }: Pick<SweepFolder, 'question'>, { proposals }: TrialRange): string {
  const first = proposals[0]?.number ?? 0
  const hash = hashText(stableJson({ sweep: sweepId(question), question, proposals })).slice(0, 16)
  return `${first}-${proposals.length}-${hash}`
}
