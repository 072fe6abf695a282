/**
 * A number, or why there is none: too few observations, zero deviation, no losing trade, … Never NaN, never an infinity
 * and never a silent 0. Survives JSON: an undefined statistic is written as `{ "reason": … }`.
 */
export type Statistic = { readonly value: number } | { readonly value?: undefined; readonly reason: string }

/** Wraps a finite number (−0 as 0). A NaN or infinity becomes n/a: only overflow or bad input can have made it here. */
export function known(value: number): Statistic {
  return Number.isFinite(value) ? { value: value + 0 } : unknown('the result is not a finite number')
}

export function unknown(reason: string): Statistic {
  return { reason }
}

/** `numerator / denominator`, or n/a with the given reason where the denominator is 0. */
export function quotient(numerator: number, denominator: number, reasonIfZero: string): Statistic {
  return denominator === 0 ? unknown(reasonIfZero) : known(numerator / denominator)
}

/** Applies a function to the number; n/a stays n/a for the same reason. */
export function derive(statistic: Statistic, compute: (value: number) => number | Statistic): Statistic {
  if (statistic.value === undefined) return statistic
  const result = compute(statistic.value)
  return typeof result === 'number' ? known(result) : result
}

/** Applies a function to two numbers; the first n/a wins. */
export function combine(
  first: Statistic,
  second: Statistic,
  compute: (first: number, second: number) => number | Statistic,
): Statistic {
  return derive(first, (a) => derive(second, (b) => compute(a, b)))
}

/** The reason why a series is too short, or undefined where it is long enough. */
export function tooFew(
  observations: number,
  needed: number,
  what: string = 'returns',
): Statistic | undefined {
  return observations < needed ? unknown(`${observations} ${what}, at least ${needed} needed`) : undefined
}
