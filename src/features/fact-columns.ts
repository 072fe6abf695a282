import type { FactColumns } from '../core/columns.js'
import { FactChange, fieldColumn } from './facts.js'
import type { Feature } from './feature.js'
import type { SeriesTile } from './series-tile.js'

/** Value of a fact feature on each place at which its series changed, in turn: `places[k]` of the SeriesTile has the k-th. */
export interface FactReader {
  /** Of the k-th change of the tile. Must be asked of each in order, since a change over time learns row by row. */
  valueAt(change: number): number
}

/**
 * Reads `fact`, `factEventTime` and `factChange`.
 *
 * @throws DataError naming the field where the series has none of this name
 */
export function factReader({ operator, args }: Feature, facts: FactColumns, tile: SeriesTile): FactReader {
  const [series, field] = args as [string, string]
  const ofRowInUse = (values: Float64Array): FactReader => ({
    valueAt: (change) => values[tile.rows[change] as number] ?? Number.NaN,
  })
  if (operator === 'factEventTime') return ofRowInUse(facts.eventTime)
  const values = fieldColumn(facts, series, field)
  return operator === 'fact'
    ? ofRowInUse(values)
    : new ChangeReader(facts, values, tile, new FactChange(args[2] as number, args[3] as number))
}

class ChangeReader implements FactReader {
  private current = NaN

  constructor(
    private readonly facts: FactColumns,
    private readonly values: Float64Array,
    private readonly tile: SeriesTile,
    private readonly change: FactChange,
  ) {}

  valueAt(at: number): number {
    const { eventTime, knownAt } = this.facts
    const from = at === 0 ? this.tile.firstRow : (this.tile.rowEnds[at - 1] as number)
    const end = this.tile.rowEnds[at] as number
    for (let row = from; row < end; row++) {
      // A NaN known-at was never known: it is passed over.
      if (!Number.isNaN(knownAt[row])) this.change.learn(eventTime[row] as number, this.values[row] as number)
    }
    if (end > from) this.current = this.change.change()
    return this.current
  }
}
