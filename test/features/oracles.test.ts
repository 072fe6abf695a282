import * as library from 'technicalindicators'
import * as signals from 'trading-signals'
import { describe, expect, it } from 'vitest'
import * as ours from '../../src/index.js'
import type { Feature } from '../../src/index.js'
import { columnOf, walk } from './candles.js'

const { close, high, low } = ours
const candles = walk(600, 11)
const bars = Array.from(candles.openTime, (_, i) => ({
  open: candles.open[i]!,
  high: candles.high[i]!,
  low: candles.low[i]!,
  close: candles.close[i]!,
  volume: candles.volume[i]!,
}))
type Bar = (typeof bars)[number]

/** The other library's answer on each bar, undefined or null where it has none. */
function expectEqual(
  feature: Feature,
  answers: readonly (number | null | undefined)[],
  tolerance: number,
): void {
  const column = columnOf(feature, candles)
  let compared = 0
  answers.forEach((answer, i) => {
    if (answer === null || answer === undefined) return
    compared++
    expect(Math.abs(column[i]! - answer), `bar ${i}: ${column[i]} against ${answer}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(answer)),
    )
  })
  expect(compared).toBeGreaterThan(400)
}

describe('trading-signals agrees to 1e-11', () => {
  const run = (of: (bar: Bar) => number | null): (number | null)[] => bars.map(of)
  /** The first `skip` answers belong to a shorter warm-up than ours. */
  const later = (answers: (number | null)[], skip: number): (number | null)[] =>
    answers.map((x, i) => (i < skip ? null : x))
  const moving = (indicator: { add(value: number): number | null; isStable: boolean }) =>
    run((bar) => {
      const answer = indicator.add(bar.close)
      return indicator.isStable ? answer : null
    })

  it.each([1, 2, 5, 20, 200])('sma %i', (n) =>
    expectEqual(ours.sma(close, n), moving(new signals.SMA(n)), 1e-11),
  )
  it.each([1, 2, 12, 48])('ema %i', (n) => expectEqual(ours.ema(close, n), moving(new signals.EMA(n)), 1e-11))
  it.each([1, 2, 14])('wilder %i', (n) =>
    expectEqual(ours.wilder(close, n), moving(new signals.WSMA(n)), 1e-11),
  )
  it.each([2, 14])('wma %i', (n) => expectEqual(ours.wma(close, n), moving(new signals.WMA(n)), 1e-11))
  it.each([2, 14])('rsi %i', (n) => expectEqual(ours.rsi(close, n), moving(new signals.RSI(n)), 1e-11))
  it.each([1, 14])('atr %i', (n) => {
    const atr = new signals.ATR(n)
    expectEqual(
      ours.atr(n),
      run((bar) => atr.add(bar)),
      1e-11,
    )
  })
  it.each([2, 20])('bollinger %i', (n) => {
    const bands = new signals.BollingerBands(n, 2)
    const answers = bars.map((bar) => bands.add(bar.close))
    const own = ours.bollinger(close, n, 2)
    expectEqual(
      own.upper,
      answers.map((x) => x?.upper),
      1e-11,
    )
    expectEqual(
      own.mid,
      answers.map((x) => x?.middle),
      1e-11,
    )
    expectEqual(
      own.lower,
      answers.map((x) => x?.lower),
      1e-11,
    )
    expectEqual(
      own.width,
      answers.map((x) => x && (x.upper - x.lower) / x.middle),
      1e-11,
    )
  })
  it('macd', () => {
    const macd = new signals.MACD(new signals.EMA(12), new signals.EMA(26), new signals.EMA(9))
    const answers = bars.map((bar) => macd.add(bar.close))
    const own = ours.macd()
    expectEqual(
      own.line,
      answers.map((x) => x?.macd),
      1e-11,
    )
    // Theirs shows the signal line from its first value on, ours once it has seen nine.
    expectEqual(
      own.signal,
      later(
        answers.map((x) => x?.signal ?? null),
        33,
      ),
      1e-11,
    )
    expectEqual(
      own.histogram,
      later(
        answers.map((x) => x?.histogram ?? null),
        33,
      ),
      1e-11,
    )
  })
  it.each([2, 14])('adx %i', (n) => {
    const adx = new signals.ADX(n)
    const answers = bars.map((bar) => ({ adx: adx.add(bar), plus: adx.pdi, minus: adx.mdi }))
    const own = ours.adx(n)
    expectEqual(
      own.adx,
      answers.map((x) => x.adx),
      1e-11,
    )
    expectEqual(own.plus, answers.map((x) => typeof x.plus === 'number' ? x.plus * 100 : null), 1e-11) // prettier-ignore
    expectEqual(own.minus, answers.map((x) => typeof x.minus === 'number' ? x.minus * 100 : null), 1e-11) // prettier-ignore
  })
  it('stochastic', () => {
    const stochastic = new signals.StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 1, dPeriod: 3 })
    const answers = bars.map((bar) => stochastic.add(bar))
    const own = ours.stochastic(14, 3)
    expectEqual(
      own.k,
      later(
        answers.map((x) => x?.stochK ?? null),
        16,
      ),
      1e-11,
    )
    expectEqual(
      own.d,
      later(
        answers.map((x) => x?.stochD ?? null),
        16,
      ),
      1e-11,
    )
  })
})

describe('technicalindicators agrees within its own tolerances', () => {
  const closes = Array.from(candles.close)
  const input = {
    high: Array.from(candles.high),
    low: Array.from(candles.low),
    close: closes,
    volume: Array.from(candles.volume),
  }
  /** Its answers come without the warm-up rows. */
  const padded = <T>(answers: readonly T[]): (T | undefined)[] => [
    ...new Array<undefined>(closes.length - answers.length).fill(undefined),
    ...answers,
  ]
  /** Where its seed differs from ours, only what came long after the seed is compared. */
  const settled = <T>(answers: readonly T[], bars: number): (T | undefined)[] =>
    padded(answers).map((answer, i) => (i < bars ? undefined : answer))

  it('sma, wma, highest, lowest', () => {
    expectEqual(ours.sma(close, 20), padded(library.sma({ period: 20, values: closes })), 1e-10)
    expectEqual(ours.wma(close, 9), padded(library.wma({ period: 9, values: closes })), 1e-10)
    expectEqual(ours.highest(high, 20), padded(library.highest({ period: 20, values: input.high })), 0)
    expectEqual(ours.lowest(low, 20), padded(library.lowest({ period: 20, values: input.low })), 0)
  })
  it('wilder, which it calls wema', () => {
    expectEqual(ours.wilder(close, 14), padded(library.wema({ period: 14, values: closes })), 1e-10)
  })
  it('ema, after its other seed has faded', () => {
    expectEqual(ours.ema(close, 8), settled(library.ema({ period: 8, values: closes }), 180), 1e-10)
  })
  it('rsi, rounded by it to 2 decimals', () => {
    expectEqual(ours.rsi(close, 14), padded(library.rsi({ period: 14, values: closes })), 0.0051)
  })
  it('bollinger and population deviation', () => {
    const bands = padded(library.bollingerbands({ period: 20, stdDev: 2, values: closes }))
    expectEqual(
      ours.bollinger(close, 20, 2).upper,
      bands.map((x) => x?.upper),
      1e-10,
    )
    expectEqual(
      ours.deviation(close, 20, 'population'),
      padded(library.sd({ period: 20, values: closes })),
      1e-9,
    )
  })
  it('atr and adx, after their other seeds have faded', () => {
    expectEqual(ours.atr(5), settled(library.atr({ ...input, period: 5 }), 190), 1e-9)
    expectEqual(
      ours.adx(5).adx,
      settled(
        library.adx({ ...input, period: 5 }).map((x) => x.adx),
        199,
      ),
      1e-7,
    )
  })
  it('rate of change, which it gives in percent', () => {
    const percent = ours.mul(100, ours.rateOfChange(close, 12))
    expectEqual(percent, padded(library.roc({ period: 12, values: closes })), 1e-9)
  })
  it('trix and force index, after their other seeds have faded', () => {
    expectEqual(ours.trix(close, 5), settled(library.trix({ period: 5, values: closes }), 199), 1e-9)
    expectEqual(ours.forceIndex(5), settled(library.forceindex({ ...input, period: 5 }), 190), 1e-9)
  })
  it('stochastic', () => {
    const answers = padded(library.stochastic({ ...input, period: 14, signalPeriod: 3 }))
    expectEqual(
      ours.stochastic(14, 3).k,
      answers.map((x) => x?.k),
      1e-9,
    )
    expectEqual(
      ours.stochastic(14, 3).d,
      answers.map((x) => x?.d),
      1e-9,
    )
  })

  it('what we take from it is what its own batch form answers', () => {
    expectEqual(ours.cci(20), padded(library.cci({ ...input, period: 20 })), 0)
    expectEqual(ours.mfi(14), padded(library.mfi({ ...input, period: 14 })), 0)
    expectEqual(ours.obv(), padded(library.obv(input)), 0)
    expectEqual(ours.psar(), padded(library.psar({ ...input, step: 0.02, max: 0.2 })), 0)
    expectEqual(ours.williamsR(14), padded(library.williamsr({ ...input, period: 14 })), 0)
    expectEqual(ours.vwap(), padded(library.vwap(input)), 0)
    const oscillator = padded(library.awesomeoscillator({ ...input, fastPeriod: 5, slowPeriod: 34 }))
    expectEqual(ours.awesomeOscillator(), oscillator, 0)
    const kst = library.kst({ values: closes, ROCPer1: 10, ROCPer2: 15, ROCPer3: 20, ROCPer4: 30, SMAROCPer1: 10, SMAROCPer2: 10, SMAROCPer3: 10, SMAROCPer4: 15, signalPeriod: 9 }) // prettier-ignore
    expectEqual(
      ours.kst(),
      padded(kst).map((x) => x?.kst),
      0,
    )
    const cloud = padded(library.ichimokucloud({ ...input, conversionPeriod: 9, basePeriod: 26, spanPeriod: 52, displacement: 26 })) // prettier-ignore
    expectEqual(
      ours.ichimoku().spanA,
      cloud.map((x) => x?.spanA),
      0,
    )
    expectEqual(
      ours.ichimoku().base,
      cloud.map((x) => x?.base),
      0,
    )
    const exits = padded(
      library.chandelierexit({ ...input, period: 22, multiplier: 3 }) as unknown as { exitLong: number }[],
    )
    expectEqual(
      ours.chandelier().long,
      exits.map((x) => x?.exitLong),
      0,
    )
    const channels = padded(
      library.keltnerchannels({ ...input, maPeriod: 20, atrPeriod: 10, multiplier: 1, useSMA: false }),
    )
    expectEqual(
      ours.keltner().upper,
      channels.map((x) => x?.upper),
      0,
    )
  })
})
