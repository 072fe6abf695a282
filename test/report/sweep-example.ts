import type { Trade } from '../../src/core/trades.js'
import { DAY_MS } from '../../src/core/time.js'
import { drawdownSeries, maxDrawdown } from '../../src/metrics/drawdown.js'
import { equityCurve } from '../../src/metrics/returns.js'
import { sweepStability } from '../../src/research/sweep/stability.js'
import type { ParamSpecs } from '../../src/strategy/params.js'
import { int, choice } from '../../src/strategy/params.js'
import { known, unknown } from '../../src/metrics/statistic.js'
import type { SweepReport, SweepTrial } from '../../src/report/index.js'
import { dailySharpe } from '../../src/research/overfitting/deflated-sharpe.js'
import { findPlateau } from '../../src/research/overfitting/plateau.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import { inOneGo } from '../../src/research/steps.js'
import { searchSpace } from '../../src/research/search-space.js'
import { judgeSweep, measureLuck } from '../../src/research/sweep/assess-sweep.js'
import { parseObjective } from '../../src/research/sweep/objective.js'
import { bestRow, statusCounts, type TrialRow } from '../../src/research/sweep/trial-row.js'
import { returnHash } from '../../src/research/overfitting/trial-returns.js'
import type { TrialStatistics } from '../../src/research/trial-statistics.js'
import { gaussian } from '../research/gaussian.js'

export interface SweepExample {
  readonly trials?: number
  readonly days?: number
  readonly words?: readonly [string, string]
  readonly name?: string
  /** No trial is complete. */
  readonly areAllFailed?: boolean
}

/** An invented sweep of two numbers and a word: noise, a tenth of it without enough trades, some failed. */
export function sweepExample({ trials: count = 300, days = 60, words = ['calm', 'wild'], name = 'example', areAllFailed = false }: SweepExample = {}): SweepReport {
  const specs: ParamSpecs = { fast: int(1, 5, 20), slow: int(10, 50, 200), mode: choice([...words]) }
  const space = searchSpace(specs)
  const random = seededRandom(9)
  const objective = parseObjective('sharpe')
  const rows = Array.from({ length: count }, (_, number): TrialRow => {
    const point = { fast: 1 + drawBelow(random, 20), slow: 10 + drawBelow(random, 191), mode: words[drawBelow(random, 2)]! }
    const proposal = { number, point, isSpaceFilling: true }
    if (areAllFailed || number % 50 === 7) return { ...proposal, status: 'failed', reason: `no number of ours: ${name}`, score: undefined, violation: 0, figures: undefined }
    const dailyReturns = Float64Array.from({ length: days }, () => gaussian(random) / 100)
    const sharpe = dailySharpe(dailyReturns)! * Math.sqrt(365)
    const isShort = number % 10 === 3
    const statistics = { ...none, sharpe: known(sharpe), trades: known(isShort ? 5 : 150), totalReturn: known(0.01 * sharpe), maxDrawdown: maxDrawdown(drawdownSeries(equityCurve(dailyReturns), undefined)) }
    return {
      ...proposal,
      status: isShort ? 'constraint' : 'complete',
      reason: isShort ? 'trades>=30: trades is 5' : undefined,
      score: sharpe,
      violation: isShort ? 1 : 0,
      figures: { statistics, finalEquity: 1, fees: 0, slippage: 0, funding: 0, barsHeld: 300, meanNetExposure: 0.3, tradeHash: String(number), returnHash: returnHash(dailyReturns), dailyReturns },
    }
  })
  const best = bestRow(rows)
  const assumptions = { returnAtTwiceCosts: known(0.02), keptOneBarLate: known(0.8), pessimisticReturn: known(0.01) }
  const judgement = best === undefined ? undefined : judgeSweep(inOneGo(measureLuck({ rows, best, hold: new Float64Array(days), ledgerTrials: known(count), timeframeMs: 3_600_000, random: seededRandom(1) })), { assumptions, checks: [{ name: 'look-ahead', outcome: 'not run', detail: 'baleen check' }] })
  const plateau = findPlateau(space, rows.map(({ point, status, score }) => ({ point, score: status === 'complete' && score !== undefined ? known(score) : unknown('not complete') })))
  const trials = rows.map(({ figures, violation: _, ...row }): SweepTrial => ({ ...row, statistics: figures?.statistics, dailySharpe: figures && dailySharpe(figures.dailyReturns) }))
  return {
    id: 'example-0123456789ab', strategy: name, preset: null, synthetic: true, instruments: [name], timeframeMs: 3_600_000, range: { startTime: -Infinity, endTime: Infinity },
    charged: { fees: true, slippage: true, funding: undefined }, dimensions: space.dimensions, fixed: [], constraints: ['fast<slow', 'trades>=30'], objective, sampler: 'sobol', seed: 3, asked: count, drawnFrom: undefined, trials,
    counts: statusCounts(rows), judgement, checks: [{ name: 'look-ahead', outcome: 'not run', detail: 'baleen check' }],
    walkForward: best === undefined ? undefined : { reason: '60 whole days, at least 270 needed' },
    ledger: { trials: count, failed: 6, records: 2, names: [name], sources: 2, isNew: false },
    plateau: plateau && { ...plateau, centreParams: rows[plateau.centre.trial]!.point },
    stability: best === undefined || plateau === undefined ? undefined : sweepStability({ rows, startTime: STARTS, endTime: STARTS + days * DAY_MS, instruments: [name, 'other'], ratePerDay: 0, best: { trial: best, trades: [trade(name, 5, 100), trade(name, 20, -40)] }, centre: plateau.centre.trial === best ? undefined : { trial: plateau.centre.trial, trades: [] } }),
    returns: best === undefined ? undefined : { best: rows[best]!.figures!.dailyReturns, others: rows.slice(0, 100).flatMap(({ figures }) => (figures === undefined ? [] : [figures.dailyReturns])), isSample: true },
    commandOf: (point) => `baleen backtest ${name} -p fast=${point['fast']} -p slow=${point['slow']}`,
    reproduce: [['Command', `baleen sweep ${name}`]],
  }
} // prettier-ignore

/** Three weeks before a year begins. */
const STARTS = Date.UTC(2023, 11, 11)
const trade = (instrumentId: string, day: number, profit: number): Trade =>
  ({
    instrumentId,
    status: 'closed',
    exitReason: 'signal',
    entryTime: STARTS,
    exitTime: STARTS + day * DAY_MS,
    profit,
    profitFraction: profit / 1000,
    fees: 1,
    slippage: 0,
    funding: 0,
    side: 1,
  }) as Partial<Trade> as Trade

const absent = unknown('not part of the example')
const none: TrialStatistics = {
  totalReturn: absent, cagr: absent, sharpe: absent, sortino: absent, volatility: absent, maxDrawdown: absent, calmar: absent, trades: absent,
  tradeWinRate: absent, profitFactor: absent, netProfit: absent, expectancy: absent, undecidedExits: absent,
} // prettier-ignore
