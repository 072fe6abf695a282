/** A whole number from 0 up to and excluding `below`, each as likely. */
export type Chance = (below: number) => number

/**
 * Orders of the numbers 0 to `count` − 1, all distinct, the rising one first: all of them where there are at most `most`, else that many,
 * drawn by chance. O(most · count).
 */
export function permutations(count: number, most: number, chance: Chance): readonly (readonly number[])[] {
  const rising = Array.from({ length: count }, (_, at) => at)
  let all = 1
  for (let factor = 2; factor <= count && all <= most; factor++) all *= factor
  if (all <= most) return everyOrder(rising)
  const found = new Map([[rising.join(), rising]])
  while (found.size < most) {
    const drawn = shuffled(rising, chance)
    found.set(drawn.join(), drawn)
  }
  return [...found.values()]
}

function everyOrder(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((first) =>
    everyOrder(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  )
}

/** Another order of the items, each as likely: Fisher and Yates's shuffle. */
export function shuffled(items: readonly number[], chance: Chance): number[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const at = chance(last + 1)
    ;[order[last], order[at]] = [order[at] as number, order[last] as number]
  }
  return order
}
