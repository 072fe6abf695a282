import { mean, sampleDeviation } from '../../metrics/moments.js'
import { known, type Statistic, unknown } from '../../metrics/statistic.js'
import { inOneGo, type Steps } from '../steps.js'
import { sameDays, type TrialReturns } from './trial-returns.js'

/** How many independent trials some correlated ones amount to. Shown beside the verdict, which uses the raw count. */
export interface EffectiveTrials {
  /** ρ̄ + (1 − ρ̄) N, at most N: trials that hedge each other are not more than they are. */
  readonly count: Statistic
  /** ρ̄: mean correlation over all pairs. */
  readonly meanCorrelation: Statistic
  /** Trials that never moved and so correlate with nothing; they are not in N. */
  readonly flat: number
}

/**
 * Effective number of trials (López de Prado & Lewis 2019 count clusters; this is the linear interpolation between one trial at ρ̄ = 1
 * and N at ρ̄ = 0 of Bailey & López de Prado 2014, appendix A.3). The mean over all pairs comes from the day-by-day sum of the standardised
 * series, Σ_{i≠j} ρ_ij = Σ_t (Σ_i z_it)² / (T − 1) − N, so that no pair is looked at: O(trials · days).
 */
export function effectiveTrials(trials: TrialReturns): EffectiveTrials {
  return inOneGo(effectiveTrialsInSteps(trials))
}

/** The same, a trial a step. */
export function* effectiveTrialsInSteps(trials: TrialReturns): Steps<EffectiveTrials> {
  const days = trials.at(0)?.length ?? 0
  const totals = new Float64Array(days)
  let moving = 0
  for (const returns of sameDays(trials)) {
    yield
    const deviation = days < 2 ? 0 : sampleDeviation(returns)
    if (deviation === 0) continue
    const centre = mean(returns)
    for (let day = 0; day < days; day++) totals[day]! += ((returns[day] as number) - centre) / deviation
    moving++
  }
  const flat = trials.length - moving
  if (moving < 2) {
    const reason = unknown(`${moving} trials that move, at least 2 needed`)
    return { count: moving === 1 ? known(1) : reason, meanCorrelation: reason, flat }
  }
  let squares = 0
  for (const total of totals) squares += total * total
  const correlation = (squares / (days - 1) - moving) / (moving * (moving - 1))
  const shared = Math.max(0, Math.min(1, correlation))
  return { count: known(shared + (1 - shared) * moving), meanCorrelation: known(correlation), flat }
}
