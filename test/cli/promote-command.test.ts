import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baleenHere, type Answer } from './run-cli.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-promote-'))
const folder = join(root, 'work')
const key = ['--key', join(root, 'keys')]
const HONEST = `import { above, below, close, defineStrategy, int, sma } from 'baleen'
export default defineStrategy({
  name: 'honest',
  description: '',
  params: { fast: int(2, 5, 20) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, 40) }),
  enterLong: (f) => above(f.fast, f.slow),
  exitLong: (f) => below(f.fast, f.slow),
})
`
const GAMBLER = `import { close, defineStrategy } from 'baleen'
export default defineStrategy({ name: 'gambler', description: '', params: {}, features: () => ({ close }), signal: () => Math.random() })
`

const baleen = (...words: string[]): Promise<Answer> => baleenHere(folder, words)
const promote = (...words: string[]): Promise<Answer> => baleen('promote', ...words, ...key)

interface Promoted {
  readonly runId: string
  readonly isPromoted: boolean
  readonly stages: readonly { readonly stage: string; readonly gates: readonly { readonly key: string; readonly isPassed: boolean; readonly because?: string }[] }[]
  readonly promotion?: { readonly stage: string; readonly hashes: Readonly<Record<string, string>> }
} // prettier-ignore
const parsed = ({ stdout }: Answer): Promoted => JSON.parse(stdout) as Promoted

beforeAll(async () => {
  mkdirSync(folder)
  writeFileSync(join(folder, 'honest.ts'), HONEST)
  writeFileSync(join(folder, 'gambler.ts'), GAMBLER)
  await baleen('data', 'simulate', '--days', '50', '--instruments', '1', '--seed', '2')
  await baleen('backtest', './honest.ts', '--no-sensitivity')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('promote', () => {
  it('signs a record of an honest run for paper, and says what is short of real money', async () => {
    const answer = await promote('latest', '--to', 'paper', '--json')
    expect(answer.code).toBe(0)
    const { isPromoted, promotion, stages } = parsed(answer)
    expect(isPromoted).toBe(true)
    expect(Object.keys(promotion!.hashes).sort()).toEqual(['data', 'decision', 'dependencies', 'evidence', 'limits', 'other', 'params']) // prettier-ignore
    const small = stages.find(({ stage }) => stage === 'small')!.gates.filter(({ isPassed }) => !isPassed)
    expect(small.map(({ key: gate }) => gate)).toEqual(expect.arrayContaining(['real-data', 'believed', 'backtest-days', 'paper-days'])) // prettier-ignore
    expect(readFileSync(join(folder, '.baleen/promotions/promotions.jsonl'), 'utf8').split('\n')).toHaveLength(2) // prettier-ignore
  })

  it('prints every gate and refuses a step whose gates are shut, writing nothing', async () => {
    const answer = await promote('latest', '--to', 'small')
    expect(answer.code).toBe(4)
    expect(answer.stdout).toMatch(/To small it does not pass because\n {2}- the data are invented/)
    expect(answer.stdout).toContain('To full it would not pass because')
    expect(answer.stdout).toContain('SYNTHETIC DATA')
    expect(answer.stderr).toMatch(/not promoted to small: \d+ of \d+ gates are shut/)
    expect(readFileSync(join(folder, '.baleen/promotions/promotions.jsonl'), 'utf8').split('\n')).toHaveLength(2) // prettier-ignore
  })

  it('carries a promotion over where every byte comes out the same', async () => {
    const answer = await promote('latest', '--carry-over')
    expect(answer.code).toBe(0)
    expect(answer.stdout).toContain('every byte of run honest-')
    expect(readFileSync(join(folder, '.baleen/promotions/promotions.jsonl'), 'utf8').split('\n')).toHaveLength(3) // prettier-ignore
  })

  it('refuses a run whose strategy is no longer what it was, to the last byte', async () => {
    writeFileSync(join(folder, 'honest.ts'), HONEST.replace("description: ''", "description: ' '"))
    for (const words of [['--to', 'paper'], ['--carry-over']]) {
      const answer = await promote('latest', ...words)
      expect(answer.code).not.toBe(0)
      expect(answer.stderr).toMatch(/code that decides/)
    }
    writeFileSync(join(folder, 'honest.ts'), HONEST)
  })

  it('keeps a strategy that is not the same twice off paper', async () => {
    await baleen('backtest', './gambler.ts', '--no-sensitivity')
    const answer = await promote('latest', '--to', 'paper', '--json')
    expect(answer.code).toBe(4)
    const { isPromoted, stages } = parsed(answer)
    expect(isPromoted).toBe(false)
    expect(stages[0]!.gates.find(({ key: gate }) => gate === 'determinism')?.isPassed).toBe(false)
  })

  it('says what it wants where it is asked for too much or too little', async () => {
    expect((await promote('latest')).stderr).toContain('name the stage')
    expect((await promote('latest', '--to', 'moon')).code).toBe(2)
    expect((await promote('latest', '--to', 'paper', '--carry-over')).stderr).toContain('either --to or --carry-over') // prettier-ignore
    expect((await promote('nothing', '--to', 'paper')).stderr).toContain('there is no such run')
  })
})
