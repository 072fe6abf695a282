import { compileModule, instantiate } from '../core/web-assembly.js'
import { EXTREMES_MODULE } from './extremes-module.js'

export const HIGHEST = 0
export const LOWEST = 1
export type Kind = typeof HIGHEST | typeof LOWEST

/** Rows of a block. */
export const BLOCK_ROWS = 16

/** Writes the extremes of the first `count` whole blocks of a column without NaN. On vectors where the machine has them; the same numbers either way. */
export function foldWholeBlocks(values: Float64Array, kind: Kind, blocks: Float64Array, count: number): void {
  fastest ??= onVectors() ?? foldOneByOne
  fastest(values, kind, blocks, count)
}

type Fold = (values: Float64Array, kind: Kind, blocks: Float64Array, count: number) => void

/** What wasm/assembly/extremes.ts exports: columns are byte addresses in its memory. */
interface Extremes {
  highest(values: number, blocks: number, out: number): void
  lowest(values: number, blocks: number, out: number): void
}

/** Blocks that are copied to the module at a time: they and what is found fit the first cache. */
const BLOCKS_AT_ONCE = 128
const FOUND = BLOCKS_AT_ONCE * BLOCK_ROWS * 8

/** Of this machine, once it was asked. Nothing stands in its memory between two calls. */
let fastest: Fold | undefined

/** Undefined where the machine has no vectors. */
function onVectors(): Fold | undefined {
  const module = compileModule(EXTREMES_MODULE)
  if (module === undefined) return undefined
  const { exports, buffer } = instantiate<Extremes>(module, FOUND + BLOCKS_AT_ONCE * 8)
  const rows = new Float64Array(buffer, 0, BLOCKS_AT_ONCE * BLOCK_ROWS)
  const found = new Float64Array(buffer, FOUND, BLOCKS_AT_ONCE)
  return (values, kind, blocks, count) => {
    const fold = kind === HIGHEST ? exports.highest : exports.lowest
    for (let from = 0; from < count; from += BLOCKS_AT_ONCE) {
      const some = Math.min(BLOCKS_AT_ONCE, count - from)
      rows.set(values.subarray(from * BLOCK_ROWS, (from + some) * BLOCK_ROWS))
      fold(0, some, FOUND)
      blocks.set(some === BLOCKS_AT_ONCE ? found : found.subarray(0, some), from)
    }
  }
}

export function foldOneByOne(values: Float64Array, kind: Kind, blocks: Float64Array, count: number): void {
  for (let block = 0; block < count; block++)
    blocks[block] = values[extremeOf16(values, block * BLOCK_ROWS, kind)] as number
}

/** Rows in pairs, winners in pairs again: none of it waits for the row before. */
function extremeOf16(values: Float64Array, row: number, kind: Kind): number {
  return extremeOf2(
    values,
    extremeOf2(values, extremeOf4(values, row, kind), extremeOf4(values, row + 4, kind), kind),
    extremeOf2(values, extremeOf4(values, row + 8, kind), extremeOf4(values, row + 12, kind), kind),
    kind,
  )
}

function extremeOf4(values: Float64Array, row: number, kind: Kind): number {
  return extremeOf2(
    values,
    extremeOf2(values, row, row + 1, kind),
    extremeOf2(values, row + 2, row + 3, kind),
    kind,
  )
}

/** Reckoned rather than branched on: which of two prices is higher cannot be foreseen, and wrong guesses were half the time. */
function extremeOf2(values: Float64Array, first: number, second: number, kind: Kind): number {
  const isSecond = Number((values[second] as number) > (values[first] as number)) ^ kind
  return first + (second - first) * isSecond
}
