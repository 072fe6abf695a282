import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { ConfigError, DataError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { DAY_MS, HOUR_MS, durationName, formatUtcDay } from '../core/time.js'
import {
  checkMarketOptions,
  instrumentLevels,
  simulateMarket,
  type InstrumentLevels,
  type MarketOptions,
} from '../market/index.js'
import { makeFolder, replaceTextFile } from '../store/files.js'
import { writingTo } from '../store/refusals.js'
import { importFile } from '../store/import.js'
import type { SeriesEntry, SeriesMap } from '../store/manifest.js'
import { removeSeries } from '../store/remove.js'
import { fileFault, openStore, storeManifest, type Store } from '../store/store.js'
import { stableJson } from './json.js'
import { marketFiles, marketSeries, type MarketFile } from './simulated-files.js'

/** Word that every series of the simulator carries, and every run that reads one shows. */
export const SYNTHETIC = 'synthetic'

/** Counts up when equal options begin to make other numbers. */
const SIMULATOR_VERSION = 2

const YEAR_MS = 365.25 * DAY_MS

/** What market to invent. Equal options give equal bytes. */
export interface SimulationOptions {
  /** Whole UTC days. */
  readonly days: number
  /** A 00:00 UTC; default 2024-01-01. */
  readonly startTime?: number
  /** Of the candles: 1m to 1d, a divisor of a day; default 1h. The same market whichever is chosen. */
  readonly timeframeMs?: number
  /** How many, or which ids; default 3. */
  readonly instruments?: number | readonly string[]
  /** Whole number: another one, another market. */
  readonly seed: number
  /** Correlation, in [0, 1), of what the facts' hidden source knows with the return of the next hour; default 0: nothing can be known. */
  readonly edge?: number
  /** Expected total return a year, funding included, as a fraction; default 0. */
  readonly driftPerYear?: number
  /** Missing bars, missing and late facts; default false. */
  readonly gaps?: boolean
}

export interface SimulationContext {
  /** Data folder; made where it is absent. */
  readonly folder: string
  /** UTC ms: the time of the import, as the manifest records it. */
  readonly now: number
  /** Another simulated market in the folder is removed first, and real series may stand beside this one. Real series are never replaced. */
  readonly replace?: boolean
  readonly progress?: (progress: SimulationProgress) => void
}

export interface SimulationProgress {
  readonly step: 'simulating' | 'importing'
  /** What is being made, in words. */
  readonly what: string
  readonly done: number
  readonly total: number
}

export interface SimulatedSeries {
  /** As `data list` names it. */
  readonly id: string
  readonly rows: number
  /** UTC ms. */
  readonly firstEventTime: number
  readonly lastEventTime: number
  /** Missing between the first and the last; undefined for whale snapshots, which come at any distance. */
  readonly missing: number | undefined
  readonly sha256: string
}

/** A simulated market as it lies in a data folder. Everything in it is invented. */
export interface SimulatedData {
  readonly synthetic: true
  readonly folder: string
  /** Lists the instruments with their invented terms: FOLDER/instruments.json. */
  readonly instrumentsFile: string
  readonly instruments: readonly Instrument[]
  /** First bar's open and last bar's close, UTC ms. */
  readonly startTime: number
  readonly endTime: number
  readonly timeframeMs: number
  /** The options in words, kept with every row: `baleen simulator 2: seed 7, 730 days from 2024-01-01, …`. */
  readonly recipe: string
  readonly series: readonly SimulatedSeries[]
  /** Nothing had to be made: the very same market was there already. */
  readonly isUnchanged: boolean
}

/**
 * Simulates a market and imports it into a data folder as a user would import recorded files, every series flagged `synthetic`;
 * beside them lies an instruments file. A folder holds one simulated market: asking for the same again changes nothing.
 *
 * @throws ConfigError for options that cannot be simulated, and without `replace` where the folder holds another simulated market
 *   or real series; always where a real series has the name of one to be made
 */
export async function simulateIntoStore(
  options: SimulationOptions,
  context: SimulationContext,
): Promise<SimulatedData> {
  const { folder, now, progress, replace = false } = context
  const plan = planSimulation(options)
  const { market, timeframeMs, levels, recipe, seriesIds } = plan
  const store = openStore(folder)
  const before = (await storeManifest(store)).series
  const outdated = seriesToReplace(store, before, plan, replace)

  const isUnchanged = outdated.length === 0 && (await isWhole(store, before, seriesIds, recipe))
  if (!isUnchanged) {
    progress?.({ step: 'simulating', what: `${levels.length} instruments`, done: 0, total: 1 })
    const files = marketFiles(simulateMarket(market, xoroshiro128plus(options.seed)), timeframeMs)
    for (const id of outdated) await removeSeries(store, id, now)
    await importAll(store, files, recipe, now, progress)
  }
  const instruments = levels.map(({ instrument }) => instrument)
  const instrumentsFile = join(folder, 'instruments.json')
  await writeInstruments(instrumentsFile, instruments)
  const after = (await storeManifest(store)).series
  return {
    synthetic: true,
    folder,
    instrumentsFile,
    instruments,
    startTime: market.startTime,
    endTime: market.startTime + options.days * DAY_MS,
    timeframeMs,
    recipe,
    series: seriesIds.map((id) => described(id, after)),
    isUnchanged,
  }
}

interface SimulationPlan {
  readonly market: MarketOptions
  readonly timeframeMs: number
  readonly levels: readonly InstrumentLevels[]
  readonly recipe: string
  readonly seriesIds: readonly string[]
}

function planSimulation(options: SimulationOptions): SimulationPlan {
  const { days, seed, startTime = Date.UTC(2024, 0, 1), timeframeMs = HOUR_MS } = options
  if (!Number.isInteger(days) || days < 1)
    throw new ConfigError('must be a whole number of days, 1 or more', { field: 'days', value: days })
  if (!Number.isSafeInteger(seed))
    throw new ConfigError('must be a whole number', { field: 'seed', value: seed })
  if (startTime % DAY_MS !== 0)
    throw new ConfigError('a simulation starts at 00:00 UTC', { field: 'startTime', value: startTime, unit: 'ms' }) // prettier-ignore
  const levels = instrumentLevels(options.instruments ?? 3)
  const said = [
    `seed ${seed}`,
    `${days} days from ${formatUtcDay(startTime)}`,
    durationName(timeframeMs),
    `edge ${options.edge ?? 0}`,
    `drift ${options.driftPerYear ?? 0} a year`,
    levels.map(({ instrument }) => instrument.base).join(' '),
    ...(options.gaps === true ? ['with gaps'] : []),
  ]
  const market: MarketOptions = {
    startTime,
    bars: Math.round((days * DAY_MS) / timeframeMs),
    timeframeMs,
    instruments: levels,
    edge: options.edge ?? 0,
    driftPerHour: ((options.driftPerYear ?? 0) * HOUR_MS) / YEAR_MS,
    gaps: options.gaps ?? false,
  }
  checkMarketOptions(market)
  return {
    market,
    timeframeMs,
    levels,
    recipe: `baleen simulator ${SIMULATOR_VERSION}: ${said.join(', ')}`,
    seriesIds: marketSeries(levels, timeframeMs),
  }
}

/** Ids of another simulated market in the folder. Throws ConfigError where it may not be replaced, and for real series in the way. */
function seriesToReplace(
  store: Store,
  stored: SeriesMap,
  { seriesIds, recipe }: SimulationPlan,
  replace: boolean,
): string[] {
  const isSynthetic = ({ flags }: SeriesEntry): boolean => flags.includes(SYNTHETIC)
  const real = Object.keys(stored).filter((id) => !isSynthetic(stored[id]!))
  const blocked = real.find((id) => seriesIds.includes(id))
  if (blocked !== undefined) {
    throw new ConfigError(
      'a real series of this name is in the data folder and is never replaced by invented numbers: choose another folder with --data DIR',
      { file: store.directory, field: 'series', value: blocked },
    )
  }
  if (real.length > 0 && !replace) {
    throw new ConfigError(
      'the data folder holds real series, which invented ones would serve where they have none of their own: choose another folder with --data DIR, or say --yes',
      { file: store.directory, field: 'series', value: real[0] },
    )
  }
  const others = Object.entries(stored).filter(
    ([id, entry]) => isSynthetic(entry) && !(seriesIds.includes(id) && isOf(entry, recipe)),
  )
  const [first] = others
  if (first !== undefined && !replace) {
    throw new ConfigError(
      `the data folder holds another synthetic market (${first[1].sources.join('; ')}): choose another folder with --data DIR, or replace it with --yes`,
      { file: store.directory, field: 'series', value: first[0] },
    )
  }
  return others.map(([id]) => id)
}

function isOf({ sources }: SeriesEntry, recipe: string): boolean {
  return sources.length === 1 && sources[0] === recipe
}

/** Whether all series were made by the same options and their files are sound: there is nothing to do then. */
async function isWhole(
  store: Store,
  stored: SeriesMap,
  ids: readonly string[],
  recipe: string,
): Promise<boolean> {
  for (const id of ids) {
    const entry = stored[id]
    if (entry === undefined || !isOf(entry, recipe)) return false
    if ((await fileFault(store.directory, entry.file)) !== undefined) return false
  }
  return true
}

async function importAll(
  store: Store,
  files: readonly MarketFile[],
  recipe: string,
  now: number,
  progress: SimulationContext['progress'],
): Promise<void> {
  await makeFolder(store.directory)
  const scratch = await writingTo(store.directory, () => mkdtempSync(join(store.directory, '.simulated-')))
  try {
    for (const [index, { name, write, options }] of files.entries()) {
      progress?.({ step: 'importing', what: name, done: index, total: files.length })
      const file = join(scratch, `${SYNTHETIC}-${name}.csv`)
      write(file)
      await importFile(store, { ...options, file, now, source: recipe, flags: [SYNTHETIC] })
      rmSync(file)
    }
    progress?.({ step: 'importing', what: 'done', done: files.length, total: files.length })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Puts the invented instruments in the place of earlier invented ones; what else a file lists stays. */
async function writeInstruments(file: string, instruments: readonly Instrument[]): Promise<void> {
  const others = existsSync(file) ? realEntries(file) : []
  const entries = instruments.map(({ venue: _venue, ...entry }) => entry)
  const text = stableJson([...others, ...entries])
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) await replaceTextFile(file, text)
}

function realEntries(file: string): unknown[] {
  const json = readJson(file)
  if (!Array.isArray(json)) throw new ConfigError('an instruments file is a list', { file })
  return json.filter((entry: { readonly id?: unknown }) => !String(entry.id).startsWith(`${SYNTHETIC}:`))
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigError(`not JSON: ${error instanceof Error ? error.message : String(error)}`, { file })
  }
}

function described(id: string, stored: SeriesMap): SimulatedSeries {
  const entry = stored[id]
  if (entry === undefined)
    throw new DataError('the import left no such series', { field: 'series', value: id })
  const { kind, file, firstEventTime, lastEventTime, gaps } = entry
  const missing = kind === 'whale-positions' ? undefined : gaps.missing
  return { id, rows: file.rows, firstEventTime, lastEventTime, missing, sha256: file.sha256 }
}
