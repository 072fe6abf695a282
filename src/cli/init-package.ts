import { ConfigError } from '../core/errors.js'

/** What a workspace needs in its package.json. */
export interface PackageNeeds {
  /** Of a new package.json. */
  readonly name: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
}

export interface PackagePlan {
  readonly text: string
  /** Each `dependencies.baleen` that was missing; empty where the file has all. */
  readonly added: readonly string[]
}

/**
 * A package.json with all that is needed: a new one where `existing` is undefined, else that one with what it lacks. Nothing that
 * stands there is changed. Throws ConfigError naming the file where it is no JSON object.
 */
export function packageWith(needs: PackageNeeds, existing: string | undefined): PackagePlan {
  const { name, ...groups } = needs
  const contents =
    existing === undefined ? { name, version: '0.0.0', private: true, type: 'module' } : parse(existing)
  const added: string[] = []
  const known = installedNames(contents)
  const merged = Object.entries(groups).map(([group, entries]) => {
    const before = (contents[group] ?? {}) as Readonly<Record<string, string>>
    const missing = Object.entries(entries).filter(
      ([key]) => before[key] === undefined && (group === 'scripts' || !known.includes(key)),
    )
    added.push(...missing.map(([key]) => `${group}.${key}`))
    const all = { ...before, ...Object.fromEntries(missing) }
    return [group, all] as const
  })
  const filled = merged.filter(([group, all]) => Object.keys(all).length > 0 || contents[group] !== undefined)
  const indent = /^[ \t]+(?=")/m.exec(existing ?? '')?.[0] ?? '  '
  const text = `${JSON.stringify({ ...contents, ...Object.fromEntries(filled) }, null, indent)}\n`
  return { text: added.length === 0 && existing !== undefined ? existing : text, added }
}

function parse(text: string): Record<string, unknown> {
  let contents: unknown
  try {
    contents = JSON.parse(text)
  } catch (error) {
    throw new ConfigError(`not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      file: 'package.json',
    })
  }
  if (typeof contents === 'object' && contents !== null && !Array.isArray(contents))
    return contents as Record<string, unknown>
  throw new ConfigError('must be an object', { file: 'package.json' })
}

/** A package listed in any group is not added to another. */
function installedNames(contents: Record<string, unknown>): string[] {
  const groups = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']
  return groups.flatMap((group) => Object.keys((contents[group] ?? {}) as object))
}
