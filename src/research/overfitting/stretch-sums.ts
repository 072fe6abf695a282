import { compileModule, instantiate } from '../../core/web-assembly.js'
import type { Stretches } from './stationary-bootstrap.js'
import { STRETCHES_MODULE } from './stretches-module.js'

/** Series that are summed together: what one line of the cache holds. */
export const LANES = 8

/** Sums of eight series at a time over the stretches of many resamples. The same numbers, bit for bit, whoever adds them. */
export interface StretchSums {
  /** To be written: what the series come to before each day, and in all, `[day · LANES + lane]`. */
  readonly prefix: Float64Array
  /** Of each resample, `[resample · LANES + lane]`, as `add` leaves them. */
  readonly sums: Float64Array
  /** A sum over a stretch is a difference of two prefix sums; they are added from the first stretch on. O(stretches). */
  add(): void
}

/** What wasm/assembly/stretches.ts exports: all but counts are byte addresses in its memory. */
interface Exports {
  sumLists(prefix: number, stretches: number, ends: number, lists: number, out: number): void
}

/** A module's memory is no larger. */
const MOST_BYTES = 2 ** 30

let compiled: object | undefined

/** On vectors of two numbers where the machine has them. */
export function stretchSums(days: number, resamples: readonly Stretches[]): StretchSums {
  return sumsOnVectors(days, resamples) ?? sumsOneByOne(days, resamples)
}

/** Undefined where the machine has no vectors, or not the memory. */
export function sumsOnVectors(days: number, resamples: readonly Stretches[]): StretchSums | undefined {
  const room = roomFor(days, resamples)
  if (room.bytes > MOST_BYTES) return undefined
  compiled ??= compileModule(STRETCHES_MODULE)
  if (compiled === undefined) return undefined
  const { exports, buffer } = instantiate<Exports>(compiled, room.bytes)
  const { prefix, sums } = room.in(buffer)
  const add = (): void =>
    exports.sumLists(room.prefix, room.stretches, room.ends, resamples.length, room.sums)
  return { prefix, sums, add }
}

/** The same without vectors. */
export function sumsOneByOne(days: number, resamples: readonly Stretches[]): StretchSums {
  const room = roomFor(days, resamples)
  const { prefix, stretches, ends, sums } = room.in(new Float64Array(Math.ceil(room.bytes / 8)).buffer)
  const add = (): void => {
    let from = 0
    for (let at = 0; at < resamples.length; at++) {
      const to = ends[at] as number
      sumList(prefix, stretches, from, to, sums, at * LANES)
      from = to
    }
  }
  return { prefix, sums, add }
}

interface Room {
  readonly bytes: number
  readonly prefix: number
  readonly sums: number
  readonly stretches: number
  readonly ends: number
  in(buffer: ArrayBuffer): {
    readonly prefix: Float64Array
    readonly sums: Float64Array
    readonly stretches: Int32Array
    readonly ends: Int32Array
  }
}

/** Where what stands, in bytes from the beginning: prefix sums, sums, all stretches end to end, and after how many numbers those of each resample end. */
function roomFor(days: number, resamples: readonly Stretches[]): Room {
  const lists = resamples.length
  const numbers = resamples.reduce((total, { length }) => total + length, 0)
  const sums = (days + 1) * LANES * 8
  const stretches = sums + lists * LANES * 8
  const ends = stretches + numbers * 4
  return {
    bytes: ends + lists * 4,
    prefix: 0,
    sums,
    stretches,
    ends,
    in: (buffer) => {
      const all = new Int32Array(buffer, stretches, numbers)
      const until = new Int32Array(buffer, ends, lists)
      let at = 0
      for (const [resample, list] of resamples.entries()) {
        all.set(list, at)
        at += list.length
        until[resample] = at
      }
      return {
        prefix: new Float64Array(buffer, 0, (days + 1) * LANES),
        sums: new Float64Array(buffer, sums, lists * LANES),
        stretches: all,
        ends: until,
      }
    },
  }
}

/** Sums of eight series over the stretches of one resample, `[from, to)` of the list. */
function sumList(
  prefix: Float64Array,
  stretches: Int32Array,
  from: number,
  to: number,
  sums: Float64Array,
  out: number,
): void {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0]
  for (let pair = from; pair < to; pair += 2) {
    const first = (stretches[pair] as number) * LANES
    const end = (stretches[pair + 1] as number) * LANES
    a += (prefix[end] as number) - (prefix[first] as number)
    b += (prefix[end + 1] as number) - (prefix[first + 1] as number)
    c += (prefix[end + 2] as number) - (prefix[first + 2] as number)
    d += (prefix[end + 3] as number) - (prefix[first + 3] as number)
    e += (prefix[end + 4] as number) - (prefix[first + 4] as number)
    f += (prefix[end + 5] as number) - (prefix[first + 5] as number)
    g += (prefix[end + 6] as number) - (prefix[first + 6] as number)
    h += (prefix[end + 7] as number) - (prefix[first + 7] as number)
  }
  sums.set([a, b, c, d, e, f, g, h], out)
}
