import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { duckdbLibrary } from '../store/duckdb-library.js'
import { CODE_ROOT } from './code-hash.js'

/** Where the package lies: its strategies are beside its code. */
export const PACKAGE_ROOT: string = dirname(CODE_ROOT)

/** The version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Versions of what a result can depend on. */
export function versions(): { baleen: string; node: string; duckdb: string } {
  return { baleen: packageVersion(), node: process.version, duckdb: duckdbLibrary().version() }
}
