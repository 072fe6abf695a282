import { createRequire } from 'node:module'

type DuckDBLibrary = typeof import('@duckdb/node-api')

const require = createRequire(import.meta.url)

/** The library, loaded when first asked for: to load it takes longer than most commands that need none of it. Synchronous. */
export function duckdbLibrary(): DuckDBLibrary {
  return require('@duckdb/node-api') as DuckDBLibrary
}
