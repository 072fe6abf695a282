import {
  AwesomeOscillator,
  CCI,
  ChandelierExit,
  IchimokuCloud,
  KST,
  KeltnerChannels,
  MFI,
  OBV,
  PSAR,
  VWAP,
  WilliamsR,
} from 'technicalindicators'
import {
  type Argument,
  type Feature,
  type Operand,
  close,
  feature,
  high,
  low,
  positive,
  volume,
  wholeBars,
} from './feature.js'
import { type Operator, type OperatorDefinition, warmAfter } from './operator.js'

/**
 * Indicators of the `technicalindicators` package behind the operator contract, fed only through their incremental `nextValue`,
 * in columns and streams alike. Left out: those that are ours already, those whose rounding is part of their state, and those
 * without an incremental form; docs/strategies.md lists each with its reason. A bar with a missing input is not shown to
 * the package (one NaN would poison its sums for good): it answers NaN, and windows count the bars that were shown.
 */
class LibraryIndicator {
  constructor(
    private readonly indicator: { nextValue(tick: never): unknown },
    private readonly tick: (inputs: readonly number[]) => unknown,
    private readonly output: string | undefined,
  ) {}

  next(...inputs: number[]): number {
    if (inputs.some(Number.isNaN)) return Number.NaN
    // Some indicators keep the object they were given: each bar gets one of its own.
    const answer = this.indicator.nextValue(this.tick(inputs) as never)
    const value =
      this.output === undefined ? answer : (answer as Record<string, unknown> | undefined)?.[this.output]
    return typeof value === 'number' ? value : Number.NaN
  }
}

const none = { high: [], low: [], close: [], volume: [], values: [] }
const value = ([x]: readonly number[]): unknown => x
const highLow = ([high, low]: readonly number[]): unknown => ({ high, low })
const highLowClose = ([high, low, close]: readonly number[]): unknown => ({ high, low, close })
const candle = ([high, low, close, volume]: readonly number[]): unknown => ({ high, low, close, volume })

/** Commodity channel index (Lambert). O(period) a bar. Warm-up period − 1; NaN where the typical price stood still. */
export function cci(period: number = 20): Feature {
  return feature('cci', [high, low, close], [wholeBars('cci.period', period)])
}

/** Money flow index, rounded to 2 decimals by the package. Warm-up period + 1; NaN where no money flowed. */
export function mfi(period: number = 14): Feature {
  return feature('mfi', [high, low, close, volume], [wholeBars('mfi.period', period)])
}

/** On-balance volume since the first bar. Warm-up 1. */
export function obv(): Feature {
  return feature('obv', [close, volume])
}

/** Wilder's parabolic stop and reverse, begun as a long. No warm-up: the first bar answers its own low. */
export function psar(step: number = 0.02, largest: number = 0.2): Feature {
  return feature(
    'psar',
    [high, low],
    [positive('psar.step', step, ''), positive('psar.largest', largest, '')],
  )
}

/** Williams' %R in [−100, 0]. Warm-up period − 1; NaN where the range is 0. */
export function williamsR(period: number = 14): Feature {
  return feature('williamsR', [high, low, close], [wholeBars('williamsR.period', period)])
}

/** Awesome oscillator: sma(fast) − sma(slow) of the bar's middle. Warm-up slow − 1. */
export function awesomeOscillator(fast: number = 5, slow: number = 34): Feature {
  wholeBars('awesomeOscillator.fast', fast)
  return feature(
    'awesomeOscillator',
    [high, low],
    [fast, wholeBars('awesomeOscillator.slow', slow, fast + 1)],
  )
}

/** Volume-weighted average price since the first bar. No warm-up; NaN until something traded. */
export function vwap(): Feature {
  return feature('vwap', [high, low, close, volume])
}

/** Pring's know sure thing: four smoothed rates of change (in percent), weighted 1 to 4. Its signal line is an sma of it. */
export function kst(
  of: Operand = close,
  rates: readonly [number, number, number, number] = [10, 15, 20, 30],
  means: readonly [number, number, number, number] = [10, 10, 10, 15],
): Feature {
  return feature(
    'kst',
    [of],
    [...rates, ...means].map((bars) => wholeBars('kst', bars)),
  )
}

export interface IchimokuLines {
  readonly conversion: Feature
  readonly base: Feature
  /** As computed on this bar: charts draw both spans 26 bars later, so the cloud under today's price is `lag(spanA, 26)`. */
  readonly spanA: Feature
  readonly spanB: Feature
}

/** Ichimoku's lines. Warm-up span − 1. */
export function ichimoku(conversion: number = 9, base: number = 26, span: number = 52): IchimokuLines {
  wholeBars('ichimoku.conversion', conversion)
  wholeBars('ichimoku.base', base, conversion)
  wholeBars('ichimoku.span', span, base)
  const line = (name: string): Feature => feature('ichimoku', [high, low], [conversion, base, span, name])
  return { conversion: line('conversion'), base: line('base'), spanA: line('spanA'), spanB: line('spanB') }
}

/** Chandelier exits: extreme of the window ∓ multiple of its average true range (the package's, seeded one bar later). */
export function chandelier(
  period: number = 22,
  multiple: number = 3,
): { readonly long: Feature; readonly short: Feature } {
  const args = [wholeBars('chandelier.period', period), positive('chandelier.multiple', multiple, '')]
  const exit = (name: string): Feature => feature('chandelier', [high, low, close], [...args, name])
  return { long: exit('exitLong'), short: exit('exitShort') }
}

/** Keltner channels: ema of the close ± multiple of the average true range (both seeded as the package does). */
export function keltner(
  period: number = 20,
  atrPeriod: number = 10,
  multiple: number = 1,
): { readonly mid: Feature; readonly upper: Feature; readonly lower: Feature } {
  const args = [
    wholeBars('keltner.period', period, 2),
    wholeBars('keltner.atrPeriod', atrPeriod),
    positive('keltner.multiple', multiple, ''),
  ]
  const line = (name: string): Feature => feature('keltner', [high, low, close], [...args, name])
  return { mid: line('middle'), upper: line('upper'), lower: line('lower') }
}

function library(
  arity: number,
  tick: (inputs: readonly number[]) => unknown,
  create: (numbers: readonly number[]) => { nextValue(tick: never): unknown },
  warmUp: (numbers: readonly number[]) => number,
): OperatorDefinition {
  const numbersOf = (args: readonly Argument[]): number[] => args.filter((value) => typeof value === 'number')
  return {
    arity,
    create: (args): Operator => {
      const output = args.find((value) => typeof value === 'string')
      return new LibraryIndicator(create(numbersOf(args)), tick, output)
    },
    warmUp: (args, inputs) => warmAfter(inputs, warmUp(numbersOf(args))),
  }
}

type Numbers = readonly number[]
const at = (numbers: Numbers, index: number): number => numbers[index] as number

function createKst(n: Numbers): KST {
  return new KST({
    ...none,
    ROCPer1: at(n, 0),
    ROCPer2: at(n, 1),
    ROCPer3: at(n, 2),
    ROCPer4: at(n, 3),
    SMAROCPer1: at(n, 4),
    SMAROCPer2: at(n, 5),
    SMAROCPer3: at(n, 6),
    SMAROCPer4: at(n, 7),
    signalPeriod: 1,
  })
}

function createIchimoku([conversionPeriod = 0, basePeriod = 0, spanPeriod = 0]: Numbers): IchimokuCloud {
  return new IchimokuCloud({ ...none, conversionPeriod, basePeriod, spanPeriod, displacement: 1 })
}

function createKeltner([maPeriod = 0, atrPeriod = 0, multiplier = 0]: Numbers): KeltnerChannels {
  return new KeltnerChannels({ ...none, maPeriod, atrPeriod, multiplier, useSMA: false })
}

const kstWarmUp = (n: Numbers): number => Math.max(...[0, 1, 2, 3].map((i) => at(n, i) + at(n, i + 4))) - 1

export const LIBRARY: Readonly<Record<string, OperatorDefinition>> = {
  cci: library(
    3,
    highLowClose,
    ([period = 0]) => new CCI({ ...none, period }),
    ([period = 0]) => period - 1,
  ),
  mfi: library(
    4,
    candle,
    ([period = 0]) => new MFI({ ...none, period }),
    ([period = 0]) => period + 1,
  ),
  obv: library(
    2,
    ([close, volume]) => ({ close, volume }),
    () => new OBV(none),
    () => 1,
  ),
  psar: library(
    2,
    highLow,
    ([step = 0, max = 0]) => new PSAR({ ...none, step, max }),
    () => 0,
  ),
  williamsR: library(
    3,
    highLowClose,
    ([period = 0]) => new WilliamsR({ ...none, period }),
    ([period = 0]) => period - 1,
  ),
  awesomeOscillator: library(
    2,
    highLow,
    ([fastPeriod = 0, slowPeriod = 0]) => new AwesomeOscillator({ ...none, fastPeriod, slowPeriod }),
    ([, slow = 0]) => slow - 1,
  ),
  vwap: library(
    4,
    candle,
    () => new VWAP(none),
    () => 0,
  ),
  kst: {
    ...library(1, value, createKst, kstWarmUp),
    create: (args) => new LibraryIndicator(createKst(args as number[]), value, 'kst'),
  },
  ichimoku: library(2, highLow, createIchimoku, (n) => at(n, 2) - 1),
  chandelier: library(
    3,
    highLowClose,
    ([period = 0, multiplier = 0]) => new ChandelierExit({ ...none, period, multiplier }),
    ([period = 0]) => period,
  ),
  keltner: library(3, highLowClose, createKeltner, ([period = 0, atrPeriod = 0]) =>
    Math.max(period - 1, atrPeriod),
  ),
}
