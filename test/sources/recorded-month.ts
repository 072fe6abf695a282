import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import type { InjectedFault } from '../../src/loopback/faults/injector.js'
import { steppedClock } from '../../src/loopback/clock.js'
import { parseFaultPlan } from '../../src/loopback/faults/plan.js'
import { serveLoopback } from '../../src/loopback/server.js'
import { simulatedWorld } from '../../src/loopback/simulated-world.js'
import { venueInstrument } from '../../src/sources/download/exchange-download.js'
import { record } from '../../src/sources/recorder/recorder.js'
import type { Gap, PlanLine } from '../../src/sources/recorder/coverage.js'
import { readPlans, readSummaries } from '../../src/sources/recorder/recording.js'
import { apiSeries, exchangeSeries } from '../../src/sources/recorder/series.js'
import { Secret } from '../../src/sources/smart-money/secret.js'
import { openStore, storeManifest } from '../../src/store/store.js'
import { allAnswers, differences, readings, storedFacts, toldBy } from './recorded.js'
import { truthProblems } from './world-truth.js'

export interface RecordedMonth {
  readonly problems: readonly string[]
  readonly answers: number
  readonly failed: number
  readonly faults: Readonly<Record<string, number>>
  readonly gaps: number
  readonly rows: number
  readonly largestDayUsed: number
  /** Of the first and of the last third of the days; empty where there are none. */
  readonly heapMb: Thirds
  readonly residentMb: Thirds
  readonly handles: Thirds
}

export type Thirds = readonly [first: number, last: number] | readonly []

export interface MonthOptions {
  readonly folder: string
  readonly days: number
  readonly seed: number
  /** Of each fault. */
  readonly chance: number
  /** Default 30 min. */
  readonly bookEveryMs?: number
  readonly told?: (text: string) => void
}

const INSTRUMENT = 'synthetic:BTCUSDT-PERP'
const PLAN = { key: 'sm_loopback_trader', perDay: 3_000, perMinute: 20 }

/** What comes too late to be part of a day that is over, or lies before the recording's reach. */
const SETTLED_MS = 2 * HOUR_MS

/**
 * Records days of virtual time against a loopback world in which everything goes wrong now and then, and holds what came of it against the world's truth and the server's own log. Virtual
 * time passes only while the recorder waits, so that equal seeds give equal months.
 */
export async function recordMonth({
  folder,
  days,
  seed,
  chance,
  told,
  bookEveryMs = 30 * MINUTE_MS,
}: MonthOptions): Promise<RecordedMonth> {
  const world = simulatedWorld({
    days: Math.ceil(days) + 5,
    seed,
    instruments: 1,
    timeframeMs: 5 * MINUTE_MS,
  })
  // Half a day is one that begins at noon.
  const startMs = world.startTime + (3 + Math.ceil(days) - days) * DAY_MS
  const endMs = startMs + days * DAY_MS + 30 * MINUTE_MS
  const clock = steppedClock(startMs, world.endTime)
  const everywhere = (fault: string, more: object = {}): object[] => ['exchange', 'api'].map((where) => ({ fault, where, chance, ...more })) // prettier-ignore
  const faults = parseFaultPlan({
    seed,
    rules: [
      ...everywhere('rate-limit', { retryAfterS: RETRY_AFTER_S }),
      ...everywhere('server-error', { status: 503 }),
      ...everywhere('garbled', { chance: chance / 2 }),
      ...everywhere('unknown-fields', { chance: chance / 2 }),
      ...everywhere('duplicate', { chance: chance / 5 }),
      ...everywhere('reorder', { chance: chance / 5 }),
      { fault: 'gap', where: 'exchange', path: 'klines', chance: chance / 25 },
      { fault: 'late', where: 'api', path: 'whale', chance: 6 * chance, delayMs: HOUR_MS },
      { fault: 'server-error', where: 'api', status: 503, path: '/v1/', during: outage(startMs, days) },
    ],
  }) // prettier-ignore
  // What the server saw, in its order; in a file, so that it does not grow in the memory that is measured.
  mkdirSync(folder, { recursive: true })
  const wire = join(folder, 'wire.ndjson')
  const saw = (event: WireEvent): void => appendFileSync(wire, `${JSON.stringify(event)}\n`)
  const loopback = await serveLoopback({
    world,
    clock,
    faults,
    asked: (time, path) => saw({ time, path }),
    truth: { faults: [], add: (fault) => saw(fault) },
  })
  const stop = new AbortController()
  const samples: Readonly<Record<'heap' | 'resident' | 'handles', number>>[] = []
  const pause = async (durationMs: number): Promise<void> => {
    // A little late, as every timer is: so that candles are met while they are open.
    clock.advanceBy(Math.max(1, durationMs) + 700)
    if (clock.now() >= endMs) stop.abort()
    if (clock.now() - startMs >= (samples.length + 1) * DAY_MS) {
      collectGarbage()
      const { heapUsed, rss } = process.memoryUsage()
      samples.push({ heap: heapUsed / 1e6, resident: rss / 1e6, handles: openHandles() })
      const { heap, resident, handles } = samples.at(-1)!
      told?.(`day ${samples.length}: heap ${heap.toFixed(1)} MB, resident ${resident.toFixed(0)} MB, ${handles} handles`) // prettier-ignore
    }
    return Promise.resolve()
  }
  const instruments = [venueInstrument(INSTRUMENT)]
  const store = openStore(join(folder, 'data'))
  const recording = join(folder, 'recording')
  await record({
    folder: recording,
    store,
    clock: { now: () => clock.now(), pause },
    series: [...exchangeSeries(instruments[0]!, { candlesMs: 5 * MINUTE_MS, bookEveryMs }), ...apiSeries(['BTC'], true)], // prettier-ignore
    instruments,
    smartMoneyApi: loopback.urls.smartMoneyApi,
    key: new Secret(PLAN.key),
    addresses: loopback.urls,
    flags: ['synthetic'],
    stop: stop.signal,
    told: { began: () => undefined, phase: () => undefined, note: () => undefined },
  })
  await loopback.close()
  const answers = await allAnswers(recording)
  const summaries = await readSummaries(recording)
  const problems: string[] = []
  if (summaries.length !== Math.ceil(days))
    problems.push(`${summaries.length} of ${days} days are in the data folder`)
  for (const { day, refused } of summaries) for (const [table, why] of Object.entries(refused)) problems.push(`${day} ${table}: ${why}`) // prettier-ignore
  const over = startMs + days * DAY_MS

  // What the data folder holds is what the answers told, no row more or less.
  const overAnswers = answers.filter(({ fetchedAt }) => fetchedAt < over)
  let rows = 0
  for (const reading of readings(INSTRUMENT)) {
    const stored = await storedFacts(store.directory, reading.series)
    rows += stored.length
    problems.push(...differences(reading.series, toldBy(overAnswers, reading), stored))
  }
  // And what it holds is so, and all that is so, in the world itself.
  const listed = summaries.flatMap(({ gaps }) => gaps)
  const events = readFileSync(wire, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as WireEvent) // prettier-ignore
  const injected = events.filter((event) => 'fault' in event)
  const neverTold = new Set(injected.filter(({ fault }) => fault === 'gap').map(({ what }) => Number(what.split(' ')[1]))) // prettier-ignore
  const truth = await truthProblems({ world, dataFolder: store.directory, fromMs: startMs, untilMs: over - SETTLED_MS - 2 * HOUR_MS, neverTold, gaps: listed }) // prettier-ignore
  problems.push(...truth.problems)

  // Gaps: each candle that was never told, and wherever the server did not answer a series in time.
  const entry = (await storeManifest(store)).series[`candles/${INSTRUMENT}@5m`]
  const inside = [...neverTold].filter((time) => time > (entry?.firstEventTime ?? Infinity) && time < (entry?.lastEventTime ?? 0)).length // prettier-ignore
  if (entry?.gaps.missing !== inside) problems.push(`the manifest counts ${entry?.gaps.missing} missing candles, and ${inside} were left out`) // prettier-ignore
  if (!listed.some(({ fromMs, toMs }) => toMs - fromMs >= OUTAGE_MS)) problems.push('the outage is not listed as a gap') // prettier-ignore
  problems.push(...gapProblems(events.filter(({ time }) => time < over), await readPlans(recording), listed)) // prettier-ignore
  problems.push(...budgetProblems(events, answers), ...retryAfterProblems(events))
  const perDay = new Map<number, number>()
  for (const event of events) if (isOfApi(event)) perDay.set(Math.floor(event.time / DAY_MS), (perDay.get(Math.floor(event.time / DAY_MS)) ?? 0) + 1) // prettier-ignore
  const byFault: Record<string, number> = {}
  for (const { fault } of injected) byFault[fault] = (byFault[fault] ?? 0) + 1
  const third = Math.floor(samples.length / 3)
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length
  const thirds = (name: 'heap' | 'resident' | 'handles'): Thirds => (third === 0 ? [] : [mean(samples.slice(0, third).map((one) => one[name])), mean(samples.slice(-third).map((one) => one[name]))]) // prettier-ignore
  return {
    problems,
    answers: answers.length,
    failed: answers.filter(({ status }) => status !== 200).length,
    faults: byFault,
    gaps: listed.length,
    rows: rows + truth.rows,
    largestDayUsed: Math.max(...perDay.values()),
    heapMb: thirds('heap'),
    residentMb: thirds('resident'),
    handles: thirds('handles'),
  }
}

const RETRY_AFTER_S = 90

const OUTAGE_MS = 5 * HOUR_MS

/** An afternoon on which the API is away. */
function outage(startMs: number, days: number): string {
  const from = startMs + Math.floor(days / 2) * DAY_MS + (days < 1 ? 3 : 13) * HOUR_MS
  const text = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 16)}Z`
  return `${text(from)}..${text(from + OUTAGE_MS)}`
}

type Answers = Awaited<ReturnType<typeof allAnswers>>

/** A request as it came, or a fault that befell the last one. */
type WireEvent = { readonly time: number; readonly path: string } | InjectedFault

const isRequest = (event: WireEvent): boolean => !('fault' in event)
const isOfApi = (event: WireEvent): boolean => isRequest(event) && event.path.startsWith('/v1/')

/** By the server's log: never more requests by minute and day than the plan has, and none that its quota refused. */
function budgetProblems(events: readonly WireEvent[], answers: Answers): string[] {
  const minutes = new Map<number, number>()
  const days = new Map<number, number>()
  for (const event of events) {
    if (!isOfApi(event)) continue
    const [minute, day] = [Math.floor(event.time / MINUTE_MS), Math.floor(event.time / DAY_MS)]
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1)
    days.set(day, (days.get(day) ?? 0) + 1)
  }
  const problems: string[] = []
  const [inMinute, inDay] = [Math.max(...minutes.values()), Math.max(...days.values())]
  if (inMinute > PLAN.perMinute) problems.push(`${inMinute} requests in a minute, and the plan has ${PLAN.perMinute}`) // prettier-ignore
  if (inDay > PLAN.perDay) problems.push(`${inDay} requests in a day, and the plan has ${PLAN.perDay}`)
  // Those that a fault made say when to come again; the quota's do not.
  const refused = answers.filter(({ status, headers }) => status === 429 && headers['retry-after'] === undefined) // prettier-ignore
  if (refused.length > 0) problems.push(`the server's quota refused ${refused.length} requests`)
  return problems
}

/** By the server's log, nothing may be asked of a source after an answer with Retry-After and before that time. The order is that of the log, since a stepped clock stands still between waits. */
function retryAfterProblems(events: readonly WireEvent[]): string[] {
  const notBefore = { api: -Infinity, exchange: -Infinity }
  let inside = 0
  for (const event of events) {
    const source = event.path.startsWith('/v1/') ? 'api' : 'exchange'
    if (!('fault' in event)) inside += event.time < notBefore[source] ? 1 : 0
    else if (event.fault === 'rate-limit') notBefore[source] = event.time + RETRY_AFTER_S * 1_000
  }
  return inside === 0 ? [] : [`${inside} requests inside a Retry-After`]
}

/** Faults after which a request has no answer that can be read. */
const UNANSWERED: ReadonlySet<string> = new Set(['rate-limit', 'server-error', 'garbled'])

/** Reckons the gaps once more, of the server's log alone: they must be those that are listed. */
function gapProblems(events: readonly WireEvent[], plans: readonly PlanLine[], listed: readonly Gap[]): string[] {
  const answered = events.filter((event, at) => {
    if (!isRequest(event)) return false
    for (let next = at + 1; next < events.length; next++) {
      const after = events[next]!
      if (!('fault' in after)) break
      if (UNANSWERED.has(after.fault)) return false
    }
    return true
  })
  const last = new Map<string, number>()
  const gaps: string[] = []
  for (const { path, time } of answered) {
    const id = seriesAt(path)
    const before = last.get(id)
    last.set(id, time)
    const everyMs = plans.findLast(({ at, every }) => at <= time && every[id] !== undefined)?.every[id]
    if (everyMs !== undefined && before !== undefined && time - before > 1.5 * everyMs + 2 * MINUTE_MS)
      gaps.push(`${id} ${before} ${time}`)
  }
  const told = new Set(listed.map(({ series, fromMs, toMs }) => `${series} ${fromMs} ${toMs}`))
  const missing = gaps.filter((gap) => !told.has(gap))
  if (missing.length === 0 && told.size === gaps.length) return []
  return [`${gaps.length} gaps by the server's log, ${told.size} are listed; not ${missing[0] ?? ''}`]
} // prettier-ignore

/** The recorder's name of what is asked for at a path; of the one symbol that there is. */
function seriesAt(path: string): string {
  if (path === '/v1/confirm') return 'api:confirm:BTC'
  return path.startsWith('/v1/') ? `api:${path.slice('/v1/'.length)}` : `usdm:${path.slice('/fapi/v1/'.length)}:BTCUSDT`
} // prettier-ignore

/** Whole collections, so that what is measured is what is held. */
const collectGarbage: () => void = (() => {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
})()

/** Files and sockets as the system counts them, else as Node does. */
function openHandles(): number {
  const files = '/proc/self/fd'
  return existsSync(files) ? readdirSync(files).length : process.getActiveResourcesInfo().length
}
