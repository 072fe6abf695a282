import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DataError } from '../../core/errors.js'
import type { EntryOutcome } from '../../research/overfitting/random-entry.js'
import { replaceTextFile } from '../../store/files.js'
import { readJsonFile } from '../json-file.js'
import { revive, summedJson, unsummed } from '../json.js'

const TRIED_OFFSETS_FILE = 'random-entry.json'
const SCHEMA = 1

/** An offset in bars, and what the sweep came to with its signals moved on by it. */
interface TriedOffset extends EntryOutcome {
  readonly offset: number
}

/**
 * What random entries of a sweep have come to, in its folder: each offset costs as much as all trials together, so that an interruption, or a verdict that is made again, must not ask for
 * it twice. It depends on the trials alone, which never change.
 */
export class TriedOffsets {
  private readonly outcomes: Map<number, EntryOutcome>

  /** Without a file they are kept for as long as this lives. */
  constructor(
    private readonly file?: string,
    tried: readonly TriedOffset[] = [],
  ) {
    this.outcomes = new Map(tried.map(({ offset, ...outcome }) => [offset, outcome]))
  }

  /** Throws DataError where the file was changed, damaged or written by a later version. */
  static async in(folder: string): Promise<TriedOffsets> {
    const file = join(folder, TRIED_OFFSETS_FILE)
    return new TriedOffsets(file, existsSync(file) ? await readTried(file) : [])
  }

  /** Undefined where it was not tried. */
  of(offset: number): EntryOutcome | undefined {
    return this.outcomes.get(offset)
  }

  /** Durable once it has ended. */
  async add(offsets: readonly number[], outcomes: readonly EntryOutcome[]): Promise<void> {
    offsets.forEach((offset, at) => this.outcomes.set(offset, outcomes[at] as EntryOutcome))
    if (this.file === undefined || offsets.length === 0) return
    const tried = [...this.outcomes].map(([offset, outcome]) => ({ offset, ...outcome }))
    await replaceTextFile(this.file, summedJson({ schema: SCHEMA, tried }))
  }
}

async function readTried(file: string): Promise<readonly TriedOffset[]> {
  const json = await readJsonFile(file)
  const { schema, tried } = revive(unsummed(json, file)) as { readonly schema?: unknown; readonly tried: readonly TriedOffset[] } // prettier-ignore
  if (schema === SCHEMA && Object.hasOwn(json as object, 'sha256')) return tried
  throw new DataError(`this version reads random entries of schema ${SCHEMA}, with their sum`, { file, field: 'schema', value: schema }) // prettier-ignore
}
