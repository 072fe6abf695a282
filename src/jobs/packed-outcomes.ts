import type { TrialOutcome } from '../engine/trials.js'
import type { ParamValue } from '../strategy/params.js'

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
  readonly paramNames: readonly string[]
  /** Values of all outcomes, one after the other. */
  readonly params: readonly ParamValue[]
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

export function packOutcomes(outcomes: readonly TrialOutcome[]): PackedOutcomes {
  const numbers = new Float64Array(outcomes.length * WIDTH)
  const places = new Int32Array(outcomes.length * 2)
  const pieces = new Map<ArrayBufferLike, number>()
  const paramNames = Object.keys(outcomes[0]?.params ?? {})
  const params: ParamValue[] = []
  let hashes = ''
  let row = 0
  for (const outcome of outcomes) {
    const { dailyReturns, path } = outcome
    for (let at = 0; at < NUMBERS.length; at++)
      numbers[row * WIDTH + at] = outcome[NUMBERS[at] as (typeof NUMBERS)[number]]
    numbers[row * WIDTH + BAR_BY_BAR] = path === 'bar-by-bar' ? 1 : 0
    const piece = pieces.get(dailyReturns.buffer) ?? pieces.size
    pieces.set(dailyReturns.buffer, piece)
    places[2 * row] = piece
    places[2 * row + 1] = dailyReturns.byteOffset / 8
    for (const name of paramNames) params.push(outcome.params[name] as ParamValue)
    hashes += outcome.tradeHash
    row++
  }
  return {
    numbers,
    hashes,
    paramNames,
    params,
    pieces: [...pieces.keys()].map((buffer) => new Float64Array(buffer)),
    places,
    days: outcomes[0]?.dailyReturns.length ?? 0,
    closedTrades: outcomes.some(({ closedTrades }) => closedTrades !== undefined)
      ? outcomes.map(({ closedTrades }) => closedTrades)
      : undefined,
  }
}

export function unpackOutcomes(packed: PackedOutcomes): TrialOutcome[] {
  const outcomes: TrialOutcome[] = []
  for (let row = 0; row * WIDTH < packed.numbers.length; row++) outcomes.push(outcomeAt(packed, row))
  return outcomes
}

function outcomeAt(packed: PackedOutcomes, row: number): TrialOutcome {
  const { numbers, hashes, pieces, places, days, closedTrades } = packed
  const number = (at: number): number => numbers[row * WIDTH + at] as number
  const from = places[2 * row + 1] as number
  return {
    trial: number(0),
    params: paramsAt(packed, row),
    finalEquity: number(1),
    totalReturn: number(2),
    maxDrawdown: number(3),
    dailyReturns: (pieces[places[2 * row] as number] as Float64Array).subarray(from, from + days),
    trades: number(4),
    decidedTrades: number(5),
    wins: number(6),
    undecidedExits: number(7),
    fees: number(8),
    slippage: number(9),
    funding: number(10),
    grossProfit: number(11),
    grossLoss: number(12),
    barsHeld: number(13),
    meanNetExposure: number(14),
    tradeHash: hashes.slice(row * DIGITS, (row + 1) * DIGITS),
    path: number(BAR_BY_BAR) === 1 ? 'bar-by-bar' : 'skipping',
    steps: number(15),
    closedTrades: closedTrades?.[row],
  }
}

function paramsAt({ paramNames, params }: PackedOutcomes, row: number): TrialOutcome['params'] {
  const values: Record<string, ParamValue> = {}
  for (let at = 0; at < paramNames.length; at++)
    values[paramNames[at] as string] = params[row * paramNames.length + at] as ParamValue
  return values
}
