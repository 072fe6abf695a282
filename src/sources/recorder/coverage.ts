import { MINUTE_MS, SECOND_MS } from '../../core/time.js'
import { understandPublic } from '../exchange/public-requests.js'
import { mapRows } from '../smart-money/mapper.js'
import { type Meaning, understand } from '../smart-money/meaning.js'
import type { StoredAnswer } from '../smart-money/answer-log.js'
import { seriesOf } from './series.js'

/** A time without answers: a fact, never filled. */
export interface Gap {
  readonly series: string
  /** UTC ms: the last answer before it, and the first after. */
  readonly fromMs: number
  readonly toMs: number
  readonly reason: string
}

/** An archive's table on its way backwards; unix seconds. */
export interface Walk {
  readonly from: number
  /** Where it began. */
  readonly until: number
  /** Where the next page ends. */
  readonly to: number
}

/** What is known of one series, as it passes from day to day. */
export interface SeriesCoverage {
  readonly firstAnswered: number | null
  readonly lastAnswered: number | null
  /** Of a table, unix seconds: everything up to then was read, as far as the API knew it. */
  readonly completeUntil: number | null
  readonly walk: Walk | null
  /** Of all days. */
  readonly gaps: number
  readonly gapMs: number
}

/** What one day adds. */
export interface DayOfSeries {
  answered: number
  failed: Record<string, number>
  bytes: number
}

/** A beginning, or new intervals: from then on, so often. */
export interface PlanLine {
  readonly at: number
  readonly isStart: boolean
  /** ms between polls, by series. */
  readonly every: Readonly<Record<string, number>>
  /** What is recorded, so that a day is made into facts as it was recorded, whoever does it. */
  readonly recorded: {
    readonly instruments: readonly string[]
    /** Kept with every row, such as `synthetic`. */
    readonly flags: readonly string[]
    /** A loopback world; null for the network. */
    readonly source: string | null
    /** The file of the API's budget; absent in recordings of before it could be shared. */
    readonly budget?: string
  }
}

const NOTHING: SeriesCoverage = { firstAnswered: null, lastAnswered: null, completeUntil: null, walk: null, gaps: 0, gapMs: 0 } // prettier-ignore

/** Later than 1.5 intervals, and two minutes for a quota that has to be waited for. */
const SLACK_MS = 2 * MINUTE_MS

/** What an answer in the log means. Pure. */
export function meaningOf(answer: StoredAnswer): {
  readonly meaning: Meaning
  readonly message: string
  readonly json?: unknown
} {
  // prettier-ignore
  if (answer.status === null) return { meaning: 'no-answer', message: answer.failure ?? '' }
  const text = answer.encoding === 'utf8' ? answer.body : ''
  if (!seriesOf(answer).startsWith('api:')) return understandPublic(answer.status, text)
  const { meaning, message, body } = understand(answer.status, text)
  return { meaning, message, ...(body !== undefined && { json: body }) }
}

/**
 * What the answers of a log amount to: a function of them and of the plans, so that it is the same however often the recorder died. Answers are added in the
 * order of the log.
 */
export class Coverage {
  private series: Record<string, SeriesCoverage>
  private today: Record<string, DayOfSeries> = {}
  private gapsToday: Gap[] = []
  /** Of each series, what went wrong since its last answer. */
  private readonly troubles = new Map<string, string>()

  constructor(
    before: Readonly<Record<string, SeriesCoverage>>,
    private readonly plans: readonly PlanLine[],
  ) {
    this.series = { ...before }
  }

  of(id: string): SeriesCoverage {
    return this.series[id] ?? NOTHING
  }

  all(): Readonly<Record<string, SeriesCoverage>> {
    return this.series
  }

  day(): Readonly<Record<string, DayOfSeries>> {
    return this.today
  }

  gaps(): readonly Gap[] {
    return this.gapsToday
  }

  /** A new day begins: what was counted by day begins anew. */
  nextDay(): void {
    this.today = {}
    this.gapsToday = []
  }

  add(answer: StoredAnswer): void {
    const id = seriesOf(answer)
    const { meaning, json, message } = meaningOf(answer)
    const day = (this.today[id] ??= { answered: 0, failed: {}, bytes: 0 })
    day.bytes += answer.body.length
    if (meaning !== 'answered') {
      day.failed[meaning] = (day.failed[meaning] ?? 0) + 1
      this.troubles.set(id, message === '' ? meaning : `${meaning}: ${message.slice(0, 120)}`)
      return
    }
    day.answered++
    const before = this.of(id)
    const gap = this.gapBefore(id, before, answer.fetchedAt)
    if (gap !== undefined) this.gapsToday.push(gap)
    this.troubles.delete(id)
    this.series[id] = {
      ...before,
      firstAnswered: before.firstAnswered ?? answer.fetchedAt,
      lastAnswered: answer.fetchedAt,
      gaps: before.gaps + (gap === undefined ? 0 : 1),
      gapMs: before.gapMs + (gap === undefined ? 0 : gap.toMs - gap.fromMs),
      ...(id.startsWith('api:history/') && walked(id, before, answer, json)),
    }
  }

  /** The gap that is open at a time, if there is one. */
  openGap(id: string, nowMs: number): Gap | undefined {
    return this.gapBefore(id, this.of(id), nowMs)
  }

  private gapBefore(id: string, { lastAnswered }: SeriesCoverage, nowMs: number): Gap | undefined {
    if (lastAnswered === null) return undefined
    const since = this.plans.filter(({ at }) => at <= nowMs)
    const everyMs = since.filter(({ every }) => every[id] !== undefined).at(-1)?.every[id]
    if (everyMs === undefined || nowMs - lastAnswered <= 1.5 * everyMs + SLACK_MS) return undefined
    const isRestarted = since.some(({ at, isStart }) => isStart && at > lastAnswered)
    const reason = this.troubles.get(id) ?? (isRestarted ? 'the recorder was not running' : 'it was not asked for in time: other requests came first') // prettier-ignore
    return { series: id, fromMs: lastAnswered, toMs: nowMs, reason }
  }
}

/** How far a table was read, after one more page of it. */
function walked(
  id: string,
  before: SeriesCoverage,
  { params }: StoredAnswer,
  body: unknown,
): Pick<SeriesCoverage, 'walk' | 'completeUntil'> {
  const [from, to] = [Number(params['from']), Number(params['to'])]
  if (!Number.isFinite(from) || !Number.isFinite(to)) return { walk: before.walk, completeUntil: before.completeUntil } // prettier-ignore
  const until = before.walk?.from === from ? before.walk.until : to
  const ended = { walk: null, completeUntil: Math.max(until, before.completeUntil ?? 0) }
  const truncated = (body as Readonly<Record<string, unknown>>)['truncated']
  if (truncated === false) return ended
  const { rows } = mapRows(id.slice('api:'.length), body)
  const oldest = Math.min(...rows.map(({ eventTime }) => eventTime ?? Infinity)) / SECOND_MS
  // A page that cannot be passed, or does not say whether it is whole, is not believed to be the end: the next poll begins where this one did.
  if (truncated !== true || !(oldest < to)) return { walk: null, completeUntil: before.completeUntil }
  return { walk: { from, until, to: oldest }, completeUntil: before.completeUntil }
}
