import { Crossing } from '../features/crosses.js'
import type { Feature, Operand } from '../features/feature.js'
import type { Rule } from './rules.js'

/** Truth of a rule on the newest bar: 1, 0, or NaN for unknown. Must be asked once on every bar, since crosses remember one. */
export type RuleTruth = () => number

/** The same rule bar by bar, as a session asks it. `valueOf` reads a feature's value on the newest bar. */
export function ruleTruth(rule: Rule, valueOf: (feature: Feature) => () => number): RuleTruth {
  const read = (operand: Operand): (() => number) =>
    typeof operand === 'number' ? () => operand : valueOf(operand)
  switch (rule.kind) {
    case 'compare': {
      const left = read(rule.left)
      const right = read(rule.right)
      return rule.test === '>' ? () => greater(left(), right()) : () => 1 - greater(right(), left())
    }
    case 'cross': {
      const crossing = new Crossing(rule.rule)
      const left = read(rule.left)
      const right = read(rule.right)
      return () => crossing.next(left(), right())
    }
    case 'known': {
      const value = read(rule.of)
      return () => (Number.isNaN(value()) ? 0 : 1)
    }
    case 'not': {
      const inner = ruleTruth(rule.rule, valueOf)
      return () => 1 - inner()
    }
    case 'and':
    case 'or':
      return decided(
        rule.rules.map((inner) => ruleTruth(inner, valueOf)),
        rule.kind === 'and' ? 0 : 1,
      )
  }
}

function greater(a: number, b: number): number {
  return a > b ? 1 : a <= b ? 0 : Number.NaN
}

/** One part with the deciding truth decides; else an unknown part leaves it unknown; else the opposite. */
function decided(parts: readonly RuleTruth[], deciding: 0 | 1): RuleTruth {
  return () => {
    let truth: number = 1 - deciding
    for (const part of parts) {
      const value = part()
      if (value === deciding) truth = deciding
      else if (value !== value && truth !== deciding) truth = NaN
    }
    return truth
  }
}
