/**
 * Upper end of the one-sided 95 % interval for a probability (Clopper & Pearson 1934): the largest p under which `count` or fewer of `trials` are no rarer than
 * 5 %. By bisection of the binomial distribution function; O(count).
 */
export function upperBound(count: number, trials: number, tail: number = 0.05): number {
  if (count >= trials) return 1
  let [low, high] = [0, 1]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (cumulative(count, trials, middle) > tail) low = middle
    else high = middle
  }
  return high
}

/** P(X ≤ count) for X binomial. */
function cumulative(count: number, trials: number, chance: number): number {
  let logTerm = trials * Math.log1p(-chance)
  let sum = Math.exp(logTerm)
  for (let k = 1; k <= count; k++) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(chance) - Math.log1p(-chance)
    sum += Math.exp(logTerm)
  }
  return sum
}
