import type { Candles, FactColumns, FundingSchedule } from '../core/columns.js'
import { ConfigError, DataError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { type TimeRange, durationName, formatUtc } from '../core/time.js'
import { loadWhaleFacts } from './load-whales.js'
import { loadFacts, loadFunding } from './load.js'
import { type MarkColumns, loadCandles, loadMarks } from './load-candles.js'
import { type Manifest, type SeriesEntry, dataSetHash } from './manifest.js'
import { candlesId, fundingId, markCandlesId } from './series-id.js'
import { type Store, seriesEntry, storeManifest } from './store.js'

/** What a run reads about one instrument: the engine's InstrumentData. */
export interface RunInstrument {
  readonly instrument: Instrument
  readonly candles: Candles
  readonly funding: FundingSchedule | undefined
  readonly facts: Readonly<Record<string, FactColumns>>
  /** Beside the candles, where marks were asked for and are stored. */
  readonly mark?: MarkColumns
}

/** A series that a run reads, or would have read. */
export interface UsedSeries {
  readonly instrumentId: string
  /** `candles`, `funding-payments`, `mark-prices`, `finer-candles`, or the name under which features read it, such as `whales`. */
  readonly use: string
  /** Undefined where the store holds none. */
  readonly seriesId: string | undefined
  readonly sha256: string | undefined
  /** Words to show with the run: `assumed`, `cross-venue`, `partial-universe`, `average-rate`, … */
  readonly flags: readonly string[]
}

export interface RunData {
  readonly instruments: readonly RunInstrument[]
  /** Every series read, in order of instruments. */
  readonly used: readonly UsedSeries[]
  /** What was asked for and is not in the store: named, never an error. */
  readonly absent: readonly UsedSeries[]
  /** Identifies the rows that this run reads, whatever else the folder holds. */
  readonly dataHash: string
}

export interface RunDataOptions {
  /** Bars that open within it are loaded; facts are loaded whole, since older ones may still be in force. */
  readonly range?: TimeRange
  /**
   * Fact name → series id, with `{base}`, `{venue}`, `{instrument}` filled in per instrument; `none` leaves it out.
   * `funding-payments` chooses what a perpetual is charged by.
   */
  readonly overrides?: Readonly<Record<string, string>>
  /** Positions may be liquidated: perpetuals are loaded with the mark prices of their bars, where those are stored. */
  readonly marks?: boolean
  /** Candles of this timeframe may be asked about single bars later (`loadCandlesInside`): they belong to what the run reads. */
  readonly detailMs?: number
}

/** The use of a perpetual's settlements, apart from features that read funding. */
export const FUNDING_PAYMENTS = 'funding-payments'
/** The use of mark candles, by which positions are liquidated. */
export const MARK_PRICES = 'mark-prices'
/** The use of candles that tell what happened inside a bar. */
export const FINER_CANDLES = 'finer-candles'

const KIND_OF_FACT: Readonly<Record<string, string>> = {
  funding: 'funding',
  'open-interest': 'open-interest',
  whales: 'whale-positions',
  'exchange-flows': 'exchange-flows',
  confirmation: 'confirmations',
}

/**
 * Loads what a run on `instruments` at one timeframe reads: candles, the settled funding of perpetuals, and the facts named.
 *
 * A fact comes from the override if one is given; else from the instrument's own venue; else from the only series that fits.
 * Funding for features may be settled or average, for payments only settled rates are taken. Finer candles are named, and read later.
 *
 * @param factsWanted `funding`, `open-interest`, `whales`, `exchange-flows`, `confirmation`, or the name of a user's series
 * @throws DataError where candles are absent, or finer ones of all instruments; ConfigError where the finer timeframe does not divide, several series fit and no override chooses, where an override
 *   names none, and where an instrument's candles are of a coin-margined contract
 */
export async function resolveRunData(
  store: Store,
  instruments: readonly Instrument[],
  timeframeMs: number,
  factsWanted: readonly string[],
  options: RunDataOptions = {},
): Promise<RunData> {
  const manifest = await storeManifest(store)
  refuseUnknownOverrides(options, factsWanted)
  const { detailMs } = options
  if (detailMs !== undefined) refuseDetail(store, manifest, instruments, timeframeMs, detailMs)
  const loaded: RunInstrument[] = []
  const all: UsedSeries[] = []
  for (const instrument of instruments) {
    const use = (name: string, id: string | undefined): UsedSeries =>
      describeUse(manifest, instrument, name, id)
    const candles = await loadTradable(store, manifest, instrument, timeframeMs, options)
    all.push(use('candles', candlesId(instrument.id, timeframeMs)))
    if (detailMs !== undefined) all.push(use(FINER_CANDLES, candlesId(instrument.id, detailMs)))
    let mark: MarkColumns | undefined
    if (options.marks === true && instrument.kind === 'perpetual') {
      const id = markCandlesId(instrument.id, timeframeMs)
      all.push(use(MARK_PRICES, id))
      if (manifest.series[id] !== undefined)
        mark = await loadMarks(store, instrument.id, timeframeMs, candles.openTime)
    }
    let funding: FundingSchedule | undefined
    if (instrument.kind === 'perpetual') {
      const id = chosenPayments(manifest, instrument, options)
      all.push(use(FUNDING_PAYMENTS, id))
      if (id !== undefined) {
        const paid = id.slice('funding/'.length)
        funding = await loadFunding(store, paid, { settledOnly: true, cover: coverOf(candles) })
      }
    }
    const facts: Record<string, FactColumns> = {}
    for (const name of factsWanted) {
      const id = chooseSeries(manifest, instrument, name, options)
      const fact = id === undefined ? undefined : await loadFact(store, manifest, id, instrument)
      all.push(use(name, fact === undefined ? undefined : id))
      if (fact !== undefined) facts[name] = fact
    }
    loaded.push({ instrument, candles, funding, facts, ...(mark && { mark }) })
  }
  const used = all.filter((item) => item.seriesId !== undefined)
  const ids = used.map((item) => item.seriesId ?? '')
  const entries = Object.fromEntries(ids.map((id) => [id, seriesEntry(store, manifest, id)]))
  return {
    instruments: loaded,
    used,
    absent: all.filter((item) => item.seriesId === undefined),
    dataHash: dataSetHash(entries),
  }
}

async function loadTradable(
  store: Store,
  manifest: Manifest,
  instrument: Instrument,
  timeframeMs: number,
  options: RunDataOptions,
): Promise<Candles> {
  const id = candlesId(instrument.id, timeframeMs)
  const entry = seriesEntry(store, manifest, id)
  if (entry.inverse) {
    throw new ConfigError('a coin-margined (inverse) contract cannot be traded as a linear one', {
      field: 'instrument',
      value: id,
    })
  }
  const candles = await loadCandles(store, instrument.id, timeframeMs, options.range)
  if (candles.openTime.length === 0) {
    const held = `${formatUtc(entry.firstEventTime)} to ${formatUtc(entry.lastEventTime)}`
    throw new DataError(`no candle opens in the time range asked for: ${id} runs from ${held}`, {
      file: store.directory,
    })
  }
  return candles
}

/** Finer candles of some instruments will do; of none, nobody could be asked. */
function refuseDetail(
  store: Store,
  manifest: Manifest,
  instruments: readonly Instrument[],
  timeframeMs: number,
  detailMs: number,
): void {
  if (!(detailMs < timeframeMs) || timeframeMs % detailMs !== 0) {
    throw new ConfigError(`finer candles must divide the bars of ${durationName(timeframeMs)}`, {
      field: '--detail',
      value: durationName(detailMs),
    })
  }
  const ids = instruments.map(({ id }) => candlesId(id, detailMs))
  if (ids.some((id) => manifest.series[id] !== undefined)) return
  const [first] = instruments
  throw new DataError(
    `the data folder holds no finer candles of these instruments, such as ${ids[0] ?? ''}: baleen data import FILE --as candles --instrument ${first?.id ?? ''} --interval ${durationName(detailMs)}`,
    { file: store.directory, field: '--detail', value: durationName(detailMs) },
  )
}

/** From the first bar's open to the last one's close: settlements in between that were not recorded must be known as missing. */
function coverOf({ openTime, timeframeMs }: Candles): TimeRange {
  const first = openTime[0] ?? Infinity
  const last = openTime[openTime.length - 1] ?? -Infinity
  return { startMs: first, endMs: last + timeframeMs + 1 }
}

function refuseUnknownOverrides(options: RunDataOptions, factsWanted: readonly string[]): void {
  for (const name of Object.keys(options.overrides ?? {})) {
    if (name === FUNDING_PAYMENTS || factsWanted.includes(name)) continue
    const known = [...factsWanted, FUNDING_PAYMENTS].join(', ')
    throw new ConfigError(`this run reads no such series; it reads ${known}`, {
      field: 'series',
      value: name,
    })
  }
}

/** The override's series id; undefined without an override, `none` where it leaves the fact out. */
function overridden(
  manifest: Manifest,
  instrument: Instrument,
  name: string,
  options: RunDataOptions,
): string | undefined {
  const template = options.overrides?.[name]
  if (template === undefined || template === 'none') return template
  const id = template
    .replaceAll('{base}', instrument.base)
    .replaceAll('{venue}', instrument.venue)
    .replaceAll('{instrument}', instrument.id)
  const entry = manifest.series[id]
  // An override with a placeholder may fit some instruments and not others: absent there, and named.
  if (entry === undefined && template.includes('{')) return 'none'
  if (entry === undefined)
    throw new ConfigError('the data folder holds no such series', { field: name, value: id })
  const kind = name === FUNDING_PAYMENTS ? 'funding' : (KIND_OF_FACT[name] ?? 'series')
  if (entry.kind !== kind) throw new ConfigError(`must be a series of ${kind}`, { field: name, value: id })
  return id
}

function chosenPayments(
  manifest: Manifest,
  instrument: Instrument,
  options: RunDataOptions,
): string | undefined {
  const chosen = overridden(manifest, instrument, FUNDING_PAYMENTS, options)
  if (chosen === 'none') return undefined
  const id = chosen ?? fundingId(instrument.id)
  const entry = manifest.series[id]
  if (entry !== undefined && entry.rateKind !== 'settled') {
    throw new ConfigError('only settled rates are ever charged', { field: FUNDING_PAYMENTS, value: id })
  }
  return entry === undefined ? undefined : id
}

/** Series that could serve a fact of an instrument, with the venue each comes from. */
function candidates(
  manifest: Manifest,
  instrument: Instrument,
  name: string,
): { id: string; entry: SeriesEntry }[] {
  const kind = KIND_OF_FACT[name] ?? 'series'
  const all = Object.entries(manifest.series).map(([id, entry]) => ({ id, entry }))
  return all.filter(({ entry }) => {
    if (entry.kind !== kind) return false
    if (kind === 'series') return entry.subject === name
    if (kind === 'whale-positions') return true
    if (kind === 'funding') return entry.subject === instrument.id || entry.asset === instrument.base
    return entry.asset === instrument.base
  })
}

function chooseSeries(
  manifest: Manifest,
  instrument: Instrument,
  name: string,
  options: RunDataOptions,
): string | undefined {
  const chosen = overridden(manifest, instrument, name, options)
  if (chosen !== undefined) return chosen === 'none' ? undefined : chosen
  const fitting = candidates(manifest, instrument, name)
  const narrower = [
    fitting.filter(({ entry }) => entry.subject === instrument.id),
    fitting.filter(({ entry }) => entry.venue === instrument.venue),
    fitting,
  ].find((group) => group.length > 0)
  if (narrower === undefined) return undefined
  const settled = narrower.filter(({ entry }) => entry.rateKind === undefined || entry.rateKind === 'settled')
  const group = settled.length > 0 ? settled : narrower
  const [only] = group
  if (only !== undefined && group.length === 1) return only.id
  throw new ConfigError(
    `several series could serve ${name} of ${instrument.id}: choose with ${group.map(({ id }) => `--facts ${name}=${id}`).join(' or ')}, or leave them out with --facts ${name}=none`,
    { field: name },
  )
}

async function loadFact(
  store: Store,
  manifest: Manifest,
  id: string,
  instrument: Instrument,
): Promise<FactColumns | undefined> {
  if (seriesEntry(store, manifest, id).kind !== 'whale-positions') return loadFacts(store, id)
  return (await loadWhaleFacts(store, id, instrument.base))?.facts
}

function describeUse(
  manifest: Manifest,
  instrument: Instrument,
  use: string,
  id: string | undefined,
): UsedSeries {
  const entry = id === undefined ? undefined : manifest.series[id]
  if (id === undefined || entry === undefined) {
    return { instrumentId: instrument.id, use, seriesId: undefined, sha256: undefined, flags: [] }
  }
  const flags = [...entry.flags, ...entry.origins.filter((origin) => origin !== 'recorded')]
  if (entry.rateKind !== undefined && entry.rateKind !== 'settled') flags.push(`${entry.rateKind}-rate`)
  const isOtherVenue = entry.venue !== undefined && entry.venue !== instrument.venue
  if (isOtherVenue && !flags.includes('cross-venue')) flags.push('cross-venue')
  return { instrumentId: instrument.id, use, seriesId: id, sha256: entry.file.sha256, flags }
}
