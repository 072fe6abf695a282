import { compileModule, instantiate } from '../core/web-assembly.js'
import { EXTREMES_MODULE } from './extremes-module.js'

/** Rows of a block. */
export const BLOCK_ROWS = 16
/** Blocks that are copied to the module at a time: copying fewer of them costs more in calls, and more of them no longer fit the second cache. */
const BLOCKS_AT_ONCE = 512

/** Where the extremes of blocks are written, by block; undefined where they are not asked for. */
export interface FoldedBlocks {
  readonly highest: Float64Array | undefined
  readonly lowest: Float64Array | undefined
}

/** Writes the extremes of whole blocks `[from, end)` of a column without NaN. On vectors where the machine has them; the same numbers either way. */
export function foldWholeBlocks(values: Float64Array, from: number, end: number, into: FoldedBlocks): void {
  fastest ??= onVectors() ?? foldOneByOne
  fastest(values, from, end, into)
}

type Fold = typeof foldWholeBlocks

/** What wasm/assembly/extremes.ts exports: columns are byte addresses in its memory. */
interface Extremes {
  highest(values: number, blocks: number, out: number): void
  lowest(values: number, blocks: number, out: number): void
}

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
  return (values, from, end, { highest, lowest }) => {
    for (let block = from; block < end; block += BLOCKS_AT_ONCE) {
      const some = Math.min(BLOCKS_AT_ONCE, end - block)
      const answer = some === BLOCKS_AT_ONCE ? found : found.subarray(0, some)
      rows.set(values.subarray(block * BLOCK_ROWS, (block + some) * BLOCK_ROWS))
      if (highest !== undefined) {
        exports.highest(0, some, FOUND)
        highest.set(answer, block)
      }
      if (lowest !== undefined) {
        exports.lowest(0, some, FOUND)
        lowest.set(answer, block)
      }
    }
  }
}

export function foldOneByOne(
  values: Float64Array,
  from: number,
  end: number,
  { highest, lowest }: FoldedBlocks,
): void {
  for (let block = from; block < end; block++) {
    const row = block * BLOCK_ROWS
    if (highest !== undefined) highest[block] = values[extremeOf16(values, row, HIGHEST)] as number
    if (lowest !== undefined) lowest[block] = values[extremeOf16(values, row, LOWEST)] as number
  }
}

const HIGHEST = 0
const LOWEST = 1
type Kind = typeof HIGHEST | typeof LOWEST

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
