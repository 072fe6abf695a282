import { known, type Statistic, unknown } from '../../metrics/statistic.js'
import type { AssumptionSummary } from './assumptions.js'
import type { BacktestOverfitting } from './backtest-overfitting.js'
import { DEFAULT_VERDICT_LIMITS, type VerdictLimits } from './verdict-limits.js'

/** A check of the strategy's code, such as look-ahead, warm-up or determinism. */
export interface CheckOutcome {
  readonly name: string
  /** `not tested`: it was run, and these data do not let it tell; that speaks neither for a strategy nor against it. */
  readonly outcome: 'passed' | 'failed' | 'not tested' | 'not run'
  /** The first offender, or why it tells nothing. */
  readonly detail?: string
}

/** All that the verdict reads. What has not been computed is n/a with its reason, and keeps a sweep from being believed. */
export interface Evidence extends AssumptionSummary {
  readonly spaPValue: Statistic
  readonly deflatedSharpe: Statistic
  readonly overfitting: Pick<BacktestOverfitting, 'probability' | 'probabilityOfLoss' | 'isPlateau'>
  readonly randomEntryPValue: Statistic
  readonly walkForwardNet: Statistic
  readonly walkForwardEfficiency: Statistic
  /** Days of the best trial's returns, and how many its Sharpe ratio needs to exceed what luck reaches (SR0). */
  readonly days: number
  readonly minimumTrackRecordDays: Statistic
  /** Closed trades of the best trial. */
  readonly trades: number
  readonly checks: readonly CheckOutcome[]
}

export type GateKey =
  | 'spa'
  | 'deflated-sharpe'
  | 'overfitting'
  | 'random-entry'
  | 'walk-forward-net'
  | 'walk-forward-efficiency'
  | 'track-record'
  | 'trades'
  | 'twice-the-costs'
  | 'one-bar-late'
  | 'pessimistic'
  | 'checks'

/** One condition, as a row: what was found, what is asked, whether it holds, and in words what is short. */
export interface Gate {
  readonly key: GateKey
  readonly name: string
  readonly value: Statistic
  readonly rule: 'at most' | 'at least' | 'above'
  readonly limit: Statistic
  readonly unit: 'probability' | 'fraction' | 'ratio' | 'days' | 'trades' | 'checks'
  readonly isPassed: boolean
  /** Undefined where the gate is passed. */
  readonly shortfall: string | undefined
  /** A figure that is shown beside the value and decides nothing. */
  readonly beside?: { readonly name: string; readonly value: Statistic }
}

/** `believe`: everything asked for holds. `no`: what was found speaks against an edge. `not yet`: it does not suffice. */
export interface Verdict {
  readonly verdict: 'believe' | 'not yet' | 'no'
  /** Why not `believe`, each naming the number that is short. Empty for `believe`. */
  readonly reasons: readonly string[]
  readonly gates: readonly Gate[]
}

/**
 * The verdict on the best trial of a sweep. *believe* iff every gate is passed; *no* iff the SPA p-value is above 0.5, the walk-forward
 * lost or gained nothing, or a check failed; else *not yet*.
 */
export function judge(evidence: Evidence, limits: VerdictLimits = DEFAULT_VERDICT_LIMITS): Verdict {
  const gates = gatesOf(evidence, limits)
  const against = speaksAgainst(evidence, limits)
  if (against.length > 0) return { verdict: 'no', reasons: against, gates }
  const short = gates.flatMap(({ shortfall }) => (shortfall === undefined ? [] : [shortfall]))
  return { verdict: short.length === 0 ? 'believe' : 'not yet', reasons: short, gates }
}

function speaksAgainst(evidence: Evidence, limits: VerdictLimits): readonly string[] {
  const { spaPValue, walkForwardNet, checks } = evidence
  const reasons: string[] = []
  if (spaPValue.value !== undefined && spaPValue.value > limits.hopelessSpaPValue)
    reasons.push(
      `SPA p ${figure(spaPValue.value, limits.hopelessSpaPValue)} is above ${limits.hopelessSpaPValue}: the best of as many trials without any edge mostly does better`,
    )
  if (walkForwardNet.value !== undefined && walkForwardNet.value <= limits.walkForwardNet)
    reasons.push(
      `walk-forward net return ${percent(walkForwardNet.value, limits.walkForwardNet)} is not above ${percent(limits.walkForwardNet)}: on days it was not chosen by, the choice gained nothing`,
    )
  for (const { name, outcome, detail } of checks)
    if (outcome === 'failed')
      reasons.push(`the ${name} check failed${detail === undefined ? '' : `: ${detail}`}`)
  return reasons
}

type Row = Omit<Gate, 'isPassed' | 'shortfall'>

function gatesOf(evidence: Evidence, limits: VerdictLimits): readonly Gate[] {
  const row = (
    key: GateKey,
    name: string,
    value: Statistic,
    rule: Gate['rule'],
    limit: number | Statistic,
    unit: Gate['unit'],
  ): Row => ({ key, name, value, rule, limit: typeof limit === 'number' ? known(limit) : limit, unit })
  const { checks } = evidence
  const passed = checks.filter(({ outcome }) => outcome === 'passed').length
  const checked = checks.length === 0 ? unknown('no check was run') : known(passed)
  return [
    row('spa', 'SPA p', evidence.spaPValue, 'at most', limits.spaPValue, 'probability'),
    row('deflated-sharpe', 'deflated Sharpe', evidence.deflatedSharpe, 'at least', limits.deflatedSharpe, 'probability'), // prettier-ignore
    overfittingRow(evidence.overfitting, limits),
    row('random-entry', 'random-entry p', evidence.randomEntryPValue, 'at most', limits.randomEntryPValue, 'probability'), // prettier-ignore
    row('walk-forward-net', 'walk-forward net return', evidence.walkForwardNet, 'above', limits.walkForwardNet, 'fraction'), // prettier-ignore
    row('walk-forward-efficiency', 'walk-forward efficiency', evidence.walkForwardEfficiency, 'at least', limits.walkForwardEfficiency, 'ratio'), // prettier-ignore
    row(
      'track-record',
      'track record',
      known(evidence.days),
      'at least',
      evidence.minimumTrackRecordDays,
      'days',
    ),
    row('trades', 'closed trades', known(evidence.trades), 'at least', limits.trades, 'trades'),
    row('twice-the-costs', 'return at twice the costs', evidence.returnAtTwiceCosts, 'above', limits.adverseReturn, 'fraction'), // prettier-ignore
    row('one-bar-late', 'share of the return kept one bar late', evidence.keptOneBarLate, 'at least', limits.keptOneBarLate, 'ratio'), // prettier-ignore
    row('pessimistic', 'return with undecided bars against it', evidence.pessimisticReturn, 'above', limits.adverseReturn, 'fraction'), // prettier-ignore
    row('checks', 'checks passed', checked, 'at least', Math.max(1, checks.length), 'checks'),
  ]
    .map(decide)
    .map((gate) => (gate.key === 'checks' ? namingChecks(gate, checks) : gate))
}

/** Which checks told nothing: what failed is named by the verdict itself. */
function namingChecks(gate: Gate, checks: Evidence['checks']): Gate {
  const silent = checks.filter(({ outcome }) => outcome === 'not tested' || outcome === 'not run')
  if (gate.shortfall === undefined || silent.length === 0) return gate
  const words = silent.map(({ name, outcome, detail }) => `${name} was ${outcome}${detail === undefined ? '' : ` (${detail})`}`) // prettier-ignore
  return { ...gate, shortfall: `${gate.shortfall}: ${words.join('; ')}` }
}

/** On a plateau any trial is as good as another, so that PBO is ½ by construction: there the chosen trial must not lose. */
function overfittingRow(
  { probability, probabilityOfLoss, isPlateau }: Evidence['overfitting'],
  limits: VerdictLimits,
): Row {
  const common = {
    key: 'overfitting',
    rule: 'at most',
    limit: known(limits.overfitting),
    unit: 'probability',
  } as const
  return isPlateau
    ? { ...common, name: 'probability of loss (plateau)', value: probabilityOfLoss, beside: { name: 'PBO', value: probability } } // prettier-ignore
    : { ...common, name: 'PBO', value: probability, beside: { name: 'probability of loss', value: probabilityOfLoss } } // prettier-ignore
}

function decide(row: Row): Gate {
  const { name, value, rule, limit, unit } = row
  if (value.value === undefined)
    return { ...row, isPassed: false, shortfall: `${name} is n/a: ${value.reason}` }
  if (limit.value === undefined)
    return { ...row, isPassed: false, shortfall: `no ${name} would suffice: ${limit.reason}` }
  const isPassed = holds(value.value, rule, limit.value)
  if (isPassed) return { ...row, isPassed, shortfall: undefined }
  const [found, asked] = [shown(value.value, unit, limit.value), shown(limit.value, unit)]
  return { ...row, isPassed, shortfall: `${name} ${found}, ${rule} ${asked} needed` }
}

function holds(value: number, rule: Gate['rule'], limit: number): boolean {
  switch (rule) {
    case 'at most':
      return value <= limit
    case 'at least':
      return value >= limit
    case 'above':
      return value > limit
  }
}

/** Rounded, unless that would make a figure look like the limit that it misses. */
function shown(value: number, unit: Gate['unit'], limit?: number): string {
  switch (unit) {
    case 'probability':
    case 'ratio':
      return figure(value, limit)
    case 'fraction':
      return percent(value, limit)
    case 'days':
      return `${Math.ceil(value)} days`
    case 'trades':
    case 'checks':
      return String(value)
  }
}

function figure(value: number, limit?: number): string {
  const rounded = Number(value.toFixed(4))
  return String(rounded === limit ? value : rounded)
}

function percent(value: number, limit?: number): string {
  const rounded = Number((value * 100).toFixed(2))
  return `${limit !== undefined && value !== limit && rounded === limit * 100 ? value * 100 : rounded} %`
}
