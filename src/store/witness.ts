import { readFileSync } from 'node:fs'

/** What is known to be in a file that only ever grows: how much of it there was, and the hash of the last of that. */
export interface Witness {
  readonly count: number
  /** 64 hex digits. */
  readonly hash: string
}

/** Beside the file, so that it does not go with it: what was cut off at the end of a file looks whole. */
export function witnessPath(path: string): string {
  return `${path}-head`
}

const TEXT = /^ *(\d{1,15}) ([0-9a-f]{64})\n$/

/** Always of the same length, so that writing it anew replaces it whole. */
export function witnessText({ count, hash }: Witness): string {
  return `${String(count).padStart(15)} ${hash}\n`
}

/**
 * Undefined where there is none, or it cannot be read: it is written after what it tells of and not waited for, so that a loss of power may take it along. It is read before
 * the file that it is about, which may grow meanwhile.
 */
export function readWitness(path: string): Witness | undefined {
  let text: string
  try {
    text = readFileSync(witnessPath(path), 'utf8')
  } catch {
    return undefined
  }
  const [, count, hash] = TEXT.exec(text) ?? []
  return hash === undefined ? undefined : { count: Number(count), hash }
}
