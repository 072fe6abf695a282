import type { Instrument } from '../core/instrument.js'
import { whaleFacts } from '../core/whales.js'
import type { SessionFact } from '../engine/session.js'
import { carefulConfidence } from '../sources/facts/confirmations.js'
import type { MappedRow } from '../sources/smart-money/mapper.js'
import { ANSWERED_CONFIDENCES } from '../store/kinds.js'
import { modelVersionName } from '../store/series-id.js'

/** A fact of which is not said yet when it became known. */
export type FoundFact = Omit<SessionFact, 'knownAt'>

/** Rows of `/v1/history/confirmations` of one asset as facts of its instruments, as the store reads them, without rows that it would put into quarantine: `long`, `short` (NaN where there is no answer), `veto`, `available`. Sides of one time, model version and source belong together. */
export function confirmationFacts(
  rows: readonly MappedRow[],
  asset: string,
  instruments: readonly Instrument[],
): FoundFact[] {
  const speaker = ({ texts }: MappedRow): string => `${versionOf(texts)} ${texts['source'] ?? ''}`
  const groups = byEvent(rows.filter(({ texts }) => texts['symbol'] === asset)).flatMap(([eventTime, ofTime]) => [...grouped(ofTime, speaker).values()].map((group) => ({ eventTime, group }))) // prettier-ignore
  return groups.flatMap(({ eventTime, group }) => {
    const side = (direction: string): MappedRow | undefined => group.find(({ texts }) => texts['direction'] === direction) // prettier-ignore
    const [long, short] = [side('long'), side('short')]
    const confidence = carefulConfidence([long, short].map((row) => row?.texts['confidence']))
    const isAnswered = (ANSWERED_CONFIDENCES as readonly string[]).includes(confidence)
    const composites = [measureOf(long, 'composite'), measureOf(short, 'composite')]
    // What the import would put into quarantine is no fact here either.
    if (composites.some((value) => Math.abs(value) > 1)) return []
    const isUsable = isAnswered && composites.some((value) => !Number.isNaN(value))
    const [ofLong = NaN, ofShort = NaN] = isUsable ? composites : []
    const values = {
      long: ofLong,
      short: ofShort,
      veto: confidence === 'VETO' ? 1 : 0,
      available: isUsable ? 1 : 0,
    }
    const modelVersion = versionOf(group[0]?.texts ?? {})
    return of(instruments, asset, 'confirmation', eventTime, values).map((fact) => ({
      ...fact,
      modelVersion,
    }))
  })
}

function versionOf(texts: MappedRow['texts']): string {
  return modelVersionName(texts['model_version'])
}

/** Rows of `/v1/history/onchain` of one asset: a fact a day whose inflow and outflow are both known, in native units. */
export function flowFacts(
  rows: readonly MappedRow[],
  asset: string,
  instruments: readonly Instrument[],
): FoundFact[] {
  return byEvent(rows.filter(({ texts }) => texts['asset'] === asset)).flatMap(([eventTime, group]) => {
    const metric = (name: string): number => measureOf(group.find(({ texts }) => texts['metric'] === name), 'value') // prettier-ignore
    const [inflow, outflow] = [metric('exchange_inflow'), metric('exchange_outflow')]
    if (!(inflow >= 0 && outflow >= 0)) return []
    return of(instruments, asset, 'exchange-flows', eventTime, { inflow, outflow, supply: metric('exchange_supply') }) // prettier-ignore
  })
}

/** Rows of `/v1/history/whale_positions`, all wallets and assets: a fact a snapshot, counted as the store counts them. Positions whose notional or leverage is not known are left out. */
export function whaleSnapshotFacts(
  rows: readonly MappedRow[],
  instruments: readonly Instrument[],
): FoundFact[] {
  const positions = rows
    .filter((row) => measureOf(row, 'notional_usd') > 0 && measureOf(row, 'leverage') > 0)
    .map((row) => ({
      row,
      eventTime: row.eventTime ?? NaN,
      wallet: row.texts['wallet'] ?? '',
      asset: row.texts['symbol'] ?? '',
    }))
    .filter(({ eventTime }) => Number.isFinite(eventTime))
    .sort((a, b) => a.eventTime - b.eventTime || compare(a.wallet, b.wallet) || compare(a.asset, b.asset))
  const wallets = new Map([...new Set(positions.map(({ wallet }) => wallet))].map((name, at) => [name, at]))
  const assets = new Map([...new Set(positions.map(({ asset }) => asset))].map((name, at) => [name, at]))
  const column = (value: (one: (typeof positions)[number]) => number): Float64Array =>
    Float64Array.from(positions, value)
  const eventTime = column((one) => one.eventTime)
  const snapshots = {
    eventTime,
    knownAt: eventTime,
    edition: column(() => 0),
    wallet: column(({ wallet }) => wallets.get(wallet) ?? NaN),
    asset: column(({ asset }) => assets.get(asset) ?? NaN),
    side: column(({ row }) => (row.texts['direction'] === 'short' ? -1 : 1)),
    notional: column(({ row }) => measureOf(row, 'notional_usd')),
    leverage: column(({ row }) => measureOf(row, 'leverage')),
  }
  return instruments.flatMap(({ base }, instrument) => {
    const facts = whaleFacts(snapshots, assets.get(base) ?? -1)
    return Array.from(facts.eventTime, (time, at) => ({
      instrument,
      series: 'whales',
      eventTime: time,
      values: Object.fromEntries(
        Object.entries(facts.values).map(([name, values]) => [name, values[at] as number]),
      ),
    }))
  })
}

function of(
  instruments: readonly Instrument[],
  asset: string,
  series: string,
  eventTime: number,
  values: Readonly<Record<string, number>>,
): FoundFact[] {
  return instruments.flatMap(({ base }, instrument) =>
    base === asset ? [{ instrument, series, eventTime, values }] : [],
  )
}

/** What is not a measured number is NaN: null, absent, unavailable and no data all mean that nobody knows it. */
function measureOf(row: MappedRow | undefined, name: string): number {
  const measured = row?.measures[name]
  return measured?.state === 'measured' ? measured.value : NaN
}

/** Rows by their event time, oldest first. */
function byEvent(rows: readonly MappedRow[]): [number, MappedRow[]][] {
  const timed = rows.filter(({ eventTime }) => eventTime !== undefined)
  return [...grouped(timed, ({ eventTime }) => eventTime as number)].sort(([a], [b]) => a - b)
}

function grouped<Key>(rows: readonly MappedRow[], keyOf: (row: MappedRow) => Key): Map<Key, MappedRow[]> {
  const groups = new Map<Key, MappedRow[]>()
  for (const row of rows) {
    const group = groups.get(keyOf(row)) ?? []
    groups.set(keyOf(row), group)
    group.push(row)
  }
  return groups
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
