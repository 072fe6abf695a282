import { DataError } from '../core/errors.js'
import type { Runs, SignalColumns, SignalRow } from '../core/signals.js'
import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT, LONG_OFF, SHORT_OFF } from '../core/signals.js'
import { prepareSettlements, type Settlement } from '../execution/funding.js'
import type { CompletedBar } from '../trading/events.js'
import type { InstrumentData, ReplayOptions } from './options.js'

/** Adds a bit on every bar of the runs. */
function mark(bits: Uint8Array, runs: Runs, bit: number): void {
  for (let at = 0; (runs[at] as number) < bits.length; at += 2) {
    const end = Math.min(runs[at + 1] as number, bits.length)
    for (let bar = runs[at] as number; bar < end; bar++) bits[bar] = (bits[bar] as number) | bit
  }
}

/** One instrument of a replay: its bars, its signal, and how far the replay has come. */
export class InstrumentRun {
  readonly index: number
  readonly data: InstrumentData
  readonly signal: SignalColumns
  readonly features: Readonly<Record<string, Float64Array>>
  readonly settlements: readonly Settlement[]
  /** Bars `[first, end)` of the candles belong to the run; earlier ones only warm up. */
  readonly first: number
  readonly end: number
  /** Bar in progress. */
  bar: number
  nextSettlement: number = 0
  rearmKey: number = NaN
  /** What the signal says on each bar. */
  private readonly bits: Uint8Array
  private readonly needsFeatures: boolean

  constructor(index: number, data: InstrumentData, options: ReplayOptions) {
    this.index = index
    this.data = data
    checkCandles(data)
    checkFunding(data)
    const { signal, features } = options.strategy.columns({ candles: data.candles, facts: data.facts })
    this.signal = signal
    this.features = features
    this.needsFeatures = options.strategy.decide !== undefined
    const { openTime, timeframeMs } = data.candles
    this.first = openTime.findIndex((time) => time >= options.startTime)
    let end = openTime.length
    while (end > 0 && (openTime[end - 1] as number) + timeframeMs > options.endTime) end--
    if (this.first < 0 || this.first >= end) {
      throw new DataError(`${data.instrument.id} has no bar in the time range of the run`, {
        field: 'timerange',
      })
    }
    this.end = end
    this.bar = this.first
    // To the end of the run, not of these candles: what is held when an instrument's bars cease still pays and receives.
    this.settlements =
      data.funding === undefined
        ? []
        : prepareSettlements(data.funding, data.candles, openTime[this.first] as number, options.endTime)
    this.bits = new Uint8Array(openTime.length)
    mark(this.bits, signal.enterLong, ENTER_LONG)
    mark(this.bits, signal.exitLong, EXIT_LONG)
    mark(this.bits, signal.enterShort, ENTER_SHORT)
    mark(this.bits, signal.exitShort, EXIT_SHORT)
    mark(this.bits, signal.longOff, LONG_OFF)
    mark(this.bits, signal.shortOff, SHORT_OFF)
  }

  openTime(bar: number): number {
    return this.data.candles.openTime[bar] as number
  }

  closeTime(bar: number): number {
    return this.openTime(bar) + this.data.candles.timeframeMs
  }

  isWarm(bar: number): boolean {
    return bar >= this.signal.warmUpBars
  }

  /** Warm, and with a score where the strategy has one. */
  isUsable(bar: number): boolean {
    const { score } = this.signal
    return this.isWarm(bar) && (score === undefined || !Number.isNaN(score[bar] as number))
  }

  signalRow(bar: number): SignalRow {
    const { score, coverage, rearmKey, atr } = this.signal
    return {
      bits: this.bits[bar] as number,
      score: score?.[bar] ?? NaN,
      coverage: coverage?.[bar] ?? NaN,
      rearmKey: rearmKey?.[bar] ?? NaN,
      atr: atr?.[bar] ?? NaN,
    }
  }

  completedBar(bar: number): CompletedBar {
    const { open, high, low, close } = this.data.candles
    return {
      instrument: this.index,
      open: open[bar] as number,
      high: high[bar] as number,
      low: low[bar] as number,
      close: close[bar] as number,
      signal: this.signalRow(bar),
      usable: this.isUsable(bar),
      features: this.needsFeatures ? this.featureRow(bar) : undefined,
    }
  }

  private featureRow(bar: number): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.features).map(([name, column]) => [name, column[bar] as number]),
    )
  }
}

/** The engine's own look at its input: whatever slipped past the store must not become a trade. */
function checkCandles({ instrument, candles }: InstrumentData): void {
  const { openTime, open, high, low, close, timeframeMs } = candles
  const fail = (message: string, row: number, field: string, value: number): never => {
    throw new DataError(message, { file: `candles of ${instrument.id}`, row: row + 1, field, value })
  }
  for (let bar = 0; bar < openTime.length; bar++) {
    const [o, h, l, c] = [open[bar] as number, high[bar] as number, low[bar] as number, close[bar] as number]
    if (!(l > 0) || !(h < Infinity))
      fail('prices must be positive and finite', bar, l > 0 ? 'high' : 'low', l > 0 ? h : l)
    if (!(l <= o && l <= c)) fail('low is above open or close', bar, 'low', l)
    if (!(h >= o && h >= c)) fail('high is below open or close', bar, 'high', h)
    if (bar > 0 && !((openTime[bar] as number) >= (openTime[bar - 1] as number) + timeframeMs)) {
      fail('bars overlap or go back in time', bar, 'openTime', openTime[bar] as number)
    }
  }
}

/** A settlement listed twice would be charged twice, one out of order at the wrong time. */
function checkFunding({ instrument, funding }: InstrumentData): void {
  if (funding === undefined) return
  const { time, rate, mark } = funding
  const fail = (message: string, row: number, field: string, value: number): never => {
    throw new DataError(message, { file: `funding of ${instrument.id}`, row: row + 1, field, value })
  }
  for (let row = 0; row < time.length; row++) {
    const [stamp, fraction, price] = [time[row] as number, rate[row] as number, mark[row] as number]
    if (!Number.isFinite(stamp) || (row > 0 && !(stamp > (time[row - 1] as number))))
      fail('settlement times must increase', row, 'time', stamp)
    if (Math.abs(fraction) === Infinity) fail('a rate must be finite, or missing', row, 'rate', fraction)
    if (price <= 0 || price === Infinity) fail('a mark must be positive, or missing', row, 'mark', price)
  }
}
