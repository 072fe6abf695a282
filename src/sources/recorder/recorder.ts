import { join } from 'node:path'
import { BaleenError, ConfigError } from '../../core/errors.js'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, formatUtcDay } from '../../core/time.js'
import { makeFolder } from '../../store/files.js'
import { withStoreLock } from '../../store/lock.js'
import type { Store } from '../../store/store.js'
import { type VenueInstrument } from '../download/exchange-download.js'
import { type MarketAddresses, type PublicOutcome, PublicRequests } from '../exchange/public-requests.js'
import { appendLine, cutTornLine } from '../line-file.js'
import { retryAtMs } from '../retry-after.js'
import { type AnswerLog, answerLog, type StoredAnswer } from '../smart-money/answer-log.js'
import { type Limits, RequestBudget } from '../smart-money/budget.js'
import { type BudgetPlace, budgetFile, openBudget } from '../smart-money/shared-budget.js'
import { type Outcome, SmartMoneyClient } from '../smart-money/client.js'
import { readLeastPlan, readLimits } from '../smart-money/limits.js'
import type { Secret } from '../smart-money/secret.js'
import { compactDay } from './compact.js'
import { Coverage, type PlanLine } from './coverage.js'
import type { SetAside } from './derive.js'
import { type PollPlan, planPolls } from './plan-polls.js'
import { answersOf, placesOf, readPlans, readSummaries, settlePacked, unpackedDays } from './recording.js'
import { CANDLES_A_PAGE, type PolledSeries, secondsOf, seriesOf } from './series.js'

/** Time, as the recorder sees it: a machine's, a loopback world's, or a test's. */
export interface RecorderClock {
  /** UTC ms. */
  now(): number
  /** Waits so long, or until it is told to stop. */
  pause(durationMs: number, stop: AbortSignal): Promise<void>
}

export interface RecorderOptions {
  /** Of the recording: one recorder at a time. */
  readonly folder: string
  /** Where a day goes once it is over. */
  readonly store: Store
  readonly clock: RecorderClock
  /** What to ask for, most valuable first. */
  readonly series: readonly PolledSeries[]
  readonly instruments: readonly VenueInstrument[]
  readonly smartMoneyApi: string
  readonly key?: Secret
  /** Where the user's settings lie: the budget of the key is shared there with all programs that ask with it. Without, it is the recording's own. */
  readonly settingsFolder?: string
  readonly addresses: MarketAddresses
  readonly flags: readonly string[]
  readonly source?: string
  readonly stop: AbortSignal
  readonly told: RecorderWords
}

/** What it says of itself while it works. */
export interface RecorderWords {
  /** Once it knows its limits: how often each series is asked for, and what is left out and why. */
  began(plan: PollPlan, limits: Limits, limitsSaid: string): void
  /** What it is doing: asking, storing, compacting, waiting. */
  phase(name: 'asking' | 'storing' | 'compacting' | 'waiting', what: string): void
  /** Something that a person may want to know. */
  note(text: string): void
}

/** Requests to an exchange that even many instruments stay far below. */
const EXCHANGE_LIMITS: Limits = { perMinute: 600, perDay: 600_000 }

/** After a refusal that asking again does not mend. */
const REFUSED_WAIT_MS = 6 * HOUR_MS
const FIRST_RETRY_MS = 15 * SECOND_MS

/** Rows of a page of an archive's table. */
const PAGE_ROWS = '5000'

/**
 * Records until it is told to stop: asks, stores each answer as it came, and once a UTC day is over makes facts of it. Start-up is recovery: what it knows it reads from the log.
 * Throws DataError where another recorder works in the folder.
 */
export async function record(options: RecorderOptions): Promise<void> {
  await makeFolder(options.folder)
  await withStoreLock(options.folder, () => recordAlone(options), 2_000, 'recording into this folder')
}

interface Due {
  readonly series: PolledSeries
  readonly everyMs: number
  dueMs: number
  /** Which of its questions is next. */
  question: number
  failures: number
}

async function recordAlone(options: RecorderOptions): Promise<void> {
  const { folder, clock, stop, told, series, key } = options
  const places = placesOf(folder)
  const now = (): number => clock.now()
  const state = await recovered(options)
  const log: AnswerLog = {
    add: async (answer) => {
      told.phase('storing', seriesOf(answer))
      await stored.add(answer)
      state.coverage.add(answer)
    },
  }
  const stored = answerLog(places.answers)
  const budget = await openBudget(budgetPlace(options))
  const exchangeBudget = await RequestBudget.open(places.exchangeBudget, EXCHANGE_LIMITS)
  // A death between an answer and its consequences must not shorten a Retry-After.
  for (const { answer, untilMs } of state.waits)
    await (seriesOf(answer).startsWith('api:') ? budget : exchangeBudget).refused(now(), untilMs)
  const api = new SmartMoneyClient({ baseUrl: options.smartMoneyApi, budget, log, now, timeoutMs: 10_000, stop, ...(key !== undefined && { key }) }) // prettier-ignore
  const exchange = new PublicRequests({ addresses: options.addresses, budget: exchangeBudget, log, now, stop }) // prettier-ignore

  const learn = async (): Promise<string> => {
    if (!series.some(({ from }) => from === 'api')) return 'not asked'
    told.phase('asking', key === undefined ? 'api:plans' : 'api:usage')
    const { meaning } = await (key === undefined ? readLeastPlan : readLimits)(api, budget, now)
    if (meaning !== 'answered') return `as they were known before: the API does not tell them now (${meaning})` // prettier-ignore
    return key === undefined ? 'of the least plan, since there is no key' : 'as the API tells them'
  }
  const scheduleOf = async (isStart: boolean, before: readonly Due[]): Promise<Due[]> => {
    const limitsSaid = await learn()
    const plan = planPolls(series, budget.limits, key !== undefined)
    const every = Object.fromEntries(plan.covered.map(({ series: { id }, everyMs }) => [id, everyMs]))
    if (isStart || JSON.stringify(every) !== JSON.stringify(state.plans.at(-1)?.every)) {
      const line: PlanLine = { at: now(), isStart, every, recorded: recordedBy(options) }
      await appendLine(places.plans, line)
      state.plans.push(line)
      told.began(plan, budget.limits, limitsSaid)
    }
    return plan.covered.map(({ series: one, everyMs }) => {
      const last = state.coverage.of(one.id).lastAnswered
      const old = before.find((due) => due.series.id === one.id)
      return old !== undefined
        ? { ...old, everyMs }
        : { series: one, everyMs, dueMs: last === null ? -Infinity : nextPoll(last, everyMs), question: 0, failures: 0 } // prettier-ignore
    })
  }

  let schedule = await scheduleOf(true, [])
  let day = formatUtcDay(now())
  // UTC ms before which a source is not to be asked.
  const blocked = { api: -Infinity, exchange: -Infinity }
  const sourceOf = ({ series: { from } }: Due): 'api' | 'exchange' => (from === 'api' ? 'api' : 'exchange')
  while (!stop.aborted) {
    if (formatUtcDay(now()) > day) {
      day = formatUtcDay(now())
      state.coverage.nextDay()
      await compactPast(options, state.plans)
      if (stop.aborted) break
      schedule = await scheduleOf(false, schedule)
      continue
    }
    const timeOf = (due: Due): number => Math.max(due.dueMs, blocked[sourceOf(due)])
    // The longest overdue comes first, so that none starves; of one time, the most valuable.
    const firstMs = Math.min(...schedule.map(timeOf))
    const ready = schedule.find((due) => timeOf(due) === firstMs)
    if (ready === undefined || firstMs > now()) {
      const nextMs = Math.min(firstMs, Date.parse(day) + DAY_MS)
      told.phase('waiting', '')
      await clock.pause(Math.max(1, Math.min(nextMs - now(), MINUTE_MS)), stop)
      continue
    }
    told.phase('asking', ready.series.id)
    const outcome = await ask(ready, state.coverage, { api, exchange }, now())
    if (outcome.meaning === 'held-back') blocked[sourceOf(ready)] = outcome.retryAt ?? now() + MINUTE_MS
    else settle(ready, outcome, state.coverage, now(), told)
  }
}

function recordedBy(options: RecorderOptions): PlanLine['recorded'] {
  const { instruments, flags, source } = options
  return { instruments: instruments.map(({ id }) => id), flags, source: source ?? null, budget: budgetFile(budgetPlace(options)) } // prettier-ignore
}

function budgetPlace({ folder, smartMoneyApi, key, settingsFolder }: RecorderOptions): BudgetPlace {
  return { baseUrl: smartMoneyApi, key, settingsFolder, ownFile: placesOf(folder).budget }
}

/** Polls lie on the grid of their interval. */
function nextPoll(nowMs: number, everyMs: number): number {
  return (Math.floor(nowMs / everyMs) + 1) * everyMs
}

function ask(
  { series, question }: Due,
  coverage: Coverage,
  { api, exchange }: { readonly api: SmartMoneyClient; readonly exchange: PublicRequests },
  nowMs: number,
): Promise<Outcome | PublicOutcome> {
  const { path, params } = series.questions[question]!
  if (series.from !== 'api') return exchange.ask(series.from, path, { ...params, ...pageOf(series, coverage, nowMs) }) // prettier-ignore
  if (series.walk === undefined) return api.ask(path, params)
  const { walk, completeUntil } = coverage.of(series.id)
  const from = secondsOf(completeUntil === null ? nowMs - series.walk.firstMs : completeUntil * SECOND_MS - series.walk.overlapMs) // prettier-ignore
  const window = walk === null ? { from, to: secondsOf(nowMs) } : { from: walk.from, to: walk.to }
  return api.ask(path, { ...params, from: String(window.from), to: String(window.to), limit: PAGE_ROWS })
}

/** Candles since the last answer, and two polls before it. */
function pageOf(
  { id, candlesMs, idealMs }: PolledSeries,
  coverage: Coverage,
  nowMs: number,
): { limit?: string } {
  if (candlesMs === undefined) return {}
  const sinceMs = nowMs - (coverage.of(id).lastAnswered ?? -Infinity)
  return { limit: String(Math.min(CANDLES_A_PAGE, Math.ceil((sinceMs + 2 * idealMs) / candlesMs) + 2)) }
}

/** When a series is due again, after what came of asking. */
function settle(
  due: Due,
  { meaning, message }: Outcome | PublicOutcome,
  coverage: Coverage,
  nowMs: number,
  told: RecorderWords,
): void {
  // prettier-ignore
  const { series, everyMs } = due
  if (meaning === 'answered') {
    if (due.failures > 0) told.note(`${series.id}: answers again`)
    due.failures = 0
    // The rest of a table, or the other side of a confirmation, is asked for at once.
    if (coverage.of(series.id).walk !== null) due.dueMs = nowMs
    else if (due.question + 1 < series.questions.length) due.question++
    else {
      due.question = 0
      due.dueMs = nextPoll(nowMs, everyMs)
    }
    return
  }
  due.failures++
  if (due.failures === 1) told.note(`${series.id}: ${meaning}${message === '' ? '' : `: ${message}`}`)
  // `limited` is waited for by the budget, which knows until when.
  if (meaning === 'limited') due.dueMs = nowMs
  else if (['bad-request', 'key-refused', 'not-in-plan', 'not-found', 'withheld'].includes(meaning)) {
    due.question = 0
    due.dueMs = nowMs + Math.max(everyMs, REFUSED_WAIT_MS)
  } else due.dueMs = nowMs + Math.min(everyMs, FIRST_RETRY_MS * 2 ** Math.min(due.failures - 1, 10))
}

interface Recovered {
  readonly coverage: Coverage
  readonly plans: PlanLine[]
  /** Answers that said when to come again, and that time is not over. */
  readonly waits: readonly { readonly answer: StoredAnswer; readonly untilMs: number }[]
}

/** Reads what the log says, having put right what a death left behind: a torn line, days that are over. */
async function recovered(options: RecorderOptions): Promise<Recovered> {
  const { folder, clock, told } = options
  const places = placesOf(folder)
  await cutTornLine(places.plans)
  await cutTornLine(places.torn)
  for (const day of await unpackedDays(folder)) {
    const torn = await cutTornLine(join(places.answers, `${day}.ndjson`))
    // Never acknowledged, so no fact: kept all the same.
    if (torn !== undefined) {
      const aside: SetAside = { series: 'log', fetchedAt: clock.now(), sha256: '', reason: 'a line that was being written when the recorder died', row: torn } // prettier-ignore
      await appendLine(places.torn, aside)
      told.note(`the last line of ${day} was torn: kept in ${places.torn}`)
    }
    await settlePacked(folder, day)
  }
  const plans = await readPlans(folder)
  const source = plans.at(-1)?.recorded.source
  const { source: wanted } = recordedBy(options)
  // An invented market must never stand among facts of a real one.
  if (source !== undefined && source !== wanted) throw new ConfigError(`the folder holds a recording of ${source ?? 'the network'}, and this is one of ${wanted ?? 'the network'}: choose another with --recording DIR`, { file: folder }) // prettier-ignore
  await compactPast(options, plans)
  const today = formatUtcDay(clock.now())
  const coverage = new Coverage((await readSummaries(folder)).at(-1)?.series ?? {}, plans)
  const waits: { answer: StoredAnswer; untilMs: number }[] = []
  // Also of a day that was stopped while it was made into facts.
  for (const day of await unpackedDays(folder)) {
    if (day === today) coverage.nextDay()
    for await (const answer of answersOf(folder, day)) {
      coverage.add(answer)
      const untilMs = retryAtMs(answer.headers['retry-after'] ?? null, answer.fetchedAt)
      if (answer.status !== 200 && untilMs !== undefined && untilMs > clock.now()) waits.push({ answer, untilMs }) // prettier-ignore
    }
  }
  return { coverage, plans, waits }
}

/** Makes facts of the days that are over. A day that fails is said, and tried again the next time: recording goes on. */
async function compactPast(options: RecorderOptions, plans: readonly PlanLine[]): Promise<void> {
  const { folder, store, clock, stop, told } = options
  const today = formatUtcDay(clock.now())
  for (const day of (await unpackedDays(folder)).filter((one) => one < today)) {
    if (stop.aborted) return
    told.phase('compacting', day)
    try {
      const summary = await compactDay(day, {
        folder,
        store,
        plans,
        now: clock.now(),
        progress: (table) => told.phase('compacting', `${day} ${table}`),
        isStopped: () => stop.aborted,
      })
      for (const [table, why] of Object.entries(summary?.refused ?? {})) told.note(`${day}: ${table} was refused by the import: ${why}`) // prettier-ignore
    } catch (error) {
      if (!(error instanceof BaleenError)) throw error
      told.note(`${day} cannot be made into facts now: ${error.message}`)
      return
    }
  }
}
