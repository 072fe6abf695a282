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
 * Outcomes of trials of one strategy on their way between threads: a few columns, where a thousand objects would each name all their fields. Daily returns stay in the
 * memory they are in, which is handed over.
 */
export interface PackedOutcomes {
  /** WIDTH for each outcome. */
  readonly numbers: Float64Array
  readonly hashes: string
  readonly params: PackedParams
  /** Memory of daily returns; for each outcome which piece of it they are in, and where. */
  readonly pieces: readonly Float64Array[]
  readonly places: Int32Array
  readonly days: number
  /** Undefined where no trades are kept. */
  readonly closedTrades: readonly TrialOutcome['closedTrades'][] | undefined
}

/** What can be handed over rather than copied. */
export function transferable({ numbers, pieces, places }: PackedOutcomes): ArrayBuffer[] {
  return [numbers, places, ...pieces].map(({ buffer }) => buffer as ArrayBuffer)
}

/** Packs the outcomes of a chunk as they come, so that nothing else of them stays but their params, which their strategies hold anyway. */
export class OutcomePacker {
  private readonly numbers: Float64Array
  private readonly places: Int32Array
  private readonly pieces: Map<ArrayBufferLike, number> = new Map()
  private readonly params: TrialParams[] = []
  private readonly closedTrades: TrialOutcome['closedTrades'][] = []
  private hashes: string = ''
  private days: number = 0
  private count: number = 0

  /** @param most outcomes that may come */
  constructor(most: number) {
    this.numbers = new Float64Array(most * WIDTH)
    this.places = new Int32Array(most * 2)
  }

  /** `trial`: its number in the sweep. */
  add(outcome: TrialOutcome, trial: number): void {
    const { dailyReturns, path } = outcome
    const { numbers, places, pieces } = this
    const row = this.count++
    for (let at = 1; at < NUMBERS.length; at++)
      numbers[row * WIDTH + at] = outcome[NUMBERS[at] as (typeof NUMBERS)[number]]
    numbers[row * WIDTH] = trial
    numbers[row * WIDTH + BAR_BY_BAR] = path === 'bar-by-bar' ? 1 : 0
    let piece = pieces.get(dailyReturns.buffer)
    if (piece === undefined) pieces.set(dailyReturns.buffer, (piece = pieces.size))
    places[2 * row] = piece
    places[2 * row + 1] = dailyReturns.byteOffset / 8
    this.days = dailyReturns.length
    this.params.push(outcome.params)
    this.hashes += outcome.tradeHash
    this.closedTrades.push(outcome.closedTrades)
  }

  /** How many have come. */
  get length(): number {
    return this.count
  }

  /** Forgets those that came after the first so many. Memory of their returns is handed over all the same. */
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
      pieces: Array.from(this.pieces.keys(), (buffer) => new Float64Array(buffer)),
      places: this.places.slice(0, count * 2),
      days: this.days,
      closedTrades: closedTrades.some((trades) => trades !== undefined) ? closedTrades : undefined,
    }
  }
}

/** The outcomes of some chunks, in order of trials, which are those of each chunk. An outcome is made when it is asked for. O(outcomes · chunks). */
export function* outcomesInOrder(
  chunks: readonly PackedOutcomes[],
): Generator<TrialOutcome, void, undefined> {
  const rows = chunks.map(() => 0)
  for (;;) {
    let next = -1
    let least = Infinity
    for (let at = 0; at < chunks.length; at++) {
      const trial = (chunks[at] as PackedOutcomes).numbers[(rows[at] as number) * WIDTH]
      if (trial === undefined || trial >= least) continue
      least = trial
      next = at
    }
    if (next < 0) return
    const row = rows[next] as number
    rows[next] = row + 1
    yield outcomeAt(chunks[next] as PackedOutcomes, row)
  }
}

function outcomeAt(packed: PackedOutcomes, row: number): TrialOutcome {
  const { numbers, hashes, pieces, places, days, closedTrades } = packed
  const first = row * WIDTH
  const from = places[2 * row + 1] as number
  return {
    trial: numbers[first] as number,
    params: unpackParams(packed.params, row),
    finalEquity: numbers[first + 1] as number,
    totalReturn: numbers[first + 2] as number,
    maxDrawdown: numbers[first + 3] as number,
    dailyReturns: (pieces[places[2 * row] as number] as Float64Array).subarray(from, from + days),
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
