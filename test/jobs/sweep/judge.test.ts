import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { stableJson } from '../../../src/jobs/json.js'
import { resultOf } from '../../../src/jobs/sweep/judge.js'
import { runSweep } from '../../../src/jobs/sweep/run-sweep.js'
import { readSweep } from '../../../src/jobs/sweep/sweep-store.js'
import { TrialWorkers } from '../../../src/jobs/trial-workers.js'
import { sweepBench } from './sweep-bench.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-judge-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Threads that think before they begin. */
class SlowWorkers extends TrialWorkers {
  constructor(private readonly delayMs: number) {
    super(1)
  }

  override async run(...[options, onOutcome]: Parameters<TrialWorkers['run']>): Promise<void> {
    await setTimeout(this.delayMs)
    await super.run(options, onOutcome)
  }
}

it('a sweep is judged the same whether luck or the walk-forward is done first, and stages say what is under way', async () => {
  const bench = await sweepBench(root)
  const prepared = await bench.prepared(bench.asked('sobol'), await bench.imported(5, 300))
  const stages = async (workers: TrialWorkers) => {
    const told: string[] = []
    const result = await resultOf(prepared, rows, ledger, { workers, randomEntry: 'never', onStage: (stage) => void told.push(stage) }) // prettier-ignore
    await workers.close()
    return { told, result }
  }
  const { sweep, result: expected } = await runSweep(prepared, bench.options(bench.place(), { randomEntry: 'never' })) // prettier-ignore
  const { ledger } = expected
  const { rows } = await readSweep(sweep.folder)
  expect(expected.walkForward).toHaveProperty('windows')
  expect(expected.judgement?.assessed).toBeGreaterThan(20)

  const slow = await stages(new SlowWorkers(150))
  expect(stableJson(slow.result)).toBe(stableJson(expected))
  // Luck is long measured as the last window begins.
  expect(slow.told).toContainEqual(expect.stringMatching(/^walking forward and measuring luck, window 1 of/))
  expect(slow.told.filter((stage) => stage.startsWith('walking')).at(-1)).toMatch(/^walking forward, window (\d+) of \1$/)
  expect(slow.told).not.toContain('measuring luck')
}) // prettier-ignore

it('where there are too few days to walk, luck is measured all the same, and said so', async () => {
  const bench = await sweepBench(root)
  const prepared = await bench.prepared(bench.asked('sobol'))
  const told: string[] = []
  const { result } = await runSweep(prepared, bench.options(bench.place(), { randomEntry: 'never', onStage: (stage) => void told.push(stage) })) // prettier-ignore
  expect(result.walkForward).toHaveProperty('reason')
  expect(result.judgement?.assessment.days).toBeGreaterThan(50)
  expect(told.slice(-2)).toEqual(['measuring luck', 'measuring years and instruments'])
})
