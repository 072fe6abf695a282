import type { Candles } from '../../src/core/columns.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import type { JournalRow } from '../../src/runner/journal-file.js'
import { journalText } from '../../src/runner/journal-text.js'
import type { PaperSessionSettings } from '../../src/runner/paper-session.js'
import type { RowSink } from '../../src/runner/recovery.js'
import { above, below, compileStrategy, close, defineStrategy, fact, sma } from '../../src/index.js'
import { HOUR_MS } from '../../src/core/time.js'
import { dataOf, instrumentOf } from '../engine/scripted.js'
import { walk } from '../features/candles.js'
import { settingsOf } from './as-session.js'

/** Trades often, both ways, on a fact and on prices, with a limit on the day's loss. */
const busy = compileStrategy(
  defineStrategy({
    name: 'busy',
    description: '',
    params: {},
    features: () => ({ fast: sma(close, 2), slow: sma(close, 6), mood: fact('mood', 'value') }),
    enterLong: (f) => above(f.fast, f.slow),
    enterShort: (f) => below(f.fast, f.slow),
    risk: () => ({
      allowShort: true,
      reversal: true,
      dailyLossLimit: 0.0025,
      stop: { kind: 'percent', fraction: 0.01 },
      target: {
        kind: 'ladder',
        rungs: [
          { at: { kind: 'reward-to-risk', ratio: 1 }, share: 0.5 },
          { at: { kind: 'reward-to-risk', ratio: 2 }, share: 0.5 },
        ],
      },
    }),
  }),
)

function cut(candles: Candles, bars: number): Candles {
  const part = (column: Float64Array): Float64Array => column.slice(0, bars)
  const { openTime, open, high, low, close: closes, volume } = candles
  return {
    ...candles,
    openTime: part(openTime),
    open: part(open),
    high: part(high),
    low: part(low),
    close: part(closes),
    volume: part(volume),
  }
}

/** Two instruments, some warm-up, funding and facts: everything that a journal holds, in few bars. */
export function smallOptions(bars: number): ReplayOptions {
  const instruments = ['test:A', 'test:B'].map((id, index) => {
    const candles = cut(walk(200, 20 + index), bars)
    const start = candles.openTime[0] as number
    const every = Float64Array.from({ length: Math.ceil(bars / 3) }, (_, at) => start + at * 3 * HOUR_MS)
    const funding = { time: every, rate: every.map((_, at) => (at % 2) / 2_000), mark: every.map(() => NaN) }
    const mood = { eventTime: every, knownAt: every.map((time) => time + 1), values: { value: every.map((_, at) => at) } } // prettier-ignore
    return dataOf(candles, instrumentOf({ id, takerFee: 0.0005, makerFee: 0.0002 }), funding, { mood })
  })
  return {
    strategy: busy,
    instruments,
    startTime: instruments[0]?.candles.openTime[6] as number,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 2 },
    policies: { endOfData: 'leave-open' },
  }
}

export function paperSettings(options: ReplayOptions): PaperSessionSettings {
  return {
    ...settingsOf(options),
    id: 'small',
    costs: options.costs,
    strategyHash: 'none',
    data: 'invented for a test',
  }
}

/** A power loss: nothing after it happens, and what was not committed is gone. */
export class PowerLoss extends Error {}

/** A journal in memory whose power goes at the n-th write, appends and commits alike. */
export class MemoryJournal implements RowSink {
  readonly path: string = 'memory'
  readonly durable: JournalRow[]
  writes: number = 0
  private noted: JournalRow[] = []
  private readonly dieAt: number

  constructor(durable: readonly JournalRow[] = [], dieAt: number = Infinity) {
    this.durable = [...durable]
    this.dieAt = dieAt
  }

  append(kind: string, body: unknown): void {
    this.write()
    this.noted.push({ seq: this.durable.length + this.noted.length + 1, kind, text: journalText(body) })
  }

  commit(): void {
    if (this.noted.length === 0) return
    this.write()
    this.durable.push(...this.noted)
    this.noted = []
  }

  private write(): void {
    if (++this.writes >= this.dieAt) throw new PowerLoss()
  }
}
