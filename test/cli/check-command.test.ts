import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import { importFile } from '../../src/store/import.js'
import { openStore } from '../../src/store/store.js'
import { gaussian } from '../research/gaussian.js'
import { baleen, baleenHere, type Answer } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-check-'))
const check = (...words: string[]): Promise<Answer> => baleenHere(folder, ['check', ...words])

const HONEST = `import { above, below, close, defineStrategy, sma } from 'baleen'
export default defineStrategy({
  name: 'honest',
  description: '',
  params: {},
  features: () => ({ fast: sma(close, 20), slow: sma(close, 60) }),
  enterLong: (f) => above(f.fast, f.slow),
  exitLong: (f) => below(f.fast, f.slow),
})
`
const TIPSTER = `import { above, below, defineStrategy, fact } from 'baleen'
export default defineStrategy({
  name: 'tipster',
  description: '',
  params: {},
  features: () => ({ tip: fact('tips', 'mood') }),
  enterLong: (f) => above(f.tip, 0),
  exitLong: (f) => below(f.tip, 0),
})
`
const GAMBLER = `import { close, defineStrategy } from 'baleen'
export default defineStrategy({ name: 'gambler', description: '', params: {}, features: () => ({ close }), signal: () => Math.random() })
`

interface Checked {
  readonly failed: number
  readonly checks: readonly { readonly key: string; readonly outcome: string; readonly detail: string }[]
  readonly runId?: string
}
const outcomes = ({ stdout }: Answer): Record<string, string> =>
  Object.fromEntries((JSON.parse(stdout) as Checked).checks.map(({ key, outcome }) => [key, outcome]))

beforeAll(async () => {
  const random = xoroshiro128plus(4)
  const start = Date.UTC(2024, 0, 1)
  let price = 100
  const changes = Array.from({ length: 24 * 40 }, () => gaussian(random) / 100)
  const rows = changes.map((change, bar) => {
    const open = price
    price = open * (1 + change)
    return [start + bar * HOUR_MS, open, Math.max(open, price), Math.min(open, price), price, 1].join(',')
  })
  // Somebody has put down what each hour did at the hour's beginning.
  const tips = changes.map((change, bar) => `${start + bar * HOUR_MS},${change}`)
  const store = openStore(join(folder, 'data'))
  const write = (name: string, lines: readonly string[]): string => {
    writeFileSync(join(folder, name), lines.join('\n'))
    return join(folder, name)
  }
  const now = Date.UTC(2025, 0, 1)
  await importFile(store, { file: write('bars.csv', ['time,open,high,low,close,volume', ...rows]), kind: 'candles', instrument: 'test:XUSD', intervalMs: HOUR_MS, now }) // prettier-ignore
  await importFile(store, { file: write('tips.csv', ['time,mood', ...tips]), kind: 'series', name: 'tips', map: { mood: 'mood' }, knownLagMs: 0, now }) // prettier-ignore
  const instrument = { id: 'test:XUSD', kind: 'spot', base: 'X', quote: 'USD', tickSize: 0, lotSize: 0, makerFee: 0, takerFee: 0, minNotional: 0 } // prettier-ignore
  write('instruments.json', [JSON.stringify([instrument])])
  write('honest.ts', [HONEST])
  write('tipster.ts', [TIPSTER])
  write('gambler.ts', [GAMBLER])
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('baleen check STRATEGY', () => {
  it('passes what is honest, says what was looked at, and stores nothing', async () => {
    const answer = await check('./honest.ts')
    expect([answer.code, answer.stderr]).toEqual([0, ''])
    for (const text of [
      'honest, checked on test:XUSD, 1h bars',
      'passed  Determinism',
      'passed  Look-ahead: later data taken away',
      'needs at most 60 bars',
    ])
      // prettier-ignore
      expect(answer.stdout).toContain(text)
    expect(existsSync(join(folder, '.baleen'))).toBe(false)
  })

  it('catches a table that sees the next bar, by name, and exits with 4', async () => {
    const answer = await check('./tipster.ts')
    expect(answer.code).toBe(4)
    expect(answer.stdout).toMatch(/FAILED {2}Foresight[^\n]*\n +(tips\.mood|tip) of test:XUSD has a rank correlation/) // prettier-ignore
    expect(answer.stderr).toMatch(/error: [12] of 7 checks failed: .*Foresight/)
  })

  it('catches chance; the same as JSON', async () => {
    const answer = await check('./gambler.ts', '--json')
    expect(answer.code).toBe(4)
    expect(outcomes(answer)).toMatchObject({ determinism: 'failed', truncation: 'not run' })
  })

  it('says the same every time', async () => {
    const one = await baleen(folder, ['check', './honest.ts', '--json'])
    const other = await check('./honest.ts', '--json')
    expect(one.stdout).toBe(other.stdout)
  })
})

describe('baleen check RUN', () => {
  it('keeps what it found with the run, whose report and every later one show it', async () => {
    expect((await baleenHere(folder, ['backtest', './tipster.ts'])).code).toBe(0)
    const answer = await check('latest', '--json')
    expect(answer.code).toBe(4)
    const { runId = '' } = JSON.parse(answer.stdout) as Checked
    expect(runId).toMatch(/^tipster-/)
    const report = (): string => readFileSync(join(folder, '.baleen/runs', runId, 'report.html'), 'utf8')
    expect(report()).toContain('<li>A check failed. Foresight of columns and facts: ')
    const first = report()
    expect((await baleenHere(folder, ['report', 'latest'])).code).toBe(0)
    expect(report()).toBe(first)
    // The run itself is as it was.
    expect((await baleenHere(folder, ['runs', 'replay', runId])).code).toBe(0)
  })

  it('refuses options that would make it another run, and data that are no longer its own', async () => {
    const other = await check('latest', '--fee', '0.1')
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('--fee')])
    const stored = join(folder, '.baleen/runs')
    expect((await check('latest', '--data', join(stored, 'none'))).code).not.toBe(0)
    const neither = await check('nobody')
    expect([neither.code, neither.stderr]).toEqual([2, expect.stringContaining('neither a strategy nor a run')]) // prettier-ignore
  })
})

describe('baleen montecarlo RUN', () => {
  it('draws the days of a stored run, says how, and shows the bands in its report beside the checks', async () => {
    const first = await baleen(folder, ['montecarlo', 'latest', '--draws', '200', '--seed', '3', '--json'])
    expect([first.code, first.stderr]).toEqual([0, ''])
    const found = JSON.parse(first.stdout) as { runId: string; draws: number; seed: number; days: number; figures: { label: string }[] } // prettier-ignore
    expect([found.draws, found.seed, found.days, found.figures.length]).toEqual([200, 3, 40, 4])
    const again = await baleenHere(folder, [
      'montecarlo',
      'latest',
      '--draws',
      '200',
      '--seed',
      '3',
      '--json',
    ])
    expect(again.stdout).toBe(first.stdout)
    const report = readFileSync(join(folder, '.baleen/runs', found.runId, 'report.html'), 'utf8')
    for (const text of ['<h3>Monte Carlo, 200 draws', '<h3>Checks', 'lucky in every draw']) expect(report).toContain(text) // prettier-ignore
    const table = await baleenHere(folder, ['montecarlo', 'latest'])
    expect(table.stdout).toMatch(/Max drawdown, trades in other orders +[\d.]+ %/)
    const few = await baleenHere(folder, ['montecarlo', 'latest', '--draws', '10'])
    expect([few.code, few.stderr]).toEqual([2, expect.stringContaining('At least 100')])
  })
})
