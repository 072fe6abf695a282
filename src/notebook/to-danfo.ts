import { ConfigError } from '../core/errors.js'
import { columnsOf, type ColumnSource } from './columns.js'

/** What is used of danfojs: `import * as danfo from 'danfojs-node'`, or of `danfojs`. */
export interface DanfoModule<Frame extends object> {
  readonly DataFrame: new (data: Record<string, unknown[]>) => Frame
}

/**
 * Methods of a danfojs frame that calculate by tensors of float32: seven digits, where a time in milliseconds has thirteen. `add(0)` moves a time of today by
 * up to 65.5 seconds, `diff` answers 0 for prices that differ.
 */
const FLOAT32 = ['add', 'sub', 'mul', 'div', 'divNoNan', 'pow', 'mod', 'diff', 'pctChange'] as const

/**
 * The columns as a danfojs frame. Values are exact, and so is all that danfojs does without tensors: columns (`frame['close']`) and their arithmetic, describe,
 * group by, sort, query, CSV. Its arithmetic of **whole frames** is float32, without a word: on the frame that is handed out these methods throw ConfigError
 * instead. Frames that danfojs makes of it (`head`, `loc`, `groupby`) are its own and not guarded.
 *
 * Missing numbers are NaN; times are numbers, UTC ms, since danfojs has no type for them.
 * danfojs is not among the dependencies of this package: hand its module in. Throws ConfigError where it is none, DataError as `columnsOf`. O(values).
 */
export function toDanfo<Frame extends object>(danfo: DanfoModule<Frame>, source: ColumnSource): Frame {
  if (typeof danfo?.DataFrame !== 'function')
    throw new ConfigError("the first argument is danfojs itself: import * as danfo from 'danfojs-node'", { field: 'danfo' }) // prettier-ignore
  const columns = columnsOf(source)
  const frame = new danfo.DataFrame(Object.fromEntries(columns.map(({ name, values }) => [name, Array.from<unknown>(values)]))) // prettier-ignore
  for (const method of FLOAT32) Object.defineProperty(frame, method, { value: () => refuse(method) })
  return frame
}

function refuse(method: string): never {
  throw new ConfigError(
    `danfojs calculates ${method} of a whole frame in float32, so that times and prices change: calculate by columns, frame['close'].${method}(…), or before the frame is made`,
    { field: method },
  )
}
