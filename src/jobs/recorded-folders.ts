import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Json } from './json.js'
import { isStrategyPath, listStrategyFiles } from './strategy-file.js'

/** Folders from which the relative paths of a stored run are read: the one in which it was made, if it is still there, then ours. */
export function recordedFolders(created: Json, workingFolder: string): string[] {
  const made =
    typeof created === 'object' && created !== null && 'workingFolder' in created
      ? created['workingFolder']
      : undefined
  return typeof made === 'string' && existsSync(made) ? [...new Set([made, workingFolder])] : [workingFolder]
}

/** The first folder from which the strategy is found, by its path or its name; the last one where none is. */
export function strategyFolder(folders: readonly string[], nameOrPath: string): string {
  const isThere = (folder: string): boolean =>
    isStrategyPath(nameOrPath)
      ? existsSync(resolve(folder, nameOrPath))
      : listStrategyFiles(folder).has(nameOrPath)
  return folders.find(isThere) ?? folders[folders.length - 1] ?? '.'
}

/** The data folder of a run, as it was typed, from the first folder that has it; as typed where none does. */
export function recordedDataFolder(folders: readonly string[], dataFolder: string): string {
  return folders.map((folder) => resolve(folder, dataFolder)).find((path) => existsSync(path)) ?? dataFolder
}
