import type { ExitReason, Side } from '../../src/core/orders.js'
import type { Policies } from '../../src/core/policies.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import type { Script } from '../engine/scripted.js'
import { addsAtOpen, decideEntry, enterAtClose, enterAtOpen, enterInside } from './entries.js'
import { exitAllowance, fillExit } from './fills.js'
import { ratchet } from './levels.js'
import {
  barAt,
  barOfResult,
  sayingOf,
  takerPrice,
  termsAt,
  volumeBudget,
  type Bar,
  type Saying,
} from './market.js'
import { equityOf } from './money.js'
import {
  leavesAtOpen,
  protectAfterEntryInside,
  protectAtOpen,
  protectInside,
  startExit,
} from './protection.js'
import { settleArrivals, settleAtOpen, settleBefore, settleInside } from './settlements.js'
import type { Market, ModelResult, ModelTrade, Moment, World } from './world.js'

const DAY_MS = 86_400_000

/** A market whose bar is under way. */
interface Due {
  readonly market: Market
  readonly bar: Bar
  readonly saying: Saying
  readonly atOpen: Moment
  readonly inside: Moment
  readonly atClose: Moment
}

/**
 * The whole engine once more, bar by bar and as plainly as it goes, from the documents alone. `scripts` are what the strategy says
 * of each instrument of the options, in their order. Throws MissingRate where the policy is to fail on one.
 *
 * Where the documents are silent or leave two readings, this is the one taken.
 *
 * Money and size
 * - Sizes are by the equity of the mark at the decision's close, before anything fills at that close. Sized at the fill, they are by
 *   the account as it is then, at the last closes.
 * - Under `same-close` all decisions of a close come before its fills: what an exit frees at it counts for slots, not for money.
 * - Conviction does not scale a size that is a share of the cash, and the largest position does not cap it.
 * - A reversal may spend the position's margin and its result at the last close, less the taker fee at that close.
 * - Entries that are out reserve their cost at the decisions of others, a market order at the last close. At a fill only what is held counts, and `maxPositions` is
 *   checked again against the positions of other instruments.
 * - A limit reserves the taker fee and is fitted with the larger of both; its minimum notional is asked of the whole order at the price of its first fill, not
 *   of what the volume lets through, nor of what is left for later. First it is fitted, then the volume cuts the fill.
 * - Average entry is that of what is held: it differs from that of all entry fills only where a rung filled between two of them.
 *
 * Decisions
 * - Reasons to leave at one close go daily loss, time, signal, stale signal. A bar that decides an exit enters nothing, unless a
 *   reversal does. A bar that decides an exit does not arm, under `same-close` either.
 * - A reversal also turns around what an earlier exit is still leaving.
 * - Re-arming by a newer fact compares with the last entry that filled, on whichever side.
 * - The day's equity for the daily loss is the last mark's, before what filled at that close. The daily rows are the marks with what
 *   filled at them; a run's first and last instants are rows too.
 * - A further fill of an entry sets the trailing stop as from its average, with the range of the decision, where that is tighter.
 *
 * Inside a bar
 * - Under `stop-first` too a stop that is touched together with a target is undecided, unless the open had passed a target or rung.
 * - At the open, funding comes first for whoever held before, except that under `adverse-only` a position that leaves at that open has its
 *   part at its fill; who has come at the open pays after all fills there. Settlements inside a bar are charged when it is over.
 * - Of a position with units from before the open and units that came at it or later, the former leave first.
 * - Where more of an entry comes at the open of a settlement, what was held receives before it, even if its stop or target fills at that open,
 *   and pays after it: no money is set aside for that.
 * - What leaves a position inside a bar has seen a beginning of its settlements, and so has the rest of it; what comes to it after that has not.
 *   In and out inside one bar: first the ending of its settlements that costs an entry most, then the beginning of that which costs an
 *   exit most, though some other stretch may cost more.
 * - Of stop and liquidation the one that the price meets first acts (for a long the higher one), among those that were touched.
 * - Where the volume let a rung that the open had passed fill in part only, nothing is left for stop or other rungs: their order is no question.
 *
 * Orders that live on
 * - What is left of an entry waits while its position is leaving, and ends with it, or after its one more bar; no signal withdraws it, nor a market order that
 *   has not filled yet. Until then it reserves its cost, and
 *   no other entry of the instrument is decided; its slot is its position's.
 * - The one more bar of an entry cut by the volume is the next on the grid, within `lifeBars` or not, whatever `staleOrders` says.
 * - An entry that finds the opposite position still held waits, and is not yet short of volume; a market order that has not filled grows old.
 * - While an exit at market is out only liquidation acts: the exit has used the bar's volume up. An exit cut by the volume is never too old
 *   for missing bars before its first fill.
 * - At its last close a delisted instrument is not entered; what then is still held is closed after all that was decided and filled there. Bars before the
 *   listing are not counted. At the end of the data the terms are those of the end of the run.
 */
export function naiveReplay(
  options: ReplayOptions,
  scripts: readonly Script[],
  defaults: Policies,
): ModelResult {
  const world = worldOf(options, scripts, defaults)
  const openTimes = world.markets.flatMap(({ data, first, end }) => [
    ...data.candles.openTime.slice(first, end),
  ])
  for (const openTime of [...new Set(openTimes)].sort((one, other) => one - other)) playBar(world, openTime)
  endRun(world)
  return resultOf(world)
}

function worldOf(options: ReplayOptions, scripts: readonly Script[], defaults: Policies): World {
  const ranges = options.instruments.map((data) => replayedBars(options, data))
  const endTime = Math.max(
    ...ranges.map(([, end], index) => {
      const { candles } = options.instruments[index] as ReplayOptions['instruments'][number]
      return end === 0 ? -Infinity : (candles.openTime[end - 1] as number) + candles.timeframeMs
    }),
  )
  const policies = { ...defaults, ...options.strategy.policies, ...options.policies }
  return {
    options,
    risk: options.strategy.risk,
    policies,
    endTime,
    markets: options.instruments.map((data, index) => {
      const [first, end] = ranges[index] as readonly [number, number]
      const { delistedAt } = data.instrument
      return {
        index,
        data,
        script: scripts[index] as Script,
        first,
        end,
        isDelisted: delistedAt !== undefined && delistedAt <= endTime,
        bar: first - 1,
        lastClose: data.candles.close[first - 1] ?? NaN,
        position: undefined,
        entry: undefined,
        exit: undefined,
        isLongArmed: true,
        isShortArmed: true,
        keyAtEntry: NaN,
        lastUsableClose: NaN,
        hadProtectiveFill: false,
        enteredInside: false,
        hasDecidedExit: false,
        budget: Infinity,
        closeBudget: Infinity,
        nextSettlement: 0,
      }
    }),
    cash: options.startingBalance,
    equityAtMark: options.startingBalance,
    dayStart: -Infinity,
    dayEquity: options.startingBalance,
    marks: [],
    isHalted: false,
    nextOrderId: 1,
    fills: [],
    trades: [],
  }
}

/** The bars from the start, or the listing, to the end, or the delisting: [first, end). */
function replayedBars(
  { startTime, endTime }: ReplayOptions,
  { candles, instrument }: ReplayOptions['instruments'][number],
): readonly [number, number] {
  const from = Math.max(startTime, instrument.listedAt ?? -Infinity)
  const to = Math.min(endTime, instrument.delistedAt ?? Infinity)
  const opens = [...candles.openTime]
  return [
    opens.filter((time) => time < from).length,
    opens.filter((time) => time + candles.timeframeMs <= to).length,
  ]
}

function playBar(world: World, openTime: number): void {
  const { timeframeMs } = (world.options.instruments[0] as ReplayOptions['instruments'][number]).candles
  const closeTime = openTime + timeframeMs
  beginDay(world, closeTime)
  for (const market of world.markets) settleBefore(world, market, openTime)
  const due = world.markets.flatMap((market) => dueAt(world, market, openTime))
  for (const one of due) dropOldOrders(world, one)
  for (const market of world.markets) {
    const bar = due.find((one) => one.market === market)?.bar
    const leaves = bar !== undefined && leavesAtOpen(world, market, bar)
    const adds = bar !== undefined && addsAtOpen(world, market, bar)
    settleAtOpen(world, market, openTime, leaves, adds)
  }
  for (const one of due) exitAtOpen(world, one)
  for (const { market, bar, atOpen } of byOrder(due)) enterAtOpen(world, market, bar, atOpen)
  for (const { market, bar, atOpen } of due) protectAtOpen(world, market, bar, atOpen)
  for (const market of world.markets) settleArrivals(world, market, openTime)
  for (const { market, bar, inside } of due) protectInside(world, market, bar, inside)
  for (const one of byOrder(due)) enterInsideBar(world, one)
  for (const market of world.markets) settleInside(world, market, closeTime)
  for (const { market, bar, saying, atOpen } of due) {
    market.lastClose = bar.close
    if (market.position !== undefined)
      ratchet(world, market.position, bar, market.enteredInside, saying.atr, atOpen.terms)
  }
  checkDailyLoss(world, closeTime)
  for (const one of due) reviewEntry(world, one)
  for (const one of due) decideExit(world, one, closeTime)
  decideEntries(world, due)
  if (world.policies.fillAt === 'same-close') fillAtClose(world, due)
  for (const one of due) if (isLastOfAll(one)) delist(world, one)
  world.marks.push({ time: closeTime, equity: equityOf(world) })
}

function dueAt(world: World, market: Market, openTime: number): Due[] {
  const bar = market.bar + 1
  if (bar >= market.end || market.data.candles.openTime[bar] !== openTime) return []
  market.bar = bar
  market.hadProtectiveFill = false
  market.enteredInside = false
  market.hasDecidedExit = false
  market.budget = volumeBudget(market.data, world.options.costs, bar)
  market.closeBudget = volumeBudget(market.data, world.options.costs, bar + 1)
  const { costs } = world.options
  const found = barAt(market.data, bar)
  const atOpenTerms = termsAt(market.data, costs, openTime)
  return [
    {
      market,
      bar: found,
      saying: sayingOf(market.script, bar),
      atOpen: { at: 'open', time: openTime, terms: atOpenTerms },
      inside: { at: 'inside', time: found.closeTime, terms: atOpenTerms },
      atClose: { at: 'close', time: found.closeTime, terms: termsAt(market.data, costs, found.closeTime) },
    },
  ]
}

/** Those with an entry out, oldest order first. */
function byOrder(due: readonly Due[]): readonly Due[] {
  const id = ({ market }: Due): number => market.entry?.id ?? Infinity
  return due.filter(({ market }) => market.entry !== undefined).sort((one, other) => id(one) - id(other))
}

/** Orders that the gap before this bar has made too old. */
function dropOldOrders({ policies }: World, { market, bar }: Due): void {
  const { entry, exit } = market
  const { timeframeMs } = market.data.candles
  const isOld = (since: number): boolean => bar.openTime - since > timeframeMs
  if (entry !== undefined && bar.openTime >= entry.deadline) market.entry = undefined
  const isUnfilled = entry?.kind === 'market' && entry.filled === 0 && !entry.isOnItsLastBar
  if (isUnfilled && policies.staleOrders !== 'fill' && isOld(entry.decidedAt)) market.entry = undefined
  if (exit !== undefined && policies.staleOrders === 'cancel-all' && isOld(exit.waitsSince))
    market.exit = undefined
}

function exitAtOpen(world: World, { market, bar, atOpen }: Due): void {
  if (market.exit !== undefined) leave(world, market, market.exit.reason, bar.open, atOpen)
  if (market.exit !== undefined) market.exit.waitsSince = bar.closeTime
}

/** Sells or buys back at the market what the volume allows. */
function leave(world: World, market: Market, reason: ExitReason, price: number, moment: Moment): void {
  const { position } = market
  if (position === undefined) return
  const quantity = exitAllowance(market, moment, position.held)
  if (quantity > 0) sell(world, market, reason, quantity, price, moment)
}

function leaveUncapped(
  world: World,
  market: Market,
  reason: ExitReason,
  price: number,
  moment: Moment,
): void {
  market.closeBudget = Infinity
  sell(world, market, reason, market.position?.held ?? 0, price, moment)
}

function sell(
  world: World,
  market: Market,
  reason: ExitReason,
  quantity: number,
  undisturbed: number,
  moment: Moment,
): void {
  const side = (market.position?.side ?? 1) > 0 ? -1 : 1
  const paid = takerPrice(undisturbed, side, world.options.costs, moment.terms)
  fillExit(
    world,
    market,
    'exit',
    reason,
    quantity,
    { paid, undisturbed, feeRate: moment.terms.takerFee },
    moment,
  )
}

function enterInsideBar(world: World, { market, bar, inside }: Due): void {
  const { entry } = market
  if (entry === undefined || entry.kind === 'market') return
  const wasFlat = market.position === undefined
  if (!enterInside(world, market, bar, inside)) return
  market.enteredInside = wasFlat
  protectAfterEntryInside(world, market, bar, entry.kind, inside)
}

/** A new day begins with the equity of the last mark at or before 00:00 UTC. A bar that closes at 00:00 is the old day's. */
function beginDay(world: World, closeTime: number): void {
  const dayStart = Math.floor((closeTime - 1) / DAY_MS) * DAY_MS
  if (dayStart === world.dayStart) return
  world.dayStart = dayStart
  world.dayEquity = world.equityAtMark
  world.isHalted = false
}

/** Halts entries for the day once it has lost more than the limit; the last close of a day halts nothing any more. */
function checkDailyLoss(world: World, closeTime: number): void {
  const { dailyLossLimit } = world.risk
  world.equityAtMark = equityOf(world)
  if (closeTime % DAY_MS === 0) world.isHalted = false
  else if (dailyLossLimit > 0 && world.dayEquity - world.equityAtMark > dailyLossLimit * world.dayEquity)
    world.isHalted = true
}

/** An entry that is still out at a close: withdrawn, expired, or left. */
function reviewEntry(world: World, { market, bar, saying }: Due): void {
  const { entry } = market
  if (entry === undefined) return
  const exits = entry.side > 0 ? saying.exitsLong : saying.exitsShort
  const own = entry.side > 0 ? saying.entersLong : saying.entersShort
  const opposite = entry.side > 0 ? saying.entersShort : saying.entersLong
  const rests = entry.kind !== 'market' && entry.filled === 0
  const isWithdrawn = rests && (world.isHalted || exits || (opposite && !own))
  if (isWithdrawn || bar.closeTime >= entry.deadline) market.entry = undefined
}

function decideExit(world: World, one: Due, closeTime: number): void {
  const { market, saying } = one
  if (saying.isUsable) market.lastUsableClose = closeTime
  const { position } = market
  if (position === undefined || market.exit !== undefined) return
  const reason = exitReason(world, market, saying, closeTime)
  if (reason === undefined) return
  startExit(market, reason, closeTime)
  market.hasDecidedExit = true
}

/** The last bar before the instrument is delisted. */
function isLastOfAll({ market }: Due): boolean {
  return market.isDelisted && market.bar === market.end - 1
}

/** After all that was decided and filled at that close. */
function delist(world: World, { market, bar, atClose }: Due): void {
  market.entry = undefined
  market.exit = undefined
  if (market.position !== undefined) leaveUncapped(world, market, 'delisted', bar.close, atClose)
}

function exitReason(world: World, market: Market, saying: Saying, closeTime: number): ExitReason | undefined {
  const { risk } = world
  const { position } = market
  if (position === undefined) return undefined
  const isLong = position.side > 0
  if (world.isHalted && risk.onDailyLoss === 'flatten') return 'daily-loss'
  if (risk.timeExitBars > 0 && market.bar - position.entryBar >= risk.timeExitBars) return 'time'
  const exits = isLong ? saying.exitsLong : saying.exitsShort
  const own = isLong ? saying.entersLong : saying.entersShort
  const opposite = isLong ? saying.entersShort : saying.entersLong
  if (exits || (opposite && !own)) return 'signal'
  const staleMs = risk.flattenAfterStaleHours * 3_600_000
  if (staleMs > 0 && closeTime - market.lastUsableClose >= staleMs) return 'stale-signal'
  return undefined
}

/** What was decided at this close fills at it, exits first. */
function fillAtClose(world: World, due: readonly Due[]): void {
  for (const { market, bar, atClose } of due)
    if (market.exit !== undefined && market.hasDecidedExit)
      leave(world, market, market.exit.reason, bar.close, atClose)
  for (const { market, bar, atClose } of byOrder(due)) enterAtClose(world, market, bar, atClose)
}

/** Farthest from a score of 0.5 first, then by id. */
function ranked(due: readonly Due[]): readonly Due[] {
  const distance = ({ saying }: Due): number =>
    Number.isNaN(saying.score) ? 0 : Math.abs(saying.score - 0.5)
  const id = ({ market }: Due): string => market.data.instrument.id
  return [...due].sort(
    (one, other) =>
      distance(other) - distance(one) || (id(one) < id(other) ? -1 : id(one) > id(other) ? 1 : 0),
  )
}

function decideEntries(world: World, due: readonly Due[]): void {
  for (const one of ranked(due)) {
    const { market, bar, saying } = one
    arm(market, saying)
    const side = wantedSide(world, one)
    if (side === undefined) continue
    market.entry = decideEntry(world, market, side, bar, saying)
  }
}

/** After an exit a side is armed by a bar that is known not to ask for it. */
function arm(market: Market, { isLongOff, isShortOff }: Saying): void {
  if (isLongOff) market.isLongArmed = true
  if (isShortOff) market.isShortArmed = true
}

/** The side to enter at this close, where nothing but money stands against it. */
function wantedSide(world: World, one: Due): Side | undefined {
  const { market, saying } = one
  const { risk, policies } = world
  const { position } = market
  if (saying.entersLong === saying.entersShort) return undefined
  const side = saying.entersLong ? 1 : -1
  if (side > 0 ? saying.exitsLong : saying.exitsShort) return undefined
  if (isLastOfAll(one)) return undefined
  if (market.entry !== undefined || world.isHalted) return undefined
  if (side < 0 && (!risk.allowShort || market.data.instrument.kind === 'spot')) return undefined
  const isTurning = position !== undefined && position.side !== side && market.exit !== undefined
  if (position !== undefined && !(risk.reversal && isTurning)) return undefined
  const isArmed = side > 0 ? market.isLongArmed : market.isShortArmed
  if (!isArmed && policies.rearm !== 'none' && !(saying.rearmKey > market.keyAtEntry)) return undefined
  if (policies.ordersPerBar === 'one' && market.hadProtectiveFill) return undefined
  return slotsTaken(world, market) + 1 > risk.maxPositions ? undefined : side
}

/** Other instruments that are held without being left, or about to be entered anew. */
function slotsTaken({ markets }: World, except: Market): number {
  return markets.filter((market) => {
    const { position, entry, exit } = market
    const isComing = entry !== undefined && entry !== position?.order
    return market !== except && (isComing || (position !== undefined && exit === undefined))
  }).length
}

function endRun(world: World): void {
  if (world.policies.endOfData === 'close') {
    for (const market of world.markets) {
      if (market.position === undefined) continue
      const terms = termsAt(market.data, world.options.costs, world.endTime)
      const moment: Moment = { at: 'close', time: world.endTime, terms }
      leaveUncapped(world, market, 'end-of-data', market.lastClose, moment)
    }
  }
  const last = world.marks[world.marks.length - 1]
  if (last !== undefined) last.equity = equityOf(world)
}

function resultOf(world: World): ModelResult {
  const daily = dailyRows(world)
  return {
    trades: [...world.trades, ...world.markets.flatMap((market) => openTrade(world, market))],
    fills: world.fills,
    dailyTime: daily.map(({ time }) => time),
    dailyEquity: daily.map(({ equity }) => equity),
    finalEquity: equityOf(world),
  }
}

/** The start with the starting balance, each 00:00 UTC after it, and the end, with the last mark at or before it. */
function dailyRows({ marks, options, endTime }: World): { time: number; equity: number }[] {
  const [first] = marks
  if (first === undefined) return []
  const start = first.time - (options.instruments[0]?.candles.timeframeMs ?? 0)
  const rows = [{ time: start, equity: options.startingBalance }]
  const times: number[] = []
  for (let time = (Math.floor(start / DAY_MS) + 1) * DAY_MS; time < endTime; time += DAY_MS) times.push(time)
  for (const time of [...times, endTime]) {
    const before = marks.filter((mark) => mark.time <= time)
    rows.push({ time, equity: before[before.length - 1]?.equity ?? options.startingBalance })
  }
  return rows
}

/** What is left open at the end stands at its last close. */
function openTrade(world: World, market: Market): ModelTrade[] {
  const { position } = market
  if (position === undefined) return []
  const { side, held, average, realised, fees, funding } = position
  const unrealised = side * (market.lastClose - average) * held
  return [
    {
      instrument: market.index,
      side,
      status: 'open',
      entryTime: position.entryTime,
      entryBar: barOfResult(market, position.entryBar),
      entryPrice: position.entryNotional / position.entered,
      exitTime: world.endTime,
      exitBar: barOfResult(market, market.bar),
      exitPrice: market.lastClose,
      quantity: position.entered,
      fees,
      funding,
      slippage: position.slippage,
      reason: 'end-of-data',
      undecided: position.isUndecided,
      profit: realised + unrealised - fees + funding,
    },
  ]
}
