import { mean } from '../../metrics/moments.js'
import { known, type Statistic, tooFew, unknown } from '../../metrics/statistic.js'
import type { ParamValue } from '../../strategy/params.js'
import type { Dimension } from '../search-dimension.js'
import { dimensionParts } from './dimension-parts.js'

const MOST_PARTS = 10
const FEWEST_TRIALS = 20

/**
 * How much of the trials' scores one param explains: the share of their variance that lies between the means of its parts (a part a value, ten equal parts where
 * there are more), less what as many parts explain by chance, ε² = 1 − (SS within / (n − k)) / (SS total / (n − 1)) (Kelley 1935). 1: everything; 0: as much as
 * chance; a little below 0 happens. What params do only together is in no share of one. Shares of params that constraints tie together overlap, and a search
 * that learns weighs the regions that it liked. n/a for fewer than 20 trials, fewer than two parts with trials, fewer than two trials a part on average,
 * and equal scores. O(n).
 * @param values of the param, one a trial
 * @param scores of the same trials
 */
export function paramImportance(
  dimension: Dimension,
  values: readonly ParamValue[],
  scores: readonly number[],
): Statistic {
  const few = tooFew(scores.length, FEWEST_TRIALS, 'trials with a score')
  if (few !== undefined) return few
  const parts = dimensionParts(dimension, MOST_PARTS)
  const groups = new Map<number, number[]>()
  values.forEach((value, at) => {
    const part = parts.of(value)
    const group = groups.get(part)
    if (group === undefined) groups.set(part, [scores[at] as number])
    else group.push(scores[at] as number)
  })
  if (groups.size < 2) return unknown('all trials have it alike')
  const sparse = tooFew(scores.length, 2 * groups.size, `trials for ${groups.size} values`)
  if (sparse !== undefined) return sparse
  const total = squaresAround(scores)
  if (total === 0) return unknown('all scores are equal')
  const within = [...groups.values()].reduce((sum, group) => sum + squaresAround(group), 0)
  return known(1 - within / (scores.length - groups.size) / (total / (scores.length - 1)))
}

function squaresAround(values: readonly number[]): number {
  const centre = mean(values)
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
}
