import { performance } from 'node:perf_hooks'

let countsCpu = false

/**
 * From now on seconds are those that processors gave this process, all its threads together: on a machine that is busy with other work
 * they still say what work costs, though not how long it takes.
 */
export function countCpuSeconds(): void {
  countsCpu = true
}

function now(): number {
  if (!countsCpu) return performance.now() / 1000
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** What some work answers, and the seconds it took. */
export function secondsOfSync<T>(work: () => T): readonly [T, number] {
  const started = now()
  const answer = work()
  return [answer, now() - started]
}

/** By the clock on the wall, whatever else is counted: two threads at work are no faster in seconds of processors. */
export async function wallSecondsOf(work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

export async function secondsOf(work: () => unknown): Promise<number> {
  const started = now()
  await work()
  return now() - started
}
