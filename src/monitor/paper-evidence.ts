import { BaleenError } from '../core/errors.js'
import { DAY_MS, durationName, formatUtc } from '../core/time.js'
import type { RunRecord } from '../jobs/run-store.js'
import { unknown, type Statistic } from '../metrics/statistic.js'
import { readJournalRows } from '../runner/journal-file.js'
import { noDemotionFigures } from '../runner/promotion/demotion.js'
import type { PaperEvidence, PaperFigures, PaperSessionNotCounted } from '../runner/promotion/evidence.js'
import { changedParts, type PromotionSubject } from '../runner/promotion/guard.js'
import { trustedKey } from '../runner/promotion/keys.js'
import { DEFAULT_PROMOTION_LIMITS } from '../runner/promotion/limits.js'
import { sessionSubject } from '../runner/promotion/promoted-session.js'
import { readPromotions } from '../runner/promotion/promotion-store.js'
import type { Promotion } from '../runner/promotion/record.js'
import { differenceWords } from '../runner/replay/daily-replay.js'
import { replayDecisions } from '../runner/replay/replay-decisions.js'
import { listSessions } from '../runner/session-folder.js'
import type { StoredSession } from '../runner/session-file.js'
import { loadSession } from '../runner/session-settings.js'
import { hasVirtualClock } from '../runner/virtual-clock.js'
import { demotionFigures } from './demotion-figures.js'
import { paperFigures, readYardsticks } from './paper-figures.js'
import { readWatched, type WatchedSession } from './watched-session.js'

export interface PaperEvidenceOptions {
  readonly sessionsFolder: string
  readonly runsFolder: string
  readonly promotionsFolder: string
  readonly keyFolder: string
  /** Where a recorder keeps best bid and ask. */
  readonly dataFolder: string
  /** UTC ms. */
  readonly now: number
}

/**
 * What sessions on paper have shown of a promoted run. A session counts if it was started by a signed record of that very run, its journal is whole, and code, params and limits that decided in it are, to the last byte,
 * those of `subject`; where the code around them is another, only if it would decide all of it again. Several sessions are put together in the order of the market's time:
 *
 * - Of two that ran at the same time, the one that was started first counts: nobody chooses afterwards.
 * - Time between two sessions is covered by none. Counts are added up, shares are of all their bars and days, returns are end to end.
 * - A position that somebody closed by hand (the kill switch) begins the evidence anew, and so do 60 days without a session.
 * - Confirmations are of one version of the model: that of the newest session that was told any. Sessions of another count for nothing.
 * - Where any ran by the world's clock, only those count; else those on a virtual clock are shown.
 *
 * Every other session of the run, and every one that cannot be read, is named with the reason why it counts for nothing. Nothing is written.
 */
export async function paperEvidence(
  run: RunRecord,
  subject: PromotionSubject,
  options: PaperEvidenceOptions,
): Promise<PaperEvidence> {
  const notCounted: PaperSessionNotCounted[] = []
  const read: WatchedSession[] = []
  const promotions = await promotionsOf(options)
  for (const one of (await listSessions(options.sessionsFolder)).reverse()) {
    if ('session' in one && one.session.settings.promotion?.runId !== run.id) continue
    const found = 'problem' in one ? one.problem : await sessionOrFault(one.session, run, subject, promotions)
    if (typeof found === 'string') notCounted.push({ id: one.id, reason: found })
    else read.push(found)
  }
  const { counted, left } = chosen(read, options.now)
  notCounted.push(...left)
  const isVirtualClock = counted.some(({ stored }) => hasVirtualClock(stored.settings))
  const yardsticks = counted.length > 0 ? await readYardsticks(run.id, counted, options) : undefined
  const figures = yardsticks ? await paperFigures(counted, yardsticks, options.now) : noFigures(notCounted, options) // prettier-ignore
  const demotion = yardsticks ? await demotionFigures(counted, yardsticks, options.now) : noDemotionFigures(figures.days) // prettier-ignore
  return {
    isVirtualClock,
    ...figures,
    demotion,
    sessions: counted.map(({ stored, fromTime, toTime, head }) => ({ id: stored.settings.id, fromTime, toTime, ...head })), // prettier-ignore
    notCounted,
  }
}

function noFigures(
  notCounted: readonly PaperSessionNotCounted[],
  { sessionsFolder }: PaperEvidenceOptions,
): Omit<PaperFigures, 'isVirtualClock'> {
  const [first] = notCounted
  const none: Statistic = unknown(
    first === undefined
      ? `no session in ${sessionsFolder} was started by a promotion of this run`
      : `no session counts: ${first.id}: ${first.reason}${notCounted.length > 1 ? `, and ${notCounted.length - 1} more` : ''}`,
  )
  return { days: none, trades: none, barsOnTime: none, decisionParity: none, lateBars: none, unexplainedLateBars: none, restartDrills: none, fillGapAboveModelBps: none, fillGapP95Bps: none, aboveBand: none } // prettier-ignore
}

/** Signed records, or why they cannot be trusted. */
async function promotionsOf({ promotionsFolder, keyFolder }: PaperEvidenceOptions): Promise<readonly Promotion[] | string> {
  return orFault(async () => readPromotions(promotionsFolder, await trustedKey(keyFolder)))
} // prettier-ignore

/** A session with what its journal says, or why it counts for nothing. */
async function sessionOrFault(
  stored: StoredSession,
  run: RunRecord,
  subject: PromotionSubject,
  promotions: readonly Promotion[] | string,
): Promise<WatchedSession | string> {
  if (typeof promotions === 'string') return promotions
  const { promotion, id } = stored.settings
  if (!promotions.some(({ runId, at }) => runId === run.id && at === promotion?.at))
    return `there is no signed record of the promotion of ${promotion?.at} that it names`
  return orFault(async () => {
    const session = await readWatched(stored)
    if (session === undefined) return 'it has traded on no close yet'
    const { record } = session
    if (record.id !== id || record.data !== `session.json ${stored.sha256}`)
      return 'its journal is of another session.json'
    const { strategy } = stored.settings
    const was = sessionSubject(run, stored.settings, { params: strategy.params, risk: record.risk })
    const { decides, around } = changedParts(was.hashes, subject.hashes)
    if (decides.length > 0) return `${decides.join(' and ')} changed since it was started`
    if (around.length === 0) return session
    const difference = await replayFault(stored)
    return difference === undefined ? session : `${around.join(' and ')} changed since it was started, and it would decide otherwise now: ${difference}` // prettier-ignore
  })
}

/** Lives through the whole session again under the code as it is now: in which row it would do otherwise, undefined where in none. */
async function replayFault(stored: StoredSession): Promise<string | undefined> {
  const { settings } = await loadSession(stored)
  const { journal } = stored.paths
  const { difference } = replayDecisions(settings, await readJournalRows(journal), journal)
  return difference && differenceWords(difference)
}

/** What went wrong with files, in words. Whatever is a bug is thrown on. */
async function orFault<T>(work: () => Promise<T | string>): Promise<T | string> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BaleenError) return error.message
    throw error
  }
}

/** Of the model, of all confirmations that a session was told; empty where it was told none. */
function versionsOf({ fold }: WatchedSession): string {
  return [...fold.modelVersions].sort().join(', ')
}

/** Which sessions are put together, oldest first, and why the others are not. They come in the order in which they were started. */
function chosen(read: readonly WatchedSession[], now: number): { readonly counted: readonly WatchedSession[]; readonly left: readonly PaperSessionNotCounted[] } {
  const left: PaperSessionNotCounted[] = []
  const leave = (one: WatchedSession, reason: string): void => void left.push({ id: one.stored.settings.id, reason })
  const isVirtual = ({ stored }: WatchedSession): boolean => hasVirtualClock(stored.settings)
  const isAnyReal = read.some((one) => !isVirtual(one))
  const isOfNone = ({ fold: { modelVersions } }: WatchedSession): boolean => modelVersions.size === 0 || modelVersions.has(undefined)
  const hearing = read.filter((one) => !isOfNone(one) && !(isAnyReal && isVirtual(one)))
  const newest = hearing.at(-1)
  let kept: WatchedSession[] = []
  for (const one of read) {
    const twin = kept.find(({ fromTime, toTime }) => one.fromTime < toTime && fromTime < one.toTime)
    if (isAnyReal && isVirtual(one)) leave(one, 'it ran on a virtual clock, and others by the world’s')
    else if (one.fold.modelVersions.has(undefined)) leave(one, 'its journal does not say of which version of the model its confirmations are')
    else if (newest !== undefined && hearing.includes(one) && versionsOf(one) !== versionsOf(newest))
      leave(one, `its confirmations are of version ${versionsOf(one)} of the model, those of ${newest.stored.settings.id}, the newest session, of ${versionsOf(newest)}`)
    else if (twin !== undefined) leave(one, `it ran at the same time as ${twin.stored.settings.id}, which was started before it`)
    else kept.push(one)
  }
  kept.sort((a, b) => a.fromTime - b.fromTime)
  if (isAnyReal) {
    const lifeMs = DEFAULT_PROMOTION_LIMITS.paper.expiryDays * DAY_MS
    const last = kept.findLastIndex(({ toTime }, at) => (kept[at + 1]?.fromTime ?? now) - toTime > lifeMs)
    for (const one of kept.splice(0, last + 1)) leave(one, `it has expired: nothing was added to it for ${durationName(lifeMs)}`)
  }
  const anew = Math.max(-Infinity, ...kept.map(({ timing }) => timing.lastManualTime))
  for (const one of kept) if (one.toTime <= anew) leave(one, `a position was closed by hand after it, at ${formatUtc(anew)} UTC: evidence began anew`)
  kept = kept.filter(({ toTime }) => toTime > anew)
  return { counted: kept.map((one) => ({ ...one, fromTime: Math.max(one.fromTime, anew) })), left }
} // prettier-ignore
