import { known, unknown, type Statistic } from '../metrics/statistic.js'
import type { ComparedTrade } from './comparison.js'

/** How far runs did the same. Row i, column j: of what run i did, the share that run j did too. */
export interface TradeOverlap {
  /** Trades with the same instrument, side and entry time. */
  readonly sameEntries: readonly (readonly Statistic[])[]
  /** Time in positions of the same instrument and side, over all time in positions. */
  readonly sharedTime: readonly (readonly Statistic[])[]
}

type Spans = ReadonlyMap<string, readonly (readonly [from: number, to: number])[]>

/** Compares the trades of every pair of runs. Positions of one run in one instrument never overlap each other. O(runs² · trades). */
export function tradeOverlap(runs: readonly (readonly ComparedTrade[])[]): TradeOverlap {
  const entries = runs.map((trades) => new Set(trades.map(entryOf)))
  const spans = runs.map(spansOf)
  return {
    sameEntries: entries.map((own) =>
      entries.map((others) => {
        const shared = [...own].filter((entry) => others.has(entry)).length
        return own.size === 0 ? unknown('no trade') : known(shared / own.size)
      }),
    ),
    sharedTime: spans.map((own) =>
      spans.map((others) => {
        const time = sharedTime(own, own)
        return time === 0 ? unknown('no time in a position') : known(sharedTime(own, others) / time)
      }),
    ),
  }
}

function positionOf({ instrumentId, side }: ComparedTrade): string {
  return `${instrumentId} ${side}`
}

function entryOf(trade: ComparedTrade): string {
  return `${positionOf(trade)} ${trade.entryTime}`
}

function spansOf(trades: readonly ComparedTrade[]): Spans {
  const spans = new Map<string, [number, number][]>()
  for (const trade of trades) {
    const list = spans.get(positionOf(trade)) ?? []
    list.push([trade.entryTime, trade.exitTime])
    spans.set(positionOf(trade), list)
  }
  for (const list of spans.values()) list.sort((a, b) => a[0] - b[0])
  return spans
}

/** Time that lies in spans of both, ms. */
function sharedTime(first: Spans, second: Spans): number {
  let time = 0
  for (const [position, own] of first) {
    const others = second.get(position) ?? []
    for (let i = 0, j = 0; i < own.length && j < others.length;) {
      const [a, b] = [own[i]!, others[j]!]
      time += Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0]))
      if (a[1] < b[1]) i++
      else j++
    }
  }
  return time
}
