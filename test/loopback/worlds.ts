import { HOUR_MS } from '../../src/core/time.js'
import { steppedClock, type SteppedClock } from '../../src/loopback/clock.js'
import { parseFaultPlan } from '../../src/loopback/faults/plan.js'
import { serveLoopback, type Loopback } from '../../src/loopback/server.js'
import { simulatedWorld } from '../../src/loopback/simulated-world.js'
import type { World } from '../../src/loopback/world.js'

/** Four days of three invented perpetuals, made once a file of tests. */
export const WORLD: World = simulatedWorld({ days: 4, seed: 11 })
export const START: number = WORLD.startTime

/** Two days and 10 h 20 min 30 s in: inside candles of every interval. */
export const MIDDLE: number = START + 58 * HOUR_MS + 20 * 60_000 + 30_000

export interface Served extends Loopback {
  readonly clock: SteppedClock
}

/** A world on a clock that the test moves, with faults as a file would have them. */
export async function served(
  rules: readonly object[] = [],
  startMs: number = MIDDLE,
  world: World = WORLD,
): Promise<Served> {
  // prettier-ignore
  const clock = steppedClock(startMs, world.endTime)
  const faults = parseFaultPlan({ seed: 5, rules })
  return { ...(await serveLoopback({ world, clock, faults })), clock }
}

export async function json(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: never; headers: Headers }> {
  // prettier-ignore
  const response = await fetch(url, { headers })
  return { status: response.status, body: (await response.json()) as never, headers: response.headers }
}
