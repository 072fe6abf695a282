import { HOUR_MS } from '../../../src/core/time.js'
import type { InstrumentData, ReplayOptions } from '../../../src/engine/options.js'
import { replay } from '../../../src/engine/replay.js'
import * as b from '../../../src/index.js'
import type { CheckKey, CheckResult } from '../../../src/research/checks/check-result.js'
import { cutTimes } from '../../../src/research/checks/cuts.js'
import { columnsOf, type WholeRun } from '../../../src/research/checks/look-ahead.js'
import { runChecks } from '../../../src/research/checks/run-checks.js'
import type { CompiledStrategy, StrategyInputs } from '../../../src/strategy/compiled.js'
import { dataOf, instrumentOf } from '../../engine/scripted.js'
import { walk } from '../../features/candles.js'
import { smartMoneyFacts } from '../../strategy/helpers.js'

/** A random walk of hours with facts that know nothing of it. */
export function walkData(bars: number, seed: number, id: string = 'test:A'): InstrumentData {
  const candles = walk(bars, seed)
  const start = candles.openTime[0] as number
  return dataOf(
    candles,
    instrumentOf({ id, kind: 'spot' }),
    undefined,
    smartMoneyFacts(start, start + bars * HOUR_MS, seed),
  )
}

/** Crosses averages: acts every few bars. */
export const HONEST: b.CompiledDefinition = b.compileStrategy(
  b.defineStrategy({
    name: 'honest', description: '', params: {},
    features: () => ({ fast: b.sma(b.close, 3), slow: b.sma(b.close, 9), inflow: b.fact('exchange-flows', 'inflow') }),
    enterLong: (f) => b.crossesAbove(f.fast, f.slow),
    exitLong: (f) => b.crossesBelow(f.fast, f.slow),
  }), // prettier-ignore
)

/** The honest strategy with one column computed by someone who may look anywhere. */
export function withColumn(name: string, column: (inputs: StrategyInputs) => Float64Array): CompiledStrategy {
  const { columns, name: strategy, params, risk, policies, factsRead, decide, stream } = HONEST
  return {
    name: strategy,
    params,
    risk,
    policies,
    factsRead,
    decide,
    stream,
    columns: (inputs) => {
      const { features, signal } = columns(inputs)
      return { features: { ...features, [name]: column(inputs) }, signal }
    },
  }
}

export function optionsFor(
  strategy: CompiledStrategy,
  instruments: readonly InstrumentData[],
  more: Partial<ReplayOptions> = {},
): ReplayOptions {
  return {
    strategy,
    instruments,
    startTime: -Infinity,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 1 },
    ...more,
  }
}

export function wholeRun(options: ReplayOptions, cuts: number = 6): WholeRun {
  const result = replay(options)
  const { strategy, instruments } = options
  return {
    options,
    result,
    columns: columnsOf(strategy, instruments),
    cuts: cutTimes(instruments, result, cuts, strategy.decide !== undefined),
  }
}

/** All checks of a strategy, by key. */
export function checked(
  options: ReplayOptions,
  again: CompiledStrategy = options.strategy,
  definition?: b.CompiledDefinition,
): Readonly<Record<CheckKey, CheckResult>> {
  const all = runChecks({
    run: options,
    again,
    cuts: 6,
    seed: 1,
    ...(definition === undefined ? {} : { definition }),
  })
  return Object.fromEntries(all.map((one) => [one.key, one])) as Record<CheckKey, CheckResult>
}
