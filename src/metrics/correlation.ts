import { mean, sampleDeviation, type Values } from './moments.js'
import { midRanks } from './ranks.js'
import { known, tooFew, unknown, type Statistic } from './statistic.js'

/** Values with their mean taken off, over their population deviation; undefined where they do not differ. */
export function standardised(values: Values): Float64Array | undefined {
  if (values.length < 2 || sampleDeviation(values, 0) === 0) return undefined
  const centre = mean(values)
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) ** 2
  const deviation = Math.sqrt(squares / values.length)
  const out = new Float64Array(values.length)
  for (let i = 0; i < out.length; i++) out[i] = (values[i]! - centre) / deviation
  return out
}

/** Product-moment correlation of pairs (Pearson 1895). n/a for fewer than three pairs, and where either side does not vary. */
export function pearson(first: Values, second: Values): Statistic {
  const short = tooFew(first.length, 3, 'pairs')
  if (short !== undefined) return short
  const [x, y] = [standardised(first), standardised(second)]
  if (x === undefined || y === undefined) return unknown('one side does not vary')
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i]! * y[i]!
  return known(Math.min(1, Math.max(-1, total / x.length)))
}

/** Rank correlation of pairs (Spearman 1904): Pearson's correlation of mid-ranks, which is right with ties too. */
export function spearman(first: Values, second: Values): Statistic {
  return pearson(midRanks(first), midRanks(second))
}
