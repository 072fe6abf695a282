import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { thereAre } from '../core/closest-word.js'
import { BaleenError, ConfigError } from '../core/errors.js'
import type { Strategy } from '../strategy/define.js'
import { CODE_ROOT } from './code-hash.js'
import { importModule } from './load-typescript.js'

/** Folders in which a strategy is looked for by name: the user's, then those that come with the package. */
export function strategyFolders(workingFolder: string): string[] {
  return [...new Set([join(workingFolder, 'strategies'), join(dirname(CODE_ROOT), 'strategies')])]
}

/** Strategy files in those folders, by name; a user's hides one of the package with the same name. */
export function listStrategyFiles(workingFolder: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const folder of strategyFolders(workingFolder).filter(existsSync)) {
    for (const file of readdirSync(folder).sort()) {
      const name = /^([^.].*)\.[cm]?[jt]s$/.exec(file)?.[1]
      if (name !== undefined && !file.endsWith('.d.ts') && !found.has(name))
        found.set(name, join(folder, file))
    }
  }
  return found
}

/** Whether it is a path rather than the name of a strategy. */
export function isStrategyPath(nameOrPath: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(nameOrPath)
}

/** Turns a name or a path into the path of a strategy file. Throws ConfigError listing what there is. */
export function findStrategyFile(nameOrPath: string, workingFolder: string): string {
  if (isStrategyPath(nameOrPath)) {
    const path = resolve(workingFolder, nameOrPath)
    if (existsSync(path)) return path
    throw new ConfigError('there is no such strategy file', { file: path })
  }
  const files = listStrategyFiles(workingFolder)
  const found = files.get(nameOrPath)
  if (found !== undefined) return found
  throw new ConfigError(`there is no strategy of this name${thereAre(nameOrPath, [...files.keys()])}`, {
    field: 'strategy',
    value: nameOrPath,
  })
}

/** Imports a strategy file and takes its default export. Throws ConfigError where the file does not load or exports none. */
export async function loadStrategyFile(path: string): Promise<Strategy> {
  let exported: unknown
  try {
    exported = (await importModule(path))['default']
  } catch (error) {
    if (error instanceof BaleenError) throw error
    throw new ConfigError(
      `the strategy file does not load: ${error instanceof Error ? error.message : String(error)}`,
      { file: path },
    )
  }
  if (!isStrategy(exported)) {
    throw new ConfigError('a strategy file ends in: export default defineStrategy({ … })', { file: path })
  }
  return exported
}

function isStrategy(value: unknown): value is Strategy {
  return (
    typeof value === 'object' &&
    value !== null &&
    'bind' in value &&
    typeof value.bind === 'function' &&
    'params' in value
  )
}
