import type { Candles, FundingSchedule } from '../../src/core/columns.js'
import type { Instrument } from '../../src/core/instrument.js'
import type { ExitReason, OrderRole } from '../../src/core/orders.js'
import type { Policies } from '../../src/core/policies.js'
import type { BacktestResult, BlockReason } from '../../src/core/result.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { SizeBound } from '../../src/core/trades.js'
import { replay } from '../../src/engine/replay.js'
import type { RiskSettings } from '../../src/risk/settings.js'
import { dataOf, instrumentOf, scriptedStrategy, type Script } from '../engine/scripted.js'

/** Open, high, low, close; `null` where the grid has no bar. */
export type Row = readonly [open: number, high: number, low: number, close: number] | null

/** A settlement at an hour after the start: `[2, 0.01, 100]` is 1 % of a mark of 100 at the open of bar 2; NaN = not recorded. */
export type FundingRow = readonly [hour: number, rate: number, mark: number]

/** One instrument's hourly market, and what its strategy says at each close. */
export interface Market {
  readonly id?: string
  readonly bars: readonly Row[]
  /** One letter a row, as in `scripted.ts`; the letter of a missing bar is a blank. */
  readonly says: string
  readonly score?: readonly number[]
  readonly rearmKey?: readonly number[]
  readonly atr?: readonly number[]
  readonly funding?: readonly FundingRow[]
  readonly instrument?: Partial<Instrument>
}

/** `open 2` and `close 1` are the same instant, two hours after the start: one word says which price it is. */
export type Moment = `${'open' | 'close'} ${number}`

/** A fill as it was worked out on paper. Fees in quote units; an id only where a case has several instruments. */
export type ExpectedFill = readonly [
  at: Moment,
  role: OrderRole,
  side: 'buys' | 'sells',
  quantity: number,
  price: number,
  fee: number,
  id?: string,
]

export type ExpectedTrade = readonly [reason: ExitReason, profit: number]

/** Cells of the grid that a case stands in: order type, side, how the price meets the level. */
export type Cell = `${OrderType} ${'long' | 'short'} ${Meeting}`
export const ORDER_TYPES = [
  'market entry',
  'market exit',
  'stop',
  'target',
  'trailing stop',
  'limit entry',
] as const
export const MEETINGS = ['gap', 'touch', 'through', 'both'] as const
type OrderType = (typeof ORDER_TYPES)[number]
type Meeting = (typeof MEETINGS)[number]

/**
 * A case worked by hand. Unless it says otherwise: 10,000 to start, a perpetual with a tick of 0.5, no lots, no fees, no
 * slippage, shorts allowed, the default risk settings (2 % stop, target at twice that, 10 % of equity at most), positions
 * left open at the end. An entry decided at a close of 100 is then for 10 units, its stop 2 and its target 4 away from the fill.
 */
export interface Scenario {
  readonly name: string
  readonly cells?: readonly Cell[]
  readonly market: Market | readonly Market[]
  /** Hour of the UTC day at which bar 0 opens. */
  readonly startHour?: number
  readonly startingBalance?: number
  readonly risk?: Partial<RiskSettings>
  readonly policies?: Partial<Policies>
  readonly slippageBps?: number
  readonly fills: readonly ExpectedFill[]
  /** In the order in which they closed; left-open ones are not listed. */
  readonly trades?: readonly ExpectedTrade[]
  readonly blocked?: Partial<Record<BlockReason, number>>
  /** Entry orders sent, filled or not. */
  readonly entryOrders?: number
  readonly boundBy?: readonly SizeBound[]
  readonly undecided?: number
  /** Funding received (+) or paid (−) by all trades, open ones included. */
  readonly funding?: number
  readonly flags?: readonly string[]
  readonly finalEquity?: number
  /** The run must end with a DataError whose message holds this. */
  readonly fails?: string
}

const DAY_START = Date.UTC(2024, 0, 1)

function startOf(scenario: Scenario): number {
  return DAY_START + (scenario.startHour ?? 0) * HOUR_MS
}

export function timeOf(scenario: Scenario, moment: Moment): number {
  const [edge, bar] = moment.split(' ') as [string, string]
  return startOf(scenario) + (Number(bar) + (edge === 'close' ? 1 : 0)) * HOUR_MS
}

export function marketsOf({ market }: Scenario): readonly Market[] {
  return 'bars' in market ? [market] : market
}

function candlesOf(market: Market, startTime: number): Candles {
  const openTime: number[] = []
  const rows: Exclude<Row, null>[] = []
  market.bars.forEach((row, hour) => {
    if (row === null) return
    openTime.push(startTime + hour * HOUR_MS)
    rows.push(row)
  })
  const column = (at: 0 | 1 | 2 | 3): Float64Array => Float64Array.from(rows, (row) => row[at])
  return {
    timeframeMs: HOUR_MS,
    openTime: Float64Array.from(openTime),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: Float64Array.from(rows, () => 1),
  }
}

function fundingOf(rows: readonly FundingRow[] | undefined, startTime: number): FundingSchedule | undefined {
  if (rows === undefined) return undefined
  return {
    time: Float64Array.from(rows, ([hour]) => startTime + hour * HOUR_MS),
    rate: Float64Array.from(rows, ([, rate]) => rate),
    mark: Float64Array.from(rows, ([, , mark]) => mark),
  }
}

export function play(scenario: Scenario): BacktestResult {
  const startTime = startOf(scenario)
  const scripts = new Map<Candles, Script>()
  const instruments = marketsOf(scenario).map((market) => {
    if (market.says.length !== market.bars.length) throw new Error('one letter a bar')
    const candles = candlesOf(market, startTime)
    const { says, score, rearmKey, atr } = market
    scripts.set(candles, {
      says: [...says].filter((_, bar) => market.bars[bar] !== null).join(''),
      ...(score && { score }),
      ...(rearmKey && { rearmKey }),
      ...(atr && { atr }),
    })
    const instrument = instrumentOf({ id: market.id ?? 'test:A', tickSize: 0.5, ...market.instrument })
    return dataOf(candles, instrument, fundingOf(market.funding, startTime))
  })
  return replay({
    strategy: scriptedStrategy(scripts, { allowShort: true, ...scenario.risk }),
    instruments,
    startTime,
    endTime: Infinity,
    startingBalance: scenario.startingBalance ?? 10_000,
    costs: { slippageBps: scenario.slippageBps ?? 0 },
    policies: { endOfData: 'leave-open', ...scenario.policies },
  })
}
