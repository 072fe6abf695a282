import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BaleenError, DataError } from '../core/errors.js'
import { relativeImports } from './code-hash.js'
import type { FileWriter } from './run-store.js'

/** Folder of a stored run that holds the strategy file and the files it imports by relative path. */
const SOURCE_FOLDER = 'source'

/** The strategy as a run used it, kept with the run. */
export interface StrategySource {
  /** The strategy file inside the run's folder, such as `source/mine.ts`; the others lie as they lay around it. */
  readonly entry: string
  /** By name inside the run's folder. */
  readonly writers: Readonly<Record<string, FileWriter>>
}

/** Reads the source of a strategy now, so that what is stored is what ran. */
export function strategySource(strategyFile: string): StrategySource {
  const files = sourceFiles(strategyFile)
  const writers = [...files].map(([name, bytes]): [string, FileWriter] => [
    name,
    (path) => writeFile(path, bytes),
  ])
  return { entry: [...files.keys()][0] ?? '', writers: Object.fromEntries(writers) }
}

/** SHA-256 of a strategy file and of the files it imports by relative path, wherever they lie. */
export function sourceHash(strategyFile: string): string {
  const hash = createHash('sha256')
  for (const [name, bytes] of [...sourceFiles(strategyFile)].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name}\n${bytes.length}\n`).update(bytes)
  return hash.digest('hex')
}

/** A text without the folder in which the strategy and what it imports lie: it then reads alike wherever they lie. */
export function withoutSourceFolder(text: string, strategyFile: string): string {
  const root = join(relativeImports(resolve(strategyFile)).map(dirname).reduce(commonFolder), sep)
  return text.replaceAll(pathToFileURL(root).href, '').replaceAll(root, '')
}

/** By name inside a run's folder, the strategy file first. Names keep the places of the files relative to each other. */
function sourceFiles(strategyFile: string): Map<string, Buffer> {
  const paths = relativeImports(resolve(strategyFile))
  const root = paths.map(dirname).reduce(commonFolder)
  const name = (path: string): string => `${SOURCE_FOLDER}/${relative(root, path).split(sep).join('/')}`
  return new Map(paths.map((path) => [name(path), readFileSync(path)]))
}

function commonFolder(a: string, b: string): string {
  let folder = a
  while (relative(folder, b).split(sep)[0] === '..') folder = dirname(folder)
  return folder
}

/**
 * How the strategy differs from what the run was made with: `the strategy changed since the run: mine.ts; …`, or undefined where
 * every file is as it was, or the run holds no source.
 */
export async function sourceChange(
  runFolder: string,
  entry: string | undefined,
  strategyFile: string,
): Promise<string | undefined> {
  if (entry === undefined) return undefined
  const stored = join(runFolder, entry)
  const [before, now] = [sourceFiles(stored), sourceFiles(strategyFile)]
  const names = [...new Set([...before.keys(), ...now.keys()])]
  const changed = names.filter((name) => !before.get(name)?.equals(now.get(name) ?? Buffer.alloc(0)))
  if (changed.length === 0) return undefined
  const short = changed.map((name) => name.slice(SOURCE_FOLDER.length + 1)).join(', ')
  return `the strategy file changed since the run: ${short}; ${whereSourceIs(runFolder, entry)}`
}

/** The error of a strategy file that is not where it was. */
export function sourceVanished(
  runFolder: string,
  entry: string | undefined,
  strategyPath: string,
): DataError {
  return new DataError(
    `the strategy file of the run is gone, or was moved; ${whereSourceIs(runFolder, entry)}`,
    { field: 'strategy', value: strategyPath },
  )
}

/** An error of a strategy that is not the one that ran, saying so first. */
export function becauseOfChange(error: unknown, change: string | undefined): unknown {
  if (change === undefined || !(error instanceof BaleenError)) return error
  return new DataError(`${change}; it no longer runs as it did: ${error.message}`)
}

function whereSourceIs(runFolder: string, entry: string | undefined): string {
  return entry !== undefined && existsSync(join(runFolder, entry))
    ? `the source of the run is in ${join(runFolder, entry)}`
    : 'the run was stored without its source'
}
