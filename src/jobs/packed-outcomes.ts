import type { TrialOutcome } from '../engine/trials.js'
import { packParams, unpackParams, type PackedParams } from './packed-params.js'
import type { TrialParams } from './trial-messages.js'

/** Numbers of an outcome, in this order; the way it was replayed is one more. */
const NUMBERS = [
  'trial',
  'finalEquity',
  'totalReturn',
  'maxDrawdown',
  'trades',
  'decidedTrades',
  'wins',
  'undecidedExits',
  'fees',
  'slippage',
  'funding',
  'grossProfit',
  'grossLoss',
  'barsHeld',
  'meanNetExposure',
  'steps',
] as const
const BAR_BY_BAR = NUMBERS.length
const WIDTH = NUMBERS.length + 1
/** Digits of a hash. */
const DIGITS = 16

/**
 * Outcomes of trials of one strategy on their way between threads: a few columns, where a thousand objects would each name all their fields. Their daily returns
 * are not among them: see `ReturnsRing`.
 */
export interface PackedOutcomes {
  /** WIDTH for each outcome. */
  readonly numbers: Float64Array
  readonly hashes: string
  readonly params: PackedParams
  /** Undefined where no trades are kept. */
  readonly closedTrades: readonly TrialOutcome['closedTrades'][] | undefined
}

/** What can be handed over rather than copied. */
export function transferable({ numbers }: PackedOutcomes): ArrayBuffer[] {
  return [numbers.buffer as ArrayBuffer]
}

/** Packs the outcomes of a chunk as they come, so that nothing else of them stays but their params, which their strategies hold anyway. */
export class OutcomePacker {
  private readonly numbers: Float64Array
  private readonly params: TrialParams[] = []
  private readonly closedTrades: TrialOutcome['closedTrades'][] = []
  private hashes: string = ''
  private count: number = 0

  /** @param most outcomes that may come */
  constructor(most: number) {
    this.numbers = new Float64Array(most * WIDTH)
  }

  /** `trial`: its number in the sweep. */
  add(outcome: TrialOutcome, trial: number): void {
    const { numbers } = this
    const row = this.count++
    for (let at = 1; at < NUMBERS.length; at++)
      numbers[row * WIDTH + at] = outcome[NUMBERS[at] as (typeof NUMBERS)[number]]
    numbers[row * WIDTH] = trial
    numbers[row * WIDTH + BAR_BY_BAR] = outcome.path === 'bar-by-bar' ? 1 : 0
    this.params.push(outcome.params)
    this.hashes += outcome.tradeHash
    this.closedTrades.push(outcome.closedTrades)
  }

  /** How many have come. */
  get length(): number {
    return this.count
  }

  /** Forgets those that came after the first so many. */
  cut(length: number): void {
    this.count = length
    this.params.length = length
    this.hashes = this.hashes.slice(0, length * DIGITS)
    this.closedTrades.length = length
  }

  packed(): PackedOutcomes {
    const { count, closedTrades } = this
    return {
      numbers: this.numbers.slice(0, count * WIDTH),
      hashes: this.hashes,
      params: packParams(this.params),
      closedTrades: closedTrades.some((trades) => trades !== undefined) ? closedTrades : undefined,
    }
  }
}

/** Outcomes of a chunk, and the daily returns of one of them by its place among them. */
export interface ArrivedOutcomes {
  readonly outcomes: PackedOutcomes
  readonly returnsOf: (row: number) => Float64Array
}

/** The outcomes of some chunks, in order of trials, which are those of each chunk. An outcome is made when it is asked for. O(outcomes · chunks). */
export function* outcomesInOrder(
  chunks: readonly ArrivedOutcomes[],
): Generator<TrialOutcome, void, undefined> {
  const rows = chunks.map(() => 0)
  for (;;) {
    let next = -1
    let least = Infinity
    for (let at = 0; at < chunks.length; at++) {
      const { outcomes } = chunks[at] as ArrivedOutcomes
      const trial = outcomes.numbers[(rows[at] as number) * WIDTH]
      if (trial === undefined || trial >= least) continue
      least = trial
      next = at
    }
    if (next < 0) return
    const row = rows[next] as number
    rows[next] = row + 1
    yield outcomeAt(chunks[next] as ArrivedOutcomes, row)
  }
}

function outcomeAt({ outcomes, returnsOf }: ArrivedOutcomes, row: number): TrialOutcome {
  const { numbers, hashes, closedTrades } = outcomes
  const first = row * WIDTH
  return {
    trial: numbers[first] as number,
    params: unpackParams(outcomes.params, row),
    finalEquity: numbers[first + 1] as number,
    totalReturn: numbers[first + 2] as number,
    maxDrawdown: numbers[first + 3] as number,
    dailyReturns: returnsOf(row),
    trades: numbers[first + 4] as number,
    decidedTrades: numbers[first + 5] as number,
    wins: numbers[first + 6] as number,
    undecidedExits: numbers[first + 7] as number,
    fees: numbers[first + 8] as number,
    slippage: numbers[first + 9] as number,
    funding: numbers[first + 10] as number,
    grossProfit: numbers[first + 11] as number,
    grossLoss: numbers[first + 12] as number,
    barsHeld: numbers[first + 13] as number,
    meanNetExposure: numbers[first + 14] as number,
    tradeHash: hashes.slice(row * DIGITS, (row + 1) * DIGITS),
    path: numbers[first + BAR_BY_BAR] === 1 ? 'bar-by-bar' : 'skipping',
    steps: numbers[first + 15] as number,
    closedTrades: closedTrades?.[row],
  }
}
