import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killedSweep, prepareKillGround } from '../test/cli/killed-sweep.js'
import { drawBelow, seededRandom } from '../src/research/seeded-random.js'
import type { CampaignOptions } from './options.js'

/** Each case: a sampler, some kills after random times, a resumption to the end, and all bytes against those of a sweep that nobody disturbed; until `size` kills have struck. */
export async function sweepKill({ size, seed }: CampaignOptions): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'baleen-sweep-kill-'))
  let [failed, cases, struck] = [0, 0, 0]
  try {
    const ground = await prepareKillGround(root)
    console.log(`SYNTHETIC market; undisturbed sweeps take ${ground.map(({ sampler, wallMs }) => `${Math.round(wallMs)} ms (${sampler})`).join(', ')}`) // prettier-ignore
    for (; struck < size; cases++) {
      const number = cases
      const random = seededRandom(seed, number)
      const of = ground[drawBelow(random, ground.length)]!
      const kills = Array.from({ length: 1 + drawBelow(random, 3) }, () =>
        drawBelow(random, Math.ceil(of.wallMs)),
      )
      const { problem, killed } = await killedSweep(
        of,
        join(root, `case-${number}`),
        kills,
        1 + drawBelow(random, 2),
      )
      struck += killed
      if (problem !== undefined) failed++
      console.log(`case ${number}: ${of.sampler}, kill -9 after ${kills.join(', ')} ms (${killed} struck): ${problem ?? 'same bytes'}`) // prettier-ignore
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  console.log(`${struck} kills struck`)
  console.log(`sweep-kill: ${cases - failed} passed, ${failed} failed`)
  return failed
}
