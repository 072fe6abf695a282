import { join } from 'node:path'
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
import { apiSeries, exchangeSeries, seriesOf } from '../../src/sources/recorder/series.js'
import { Secret } from '../../src/sources/smart-money/secret.js'
import { loadCandles } from '../../src/store/load-candles.js'
import { openStore, storeManifest } from '../../src/store/store.js'
import { allAnswers, differences, readings, storedFacts, toldBy, truthRows } from './recorded.js'

export interface RecordedMonth {
  readonly problems: readonly string[]
  readonly answers: number
  readonly failed: number
  readonly faults: Readonly<Record<string, number>>
  readonly gaps: number
  readonly rows: number
  readonly largestDayUsed: number
  /** Of the second and of the last third of the days. */
  readonly heapMb: readonly [number, number]
  readonly handles: readonly [number, number]
}

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
  const requests: { readonly time: number; readonly path: string }[] = []
  const loopback = await serveLoopback({
    world,
    clock,
    faults,
    asked: (time, path) => requests.push({ time, path }),
  })
  const stop = new AbortController()
  const samples: { readonly heap: number; readonly handles: number }[] = []
  let sampled = 0
  const pause = async (durationMs: number): Promise<void> => {
    // A little late, as every timer is: so that candles are met while they are open.
    clock.advanceBy(Math.max(1, durationMs) + 700)
    if (clock.now() >= endMs) stop.abort()
    if (clock.now() - startMs >= (sampled + 1) * DAY_MS) {
      sampled++
      globalThis.gc?.()
      samples.push({ heap: process.memoryUsage().heapUsed / 1e6, handles: process.getActiveResourcesInfo().length }) // prettier-ignore
      told?.(`day ${sampled}: heap ${samples.at(-1)!.heap.toFixed(0)} MB, ${samples.at(-1)!.handles} handles, ${loopback.truth.faults.length} faults`) // prettier-ignore
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
  // And all that the world knew in time is in it, with its values.
  const whales = new Map((await storedFacts(store.directory, 'whale-positions/smart-money:tracked')).map((fact) => [fact.key, fact])) // prettier-ignore
  const facts = world.whales!
  const missing = truthRows(facts, startMs, over - SETTLED_MS - 2 * HOUR_MS).filter((row) => {
    const fact = whales.get(`${Math.floor(facts.eventTime[row]! / 1_000) * 1_000} ${facts.texts['wallet']![row]} ${facts.texts['asset']![row]}`) // prettier-ignore
    return fact === undefined || fact.knownAt < facts.knownAt[row]! || Number(fact.says.split(' ')[1]) !== facts.values['quantity']![row] // prettier-ignore
  })
  if (missing.length > 0) problems.push(`${missing.length} positions of the world are missing, wrong or known too early`) // prettier-ignore

  // Candles: the world's, but for those that the exchange never told; and each gap is one of those.
  const { candles } = world.instruments[0]!
  const kept = await loadCandles(store, INSTRUMENT, 5 * MINUTE_MS)
  const never = new Set(loopback.truth.faults.filter(({ fault }) => fault === 'gap').map(({ what }) => Number(what.split(' ')[1]))) // prettier-ignore
  const have = new Map([...kept.openTime].map((time, index) => [time, kept.close[index]]))
  for (let index = 0; index < candles.openTime.length; index++) {
    const time = candles.openTime[index]!
    if (time < startMs || time >= over - SETTLED_MS) continue
    const expected = never.has(time) ? undefined : candles.close[index]
    if (have.get(time) !== expected) problems.push(`the candle of ${new Date(time).toISOString()} is ${have.get(time)}, not ${expected}`) // prettier-ignore
  }
  const entry = (await storeManifest(store)).series[`candles/${INSTRUMENT}@5m`]
  const inside = [...never].filter((time) => time > (entry?.firstEventTime ?? Infinity) && time < (entry?.lastEventTime ?? 0)).length // prettier-ignore
  if (entry?.gaps.missing !== inside) problems.push(`the manifest counts ${entry?.gaps.missing} missing candles, and ${inside} were left out`) // prettier-ignore

  // Gaps: wherever a series was not answered in time by the log itself.
  const listed = summaries.flatMap(({ gaps }) => gaps)
  if (!listed.some(({ fromMs, toMs }) => toMs - fromMs >= OUTAGE_MS)) problems.push('the outage is not listed as a gap') // prettier-ignore

  problems.push(...gapProblems(overAnswers, await readPlans(recording), listed))
  problems.push(...budgetProblems(answers), ...retryAfterProblems(requests, loopback.truth.faults))
  const perDay = new Map<number, number>()
  for (const { url, fetchedAt } of answers) if (new URL(url).pathname.startsWith('/v1/')) perDay.set(Math.floor(fetchedAt / DAY_MS), (perDay.get(Math.floor(fetchedAt / DAY_MS)) ?? 0) + 1) // prettier-ignore
  const byFault: Record<string, number> = {}
  for (const { fault } of loopback.truth.faults) byFault[fault] = (byFault[fault] ?? 0) + 1
  const third = Math.max(1, Math.floor(samples.length / 3))
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length
  const of = (name: 'heap' | 'handles'): readonly [number, number] => [mean(samples.slice(third, 2 * third).map((one) => one[name])), mean(samples.slice(-third).map((one) => one[name]))] // prettier-ignore
  return {
    problems,
    answers: answers.length,
    failed: answers.filter(({ status }) => status !== 200).length,
    faults: byFault,
    gaps: listed.length,
    rows: rows + kept.openTime.length,
    largestDayUsed: Math.max(...perDay.values()),
    heapMb: of('heap'),
    handles: of('handles'),
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

/** The server refuses what is beyond its quota: apart from those that a fault made, there must be no 429. And by minute and day no more than the plan has. */
function budgetProblems(answers: Answers): string[] {
  const minutes = new Map<number, number>()
  const days = new Map<number, number>()
  for (const { url, fetchedAt } of answers) {
    if (!new URL(url).pathname.startsWith('/v1/')) continue
    minutes.set(Math.floor(fetchedAt / MINUTE_MS), (minutes.get(Math.floor(fetchedAt / MINUTE_MS)) ?? 0) + 1)
    days.set(Math.floor(fetchedAt / DAY_MS), (days.get(Math.floor(fetchedAt / DAY_MS)) ?? 0) + 1)
  }
  const problems: string[] = []
  if (Math.max(...minutes.values()) > PLAN.perMinute) problems.push('more requests in a minute than the plan has') // prettier-ignore
  if (Math.max(...days.values()) > PLAN.perDay) problems.push('more requests in a day than the plan has')
  const unasked = answers.filter(
    ({ status, headers }) => status === 429 && headers['retry-after'] === undefined,
  )
  if (unasked.length > 0) problems.push(`the server's quota refused ${unasked.length} requests`)
  return problems
}

/** By the server's own log, nothing may be asked of a source between an answer with Retry-After and that time. */
function retryAfterProblems(
  requests: readonly { readonly time: number; readonly path: string }[],
  faults: readonly InjectedFault[],
): string[] {
  const limits = faults.filter(({ fault }) => fault === 'rate-limit')
  const inside = requests.filter(({ time, path }) => {
    const source = path.startsWith('/v1/') ? 'api' : 'exchange'
    return limits.some((one) => one.where === source && time > one.time && time < one.time + RETRY_AFTER_S * 1_000) // prettier-ignore
  })
  return inside.length === 0 ? [] : [`${inside.length} requests inside a Retry-After`]
}

/** Reckons the gaps once more, of the answers alone: they must be those that are listed. */
function gapProblems(answers: Answers, plans: readonly PlanLine[], listed: readonly Gap[]): string[] {
  const last = new Map<string, number>()
  const gaps: string[] = []
  for (const answer of answers) {
    if (answer.status !== 200) continue
    try {
      JSON.parse(answer.body)
    } catch {
      continue
    }
    const id = seriesOf(answer)
    const everyMs = plans.filter(({ at, every }) => at <= answer.fetchedAt && every[id] !== undefined).at(-1)?.every[id] // prettier-ignore
    const before = last.get(id)
    last.set(id, answer.fetchedAt)
    if (
      everyMs !== undefined &&
      before !== undefined &&
      answer.fetchedAt - before > 1.5 * everyMs + 2 * MINUTE_MS
    )
      gaps.push(`${id} ${before} ${answer.fetchedAt}`)
  }
  const told = new Set(listed.map(({ series, fromMs, toMs }) => `${series} ${fromMs} ${toMs}`))
  const missing = gaps.filter((gap) => !told.has(gap))
  if (missing.length === 0 && told.size === gaps.length) return []
  return [`${gaps.length} gaps by the answers, ${told.size} are listed; not ${missing[0] ?? ''}`]
}
