import { setImmediate } from 'node:timers/promises'
import type { Steps } from '../research/steps.js'

/** Nothing else waits longer for the steps, but for a single one that takes longer. */
const TURN_MS = 2

/**
 * Waits for what is under way and does steps meanwhile, in turns with all else that the process has to do; whatever is left of them is done after it, in turns too. Rejects with the error
 * of either, of the first where both fail, and not before both have ended: where the first fails, no step is begun any more.
 */
export async function meanwhile<A, B>(underWay: Promise<A>, steps: Steps<B>): Promise<readonly [A, B]> {
  let isInVain = false
  underWay.catch(() => (isInVain = true))
  const [first, second] = await Promise.allSettled([underWay, inTurns()])
  if (first.status === 'rejected') throw first.reason
  if (second.status === 'rejected') throw second.reason
  return [first.value, second.value as B]

  async function inTurns(): Promise<B | undefined> {
    while (!isInVain) {
      const endMs = performance.now() + TURN_MS
      do {
        const step = steps.next()
        if (step.done === true) return step.value
      } while (performance.now() < endMs)
      await setImmediate()
    }
    return undefined
  }
}
