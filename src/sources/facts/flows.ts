import type { MappedRow } from '../smart-money/mapper.js'
import type { FactTables, TableShape } from './fact-tables.js'
import { assetOf, type KnownAt, numberOf } from './smart-money-facts.js'

/** Metrics of `/v1/history/onchain` that make a day's exchange flows; their names are assumed, others are kept in the stored answers alone. */
const METRICS: ReadonlyMap<string, 'inflow' | 'outflow' | 'supply'> = new Map([
  ['exchange_inflow', 'inflow'],
  ['exchange_outflow', 'outflow'],
  ['exchange_supply', 'supply'],
] as const)

interface Flows {
  readonly asset: string
  readonly time: number
  knownAt: number
  inflow: number | null
  outflow: number | null
  supply: number | null
}

/** Puts the metrics of an asset's day together: a row once in- and outflow are there, known when the last of them was; another one when something of it changes. */
export class FlowRows {
  private readonly days = new Map<string, Flows>()

  constructor(private readonly tables: FactTables) {}

  /** Rows of one answer, which are known together where `knownAt` says so. */
  add(rows: readonly MappedRow[], knownAt: KnownAt): void {
    const touched = new Set<Flows>()
    for (const row of rows) {
      const metric = METRICS.get(row.texts['metric'] ?? '')
      const asset = assetOf(row, 'asset')
      const value = numberOf(row.measures['value'])
      if (metric === undefined || asset === undefined || value === null || row.eventTime === undefined)
        continue
      const key = `${asset} ${row.eventTime}`
      const day = this.days.get(key) ?? { asset, time: row.eventTime, knownAt: -Infinity, inflow: null, outflow: null, supply: null } // prettier-ignore
      this.days.set(key, day)
      day[metric] = value
      day.knownAt = Math.max(day.knownAt, knownAt(row))
      touched.add(day)
    }
    for (const { asset, time, knownAt: known, inflow, outflow, supply } of touched) {
      if (inflow === null || outflow === null) continue
      this.tables.add(shapeOf(asset), { time, knownAt: known, cells: { inflow, outflow, supply } })
    }
  }
}

function shapeOf(asset: string): TableShape {
  return {
    name: `exchange-flows-${asset}`,
    columns: ['inflow', 'outflow', 'supply'],
    keys: [],
    options: { kind: 'exchange-flows', asset },
  }
}
