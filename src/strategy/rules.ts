import { ConfigError } from '../core/errors.js'
import { CROSS_RULES, type CrossRule } from '../features/crosses.js'
import type { Feature, Operand } from '../features/feature.js'

/**
 * A condition on one bar's features, as data. It is true, false or unknown: a comparison with an unknown value is unknown, and so is
 * its `not`. `and` is false where one part is false, true where all are true; `or` mirrors it (Kleene 1952). Only true acts.
 */
export type Rule =
  | { readonly kind: 'compare'; readonly test: '>' | '>='; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'cross'; readonly rule: CrossRule; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'known'; readonly of: Feature }
  | { readonly kind: 'and' | 'or'; readonly rules: readonly Rule[] }
  | { readonly kind: 'not'; readonly rule: Rule }

function checked(operand: Operand): Operand {
  if (typeof operand === 'number' && !Number.isFinite(operand)) {
    throw new ConfigError('a rule compares with finite numbers', { field: 'rule', value: operand })
  }
  return operand
}

function compare(test: '>' | '>=', left: Operand, right: Operand): Rule {
  if (typeof left === 'number' && typeof right === 'number') {
    throw new ConfigError('a rule compares at least one feature', {
      field: 'rule',
      value: `${left} ${test} ${right}`,
    })
  }
  return { kind: 'compare', test, left: checked(left), right: checked(right) }
}

/** a > b. */
export function above(a: Operand, b: Operand): Rule {
  return compare('>', a, b)
}

/** a < b. */
export function below(a: Operand, b: Operand): Rule {
  return compare('>', b, a)
}

/** a ≥ b. */
export function atLeast(a: Operand, b: Operand): Rule {
  return compare('>=', a, b)
}

/** a ≤ b. */
export function atMost(a: Operand, b: Operand): Rule {
  return compare('>=', b, a)
}

/** lowest ≤ a ≤ highest. */
export function between(a: Operand, lowest: Operand, highest: Operand): Rule {
  return and(atLeast(a, lowest), atMost(a, highest))
}

/**
 * a rises above b on this very bar: see CrossRule for what the bars before must have been. Unknown where this bar or the one before
 * is unknown.
 */
export function crossesAbove(a: Operand, b: Operand, rule: CrossRule = 'two-bar'): Rule {
  if (!CROSS_RULES.includes(rule))
    throw new ConfigError(`must be one of ${CROSS_RULES.join(', ')}`, { field: 'cross rule', value: rule })
  compare('>', a, b)
  return { kind: 'cross', rule, left: a, right: b }
}

/** a falls below b on this very bar: the mirror image. */
export function crossesBelow(a: Operand, b: Operand, rule: CrossRule = 'two-bar'): Rule {
  return crossesAbove(b, a, rule)
}

/** True where the feature has a value, false where not; never unknown. */
export function known(of: Feature): Rule {
  return { kind: 'known', of }
}

/** True where the feature has no value. */
export function unknown(of: Feature): Rule {
  return not(known(of))
}

/** All of them; of none: true. */
export function and(...rules: readonly Rule[]): Rule {
  return { kind: 'and', rules }
}

/** Any of them; of none: false. */
export function or(...rules: readonly Rule[]): Rule {
  return { kind: 'or', rules }
}

/** True where the rule is false; unknown where it is unknown. */
export function not(rule: Rule): Rule {
  return { kind: 'not', rule }
}

/** Adds every feature that a rule reads to a list, but for one that stands for something else. */
export function addRuleFeatures(rule: Rule, to: Feature[], except: Feature): void {
  switch (rule.kind) {
    case 'compare':
    case 'cross':
      if (typeof rule.left !== 'number' && rule.left !== except) to.push(rule.left)
      if (typeof rule.right !== 'number' && rule.right !== except) to.push(rule.right)
      return
    case 'known':
      if (rule.of !== except) to.push(rule.of)
      return
    case 'not':
      addRuleFeatures(rule.rule, to, except)
      return
    case 'and':
    case 'or':
      for (const part of rule.rules) addRuleFeatures(part, to, except)
  }
}
