import { DEFAULT_POLICIES, type Policies } from '../../src/core/policies.js'
import type { BacktestResult, CostTotals, InstrumentRun } from '../../src/core/result.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import type { Trade } from '../../src/core/trades.js'

export const JANUARY = Date.UTC(2024, 0, 1)

export interface ResultParts {
  readonly startingBalance?: number
  /** Equity after each bar close. */
  readonly equity: readonly number[]
  readonly exposure?: readonly number[]
  /** Default: as the closes. */
  readonly adverse?: readonly number[]
  readonly timeframeMs?: number
  readonly startTime?: number
  readonly trades?: readonly Trade[]
  readonly costs?: CostTotals
  readonly policies?: Partial<Policies>
  readonly instruments?: readonly InstrumentRun[]
}

/** A result with the given equity per bar; the daily equity follows from it by the rule of the last mark at or before 00:00, an unfinished last day at its last mark. */
export function makeResult(parts: ResultParts): BacktestResult {
  const { equity, startingBalance = 10_000, timeframeMs = HOUR_MS, startTime = JANUARY } = parts
  const time = equity.map((_, bar) => startTime + (bar + 1) * timeframeMs)
  const endTime = time.at(-1) ?? startTime
  const dailyTime = [startTime]
  const dailyEquity = [startingBalance]
  for (let day = Math.floor(startTime / DAY_MS) * DAY_MS + DAY_MS; day <= endTime; day += DAY_MS) {
    const bars = time.filter((close) => close <= day).length
    dailyTime.push(day)
    dailyEquity.push(bars === 0 ? startingBalance : (equity[bars - 1] ?? NaN))
  }
  if (endTime > (dailyTime.at(-1) ?? 0)) {
    dailyTime.push(endTime)
    dailyEquity.push(equity.at(-1) ?? startingBalance)
  }
  return {
    strategy: 'made',
    params: {},
    policies: { ...DEFAULT_POLICIES, ...parts.policies },
    timeframeMs,
    startTime,
    endTime,
    startingBalance,
    finalEquity: equity.at(-1) ?? startingBalance,
    instruments: parts.instruments ?? (parts.trades === undefined ? [] : [flatInstrument(time, timeframeMs)]),
    equity: {
      time: Float64Array.from(time),
      equity: Float64Array.from(equity),
      adverse: Float64Array.from(parts.adverse ?? equity),
      exposure: Float64Array.from(parts.exposure ?? equity.map(() => 0)),
    },
    daily: { time: Float64Array.from(dailyTime), equity: Float64Array.from(dailyEquity) },
    trades: parts.trades ?? [],
    fills: [],
    orders: [],
    funnel: {
      bars: equity.length,
      warm: equity.length,
      covered: equity.length,
      signals: 0,
      blocked: {
        'in-position': 0, 'long-and-short': 0, 'exit-on-same-bar': 0, 'not-shortable': 0, 'not-rearmed': 0, halted: 0,
        'order-on-same-bar': 0, 'no-stop': 0, 'no-capital': 0, 'max-positions': 0, 'min-notional': 0, lot: 0, stale: 0,
        'end-of-data': 0,
        'no-price': 0,
        unfilled: 0,
        withdrawn: 0,
        'no-volume': 0,
        delisted: 0,
      }, // prettier-ignore
      entryOrders: 0,
      entryFills: 0,
    },
    costs: parts.costs ?? { fees: 0, slippage: 0, funding: 0 },
    undecidedExits: 0,
    questions: [],
    flags: [],
    path: { kind: 'skipping', reason: undefined, steps: 0, slots: 0 },
  }
}

/** The instrument of `makeTrade`, always at 100. */
function flatInstrument(closes: readonly number[], timeframeMs: number): InstrumentRun {
  const closeTime = Float64Array.from(closes)
  const price = closeTime.map(() => 100)
  const firstOpenTime = (closes[0] ?? JANUARY) - timeframeMs
  return {
    id: 'test:AAA',
    bars: closes.length,
    firstOpenTime,
    lastCloseTime: closes.at(-1) ?? firstOpenTime,
    firstDecisionTime: closes[0] ?? firstOpenTime,
    closeTime,
    close: price,
    open: price,
  }
}

let nextId = 0

/** A closed long trade of one hour that made nothing, but for what is given. */
export function makeTrade(parts: Partial<Trade> = {}): Trade {
  return {
    id: nextId++,
    instrumentId: 'test:AAA',
    side: 1,
    quantity: 1,
    decidedAt: JANUARY,
    entryTime: JANUARY,
    entryBar: 0,
    entryPrice: 100,
    stopPrice: NaN,
    targetPrice: NaN,
    sizeBoundBy: 'risk',
    entryScore: NaN,
    entryCoverage: NaN,
    status: 'closed',
    exitTime: JANUARY + HOUR_MS,
    exitBar: 1,
    exitPrice: 100,
    exitReason: 'signal',
    undecided: false,
    fees: 0,
    slippage: 0,
    funding: 0,
    profit: 0,
    profitFraction: 0,
    maxAdverseExcursion: 0,
    maxFavourableExcursion: 0,
    ...parts,
  }
}
