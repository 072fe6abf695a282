import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { ExchangeRest } from '../../src/loopback/exchange/rest.js'
import { venueOf } from '../../src/loopback/exchange/venue.js'
import { simulatedWorld } from '../../src/loopback/simulated-world.js'
import { seededRandom } from '../../src/research/seeded-random.js'
import { venueInstrument } from '../../src/sources/download/exchange-download.js'
import { Derivation, instrumentsByMarket } from '../../src/sources/recorder/derive.js'
import { type StoredAnswer, storedBody } from '../../src/sources/smart-money/answer-log.js'
import { mutateText, mutateTree } from './payload-mutations.js'
import { prototypesTouched } from './prototypes.js'

/** Endpoints of the exchange that the recorder reads. */
export const EXCHANGE_FAMILIES = ['klines', 'fundingRate', 'openInterest', 'ticker/bookTicker'] as const
export type ExchangeFamily = (typeof EXCHANGE_FAMILIES)[number]

const INSTRUMENT = venueInstrument('synthetic:BTCUSDT-PERP')
const WORLD = simulatedWorld({ days: 3, seed: 2, timeframeMs: 5 * MINUTE_MS, instruments: 1 })
const NOW = WORLD.startTime + 60 * HOUR_MS + 123_456
const PARAMS: Readonly<Record<ExchangeFamily, Readonly<Record<string, string>>>> = {
  klines: { symbol: 'BTCUSDT', interval: '5m', limit: '6' },
  fundingRate: { symbol: 'BTCUSDT', limit: '6' },
  openInterest: { symbol: 'BTCUSDT' },
  'ticker/bookTicker': { symbol: 'BTCUSDT' },
}

const sound = new Map<ExchangeFamily, string>()

/** A sound answer of a family, as text. */
function soundText(family: ExchangeFamily): string {
  const rest = new ExchangeRest(venueOf(WORLD))
  const request = { path: `/fapi/v1/${family}`, query: PARAMS[family], headers: {} }
  const text = sound.get(family) ?? JSON.stringify(rest.answer(request, { knownMs: NOW, clockMs: NOW }).body)
  sound.set(family, text)
  return text
}

/** What of a mutated answer of the exchange went wrong in making facts of it; undefined where each bad row was put aside with a reason, and each sound one became what it says. */
export function exchangeProblem(family: ExchangeFamily, seed: number): string | undefined {
  const random = seededRandom(seed, 0x65786368 + EXCHANGE_FAMILIES.indexOf(family))
  const tree: unknown = JSON.parse(soundText(family))
  mutateTree(tree, random)
  const text = mutateText(JSON.stringify(tree), random)
  const url = new URL(`http://127.0.0.1/fapi/v1/${family}`)
  const answer: StoredAnswer = { fetchedAt: NOW, url: url.href, params: PARAMS[family], status: 200, headers: {}, ...storedBody(Buffer.from(text)) } // prettier-ignore
  const derivation = new Derivation(instrumentsByMarket([INSTRUMENT]))
  try {
    derivation.add(answer)
    derivation.end()
  } catch (error) {
    return `threw ${String(error)} for ${text.slice(0, 300)}`
  }
  if (prototypesTouched(seed % 64 === 0)) return 'a prototype was written to'
  if (derivation.aside.some(({ reason }) => reason === '')) return 'put aside without a reason'
  const files = derivation.tables.files()
  const lines = files.flatMap((file) => file.text.trim().split('\n').slice(1))
  const expected = expectedOf(family, answer.encoding === 'utf8' ? text : '')
  if (JSON.stringify(lines) !== JSON.stringify(expected.lines)) return `made ${JSON.stringify(lines)} and not ${JSON.stringify(expected.lines)} of ${text.slice(0, 600)}` // prettier-ignore
  return derivation.aside.length === expected.aside
    ? undefined
    : `${derivation.aside.length} rows were put aside, and ${expected.aside} are bad: ${text.slice(0, 600)}`
}

interface Expected {
  /** Of the table. */
  readonly lines: readonly string[]
  readonly aside: number
}

const NOTHING_BUT_BAD: Expected = { lines: [], aside: 1 }

/** A second reading, by what the venue documents, which shares no code with the recorder's. */
function expectedOf(family: ExchangeFamily, text: string): Expected {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return NOTHING_BUT_BAD
  }
  if (typeof body !== 'object' || body === null) return NOTHING_BUT_BAD
  if (family === 'klines') return Array.isArray(body) ? candles(body) : NOTHING_BUT_BAD
  if (family === 'fundingRate') return Array.isArray(body) ? settlements(body) : NOTHING_BUT_BAD
  const field = (name: string): unknown => own(body, name)
  if (field('symbol') !== undefined && field('symbol') !== 'BTCUSDT') return NOTHING_BUT_BAD
  const time = field('time')
  if (family === 'openInterest') {
    const amount = figure(field('openInterest'))
    if (amount === undefined || typeof time !== 'number') return NOTHING_BUT_BAD
    return { lines: [`${time},${NOW},${amount}`], aside: 0 }
  }
  const [bid, bidSize, ask, askSize] = ['bidPrice', 'bidQty', 'askPrice', 'askQty'].map((name) => figure(field(name))) // prettier-ignore
  if (bid === undefined || ask === undefined || bid <= 0 || ask <= bid) return NOTHING_BUT_BAD
  if ((bidSize ?? 0) < 0 || (askSize ?? 0) < 0) return NOTHING_BUT_BAD
  const at = typeof time === 'number' && time < NOW ? time : NOW
  return { lines: [[at, NOW, bid, bidSize, ask, askSize].join(',')], aside: 0 }
}

function candles(rows: readonly unknown[]): Expected {
  let aside = 0
  const found: number[][] = []
  for (const row of rows) {
    const values = Array.isArray(row) ? row.slice(0, 6).map(figure) : []
    const [time = NaN, open = NaN, high = NaN, low = NaN, close = NaN, volume = NaN] = values
    const isSound = Math.abs(time % (5 * MINUTE_MS)) === 0 && time <= NOW + 24 * HOUR_MS && low > 0 && open >= low && close >= low && open <= high && close <= high && volume >= 0 // prettier-ignore
    if (isSound) found.push([time, open, high, low, close, volume])
    else aside++
  }
  const open = Math.max(...found.map(([time]) => time!))
  const lines = new Map<number, string>()
  for (const [time, ...values] of found) {
    if (time === open) continue
    const before = lines.get(time!)
    const line = [time, ...values].join(',')
    if (before === undefined) lines.set(time!, line)
    else if (before !== line) aside++
  }
  return { lines: [...lines.values()], aside }
}

function settlements(rows: readonly unknown[]): Expected {
  let aside = 0
  const found = new Map<number, { readonly row: unknown; readonly order: number }>()
  const timed = rows.map((row) => ({ row, time: own(row, 'fundingTime'), symbol: own(row, 'symbol') }))
  const sound = timed.filter(({ time, symbol }) => typeof time === 'number' && Math.abs(time) < Infinity && (symbol === undefined || symbol === 'BTCUSDT')) // prettier-ignore
  aside += timed.length - sound.length
  const byTime = new Map<number, unknown[]>()
  for (const { row, time } of sound) {
    const second = Math.floor((time as number) / 1_000) * 1_000
    byTime.set(second, [...(byTime.get(second) ?? []), row])
  }
  for (const [time, told] of byTime) {
    found.set(time, { row: told[0], order: 0 })
    // Each that says something else than the one before it.
    aside += told.filter((row, at) => at > 0 && JSON.stringify(row) !== JSON.stringify(told[at - 1])).length
  }
  const times = [...found.keys()].sort((a, b) => a - b)
  const hours = new Set([1, 2, 4, 8].map((count) => count * HOUR_MS))
  const lines = times.slice(1).map((time, at) => {
    const [since, until] = [time - times[at]!, (times[at + 2] ?? NaN) - time]
    const intervalMs = hours.has(since) ? since : hours.has(until) ? until : undefined
    const { row } = found.get(time)!
    return [time, Math.max(time, NOW), figure(own(row, 'fundingRate')), intervalMs, figure(own(row, 'markPrice'))].join(',') // prettier-ignore
  })
  return { lines, aside }
}

function own(row: unknown, name: string): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return undefined
  return Object.getOwnPropertyDescriptor(row, name)?.value as unknown
}

/** A number, or a text that is one; undefined for all else, blank texts too. */
function figure(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : typeof value === 'string' && /\S/.test(value) ? Number(value) : NaN // prettier-ignore
  return Math.abs(number) < Infinity ? number : undefined
}
