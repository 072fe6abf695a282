import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { capture, downCapture, upCapture } from '../../src/metrics/capture.js'
import { drawdownSeries, maxDrawdown } from '../../src/metrics/drawdown.js'
import {
  calmar,
  downsideDeviation,
  omega,
  sharpe,
  sortino,
  stability,
  volatility,
} from '../../src/metrics/ratios.js'
import { alpha, beta, informationRatio } from '../../src/metrics/relative.js'
import { cagr, equityCurve, ratePerPeriod, simpleReturn, totalReturn } from '../../src/metrics/returns.js'
import { combine, derive, known, quotient, type Statistic } from '../../src/metrics/statistic.js'
import { historicalShortfall, historicalValueAtRisk, tailRatio } from '../../src/metrics/tails.js'
import { describeWithReference, referenceData } from '../reference-data.js'

/**
 * Where empyrical and Baleen define a thing differently, and how the adapter below bridges it:
 *
 * | empyrical | Baleen | bridge |
 * |---|---|---|
 * | a missing return (NaN) is skipped in means and pairs, and counts as 0 in products and in the length of time | returns are finite | `present`, `paired` drop it; `filled` puts 0 |
 * | NaN and ±∞ | n/a with a reason | both mean "no number" |
 * | drawdowns are negative | positive depth | sign |
 * | `omega_ratio` takes a yearly required return and a risk-free rate per period | one threshold per period | converted and added |
 * | `alpha` compounds the mean to a year | multiplies it | option `annualise: 'compound'` |
 * | `excess_sharpe` is not annualised | information ratio is | 1 period a year |
 * | 252, 52, 12 periods a year | 365 | argument |
 * | ratios of a series of one observation: Sortino NaN, downside risk a number | the same | – |
 */
const PERIODS: Record<string, number> = { daily: 252, weekly: 52, monthly: 12 }

type Raw = number | string | null
interface Case {
  readonly function: string
  readonly inputs: Record<string, string>
  readonly params: Record<string, unknown>
  readonly expected: Raw | Raw[]
  readonly decimals: number
  readonly reference_output: Raw | Raw[]
  readonly test: string
  readonly element?: number
}
interface Series {
  readonly values?: Raw[]
  readonly columns?: Record<string, { values: Raw[] }>
}

class Arguments {
  constructor(
    private readonly oneCase: Case,
    private readonly series: Record<string, Series | Raw[]>,
  ) {}

  /** A series or number argument with NaN where a return is missing. */
  get(name: string): Float64Array | number {
    const key = this.oneCase.inputs[name]
    const given: unknown = key === undefined ? this.oneCase.params[name] : this.series[key]
    if (typeof given === 'number') return given
    if (given === undefined || given === null) return 0
    if (Array.isArray(given)) return Float64Array.from(given as Raw[], Number)
    const { values, columns } = given as Series
    const column = values ?? Object.values(columns ?? {})[this.oneCase.element ?? 0]?.values
    return Float64Array.from(column ?? [], Number)
  }

  raw(name: string): Float64Array {
    const value = this.get(name)
    if (typeof value === 'number') throw new Error(`${this.oneCase.test}: ${name} is not a series`)
    return value
  }

  present(name: string): Float64Array {
    return this.raw(name).filter((value) => !Number.isNaN(value))
  }

  filled(name: string): Float64Array {
    return this.raw(name).map((value) => (Number.isNaN(value) ? 0 : value))
  }

  /** Two series without the rows in which either is missing; a number stays one. */
  paired(first: string, second: string): [Float64Array, Float64Array | number] {
    const a = this.raw(first)
    const b = this.get(second)
    const kept = a.map((value, i) =>
      Number.isNaN(value + (typeof b === 'number' ? b : (b[i] ?? NaN))) ? 0 : 1,
    )
    const keep = (values: Float64Array): Float64Array => values.filter((_, i) => kept[i] === 1)
    return [keep(a), typeof b === 'number' ? b : keep(b)]
  }

  pair(first: string, second: string): [Float64Array, Float64Array] {
    const [a, b] = this.paired(first, second)
    return [a, typeof b === 'number' ? a.map(() => b) : b]
  }

  number(name: string): number {
    return Number(this.oneCase.params[name] ?? 0)
  }

  get periods(): number {
    return PERIODS[String(this.oneCase.params['period'] ?? 'daily')] ?? NaN
  }
}

const depth = (returns: Float64Array): Statistic =>
  maxDrawdown(returns.length === 0 ? [] : drawdownSeries(equityCurve(returns), undefined))

const ADAPTER: Record<string, (given: Arguments) => Statistic | Statistic[]> = {
  simple_returns: (given) => {
    const prices = given.raw('prices')
    return Array.from(prices.subarray(1), (price, i) => simpleReturn(prices[i] ?? NaN, price))
  },
  cum_returns: (given) => {
    const start = given.number('starting_value')
    const curve = equityCurve(given.filled('returns'), start === 0 ? 1 : start).subarray(1)
    return Array.from(curve, (value) => known(start === 0 ? value - 1 : value))
  },
  cum_returns_final: (given) => totalReturn(given.filled('returns')),
  max_drawdown: (given) => derive(depth(given.filled('returns')), (value) => -value),
  annual_return: (given) => cagr(given.filled('returns'), given.periods),
  cagr: (given) => cagr(given.filled('returns'), given.periods),
  annual_volatility: (given) => volatility(given.present('returns'), given.periods),
  calmar_ratio: (given) =>
    calmar(cagr(given.filled('returns'), given.periods), depth(given.filled('returns'))),
  omega_ratio: (given) => {
    const [returns, free] = given.pair('returns', 'risk_free')
    const required = ratePerPeriod(given.number('required_return'), given.number('annualization'))
    return omega(
      returns,
      free.map((rate) => rate + required),
    )
  },
  sharpe_ratio: (given) => {
    const [returns, rate] = given.paired('returns', 'risk_free')
    return sharpe(returns, { periodsPerYear: given.periods, ratePerPeriod: rate })
  },
  sortino_ratio: (given) => {
    const [returns, rate] = given.paired('returns', 'required_return')
    return sortino(returns, { periodsPerYear: given.periods, ratePerPeriod: rate })
  },
  downside_risk: (given) => {
    const [returns, rate] = given.paired('returns', 'required_return')
    return downsideDeviation(returns, { periodsPerYear: given.periods, ratePerPeriod: rate })
  },
  excess_sharpe: (given) => informationRatio(...given.pair('returns', 'factor_returns'), 1),
  alpha: (given) =>
    alpha(...given.pair('returns', 'factor_returns'), {
      periodsPerYear: given.periods,
      annualise: 'compound',
    }),
  alpha_beta: (given) => {
    const pair = given.pair('returns', 'factor_returns')
    return [alpha(...pair, { periodsPerYear: given.periods, annualise: 'compound' }), beta(...pair)]
  },
  beta: (given) => beta(...given.pair('returns', 'factor_returns')),
  stability_of_timeseries: (given) => stability(given.present('returns')),
  tail_ratio: (given) => tailRatio(given.present('returns')),
  capture: (given) => capture(given.filled('returns'), given.filled('factor_returns'), 252),
  up_capture: (given) => upCapture(...given.pair('returns', 'factor_returns'), 252),
  down_capture: (given) => downCapture(...given.pair('returns', 'factor_returns'), 252),
  up_down_capture: (given) => upDownCapture(...given.pair('returns', 'factor_returns'), 252),
  roll_up_capture: (given) => rolled(given, upCapture),
  roll_down_capture: (given) => rolled(given, downCapture),
  roll_up_down_capture: (given) => rolled(given, upDownCapture),
  value_at_risk: (given) => historicalValueAtRisk(given.raw('returns'), given.number('cutoff')),
  conditional_value_at_risk: (given) => historicalShortfall(given.raw('returns'), given.number('cutoff')),
}

/** Up over down capture: a quotient that we do not report. */
const upDownCapture: typeof capture = (returns, benchmark, periods) =>
  combine(upCapture(returns, benchmark, periods), downCapture(returns, benchmark, periods), (up, down) =>
    quotient(up, down, 'the down capture is zero'),
  )

/** A statistic of each window of successive returns. */
function rolled(given: Arguments, statistic: typeof capture): Statistic[] {
  const [own, other] = [given.filled('returns'), given.filled('factor_returns')]
  const window = given.number('window')
  const starts = Math.max(0, own.length - window + 1)
  return Array.from({ length: starts }, (_, from) =>
    statistic(own.subarray(from, from + window), other.subarray(from, from + window), 252),
  )
}

function check(actual: Statistic | undefined, expected: Raw, exact: Raw | undefined, decimals: number): void {
  expect(actual).toBeDefined()
  const wanted = Number(expected)
  if (!Number.isFinite(wanted)) {
    expect(actual?.value).toBeUndefined()
    expect((actual as { reason?: string }).reason).toMatch(/\w/)
    return
  }
  const value = actual?.value ?? NaN
  expect(Math.abs(value - wanted)).toBeLessThan(1.5 * 10 ** -decimals)
  // What the library itself answered in full precision is held to more than its own table asks.
  const precise = Number(exact ?? expected)
  expect(Math.abs(value - precise)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(precise)))
}

describeWithReference('empyrical-reloaded, its own test tables', () => {
  const file = JSON.parse(readFileSync(referenceData('oracle/empyrical_metrics.json'), 'utf8')) as {
    series: Record<string, Series | Raw[]>
    cases: Case[]
  }

  it('holds all 117 cases', () => expect(file.cases).toHaveLength(117))

  it.each(file.cases.map((oneCase, index) => [index, oneCase.test, oneCase] as const))(
    '%i %s',
    (_, __, oneCase) => {
      const actual = ADAPTER[oneCase.function]?.(new Arguments(oneCase, file.series))
      expect(actual, `no adapter for ${oneCase.function}`).toBeDefined()
      const { expected, element, decimals } = oneCase
      const exact = oneCase.reference_output
      if (Array.isArray(expected)) {
        const list = actual as Statistic[]
        expect(list).toHaveLength(expected.length)
        expected.forEach((wanted, i) =>
          check(list[i], wanted, Array.isArray(exact) ? exact[i] : undefined, decimals),
        )
      } else {
        const one = Array.isArray(actual) ? actual[element ?? 0] : actual
        check(one, expected, Array.isArray(exact) ? exact[element ?? 0] : exact, decimals)
      }
    },
  )
})
