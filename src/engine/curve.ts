import { sharedColumn } from '../core/columns.js'
import type { DailyEquity, EquityCurve } from '../core/result.js'
import { ExposureLog } from './exposure-log.js'
import type { HeldPositions } from './held.js'
import type { Lane } from './lane.js'
import type { MarkKeeper, Simulation } from './simulation.js'
import type { Timeline } from './timeline.js'
import type { Track } from './track.js'

/** Keeps the whole equity curve of a run, slot by slot. */
export class CurveKeeper implements MarkKeeper {
  readonly watchesBars: boolean = true
  /** Slots that closed with no equity left. */
  ruinedSlots: number = 0
  private readonly simulation: Simulation
  private readonly equity: Float64Array
  private readonly adverse: Float64Array
  private readonly exposure: ExposureLog

  constructor(simulation: Simulation) {
    this.simulation = simulation
    const { timeline, tracks } = simulation.market
    const slots = timeline.openTime.length
    this.equity = sharedColumn(slots)
    this.adverse = sharedColumn(slots)
    this.exposure = new ExposureLog(tracks)
  }

  beforeClose(slot: number): void {
    const { state, lanes } = this.simulation
    let adverse = state.account.cash
    for (let index = 0; index < lanes.length; index++) {
      const lane = lanes[index] as Lane
      if (lane.book.position.quantity !== 0) adverse += adverseWorth(lane, slot + lane.track.shift)
    }
    this.adverse[slot] = adverse
  }

  markSlot(slot: number): void {
    const equity = this.simulation.state.markedEquity
    this.equity[slot] = equity
    if (equity <= 0) this.ruinedSlots++
    this.adverse[slot] = Math.min(this.adverse[slot] as number, equity)
    this.noteHoldings(slot)
  }

  private noteHoldings(slot: number): void {
    const { lanes } = this.simulation
    for (let index = 0; index < lanes.length; index++) {
      const { book } = lanes[index] as Lane
      this.exposure.hold(index, slot, book.position.quantity)
    }
  }

  markQuiet(from: number, to: number, held: HeldPositions): void {
    this.noteHoldings(from)
    if (held.count === 0) this.markFlat(from, to, held.cash)
    else if (held.count === 1 && isPlain((held.lanes[0] as Lane).track))
      this.markOne(from, to, held.lanes[0] as Lane, held.cash)
    else this.markMany(from, to, held.lanes, held.count, held.cash)
  }

  markQuietAlone(from: number, to: number, lane: Lane): void {
    const { cash } = this.simulation.state.account
    this.exposure.hold(0, from, lane.book.position.quantity)
    if (lane.book.position.quantity === 0) this.markFlat(from, to, cash)
    else if (isPlain(lane.track)) this.markOne(from, to, lane, cash)
    else this.markMany(from, to, [lane], 1, cash)
  }

  private markFlat(from: number, to: number, cash: number): void {
    const { equity, adverse } = this
    for (let slot = from; slot < to; slot++) {
      equity[slot] = cash
      adverse[slot] = cash
    }
    if (cash <= 0) this.ruinedSlots += to - from
  }

  private markOne(from: number, to: number, { track, book }: Lane, cash: number): void {
    const { equity, adverse } = this
    const { base, quantity } = book.position
    const { close, shift } = track
    const worst = quantity > 0 ? track.low : track.high
    let ruined = 0
    for (let slot = from; slot < to; slot++) {
      const worth = cash + (base + quantity * (close[slot + shift] as number))
      const least = cash + (base + quantity * (worst[slot + shift] as number))
      equity[slot] = worth
      adverse[slot] = least > worth ? worth : least
      if (worth <= 0) ruined++
    }
    this.ruinedSlots += ruined
  }

  private markMany(from: number, to: number, lanes: readonly Lane[], count: number, cash: number): void {
    const { equity, adverse } = this
    this.markFlat(from, to, cash)
    if (cash <= 0) this.ruinedSlots -= to - from
    for (let at = 0; at < count; at++) addLane(lanes[at] as Lane, equity, adverse, from, to)
    for (let slot = from; slot < to; slot++) {
      const worth = equity[slot] as number
      if ((adverse[slot] as number) > worth) adverse[slot] = worth
      if (worth <= 0) this.ruinedSlots++
    }
  }

  /** The last slot again, after the positions that were open at the end of the data are closed. */
  remark(equity: number): void {
    const last = this.equity.length - 1
    if ((this.equity[last] as number) <= 0) this.ruinedSlots--
    if (equity <= 0) this.ruinedSlots++
    this.equity[last] = equity
    this.noteHoldings(last)
    this.adverse[last] = Math.min(this.adverse[last] as number, equity)
  }

  curve(): EquityCurve {
    const { timeline } = this.simulation.market
    const { equity, adverse, exposure } = this
    let time: Float64Array | undefined
    let column: Float64Array | undefined
    // Times and exposure are made when they are asked for.
    return {
      get time() {
        return (time ??= closeTimes(timeline))
      },
      equity,
      adverse,
      get exposure() {
        return (column ??= exposure.overEquity(equity))
      },
    }
  }

  /** A day's equity is the last mark at or before its end; days without bars are flat. A last, unfinished day ends with the last mark. */
  daily(): DailyEquity {
    const { timeline, startingBalance } = this.simulation.market
    const { openTime, timeframeMs, midnights, edgeSlots } = timeline
    const lastClose = (openTime[openTime.length - 1] as number) + timeframeMs
    const isCut = lastClose > (midnights[midnights.length - 1] ?? -Infinity)
    const time = [openTime[0] as number, ...midnights, ...(isCut ? [lastClose] : [])]
    const equity = Array.from(midnights, (_, edge) => {
      const slot = edgeSlots[edge] as number
      return slot < 0 ? startingBalance : (this.equity[slot] as number)
    })
    const last = isCut ? [this.equity[openTime.length - 1] as number] : []
    return { time: Float64Array.from(time), equity: Float64Array.of(startingBalance, ...equity, ...last) }
  }
}

function closeTimes({ openTime, isEven, timeframeMs }: Timeline): Float64Array {
  const time = sharedColumn(openTime.length)
  const first = (openTime[0] as number) + timeframeMs
  if (isEven) for (let slot = 0; slot < time.length; slot++) time[slot] = first + slot * timeframeMs
  else for (let slot = 0; slot < time.length; slot++) time[slot] = (openTime[slot] as number) + timeframeMs
  return time
}

/** Nothing is paid while it is held, and no bar is missing. */
function isPlain({ settlements, slotOfBar }: Track): boolean {
  return settlements === undefined && slotOfBar === undefined
}

/** What a position is worth at the worst price of a row. */
function adverseWorth({ book, track }: Lane, row: number): number {
  const { base, quantity } = book.position
  const worst = (quantity > 0 ? track.low[row] : track.high[row]) as number
  // No bar: the last close carries on.
  if (worst !== worst) return base + quantity * (track.worth[row] as number)
  return base + quantity * (worst - paidAt(track, row))
}

/** What a long of one unit has paid in funding by the close of a row. */
function paidAt({ settlements, settledAtClose }: Track, row: number): number {
  if (settlements === undefined || settledAtClose === undefined) return 0
  return settlements.paid[settledAtClose[row] as number] as number
}

function addLane(lane: Lane, equity: Float64Array, adverse: Float64Array, from: number, to: number): void {
  const { track, book } = lane
  const { base, quantity } = book.position
  const { worth, shift } = track
  for (let slot = from; slot < to; slot++)
    equity[slot] = (equity[slot] as number) + (base + quantity * (worth[slot + shift] as number))
  if (!isPlain(track)) {
    for (let slot = from; slot < to; slot++)
      adverse[slot] = (adverse[slot] as number) + adverseWorth(lane, slot + shift)
    return
  }
  const worst = quantity > 0 ? track.low : track.high
  for (let slot = from; slot < to; slot++)
    adverse[slot] = (adverse[slot] as number) + (base + quantity * (worst[slot + shift] as number))
}
