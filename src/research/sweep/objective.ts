import { ConfigError } from '../../core/errors.js'
import { known, type Statistic } from '../../metrics/statistic.js'
import type { TrialStatistics } from '../trial-statistics.js'

export type StatisticKey = keyof TrialStatistics

/** What a search ranks its trials by. */
export interface Objective {
  readonly key: StatisticKey
  readonly best: 'highest' | 'lowest'
}

const BEST: Readonly<Record<StatisticKey, Objective['best']>> = {
  totalReturn: 'highest',
  cagr: 'highest',
  sharpe: 'highest',
  sortino: 'highest',
  volatility: 'lowest',
  maxDrawdown: 'lowest',
  calmar: 'highest',
  trades: 'highest',
  tradeWinRate: 'highest',
  profitFactor: 'highest',
  netProfit: 'highest',
  expectancy: 'highest',
  undecidedExits: 'lowest',
}

/** The statistics of a trial that can be an objective or stand in a condition. */
export const STATISTIC_KEYS: readonly StatisticKey[] = Object.keys(BEST) as StatisticKey[]

export function isStatisticKey(name: string): name is StatisticKey {
  return Object.hasOwn(BEST, name)
}

/** Reads `sharpe`. Throws ConfigError listing what there is. */
export function parseObjective(text: string): Objective {
  if (isStatisticKey(text)) return { key: text, best: BEST[text] }
  throw new ConfigError(`no such objective; there are ${STATISTIC_KEYS.join(', ')}`, {
    field: '--objective',
    value: text,
  })
}

/** The score of a trial, larger is better: a statistic of which less is better changes its sign. n/a stays n/a. */
export function scoreOf({ key, best }: Objective, statistics: TrialStatistics): Statistic {
  const statistic = statistics[key]
  return statistic.value === undefined || best === 'highest' ? statistic : known(-statistic.value)
}
