import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { baleen, baleenHere, type Answer } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-simulate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const run = (...words: string[]): Promise<Answer> => baleenHere(folder, words)

const SIMULATE = ['data', 'simulate', '--days', '40', '--seed', '7', '--instruments', '2', '--edge', '0.05']
let made: Answer

beforeAll(async () => {
  made = await baleen(folder, SIMULATE)
}, 240_000)

it('makes a synthetic market in the data folder, says what it made and that it is invented', () => {
  expect(made.code, made.stderr).toBe(0)
  expect(made.stderr).toMatch(/SYNTHETIC market, seed 7, edge 0.05/)
  expect(made.stdout).toMatch(/candles\/synthetic:BTCUSDT-PERP@1h\s+960 /)
  expect(made.stdout).toMatch(/whale-positions\/synthetic:biggest/)
  expect(made.stdout).toMatch(/SYNTHETIC DATA: invented prices/)
  expect(existsSync(join(folder, 'data/instruments.json'))).toBe(true)
})

it('can be backtested with nothing but its name, as the command says', async () => {
  const next = made.stdout.split('\n').find((line) => /^ {2}(npx )?baleen /.test(line))
  const words = /baleen (backtest smart-money -i synthetic:BTCUSDT-PERP)$/.exec(next ?? '')?.[1] ?? ''
  const answer = await run(...words.split(' '))
  expect(answer.code, answer.stderr).toBe(0)
  expect(answer.stdout).toMatch(/Synthetic data: invented prices and facts/)
  // All of them, where the workspace has no instruments file of its own.
  const all = await run('backtest', 'sma-cross')
  expect(all.stdout).toMatch(/synthetic:ETHUSDT-PERP/)
  // One's own file goes first, and what it does not list is looked for in the data folder.
  const own = { id: 'x:AUSD', kind: 'spot', base: 'A', quote: 'USD', tickSize: 0, lotSize: 0, makerFee: 0, takerFee: 0 } // prettier-ignore
  writeFileSync(join(folder, 'instruments.json'), JSON.stringify([own]))
  expect((await run('backtest', 'sma-cross', '-i', 'synthetic:ETHUSDT-PERP')).code).toBe(0)
  const unknown = await run('backtest', 'sma-cross', '-i', 'synthetic:NONE')
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/x:AUSD, synthetic:BTCUSDT-PERP/)])
}, 240_000)

it('answers in JSON, leaves the same market alone, and asks before it replaces another', async () => {
  const again = await run('--json', ...SIMULATE)
  const answer = JSON.parse(again.stdout) as { synthetic: boolean; isUnchanged: boolean; series: object[] }
  expect([answer.synthetic, answer.isUnchanged, answer.series.length]).toEqual([true, true, 11])
  const other = ['data', 'simulate', '--days', '3', '--timeframe', '15m', '--instruments', 'synthetic:ALT07USDT-PERP', '--gaps', '--drift', '0.2'] // prettier-ignore
  const refused = await run(...other)
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/another synthetic market.*--yes/),
  ])
  const replaced = await run(...other, '--yes')
  expect(replaced.code, replaced.stderr).toBe(0)
  expect(replaced.stdout).toMatch(/backtest smart-money -i synthetic:ALT07USDT-PERP --timeframe 15m/)
  const list = await run('--json', 'data', 'list')
  const { series } = JSON.parse(list.stdout) as { series: Record<string, { flags: string[] }> }
  expect(Object.keys(series)).toHaveLength(6)
  expect(Object.values(series).every(({ flags }) => flags.includes('synthetic'))).toBe(true)
}, 240_000)

it('names the option that it cannot take', async () => {
  for (const [words, wanted] of [
    [['--days', '0'], /days/],
    [['--edge', '1'], /edge/],
    [['--timeframe', '7h'], /timeframe/],
    [['--instruments', 'binance:BTCUSDT'], /no such invented instrument/],
    [['--from', 'yesterday'], /2024-01-01/],
  ] as const) {
    const answer = await run('--data', 'none', 'data', 'simulate', ...words)
    expect([answer.code, answer.stderr]).toEqual([2, expect.stringMatching(wanted)])
  }
  expect(existsSync(join(folder, 'none'))).toBe(false)
}, 240_000)
