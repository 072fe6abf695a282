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

/** O(trials · (days + 2^(blocks / 2))). */
export function tabulateBlocks(trials: readonly Float64Array[], days: number, blocks: number): BlockTables {
  const table = (first: number): SumTable => {
    const sets = 2 ** (blocks / 2)
    const count = trials.length
    const [sum, squares] = [new Float64Array(sets * count), new Float64Array(sets * count)]
    for (let bit = 0; bit < blocks / 2; bit++) {
      const from = Math.floor(((first + bit) * days) / blocks)
      const to = Math.floor(((first + bit + 1) * days) / blocks)
      const row = 2 ** bit * count
      trials.forEach((returns, trial) => {
        for (let day = from; day < to; day++) {
          const value = returns[day] as number
          sum[row + trial]! += value
          squares[row + trial]! += value * value
        }
      })
    }
    for (let set = 3; set < sets; set++) {
      const lowest = set & -set
      if (lowest === set) continue
      for (let trial = 0; trial < count; trial++) {
        sum[set * count + trial] = (sum[lowest * count + trial] as number) + (sum[(set - lowest) * count + trial] as number) // prettier-ignore
        squares[set * count + trial] = (squares[lowest * count + trial] as number) + (squares[(set - lowest) * count + trial] as number) // prettier-ignore
      }
    }
    return { sum, squares }
  }
  return { low: table(0), high: table(blocks / 2), blocks, trials: trials.length }
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

/** O(trials · splits). */
export function judgeSplits(tables: BlockTables): Judgement {
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
