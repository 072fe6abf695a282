import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawBelow, seededRandom } from '../src/research/seeded-random.js'
import { prepareQueueGround, sweepByKilledWorkers } from '../test/cli/killed-workers.js'
import { REDIS, startRedis } from '../test/redis.js'
import type { CampaignOptions } from './options.js'

const WORKERS = 3
/** A worker dies at most so long after it has done its first job. */
const KILL_MS = 3_000
/** Trials that wait rather than work, so that three workers have something to be killed at on a small machine. */
const SIZE = { samplers: ['sobol', 'tpe'], trials: 96, generation: 32, trialMs: 60 } as const

/** Each case: three workers at a queue, one of them killed every few seconds and replaced, and all bytes against those of a sweep that nobody disturbed. */
export async function bullmqKill({ size, seed }: CampaignOptions): Promise<number> {
  if (REDIS === undefined) throw new Error('redis-server was not found')
  const root = mkdtempSync(join(tmpdir(), 'baleen-bullmq-kill-'))
  const redis = await startRedis('campaign')
  let [failed, kills] = [0, 0]
  try {
    const ground = await prepareQueueGround(root, SIZE)
    console.log(`SYNTHETIC market; sweeps of ${SIZE.trials} trials, ${SIZE.trialMs} ms each; undisturbed they take ${ground.map(({ sampler, wallMs }) => `${Math.round(wallMs)} ms (${sampler})`).join(', ')} on two threads`) // prettier-ignore
    for (let number = 0; number < size; number++) {
      const random = seededRandom(seed, number)
      const of = ground[number % ground.length]!
      const startedMs = performance.now()
      const { problem, killed } = await sweepByKilledWorkers(of, join(root, `case-${number}`), redis.url(), WORKERS, () => ({
        afterMs: drawBelow(random, KILL_MS),
        worker: drawBelow(random, WORKERS),
      })) // prettier-ignore
      kills += killed
      if (problem !== undefined) failed++
      console.log(`case ${number}: ${of.sampler}, ${killed} times a worker of ${WORKERS} killed -9 and replaced, ${((performance.now() - startedMs) / 1_000).toFixed(1)} s: ${problem ?? 'same bytes'}`) // prettier-ignore
    }
  } finally {
    await redis.kill()
    rmSync(root, { recursive: true, force: true })
  }
  console.log(`${kills} workers were killed`)
  console.log(`bullmq-kill: ${size - failed} passed, ${failed} failed`)
  return failed
}
