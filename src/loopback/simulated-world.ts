import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { FactColumns } from '../core/columns.js'
import { ConfigError } from '../core/errors.js'
import { DAY_MS, HOUR_MS, MINUTE_MS, durationName, formatUtcDay } from '../core/time.js'
import { instrumentLevels, simulateMarket, type WhalePositions } from '../market/index.js'
import type { World, WorldAsset, WorldFacts } from './world.js'

/** What market to invent; as `data simulate` takes them, and with the same seed it is the same market. */
export interface SimulatedWorldOptions {
  readonly days: number
  /** A 00:00 UTC; default 2024-01-01. */
  readonly startTime?: number
  /** Of the finest candles; default 1m. */
  readonly timeframeMs?: number
  /** How many, or which ids; default 3. */
  readonly instruments?: number | readonly string[]
  readonly seed: number
  readonly edge?: number
  /** Leaves out bars and facts, and lets some facts be known late. */
  readonly gaps?: boolean
}

/** How the invented confirmations answer; as in the files of `data simulate`. */
const ANSWER = { confidence: 'MEDIUM', modelVersion: 'synthetic-1' } as const

/** Invents a world. Everything in it is synthetic. O(minutes × instruments). Throws ConfigError. */
export function simulatedWorld(options: SimulatedWorldOptions): World {
  const { days, seed, startTime = Date.UTC(2024, 0, 1), timeframeMs = MINUTE_MS } = options
  if (!Number.isInteger(days) || days < 1)
    throw new ConfigError('must be a whole number of days, 1 or more', { field: 'days', value: days })
  if (!Number.isSafeInteger(seed)) throw new ConfigError('must be a whole number', { field: 'seed', value: seed }) // prettier-ignore
  const levels = instrumentLevels(options.instruments ?? 3)
  const edge = options.edge ?? 0
  const market = simulateMarket(
    { startTime, bars: Math.round((days * DAY_MS) / timeframeMs), timeframeMs, instruments: levels, edge, gaps: options.gaps ?? false }, // prettier-ignore
    xoroshiro128plus(seed),
  )
  const assets = new Map<string, WorldAsset>()
  for (const { instrument, exchangeFlows, confirmations } of market.instruments) {
    const answers = fill(confirmations.eventTime.length, ANSWER)
    assets.set(instrument.base, {
      exchangeFlows: worldFacts(exchangeFlows),
      confirmations: worldFacts(confirmations, answers),
    })
  }
  return {
    name: `baleen simulator: seed ${seed}, ${days} days from ${formatUtcDay(startTime)}, ${durationName(timeframeMs)}, edge ${edge}, ${levels.map(({ instrument }) => instrument.base).join(' ')}${options.gaps === true ? ', with gaps' : ''}`,
    synthetic: true,
    startTime,
    endTime: startTime + days * DAY_MS,
    instruments: market.instruments.map(({ instrument, candles, funding, openInterest }) => ({
      instrument,
      candles,
      funding: worldFacts(funding),
      // Its mean over an hour is stamped with the hour's open.
      openInterest: worldFacts(openInterest),
    })),
    assets,
    whales: whaleFacts(market.whales),
  }
}

/** When the clock of a world begins by default, so that its servers have a past to tell: a third of it, 30 days at most, whole hours. */
export function defaultClockStart({ startTime, endTime }: World): number {
  const past = Math.min(30 * DAY_MS, (endTime - startTime) / 3)
  return startTime + Math.floor(past / HOUR_MS) * HOUR_MS
}

function fill(rows: number, texts: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, Array.from({ length: rows }, () => text)]),
  )
}

function whaleFacts({ eventTime, knownAt, wallet, asset, side, ...values }: WhalePositions): WorldFacts {
  return worldFacts({ eventTime, knownAt, values }, { wallet, asset, side })
}

/** Facts in the order of their events, none of them ever revised. */
export function worldFacts(
  facts: FactColumns,
  texts: Readonly<Record<string, readonly string[]>> = {},
): WorldFacts {
  const { eventTime, knownAt } = facts
  const order = Array.from(eventTime.keys()).sort(
    (a, b) => eventTime[a]! - eventTime[b]! || knownAt[a]! - knownAt[b]! || a - b,
  )
  const pick = (column: Float64Array): Float64Array => Float64Array.from(order, (row) => column[row]!)
  return {
    eventTime: pick(eventTime),
    knownAt: pick(knownAt),
    replacedAt: new Float64Array(order.length).fill(Infinity),
    values: Object.fromEntries(Object.entries(facts.values).map(([name, column]) => [name, pick(column)])),
    texts: Object.fromEntries(
      Object.entries(texts).map(([name, column]) => [name, order.map((row) => column[row]!)]),
    ),
  }
}
