import { DataError } from '../../core/errors.js'
import { known, type Statistic, unknown } from '../../metrics/statistic.js'
import type { ParamSpecs, ParamValue } from '../../strategy/params.js'
import type { Sequence } from '../overfitting/trial-returns.js'
import type { TrialStatistics } from '../trial-statistics.js'
import { STATISTIC_KEYS } from './objective.js'
import type { TrialFigures, TrialRow, TrialStatus } from './trial-row.js'

/** Rows of numbers of one length, kept in whatever place; those without any are told too, so that numbers are places. */
export interface RowStore {
  add(row: Float64Array | undefined): void
  /** A row that was told with numbers: a copy. */
  at(place: number): Float64Array
}

/** Rows in memory. */
export class RowsInMemory implements RowStore {
  private readonly rows: Float64Array[] = []

  add(row: Float64Array = new Float64Array(0)): void {
    this.rows.push(row.slice())
  }

  at(place: number): Float64Array {
    const row = this.rows[place]
    if (row === undefined) throw new DataError('no such row was kept', { row: place })
    return row.slice()
  }
}

const STATUSES: readonly TrialStatus[] = ['complete', 'constraint', 'unrated', 'failed']
const FIGURES = ['finalEquity', 'fees', 'slippage', 'funding', 'barsHeld', 'meanNetExposure'] as const
/** Status, who proposed it, reason, score, whether it has one, violation, whether it has figures. */
const OWN = 7
const HASH_WORDS = 4

/**
 * Rows of trials as numbers, wherever the stores have them, such as in files: memory need not grow with trials, of which a million would take ten
 * gigabytes as objects. A row is made anew each time it is looked at, and each part of it when that is asked for.
 */
export class KeptTrials implements Sequence<TrialRow> {
  private readonly names: readonly string[]
  private readonly width: number
  private readonly texts: string[] = []
  private readonly places: Map<string, number> = new Map()
  private count: number = 0
  /** Of every trial; undefined until the first that has returns. */
  private days: number | undefined

  constructor(
    private readonly specs: ParamSpecs,
    private readonly rows: RowStore,
    private readonly returns: RowStore,
  ) {
    this.names = Object.keys(specs)
    this.width = OWN + this.names.length + FIGURES.length + 2 * STATISTIC_KEYS.length + HASH_WORDS
  }

  get length(): number {
    return this.count
  }

  /** Takes the next row; its number is that of rows before it. Throws DataError where it has other days than the first. */
  add({ point, isSpaceFilling, status, reason, score, violation, figures }: TrialRow): void {
    const days = figures?.dailyReturns.length
    this.days ??= days
    if (days !== undefined && days !== this.days)
      throw new DataError(`all trials need the same days; the first has ${this.days}`, { row: this.count, field: 'days of trial', value: days }) // prettier-ignore
    const numbers = new Float64Array(this.width)
    numbers.set([
      STATUSES.indexOf(status),
      Number(isSpaceFilling),
      this.placeOf(reason),
      score ?? NaN,
      Number(score !== undefined),
      violation,
      Number(figures !== undefined),
      ...this.names.map((name) => this.encode(point[name] as ParamValue)),
      ...(figures === undefined ? [] : this.figureNumbers(figures)),
    ])
    this.rows.add(numbers)
    this.returns.add(figures?.dailyReturns)
    this.count++
  }

  at(index: number): TrialRow | undefined {
    if (!(index >= 0 && index < this.count)) return undefined
    const numbers = this.rows.at(index)
    const [status, filling, reason, score, hasScore, violation, hasFigures] = numbers as unknown as [number, number, number, number, number, number, number] // prettier-ignore
    const pointOf = (): TrialRow['point'] => this.pointOf(numbers)
    const figuresOf = (): TrialFigures => this.figuresOf(index, numbers)
    return {
      number: index,
      get point() {
        return pointOf()
      },
      isSpaceFilling: filling === 1,
      status: STATUSES[status] as TrialStatus,
      reason: this.textAt(reason),
      score: hasScore === 1 ? score : undefined,
      violation,
      get figures() {
        return hasFigures === 1 ? figuresOf() : undefined
      },
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

  private pointOf(numbers: Float64Array): TrialRow['point'] {
    const params = this.names.map((name, at) => [name, this.decode(name, numbers[OWN + at] as number)] as const) // prettier-ignore
    return Object.freeze(Object.fromEntries(params))
  }

  private figuresOf(trial: number, row: Float64Array): TrialFigures {
    const { returns } = this
    const numbers = row.subarray(OWN + this.names.length)
    const values = numbers.subarray(FIGURES.length)
    const words = values.subarray(2 * STATISTIC_KEYS.length)
    const statisticsOf = (): TrialStatistics => this.statisticsOf(values)
    const [finalEquity, fees, slippage, funding, barsHeld, meanNetExposure] = numbers as unknown as [number, number, number, number, number, number] // prettier-ignore
    return {
      get statistics() {
        return statisticsOf()
      },
      finalEquity,
      fees,
      slippage,
      funding,
      barsHeld,
      meanNetExposure,
      get tradeHash() {
        return hashOf(words, 0)
      },
      get returnHash() {
        return hashOf(words, 2)
      },
      get dailyReturns() {
        return returns.at(trial)
      },
    }
  }

  private statisticsOf(values: Float64Array): TrialStatistics {
    const statistics = STATISTIC_KEYS.map((key, at): [string, Statistic] => {
      const reason = this.textAt(values[STATISTIC_KEYS.length + at] as number)
      return [key, reason === undefined ? known(values[at] as number) : unknown(reason)]
    })
    return Object.fromEntries(statistics) as unknown as TrialStatistics
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

/** Of two words. */
function hashOf(words: Float64Array, from: number): string {
  const hex = (word: number): string => word.toString(16).padStart(8, '0')
  return hex(words[from] as number) + hex(words[from + 1] as number)
}
