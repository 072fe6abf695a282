import { known, quotient, type Statistic, unknown } from '../../metrics/statistic.js'
import type { NoOutcome, Outcome, Sensitivity } from '../sensitivity.js'

/** What of a result survives less kind assumptions. Returns are fractions of the starting balance. */
export interface AssumptionSummary {
  readonly returnAtTwiceCosts: Statistic
  /** Share of the total return that is left when every decision acts one bar later; n/a for a run that gained nothing. */
  readonly keptOneBarLate: Statistic
  /** Return with every undecided bar taken against the strategy. */
  readonly pessimisticReturn: Statistic
}

/** The three figures that the verdict asks of the sensitivity of a run. */
export function summariseAssumptions(sensitivity: Sensitivity): AssumptionSummary {
  const base = returnOf(sensitivity.costs.find(({ factor }) => factor === 1)?.outcome)
  const late = returnOf(sensitivity.oneBarLate)
  const kept = (): Statistic => {
    if (base.value === undefined || late.value === undefined) return base.value === undefined ? base : late
    return base.value > 0
      ? quotient(late.value, base.value, 'nothing was gained')
      : unknown('nothing was gained that a delay could cost')
  }
  return {
    returnAtTwiceCosts: returnOf(sensitivity.costs.find(({ factor }) => factor === 2)?.outcome),
    keptOneBarLate: kept(),
    pessimisticReturn: returnOf(sensitivity.pessimistic),
  }
}

function returnOf(outcome: Outcome | NoOutcome | undefined): Statistic {
  if (outcome === undefined) return unknown('not replayed')
  return 'reason' in outcome ? unknown(outcome.reason) : known(outcome.totalReturn)
}
