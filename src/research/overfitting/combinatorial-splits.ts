import type { Steps } from '../steps.js'
import type { TrialReturns } from './trial-returns.js'

/** Every choice of half of the blocks as a set of bits, rising: split k and the k-th from the end are each other's complement. */
export function halves(blocks: number): readonly number[] {
  const found: number[] = []
  for (let set = 0; set < 2 ** blocks; set++) {
    let count = 0
    for (let rest = set; rest !== 0; rest &= rest - 1) count++
    if (count === blocks / 2) found.push(set)
  }
  return found
}

/** Sums of returns and of their squares over sets of blocks: `[set · trials + trial]`. */
interface SumTable {
  readonly sum: Float64Array
  readonly squares: Float64Array
}

/** One table for sets among the first half of the blocks, one for the second: any set is one entry of each. */
export interface BlockTables {
  readonly low: SumTable
  readonly high: SumTable
  readonly blocks: number
  readonly trials: number
}

/** Each trial is looked at once, a step each. O(trials · (days + 2^(blocks / 2))). */
export function* tabulateBlocks(trials: TrialReturns, days: number, blocks: number): Steps<BlockTables> {
  const count = trials.length
  const half = blocks / 2
  const numbers = 2 ** half * count
  const low: SumTable = { sum: new Float64Array(numbers), squares: new Float64Array(numbers) }
  const high: SumTable = { sum: new Float64Array(numbers), squares: new Float64Array(numbers) }
  let trial = 0
  for (const returns of trials) {
    for (let block = 0; block < blocks; block++) {
      const { sum, squares } = block < half ? low : high
      const at = 2 ** (block % half) * count + trial
      const to = Math.floor(((block + 1) * days) / blocks)
      for (let day = Math.floor((block * days) / blocks); day < to; day++) {
        const value = returns[day] as number
        sum[at]! += value
        squares[at]! += value * value
      }
    }
    trial++
    yield
  }
  for (const { sum, squares } of [low, high]) yield* addSets(sum, squares, count)
  return { low, high, blocks, trials: count }
}

/** Sets of several blocks, each of two smaller ones: a set a step. */
function* addSets(sum: Float64Array, squares: Float64Array, count: number): Steps<void> {
  for (let set = 3; set * count < sum.length; set++) {
    const lowest = set & -set
    if (lowest === set) continue
    for (let trial = 0; trial < count; trial++) {
      sum[set * count + trial] = (sum[lowest * count + trial] as number) + (sum[(set - lowest) * count + trial] as number) // prettier-ignore
      squares[set * count + trial] = (squares[lowest * count + trial] as number) + (squares[(set - lowest) * count + trial] as number) // prettier-ignore
    }
    yield
  }
}

/**
 * Orders trials over a set of blocks as their Sharpe ratios do: sign(s) s² / q of the sum s and the sum of squares q, which rises with
 * mean / deviation whatever the number of days; 0 for a trial that stood still.
 */
function rankBySharpe({ low, high, blocks }: BlockTables, set: number, keys: Float64Array): void {
  const count = keys.length
  const first = (set % 2 ** (blocks / 2)) * count
  const second = Math.floor(set / 2 ** (blocks / 2)) * count
  for (let trial = 0; trial < count; trial++) {
    const sum = (low.sum[first + trial] as number) + (high.sum[second + trial] as number)
    const squares = (low.squares[first + trial] as number) + (high.squares[second + trial] as number)
    keys[trial] = squares > 0 ? (sum * Math.abs(sum)) / squares : 0
  }
}

export interface Judgement {
  /** Numbers of splits, ties in parts. */
  readonly overfit: number
  readonly lost: number
  readonly ranks: Float64Array
}

/** Two splits a step. O(trials · splits). */
export function* judgeSplits(tables: BlockTables): Steps<Judgement> {
  const { blocks, trials } = tables
  const sets = halves(blocks)
  const ranks = new Float64Array(sets.length)
  const [inside, outside] = [new Float64Array(trials), new Float64Array(trials)]
  let overfit = 0
  let lost = 0
  const judge = (split: number, chosenBy: Float64Array, judgedBy: Float64Array): void => {
    const outcome = judgeSplit(chosenBy, judgedBy)
    ranks[split] = outcome.rank
    overfit += outcome.overfit
    lost += outcome.lost
  }
  for (let split = 0; split < sets.length / 2; split++) {
    const complement = sets.length - 1 - split
    rankBySharpe(tables, sets[split] as number, inside)
    rankBySharpe(tables, sets[complement] as number, outside)
    judge(split, inside, outside)
    judge(complement, outside, inside)
    yield
  }
  return { overfit, lost, ranks }
}

/** Where the best by one half of the days stands by the other. */
function judgeSplit(
  inside: Float64Array,
  outside: Float64Array,
): { readonly rank: number; readonly overfit: number; readonly lost: number } {
  const trials = inside.length
  let best = 0
  let ties = 1
  for (let trial = 1; trial < trials; trial++) {
    const key = inside[trial] as number
    if (key > (inside[best] as number)) {
      best = trial
      ties = 1
    } else if (key === inside[best]) ties++
  }
  if (ties > 1) return judgeTies(inside, outside, inside[best] as number)
  const key = outside[best] as number
  let below = 0
  let equal = 0
  for (let trial = 0; trial < trials; trial++) {
    const other = outside[trial] as number
    if (other < key) below++
    else if (other === key) equal++
  }
  const rank = (below + (equal + 1) / 2) / (trials + 1)
  return { rank, overfit: rank <= 0.5 ? 1 : 0, lost: key <= 0 ? 1 : 0 }
}

/** The same where several are best: the mean over them. */
function judgeTies(
  inside: Float64Array,
  outside: Float64Array,
  bestKey: number,
): ReturnType<typeof judgeSplit> {
  const sorted = outside.slice().sort()
  let [ties, ranks, overfit, lost] = [0, 0, 0, 0]
  for (let trial = 0; trial < inside.length; trial++) {
    if (inside[trial] !== bestKey) continue
    const key = outside[trial] as number
    const below = countBelow(sorted, (value) => value < key)
    const upTo = countBelow(sorted, (value) => value <= key)
    const rank = (below + upTo + 1) / 2 / (inside.length + 1)
    ties++
    ranks += rank
    overfit += rank <= 0.5 ? 1 : 0
    lost += key <= 0 ? 1 : 0
  }
  return { rank: ranks / ties, overfit: overfit / ties, lost: lost / ties }
}

/** How many values of a rising array come before the first that is not `below`. */
function countBelow(sorted: Float64Array, below: (value: number) => boolean): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (below(sorted[middle] as number)) from = middle + 1
    else to = middle
  }
  return from
}
