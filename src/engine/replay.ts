import type { Fill, Order } from '../core/orders.js'
import type { BacktestResult, EquityCurve, InstrumentRun, ReplayPath, RunFlag } from '../core/result.js'
import type { Trade, TradeTable } from '../core/trades.js'
import type { ClosedTrade } from '../trading/commands.js'
import { openTradeRecord, TradeRecord } from '../trading/trade-record.js'
import { CurveKeeper } from './curve.js'
import { excursionsOf } from './excursions.js'
import type { Lane } from './lane.js'
import { effectivePolicies, prepareMarket, requireLeverage } from './market.js'
import type { ReplayOptions } from './options.js'
import { Recorder } from './recorder.js'
import { Simulation } from './simulation.js'
import { forEachTile, loadLanes, strategyTiles } from './tiles.js'
import { TradeLog } from './trade-log.js'
import type { Track } from './track.js'

export { effectivePolicies } from './market.js'

/**
 * Replays history through the very functions that paper and live sessions decide by, and keeps everything: orders, fills, trades, the
 * equity of every bar. By default bars on which nothing can happen are skipped; `path: 'bar-by-bar'` visits every one, for the same result.
 * O(bars) to lay the input out and mark the curve, else O(what happens).
 *
 * Throws ConfigError for settings that cannot be run, DataError for candles or funding that cannot be trusted.
 */
export function replay(options: ReplayOptions): BacktestResult {
  const market = prepareMarket(options)
  const { strategy } = options
  requireLeverage(market, strategy.risk.leverage)
  const recorder = new Recorder()
  let curve: CurveKeeper | undefined
  const rules = { risk: strategy.risk, policies: effectivePolicies(options), decide: strategy.decide }
  const simulation = new Simulation(market, rules, (owner) => (curve = new CurveKeeper(owner)), recorder)
  const trades = new TradeLog(market.tracks.map(({ data }) => data.instrument.id))
  const ended = new TradeRecord()
  simulation.state.tradeListener = {
    tradeEnded: (book) => addTrade(trades, simulation, ended.take(book), 'closed'),
  }
  simulation.venue.onQuestion = (book, isAnswered) =>
    recorder.asked(book, simulation.state.now - market.timeline.timeframeMs, isAnswered)
  const signals = market.tracks.map((track) => strategyTiles(strategy, track))
  const counts = { warm: 0, usable: 0 }
  const byBar = options.path === 'bar-by-bar'
  forEachTile(market, signals, (from, to) => {
    loadLanes(simulation, signals, 0)
    for (const lane of simulation.lanes) counts.usable += usableBars(lane, from, to)
    if (byBar) simulation.advanceByBar(from, to)
    else simulation.advance(from, to)
  })
  market.tracks.forEach((track, index) => {
    counts.warm += warmBars(track, signals[index]?.warmUpBars(0) ?? 0)
  })
  simulation.finish()
  if (rules.policies.endOfData === 'close') (curve as CurveKeeper).remark(simulation.state.equity())
  const firstDecision = signals.map((tiles) => tiles.warmUpBars(0))
  if (rules.policies.endOfData === 'leave-open') addOpenTrades(trades, simulation)
  return resultOf(options, simulation, curve as CurveKeeper, recorder, trades, counts, firstDecision, byBar)
}

function usableBars(lane: Lane, from: number, to: number): number {
  const { usable, track } = lane
  const start = Math.max(from, track.firstSlot) + track.shift
  const end = Math.min(to, track.lastSlot + 1) + track.shift
  if (track.slotOfBar === undefined) return usable.count(start, end)
  let bars = 0
  for (let row = usable.peek(start); row < end; row = usable.peek(row + 1)) if (lane.hasBar(row)) bars++
  return bars
}

function warmBars({ firstBar, endBar }: Track, warmUpBars: number): number {
  return Math.max(0, endBar - Math.max(firstBar, warmUpBars))
}

function resultOf(
  options: ReplayOptions,
  simulation: Simulation,
  curve: CurveKeeper,
  recorder: Recorder,
  trades: TradeLog,
  counts: { readonly warm: number; readonly usable: number },
  warmUps: readonly number[],
  byBar: boolean,
): BacktestResult {
  const { market, state, lanes } = simulation
  const { openTime, timeframeMs } = market.timeline
  const { policies } = state.config
  const endTime = (openTime[openTime.length - 1] as number) + timeframeMs
  for (const { signalsInPosition, signalsNotShortable, signalsOnExit } of lanes) {
    recorder.blockedAtOnce('in-position', signalsInPosition)
    recorder.blockedAtOnce('not-shortable', signalsNotShortable)
    recorder.blockedAtOnce('exit-on-same-bar', signalsOnExit)
  }
  const equity = curve.curve()
  let list: readonly Trade[] | undefined
  let table: TradeTable | undefined
  let fills: readonly Fill[] | undefined
  let orders: readonly Order[] | undefined
  const result: BacktestResult = {
    strategy: options.strategy.name,
    params: options.strategy.params,
    policies,
    timeframeMs,
    startTime: openTime[0] as number,
    endTime,
    startingBalance: market.startingBalance,
    finalEquity: state.equity(),
    instruments: lanes.map(({ track }, index) => summaryOf(track, warmUps[index] ?? 0, equity)),
    equity,
    daily: curve.daily(),
    // Made when they are asked for: most who measure a run never do.
    get trades() {
      return (list ??= trades.list())
    },
    get fills() {
      return (fills ??= recorder.fills.list())
    },
    get orders() {
      return (orders ??= recorder.orders.list())
    },
    funnel: {
      bars: lanes.reduce((sum, { track }) => sum + track.endBar - track.firstBar, 0),
      warm: counts.warm,
      covered: counts.usable,
      signals: recorder.signals,
      blocked: recorder.reasons,
      entryOrders: recorder.entryOrders,
      entryFills: recorder.entryFills,
    },
    costs: trades.costs(),
    undecidedExits: trades.undecided,
    questions: recorder.questions,
    flags: flagsOf(simulation, recorder, trades, curve.ruinedSlots, endTime),
    path: pathOf(simulation, byBar),
  }
  return Object.defineProperty(result, 'tradeTable', { get: () => (table ??= trades.table()) })
}

function pathOf({ state, steps, market }: Simulation, byBar: boolean): ReplayPath {
  const decides = state.config.decide !== undefined
  const reason = byBar
    ? 'asked for'
    : decides
      ? 'the strategy decides with its position in view, so it is asked on every bar'
      : undefined
  return {
    kind: reason === undefined ? 'skipping' : 'bar-by-bar',
    reason,
    steps,
    slots: market.timeline.openTime.length,
  }
}

/** Positions that a policy leaves open at the end of the data, as if they ended there. */
function addOpenTrades(trades: TradeLog, simulation: Simulation): void {
  const { state, lanes } = simulation
  for (const { book, track } of lanes) {
    if (book.position.quantity === 0) continue
    const fundingIndex = state.fundingIndex[track.index] as number
    const record = openTradeRecord(book, state.now, fundingIndex, state.marks[track.index] as number)
    addTrade(trades, simulation, record, 'open')
  }
}

function addTrade(
  trades: TradeLog,
  { market, state }: Simulation,
  closed: ClosedTrade,
  status: Trade['status'],
): void {
  const track = market.tracks[closed.instrument] as Track
  const fillsAtClose =
    state.config.policies.fillAt === 'same-close' && state.config.risk.entry.kind === 'market'
  trades.add(closed, status, excursionsOf(closed, track, fillsAtClose))
}

function flagsOf(
  { lanes, market, venue }: Simulation,
  recorder: Recorder,
  trades: TradeLog,
  ruinedSlots: number,
  endTime: number,
): RunFlag[] {
  const flags: RunFlag[] = []
  const add = (code: string, count: number, message: string): void => {
    if (count > 0) flags.push({ code, count, message })
  }
  add(
    'funding-mark-missing',
    lanes.reduce((sum, { chargedWithoutMark }) => sum + chargedWithoutMark, 0),
    'funding settlements charged on the last close before them: no mark price was recorded',
  )
  add(
    'funding-rate-missing',
    lanes.reduce((sum, { book }) => sum + book.missingFunding, 0),
    'funding settlements not charged: no rate was recorded while a position was held',
  )
  add(
    'bars-missing',
    lanes.reduce((sum, { track }) => sum + missingBars(track), 0),
    'bars missing from the grid inside the run',
  )
  add(
    'bars-ended-early',
    lanes.filter(
      ({ track }) => track.delistSlot > market.timeline.openTime.length && lastCloseOf(track) < endTime,
    ).length,
    'instruments whose bars end before the run does: what was held then was carried at the last close, and closed there at the end',
  )
  add(
    'order-stale',
    recorder.reasons.stale,
    'entries given up because the next bar came more than one interval late',
  )
  add(
    'liquidation-on-last',
    trades.countEnded('liquidation', (instrument) => market.tracks[instrument]?.mark === undefined),
    'positions liquidated on last prices: no mark prices were given',
  )
  add(
    'volume-unknown',
    venue.exitsWithoutVolume,
    'exits filled whole although the volume before them was unknown',
  )
  add('equity-not-positive', ruinedSlots, 'bars closed with no equity left')
  return flags
}

function lastCloseOf({ data: { candles }, endBar }: Track): number {
  return (candles.openTime[endBar - 1] as number) + candles.timeframeMs
}

function missingBars({ data: { candles }, firstBar, endBar }: Track): number {
  const span = (candles.openTime[endBar - 1] as number) - (candles.openTime[firstBar] as number)
  return Math.round(span / candles.timeframeMs) + 1 - (endBar - firstBar)
}

/** Columns of the instrument's bars of the run: views of the candles and, where none of its bars is missing, of the account's times. */
function summaryOf(track: Track, warmUpBars: number, equity: EquityCurve): InstrumentRun {
  const { data, firstBar, endBar, slotOfBar, firstSlot, lastSlot } = track
  const { candles, instrument } = data
  const { timeframeMs } = candles
  let closeTime: Float64Array | undefined
  return {
    id: instrument.id,
    bars: endBar - firstBar,
    firstOpenTime: candles.openTime[firstBar] as number,
    lastCloseTime: (candles.openTime[endBar - 1] as number) + timeframeMs,
    firstDecisionTime:
      (candles.openTime[Math.min(Math.max(firstBar, warmUpBars), endBar - 1)] as number) + timeframeMs,
    // Made when it is asked for, of no more than that needs: a result that is kept holds on to no other columns.
    get closeTime() {
      return (closeTime ??= closeTimesOf({ slotOfBar, firstSlot, lastSlot }, equity.time))
    },
    close: candles.close.subarray(firstBar, endBar),
    open: candles.open.subarray(firstBar, endBar),
  }
}

function closeTimesOf(
  { slotOfBar, firstSlot, lastSlot }: Pick<Track, 'slotOfBar' | 'firstSlot' | 'lastSlot'>,
  times: Float64Array,
): Float64Array {
  if (slotOfBar === undefined) return times.subarray(firstSlot, lastSlot + 1)
  const closes = new Float64Array(slotOfBar.length)
  for (let at = 0; at < slotOfBar.length; at++) closes[at] = times[slotOfBar[at] as number] as number
  return closes
}
