import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import { gaussian } from '../research/gaussian.js'
import { importFile } from '../../src/store/import.js'
import { openStore } from '../../src/store/store.js'
import { baleen, baleenHere, type Answer } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-signal-'))
const signal = (...words: string[]): Promise<Answer> => baleenHere(folder, ['signal', ...words])

const LEGS = `import { close, combineLegs, defineStrategy, div, clamp, sma } from 'baleen'
export default defineStrategy({
  name: 'two-legs',
  description: '',
  params: {},
  features: () => {
    const short = clamp(div(sma(close, 3), close), 0.5, 1.5)
    const long = clamp(div(close, sma(close, 30)), 0.5, 1.5)
    const [up, down] = [clamp(div(long, 2), 0, 1), clamp(div(short, 2), 0, 1)]
    return { up, down, ...combineLegs([{ weight: 0.7, leg: up }, { weight: 0.3, leg: down }]) }
  },
  score: 'score',
  thresholds: () => ({ long: 0.51, short: 0.49 }),
})
`
const DECIDES = `import { close, defineStrategy } from 'baleen'
export default defineStrategy({ name: 'decides', description: '', params: {}, features: () => ({ close }), decide: () => 'hold' })
`

beforeAll(async () => {
  const random = xoroshiro128plus(4)
  const start = Date.UTC(2024, 0, 1)
  let price = 100
  const rows = Array.from({ length: 24 * 40 }, (_, bar) => {
    const open = price
    price = open * (1 + gaussian(random) / 100)
    return [start + bar * HOUR_MS, open, Math.max(open, price), Math.min(open, price), price, 1].join(',')
  })
  writeFileSync(join(folder, 'bars.csv'), ['time,open,high,low,close,volume', ...rows].join('\n'))
  const store = openStore(join(folder, 'data'))
  await importFile(store, { file: join(folder, 'bars.csv'), kind: 'candles', instrument: 'test:XUSD', intervalMs: HOUR_MS, now: Date.UTC(2025, 0, 1) }) // prettier-ignore
  const instrument = { id: 'test:XUSD', kind: 'spot', base: 'X', quote: 'USD', tickSize: 0, lotSize: 0, makerFee: 0.001, takerFee: 0.001, minNotional: 0 } // prettier-ignore
  writeFileSync(join(folder, 'instruments.json'), JSON.stringify([instrument]))
  writeFileSync(join(folder, 'two-legs.ts'), LEGS)
  writeFileSync(join(folder, 'decides.ts'), DECIDES)
})
afterAll(() => rmSync(folder, { recursive: true }))

it('prints tables, what luck makes of so many figures, and writes the page that was asked for', async () => {
  const answer = await signal('./two-legs.ts', '--horizons', '1,4h,1d', '--out', 'pages/two.html')
  expect([answer.code, answer.stderr]).toEqual([0, ''])
  for (const text of [
    'Information coefficient by horizon',
    '24 bars (1d)',
    'Forward return by score decile, 24 bars (1d)',
    'Turnover and costs',
    'without up',
    'After long entries',
    'Luck alone would put about',
    'Page pages/two.html',
  ])
    // prettier-ignore
    expect(answer.stdout).toContain(text)
  expect(readFileSync(join(folder, 'pages/two.html'), 'utf8')).toMatch(/^<!doctype html>/)
})

it('says the same as JSON, the same at every time, with the costs that were set and no page unasked', async () => {
  const words = ['./two-legs.ts', '--horizons', '1,24', '--focus', '1', '--fee', '0.0004', '--slippage', '2', '--shifts', '19', '--json'] // prettier-ignore
  const [first, second] = [await baleen(folder, ['signal', ...words]), await signal(...words)]
  expect(first.code).toBe(0)
  expect(first.stdout).toBe(second.stdout)
  const { study, page, strategy, synthetic } = JSON.parse(first.stdout) as {
    study: {
      horizons: number[]
      focus: number
      bars: number
      score: { turnover: { fillCost: { value: number } }; coverage: { scored: number }[]; pooling: string }
    }
    page: string
    strategy: string
    synthetic: boolean
  }
  expect([strategy, synthetic, study.horizons, study.focus, study.bars]).toEqual(['two-legs', false, [1, 24], 1, 960]) // prettier-ignore
  expect(study.score.turnover.fillCost.value).toBeCloseTo(0.0006, 12)
  // The slower average is warm with the thirtieth bar.
  expect(study.score.coverage[0]!.scored).toBe(960 - 29)
  expect(page).toBe(join(realpathSync(folder), '.baleen/pages/signal-two-legs.html'))
  expect(existsSync(page)).toBe(true)
})

it('studies the entries of rules', async () => {
  const answer = await signal('sma-cross', '--timerange', '2024-01-03..2024-02-03', '--seed', '3')
  expect(answer.code).toBe(0)
  expect(answer.stdout).toContain('After long entries')
  expect(answer.stdout).not.toContain('Information coefficient')
})

it.each([
  [['./two-legs.ts', '--horizons', '1,0'], '--horizons'],
  [['./two-legs.ts', '--horizons', '90m'], '--horizons'],
  [['./two-legs.ts', '--focus', '5'], '--focus'],
  [['./two-legs.ts', '--shifts', '5'], '--shifts'],
  [['./decides.ts'], 'decides with its position in view'],
])('refuses %j, naming what is wrong', async (words, named) => {
  const answer = await baleenHere(folder, ['signal', ...words])
  expect([answer.code, answer.stdout]).toEqual([2, ''])
  expect(answer.stderr).toContain(named)
})
