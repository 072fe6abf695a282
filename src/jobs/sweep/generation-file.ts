import { rename } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DataError } from '../../core/errors.js'
import { known, type Statistic, unknown } from '../../metrics/statistic.js'
import type { TrialFigures, TrialRow, TrialStatus } from '../../research/sweep/trial-row.js'
import { STATISTIC_KEYS } from '../../research/sweep/objective.js'
import type { TrialStatistics } from '../../research/trial-statistics.js'
import { copyToParquet, identifier, literal, queryRows } from '../../store/duckdb.js'
import { hashFile, syncPath, temporaryName } from '../../store/files.js'
import type { ParamSpecs, ParamValue } from '../../strategy/params.js'

type ColumnType = 'INTEGER' | 'DOUBLE' | 'VARCHAR' | 'BOOLEAN' | 'BLOB'
type Cell = number | string | boolean | Uint8Array | undefined

interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly value: (row: TrialRow) => Cell
}

/** `00003-1f0c9a7be24d1234.parquet`: number of the generation, 64 bits of the SHA-256 of the file. */
const GENERATION = /^\d{5,}$/
const NAME = /^(.+)-([0-9a-f]{16})\.parquet$/

/** What a file of rows is called before the hash of its bytes; undefined where it is no such file. */
export function stemOf(fileName: string): string | undefined {
  return NAME.exec(fileName)?.[1]
}

/** The generation that a file holds; undefined where the name is of no generation. */
export function generationOf(fileName: string): number | undefined {
  const stem = stemOf(fileName)
  return stem !== undefined && GENERATION.test(stem) ? Number(stem) : undefined
}

const PARAM = 'param_'

function columnsOf(specs: ParamSpecs): readonly Column[] {
  const figure = (
    name: string,
    value: (figures: TrialFigures) => Cell,
    type: ColumnType = 'DOUBLE',
  ): Column => ({ name, type, value: ({ figures }) => (figures === undefined ? undefined : value(figures)) })
  return [
    { name: 'trial', type: 'INTEGER', value: ({ number }) => number },
    ...Object.entries(specs).map(([name, { kind }]): Column => {
      const type = kind === 'choice' ? 'VARCHAR' : kind === 'flag' ? 'BOOLEAN' : 'DOUBLE'
      return { name: `${PARAM}${name}`, type, value: ({ point }) => point[name] }
    }),
    { name: 'space_filling', type: 'BOOLEAN', value: ({ isSpaceFilling }) => isSpaceFilling },
    { name: 'status', type: 'VARCHAR', value: ({ status }) => status },
    { name: 'reason', type: 'VARCHAR', value: ({ reason }) => reason },
    { name: 'score', type: 'DOUBLE', value: ({ score }) => score },
    { name: 'violation', type: 'DOUBLE', value: ({ violation }) => violation },
    ...STATISTIC_KEYS.map((key) => figure(key, ({ statistics }) => statistics[key].value)),
    // Why statistics are NULL, as JSON: {"sharpe":"zero deviation"}.
    figure('not_available', ({ statistics }) => reasonsOf(statistics), 'VARCHAR'),
    figure('final_equity', ({ finalEquity }) => finalEquity),
    figure('fees', ({ fees }) => fees),
    figure('slippage', ({ slippage }) => slippage),
    figure('funding', ({ funding }) => funding),
    figure('bars_held', ({ barsHeld }) => barsHeld),
    figure('mean_net_exposure', ({ meanNetExposure }) => meanNetExposure),
    figure('trade_hash', ({ tradeHash }) => tradeHash, 'VARCHAR'),
    figure('return_hash', ({ returnHash }) => returnHash, 'VARCHAR'),
    // Little-endian float64, one a whole UTC day: numpy.frombuffer(blob).
    figure('daily_returns', ({ dailyReturns }) => bytesOf(dailyReturns), 'BLOB'),
  ]
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function reasonsOf(statistics: TrialStatistics): string | undefined {
  const absent = STATISTIC_KEYS.flatMap((key) => {
    const statistic = statistics[key]
    return statistic.value === undefined ? [[key, statistic.reason] as const] : []
  })
  return absent.length === 0 ? undefined : JSON.stringify(Object.fromEntries(absent))
}

/** Writes the rows of a generation as one file; see `writeRows`. */
export async function writeGeneration(
  connection: DuckDBConnection,
  folder: string,
  index: number,
  specs: ParamSpecs,
  rows: readonly TrialRow[],
): Promise<string> {
  return writeRows(connection, folder, String(index).padStart(5, '0'), specs, rows)
}

/**
 * Writes rows as one Parquet file under a temporary name, syncs it and renames it: the name, `STEM-HASH.parquet`, holds all of them or there is no such
 * name. Equal rows give equal bytes under one version of DuckDB. Answers the file's name. Throws DataError naming the file where it cannot be written.
 */
export async function writeRows(
  connection: DuckDBConnection,
  folder: string,
  stem: string,
  specs: ParamSpecs,
  rows: readonly TrialRow[],
): Promise<string> {
  const columns = columnsOf(specs)
  // Machines that share the folder may have processes of one number.
  const temporary = temporaryName(join(folder, `.${stem}.${hostname()}`))
  await connection.run('SET threads = 1')
  const definitions = columns.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ')
  await connection.run(`CREATE OR REPLACE TABLE generation (${definitions})`)
  const appender = await connection.createAppender('generation')
  for (const row of rows) {
    for (const { type, value } of columns) append(appender, type, value(row))
    appender.endRow()
  }
  appender.closeSync()
  await copyToParquet(connection, 'generation', temporary)
  await connection.run('DROP TABLE generation')
  await syncPath(temporary)
  const digest = await hashFile(temporary)
  const name = `${stem}-${digest.slice(0, 16)}.parquet`
  await rename(temporary, join(folder, name))
  await syncPath(folder)
  return name
}

type Appender = Awaited<ReturnType<DuckDBConnection['createAppender']>>

function append(appender: Appender, type: ColumnType, cell: Cell): void {
  if (cell === undefined) appender.appendNull()
  else if (type === 'BLOB') appender.appendBlob(cell as Uint8Array)
  else if (type === 'VARCHAR') appender.appendVarchar(String(cell))
  else if (type === 'BOOLEAN') appender.appendBoolean(cell === true)
  else if (type === 'INTEGER') appender.appendInteger(Number(cell))
  else appender.appendDouble(Number(cell))
}

/** Reads rows back, to the last bit. Throws DataError where the file is not what its name says. */
export async function readRows(
  connection: DuckDBConnection,
  file: string,
  specs: ParamSpecs,
): Promise<readonly TrialRow[]> {
  const name = file.slice(dirname(file).length + 1)
  const digest = NAME.exec(name)?.[2]
  if (digest === undefined || !(await hashFile(file)).startsWith(digest))
    throw new DataError('the file is not as it was stored: it was changed or damaged', { file })
  const rows = await queryRows(connection, `SELECT * FROM read_parquet(${literal(file)})`)
  return rows.map((row) => rowFrom(row, specs))
}

function rowFrom(row: Readonly<Record<string, unknown>>, specs: ParamSpecs): TrialRow {
  const number = (name: string): number => Number(row[name])
  const point = Object.fromEntries(
    Object.keys(specs).map((name) => [name, row[`${PARAM}${name}`] as ParamValue]),
  )
  return {
    number: number('trial'),
    point: Object.freeze(point),
    isSpaceFilling: row['space_filling'] === true,
    status: row['status'] as TrialStatus,
    reason: (row['reason'] as string | null) ?? undefined,
    score: row['score'] === null ? undefined : number('score'),
    violation: number('violation'),
    figures: row['return_hash'] === null ? undefined : figuresFrom(row, number),
  }
}

function figuresFrom(row: Readonly<Record<string, unknown>>, number: (name: string) => number): TrialFigures {
  const reasons = JSON.parse((row['not_available'] as string | null) ?? '{}') as Record<string, string>
  const statistics = STATISTIC_KEYS.map((key): [string, Statistic] => [
    key,
    row[key] === null ? unknown(reasons[key] ?? '') : known(number(key)),
  ])
  const bytes = row['daily_returns'] as Uint8Array
  return {
    statistics: Object.fromEntries(statistics) as unknown as TrialStatistics,
    finalEquity: number('final_equity'),
    fees: number('fees'),
    slippage: number('slippage'),
    funding: number('funding'),
    barsHeld: number('bars_held'),
    meanNetExposure: number('mean_net_exposure'),
    tradeHash: row['trade_hash'] as string,
    returnHash: row['return_hash'] as string,
    // A copy, since the bytes need not begin where a number may.
    dailyReturns: new Float64Array(Uint8Array.from(bytes).buffer),
  }
}
