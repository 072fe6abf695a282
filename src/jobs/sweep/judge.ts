import type { BacktestResult } from '../../core/result.js'
import type { ReplayOptions } from '../../engine/options.js'
import { replay } from '../../engine/replay.js'
import { steadyHoldBenchmark } from '../../metrics/hold-benchmark.js'
import { measureRun } from '../../metrics/measured-run.js'
import { type Statistic, unknown, known } from '../../metrics/statistic.js'
import { DAYS_PER_YEAR, ratePerPeriod, simpleReturns } from '../../metrics/returns.js'
import { summariseAssumptions } from '../../research/overfitting/assumptions.js'
import { findPlateau } from '../../research/overfitting/plateau.js'
import { type Sequence, sequence } from '../../research/overfitting/trial-returns.js'
import type { CheckOutcome } from '../../research/overfitting/verdict.js'
import { measureSensitivity, type Play, type Sensitivity } from '../../research/sensitivity.js'
import { seededRandom } from '../../research/seeded-random.js'
import { runChecks } from '../../research/checks/run-checks.js'
import {
  judgeSweep,
  type LuckOptions,
  type MeasuredLuck,
  measureLuck,
  type OtherEvidence,
  type RandomEntryWhen,
  type SweepJudgement,
  wantsRandomEntry,
  withRandomEntry,
} from '../../research/sweep/assess-sweep.js'
import type { Steps } from '../../research/steps.js'
import { sweepStability, type SweepStability } from '../../research/sweep/stability.js'
import {
  bestRow,
  ranked,
  statusCounts,
  type TrialFigures,
  type TrialRow,
} from '../../research/sweep/trial-row.js'
import { compileStrategy } from '../../strategy/compile.js'
import { chanceOf, holdCosts } from '../backtest.js'
import { meanwhile } from '../meanwhile.js'
import type { PreparedSweep } from './prepare.js'
import type { TrialWorkers } from '../trial-workers.js'
import { sweepId } from './question.js'
import { type RandomEntryOptions, sweepRandomEntry } from './random-entry.js'
import type { TriedOffsets } from './tried-offsets.js'
import { walkSweep } from './sweep-walk.js'
import { RESULT_SCHEMA, type BestTrial, type LedgerFigures, type SweepResult } from './result.js'

const SHOWN = 10

/** At how many closes the best trial's data are cut to see whether it looks ahead. */
const CUTS = 6
/** Averages never quite forget where the data begin: what a thousandth more or less on so few bars does to a sweep over all of them cannot matter. */
const UNSETTLED_SHARE = 0.05

/** How a sweep is judged: what costs much more than the rest, and who is told how far it is. */
export interface JudgeOptions {
  readonly workers: TrialWorkers
  /** Default: where the verdict hangs on them. */
  readonly randomEntry?: RandomEntryWhen
  /** See `RandomEntryOptions`. */
  readonly mostReplicates?: number
  /** Where random entries are kept that were tried before. Default: nowhere. */
  readonly tried?: TriedOffsets
  readonly onStage?: (stage: string) => void
}

/**
 * Says what came of a sweep: replays the best trial by a backtest of its own, and under less kind assumptions, checks its code, walks forward by the same
 * search, and judges whether it is luck. A function of the rows, the data, the ledger's count and of when random entries are tried alone.
 */
export async function resultOf(
  prepared: PreparedSweep,
  rows: Sequence<TrialRow>,
  ledger: LedgerFigures,
  options: JudgeOptions,
): Promise<SweepResult> {
  const { workers, onStage = () => undefined } = options
  const { question, space, request } = prepared
  onStage('ranking trials')
  const best = bestRow(rows)
  const plateau = plateauOf()
  const common = {
    schema: RESULT_SCHEMA,
    id: sweepId(question),
    synthetic: question.ground.data.synthetic,
    trials: rows.length,
    counts: statusCounts(rows),
    best: ranked(rows, SHOWN).map(bestTrial),
    ledger,
    plateau,
  }
  if (best === undefined)
    return {
      ...common,
      judgement: undefined,
      assumptions: undefined,
      checks: [],
      walkForward: undefined,
      stability: undefined,
    }
  const row = rows.at(best) as TrialRow
  onStage('replaying the best trial')
  const backtest = await replayBest(prepared, row)
  const assumptions = summariseAssumptions(backtest.sensitivity)
  onStage('checking its code')
  const checks = [reproduction(row, backtest), ...checksOf(prepared, row)]
  const [walkForward, luck] = await walkAndMeasure(prepared, workers, onStage, {
    rows,
    best,
    hold: holdReturns(prepared, row, backtest),
    ledgerTrials: ledgerStatistic(ledger),
    timeframeMs: request.asked.timeframeMs,
    riskFreeRate: prepared.rules.measure.riskFreeRate ?? 0,
    random: seededRandom(request.asked.seed, 0x6a756467),
  })
  const judged = judgeSweep(luck, { assumptions, checks, walkForward: walkFigures(walkForward) })
  const judgement = wantsRandomEntry(judged, options.randomEntry ?? 'decisive')
    ? withRandomEntry(judged, await sweepRandomEntry(prepared, rows, workers, randomEntryOptions()))
    : judged
  onStage('measuring years and instruments')
  const stability = stabilityOf(prepared, rows, best, plateau, backtest.result)
  return { ...common, judgement: withoutRanks(judgement), assumptions, checks, walkForward, stability }

  function randomEntryOptions(): RandomEntryOptions {
    return {
      ...(options.tried !== undefined && { tried: options.tried }),
      ...(options.mostReplicates !== undefined && { mostReplicates: options.mostReplicates }),
      onProgress: ({ offsets, of }) => onStage(`random entries, ${offsets} of at most ${of}`),
    }
  }

  function plateauOf(): SweepResult['plateau'] {
    const points = sequence(rows.length, (at) => {
      const { point, status, score, reason = '' } = rows.at(at) as TrialRow
      return { point, score: status === 'complete' && score !== undefined ? known(score) : unknown(reason) }
    })
    const plateau = findPlateau(space, points)
    return plateau && { ...plateau, centreParams: (rows.at(plateau.centre.trial) as TrialRow).point }
  }
}

/** Walks forward, which keeps the workers busy, and measures luck in this thread meanwhile: neither looks at the other. */
async function walkAndMeasure(
  prepared: PreparedSweep,
  workers: TrialWorkers,
  onStage: (stage: string) => void,
  options: LuckOptions,
): Promise<readonly [Awaited<ReturnType<typeof walkSweep>>, MeasuredLuck]> {
  let isMeasuring = true
  const walk = walkSweep(prepared, workers, (window, of) =>
    onStage(`walking forward${isMeasuring ? ' and measuring luck' : ''}, window ${window} of ${of}`),
  ).then((walked) => {
    if (isMeasuring) onStage('measuring luck')
    return walked
  })
  return meanwhile(walk, measuring())

  function* measuring(): Steps<MeasuredLuck> {
    const luck = yield* measureLuck(options)
    isMeasuring = false
    return luck
  }
}

/** 12,870 ranks are no result to keep: they are made again from the trials in a second. The evidence stands in the gates. */
function withoutRanks({ evidence: _, assessment, ...judgement }: SweepJudgement): SweepResult['judgement'] {
  const overfitting = { ...assessment.overfitting, ranks: new Float64Array(0) }
  return { ...judgement, assessment: { ...assessment, overfitting } }
}

function bestTrial({ number, point, score, figures }: TrialRow): BestTrial {
  const { statistics, meanNetExposure } = figures as TrialFigures
  return { number, params: point, score: score as number, statistics, meanNetExposure }
}

function ledgerStatistic({ trials, problem }: LedgerFigures): Statistic {
  return problem === undefined ? known(trials) : unknown(`the ledger of trials cannot be trusted: ${problem}`)
}

interface ReplayedBest {
  readonly result: BacktestResult
  readonly sensitivity: Sensitivity
}

/** The backtest that a user can type, on the data that are here, and under less kind assumptions. */
async function replayBest(prepared: PreparedSweep, { point }: TrialRow): Promise<ReplayedBest> {
  const options = replayOf(prepared, point)
  const play: Play = (changed) => Promise.resolve(replay(changed))
  const result = await play(options)
  const chance = chanceOf(prepared.request.asked.seed)
  return { result, sensitivity: await measureSensitivity(options, result, chance, play) }
}

/** By years and instruments; the middle of a plateau is replayed for it. */
function stabilityOf(
  prepared: PreparedSweep,
  rows: Sequence<TrialRow>,
  best: number,
  plateau: SweepResult['plateau'],
  { trades }: BacktestResult,
): SweepStability {
  const { subject, request, rules } = prepared
  const centre = plateau?.centre.trial ?? best
  return sweepStability({
    rows,
    startTime: subject.startTime,
    endTime: subject.endTime,
    instruments: request.asked.instruments.map(({ id }) => id),
    ratePerDay: ratePerPeriod(rules.measure.riskFreeRate ?? 0, DAYS_PER_YEAR),
    best: { trial: best, trades },
    centre: centre === best ? undefined : { trial: centre, trades: replay(replayOf(prepared, (rows.at(centre) as TrialRow).point)).trades },
  })
} // prettier-ignore

function replayOf({ data, strategy, request: { asked } }: PreparedSweep, point: TrialRow['point']) {
  const { range, startingBalance, costs, policies } = asked
  return {
    ...range,
    strategy: compileStrategy(strategy, point, asked.strategy.preset ?? 'default'),
    instruments: data.instruments,
    startingBalance,
    costs,
    policies,
  } satisfies ReplayOptions
}

/** What a check finds of the best trial's code. One bar late is a gate of its own; legs are looked at where there are any. */
function checksOf(prepared: PreparedSweep, { point }: TrialRow): CheckOutcome[] {
  const run = replayOf(prepared, point)
  const again = replayOf(prepared, point).strategy
  const { seed } = prepared.request.asked
  const settings = { cuts: CUTS, seed, unsettledShare: UNSETTLED_SHARE }
  const checks = runChecks({ run, again, definition: run.strategy, ...settings })
  return checks.filter(
    ({ key, outcome }) => key !== 'one-bar-late' && !(key === 'legs' && outcome === 'not run'),
  )
}

function walkFigures(
  walked: NonNullable<SweepResult['walkForward']>,
): NonNullable<OtherEvidence['walkForward']> {
  if ('windows' in walked) return { net: walked.netReturn, efficiency: walked.efficiency }
  return { net: unknown(walked.reason), efficiency: unknown(walked.reason) }
}

/** That the backtest a user can type says the same as the trial. */
function reproduction({ figures }: TrialRow, { result }: ReplayedBest): CheckOutcome {
  const name = 'same result by a backtest'
  const { finalEquity, statistics } = figures as TrialFigures
  const trades = result.trades.filter(({ status }) => status === 'closed').length
  if (result.finalEquity === finalEquity && statistics.trades.value === trades)
    return { name, outcome: 'passed' }
  const detail = `the trial ends with ${finalEquity} after ${statistics.trades.value} trades, the backtest with ${result.finalEquity} after ${trades}`
  return { name, outcome: 'failed', detail }
}

/** Daily returns of holding on the whole UTC days of the trials, the share of the capital kept as it is: trials scale them by their own. */
function holdReturns(
  { request, data }: PreparedSweep,
  { figures }: TrialRow,
  { result }: ReplayedBest,
): Float64Array | { readonly reason: string } {
  const hold = steadyHoldBenchmark(result, holdCosts(request.asked, data))
  if ('reason' in hold) return hold
  const { wholeDays } = measureRun(result)
  const returns = simpleReturns(wholeDays(hold.equity))
  const days = (figures as TrialFigures).dailyReturns.length
  return returns.length === days
    ? returns
    : { reason: `holding has ${returns.length} whole days, the trials ${days}` }
}
