import type { Candles, FundingSchedule } from '../../src/core/columns.js'
import type { Instrument, MarginTerms, TermsChange } from '../../src/core/instrument.js'
import type { MarkCandles } from '../../src/engine/options.js'
import { instrumentOf, type Script } from '../engine/scripted.js'
import type { Dice } from '../ledger/generate.js'
import type { Feature } from './features.js'

export interface GeneratedMarket {
  readonly instrument: Instrument
  readonly candles: Candles
  readonly script: Script
  readonly funding: FundingSchedule | undefined
  readonly mark: MarkCandles | undefined
}

/** What all markets of a case have in common. */
export interface Setting {
  readonly dyadic: boolean
  readonly timeframeMs: number
  /** Open of the first slot of the grid. */
  readonly from: number
  readonly slots: number
  readonly startingBalance: number
  readonly leverage: number
  readonly hasMargin: boolean
  readonly hasScore: boolean
  readonly density: 'dense' | 'some' | 'few'
  readonly isAllowed: (feature: Feature) => boolean
}

export function marketOf(dice: Dice, id: string, setting: Setting): GeneratedMarket {
  const isSpot = !setting.hasMargin && dice.chance(0.2)
  const instrument = instrumentFrom(dice, id, isSpot ? 'spot' : 'perpetual', setting)
  const candles = candlesFrom(dice, setting, instrument.tickSize)
  return {
    instrument: datesOf(dice, instrument, candles, setting),
    candles,
    script: scriptFrom(dice, candles.openTime.length, setting),
    funding:
      isSpot || !setting.isAllowed('funding') || dice.chance(0.4) ? undefined : fundingFrom(dice, setting),
    mark:
      setting.hasMargin && setting.isAllowed('mark-candles') && dice.chance(0.5)
        ? markFrom(dice, candles, instrument.tickSize)
        : undefined,
  }
}

function instrumentFrom(
  dice: Dice,
  id: string,
  kind: Instrument['kind'],
  { dyadic, startingBalance, leverage, hasMargin }: Setting,
): Instrument {
  // Without lots the largest notional below a tier is no number.
  const lotSize = dyadic ? 1 / 16 : dice.pick(hasMargin ? [0.001, 0.1] : [0, 0.001, 0.1])
  return instrumentOf({
    id,
    kind,
    tickSize: dyadic ? 1 / 64 : dice.pick([0, 0.01, 0.5]),
    lotSize,
    // Without lots a rest of free cash that is only rounding would still be an entry.
    minNotional: lotSize === 0 ? dice.pick([5, 300]) : dice.pick([0, 0, 5, 300]),
    takerFee: dyadic ? dice.pick([0, 1 / 1024]) : dice.pick([0, 0.0005, 0.009]),
    makerFee: dyadic ? dice.pick([0, 1 / 4096, -1 / 8192]) : dice.pick([0, 0.0002, -0.0001]),
    ...(hasMargin && { margin: marginFrom(dice, startingBalance, leverage, dyadic) }),
  })
}

/** One to three tiers; the first allows the leverage, later ones perhaps not. */
function marginFrom(dice: Dice, balance: number, leverage: number, dyadic: boolean): MarginTerms {
  const top = Math.max(leverage * dice.pick([1, 2]), 2)
  const rate = dyadic ? dice.pick([1 / 256, 1 / 128, 1 / 64]) : dice.pick([0.004, 0.01, 0.02])
  const tiers = [0, 1, 2].slice(0, dice.whole(1, 3)).map((step) => ({
    fromNotional: step === 0 ? 0 : balance * step * dice.pick([0.25, 0.5, 2]),
    maintenanceRate: rate * (step + 1),
    maxLeverage: step === 0 ? top : top / 2 ** step,
  }))
  return {
    tiers: tiers.filter(
      ({ fromNotional }, at) => at === 0 || fromNotional > (tiers[at - 1]?.fromNotional ?? 0),
    ),
    liquidationFee: dyadic ? dice.pick([0, 1 / 256]) : dice.pick([0, 0.005]),
  }
}

/** Terms that change on the way, and a life that begins or ends within the candles, which leaves some of them to be traded. */
function datesOf(dice: Dice, instrument: Instrument, { openTime }: Candles, setting: Setting): Instrument {
  const { timeframeMs, isAllowed } = setting
  const bars = openTime.length
  const isLong = bars >= 40
  const at = (low: number, high: number): number => {
    const bar = Math.floor((bars - 1) * dice.between(low, high))
    return (openTime[bar] as number) + (dice.chance(0.2) ? timeframeMs / 2 : 0)
  }
  return {
    ...instrument,
    ...(isAllowed('dated-terms') &&
      dice.chance(0.15) && {
        changes: [at(0, 0.4), at(0.4, 0.7), at(0.7, 1)]
          .slice(0, dice.whole(1, 3))
          .filter((time, step, times) => step === 0 || time > (times[step - 1] as number))
          .map((time) => changeFrom(dice, time, instrument, setting)),
      }),
    ...(isLong && isAllowed('listing') && dice.chance(0.1) && { listedAt: at(0.05, 0.4) }),
    ...(isLong && isAllowed('delisting') && dice.chance(0.15) && { delistedAt: at(0.6, 1) + timeframeMs }),
  }
}

function changeFrom(dice: Dice, from: number, instrument: Instrument, setting: Setting): TermsChange {
  const { dyadic, leverage, startingBalance } = setting
  return {
    from,
    ...(dice.chance(0.5) && {
      tickSize: dyadic ? dice.pick([1 / 16, 1 / 128]) : dice.pick([0.01, 0.05, 0.5]),
    }),
    ...(instrument.lotSize > 0 &&
      dice.chance(0.5) && { lotSize: dyadic ? dice.pick([1 / 4, 1 / 64]) : dice.pick([0.001, 0.01, 0.5]) }),
    ...(dice.chance(0.3) && { minNotional: dice.pick([5, 100, 500]) }),
    ...(dice.chance(0.5) && { takerFee: dyadic ? dice.pick([0, 1 / 512]) : dice.pick([0, 0.0007]) }),
    ...(dice.chance(0.3) && { makerFee: dyadic ? dice.pick([0, 1 / 2048]) : dice.pick([0, 0.0003]) }),
    ...(instrument.margin !== undefined &&
      dice.chance(0.4) && { margin: marginFrom(dice, startingBalance, leverage, dyadic) }),
  }
}

function onTick(price: number, tick: number): number {
  const floored = Math.max(price, 5)
  return tick === 0 ? floored : Math.round(floored / tick) / Math.round(1 / tick)
}

/** A walk that is drawn back to where it began, with jumps between bars, missing bars, and a start and an end of its own. */
function candlesFrom(
  dice: Dice,
  { timeframeMs, from, slots, dyadic, isAllowed }: Setting,
  tick: number,
): Candles {
  const home = dice.between(60, 140)
  const wildness = dice.pick([0.1, 0.3, 1, 3])
  const missing = isAllowed('missing-bars') ? dice.pick([0, 0, 0.01, 0.06]) : 0
  const first = dice.chance(0.3) ? dice.whole(0, Math.floor(slots / 4)) : 0
  const last = dice.chance(0.2) ? slots - dice.whole(0, Math.floor(slots / 4)) : slots
  const volumeScale = dice.pick([5, 50, 2_000])
  const unknownVolume = isAllowed('unknown-volume') && dice.chance(0.2) ? 0.02 : 0
  const rows: number[][] = []
  let previous = home
  let gap = 0
  for (let slot = 0; slot < slots; slot++) {
    const jump = dice.chance(0.7) ? 0 : dice.between(-3, 3) * wildness
    const open = onTick(previous + jump, tick)
    const close = onTick(open + dice.between(-2, 2) * wildness + (home - open) * 0.02, tick)
    const high = Math.max(open, close, onTick(Math.max(open, close) + dice.between(0, 1.5) * wildness, tick))
    const low = Math.min(open, close, onTick(Math.min(open, close) - dice.between(0, 1.5) * wildness, tick))
    previous = close
    if (dice.chance(missing)) gap = dice.pick([1, 1, 1, 2, 5])
    const volume = dice.chance(unknownVolume) ? NaN : volumeFrom(dice, volumeScale, dyadic)
    const isThere = slot === first || (gap === 0 && slot > first && slot < last)
    if (gap > 0) gap--
    if (isThere) rows.push([from + slot * timeframeMs, open, high, low, close, volume])
  }
  const column = (at: number): Float64Array => Float64Array.from(rows, (row) => row[at] as number)
  return {
    timeframeMs,
    openTime: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  }
}

function volumeFrom(dice: Dice, scale: number, dyadic: boolean): number {
  if (dice.chance(0.05)) return 0
  const volume = dice.between(0, 2) * scale
  return dyadic ? Math.round(volume * 4) / 4 : volume
}

/** Marks a little off the last price: a stop and a liquidation are not touched by the same bars. */
function markFrom(dice: Dice, { open, high, low }: Candles, tick: number): MarkCandles {
  const off = Float64Array.from(open, () => (dice.chance(0.7) ? 0 : dice.between(-2, 2)))
  const moved = (column: Float64Array): Float64Array =>
    column.map((price, bar) => onTick(price + (off[bar] as number), tick))
  return { open: moved(open), high: moved(high), low: moved(low) }
}

function fundingFrom(dice: Dice, { timeframeMs, from, slots, dyadic }: Setting): FundingSchedule {
  const every = dice.pick([0.25, 1, 3, 8]) * timeframeMs
  const offset = dice.pick([0, 0, 0.125]) * timeframeMs
  const scale = dice.pick([1, 0.1])
  const missing = dice.pick([0, 0.03])
  const time: number[] = []
  for (let at = from + offset; at < from + (slots + 2) * timeframeMs; at += every) time.push(at)
  const rate = (): number =>
    dyadic ? dice.whole(-40 * scale, 40 * scale) / 4096 : dice.between(-0.01, 0.01) * scale
  const mark = (): number => (dyadic ? dice.whole(3_000, 9_000) / 64 : dice.between(60, 140))
  return {
    time: Float64Array.from(time),
    rate: Float64Array.from(time, () => (dice.chance(missing) ? NaN : rate())),
    mark: Float64Array.from(time, () => (dice.chance(0.3) ? NaN : mark())),
  }
}

function scriptFrom(dice: Dice, bars: number, { hasScore, density }: Setting): Script {
  const says = density === 'dense' ? denseScript(dice, bars) : sparseScript(dice, bars, density)
  return {
    says,
    ...(hasScore && { score: Array.from({ length: bars }, () => dice.whole(0, 20) / 20) }),
    ...(dice.chance(0.4) && {
      rearmKey: Array.from({ length: bars }, (_, bar) => (dice.chance(0.02) ? NaN : Math.floor(bar / 7))),
    }),
    atr: Array.from({ length: bars }, () => (dice.chance(0.05) ? NaN : dice.between(0.3, 4))),
  }
}

function denseScript(dice: Dice, bars: number): string {
  const letters = [...'LLSSls....?BXYUu']
  const says = Array.from({ length: bars }, () => dice.pick(letters)).join('')
  return dice.chance(0.3) ? says.replace(/\./g, dice.pick(['L', 'S'])) : says
}

/** Long stretches without a word, and words that are said for a few bars. */
function sparseScript(dice: Dice, bars: number, density: 'some' | 'few'): string {
  const says = Array.from({ length: bars }, () => '.')
  const words = density === 'few' ? dice.whole(1, 8) : Math.ceil(bars * dice.between(0.03, 0.15))
  for (let word = 0; word < words; word++) {
    const letter = dice.pick([...'LLLSSSls?BXYUu'])
    const at = dice.whole(0, bars - 1)
    const length = dice.pick([1, 1, 1, 3, 10])
    for (let bar = at; bar < Math.min(bars, at + length); bar++) says[bar] = letter
  }
  return says.join('')
}
