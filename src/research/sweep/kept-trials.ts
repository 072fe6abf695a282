import { known, type Statistic, unknown } from '../../metrics/statistic.js'
import type { ParamSpecs, ParamValue } from '../../strategy/params.js'
import type { Sequence } from '../overfitting/trial-returns.js'
import type { TrialStatistics } from '../trial-statistics.js'
import { STATISTIC_KEYS } from './objective.js'
import type { TrialFigures, TrialRow, TrialStatus } from './trial-row.js'

/** Daily returns of trials by number, kept in whatever place; trials without any are told too, so that numbers are places. */
export interface ReturnsStore {
  add(returns: Float64Array | undefined): void
  /** Those of a trial that has some: a copy. */
  at(trial: number): Float64Array
}

const STATUSES: readonly TrialStatus[] = ['complete', 'constraint', 'unrated', 'failed']
const FIGURES = ['finalEquity', 'fees', 'slippage', 'funding', 'barsHeld', 'meanNetExposure'] as const
/** Status, who proposed it, reason, score, whether it has one, violation, whether it has figures. */
const OWN = 7
const HASH_WORDS = 4
/** Rows that lie in one piece of memory. */
const PIECE = 4_096

/** Bytes that a trial of so many params takes, daily returns aside. */
export function keptBytes(params: number): number {
  return 8 * (OWN + params + FIGURES.length + 2 * STATISTIC_KEYS.length + HASH_WORDS)
}

/**
 * Rows of trials as numbers in a few large arrays, their daily returns wherever the store has them: a million of them take some hundred megabytes
 * rather than ten gigabytes. A row is made anew each time it is looked at, and reads its daily returns when they are asked for.
 */
export class KeptTrials implements Sequence<TrialRow> {
  private readonly pieces: Float64Array[] = []
  private readonly names: readonly string[]
  private readonly width: number
  private readonly texts: string[] = []
  private readonly places: Map<string, number> = new Map()
  private count: number = 0

  constructor(
    private readonly specs: ParamSpecs,
    private readonly returns: ReturnsStore,
  ) {
    this.names = Object.keys(specs)
    this.width = keptBytes(this.names.length) / 8
  }

  get length(): number {
    return this.count
  }

  /** Takes the next row; its number is that of rows before it. */
  add({ point, isSpaceFilling, status, reason, score, violation, figures }: TrialRow): void {
    const at = this.count % PIECE
    if (at === 0) this.pieces.push(new Float64Array(PIECE * this.width))
    const numbers = [
      STATUSES.indexOf(status),
      Number(isSpaceFilling),
      this.placeOf(reason),
      score ?? NaN,
      Number(score !== undefined),
      violation,
      Number(figures !== undefined),
      ...this.names.map((name) => this.encode(point[name] as ParamValue)),
      ...(figures === undefined ? [] : this.figureNumbers(figures)),
    ]
    this.pieces[this.pieces.length - 1]?.set(numbers, at * this.width)
    this.returns.add(figures?.dailyReturns)
    this.count++
  }

  at(index: number): TrialRow | undefined {
    if (!(index >= 0 && index < this.count)) return undefined
    const from = (index % PIECE) * this.width
    const piece = this.pieces[Math.floor(index / PIECE)] as Float64Array
    const numbers = [...piece.subarray(from, from + this.width)]
    const [status, filling, reason, score, hasScore, violation, hasFigures] = numbers as [number, number, number, number, number, number, number] // prettier-ignore
    const params = this.names.map((name, at) => [name, this.decode(name, numbers[OWN + at] as number)] as const) // prettier-ignore
    return {
      number: index,
      point: Object.freeze(Object.fromEntries(params)),
      isSpaceFilling: filling === 1,
      status: STATUSES[status] as TrialStatus,
      reason: this.textAt(reason),
      score: hasScore === 1 ? score : undefined,
      violation,
      figures: hasFigures === 1 ? this.figuresOf(index, numbers.slice(OWN + this.names.length)) : undefined,
    }
  }

  *[Symbol.iterator](): Iterator<TrialRow> {
    for (let index = 0; index < this.count; index++) yield this.at(index) as TrialRow
  }

  private figureNumbers(figures: TrialFigures): number[] {
    const { statistics, tradeHash, returnHash } = figures
    return [
      ...FIGURES.map((name) => figures[name]),
      ...STATISTIC_KEYS.map((key) => statistics[key].value ?? NaN),
      ...STATISTIC_KEYS.map((key) => this.placeOf(reasonOf(statistics[key]))),
      ...[tradeHash, returnHash].flatMap((hash) => [wordOf(hash, 0), wordOf(hash, 8)]),
    ]
  }

  private figuresOf(trial: number, numbers: readonly number[]): TrialFigures {
    const { returns } = this
    const values = numbers.slice(FIGURES.length)
    const words = values.slice(2 * STATISTIC_KEYS.length) as [number, number, number, number]
    const statistics = STATISTIC_KEYS.map((key, at): [string, Statistic] => {
      const reason = this.textAt(values[STATISTIC_KEYS.length + at] as number)
      return [key, reason === undefined ? known(values[at] as number) : unknown(reason)]
    })
    const [finalEquity, fees, slippage, funding, barsHeld, meanNetExposure] = numbers as [number, number, number, number, number, number] // prettier-ignore
    return {
      statistics: Object.fromEntries(statistics) as unknown as TrialStatistics,
      finalEquity,
      fees,
      slippage,
      funding,
      barsHeld,
      meanNetExposure,
      tradeHash: hashOf(words[0], words[1]),
      returnHash: hashOf(words[2], words[3]),
      get dailyReturns() {
        return returns.at(trial)
      },
    }
  }

  private encode(value: ParamValue): number {
    return typeof value === 'string' ? this.placeOf(value) : Number(value)
  }

  private decode(name: string, number: number): ParamValue {
    const kind = this.specs[name]?.kind
    if (kind === 'choice') return this.textAt(number) as string
    return kind === 'flag' ? number === 1 : number
  }

  /** 0 stands for no text. */
  private placeOf(text: string | undefined): number {
    if (text === undefined) return 0
    let place = this.places.get(text)
    if (place === undefined) this.places.set(text, (place = this.texts.push(text)))
    return place
  }

  private textAt(place: number): string | undefined {
    return place === 0 ? undefined : this.texts[place - 1]
  }
}

function reasonOf(statistic: Statistic): string | undefined {
  return statistic.value === undefined ? statistic.reason : undefined
}

/** Eight hexadecimal digits of a hash. */
function wordOf(hash: string, from: number): number {
  return Number(`0x${hash.slice(from, from + 8)}`)
}

function hashOf(high: number, low: number): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}
