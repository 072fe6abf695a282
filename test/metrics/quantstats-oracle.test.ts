import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { autocorrelationPenalty } from '../../src/metrics/autocorrelation.js'
import { drawdownSeries, maxDrawdown, ulcerIndex, ulcerPerformanceIndex } from '../../src/metrics/drawdown.js'
import { mean } from '../../src/metrics/moments.js'
import { riskAdjustedReturn, sharpe, sortino, volatility } from '../../src/metrics/ratios.js'
import { beta, informationRatio, rSquared, treynor } from '../../src/metrics/relative.js'
import {
  averageActiveReturn,
  cagr,
  equityCurve,
  geometricMean,
  totalReturn,
} from '../../src/metrics/returns.js'
import { skewness } from '../../src/metrics/shape.js'
import { derive, known, type Statistic } from '../../src/metrics/statistic.js'
import {
  historicalShortfall,
  normalValueAtRisk,
  outlierLossRatio,
  tailRatio,
} from '../../src/metrics/tails.js'
import {
  best, commonSenseRatio, cpcIndex, gainToPain, longestLossStreak, longestWinStreak, payoffRatio, profitFactor, winRate,
} from '../../src/metrics/win-loss.js' // prettier-ignore
import { describeWithReference, referenceData } from '../reference-data.js'

const PERIODS = 252

/** QuantStats' figure for each statistic whose definition is ours, given its 252 periods a year. */
const SAME: Record<string, (returns: Float64Array, benchmark: Float64Array) => Statistic> = {
  autocorr_penalty: autocorrelationPenalty,
  avg_return: averageActiveReturn,
  best,
  cagr: (returns) => cagr(returns, PERIODS),
  common_sense_ratio: (returns) => commonSenseRatio(profitFactor(returns), tailRatio(returns)),
  comp: totalReturn,
  consecutive_losses: longestLossStreak,
  consecutive_wins: longestWinStreak,
  cpc_index: cpcIndex,
  gain_to_pain_ratio: gainToPain,
  geometric_mean: geometricMean,
  outlier_loss_ratio: (returns) => outlierLossRatio(returns),
  payoff_ratio: payoffRatio,
  profit_factor: profitFactor,
  r_squared: rSquared,
  sharpe: (returns) => sharpe(returns, { periodsPerYear: PERIODS }),
  skew: skewness,
  smart_sharpe: (returns) => smart(sharpe, returns),
  smart_sortino: (returns) => smart(sortino, returns),
  sortino: (returns) => sortino(returns, { periodsPerYear: PERIODS }),
  volatility: (returns) => volatility(returns, PERIODS),
  win_rate: winRate,
}

/** Statistics that it defines otherwise: how, ours by default, and ours through the argument that reproduces it. */
const DIFFERENT: Record<string, { how: string; ours: Ask; theirs: Ask }> = {
  max_drawdown: {
    how: 'it is negative',
    ours: depth,
    theirs: (returns) => derive(depth(returns), (value) => -value),
  },
  conditional_value_at_risk: {
    how: 'mean of the returns below the normal value at risk; ours is the mean of the lowest 5 % of the returns',
    ours: (returns) => historicalShortfall(returns),
    theirs: (returns) =>
      derive(normalValueAtRisk(returns), (threshold) =>
        known(mean(Array.from(returns).filter((value) => value < threshold))),
      ),
  },
  information_ratio: {
    how: 'it is not annualised',
    ours: (returns, benchmark) => informationRatio(returns, benchmark),
    theirs: (returns, benchmark) => informationRatio(returns, benchmark, 1),
  },
  treynor_ratio: {
    how: 'the total return stands above beta; ours is the yearly growth',
    ours: (returns, benchmark) => treynor(cagr(returns, PERIODS), beta(returns, benchmark)),
    theirs: (returns, benchmark) => treynor(totalReturn(returns), beta(returns, benchmark)),
  },
  ulcer_performance_index: {
    how: 'total return over an ulcer index with divisor n − 1; ours is yearly growth over a mean with divisor n',
    ours: (returns) => ulcerPerformanceIndex(cagr(returns, PERIODS), ulcerIndex(falls(returns))),
    theirs: (returns) => ulcerPerformanceIndex(totalReturn(returns), ulcerIndex(falls(returns), 1)),
  },
  rar: {
    how: 'time in market is the share of days that are not flat, rounded up to a whole percent; ours is of bars with a position',
    ours: (returns) => riskAdjustedReturn(cagr(returns, PERIODS), known(0.5)),
    theirs: (returns) => riskAdjustedReturn(cagr(returns, PERIODS), known(activeShare(returns))),
  },
}

type Ask = (returns: Float64Array, benchmark: Float64Array) => Statistic

function smart(ratio: typeof sharpe, returns: Float64Array): Statistic {
  return derive(autocorrelationPenalty(returns), (penalty) =>
    ratio(returns, { periodsPerYear: PERIODS, penalty }),
  )
}

function falls(returns: Float64Array): Float64Array {
  return drawdownSeries(equityCurve(returns).subarray(1), 1)
}

function depth(returns: Float64Array): Statistic {
  return maxDrawdown(falls(returns))
}

function activeShare(returns: Float64Array): number {
  return Math.ceil((returns.filter((value) => value !== 0).length / returns.length) * 100) / 100
}

describeWithReference('QuantStats on 500 days with a benchmark', () => {
  const file = JSON.parse(readFileSync(referenceData('oracle/quantstats_tearsheet.json'), 'utf8')) as {
    returns: number[]
    benchmark: number[]
    stats: Record<string, number>
  }
  const returns = Float64Array.from(file.returns)
  const benchmark = Float64Array.from(file.benchmark)
  const agree = (statistic: Statistic | undefined, expected: number): void =>
    expect(Math.abs((statistic?.value ?? NaN) - expected)).toBeLessThanOrEqual(1e-9)

  it('every figure of the tear sheet is either the same or named as different', () => {
    expect([...Object.keys(SAME), ...Object.keys(DIFFERENT)].sort()).toEqual(Object.keys(file.stats).sort())
  })

  it.each(Object.entries(file.stats).filter(([name]) => name in SAME))('%s is the same', (name, expected) => {
    agree(SAME[name]?.(returns, benchmark), expected)
  })

  it.each(Object.entries(DIFFERENT))(
    '%s differs as named, and an argument reproduces it',
    (name, { ours, theirs }) => {
      const expected = file.stats[name] ?? NaN
      agree(theirs(returns, benchmark), expected)
      expect(Math.abs((ours(returns, benchmark).value ?? NaN) - expected)).toBeGreaterThan(1e-6)
    },
  )
})
