import { known, type Statistic, unknown } from '../../metrics/statistic.js'
import type { CheckKey } from '../../research/checks/check-result.js'
import { demotionRules, metRules, metWords } from './demotion.js'
import type { BacktestEvidence, PaperFigures, PromotionEvidence } from './evidence.js'
import { decimals, figureText, type Unit } from './figure-text.js'
import { DEFAULT_PROMOTION_LIMITS, type PromotionLimits } from './limits.js'

/** Where a bot may be, lowest first. `small` to `full` trade real money. */
export const STAGES = ['backtest', 'paper', 'small', 'monitor', 'scaling', 'full'] as const
export type Stage = (typeof STAGES)[number]
export type PromotedStage = Exclude<Stage, 'backtest'>

/** One thing that a step asks for. */
export interface Gate {
  /** Unique within its step. */
  readonly key: string
  readonly name: string
  readonly found: string
  readonly asked: string
  readonly isPassed: boolean
  /** Why not; undefined where it is passed. */
  readonly because?: string
}

const REQUIRED_CHECKS: readonly CheckKey[] = ['determinism', 'truncation', 'shuffled-future', 'warm-up']

/** What the step to a stage asks for, and what of it holds. */
export function gatesTo(
  stage: PromotedStage,
  evidence: PromotionEvidence,
  limits: PromotionLimits = DEFAULT_PROMOTION_LIMITS,
): readonly Gate[] {
  switch (stage) {
    case 'paper':
      return [...REQUIRED_CHECKS.map((key) => checkGate(key, evidence)), anyVerdict(evidence), ...verdictOfToday(evidence)]
    case 'small':
      return [notDemoted(evidence, limits), ...backtestGates(evidence, limits), ...paperGates(evidence.paper, limits)]
    case 'monitor':
      return [
        notDemoted(evidence, limits),
        atLeast('small-days', 'days at the small stage', noLive, limits.small.days, 'days'),
        atLeast('small-round-trips', 'round trips at the small stage', noLive, limits.small.roundTrips, 'count'),
        atMost('small-cost', 'upper bound of costs, of the model’s', noLive, limits.small.costOfModel, 'times'),
        atLeast('venue-match', 'days that match the venue’s statement', noLive, 1, 'share'),
      ]
    case 'scaling':
      return [
        notDemoted(evidence, limits),
        atLeast('monitor-days', 'further days live', noLive, limits.monitor.days, 'days'),
        atLeast('monitor-trades', 'trades live', noLive, limits.monitor.trades, 'count'),
      ]
    case 'full':
      return [
        notDemoted(evidence, limits),
        atLeast('scaling-days', 'days at each size on the way', noLive, limits.scaling.days, 'days'),
        atLeast('scaling-trades', 'trades at each size on the way', noLive, limits.scaling.trades, 'count'),
        atLeast('live-days', 'days live', noLive, limits.full.liveDays, 'days'),
      ]
  }
} // prettier-ignore

const noLive: Statistic = unknown('it was never live')

function checkGate(key: CheckKey, { checks }: PromotionEvidence): Gate {
  const check = checks.find((one) => one.key === key)
  const found = check?.outcome ?? 'not run'
  const name = check?.name ?? key
  return gate(key, name, found, 'passed', found === 'passed', `${name}: ${check?.detail ?? 'it was not run'}`)
}

/** Paper costs nothing: any verdict will do, and it is shown beside everything. */
function anyVerdict({ verdict }: PromotionEvidence): Gate {
  const found = 'reason' in verdict ? `none: ${verdict.reason}` : `${verdict.verdict} (${verdict.sweepId})`
  return gate('verdict', 'verdict', found, 'any', true)
}

/** A verdict that does not count what was tried since is none of today. Without one there is nothing to be out of date. */
function verdictOfToday({ verdict }: Pick<PromotionEvidence, 'verdict'>): readonly Gate[] {
  if ('reason' in verdict) return []
  const { sweepId, ledger: { added, counted, command } } = verdict
  const [key, name, asked] = ['trials-since', 'trials counted since the verdict', 'none']
  const again = `judge it again by asking the same once more: ${command}`
  if (added.value === undefined) return [gate(key, name, 'n/a', asked, false, `whether ${sweepId} counts all that was tried is n/a: ${added.reason}; ${again}`)]
  const trials = added.value === 1 ? '1 trial has' : `${decimals(added.value)} trials have`
  return [gate(key, name, decimals(added.value), asked, added.value === 0, `${trials} been counted since ${sweepId} was judged on ${decimals(counted)}; ${again}`)]
} // prettier-ignore

function backtestGates({ verdict, backtest }: PromotionEvidence, { backtest: limits }: PromotionLimits): readonly Gate[] {
  const isSweep = !('reason' in verdict)
  const ofSweep = (of: 'minimumTrackRecordDays' | 'outOfSampleTrades'): Statistic =>
    isSweep ? verdict[of] : unknown(verdict.reason)
  const word = isSweep ? verdict.verdict : 'none'
  const why = isSweep ? `the verdict of ${verdict.sweepId} is ${word}` : verdict.reason
  return [
    gate('real-data', 'data', backtest.isSynthetic ? 'synthetic' : 'recorded', 'recorded', !backtest.isSynthetic, 'the data are invented'),
    gate('believed', 'verdict', word, 'believe', word === 'believe', why),
    ...verdictOfToday({ verdict }),
    atLeast('backtest-days', 'days of the backtest', backtest.days, limits.days, 'days'),
    trackRecord(backtest.days, ofSweep('minimumTrackRecordDays')),
    atLeast('out-of-sample-trades', 'trades out of sample', ofSweep('outOfSampleTrades'), limits.outOfSampleTrades, 'count'),
    atLeast('coverage', 'bars with enough of the signal’s weight', backtest.coverage, limits.coverage, 'share'),
    ...recorded(backtest, limits.recordedDays),
    atMost('undecided-exits', 'exits that bars leave undecided', backtest.undecidedExits, limits.undecidedExits, 'share'),
    atMost('top-five', 'share of the profit of the best five trades', backtest.topFiveShare, limits.topFiveShare, 'share'),
    atMost('participation', 'largest share of a bar’s volume', backtest.participation, limits.participation, 'share'),
  ]
} // prettier-ignore

function trackRecord(days: Statistic, needed: Statistic): Gate {
  if (needed.value === undefined)
    return gate('track-record', 'minimum track record', figureText(days, 'days'), 'n/a', false, `how long a record is needed is n/a: ${needed.reason}`) // prettier-ignore
  return atLeast('track-record', 'minimum track record', days, Math.ceil(needed.value), 'days')
}

function recorded({ recordedDays }: BacktestEvidence, limit: number): readonly Gate[] {
  if (recordedDays === undefined) return []
  return [atLeast('recorded-days', 'days recorded of every fact that is read', recordedDays, limit, 'days')]
}

/** Gates of what paper sessions have shown. What was shown on a virtual clock is shown, and passes none. */
export function paperGates(paper: PaperFigures, { paper: limits }: PromotionLimits): readonly Gate[] {
  const gates = [
    atLeast('paper-days', 'days on paper', paper.days, limits.days, 'days'),
    atLeast('paper-trades', 'trades on paper', paper.trades, limits.trades, 'count'),
    atLeast('bars-on-time', 'bars on time', paper.barsOnTime, limits.barsOnTime, 'share'),
    atLeast('decision-parity', 'days whose decisions a replay makes again', paper.decisionParity, limits.decisionParity, 'share'),
    atMost('late-bars', 'bars with late data', paper.lateBars, limits.lateBars, 'share'),
    atMost('unexplained-late-bars', 'late bars for which the log has no reason', paper.unexplainedLateBars, 0, 'count'),
    atLeast('restart-drills', 'forced restarts', paper.restartDrills, limits.restartDrills, 'count'),
    atMost('fill-gap-mean', 'mean gap of fills above the model, upper 95 %', paper.fillGapAboveModelBps, limits.fillGapAboveModelBps, 'bps'),
    atMost('fill-gap-p95', 'gap of fills, 95th percentile', paper.fillGapP95Bps, limits.fillGapP95Bps, 'bps'),
    atLeast('above-band', `return above the simultaneous ${figureText(known(limits.bandLevel), 'share')} band`, paper.aboveBand, 0, 'share'),
  ]
  return paper.isVirtualClock ? gates.map(onVirtualClock) : gates
} // prettier-ignore

/** Nobody goes up while a rule says that it is to go down. A rule that is n/a says nothing: what is not known shuts the gates that ask for it. */
function notDemoted({ paper }: PromotionEvidence, limits: PromotionLimits): Gate {
  const rules = demotionRules(paper.demotion, limits)
  const met = metRules(rules)
  const unknowns = rules.filter(({ state }) => state === 'n/a').length
  const found = `${met.length}${unknowns > 0 ? ` (${unknowns} n/a)` : ''}`
  return gate('not-demoted', 'rules of demotion that are met', found, 'none', met.length === 0, `to be demoted: ${met.map(metWords).join('; ')}`)
} // prettier-ignore

function onVirtualClock({ key, name, found, asked, because }: Gate): Gate {
  const shown = found === 'n/a' && because !== undefined ? because : `${name}: ${found}, but on a virtual clock, which counts for nothing` // prettier-ignore
  return gate(key, name, found, asked, false, shown)
}

function atLeast(key: string, name: string, found: Statistic, limit: number, unit: Unit): Gate {
  const asked = `at least ${figureText(known(limit), unit)}`
  return bound(key, name, found, asked, (value) => value >= limit, unit)
}

function atMost(key: string, name: string, found: Statistic, limit: number, unit: Unit): Gate {
  const asked = `at most ${figureText(known(limit), unit)}`
  return bound(key, name, found, asked, (value) => value <= limit, unit)
}

function bound(
  key: string,
  name: string,
  found: Statistic,
  asked: string,
  holds: (value: number) => boolean,
  unit: Unit,
): Gate {
  if (found.value === undefined) return gate(key, name, 'n/a', asked, false, `${name}: ${found.reason}`)
  const shown = figureText(found, unit)
  return gate(key, name, shown, asked, holds(found.value), `${name}: ${shown}, ${asked} asked`)
}

function gate(
  key: string,
  name: string,
  found: string,
  asked: string,
  isPassed: boolean,
  because: string = '',
): Gate {
  return { key, name, found, asked, isPassed, ...(isPassed ? {} : { because }) }
}
