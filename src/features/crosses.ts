import { type Feature, type Operand, feature } from './feature.js'
import { type OperatorDefinition, warmAfter } from './operator.js'

/**
 * When `a` crosses above `b` on a bar on which a > b:
 * - `two-bar`: the bar before had a ≤ b (the default);
 * - `strict`: the bar before had a < b, so a bar of equality swallows the cross;
 * - `was-below`: the bar before had a ≤ b, and a < b was seen since the values were last unknown, so that a cross survives
 *   bars of equality but a rise out of mere equality is none.
 */
export type CrossRule = 'two-bar' | 'strict' | 'was-below'

export const CROSS_RULES: readonly CrossRule[] = ['two-bar', 'strict', 'was-below']

/** 1 on the bar of a cross, 0 elsewhere, NaN on bars whose own or previous values are unknown. */
export class Crossing {
  /** Sign of a − b on the previous bar. */
  private before = NaN
  private wasBelow = false

  constructor(private readonly rule: CrossRule) {}

  next(a: number, b: number): number {
    const now = a > b ? 1 : a < b ? -1 : a === b ? 0 : Number.NaN
    const before = this.before
    this.before = now
    const armed = this.rule === 'was-below' ? this.wasBelow : true
    this.wasBelow = now < 0 || (now === now && this.wasBelow)
    if (now !== now || before !== before) return Number.NaN
    const came = this.rule === 'strict' ? before < 0 : before <= 0
    return now > 0 && came && armed ? 1 : 0
  }
}

/** Cross as a feature, for row functions: 1, 0 or NaN. Rules have `crossesAbove` and `crossesBelow`. Warm-up 1. */
export function crossing(a: Operand, b: Operand, rule: CrossRule = 'two-bar'): Feature {
  return feature('crossing', [a, b], [rule])
}

export const CROSSES: Readonly<Record<string, OperatorDefinition>> = {
  crossing: {
    arity: 2,
    create: (args) => new Crossing(args[0] as CrossRule),
    warmUp: (_args, inputs) => warmAfter(inputs, 1),
  },
}
