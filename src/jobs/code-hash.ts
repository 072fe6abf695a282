import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DependencyHash, hashDependencies } from './dependencies.js'

/** Folders whose code decides what is traded: a change in any of them may change a result. */
export const DECISION_FOLDERS = [
  'core',
  'features',
  'risk',
  'strategy',
  'portfolio',
  'execution',
  'trading',
  'engine',
] as const

/** SHA-256 of the three parts of the code a run depends on: what decides, the rest, and the packages both stand on. */
export interface CodeHashes extends DependencyHash {
  /** Decision folders, the strategy file and the files it imports by relative path. */
  readonly decision: string
  /** Everything else in the package. */
  readonly other: string
}

/** Root of the code that is running, in a file one folder below it: `dist/` of an installed package, `src/` under a test runner. */
export const CODE_ROOT: string = dirname(dirname(fileURLToPath(import.meta.url)))

/** Name, in `dist/`, of what the build tells of itself. */
export const BUILD_RECORD = 'build.json'

/** What was built from what: SHA-256 by path with slashes. A built file holds the code of many sources. */
export interface BuildRecord {
  readonly sources: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
}

/** The record of what was just built from the sources in one folder into another. */
export function buildRecord(sourceRoot: string, builtRoot: string): BuildRecord {
  return { sources: hashesOf(sourceRoot), files: hashesOf(builtRoot) }
}

/**
 * Hashes the running code and one strategy. `codeRoot` holds the sources, or what they were built into with its record: both give the same
 * hashes. A built file that is not as it was built belongs to the code that decides and to the rest, since nothing says which it changes. The
 * package's own files lie one level above.
 */
export function codeHashes(strategyPath: string, codeRoot: string = CODE_ROOT): CodeHashes {
  const built = readRecord(codeRoot)
  const sources = Object.entries(built?.sources ?? hashesOf(codeRoot))
  const changed = built === undefined ? [] : differences(built.files, hashesOf(codeRoot))
  const isDecision = ([path]: readonly [string, string]): boolean =>
    (DECISION_FOLDERS as readonly string[]).includes(path.split('/')[0] ?? '')
  const strategyRoot = dirname(resolve(strategyPath))
  const strategy = relativeImports(resolve(strategyPath)).map((path): [string, string] => [
    slashes(relative(strategyRoot, path)),
    hashCode(path),
  ])
  return {
    decision: hashAll([
      ...sources.filter(isDecision),
      ...changed,
      ['strategy', ''],
      ...strategy.sort(byPath),
    ]),
    other: hashAll([...sources.filter((source) => !isDecision(source)), ...changed]),
    ...hashDependencies(dirname(codeRoot)),
  }
}

/** Whether one folder holds what is built from the sources in the other as they are now. Reads all of both. */
export function isBuiltFrom(sourceRoot: string, builtRoot: string): boolean {
  const built = readRecord(builtRoot)
  if (built === undefined) return false
  const changed = [
    differences(built.sources, hashesOf(sourceRoot)),
    differences(built.files, hashesOf(builtRoot)),
  ]
  return changed.flat().length === 0
}

function readRecord(builtRoot: string): BuildRecord | undefined {
  const path = join(builtRoot, BUILD_RECORD)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as BuildRecord) : undefined
}

/** Paths whose hashes differ, with the one found; `absent` where there is none. */
function differences(expected: Readonly<Record<string, string>>, found: Readonly<Record<string, string>>): [string, string][] {
  const paths = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort()
  return paths.filter((path) => expected[path] !== found[path]).map((path) => [path, found[path] ?? 'absent'])
} // prettier-ignore

/** Code files below a folder, sorted; declarations and source maps decide nothing. */
export function codeFiles(root: string): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => slashes(relative(root, join(entry.parentPath, entry.name))))
    .sort()
}

function hashesOf(root: string): Record<string, string> {
  return Object.fromEntries(codeFiles(root).map((path) => [path, hashCode(join(root, path))]))
}

function hashCode(path: string): string {
  // Line endings differ between checkouts, and source-map comments between builds: neither is code.
  const text = readFileSync(path, 'utf8')
    .replaceAll('\r\n', '\n')
    .replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n')
  return createHash('sha256').update(text).digest('hex')
}

function hashAll(files: readonly (readonly [path: string, hash: string])[]): string {
  const lines = files.map(([path, hash]) => `${path}\n${hash}\n`)
  return createHash('sha256').update(lines.join('')).digest('hex')
}

function byPath([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const SPECIFIER = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*(['"`])(\.{1,2}\/[^'"`]+)\1/g

/**
 * A file and all files it imports by relative path, transitively. Reads import specifiers as text, so one inside a comment
 * counts too where such a file exists: hashing a file too many is harmless, one too few is not.
 */
export function relativeImports(entry: string): string[] {
  const found = new Set<string>()
  const waiting = [entry]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue
    found.add(path)
    if (path.endsWith('.json')) continue
    for (const match of readFileSync(path, 'utf8').matchAll(SPECIFIER)) {
      const target = existingFile(resolve(dirname(path), match[2] ?? ''))
      if (target !== undefined) waiting.push(target)
    }
  }
  return [...found]
}

/** The file a specifier means: as written, or the TypeScript source behind a `.js`, or with an extension left out. */
function existingFile(path: string): string | undefined {
  const stem = path.replace(/\.([cm]?)js$/, '.$1ts')
  const candidates = [stem, path, `${path}.ts`, `${path}.js`, join(path, 'index.ts'), join(path, 'index.js')]
  return candidates.find((candidate) => /\.([cm]?[jt]s|json)$/.test(candidate) && existsSync(candidate))
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/')
}
