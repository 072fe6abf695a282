import { div, mul, sub } from './arithmetic.js'
import { ema, sma } from './averages.js'
import { lag, rateOfChange } from './changes.js'
import { highest, lowest } from './extremes.js'
import { close, type Feature, high, low, type Operand, volume } from './feature.js'
import { rsi } from './momentum.js'

export interface Stochastic {
  readonly k: Feature
  readonly d: Feature
}

/** Where `of` lies between the lowest and the highest of a window, in percent. NaN where they are equal. */
function place(of: Operand, above: Operand, below: Operand, period: number): Feature {
  const bottom = lowest(below, period)
  return mul(100, div(sub(of, bottom), sub(highest(above, period), bottom)))
}

/** Lane's stochastic: %K of the close within the range of `period` bars, and %D, its sma. Warm-up period − 1; %D signal − 1 more. */
export function stochastic(period: number = 14, signal: number = 3): Stochastic {
  const k = place(close, high, low, period)
  return { k, d: sma(k, signal) }
}

/** Stochastic of the relative strength index (Chande and Kroll), smoothed. Warm-up rsi + period + smooth − 2 (%D: signal − 1 more). */
export function stochasticRsi(
  of: Operand = close,
  rsiPeriod: number = 14,
  period: number = 14,
  smooth: number = 3,
  signal: number = 3,
): Stochastic {
  const strength = rsi(of, rsiPeriod)
  const k = sma(place(strength, strength, strength, period), smooth)
  return { k, d: sma(k, signal) }
}

/** Hutson's TRIX: one-bar rate of change, in percent, of a triple ema. Warm-up 3 · period − 2. */
export function trix(of: Operand = close, period: number = 15): Feature {
  return mul(100, rateOfChange(ema(ema(ema(of, period), period), period), 1))
}

/** Elder's force index: ema of (change of close · volume). Warm-up `period`. */
export function forceIndex(period: number = 13): Feature {
  return ema(mul(sub(close, lag(close, 1)), volume), period)
}
