import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { canonicalJson } from '../core/canonical-json.js'
import { ConfigError, DataError } from '../core/errors.js'
import { type DuckDBConnection, literal, queryNumber, withDuckDB } from './duckdb.js'
import { collectFindings } from './findings.js'
import { hashFile, makeFolder, namingPermissions, publishFile, temporaryName } from './files.js'
import type { Finding, ImportOptions, ImportProgress, ImportReport, SeriesReport } from './import-options.js'
import { KINDS, isBars } from './kinds.js'
import { withStoreLock } from './lock.js'
import {
  type ImportRecord,
  type Manifest,
  type SeriesEntry,
  type SeriesMap,
  type StoredFile,
  writeManifest,
} from './manifest.js'
import { checkContradictions, checkUnits, checkUnusedColumns } from './mix-ups.js'
import {
  type RowStamp,
  type SeriesFacts,
  describeSeries,
  loadStored,
  mergeRows,
  writeQuarantine,
  writeRows,
} from './merge.js'
import { type ImportPlan, type SeriesTarget, planImport } from './plan.js'
import { refuseMostlyBad } from './refuse-mostly-bad.js'
import { candlesId, filePrefix } from './series-id.js'
import { type SourceColumns, readSourceFile } from './source-file.js'
import { checkAgainstStored, checkDoubledSettlements, checkGrid, stageRows } from './stage.js'
import { type Store, fileFault, storeManifest, verifiedPath } from './store.js'

/** Folder of rows that are kept but never loaded. */
export const QUARANTINE_FOLDER = 'quarantine'

interface Work {
  readonly connection: DuckDBConnection
  readonly store: Store
  readonly options: ImportOptions
  readonly columns: SourceColumns
  readonly plan: ImportPlan
  readonly fileSha256: string
  readonly manifest: Manifest
}

/**
 * Imports one file into the store: checks every row, keeps bad ones in quarantine, merges the others with what is there, and
 * publishes all its series in one step. The same file twice changes nothing.
 *
 * @throws ConfigError for options that do not fit, DataError where the file is unusable (a missing column, a wrong type,
 *   more than half of its rows bad); nothing is changed then
 */
export async function importFile(store: Store, options: ImportOptions): Promise<ImportReport> {
  const isDry = options.dryRun === true
  const work = (): Promise<ImportReport> => withDuckDB((connection) => importInto(connection, store, options))
  return namingPermissions(store.directory, () => (isDry ? work() : withStoreLock(store.directory, work)))
}

async function importInto(
  connection: DuckDBConnection,
  store: Store,
  options: ImportOptions,
): Promise<ImportReport> {
  const isDry = options.dryRun === true
  const manifest = await storeManifest(store)
  if (!isDry) await removeLeftovers(store.directory, manifest.series)
  const columns = await readSourceFile(connection, options.file)
  const plan = await planImport(connection, options, columns)
  if (plan.targets.length === 0) throw new DataError('no row fits --where', { file: options.file })
  checkConversion(options)
  const fileSha256 = await hashFile(options.file)
  const work: Work = { connection, store, options, columns, plan, fileSha256, manifest }
  announce(options, 'read', basename(options.file), 0, plan.targets.length)
  const reports: SeriesReport[] = []
  const series: Record<string, SeriesEntry> = { ...manifest.series }
  for (const [index, target] of plan.targets.entries()) {
    const step = (name: ImportProgress['step']): void =>
      announce(options, name, target.id, index + 1, plan.targets.length)
    const { report, entry } = await importSeries(work, target, step)
    reports.push(report)
    series[target.id] = entry
  }
  const isChanged = !isDry && reports.some((report) => report.changed)
  const after = isChanged ? await writeManifest(store.directory, series, manifest.removed) : manifest
  if (isChanged) await removeBroken(store.directory, manifest.series, after.series)
  if (isChanged)
    announce(options, 'manifest-published', basename(options.file), reports.length, reports.length)
  return {
    file: options.file,
    dryRun: isDry,
    series: reports,
    dataSetHash: after.dataSetHash,
  }
}

function announce(
  options: ImportOptions,
  step: ImportProgress['step'],
  series: string,
  done: number,
  total: number,
): void {
  options.progress?.({ step, series, done, total })
}

function checkConversion(options: ImportOptions): void {
  if (options.convertBy === undefined) return
  if (options.kind !== 'open-interest' || options.unit !== 'usd') {
    throw new ConfigError('only open interest given in usd is converted', {
      field: '--convert-by',
      value: options.convertBy,
    })
  }
  if (options.intervalMs === undefined) {
    throw new ConfigError('say with --interval 1h which candles convert', { field: '--interval' })
  }
}

/** Candles that convert the open interest of a series, as `convertCandles(openTime, close)`. */
async function loadConversion(
  { connection, store, manifest, options }: Work,
  { convertBy }: SeriesTarget,
): Promise<void> {
  if (convertBy === undefined || options.intervalMs === undefined) return
  const id = candlesId(convertBy, options.intervalMs)
  const entry = manifest.series[id]
  if (entry === undefined) {
    throw new ConfigError(`import ${id} first: its closes turn USD into base units`, {
      field: '--convert-by',
      value: convertBy,
    })
  }
  const path = await verifiedPath(store, entry.file)
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE "convertCandles" AS SELECT "eventTime" AS "openTime", close FROM read_parquet(${literal(path)})`,
  )
}

/** Flags of every row of the import: the user's, and those that follow from how it was read. */
function stampOf({ options, plan }: Work, target: SeriesTarget): RowStamp {
  const flags = new Set(options.flags ?? [])
  for (const flag of flags) {
    if (!/^[a-z][a-z0-9-]*$/.test(flag))
      throw new ConfigError('a flag is lower-case words joined by -', { field: '--flag', value: flag })
  }
  if (target.convertBy !== undefined && !target.convertBy.startsWith(`${target.venue ?? ''}:`))
    flags.add('cross-venue')
  const isUnsized = options.unit === 'contracts' && options.contractSize === undefined
  const hasNoVolume = plan.fields.some(({ field, from }) => field.name === 'volume' && from === undefined)
  if (options.kind === 'candles' && (isUnsized || hasNoVolume)) flags.add('volume-unknown')
  return {
    origin: plan.origin,
    flags: [...flags].sort().join(','),
    source: options.source ?? '',
  }
}

async function importSeries(
  work: Work,
  target: SeriesTarget,
  step: (name: ImportProgress['step']) => void,
): Promise<{ report: SeriesReport; entry: SeriesEntry }> {
  const { connection, store, options, columns, plan, manifest } = work
  const before = manifest.series[target.id]
  if (before !== undefined && before.inverse !== (options.inverse ?? false)) {
    throw new ConfigError('the series is stored as the other of linear and coin-margined', {
      field: '--inverse',
      value: target.id,
    })
  }
  const fault = before === undefined ? undefined : await fileFault(store.directory, before.file)
  const isWhole = before !== undefined && fault === undefined
  const unused = await checkUnusedColumns(connection, plan, options, columns, target)
  await loadConversion(work, target)
  await stageRows(connection, plan, options, target)
  await loadStored(connection, plan, before, isWhole ? join(store.directory, before.file.path) : undefined)
  let gridOffsetMs: number | undefined
  if (isBars(plan.table)) {
    gridOffsetMs = await checkGrid(connection, options.intervalMs ?? 1, before?.gridOffsetMs)
  }
  await checkContradictions(connection, plan, options, columns, target)
  await checkUnits(connection, plan, options, target)
  if (isBars(plan.table)) {
    await checkAgainstStored(
      connection,
      plan.fields.map(({ field }) => field.name),
    )
  }
  if (plan.table.kind === 'funding') await checkDoubledSettlements(connection)
  const quarantined = await refuseMostlyBad(connection, plan, options, target)
  await mergeRows(connection, plan, options, stampOf(work, target))
  const facts = await describeSeries(connection, plan, options)
  step('checked')
  const isNewRows = facts.rowsAdded > 0 || facts.rows !== before?.file.rows
  const stored = await publishSeries(work, target, before, isNewRows, step)
  const findings = [...(await collectFindings(connection, plan, options)), ...unused]
  if (before !== undefined && fault !== undefined)
    findings.unshift(...describeRepair(work, before, fault, stored.file))
  const understood = gridOffsetMs
    ? [...plan.understood, `candles open ${gridOffsetMs} ms after the interval's grid`]
    : plan.understood
  const report: SeriesReport = {
    id: target.id,
    rowsRead: await queryNumber(connection, 'SELECT count(*) FROM staged'),
    rowsAdded: facts.rowsAdded,
    rows: facts.rows,
    quarantined,
    neverKnown: facts.neverKnown,
    firstEventTime: facts.firstEventTime,
    lastEventTime: facts.lastEventTime,
    gaps: facts.gaps,
    firstGaps: facts.firstGaps,
    findings,
    bytes: stored.file.bytes,
    sha256: stored.file.sha256,
    changed:
      stored.file.sha256 !== before?.file.sha256 || stored.quarantine?.sha256 !== before?.quarantine?.sha256,
    understood,
  }
  const entry =
    report.changed || before === undefined
      ? makeEntry(work, target, before, facts, stored, gridOffsetMs, isWhole)
      : before
  return { report, entry }
}

/** What is to be said where a broken stored file was replaced: whole again, or which rows went with it. */
function describeRepair(
  { options, fileSha256 }: Work,
  before: SeriesEntry,
  fault: string,
  file: StoredFile,
): Finding[] {
  const notice = (message: string): Finding => ({ kind: 'notice', message, count: 1, rows: [] })
  const broken = `THE STORED FILE WAS BROKEN (${fault})`
  if (file.sha256 === before.file.sha256 && options.dryRun !== true)
    return [notice(`${broken}: it is whole again, byte for byte`)]
  const nameOf = ({ fileSha256: sha256, arguments: typed }: ImportRecord): string =>
    canonicalJson({ sha256, typed })
  const own = nameOf(importRecord(options, fileSha256))
  const others = before.imports.filter((record) => nameOf(record) !== own).map(({ file: name }) => name)
  const gone = [...new Set(others)].join(', ')
  const lost = gone === '' ? '' : `; ROWS OF OTHER IMPORTS ARE GONE WITH IT: import again ${gone}`
  return [notice(`${broken}: replaced by the rows of this file alone${lost}`)]
}

interface PublishedSeries {
  readonly file: StoredFile
  readonly quarantine: StoredFile | undefined
}

/** Writes the rows and the quarantine of a series under names that nothing lists yet. */
async function publishSeries(
  { connection, store, options, plan, fileSha256 }: Work,
  target: SeriesTarget,
  before: SeriesEntry | undefined,
  isNewRows: boolean,
  step: (name: ImportProgress['step']) => void,
): Promise<PublishedSeries> {
  if (options.dryRun === true) {
    return {
      file: before?.file ?? { path: '', sha256: '', bytes: 0, rows: 0 },
      quarantine: before?.quarantine,
    }
  }
  let file = before?.file
  if (file === undefined || isNewRows) {
    const temporary = await temporaryBeside(store, filePrefix(target.id))
    await writeRows(connection, plan, temporary)
    step('rows-written')
    const rows = await queryNumber(connection, 'SELECT count(*) FROM merged')
    file = await publishByHash(store, temporary, filePrefix(target.id), rows)
    step('rows-published')
  }
  let quarantine = before?.quarantine
  const isBad = (await queryNumber(connection, 'SELECT count(*) FROM staged WHERE problem IS NOT NULL')) > 0
  if (isBad) {
    const prefix = `${QUARANTINE_FOLDER}/${filePrefix(target.id)}`
    const temporary = await temporaryBeside(store, prefix)
    const isWhole = quarantine !== undefined && (await fileFault(store.directory, quarantine)) === undefined
    const source = { name: basename(options.file), sha256: fileSha256 }
    const storedPath = isWhole ? join(store.directory, quarantine?.path ?? '') : undefined
    const rows = await writeQuarantine(connection, source, storedPath, temporary)
    quarantine = await publishByHash(store, temporary, prefix, rows)
  }
  return { file, quarantine }
}

async function temporaryBeside(store: Store, prefix: string): Promise<string> {
  const path = temporaryName(join(store.directory, prefix))
  await makeFolder(dirname(path))
  return path
}

/** A stored file is named by its content, so that the manifest's old and new files stand side by side until it is replaced. */
async function publishByHash(
  store: Store,
  temporary: string,
  prefix: string,
  rows: number,
): Promise<StoredFile> {
  const sha256 = await hashFile(temporary)
  const path = `${prefix}.${sha256.slice(0, 16)}.parquet`
  await publishFile(temporary, join(store.directory, path))
  const { size } = await stat(join(store.directory, path))
  return { path, sha256, bytes: size, rows }
}

function makeEntry(
  { options, plan, fileSha256 }: Work,
  target: SeriesTarget,
  before: SeriesEntry | undefined,
  facts: SeriesFacts,
  stored: PublishedSeries,
  gridOffsetMs: number | undefined,
  isMerged: boolean,
): SeriesEntry {
  const asset = target.asset ?? before?.asset
  return {
    kind: plan.table.kind,
    subject: target.subject,
    ...(target.venue === undefined ? {} : { venue: target.venue }),
    ...(asset === undefined ? {} : { asset }),
    ...(isBars(plan.table) && options.intervalMs !== undefined ? { timeframeMs: options.intervalMs } : {}),
    ...(gridOffsetMs === undefined ? {} : { gridOffsetMs }),
    ...(plan.table.kind === 'funding' ? { rateKind: options.rateKind ?? 'settled' } : {}),
    inverse: options.inverse ?? false,
    fields: plan.fields.map(({ field }) => field.name),
    file: stored.file,
    ...(stored.quarantine === undefined ? {} : { quarantine: stored.quarantine }),
    firstEventTime: facts.firstEventTime,
    lastEventTime: facts.lastEventTime,
    ...(facts.stepMs === undefined ? {} : { stepMs: facts.stepMs }),
    gaps: facts.gaps,
    neverKnown: facts.neverKnown,
    revisions: facts.revisions,
    ...(facts.knownDelayMedianMs === undefined ? {} : { knownDelayMedianMs: facts.knownDelayMedianMs }),
    origins: facts.origins,
    flags: facts.flags,
    sources: facts.sources,
    imports: [...(isMerged ? (before?.imports ?? []) : []), importRecord(options, fileSha256)],
  }
}

/** What the manifest remembers of an import: enough to do it again. */
function importRecord(options: ImportOptions, fileSha256: string): ImportRecord {
  const aside = new Set(['file', 'now', 'dryRun', 'progress'])
  const typed = Object.entries(options).filter(([name]) => !aside.has(name))
  return {
    importedAt: options.now,
    file: basename(options.file),
    fileSha256,
    arguments: Object.fromEntries(typed),
  }
}

/**
 * Removes what an interrupted or a superseded import left behind: temporary files, and files named by the store that the
 * manifest does not list. They go at the start of the next import, not at the end of this one, so that a reader that has
 * just read the old manifest still finds its files.
 */
async function removeLeftovers(directory: string, series: SeriesMap): Promise<void> {
  for (const path of await unlistedFiles(directory, series)) {
    if (path.endsWith('.tmp') || /\.[0-9a-f]{16}\.parquet$/.test(path))
      await rm(join(directory, path), { force: true })
  }
}

/**
 * Removes files that were listed `before` and are not any more, where their bytes are broken: no reader can have a use for
 * them, and no name would vouch for them later.
 */
export async function removeBroken(directory: string, before: SeriesMap, after: SeriesMap): Promise<void> {
  const filesOf = (series: SeriesMap): StoredFile[] =>
    Object.values(series).flatMap(({ file, quarantine }) =>
      quarantine === undefined ? [file] : [file, quarantine],
    )
  const listed = new Set(filesOf(after).map(({ path }) => path))
  for (const file of filesOf(before)) {
    if (!listed.has(file.path) && (await fileFault(directory, file)) !== undefined)
      await rm(join(directory, file.path), { force: true })
  }
}

/** Files in the store's own folders, and temporary ones beside the manifest, that the manifest does not list. */
export async function unlistedFiles(directory: string, series: SeriesMap): Promise<string[]> {
  const listed = new Set(Object.values(series).flatMap((entry) => [entry.file.path, entry.quarantine?.path]))
  const found = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.tmp'))
  for (const folder of [...KINDS, QUARANTINE_FOLDER]) {
    const inside = await readdir(join(directory, folder), { recursive: true, withFileTypes: true }).catch(
      () => [],
    )
    for (const item of inside) {
      if (!item.isFile()) continue
      const path = relative(directory, join(item.parentPath, item.name)).replaceAll('\\', '/')
      if (!listed.has(path)) found.push(path)
    }
  }
  return found.sort()
}
