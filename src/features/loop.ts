import type { Operator } from './operator.js'

type BatchLoop = (
  operator: Operator,
  inputs: readonly Float64Array[],
  out: Float64Array,
  from: number,
  end: number,
) => void

/**
 * Why text: V8 collects type feedback per function text. One loop shared by all operators becomes megamorphic (18.7 against
 * 2.4 ns a bar was measured); a loop whose text is its own, made unique by a comment, inlines its operator's `next`.
 */
function makeLoop(name: string, arity: number, id: number): BatchLoop {
  const columns = Array.from({ length: arity }, (_, index) => `x${index}`)
  const lines = [
    `// ${name}/${arity} #${id}`,
    columns.length === 0 ? '' : `const [${columns.join(', ')}] = inputs`,
    `for (let i = from; i < end; i++) out[i] = operator.next(${columns.map((column) => `${column}[i]`).join(', ')})`,
  ]
  return new Function('operator', 'inputs', 'out', 'from', 'end', lines.join('\n')) as BatchLoop
}

const loops = new Map<unknown, BatchLoop[]>()

/** Runs an operator over the places `[from, end)` of columns: its own `next`, bar by bar, in a loop of its own. */
export function runOperator(
  operator: Operator,
  inputs: readonly Float64Array[],
  out: Float64Array,
  from: number,
  end: number,
): void {
  if (operator.run !== undefined) return operator.run(inputs, out, from, end)
  const byArity = loops.get(operator.constructor) ?? []
  loops.set(operator.constructor, byArity)
  const loop = (byArity[inputs.length] ??= makeLoop(operator.constructor.name, inputs.length, loops.size))
  loop(operator, inputs, out, from, end)
}

/** Runs operators of one class, made alike, over the same columns: together where they know how to, else one after the other. */
export function runOperators(
  operators: readonly Operator[],
  inputs: readonly Float64Array[],
  outs: readonly Float64Array[],
  from: number,
  end: number,
): void {
  const [first] = operators
  if (operators.length > 1 && first?.runTogether !== undefined)
    return first.runTogether(operators, inputs, outs, from, end)
  for (let at = 0; at < operators.length; at++)
    runOperator(operators[at] as Operator, inputs, outs[at] as Float64Array, from, end)
}

/** Places that a long loop goes through in one call. */
const PLACES_AT_ONCE = 2_048

/**
 * Calls a loop for one stretch of places after the other. V8 compiles a loop while it is inside, knowing nothing of what follows it: a function that runs
 * for long before it returns once is thrown out of its compiled code at the end of every call.
 */
export function inStretches(from: number, end: number, loop: (from: number, end: number) => void): void {
  for (let at = from; at < end; at += PLACES_AT_ONCE) loop(at, Math.min(at + PLACES_AT_ONCE, end))
}
