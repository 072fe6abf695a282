import type { FactColumns } from '../../src/core/columns.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import {
  type SignalRow,
  ENTER_LONG,
  ENTER_SHORT,
  EXIT_LONG,
  EXIT_SHORT,
  LONG_OFF,
  SHORT_OFF,
} from '../../src/core/signals.js'
import type { CompiledStrategy, SignalStream, StrategyInputs } from '../../src/strategy/compiled.js'
import { barAt, random } from '../features/candles.js'
import { holdsAt } from './read-runs.js'

/** Streams the inputs through a strategy: each fact once it is known, then the bar. */
export function streamRows(
  compiled: CompiledStrategy,
  { candles, facts }: StrategyInputs,
): ReturnType<SignalStream['next']>[] {
  const stream = compiled.stream(candles.timeframeMs)
  const waiting = Object.entries(facts).map(([series, rows]) => ({ series, rows, next: 0 }))
  return Array.from(candles.openTime, (openTime, i) => {
    for (const queue of waiting) {
      const { rows, series } = queue
      for (
        ;
        queue.next < rows.knownAt.length && rows.knownAt[queue.next]! <= openTime + candles.timeframeMs;
        queue.next++
      ) {
        const row = queue.next
        const values = Object.fromEntries(
          Object.entries(rows.values).map(([field, column]) => [field, column[row]!]),
        )
        stream.learn({ series, eventTime: rows.eventTime[row]!, knownAt: rows.knownAt[row]!, values })
      }
    }
    return stream.next(barAt(candles, i))
  })
}

/** The columns read one bar at a time, in the stream's own shape. */
export function columnRows(
  compiled: CompiledStrategy,
  inputs: StrategyInputs,
): ReturnType<SignalStream['next']>[] {
  const { signal, features } = compiled.columns(inputs)
  return Array.from(inputs.candles.openTime, (_, i) => {
    const bits =
      (holdsAt(signal.enterLong, i) ? ENTER_LONG : 0) +
      (holdsAt(signal.exitLong, i) ? EXIT_LONG : 0) +
      (holdsAt(signal.enterShort, i) ? ENTER_SHORT : 0) +
      (holdsAt(signal.exitShort, i) ? EXIT_SHORT : 0) +
      (holdsAt(signal.longOff, i) ? LONG_OFF : 0) +
      (holdsAt(signal.shortOff, i) ? SHORT_OFF : 0)
    const row: SignalRow = {
      bits,
      score: signal.score?.[i] ?? NaN,
      coverage: signal.coverage?.[i] ?? NaN,
      rearmKey: signal.rearmKey?.[i] ?? NaN,
      atr: signal.atr?.[i] ?? NaN,
    }
    return {
      signal: row,
      features: Object.fromEntries(Object.entries(features).map(([name, column]) => [name, column[i]!])),
    }
  })
}

interface FactPlan {
  readonly everyMs: number
  readonly delayMs: number
  readonly values: () => Record<string, number>
}

/** Facts of the five series that the smart-money score reads, with holes, delays and values on both sides of every threshold. */
export function smartMoneyFacts(start: number, end: number, seed: number): Record<string, FactColumns> {
  const next = random(seed)
  const count = (most: number): number => Math.floor(next() * most)
  let openInterest = 1000
  const plans: Record<string, FactPlan> = {
    whales: { everyMs: 4 * HOUR_MS, delayMs: HOUR_MS / 2, values: whaleCounts },
    funding: {
      everyMs: 8 * HOUR_MS,
      delayMs: 0,
      values: () => funding((next() - 0.4) * (count(3) === 0 ? 0.05 : 0.001)),
    },
    'open-interest': {
      everyMs: HOUR_MS,
      delayMs: HOUR_MS,
      values: () => ({ openInterest: (openInterest *= 1 + (next() - 0.5) * 0.08) }),
    },
    'exchange-flows': {
      everyMs: DAY_MS,
      delayMs: 30 * HOUR_MS,
      values: () => ({ inflow: next() * 100, outflow: next() * 100, supply: 8000 + next() }),
    },
    confirmation: {
      everyMs: HOUR_MS / 2,
      delayMs: 1000,
      values: () => ({
        long: side(),
        short: side(),
        veto: count(4) === 0 ? 1 : 0,
        available: count(5) === 0 ? 0 : 1,
      }),
    },
  }
  const side = (): number => (count(4) === 0 ? NaN : next() * 2 - 1)
  const funding = (rate8h: number): Record<string, number> => ({
    rate8h,
    rate: rate8h,
    intervalMs: 8 * HOUR_MS,
  })
  function whaleCounts(): Record<string, number> {
    const longs = count(20)
    const shorts = count(20)
    const tutorialLong = count(55)
    const tutorialShort = count(25)
    return {
      longs,
      shorts,
      wallets: longs + shorts + count(3),
      tutorialLong,
      tutorialShort,
      tutorialWallets: 60,
    }
  }
  return Object.fromEntries(
    Object.entries(plans).map(([name, plan]) => [name, factsOf(plan, start, end, () => next() < 0.15)]),
  )
}

function factsOf(
  { everyMs, delayMs, values }: FactPlan,
  start: number,
  end: number,
  missing: () => boolean,
): FactColumns {
  const times: number[] = []
  for (let at = start; at < end; at += everyMs) if (!missing()) times.push(at)
  const rows = times.map(values)
  const fields = Object.keys(rows[0] ?? {})
  return {
    eventTime: Float64Array.from(times),
    knownAt: Float64Array.from(times, (at) => at + delayMs),
    values: Object.fromEntries(fields.map((field) => [field, Float64Array.from(rows, (row) => row[field]!)])),
  }
}
