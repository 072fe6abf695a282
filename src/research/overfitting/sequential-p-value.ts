import { known, type Statistic, unknown } from '../../metrics/statistic.js'

/** Replicates after which a Monte Carlo test stops in any case, unless it is told another number. */
export const MOST_REPLICATES = 999

/** When a Monte Carlo test may stop. */
export interface SequentialRule {
  /** Stop once so many replicates reach what was observed. Default 10. */
  readonly exceedances?: number
  /** Stop after so many replicates in any case. Default `MOST_REPLICATES`. */
  readonly mostReplicates?: number
}

/** How far a Monte Carlo test has come. */
export interface SequentialCount {
  readonly replicates: number
  /** Replicates at or above what was observed. */
  readonly exceedances: number
}

/**
 * Sequential Monte Carlo p-value (Besag & Clifford 1991): once 10 replicates have reached the observed value, p = 10 / replicates; else after
 * 999 p = (1 + exceedances) / 1,000. Exact under the null, and a hopeless case costs 10 replicates or few more.
 */
export function isDecided({ replicates, exceedances }: SequentialCount, rule: SequentialRule = {}): boolean {
  return exceedances >= (rule.exceedances ?? 10) || replicates >= (rule.mostReplicates ?? MOST_REPLICATES)
}

/** The p-value of a count; of one that had to stop early, for want of further replicates, that of those there are. n/a without any. */
export function sequentialPValue(
  { replicates, exceedances }: SequentialCount,
  rule: SequentialRule = {},
): Statistic {
  if (replicates === 0) return unknown('no replicate')
  return exceedances >= (rule.exceedances ?? 10)
    ? known(exceedances / replicates)
    : known((1 + exceedances) / (1 + replicates))
}
