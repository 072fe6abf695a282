import type { InstrumentTerms } from '../../src/core/instrument.js'
import type { Side } from '../../src/core/orders.js'
import type { CostSettings, InstrumentData } from '../../src/engine/options.js'
import type { Script } from '../engine/scripted.js'
import { roundedDown, roundedUp } from './grid.js'
import type { Market, World } from './world.js'

export interface Bar {
  readonly openTime: number
  readonly closeTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

export function barAt({ candles }: InstrumentData, bar: number): Bar {
  const openTime = candles.openTime[bar] as number
  return {
    openTime,
    closeTime: openTime + candles.timeframeMs,
    open: candles.open[bar] as number,
    high: candles.high[bar] as number,
    low: candles.low[bar] as number,
    close: candles.close[bar] as number,
  }
}

/** What liquidation looks at: the mark's bar, or the last price's where there is none. */
export function markBarAt(
  { candles, mark }: InstrumentData,
  bar: number,
): { open: number; high: number; low: number } {
  const { open, high, low } = mark ?? candles
  return { open: open[bar] as number, high: high[bar] as number, low: low[bar] as number }
}

/** What the strategy says at the close of one bar. */
export interface Saying {
  readonly entersLong: boolean
  readonly exitsLong: boolean
  readonly entersShort: boolean
  readonly exitsShort: boolean
  /** Known not to ask for that entry. */
  readonly isLongOff: boolean
  readonly isShortOff: boolean
  readonly isUsable: boolean
  /** NaN where there is none. */
  readonly score: number
  readonly rearmKey: number
  readonly atr: number
}

export function sayingOf(script: Script, bar: number): Saying {
  const letter = script.says[bar] as string
  const isUnknown = letter === '?'
  const entersLong = 'LBXu'.includes(letter)
  const entersShort = 'SBYU'.includes(letter)
  const scored = script.score?.[bar] ?? (script.says.includes('?') ? 1 : NaN)
  return {
    entersLong,
    entersShort,
    exitsLong: letter === 'l' || letter === 'X',
    exitsShort: letter === 's' || letter === 'Y',
    isLongOff: !isUnknown && !entersLong && letter !== 'U',
    isShortOff: !isUnknown && !entersShort && letter !== 'u',
    isUsable: !isUnknown,
    score: isUnknown ? NaN : scored,
    rearmKey: script.rearmKey?.[bar] ?? NaN,
    atr: script.atr?.[bar] ?? NaN,
  }
}

/** The venue's terms at a time, with the run's own fees in place of the venue's where it sets any. */
export function termsAt({ instrument }: InstrumentData, costs: CostSettings, time: number): InstrumentTerms {
  let terms: InstrumentTerms = instrument
  for (const change of instrument.changes ?? []) if (change.from <= time) terms = { ...terms, ...change }
  return {
    ...terms,
    takerFee: costs.takerFee ?? terms.takerFee,
    makerFee: costs.makerFee ?? terms.makerFee,
  }
}

/** The price of whoever takes: moved by slippage and half the spread, then to the next tick, both against us. */
export function takerPrice(price: number, side: Side, costs: CostSettings, terms: InstrumentTerms): number {
  const moved = price * (1 + (side * (costs.slippageBps + (costs.halfSpreadBps ?? 0))) / 10_000)
  return side > 0 ? roundedUp(moved, terms.tickSize) : roundedDown(moved, terms.tickSize)
}

const VOLUME_BARS = 20

/** Share of the mean volume of the (up to) 20 bars before `end`: Infinity without a cap, NaN where it is unknown. */
export function volumeBudget(
  { candles }: InstrumentData,
  { participation }: CostSettings,
  end: number,
): number {
  if (participation === undefined) return Infinity
  const volumes = [...candles.volume.slice(Math.max(0, end - VOLUME_BARS), end)]
  if (volumes.length === 0) return NaN
  return (participation * volumes.reduce((sum, volume) => sum + volume, 0)) / volumes.length
}

/** Of the settlements of one instrument; `perUnit` is what a long of one unit receives, NaN where the rate is missing. */
export interface Settlement {
  readonly time: number
  readonly perUnit: number
}

export function settlementAt({ funding, candles }: InstrumentData, row: number): Settlement | undefined {
  if (funding === undefined || row >= funding.time.length) return undefined
  const time = funding.time[row] as number
  let price = funding.mark[row] as number
  if (Number.isNaN(price)) {
    let bar = candles.openTime.length - 1
    while (bar >= 0 && (candles.openTime[bar] as number) + candles.timeframeMs > time) bar--
    price = candles.close[bar] ?? NaN
  }
  return { time, perUnit: -(funding.rate[row] as number) * price }
}

/** Quote units per unit of price of one base unit that an entry ties up: its margin and the taker fee. */
export function costShare({ risk }: World, terms: InstrumentTerms): number {
  return 1 / risk.leverage + terms.takerFee
}

/** Bars of results are counted from the first that was replayed. */
export function barOfResult(market: Market, bar: number): number {
  return bar - market.first
}
