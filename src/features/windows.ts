import { compileModule, instantiate } from '../core/web-assembly.js'
import { WINDOWS_MODULE } from './windows-module.js'

/** Extremes of windows that move along a column. */
export interface Windows {
  /**
   * Writes the largest (`sign` 1) or smallest (−1) of each window of `period` numbers that ends on a place of `[from, end)`, the later one of equal
   * values. `ends` are the numbers before those places, oldest first: in place of each may stand the extreme of it and later ones. Answers the place at which it
   * stopped since one of the next WINDOWS_AT_ONCE is NaN; before that no window holds one.
   */
  run(sign: 1 | -1, ends: Float64Array, column: Float64Array, out: Float64Array, from: number, end: number): number // prettier-ignore
}

/** Windows that are calculated at a time: they and the numbers before them fit the first cache. */
export const WINDOWS_AT_ONCE = 1_024

/** Longer ones are rare, and need more passes. */
export const LONGEST_WINDOW = 1_024

/** What wasm/assembly/windows.ts exports: columns are byte addresses in its memory. */
interface Exports {
  highest(values: number, count: number, period: number): void
  lowest(values: number, count: number, period: number): void
  known(values: number, count: number): number
}

/** Of this machine, once it was asked: a few passes over all windows, none of which branches on a value. Nothing stands in its memory between two calls. */
let windows: Windows | 'none' | undefined

/** Undefined where the machine has no vectors. */
export function windowsOnVectors(): Windows | undefined {
  windows ??= onVectors() ?? 'none'
  return windows === 'none' ? undefined : windows
}

function onVectors(): Windows | undefined {
  const module = compileModule(WINDOWS_MODULE)
  if (module === undefined) return undefined
  const room = LONGEST_WINDOW + WINDOWS_AT_ONCE + 8
  const { exports, buffer } = instantiate<Exports>(module, room * 8)
  const values = new Float64Array(buffer, 0, room)
  return {
    run(sign, ends, column, out, from, end) {
      const before = ends.length
      for (let at = from; at < end; at += WINDOWS_AT_ONCE) {
        const count = Math.min(WINDOWS_AT_ONCE, end - at)
        if (at === from) {
          values.set(ends)
          values.set(column.subarray(at, at + count), before)
        } else values.set(column.subarray(at - before, at + count))
        values[before + count] = 0
        if (exports.known(before * 8, count) === 0) return at
        if (sign > 0) exports.highest(0, count, before + 1)
        else exports.lowest(0, count, before + 1)
        out.set(values.subarray(0, count), at)
      }
      return end
    },
  }
}
