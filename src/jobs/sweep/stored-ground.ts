import { join } from 'node:path'
import { ConfigError } from '../../core/errors.js'
import { codeHashes } from '../code-hash.js'
import { versions } from '../package-info.js'
import { recordedDataFolder, recordedFolders } from '../recorded-folders.js'
import { sourceHash } from '../strategy-source.js'
import { prepareSweep, type PreparedSweep } from './prepare.js'
import { groundDifferences } from './question.js'
import type { SweepFolder } from './sweep-store.js'

/**
 * A sweep that was begun elsewhere, from what is stored of it: the strategy as it was then, the data where they lay, or in `dataFolder`. Throws ConfigError naming the
 * first thing in which this machine's data or code differ from those of the sweep: no trial of it may run here. Of a strategy file that differs nothing runs.
 */
export async function prepareStored(
  sweep: SweepFolder,
  workingFolder: string,
  dataFolder?: string,
): Promise<PreparedSweep> {
  const { created, question, folder } = sweep
  const strategyFile = join(folder, created.strategySource)
  const { data } = question.ground
  refuse(sweep, groundDifferences(question.ground, { data, code: codeHashes(strategyFile), source: sourceHash(strategyFile) })) // prettier-ignore
  const folders = recordedFolders({ workingFolder: created.workingFolder }, workingFolder)
  const prepared = await prepareSweep({
    asked: question.asked,
    strategyFile,
    dataFolder: dataFolder ?? recordedDataFolder(folders, created.dataFolder),
  })
  refuse(sweep, groundDifferences(question.ground, prepared.question.ground))
  return prepared
}

function refuse({ folder }: SweepFolder, [first]: readonly string[]): void {
  if (first !== undefined)
    throw new ConfigError(`this machine's data or code are not those of the sweep: ${first}`, { file: folder }) // prettier-ignore
}

/**
 * Throws ConfigError where this program is not the one that began the sweep: another version of Baleen or of what reads the data, or a Node of another major version,
 * whose mathematical functions may differ in the last digit.
 */
export function requireSameVersions({ created }: SweepFolder): void {
  const here = versions()
  const there = created.versions
  const major = (version: string): string => version.split('.')[0] ?? ''
  const differing = [
    ...(here.baleen === there.baleen ? [] : [`baleen ${there.baleen} there, ${here.baleen} here`]),
    ...(here.duckdb === there.duckdb ? [] : [`DuckDB ${there.duckdb} there, ${here.duckdb} here`]),
    ...(major(here.node) === major(there.node) ? [] : [`Node ${there.node} there, ${here.node} here`]),
  ]
  if (differing.length > 0) throw new ConfigError(`this machine has other versions than the sweep: ${differing.join('; ')}`) // prettier-ignore
}
