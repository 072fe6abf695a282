import { ConfigError, DataError } from '../core/errors.js'
import { durationName } from '../core/time.js'
import { type DuckDBConnection, identifier, literal, queryRows } from './duckdb.js'
import type { ImportOptions } from './import-options.js'
import { type Field, type KindTable, type Origin, isBars, kindTable } from './kinds.js'
import { candlesId, checkSubject, confirmationsId, fundingId, markCandlesId } from './series-id.js'
import type { SourceColumns } from './source-file.js'
import { type TimeColumn, detectTimeUnit, isNumberType } from './time-unit.js'

/** A field and where its values come from: a column of the file, or one value for all rows. */
export interface PlannedField {
  readonly field: Field
  readonly from:
    { readonly column: string; readonly type: string } | { readonly constant: number } | undefined
}

/** How the known-at of a row follows. */
export type KnownAtRule =
  | { readonly kind: 'column'; readonly column: TimeColumn }
  | { readonly kind: 'lag'; readonly lagMs: number; readonly stated: boolean }

/** One series that the file feeds. */
export interface SeriesTarget {
  readonly id: string
  readonly subject: string
  readonly venue: string | undefined
  readonly asset: string | undefined
  /** Instrument whose candles convert its open interest. */
  readonly convertBy?: string
  /** SQL condition on the columns of the file. */
  readonly condition: string
}

/** Everything an import does, before it has looked at single rows. */
export interface ImportPlan {
  readonly table: KindTable
  readonly time: TimeColumn
  readonly known: KnownAtRule
  readonly origin: Origin
  readonly fields: readonly PlannedField[]
  readonly targets: readonly SeriesTarget[]
  readonly understood: readonly string[]
}

const TIME_FIELD: Field = {
  name: 'time',
  type: 'number',
  required: true,
  aliases: ['ts', 'timestamp', 'date', 'datetime', 'open_time', 'event_time'],
}

/** Scores of different models cannot be compared, so each version is a series of its own. */
const VERSION_FIELD: Field = {
  name: 'modelVersion',
  type: 'text',
  required: false,
  aliases: ['model_version'],
}

function findColumn(field: Field, options: ImportOptions, columns: SourceColumns): string | undefined {
  const mapped = options.map?.[field.name]
  const wanted = mapped === undefined ? [field.name, ...(field.aliases ?? [])] : [mapped]
  for (const name of wanted) {
    if (columns.has(name)) return name
    const sameLetters = [...columns.keys()].filter((column) => column.toLowerCase() === name.toLowerCase())
    if (sameLetters.length === 1) return sameLetters[0]
  }
  if (mapped !== undefined) throw missingColumn(field.name, options, columns, mapped)
  return undefined
}

function missingColumn(
  field: string,
  options: ImportOptions,
  columns: SourceColumns,
  column?: string,
): DataError {
  const have = [...columns.keys()].join(', ')
  return new DataError(
    column === undefined
      ? `no column for a required field: name it with --map ${field}=COLUMN; the file has ${have}`
      : `the file has no such column, but ${have}`,
    { file: options.file, field, ...(column === undefined ? {} : { value: column }) },
  )
}

function constantOf(field: Field, options: ImportOptions): number | undefined {
  return field.name === 'intervalMs' && options.map?.['intervalMs'] === undefined
    ? options.intervalMs
    : undefined
}

function planField(field: Field, options: ImportOptions, columns: SourceColumns): PlannedField {
  const constant = constantOf(field, options)
  if (constant !== undefined) return { field, from: { constant } }
  const column = findColumn(field, options, columns)
  if (column === undefined) {
    if (!field.required && field.columnRequired !== true) return { field, from: undefined }
    // Prices alone make a bar; only features of volume need it, and see that there is none.
    if (field.name === 'volume') return { field: { ...field, required: false }, from: undefined }
    if (field.name === 'intervalMs') {
      throw new ConfigError(
        'a funding rate means nothing without its interval: give --interval 8h, or --map intervalMs=COLUMN',
        {
          field: '--interval',
        },
      )
    }
    throw missingColumn(field.name, options, columns)
  }
  const type = columns.get(column) ?? ''
  if (field.type === 'number' && !isNumberType(type) && type !== 'VARCHAR') {
    throw new DataError(`a number must be a number column or text, not ${type}`, {
      file: options.file,
      field: column,
    })
  }
  return { field, from: { column, type } }
}

/** Confirmations may be asked for one side only, but a file with neither composite would be a leg that never speaks. */
function refuseWithoutComposites(
  fields: readonly PlannedField[],
  options: ImportOptions,
  columns: SourceColumns,
): void {
  const composites = fields.filter(({ field }) => field.name === 'long' || field.name === 'short')
  if (composites.every(({ from }) => from === undefined)) throw missingColumn('long', options, columns)
}

const RESERVED = new Set([
  'eventtime',
  'knownat',
  'revision',
  'origin',
  'flags',
  'source',
  'time',
  'sourcerow',
])

/** Fields of a user's own series: those mapped, or else every number column not used for something else. */
function ownFields(options: ImportOptions, columns: SourceColumns, timeColumn: string): Field[] {
  const mapped = Object.keys(options.map ?? {}).filter((name) => name !== 'time')
  const used = new Set([timeColumn, options.knownAtColumn, ...Object.keys(options.where ?? {})])
  const free = [...columns]
    .filter(([name, type]) => !used.has(name) && isNumberType(type))
    .map(([name]) => name)
  const names = mapped.length > 0 ? mapped : free
  if (names.length === 0) {
    throw new ConfigError('say which values to keep: --map NAME=COLUMN, once for each', { field: '--map' })
  }
  for (const name of names) {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || RESERVED.has(name.toLowerCase())) {
      throw new ConfigError('not a usable field name: choose another with --map NAME=COLUMN', {
        field: '--map',
        value: name,
      })
    }
  }
  // A value may be missing in a row of several: NULL stays NULL.
  return names.map((name) => ({ name, type: 'number', required: names.length === 1 }))
}

function refuseUnknownMaps(options: ImportOptions, fields: readonly Field[]): void {
  const known = ['time', ...fields.map((field) => field.name)]
  for (const name of Object.keys(options.map ?? {})) {
    if (!known.includes(name)) {
      throw new ConfigError(`${options.kind} has no such field, but ${known.join(', ')}`, {
        field: '--map',
        value: name,
      })
    }
  }
}

async function planKnownAt(
  connection: DuckDBConnection,
  options: ImportOptions,
  columns: SourceColumns,
  table: KindTable,
): Promise<KnownAtRule> {
  const { knownAtColumn, knownLagMs, intervalMs } = options
  if (isBars(table)) {
    if (knownAtColumn !== undefined || knownLagMs !== undefined) {
      throw new ConfigError('a candle is known at its open + interval, by definition', {
        field: '--known-at',
      })
    }
    if (intervalMs === undefined)
      throw new ConfigError('candles need --interval, such as 1h', { field: '--interval' })
    return { kind: 'lag', lagMs: intervalMs, stated: false }
  }
  if (knownAtColumn !== undefined && knownLagMs !== undefined) {
    throw new ConfigError('give --known-at or --known-lag, not both', { field: '--known-at' })
  }
  if (knownAtColumn !== undefined) {
    const type = columns.get(knownAtColumn)
    if (type === undefined) throw missingColumn('--known-at', options, columns, knownAtColumn)
    return {
      kind: 'column',
      column: await detectTimeUnit(connection, 'source', knownAtColumn, type, options.file),
    }
  }
  if (knownLagMs !== undefined) return { kind: 'lag', lagMs: knownLagMs, stated: true }
  const settled = table.knownAt === 'settlement' && (options.rateKind ?? 'settled') === 'settled'
  if (settled) return { kind: 'lag', lagMs: 0, stated: false }
  throw new ConfigError(
    `say when each row of ${options.kind} was known: --known-at COLUMN, or --known-lag 1h after its event. ` +
      'A backtest that reads it at its event time would see the future',
    { file: options.file, field: '--known-at' },
  )
}

function originOf(known: KnownAtRule, options: ImportOptions): Origin {
  return options.origin ?? (known.kind === 'lag' && known.stated ? 'assumed' : 'recorded')
}

/** SQL for `--where`: every column must have one of its values. */
function whereCondition(options: ImportOptions, columns: SourceColumns): string {
  const conditions = Object.entries(options.where ?? {}).map(([column, values]) => {
    if (!columns.has(column)) throw missingColumn('--where', options, columns, column)
    return `CAST(${identifier(column)} AS VARCHAR) IN (${values.map(literal).join(', ')})`
  })
  return conditions.length === 0 ? 'true' : conditions.join(' AND ')
}

const PLACEHOLDER = /\{([^{}]+)\}/g

/** Columns named in the templates of an import. */
export function templateColumns(options: ImportOptions): string[] {
  const { instrument, venue, asset, list, name, convertBy } = options
  const texts = [instrument, venue, asset, list, name, convertBy]
  const columns = texts.flatMap((text) =>
    [...(text ?? '').matchAll(PLACEHOLDER)].map((match) => match[1] ?? ''),
  )
  return [...new Set(columns)]
}

function required(text: string | undefined, option: string, kind: string): string {
  if (text === undefined || text === '') throw new ConfigError(`${kind} needs ${option}`, { field: option })
  return text
}

/** Subject of a series, with `{column}` replaced by this group's values. `version` is that of the model behind its rows. */
function nameTarget(
  options: ImportOptions,
  fill: (text: string) => string,
  condition: string,
  version?: string,
): SeriesTarget {
  const { kind } = options
  const filled = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : fill(text)
  const asset = filled(options.asset)
  const venue = filled(options.venue)
  const target = (
    id: string,
    subject: string,
    of: { venue?: string | undefined; asset?: string | undefined },
  ): SeriesTarget => ({
    id,
    subject,
    venue: of.venue,
    asset: of.asset,
    condition,
  })
  switch (kindTable(kind).subject) {
    case 'instrument': {
      const symbol = fill(required(options.instrument, '--instrument', kind))
      const full =
        symbol.includes(':') || venue === undefined ? symbol : `${required(venue, '--venue', kind)}:${symbol}`
      const subject = checkSubject(kind, full, '--instrument')
      const at = subject.slice(0, subject.indexOf(':'))
      if (venue !== undefined && venue !== at) {
        throw new ConfigError(`differs from the venue of ${subject}`, { field: '--venue', value: venue })
      }
      return target(instrumentSeriesId(options, subject), subject, { venue: at, asset })
    }
    case 'venue-asset': {
      const subject = checkSubject(
        kind,
        `${required(venue, '--venue', kind)}:${required(asset, '--asset', kind)}`,
        '--asset',
      )
      const named = target(`${kind}/${subject}`, subject, { venue, asset })
      const { convertBy } = options
      return convertBy === undefined
        ? named
        : { ...named, convertBy: checkSubject('candles', fill(convertBy), '--convert-by') }
    }
    case 'venue-list': {
      const subject = checkSubject(
        kind,
        `${required(venue, '--venue', kind)}:${required(filled(options.list), '--list', kind)}`,
        '--list',
      )
      return target(`${kind}/${subject}`, subject, { venue })
    }
    case 'asset': {
      const subject = checkSubject(kind, required(asset, '--asset', kind), '--asset')
      const id = version === undefined ? `${kind}/${subject}` : confirmationsId(subject, version)
      return target(id, subject, { asset: subject })
    }
    case 'name': {
      const subject = checkSubject(kind, fill(required(options.name, '--name', kind)), '--name')
      return target(`${kind}/${subject}`, subject, { venue, asset })
    }
  }
}

function instrumentSeriesId({ kind, intervalMs = 0, rateKind }: ImportOptions, subject: string): string {
  if (kind === 'candles') return candlesId(subject, intervalMs)
  return kind === 'mark-candles' ? markCandlesId(subject, intervalMs) : fundingId(subject, rateKind)
}

async function planTargets(
  connection: DuckDBConnection,
  options: ImportOptions,
  columns: SourceColumns,
): Promise<SeriesTarget[]> {
  const where = whereCondition(options, columns)
  const versionColumn =
    options.kind === 'confirmations' ? findColumn(VERSION_FIELD, options, columns) : undefined
  const named = templateColumns(options)
  for (const column of named)
    if (!columns.has(column)) throw missingColumn('--instrument', options, columns, column)
  const by = [...new Set([...named, ...(versionColumn === undefined ? [] : [versionColumn])])]
  if (by.length === 0) return [nameTarget(options, (text) => text, where)]
  // As fields are read: an empty text is how CSV writes a missing value.
  const textOf = (column: string): string => `nullif(trim(CAST(${identifier(column)} AS VARCHAR)), '')`
  const list = by.map((column) => `${textOf(column)} AS ${identifier(column)}`).join(', ')
  const groups = await queryRows(
    connection,
    `SELECT DISTINCT ${list} FROM source WHERE ${where} ORDER BY ALL`,
  )
  const targets = groups.map((group) => {
    const conditions = by.map((column) => {
      const value = group[column]
      return value === null ? `${textOf(column)} IS NULL` : `${textOf(column)} = ${literal(String(value))}`
    })
    const fill = (text: string): string =>
      text.replaceAll(PLACEHOLDER, (_, column: string) => String(group[column] ?? ''))
    const version = versionColumn === undefined ? null : group[versionColumn]
    const condition = [where, ...conditions].join(' AND ')
    return nameTarget(options, fill, condition, typeof version === 'string' ? version : undefined)
  })
  const ids = new Set(targets.map((target) => target.id))
  if (ids.size !== targets.length) {
    throw new ConfigError('two groups of rows would share one series: use more columns in the name', {
      field: '--instrument',
    })
  }
  return targets
}

function checkUnit(options: ImportOptions, table: KindTable): void {
  const { unit } = options
  if (unit !== undefined && !table.units.includes(unit)) {
    const known =
      table.units.length === 0 ? 'has no unit to choose' : `is measured in ${table.units.join(', ')}`
    throw new ConfigError(`${table.kind} ${known}`, { field: '--unit', value: unit })
  }
  if (table.kind === 'open-interest' && unit === 'usd' && options.convertBy === undefined) {
    throw new ConfigError(
      'open interest in USD carries the price: give --convert-by INSTRUMENT, whose stored candles turn it into base units',
      { field: '--convert-by' },
    )
  }
  if (table.kind === 'open-interest' && unit === 'contracts' && options.contractSize === undefined) {
    throw new ConfigError('open interest in contracts needs --contract-size in base units', {
      field: '--contract-size',
    })
  }
}

function describeKnownAt(known: KnownAtRule, table: KindTable, origin: Origin): string {
  if (known.kind === 'column')
    return `known at column ${known.column.column} (${known.column.unit}); empty = never known`
  if (known.stated) return `known ${durationName(known.lagMs)} after the event (${origin})`
  return isBars(table) ? 'known at open + interval' : 'known at settlement'
}

/** Reads the options against the file's columns. Throws ConfigError or DataError with the option or column to mend. */
export async function planImport(
  connection: DuckDBConnection,
  options: ImportOptions,
  columns: SourceColumns,
): Promise<ImportPlan> {
  const table = kindTable(options.kind)
  checkUnit(options, table)
  const timeColumn = findColumn(TIME_FIELD, options, columns)
  if (timeColumn === undefined) throw missingColumn('time', options, columns)
  const own = options.kind === 'series' ? ownFields(options, columns, timeColumn) : table.fields
  refuseUnknownMaps(options, own)
  const known = await planKnownAt(connection, options, columns, table)
  const targets = await planTargets(connection, options, columns)
  const time = await detectTimeUnit(
    connection,
    'source',
    timeColumn,
    columns.get(timeColumn) ?? '',
    options.file,
  )
  const fields = own.map((field) => planField(field, options, columns))
  if (options.kind === 'confirmations') refuseWithoutComposites(fields, options, columns)
  const origin = originOf(known, options)
  const mapping = fields.flatMap(({ field, from }) =>
    from !== undefined && 'column' in from && from.column !== field.name
      ? [`${field.name} = column ${from.column}`]
      : [],
  )
  const understood = [
    `time = column ${time.column} (${time.unit === 'date' ? `${time.type}, read as UTC` : `epoch ${time.unit}`})`,
    describeKnownAt(known, table, origin),
    ...mapping,
  ]
  return { table, time, known, origin, fields, targets, understood }
}
