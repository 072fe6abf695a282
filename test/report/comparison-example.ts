import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { computeMetrics } from '../../src/metrics/index.js'
import type { ComparedRun, ComparedTrade } from '../../src/report/comparison.js'
import { exampleResult } from './example.js'

export const START: number = Date.UTC(2030, 0, 1)

/** A run of some days of hourly bars whose equity is a function of the bar. */
export function comparedRun(
  changes: Partial<ComparedRun> = {},
  days: number = 60,
  equityOf: (bar: number) => number = (bar) => 10_000 + bar,
): ComparedRun {
  const startTime = changes.startTime ?? START
  const bars = days * 24
  const time = Float64Array.from({ length: bars }, (_, bar) => startTime + (bar + 1) * HOUR_MS)
  const equity = time.map((_, bar) => equityOf(bar + 1))
  const edges = Float64Array.from({ length: days + 1 }, (_, day) => startTime + day * DAY_MS)
  const balance = changes.startingBalance ?? 10_000
  const result = exampleResult({
    startTime,
    endTime: startTime + bars * HOUR_MS,
    startingBalance: balance,
    finalEquity: equity.at(-1)!,
    equity: { time, equity, adverse: equity, exposure: equity.map(() => 0.1) },
    daily: { time: edges, equity: edges.map((_, day) => (day === 0 ? balance : equity[day * 24 - 1]!)) },
  })
  return {
    id: 'example-0123456789ab',
    strategy: 'example',
    preset: undefined,
    synthetic: false,
    startingBalance: balance,
    timeframeMs: HOUR_MS,
    startTime,
    endTime: result.endTime,
    instruments: [{ id: 'test:AAA-PERP', quote: 'USDT' }],
    dataHash: 'd'.repeat(64),
    decisionCode: 'c'.repeat(64),
    inputs: new Map([['strategy.params.fast', '10']]),
    metrics: computeMetrics(result),
    equity: { time, equity },
    trades: Array.from({ length: 40 }, (_, index) => trade(index * 20, index * 20 + 10)),
    ...changes,
  }
}

/** A long position from one hour to another. */
export function trade(fromHour: number, toHour: number, more: Partial<ComparedTrade> = {}): ComparedTrade {
  return {
    instrumentId: 'test:AAA-PERP',
    side: 1,
    entryTime: START + fromHour * HOUR_MS,
    exitTime: START + toHour * HOUR_MS,
    ...more,
  }
}
