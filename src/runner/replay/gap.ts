import type { Side } from '../../core/orders.js'

/** What a trade came to, on either side of the comparison. Money in quote units, times UTC ms. */
export interface ComparedTrade {
  /** Index of the instrument. */
  readonly instrument: number
  readonly side: Side
  readonly decidedAt: number
  readonly entryTime: number
  readonly entryPrice: number
  readonly exitTime: number
  /** Start of the UTC day that it counts in: what left within the last bar of a day ended in that day, at the open of the next one in the next. */
  readonly exitDay: number
  readonly exitPrice: number
  /** Base units. */
  readonly quantity: number
  /** Paid, positive. */
  readonly fees: number
  /** Received, positive. */
  readonly funding: number
  readonly profit: number
  /** It is held still: its exit is the last mark. */
  readonly isOpen: boolean
}

/** Why a session earned something else than its backtest, in the order in which it is told. */
export const CAUSES = ['data', 'signal', 'fee', 'funding', 'size', 'timing', 'price'] as const
export type Cause = (typeof CAUSES)[number]
export type Causes = Readonly<Record<Cause, number>>

/** One trade that both have, or only one. */
export interface TradeGap {
  readonly instrument: number
  readonly side: Side
  readonly decidedAt: number
  readonly session: ComparedTrade | undefined
  readonly backtest: ComparedTrade | undefined
  /** Session less backtest, quote units, a whole number of hundred-millionths. */
  readonly gap: number
  readonly causes: Causes
}

export interface Gap {
  readonly gap: number
  readonly causes: Causes
  readonly trades: readonly TradeGap[]
}

/** The reference price of an instrument at a time: the open of the bar in which it lies. */
export type ReferencePrice = (instrument: number, time: number) => number

/** Amounts are counted in hundred-millionths of a quote unit, in whole numbers, so that causes add up exactly (up to ten million quote units). */
const UNIT = 1e8

type Units = Record<Cause, number>

/**
 * The gap between the trades of a session and those of its backtest on the same inputs, by cause. Trades are the same where instrument, side and the
 * close of the decision are. In this order, each with what the ones before have settled:
 *
 * - **signal**: the profit of trades that only one of them has
 * - **fee**: fees paid, all of the difference, also where the size differs
 * - **funding**: the same for funding
 * - **size**: another quantity, at the backtest's prices
 * - **timing**: entry or exit in another bar: the quantity of the session by what the reference price is there
 * - **price**: what is left, the distance of fills from the reference price, and rounding
 *
 * `data` stands for what the inputs themselves differ in: see `addDataGap`.
 */
export function gapOf(
  session: readonly ComparedTrade[],
  backtest: readonly ComparedTrade[],
  reference: ReferencePrice,
): Gap {
  const theirs = new Map(backtest.map((trade) => [keyOf(trade), trade]))
  const pairs = session.map((trade) => {
    const twin = theirs.get(keyOf(trade))
    theirs.delete(keyOf(trade))
    return { session: trade, backtest: twin }
  })
  const alone = [...theirs.values()].map((trade) => ({ session: undefined, backtest: trade }))
  const trades = [...pairs, ...alone].map((pair) => tradeGap(pair, reference))
  trades.sort((a, b) => a.decidedAt - b.decidedAt || a.instrument - b.instrument)
  return sumOf(trades)
}

/** Sums over these trades. */
export function sumOf(trades: readonly TradeGap[]): Gap {
  const units = none()
  for (const { causes } of trades) for (const cause of CAUSES) units[cause] += toUnits(causes[cause])
  return { gap: fromUnits(totalOf(units)), causes: inQuote(units), trades }
}

/** Adds what stored data, in place of what the session was told, would have earned less. */
export function addDataGap({ causes, trades }: Gap, onInputs: number, onStored: number): Gap {
  const units = none()
  for (const cause of CAUSES) units[cause] = toUnits(causes[cause])
  units.data += toUnits(onInputs) - toUnits(onStored)
  return { gap: fromUnits(totalOf(units)), causes: inQuote(units), trades }
}

interface Pair {
  readonly session: ComparedTrade | undefined
  readonly backtest: ComparedTrade | undefined
}

/** The same for trades that are the same. */
export function keyOf({ instrument, side, decidedAt }: ComparedTrade): string {
  return `${instrument} ${side} ${decidedAt}`
}

function tradeGap(pair: Pair, reference: ReferencePrice): TradeGap {
  const { session, backtest } = pair
  const { instrument, side, decidedAt } = (session ?? backtest) as ComparedTrade
  const units = none()
  const total = toUnits(session?.profit ?? 0) - toUnits(backtest?.profit ?? 0)
  if (session === undefined || backtest === undefined) units.signal = total
  else {
    const { quantity } = session
    units.fee = toUnits(backtest.fees) - toUnits(session.fees)
    units.funding = toUnits(session.funding) - toUnits(backtest.funding)
    units.size = toUnits(side * (quantity - backtest.quantity) * (backtest.exitPrice - backtest.entryPrice))
    const moved = (from: number, to: number): number =>
      reference(instrument, to) - reference(instrument, from)
    const later = moved(backtest.exitTime, session.exitTime) - moved(backtest.entryTime, session.entryTime)
    units.timing = toUnits(side * quantity * later)
    units.price = total - totalOf(units)
  }
  return { instrument, side, decidedAt, ...pair, gap: fromUnits(total), causes: inQuote(units) }
}

function none(): Units {
  return { data: 0, signal: 0, fee: 0, funding: 0, size: 0, timing: 0, price: 0 }
}

function totalOf(units: Units): number {
  return CAUSES.reduce((sum, cause) => sum + units[cause], 0)
}

function inQuote(units: Units): Causes {
  return Object.fromEntries(CAUSES.map((cause) => [cause, fromUnits(units[cause])])) as unknown as Causes
}

/** Hundred-millionths, a whole number. */
export function toUnits(amount: number): number {
  return Math.round(amount * UNIT) + 0
}

function fromUnits(units: number): number {
  return units / UNIT
}
