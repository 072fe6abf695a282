import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { DataError } from '../../core/errors.js'
import { DAY_MS, MINUTE_MS } from '../../core/time.js'
import { replaceTextFile } from '../../store/files.js'
import { withStoreLock } from '../../store/lock.js'

/** How much may be asked. */
export interface Limits {
  readonly perMinute: number
  readonly perDay: number
}

/** Until the API has said what the plan allows: the least that any document grants a key. */
export const CAUTIOUS: Limits = { perMinute: 2, perDay: 50 }

const stateSchema = z.strictObject({
  version: z.literal(1),
  day: z.number().int(),
  usedToday: z.number().int().min(0),
  minute: z.number().int(),
  usedThisMinute: z.number().int().min(0),
  /** UTC ms before which nothing may be asked. */
  notBefore: z.number(),
  /** How often in a row a 429 came without saying for how long. */
  refusals: z.number().int().min(0),
  limits: z.strictObject({ perMinute: z.number().int().min(1), perDay: z.number().int().min(1) }),
})
type State = z.infer<typeof stateSchema>

/** Longer than any program holds it, which is while one small file is written. */
const LOCK_WAIT_MS = 30_000

/** Longest wait after refusals that do not say how long. */
const LONGEST_WAIT_MINUTES = 60

/**
 * The one budget of requests of a key, in a file, so that a program that dies and starts again does not spend it twice: a request is written down before it is sent, and
 * counts whatever became of it. A request at a time. Programs that share a key share its file: each takes from it under the kernel's lock on its folder, as it stands then.
 */
export class RequestBudget {
  private queue: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly path: string,
    private state: State,
    private readonly isShared: boolean,
  ) {}

  /**
   * Opens a budget, or begins one. One that other programs spend too (`isShared`) lies in a folder of its own. Throws DataError where the file is damaged: a budget that is not known is not taken
   * for unspent.
   */
  static async open(
    path: string,
    limits: Limits = CAUTIOUS,
    isShared: boolean = false,
  ): Promise<RequestBudget> {
    const begun = { version: 1, day: 0, usedToday: 0, minute: 0, usedThisMinute: 0, notBefore: 0, refusals: 0, limits: { ...limits } } as const // prettier-ignore
    return new this(path, (await stateIn(path)) ?? begun, isShared)
  }

  get limits(): Limits {
    return this.state.limits
  }

  /** Takes one request, durably. Answers undefined where it may be sent now, else the UTC ms at which to ask again. */
  take(nowMs: number): Promise<number | undefined> {
    return this.alone(async () => {
      const state = this.at(nowMs)
      if (nowMs < state.notBefore) return state.notBefore
      if (state.usedToday >= state.limits.perDay) return (state.day + 1) * DAY_MS
      if (state.usedThisMinute >= state.limits.perMinute) return (state.minute + 1) * MINUTE_MS
      await this.keep({ ...state, usedToday: state.usedToday + 1, usedThisMinute: state.usedThisMinute + 1 })
      return undefined
    })
  }

  /** The API has refused for want of quota, until a time where it said one; else longer each time: 1, 2, 4 … minutes. */
  refused(nowMs: number, untilMs: number | undefined): Promise<void> {
    return this.alone(async () => {
      const state = this.at(nowMs)
      const minutes = Math.min(LONGEST_WAIT_MINUTES, 2 ** Math.min(state.refusals, 10))
      const notBefore = Math.max(state.notBefore, untilMs ?? nowMs + minutes * MINUTE_MS)
      await this.keep({ ...state, notBefore, refusals: state.refusals + 1 })
    })
  }

  /** The API has answered. */
  accepted(nowMs: number): Promise<void> {
    return this.alone(async () => {
      if (this.state.refusals > 0) await this.keep({ ...this.at(nowMs), refusals: 0 })
    })
  }

  /** What the API says of the plan, and of what is used already, perhaps by others with the same key. */
  learn(nowMs: number, limits: Limits, usedToday: number = 0): Promise<void> {
    return this.alone(() => {
      const state = this.at(nowMs)
      return this.keep({ ...state, limits: { ...limits }, usedToday: Math.max(state.usedToday, usedToday) })
    })
  }

  private at(nowMs: number): State {
    const [day, minute] = [Math.floor(nowMs / DAY_MS), Math.floor(nowMs / MINUTE_MS)]
    const { state } = this
    // A clock that was set back opens no new day.
    const isNewDay = day > state.day
    const isNewMinute = minute > state.minute
    return {
      ...state,
      day: isNewDay ? day : state.day,
      usedToday: isNewDay ? 0 : state.usedToday,
      minute: isNewMinute ? minute : state.minute,
      usedThisMinute: isNewMinute ? 0 : state.usedThisMinute,
    }
  }

  private async keep(state: State): Promise<void> {
    await replaceTextFile(this.path, `${JSON.stringify(state)}\n`)
    this.state = state
  }

  /** Works on what the file says now, while nobody else may. */
  private amongAll<T>(work: () => Promise<T>): Promise<T> {
    const onNewest = async (): Promise<T> => {
      this.state = (await stateIn(this.path)) ?? this.state
      return work()
    }
    return withStoreLock(dirname(this.path), onNewest, LOCK_WAIT_MS, 'asking with the same key')
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(() => (this.isShared ? this.amongAll(work) : work()))
    this.queue = done.catch(() => undefined)
    return done
  }
}

/** Undefined where there is none. Throws DataError for one that cannot be read. */
async function stateIn(path: string): Promise<State | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new DataError('the budget of requests cannot be read', { file: path })
  }
  const parsed = stateSchema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new DataError('the budget of requests is damaged: wait until the day is over and remove it', { file: path }) // prettier-ignore
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
