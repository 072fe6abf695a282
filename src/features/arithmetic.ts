import { type Feature, type Operand, feature } from './feature.js'
import type { OperatorDefinition } from './operator.js'

class Add {
  next(a: number, b: number): number {
    return a + b
  }
}
class Subtract {
  next(a: number, b: number): number {
    return a - b
  }
}
class Multiply {
  next(a: number, b: number): number {
    return a * b
  }
}
class Divide {
  next(a: number, b: number): number {
    return b === 0 ? Number.NaN : a / b
  }
}
class Absolute {
  next(a: number): number {
    return Math.abs(a)
  }
}
class Smaller {
  next(a: number, b: number): number {
    return a !== a || b !== b ? Number.NaN : a < b ? a : b
  }
}
class Larger {
  next(a: number, b: number): number {
    return a !== a || b !== b ? Number.NaN : a > b ? a : b
  }
}
class Where {
  next(condition: number, a: number, b: number): number {
    return condition !== condition ? Number.NaN : condition !== 0 ? a : b
  }
}
class Greater {
  next(a: number, b: number): number {
    return a !== a || b !== b ? Number.NaN : a > b ? 1 : 0
  }
}
class OrElse {
  next(a: number, b: number): number {
    return a !== a ? b : a
  }
}
class KeepWhere {
  private readonly atLeast: number = 0.5
  private readonly atMost: number = 0.5

  constructor(atLeast: number, atMost: number) {
    this.atLeast = atLeast
    this.atMost = atMost
  }

  next(value: number, gauge: number): number {
    return gauge >= this.atLeast && gauge <= this.atMost ? value : Number.NaN
  }
}

/** a + b. Like all arithmetic here: no warm-up of its own, NaN where an input is NaN. */
export function add(a: Operand, b: Operand): Feature {
  return feature('add', [a, b])
}

/** a − b. */
export function sub(a: Operand, b: Operand): Feature {
  return feature('sub', [a, b])
}

/** a · b. */
export function mul(a: Operand, b: Operand): Feature {
  return feature('mul', [a, b])
}

/** a / b; NaN where b is 0. */
export function div(a: Operand, b: Operand): Feature {
  return feature('div', [a, b])
}

/** |a|. */
export function abs(a: Operand): Feature {
  return feature('abs', [a])
}

/** The smaller of two; NaN where either is NaN. */
export function min(a: Operand, b: Operand): Feature {
  return feature('min', [a, b])
}

/** The larger of two; NaN where either is NaN. */
export function max(a: Operand, b: Operand): Feature {
  return feature('max', [a, b])
}

/** `a` held between two bounds. */
export function clamp(a: Operand, lowest: Operand, highest: Operand): Feature {
  return min(max(a, lowest), highest)
}

/** 1 where a > b, 0 where not, NaN where either is unknown. */
export function greater(a: Operand, b: Operand): Feature {
  return feature('greater', [a, b])
}

/** `a` where the condition is not 0, else `b`; NaN where the condition is unknown. The side not taken may be NaN. */
export function where(condition: Operand, a: Operand, b: Operand): Feature {
  return feature('where', [condition, a, b])
}

/** `a`, or `b` on the bars where `a` is unknown. It says "take this instead of nothing": use it knowingly. */
export function orElse(a: Operand, b: Operand): Feature {
  return feature('orElse', [a, b])
}

/** `value` on the bars where `gauge` lies within the (inclusive) bounds, NaN on all others: staleness, minimum counts. */
export function keepWhere(
  value: Operand,
  gauge: Operand,
  bounds: { readonly atLeast?: number; readonly atMost?: number },
): Feature {
  // JSON has no infinity: an absent bound is the largest double.
  return feature(
    'keepWhere',
    [value, gauge],
    [bounds.atLeast ?? -Number.MAX_VALUE, bounds.atMost ?? Number.MAX_VALUE],
  )
}

const plain = (arity: number, create: () => { next(...inputs: number[]): number }): OperatorDefinition => ({
  arity,
  isStateless: true,
  create,
})

export const ARITHMETIC: Readonly<Record<string, OperatorDefinition>> = {
  add: plain(2, () => new Add()),
  sub: plain(2, () => new Subtract()),
  mul: plain(2, () => new Multiply()),
  div: { ...plain(2, () => new Divide()), isMonotone: true },
  abs: plain(1, () => new Absolute()),
  min: plain(2, () => new Smaller()),
  max: plain(2, () => new Larger()),
  greater: plain(2, () => new Greater()),
  where: plain(3, () => new Where()),
  orElse: { ...plain(2, () => new OrElse()), warmUp: (_args, inputs) => Math.min(...inputs) },
  keepWhere: {
    arity: 2,
    isStateless: true,
    bounds: (args) => ({ atLeast: args[0] as number, atMost: args[1] as number }),
    create: (args) => new KeepWhere(args[0] as number, args[1] as number),
  },
}
