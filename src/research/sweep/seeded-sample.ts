import { uniform } from '../../market/random.js'
import { seededRandom } from '../seeded-random.js'

/**
 * At most `most` of the whole numbers below `count`, each as likely, rising; the same ones for the same seed and path (selection sampling, Fan, Muller & Rezucha
 * 1962, method 1). All of them where there are no more. O(count).
 */
export function seededSample(
  count: number,
  most: number,
  seed: number,
  ...path: readonly number[]
): readonly number[] {
  if (count <= most) return Array.from({ length: count }, (_, at) => at)
  const random = seededRandom(seed, ...path)
  const chosen: number[] = []
  for (let at = 0; at < count && chosen.length < most; at++)
    if (uniform(random) * (count - at) < most - chosen.length) chosen.push(at)
  return chosen
}
