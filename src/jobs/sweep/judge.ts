import { measureRun } from '../../metrics/measured-run.js'
import { type Statistic, unknown, known } from '../../metrics/statistic.js'
import { simpleReturns } from '../../metrics/returns.js'
import { type AssumptionSummary, summariseAssumptions } from '../../research/overfitting/assumptions.js'
import { findPlateau } from '../../research/overfitting/plateau.js'
import type { CheckOutcome } from '../../research/overfitting/verdict.js'
import { seededRandom } from '../../research/seeded-random.js'
import { judgeSweep } from '../../research/sweep/assess-sweep.js'
import {
  bestRow,
  ranked,
  statusCounts,
  type TrialFigures,
  type TrialRow,
} from '../../research/sweep/trial-row.js'
import { compileStrategy } from '../../strategy/compile.js'
import { holdCosts, runBacktest, type Backtest } from '../backtest.js'
import { askedBacktest, type PreparedSweep } from './prepare.js'
import { sweepId } from './question.js'
import type { BestTrial, LedgerFigures, SweepResult } from './result.js'

const SHOWN = 10

/** Checks of the strategy's code that a sweep does not run. */
const CHECKS_ELSEWHERE = ['look-ahead', 'warm-up', 'determinism'] as const

/**
 * Says what came of a sweep: replays the best trial by a backtest of its own, and under less kind assumptions, and judges whether it is luck. A function of the
 * rows, the data and the ledger's count alone.
 */
export async function resultOf(
  prepared: PreparedSweep,
  rows: readonly TrialRow[],
  ledger: LedgerFigures,
): Promise<SweepResult> {
  const { question, space, request } = prepared
  const best = bestRow(rows)
  const common = {
    id: sweepId(question),
    synthetic: question.ground.data.synthetic,
    trials: rows.length,
    counts: statusCounts(rows),
    best: ranked(rows).slice(0, SHOWN).map(bestTrial),
    ledger,
    plateau: plateauOf(),
  }
  if (best === undefined) return { ...common, judgement: undefined, assumptions: undefined, checks: [] }
  const row = rows[best] as TrialRow
  const backtest = await replayBest(prepared, row)
  const assumptions = assumptionsOf(backtest)
  const checks = [reproduction(row, backtest), ...CHECKS_ELSEWHERE.map((name): CheckOutcome => ({ name, outcome: 'not run', detail: 'baleen check' }))] // prettier-ignore
  const judgement = judgeSweep({
    rows,
    best,
    hold: holdReturns(prepared, row, backtest),
    ledgerTrials: ledgerStatistic(ledger),
    timeframeMs: request.asked.timeframeMs,
    random: seededRandom(request.asked.seed, 0x6a756467),
    assumptions,
    checks,
  })
  return { ...common, judgement: withoutRanks(judgement), assumptions, checks }

  function plateauOf(): SweepResult['plateau'] {
    const points = rows.map(({ point, status, score, reason = '' }) => ({
      point,
      score: status === 'complete' && score !== undefined ? known(score) : unknown(reason),
    }))
    const plateau = findPlateau(space, points)
    return plateau && { ...plateau, centreParams: (rows[plateau.centre.trial] as TrialRow).point }
  }
}

/** 12,870 ranks are no result to keep: they are made again from the trials in a second. */
function withoutRanks(judgement: NonNullable<SweepResult['judgement']>): SweepResult['judgement'] {
  const { assessment } = judgement
  return { ...judgement, assessment: { ...assessment, overfitting: { ...assessment.overfitting, ranks: new Float64Array(0) } } } // prettier-ignore
}

function bestTrial({ number, point, score, figures }: TrialRow): BestTrial {
  const { statistics, meanNetExposure } = figures as TrialFigures
  return { number, params: point, score: score as number, statistics, meanNetExposure }
}

function ledgerStatistic({ trials, problem }: LedgerFigures): Statistic {
  return problem === undefined ? known(trials) : unknown(`the ledger of trials is broken: ${problem}`)
}

async function replayBest({ request, strategy }: PreparedSweep, { point }: TrialRow): Promise<Backtest> {
  const { asked, dataFolder } = request
  return runBacktest({
    ...askedBacktest(asked, dataFolder),
    strategy: compileStrategy(strategy, point, asked.strategy.preset ?? 'default'),
    sensitivity: true,
    seed: asked.seed,
  })
}

function assumptionsOf({ sensitivity }: Backtest): AssumptionSummary {
  if (sensitivity !== undefined) return summariseAssumptions(sensitivity)
  const none = unknown('not replayed')
  return { returnAtTwiceCosts: none, keptOneBarLate: none, pessimisticReturn: none }
}

/** That the backtest a user can type says the same as the trial. */
function reproduction({ figures }: TrialRow, { result }: Backtest): CheckOutcome {
  const name = 'same result by a backtest'
  const { finalEquity, statistics } = figures as TrialFigures
  const trades = result.trades.filter(({ status }) => status === 'closed').length
  if (result.finalEquity === finalEquity && statistics.trades.value === trades)
    return { name, outcome: 'passed' }
  const detail = `the trial ends with ${finalEquity} after ${statistics.trades.value} trades, the backtest with ${result.finalEquity} after ${trades}`
  return { name, outcome: 'failed', detail }
}

/** Daily returns of holding on the whole UTC days of the trials. */
function holdReturns(
  { request, data }: PreparedSweep,
  { figures }: TrialRow,
  { result }: Backtest,
): Float64Array | { readonly reason: string } {
  const { hold, wholeDays } = measureRun(result, { holdCosts: holdCosts(request.asked, data) })
  if ('reason' in hold) return hold
  const returns = simpleReturns(wholeDays(hold.equity))
  const days = (figures as TrialFigures).dailyReturns.length
  return returns.length === days
    ? returns
    : { reason: `holding has ${returns.length} whole days, the trials ${days}` }
}
