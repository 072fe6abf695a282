import { describe, expect, it } from 'vitest'
import { runningClock, steppedClock } from '../../src/loopback/clock.js'

describe('a stepped clock', () => {
  it('runs what becomes due in the order of its times, each at its own time, also what is asked for meanwhile', () => {
    const clock = steppedClock(1_000, 10_000)
    const seen: [string, number][] = []
    const see = (name: string) => () => void seen.push([name, clock.now()])
    clock.at(3_000, see('third'))
    clock.at(2_000, () => {
      see('second')()
      clock.at(2_500, see('between'))
    })
    const cancel = clock.at(2_600, see('never'))
    clock.at(2_000, see('second again'))
    cancel()
    clock.at(50_000, see('beyond the end'))
    clock.advanceTo(90_000)
    expect(seen).toEqual([['second', 2_000], ['second again', 2_000], ['between', 2_500], ['third', 3_000]]) // prettier-ignore
    expect(clock.now()).toBe(10_000)
  })

  it('is not set back', () => {
    expect(() => steppedClock(5).advanceTo(4)).toThrow('a clock is not set back')
  })
})

describe('a running clock', () => {
  it('goes as much faster than real time as it says, stands at its end, and takes speeds of its range alone', () => {
    let real = 100
    const clock = runningClock({ startMs: 0, endMs: 70_000, speed: 10_000, realNow: () => real })
    real += 5
    expect(clock.now()).toBe(50_000)
    real += 5
    expect(clock.now()).toBe(70_000)
    clock.stop()
    for (const speed of [0.5, 10_001, NaN])
      expect(() => runningClock({ startMs: 0, speed })).toThrow('must be from 1 to 10000')
  })

  it('runs what is due by itself', async () => {
    const clock = runningClock({ startMs: 0, speed: 1_000 })
    const order: number[] = []
    await new Promise<void>((resolve) => {
      clock.at(30_000, () => {
        order.push(30)
        resolve()
      })
      clock.at(10_000, () => order.push(10))
    })
    expect(order).toEqual([10, 30])
    expect(clock.now()).toBeGreaterThanOrEqual(30_000)
    clock.stop()
  })
})
