import { setImmediate, setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { meanwhile } from '../../src/jobs/meanwhile.js'
import type { Steps } from '../../src/research/steps.js'

/** Steps that each take a while of this thread; tells of each. */
function* counting(steps: number, stepMs: number, onStep: (step: number) => void): Steps<number> {
  let sum = 0
  for (let step = 1; step <= steps; step++) {
    const endMs = performance.now() + stepMs
    while (performance.now() < endMs);
    onStep(step)
    sum += step
    yield
  }
  return sum
}

const failing = async (after: () => Promise<unknown>, message: string): Promise<never> => {
  await after()
  throw new Error(message)
}

describe('steps done meanwhile', () => {
  it('take turns with all else, and answer the same whichever ends first', async () => {
    const order: string[] = []
    const slow = async (): Promise<string> => {
      for (let turn = 0; turn < 3; turn++) {
        await setImmediate()
        order.push('else')
      }
      return 'done'
    }
    expect(
      await meanwhile(
        slow(),
        counting(12, 1, () => order.push('step')),
      ),
    ).toEqual(['done', 78])
    // It was let go on before the steps were at their end, and they were begun before it was at its own.
    expect(order.indexOf('else')).toBeLessThan(order.lastIndexOf('step'))
    expect(order.indexOf('step')).toBeLessThan(order.lastIndexOf('else'))
    expect(
      await meanwhile(
        setTimeout(40, 'done'),
        counting(12, 0, () => undefined),
      ),
    ).toEqual(['done', 78])
    expect(
      await meanwhile(
        Promise.resolve('done'),
        counting(0, 0, () => undefined),
      ),
    ).toEqual(['done', 0])
  })

  it('are given up where the other fails, whose error is told', async () => {
    let last = 0
    const both = meanwhile(
      failing(setImmediate, 'no window'),
      counting(10_000, 1, (step) => (last = step)),
    )
    await expect(both).rejects.toThrow('no window')
    expect(last).toBeLessThan(10_000)
    const stopped = last
    await setTimeout(10)
    expect(last).toBe(stopped)
  })

  it('that fail are told once the other has ended, whose own error goes before', async () => {
    function* broken(): Steps<never> {
      yield
      throw new Error('no trial')
    }
    let hasEnded = false
    const other = (async () => {
      await setTimeout(20)
      hasEnded = true
    })()
    await expect(meanwhile(other, broken())).rejects.toThrow('no trial')
    expect(hasEnded).toBe(true)
    const late = failing(() => setTimeout(20), 'no window')
    await expect(meanwhile(late, broken())).rejects.toThrow('no window')
  })
})
