import type { Candles, FundingSchedule } from '../../src/core/columns.js'
import type { Instrument, InstrumentTerms, TermsChange } from '../../src/core/instrument.js'
import type { ExitReason, OrderRole } from '../../src/core/orders.js'
import type { Policies } from '../../src/core/policies.js'
import type { BacktestResult, BlockReason } from '../../src/core/result.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { SizeBound } from '../../src/core/trades.js'
import type { CostSettings, InstrumentData, MarkCandles, ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import type { RiskSettings } from '../../src/risk/settings.js'
import { dataOf, instrumentOf, scriptedStrategy, type Script } from '../engine/scripted.js'

/** Open, high, low, close; `null` where the grid has no bar. */
export type Row = readonly [open: number, high: number, low: number, close: number] | null

/** A settlement at an hour after the start: `[2, 0.01, 100]` is 1 % of a mark of 100 at the open of bar 2; NaN = not recorded. */
export type FundingRow = readonly [hour: number, rate: number, mark: number]

/** Open, high, low of the mark price. */
export type MarkRow = readonly [open: number, high: number, low: number]

/** Terms that hold from an hour after the start on. */
export interface ChangeRow extends Partial<InstrumentTerms> {
  readonly hour: number
}

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
  /** Base units traded in each row, NaN = not recorded; 1 where none are given. */
  readonly volume?: readonly number[]
  /** One a row. */
  readonly mark?: readonly MarkRow[]
  readonly instrument?: Partial<Instrument>
  readonly changes?: readonly ChangeRow[]
  /** Hours after the start. */
  readonly listed?: number
  readonly delisted?: number
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

/** The exit price only where it is the average of several. */
export type ExpectedTrade = readonly [reason: ExitReason, profit: number, exitPrice?: number]

/** Cells of the grid that a case stands in: order type, side, how the price meets the level. */
export type Cell = `${OrderType} ${'long' | 'short'} ${Meeting}`
export const ORDER_TYPES = [
  'market entry',
  'market exit',
  'stop',
  'target',
  'trailing stop',
  'limit entry',
  'stop entry',
  'ladder rung',
  'liquidation',
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
  /** Bars before it only warm up. */
  readonly firstBar?: number
  readonly startingBalance?: number
  readonly risk?: Partial<RiskSettings>
  readonly policies?: Partial<Policies>
  readonly slippageBps?: number
  readonly costs?: Partial<CostSettings>
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
  /** Lost to slippage, half spread and rounding by all trades, open ones included. */
  readonly slippage?: number
  readonly flags?: readonly string[]
  readonly finalEquity?: number
  /** The run must end with a DataError whose message holds this. */
  readonly fails?: string
  /** The run must not begin: a ConfigError whose message holds this. */
  readonly refused?: string
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

/** What was typed a row, of the rows that are bars. */
function ofBars<T>(market: Market, values: readonly T[]): readonly T[] {
  if (values.length !== market.bars.length) throw new Error('one value a row')
  return values.filter((_, row) => market.bars[row] !== null)
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
    volume: Float64Array.from(ofBars(market, market.volume ?? market.bars.map(() => 1))),
  }
}

function markOf(market: Market): MarkCandles | undefined {
  if (market.mark === undefined) return undefined
  const rows = ofBars(market, market.mark)
  const column = (at: 0 | 1 | 2): Float64Array => Float64Array.from(rows, (row) => row[at])
  return { open: column(0), high: column(1), low: column(2) }
}

function fundingOf(rows: readonly FundingRow[] | undefined, startTime: number): FundingSchedule | undefined {
  if (rows === undefined) return undefined
  return {
    time: Float64Array.from(rows, ([hour]) => startTime + hour * HOUR_MS),
    rate: Float64Array.from(rows, ([, rate]) => rate),
    mark: Float64Array.from(rows, ([, , mark]) => mark),
  }
}

function instrumentIn(market: Market, startTime: number): Instrument {
  const timeAt = (hour: number): number => startTime + hour * HOUR_MS
  const { changes, listed, delisted } = market
  return instrumentOf({
    id: market.id ?? 'test:A',
    tickSize: 0.5,
    ...market.instrument,
    ...(changes && {
      changes: changes.map(({ hour, ...terms }): TermsChange => ({ from: timeAt(hour), ...terms })),
    }),
    ...(listed !== undefined && { listedAt: timeAt(listed) }),
    ...(delisted !== undefined && { delistedAt: timeAt(delisted) }),
  })
}

export type ReplayPathKind = NonNullable<ReplayOptions['path']>

export function play(scenario: Scenario, path: ReplayPathKind): BacktestResult {
  const startTime = startOf(scenario)
  const scripts = new Map<Candles, Script>()
  const instruments = marketsOf(scenario).map((market): InstrumentData => {
    if (market.says.length !== market.bars.length) throw new Error('one letter a bar')
    const candles = candlesOf(market, startTime)
    const mark = markOf(market)
    const { says, score, rearmKey, atr } = market
    scripts.set(candles, {
      says: [...says].filter((_, bar) => market.bars[bar] !== null).join(''),
      ...(score && { score }),
      ...(rearmKey && { rearmKey }),
      ...(atr && { atr }),
    })
    const data = dataOf(candles, instrumentIn(market, startTime), fundingOf(market.funding, startTime))
    return { ...data, ...(mark && { mark }) }
  })
  return replay({
    strategy: scriptedStrategy(scripts, { allowShort: true, ...scenario.risk }),
    instruments,
    startTime: startTime + (scenario.firstBar ?? 0) * HOUR_MS,
    endTime: Infinity,
    startingBalance: scenario.startingBalance ?? 10_000,
    costs: { slippageBps: scenario.slippageBps ?? 0, ...scenario.costs },
    policies: { endOfData: 'leave-open', ...scenario.policies },
    path,
  })
}
