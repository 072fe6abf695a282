import { ConfigError, DataError } from '../core/errors.js'
import { DAY_MS, durationName, formatUtc, parseDuration } from '../core/time.js'
import type { Argument, Feature } from './feature.js'
import type { BarContext, OperatorDefinition } from './operator.js'
import { type Calculation, HigherBar, calculation } from './timeframe-calculation.js'

const WEEK_MS = 7 * DAY_MS
/** 1 January 1970 was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS

/** Start of the higher bar that holds the instant: whole multiples since 1970, of whole weeks since its first Monday. */
export function gridStart(timeMs: number, timeframeMs: number): number {
  const origin = timeframeMs % WEEK_MS === 0 ? FIRST_MONDAY_MS : 0
  return origin + Math.floor((timeMs - origin) / timeframeMs) * timeframeMs
}

/** Makes higher bars of base bars and keeps what was last calculated on a complete one. */
class CompletedBars {
  private readonly bar = new HigherBar()
  /** Of the bar that forms, or formed last, UTC ms. */
  private end = -Infinity
  private isForming = false
  private value = NaN

  constructor(
    private readonly baseMs: number,
    private readonly higherMs: number,
    private readonly calculate: Calculation,
  ) {}

  next(open: number, high: number, low: number, close: number, volume: number, time: number): number {
    if (time > this.end) this.begin(open, time)
    this.bar.add(high, low, close, volume)
    if (time === this.end) this.complete()
    return this.value
  }

  private begin(open: number, time: number): void {
    // The last base bars of the one before did not exist.
    this.complete()
    const openTime = time - this.baseMs
    const start = gridStart(openTime, this.higherMs)
    const isFirst = this.end === -Infinity
    this.isForming = !isFirst || start === openTime
    this.end = start + this.higherMs
    if (time > this.end) this.refuse(openTime)
    this.bar.begin(open, this.end)
  }

  private complete(): void {
    if (this.isForming) this.value = this.calculate(this.bar)
    this.isForming = false
  }

  private refuse(openTime: number): never {
    throw new DataError(`a bar lies across the end of a ${durationName(this.higherMs)} bar`, {
      field: 'openTime',
      value: formatUtc(openTime),
      unit: 'UTC',
    })
  }
}

/** What the registry knows of operators, handed in because it also lists this one. */
export interface Definitions {
  definitionOf(feature: Feature): OperatorDefinition
  warmUpBars(feature: Feature, context: BarContext): number
}

/** The operator behind `completed`. */
export function completedBars({ definitionOf, warmUpBars }: Definitions): OperatorDefinition {
  return {
    arity: 6,
    create(args, { timeframeMs }) {
      const { higherMs, of } = settings(args, timeframeMs)
      const calculate = calculation(of, definitionOf, { timeframeMs: higherMs })
      return new CompletedBars(timeframeMs, higherMs, calculate)
    },
    warmUp(args, _inputs, { timeframeMs }) {
      const { higherMs, of } = settings(args, timeframeMs)
      const ratio = higherMs / timeframeMs
      // The data begin one bar behind the grid at worst: ratio − 1 bars of a higher bar that is dropped, then whole ones.
      return ratio - 1 + (warmUpBars(of, { timeframeMs: higherMs }) + 1) * ratio - 1
    },
  }
}

function settings(args: readonly Argument[], baseMs: number): { higherMs: number; of: Feature } {
  const [timeframe, of] = args as [string, string]
  const higherMs = parseDuration(timeframe)
  if (higherMs % baseMs !== 0) {
    throw new ConfigError(`must be a whole multiple of the ${durationName(baseMs)} of the bars below it`, {
      field: 'timeframe',
      value: timeframe,
    })
  }
  return { higherMs, of: JSON.parse(of) as Feature }
}
