import * as all from '../../src/index.js'
import type { Feature } from '../../src/index.js'

const { close, high, low, open, volume, HOUR_MS } = all
const stoch = all.stochastic(5, 3)
const stochOfRsi = all.stochasticRsi(close, 5, 4, 3, 2)
const bands = all.bollinger(close, 6, 2)
const index = all.adx(5)
const lines = all.macd(close, 3, 7, 4)
const cloud = all.ichimoku(3, 5, 9)
const exits = all.chandelier(5, 3)
const channel = all.keltner(6, 4, 2)

/** At least one feature for each operator there is, with settings small enough for short cases. */
export const FEATURES: Readonly<Record<string, Feature>> = {
  completed: all.sub(all.sma(close, 20), all.completed(all.timeframe('4h')(all.ema(close, 3)))),
  sma: all.sma(close, 5),
  smaOfOne: all.sma(close, 1),
  ema: all.ema(close, 5),
  wilder: all.wilder(close, 5),
  wma: all.wma(close, 5),
  highest: all.highest(high, 6),
  lowest: all.lowest(low, 6),
  deviation: all.deviation(close, 5),
  populationDeviation: all.deviation(close, 5, 'population'),
  zScore: all.zScore(close, 6),
  bandsUpper: bands.upper,
  bandsWidth: bands.width,
  rank: all.rank(close, 8, { minimumKnown: 3 }),
  rankOver: all.rankOver(close, 7 * HOUR_MS, { minimumKnownMs: 3 * HOUR_MS }),
  lag: all.lag(close, 3),
  rateOfChange: all.rateOfChange(close, 3),
  changeOver: all.changeOver(close, 4 * HOUR_MS, { toleranceMs: HOUR_MS }),
  rsi: all.rsi(close, 5),
  macdHistogram: lines.histogram,
  trueRange: all.trueRange(),
  atr: all.atr(5),
  adx: index.adx,
  plus: index.plus,
  crossing: all.crossing(close, open),
  crossingStrict: all.crossing(close, open, 'strict'),
  crossingWasBelow: all.crossing(close, open, 'was-below'),
  add: all.add(close, open),
  sub: all.sub(close, 2),
  mul: all.mul(close, open),
  div: all.div(close, all.sub(open, 1)),
  abs: all.abs(all.sub(close, open)),
  clamp: all.clamp(close, 1, 2),
  where: all.where(all.greater(close, open), high, low),
  orElse: all.orElse(all.sma(close, 5), open),
  keepWhere: all.keepWhere(close, volume, { atLeast: 1, atMost: 500 }),
  time: all.time,
  bandLeg: all.bandLeg(close, { high: 2, low: 1, above: 0.2, between: 0.5, below: 0.8 }),
  confirmationLeg: all.confirmationLeg(volume, close, open),
  score: all.combineLegs([
    { weight: 0.6, leg: all.sma(close, 4) },
    { weight: 0.3, leg: open },
    { weight: 0.2, leg: low },
  ]).score,
  coverage: all.combineLegs([
    { weight: 0.6, leg: close },
    { weight: 0.4, leg: open },
  ]).coverage,
  stochasticK: stoch.k,
  stochasticD: stoch.d,
  stochasticRsi: stochOfRsi.d,
  trix: all.trix(close, 4),
  forceIndex: all.forceIndex(4),
  cci: all.cci(5),
  mfi: all.mfi(5),
  obv: all.obv(),
  psar: all.psar(),
  williamsR: all.williamsR(5),
  awesomeOscillator: all.awesomeOscillator(3, 7),
  vwap: all.vwap(),
  kst: all.kst(close, [2, 3, 4, 5], [2, 2, 3, 3]),
  ichimokuSpanA: cloud.spanA,
  ichimokuSpanB: cloud.spanB,
  chandelierLong: exits.long,
  keltnerUpper: channel.upper,
}
