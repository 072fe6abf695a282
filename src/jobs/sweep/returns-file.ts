import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { DataError } from '../../core/errors.js'
import type { ReturnsStore } from '../../research/sweep/kept-trials.js'

/**
 * Daily returns of trials in a file while a sweep is judged, so that memory does not grow with trials: 8 bytes a trial and day, at a place that
 * follows from the trial's number. The file is made anew, and gone when it is closed.
 */
export class ReturnsFile implements ReturnsStore {
  private readonly file: number
  /** Of every trial; undefined until the first that has returns. */
  private days: number | undefined
  private count: number = 0

  constructor(private readonly path: string) {
    this.file = openSync(path, 'w+')
  }

  add(returns: Float64Array | undefined): void {
    const trial = this.count++
    if (returns === undefined) return
    this.days ??= returns.length
    if (returns.length !== this.days)
      throw new DataError(`all trials need the same days; the first has ${this.days}`, { row: trial, field: 'days of trial', value: returns.length }) // prettier-ignore
    const bytes = new Uint8Array(returns.buffer, returns.byteOffset, returns.byteLength)
    if (writeSync(this.file, bytes, 0, bytes.length, trial * bytes.length) !== bytes.length)
      throw new DataError('not all of a trial could be written: is the disk full?', { file: this.path })
  }

  at(trial: number): Float64Array {
    const returns = new Float64Array(this.days ?? 0)
    const bytes = new Uint8Array(returns.buffer)
    if (readSync(this.file, bytes, 0, bytes.length, trial * bytes.length) !== bytes.length)
      throw new DataError('the daily returns of a trial are not where they were written', { file: this.path, row: trial }) // prettier-ignore
    return returns
  }

  /** Nothing can be read any more. */
  close(): void {
    closeSync(this.file)
    rmSync(this.path, { force: true })
  }
}
