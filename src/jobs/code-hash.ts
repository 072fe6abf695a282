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

/** Root of the code that is running: `dist/` of an installed package, `src/` under a test runner. */
export const CODE_ROOT: string = dirname(dirname(fileURLToPath(import.meta.url)))

/** Hashes the running code and one strategy. `codeRoot` holds the decision folders; the package's own files lie one level above. */
export function codeHashes(strategyPath: string, codeRoot: string = CODE_ROOT): CodeHashes {
  const files = codeFiles(codeRoot)
  const isDecision = (path: string): boolean =>
    (DECISION_FOLDERS as readonly string[]).includes(path.split('/')[0] ?? '')
  const hash = createHash('sha256')
  addFiles(hash, codeRoot, files.filter(isDecision))
  const strategyRoot = dirname(resolve(strategyPath))
  const strategyFiles = relativeImports(resolve(strategyPath)).map((path) =>
    slashes(relative(strategyRoot, path)),
  )
  hash.update('strategy\n')
  addFiles(hash, strategyRoot, strategyFiles.sort())

  const other = createHash('sha256')
  addFiles(other, codeRoot, files.filter((path) => !isDecision(path))) // prettier-ignore
  return {
    decision: hash.digest('hex'),
    other: other.digest('hex'),
    ...hashDependencies(dirname(codeRoot)),
  }
}

/** Code files below a folder, sorted; declarations and source maps decide nothing. */
function codeFiles(root: string): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => slashes(relative(root, join(entry.parentPath, entry.name))))
    .sort()
}

function addFiles(hash: ReturnType<typeof createHash>, root: string, paths: readonly string[]): void {
  for (const path of paths) {
    // Line endings differ between checkouts, and source-map comments between builds: neither is code.
    const text = readFileSync(join(root, path), 'utf8')
      .replaceAll('\r\n', '\n')
      .replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n')
    hash.update(`${path}\n${Buffer.byteLength(text)}\n`).update(text)
  }
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
