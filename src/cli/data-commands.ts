import { resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError, DataError } from '../core/errors.js'
import { MINUTE_MS, formatUtc, formatUtcDay, parseDuration } from '../core/time.js'
import { table } from '../report/table.js'
import { importFile } from '../store/import.js'
import type {
  Finding,
  ImportOptions,
  ImportProgress,
  ImportReport,
  SeriesReport,
} from '../store/import-options.js'
import { KINDS, ORIGINS, RATE_KINDS, parseKind } from '../store/kinds.js'
import type { SeriesEntry } from '../store/manifest.js'
import { removeSeries } from '../store/remove.js'
import { type Store, openStore, storeManifest } from '../store/store.js'
import { verifyStore } from '../store/verify.js'
import { programName } from './arguments.js'
import { addDataReport } from './data-report-command.js'
import { addDownloadCommand } from './download-command.js'
import { addRecordCommand } from './record-command.js'
import { type Io, ioOf, printable } from './io.js'
import { addSimulateCommand } from './simulate-command.js'

/** What the data commands take from the program around them; tests give their own. */
export interface DataCommandContext {
  readonly io: (command: Command) => Io
  /** UTC ms: the time of an import, as the manifest records it. */
  readonly now: () => number
}

const FOLDER_OPTION = 'data'
const DEFAULT_FOLDER = 'data'
const HASH_DIGITS = 12

/**
 * Adds `data import`, `data download`, `data record`, `data simulate`, `data list`, `data report`, `data verify` and `data remove` to a program. The data folder is the program's global option
 * `--data DIR` (`data` where the program defines none).
 */
export function addDataCommands(
  program: Command,
  context: DataCommandContext = { io: ioOf, now: () => Date.now() },
): Command {
  const data = program
    .command('data')
    .description(
      'import recorded data, download or record it, or invent some; list it, report on it, check it',
    )
  addImport(data, context)
  addDownloadCommand(data)
  addRecordCommand(data)
  addSimulateCommand(data, context.now)
  data
    .command('list')
    .description('every series: rows, range, gaps, when it was known, where it came from')
    .action(async (_options: unknown, command: Command) => listSeries(storeOf(command), context.io(command)))
  addDataReport(data, context.io)
  data
    .command('verify')
    .description('read every stored file again and compare it with the manifest')
    .action(async (_options: unknown, command: Command) => verify(storeOf(command), context.io(command)))
  data
    .command('remove')
    .description('take a series out of the folder, as `data list` names it')
    .argument('<series>', 'such as funding/binance:BTCUSDT-PERP')
    .option('--yes', 'really do it')
    .action(async (series: string, options: { readonly yes?: boolean }, command: Command) => {
      if (options.yes !== true) {
        throw new ConfigError('say --yes to remove a series: only importing its sources brings it back', {
          field: '--yes',
          value: series,
        })
      }
      const removed = await removeSeries(storeOf(command), series, context.now())
      const io = context.io(command)
      if (io.json) io.printJson(removed)
      else
        io.print(
          `removed ${series}: ${removed.rows} rows, imported from ${removed.files.join(', ')}; the next import deletes its file`,
        )
    })
  return data
}

function storeOf(command: Command): Store {
  const folder = command.optsWithGlobals<Record<string, unknown>>()[FOLDER_OPTION]
  return openStore(resolve(typeof folder === 'string' ? folder : DEFAULT_FOLDER))
}

interface ImportFlags {
  readonly as: string
  readonly instrument?: string
  readonly venue?: string
  readonly asset?: string
  readonly list?: string
  readonly name?: string
  readonly interval?: string
  readonly knownAt?: string
  readonly knownLag?: string
  readonly map?: readonly string[]
  readonly where?: readonly string[]
  readonly unit?: string
  readonly contractSize?: string
  readonly convertBy?: string
  readonly rateKind?: string
  readonly inverse?: boolean
  readonly source?: string
  readonly origin?: string
  readonly flag?: readonly string[]
  readonly dryRun?: boolean
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

function addImport(data: Command, context: DataCommandContext): void {
  data
    .command('import')
    .description('check a Parquet, CSV or JSON-lines file and add its rows; names may hold {column}')
    .argument('<file>', 'the file')
    .requiredOption('--as <kind>', `what the rows are: ${KINDS.join(', ')}`)
    .option('--instrument <id>', 'candles, mark candles, funding: venue:SYMBOL, such as binance:BTCUSDT-PERP')
    .option('--venue <venue>', 'open interest, whale positions: where it was recorded')
    .option('--asset <asset>', 'the base asset, such as BTC')
    .option('--list <list>', 'whale positions: which ranking')
    .option('--name <name>', 'name of a series of your own')
    .option(
      '--interval <duration>',
      'candles and mark candles: of a bar; funding: between settlements; else the usual distance',
    )
    .option('--known-at <column>', 'column that says when the row was known; empty = never')
    .option('--known-lag <duration>', 'known this long after the event (recorded as assumed)')
    .option('--map <field=column>', 'a field and its column; `time` is the event time (repeatable)', collect)
    .option(
      '--where <column=value>',
      'only such rows; one column twice means either value (repeatable)',
      collect,
    )
    .option(
      '--unit <unit>',
      'candles: base, contracts, usd; funding: fraction, percent, bps; open interest: base, usd, contracts',
    )
    .option('--contract-size <size>', 'one contract in base units, or in quote units as in 100quote')
    .option(
      '--convert-by <instrument>',
      'open interest in usd: divide by the close of its stored candle; may hold {column}',
    )
    .option('--rate-kind <kind>', `funding: ${RATE_KINDS.join(', ')}; only settled rates are ever charged`)
    .option('--inverse', 'a coin-margined contract: stored, never traded as linear')
    .option('--source <text>', 'where the rows come from: kept with each, so part of the data-set hash')
    .option('--origin <origin>', `provenance of known-at: ${ORIGINS.join(', ')}`)
    .option('--flag <word>', 'a word to keep with the rows, such as partial-universe (repeatable)', collect)
    .option('--dry-run', 'check and report, write nothing')
    .action(async (file: string, flags: ImportFlags, command: Command) => {
      const io = context.io(command)
      const options = readImportFlags(file, flags, context.now())
      const report = await importFile(storeOf(command), { ...options, progress: drawProgress(io) })
      if (io.showsProgress) process.stderr.write('\r\u001b[K')
      printImport(report, io)
    })
}

/** `field=column` pairs; the value may hold `=` itself. */
function readPairs(texts: readonly string[] | undefined, option: string): [string, string][] {
  return (texts ?? []).map((text) => {
    const at = text.indexOf('=')
    if (at < 1 || at === text.length - 1)
      throw new ConfigError('must be NAME=VALUE', { field: option, value: text })
    return [text.slice(0, at), text.slice(at + 1)]
  })
}

function readMap(texts: readonly string[] | undefined): Record<string, string> {
  const pairs = readPairs(texts, '--map')
  const names = pairs.map(([name]) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new ConfigError('a field has one column', { field: '--map', value: twice })
  return Object.fromEntries(pairs)
}

function readWhere(texts: readonly string[] | undefined): Record<string, string[]> {
  const where = new Map<string, string[]>()
  for (const [column, value] of readPairs(texts, '--where'))
    where.set(column, [...(where.get(column) ?? []), value])
  return Object.fromEntries(where)
}

function readChoice<T extends string>(text: string, choices: readonly T[], option: string): T {
  const choice = choices.find((known) => known === text)
  if (choice === undefined)
    throw new ConfigError(`must be one of ${choices.join(', ')}`, { field: option, value: text })
  return choice
}

function readContractSize(text: string): { contractSize: number; contractUnit: 'base' | 'quote' } {
  const match = /^(\d+(?:\.\d+)?)(quote)?$/.exec(text)
  const contractSize = Number(match?.[1])
  if (!(contractSize > 0)) {
    throw new ConfigError('must be a positive number of base units, or of quote units as in 100quote', {
      field: '--contract-size',
      value: text,
    })
  }
  return { contractSize, contractUnit: match?.[2] === undefined ? 'base' : 'quote' }
}

/** The typed command line as import options. Throws ConfigError naming the option. */
function readImportFlags(file: string, flags: ImportFlags, now: number): ImportOptions {
  const { instrument, venue, asset, list, name, knownAt, unit, convertBy, source } = flags
  const given = Object.fromEntries(
    Object.entries({ instrument, venue, asset, list, name, unit, convertBy, source }).filter(
      ([, text]) => text !== undefined,
    ),
  ) as Partial<ImportOptions>
  return {
    ...given,
    file: resolve(file),
    kind: parseKind(flags.as),
    now,
    map: readMap(flags.map),
    where: readWhere(flags.where),
    inverse: flags.inverse === true,
    dryRun: flags.dryRun === true,
    flags: flags.flag ?? [],
    ...(flags.interval === undefined ? {} : { intervalMs: parseDuration(flags.interval, '--interval') }),
    ...(knownAt === undefined ? {} : { knownAtColumn: knownAt }),
    ...(flags.knownLag === undefined ? {} : { knownLagMs: readLag(flags.knownLag) }),
    ...(flags.contractSize === undefined ? {} : readContractSize(flags.contractSize)),
    ...(flags.rateKind === undefined
      ? {}
      : { rateKind: readChoice(flags.rateKind, RATE_KINDS, '--rate-kind') }),
    ...(flags.origin === undefined ? {} : { origin: readChoice(flags.origin, ORIGINS, '--origin') }),
  }
}

/** A lag may be nothing at all: `0s`. */
function readLag(text: string): number {
  return /^0[smhdw]?$/.test(text) ? 0 : parseDuration(text, '--known-lag')
}

function drawProgress(io: Io): (progress: ImportProgress) => void {
  return ({ step, series, done, total }) => {
    if (io.showsProgress)
      process.stderr.write(`\r\u001b[K${done}/${total} ${series}: ${step.replace('-', ' ')}`)
  }
}

function describeGaps({ count, missing }: SeriesEntry['gaps']): string {
  return count === 0 ? 'none' : `${count} (${missing} missing)`
}

function printImport(report: ImportReport, io: Io): void {
  if (io.json) {
    io.printJson(report)
    return
  }
  const [first] = report.series
  for (const line of first?.understood ?? []) io.log(line)
  const columns = [
    'series',
    'read#',
    'added#',
    'in all#',
    'quarantined#',
    'never known#',
    'from',
    'to',
    'gaps',
    'bytes#',
    'hash',
  ]
  const rows = report.series.map((series) => [
    series.id,
    ...[series.rowsRead, series.rowsAdded, series.rows, series.quarantined, series.neverKnown].map(String),
    formatUtc(series.firstEventTime),
    formatUtc(series.lastEventTime),
    describeGaps(series.gaps),
    String(series.bytes),
    series.sha256.slice(0, HASH_DIGITS),
  ])
  io.printTable(table(report.dryRun ? 'Would import' : 'Imported', columns, rows))
  for (const series of report.series) printFindings(series, io)
  if (report.series.some(({ findings }) => findings.some(({ rows: named }) => named.length > 0)))
    io.log('rows count from 1, a header line not among them: row 3 of a CSV is line 4 of its file')
  io.print(`data set ${report.dataSetHash}`)
}

function printFindings(series: SeriesReport, io: Io): void {
  const lines = series.findings.map(describeFinding)
  for (const [before, after] of series.firstGaps)
    lines.push(`  gap: ${formatUtc(before)} to ${formatUtc(after)}`)
  const unnamed = series.gaps.count - series.firstGaps.length
  if (unnamed > 0) lines.push(`  gap: ${unnamed} more`)
  if (lines.length > 0) io.print([io.bold(series.id), ...lines].join('\n'))
}

/** `  quarantined: open is not a number: 2 rows (row 3: "abc"; row 9: "-")`. */
function describeFinding({ kind, message, count, rows, values }: Finding): string {
  if (rows.length === 0) return `  ${kind}: ${message}`
  const counted = `  ${kind}: ${message}: ${count} ${count === 1 ? 'row' : 'rows'}`
  const more = count > rows.length
  if (values === undefined) return `${counted} (row ${rows.join(', ')}${more ? ', …' : ''})`
  const named = rows.map((row, at) => `row ${row}: ${values[at] ?? ''}`)
  return printable(`${counted} (${named.join('; ')}${more ? '; …' : ''})`)
}

async function listSeries(store: Store, io: Io): Promise<void> {
  const { series, dataSetHash } = await storeManifest(store)
  const entries = Object.entries(series).sort(([a], [b]) => (a < b ? -1 : 1))
  if (io.json) {
    io.printJson({ folder: store.directory, dataSetHash, series: Object.fromEntries(entries) })
    return
  }
  if (entries.length === 0) {
    io.print(
      `no data in ${store.directory} yet: ${programName()} data import FILE --as candles --instrument ID --interval 1h`,
    )
    return
  }
  const columns = ['series', 'rows#', 'from', 'to', 'gaps', 'bytes#', 'known after', 'origin', 'hash']
  const rows = entries.map(([id, entry]) => [
    id,
    String(entry.file.rows),
    formatUtcDay(entry.firstEventTime),
    formatUtcDay(entry.lastEventTime),
    describeGaps(entry.gaps),
    String(entry.file.bytes),
    describeDelay(entry),
    [...entry.origins, ...entry.flags, ...(entry.inverse ? ['inverse'] : [])].join(' '),
    entry.file.sha256.slice(0, HASH_DIGITS),
  ])
  io.printTable(table(`Data in ${store.directory}`, columns, rows))
  io.print(`data set ${dataSetHash}`)
}

/** Median delay from event to known-at: `28h 17m`, `at once`. */
function describeDelay({ knownDelayMedianMs, neverKnown }: SeriesEntry): string {
  if (knownDelayMedianMs === undefined) return 'never'
  const minutes = Math.round(knownDelayMedianMs / MINUTE_MS)
  const parts = [`${Math.floor(minutes / 60)}h`, `${minutes % 60}m`].filter((part) => !part.startsWith('0'))
  const delay = parts.join(' ') || (knownDelayMedianMs === 0 ? 'at once' : 'under 1m')
  return neverKnown === 0 ? delay : `${delay} (${neverKnown} never)`
}

async function verify(store: Store, io: Io): Promise<void> {
  const report = await verifyStore(store, (done, total) => {
    if (io.showsProgress)
      process.stderr.write(`\r\u001b[K${done}/${total} files${done === total ? '\n' : ''}`)
  })
  if (io.json) io.printJson(report)
  else {
    for (const { path, series, fault } of report.broken) {
      io.print(`broken: ${path}${series === undefined ? '' : ` of ${series}`}: ${fault}`)
    }
    if (report.leftovers.length > 0) {
      io.log(
        `left over from earlier imports, read by nothing, removed by the next: ${report.leftovers.join(', ')}`,
      )
    }
    io.print(
      `${report.files - report.broken.filter(({ series }) => series !== undefined).length} of ${report.files} files are whole (${report.bytes} bytes), data set ${report.dataSetHash}`,
    )
  }
  const [first] = report.broken
  if (first !== undefined) {
    const count =
      report.broken.length === 1 ? '1 broken file' : `${report.broken.length} broken files; the first`
    throw new DataError(`${count}: ${first.fault}`, {
      file: resolve(store.directory, first.path),
    })
  }
}
