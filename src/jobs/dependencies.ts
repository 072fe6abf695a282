import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Which exact packages a run stood on. */
export interface DependencyHash {
  /** SHA-256 of what `dependenciesFrom` says. */
  readonly dependencies: string
  /** `lockfile` in a clone; `installed` where the package came without one: names and versions of what is in node_modules. */
  readonly dependenciesFrom: 'lockfile' | 'installed'
}

/** Hashes the lockfile of the package in `folder`; without one, every package that it can reach as it is installed. */
export function hashDependencies(folder: string): DependencyHash {
  const lockfile = join(folder, 'package-lock.json')
  const hash = createHash('sha256')
  if (existsSync(lockfile)) {
    return { dependencies: hash.update(readFileSync(lockfile)).digest('hex'), dependenciesFrom: 'lockfile' }
  }
  const text = installedPackages(folder).join('\n')
  return { dependencies: hash.update(text).digest('hex'), dependenciesFrom: 'installed' }
}

interface PackageFile {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * The package's dependencies and theirs, as Node would find them from there: `name@version`, sorted, each once. One that is not
 * there is named so, unless it is optional.
 */
export function installedPackages(folder: string): string[] {
  const names = new Set<string>()
  const seen = new Set<string>()
  const waiting = [realpathSync(folder)]
  for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
    const { dependencies, optionalDependencies } = readPackage(from)
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = findPackage(from, name)
      if (found === undefined) {
        if (optionalDependencies?.[name] === undefined) names.add(`${name}@absent`)
        continue
      }
      names.add(`${name}@${readPackage(found).version ?? 'unknown'}`)
      if (!seen.has(found)) waiting.push(found)
      seen.add(found)
    }
  }
  return [...names].sort()
}

function readPackage(folder: string): PackageFile {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile
}

/** Where Node finds a package from a folder: in the nearest `node_modules` upwards that has it, links followed. */
function findPackage(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (folder === dirname(folder)) return undefined
  }
}
