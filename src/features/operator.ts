import type { Argument } from './feature.js'
import type { Bounds } from './ramp.js'

/** What an operator may know of the bars besides their values. */
export interface BarContext {
  readonly timeframeMs: number
}

/**
 * A running calculation: state, and the next value. Its fields are declared with a value of the kind that they will hold, fractions
 * where they hold fractions: a field that was once `undefined` makes V8 check it on every bar, which takes as long as the
 * calculation. It sees each bar once, in order, so it cannot see a later one. The same
 * `next` serves columns and streams. NaN in means "unknown"; NaN out means "not defined on this bar".
 */
export interface Operator {
  next(...inputs: number[]): number
  /** The same for the places `[from, end)` of columns, bit for bit what `next` would answer; where it is left out, `next` is asked. */
  run?(inputs: readonly Float64Array[], out: Float64Array, from: number, end: number): void
  /**
   * The same for several operators of this one's class over the same columns, itself the first of them. Additions that wait for each other
   * leave a processor idle; those of several windows fill it.
   */
  runTogether?(
    operators: readonly Operator[],
    inputs: readonly Float64Array[],
    outs: readonly Float64Array[],
    from: number,
    end: number,
  ): void
}

export interface OperatorDefinition {
  /** Number of input features; undefined where any number will do. */
  readonly arity: number | undefined
  /** `next` depends on nothing but its inputs, so it need be asked only once for bars on which these stand still. */
  readonly isStateless?: true
  /** A stateless operator that rises or falls with its first input, or is NaN, as long as the others stand still. */
  readonly isMonotone?: true
  /** A stateless operator that answers its first input where the second lies within these bounds, and NaN elsewhere. */
  bounds?(args: readonly Argument[]): Bounds
  /** A fresh operator that has seen nothing. */
  create(args: readonly Argument[], context: BarContext): Operator
  /**
   * First bars without a value, given those of its inputs, when no input is missing afterwards. The default is the largest of
   * the inputs.
   */
  warmUp?(args: readonly Argument[], inputs: readonly number[], context: BarContext): number
}

/** Where every input must be known `bars` times more: windows and smoothings. */
export function warmAfter(inputs: readonly number[], bars: number): number {
  return Math.max(0, ...inputs) + bars
}

export function numberAt(args: readonly Argument[], index: number): number {
  return args[index] as number
}
