import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { ConfigError, DataError } from '../core/errors.js'
import { type DuckDBConnection, identifier, literal, queryNumber, queryRows } from './duckdb.js'

/** Column name → DuckDB type, in file order. */
export type SourceColumns = ReadonlyMap<string, string>

function reader(file: string): string {
  const name = literal(file)
  switch (extname(file.toLowerCase().replace(/\.(gz|zst)$/, ''))) {
    case '.parquet':
      return `read_parquet(${name})`
    case '.csv':
    case '.tsv':
    case '.txt':
      // Texts only: what a column means is ours to say, and a bad cell must cost its row, not the file.
      return `read_csv(${name}, header = true, all_varchar = true)`
    case '.jsonl':
    case '.ndjson':
      return `read_json(${name}, format = 'newline_delimited')`
    default:
      throw new ConfigError('a data file ends in .parquet, .csv, .tsv, .txt, .jsonl or .ndjson', {
        field: 'FILE',
        value: file,
      })
  }
}

/**
 * Reads a file into the temporary table `source` with its row numbers (from 1) in `sourceRow`.
 * Throws DataError where it cannot be read.
 */
export async function readSourceFile(connection: DuckDBConnection, file: string): Promise<SourceColumns> {
  const from = reader(file)
  const found = await stat(file).catch(() => undefined)
  if (found === undefined || !found.isFile()) throw new DataError('there is no such file', { file })
  if (found.size === 0) throw new DataError('the file is empty', { file })
  try {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE source AS SELECT row_number() OVER () AS "sourceRow", * FROM ${from}`,
    )
  } catch (error) {
    throw new DataError(
      `the file cannot be read: ${error instanceof Error ? error.message.split('\n')[0] : ''}`,
      { file },
    )
  }
  const described = await queryRows(connection, 'DESCRIBE source')
  const columns = described
    .map((row): [string, string] => [String(row['column_name']), String(row['column_type'])])
    .filter(([name]) => name !== 'sourceRow')
  const anyValue = columns.map(([name]) => `${identifier(name)} IS NOT NULL`).join(' OR ')
  if ((await queryNumber(connection, `SELECT count(*) FROM source WHERE ${anyValue}`)) === 0)
    throw new DataError('the file holds no row', { file })
  return new Map(columns)
}
