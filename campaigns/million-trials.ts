import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { baleen } from '../test/cli/run-cli.js'
import type { CampaignOptions } from './options.js'
import { watchedSweep, type WatchedSweep } from './sweeps/watched-sweep.js'

/** 17,520 hourly bars. */
const DAYS = 730
/** Memory in the second half of the trials, by that in the second quarter, at most: what grows with trials would have doubled. */
const MOST_GROWTH = 1.25

/** The shipped sma-cross, with lengths enough for millions of different trials. */
const STRATEGY = `import { close, crossesAbove, crossesBelow, defineStrategy, int, sma } from 'baleen'

export default defineStrategy({
  name: 'sma-cross-wide',
  description: 'sma-cross over a wider range.',
  params: { fast: int(2, 20, 1000), slow: int(3, 50, 2000) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, p.slow) }),
  enterLong: (f) => crossesAbove(f.fast, f.slow),
  exitLong: (f) => crossesBelow(f.fast, f.slow),
})
`

/** One sweep of `size` trials of a crossing of two averages over two years of hours, with its verdict; passes where it ends, and its memory does not grow with its trials. */
export async function millionTrials({ size, seed }: CampaignOptions): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'baleen-million-'))
  try {
    const made = await baleen(root, ['data', 'simulate', '--days', String(DAYS), '--seed', String(seed), '--instruments', '1']) // prettier-ignore
    if (made.code !== 0) throw new Error(made.stderr)
    writeFileSync(join(root, 'wide.ts'), STRATEGY)
    const sweep = await watchedSweep(root, ['./wide.ts', '--sampler', 'sobol', '--trials', String(size), '--generation', String(Math.max(1, Math.min(5_000, Math.floor(size / 20)))), '--constraint', 'fast<slow', '--random-entry', 'never']) // prettier-ignore
    const growth = growthOf(sweep, size)
    const mostOf = (memory: WatchedSweep['memory']): string => Math.max(...memory.map(({ megabytes }) => megabytes)).toFixed(0) // prettier-ignore
    const [running, judging] = [true, false].map((runs) => mostOf(sweep.memory.filter(({ trials }) => trials <= size === runs))) // prettier-ignore
    console.log(`SYNTHETIC market; ${size} trials and their verdict (${sweep.verdict?.verdict ?? 'none'}) in ${sweep.seconds.toFixed(0)} s`) // prettier-ignore
    console.log(sweep.took)
    console.log(`memory at most ${running} MB while trials run and ${judging} MB while they are judged and shown; in the second half of the trials ${growth.toFixed(2)} times that of the second quarter, at most ${MOST_GROWTH} is asked`) // prettier-ignore
    const failed = (sweep.verdict === undefined ? 1 : 0) + (growth <= MOST_GROWTH ? 0 : 1)
    console.log(`million-trials: ${2 - failed} passed, ${failed} failed`)
    return failed
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** NaN, which does not pass, where the trials were over before memory was looked at often enough. */
function growthOf({ memory }: WatchedSweep, trials: number): number {
  const mostIn = (from: number, to: number): number => {
    const of = memory.filter((at) => at.trials > from * trials && at.trials <= to * trials)
    return of.length === 0 ? NaN : Math.max(...of.map(({ megabytes }) => megabytes))
  }
  return mostIn(0.5, 1) / mostIn(0.25, 0.5)
}
