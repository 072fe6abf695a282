import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DataError } from '../../../core/errors.js'
import type { Proposal } from '../../../research/samplers/sampler.js'
import type { TrialRow } from '../../../research/sweep/trial-row.js'
import { replaceTextFile } from '../../../store/files.js'
import { readRows, stemOf, writeRows } from '../generation-file.js'
import type { SweepFolder } from '../sweep-store.js'

/**
 * Stores what came of a range of trials; answers the name of the part. The folder must be there: where it is not, the generation is over, or another folder is seen
 * here than by the sweep.
 */
export async function writePart(
  connection: DuckDBConnection,
  { partsFolder, question }: SweepFolder,
  rangeId: string,
  rows: readonly TrialRow[],
): Promise<string> {
  if (!existsSync(partsFolder))
    throw new DataError('the folder of parts is gone: these trials are wanted no more', { file: partsFolder })
  return writeRows(connection, partsFolder, rangeId, question.asked.strategy.params, rows)
}

/** Parts that are there, by range. Throws DataError where a range has two that differ: then its trials are not a function of their params. */
export async function findParts({ partsFolder }: SweepFolder): Promise<ReadonlyMap<string, string>> {
  const parts = new Map<string, string>()
  for (const name of (await readdir(partsFolder)).sort()) {
    const range = stemOf(name)
    if (range === undefined) continue
    const file = join(partsFolder, name)
    const other = parts.get(range)
    if (other !== undefined)
      throw new DataError(`two workers ran the same trials and came to different ones (the other is ${other}): the strategy does not always do the same`, { file }) // prettier-ignore
    parts.set(range, file)
  }
  return parts
}

/** The rows of a part, as rows of these proposals. Throws DataError where the file was damaged or holds other trials. */
export async function readPart(
  connection: DuckDBConnection,
  { question }: SweepFolder,
  file: string,
  proposals: readonly Proposal[],
): Promise<readonly TrialRow[]> {
  const rows = await readRows(connection, file, question.asked.strategy.params)
  const isOurs =
    rows.length === proposals.length && rows.every(({ number }, at) => number === proposals[at]?.number)
  if (!isOurs) throw new DataError('the part holds other trials than its name says', { file })
  return rows.map((row, at) => ({ ...row, ...proposals[at] }))
}

/**
 * How the generation that begins with a trial was cut, so that whoever resumes cuts it alike and finds the parts; undefined where it was not, or was of another size.
 */
export async function readCut(
  sweep: SweepFolder,
  first: number,
  trials: number,
): Promise<readonly number[] | undefined> {
  const file = cutFile(sweep, first)
  if (!existsSync(file)) return undefined
  let sizes: unknown
  try {
    sizes = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  const isCut = Array.isArray(sizes) && sizes.every((size) => Number.isSafeInteger(size) && size > 0)
  if (!isCut) return undefined
  return (sizes as number[]).reduce((a, b) => a + b, 0) === trials ? (sizes as number[]) : undefined
}

/** Keeps how a generation is cut. */
export async function writeCut(sweep: SweepFolder, first: number, sizes: readonly number[]): Promise<void> {
  await replaceTextFile(cutFile(sweep, first), `${JSON.stringify(sizes)}\n`)
}

function cutFile({ partsFolder }: SweepFolder, first: number): string {
  return join(partsFolder, `${first}.json`)
}
