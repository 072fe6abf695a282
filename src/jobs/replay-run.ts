import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '../core/errors.js'
import type { RunInputs, RunProvenance } from './manifest.js'
import { jsonDifferences, plain, type Json } from './json.js'
import { recordedDataFolder, recordedFolders, strategyFolder } from './recorded-folders.js'
import { executeRun, type RunRequest } from './run.js'
import { firstDifference, readWholeRun, writeRunFiles, type RunRecord } from './run-store.js'
import { findStrategyFile } from './strategy-file.js'
import { becauseOfChange, sourceChange, sourceVanished } from './strategy-source.js'

export interface ReplayedRun {
  readonly id: string
  /** All result files came out the same, byte for byte. */
  readonly identical: boolean
  /** The first difference of the results; undefined where there is none. */
  readonly difference: string | undefined
  /** Inputs that are not what they were: code, data, versions. Each as `what: before → after`. */
  readonly changed: readonly string[]
}

export interface ReplayRunOptions {
  /** Instead of the folder that the run read from. */
  readonly dataFolder?: string
  /** Where paths are read from that are not found in the folder in which the run was made. */
  readonly workingFolder: string
}

/** Makes a stored run again from its manifest and compares the bytes of its results. */
export async function replayRun(
  runsFolder: string,
  id: string,
  options: ReplayRunOptions,
): Promise<ReplayedRun> {
  const run = await readWholeRun(runsFolder, id)
  const { folder } = run
  const { inputs, provenance } = run.manifest
  const request = storedRequest(run, options)
  const sourceChanged = await sourceChange(folder, provenance.strategySource, request.strategyFile)
  const again = await executeRun(request).catch((error: unknown) => {
    throw becauseOfChange(error, sourceChanged)
  })
  const temporary = await mkdtemp(join(tmpdir(), 'baleen-replay-'))
  try {
    await writeRunFiles(temporary, again.files)
    const difference = await firstDifference(folder, temporary)
    const now = again.files.manifest
    const versionsChanged = differences(provenance.versions, now.provenance.versions, 'versions')
    return {
      id,
      identical: difference === undefined,
      difference,
      changed: [
        ...(sourceChanged === undefined ? [] : [sourceChanged]),
        ...changedInputs(inputs, now.inputs),
        ...versionsChanged,
      ],
    }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** What a stored run was asked for, with its files found again. Throws ConfigError where its strategy is gone. */
export function storedRequest(
  { folder, manifest, created }: RunRecord,
  options: ReplayRunOptions,
): RunRequest {
  const { inputs, provenance } = manifest
  const folders = recordedFolders(created, options.workingFolder)
  return {
    strategyFile: strategyFileOf(folder, provenance, strategyFolder(folders, provenance.strategyPath)),
    strategyPath: provenance.strategyPath,
    preset: inputs.strategy.preset,
    params: inputs.strategy.params,
    dataFolder: options.dataFolder ?? recordedDataFolder(folders, provenance.dataFolder),
    instruments: inputs.instruments,
    timeframeMs: inputs.timeframeMs,
    range: { startMs: inputs.range.startTime, endMs: inputs.range.endTime },
    warmUpStartTime: inputs.range.warmUpStartTime,
    startingBalance: inputs.startingBalance,
    costs: inputs.costs,
    policies: inputs.policies,
    funding: inputs.funding,
    factOverrides: inputs.factOverrides,
    ...(inputs.detailMs === undefined ? {} : { detailMs: inputs.detailMs }),
    ...(inputs.sensitivity === undefined ? {} : { sensitivity: inputs.sensitivity }),
    seed: inputs.seed,
    command: provenance.command,
  }
}

function strategyFileOf(
  folder: string,
  { strategyPath, strategySource }: RunProvenance,
  workingFolder: string,
): string {
  try {
    return findStrategyFile(strategyPath, workingFolder)
  } catch (error) {
    throw error instanceof ConfigError ? sourceVanished(folder, strategySource, strategyPath) : error
  }
}

function changedInputs(before: RunInputs, after: RunInputs): string[] {
  return differences(before, after, '')
}

function differences(before: unknown, after: unknown, path: string): string[] {
  return jsonDifferences(plain(before) as Json, plain(after) as Json, path).map(
    (one) => `${one.path}: ${JSON.stringify(one.before)} → ${JSON.stringify(one.after)}`,
  )
}
