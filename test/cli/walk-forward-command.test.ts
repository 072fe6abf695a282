import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DAY_MS } from '../../src/core/time.js'
import { importFile } from '../../src/store/import.js'
import { openStore } from '../../src/store/store.js'
import { random } from '../features/candles.js'
import { PageBrowser } from '../report/browser.js'
import { CHROMIUM } from '../chromium.js'
import { requireComponent } from '../require.js'
import { baleen, baleenHere, type Answer } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-walks-'))
const words = (...more: string[]): string[] =>
  ['walkforward', 'sma-cross', '--timeframe', '4h', '--train', '60d', '--test', '30d', '--jobs', '1', ...more] // prettier-ignore
const walk = (...more: string[]): Promise<Answer> => baleenHere(folder, words(...more))
const SEARCH = ['-p', 'fast=4:12:4', '-p', 'slow=20:40:20', '--sampler', 'grid']

beforeAll(async () => {
  const next = random(3)
  const start = Date.UTC(2024, 0, 1)
  let price = 100
  const rows = Array.from({ length: 250 * 6 }, (_, bar) => {
    const open = price
    price *= 1 + (next() - 0.5) * 0.04
    return [start + (bar * DAY_MS) / 6, open, Math.max(open, price), Math.min(open, price), price, 1].join()
  })
  writeFileSync(join(folder, 'bars.csv'), ['time,open,high,low,close,volume', ...rows].join('\n'))
  await importFile(openStore(join(folder, 'data')), { file: join(folder, 'bars.csv'), kind: 'candles', instrument: 'test:XUSD', intervalMs: DAY_MS / 6, now: Date.UTC(2025, 0, 1) }) // prettier-ignore
  const instrument = { id: 'test:XUSD', kind: 'spot', base: 'X', quote: 'USD', tickSize: 0, lotSize: 0, makerFee: 0.001, takerFee: 0.001, minNotional: 0 } // prettier-ignore
  writeFileSync(join(folder, 'instruments.json'), JSON.stringify([instrument]))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Walked {
  readonly id: string
  readonly folder: string
  readonly page: string
  readonly existed: boolean
  readonly verdict: string
  readonly windows: readonly { readonly params: object; readonly tried: number }[]
}

it('prints windows, choices and a verdict in words, and stores the same analysis once', async () => {
  const answer = await baleen(folder, words(...SEARCH))
  expect([answer.code, answer.stderr]).toEqual([0, ''])
  for (const text of [
    'fast=4:12:4, slow=20:40:20',
    'Tested on',
    'Chosen params',
    'Efficiency, out of sample over in sample',
    'rolling',
  ])
    // prettier-ignore
    expect(answer.stdout).toContain(text)
  expect(answer.stdout).toMatch(/\n(Held up|Did not hold up|Not judged): /)
  const again = JSON.parse((await walk(...SEARCH, '--json')).stdout) as Walked
  expect(again.existed).toBe(true)
  expect(again.windows.map(({ tried }) => tried)).toEqual(Array(6).fill(6))
  expect(readdirSync(again.folder.startsWith('/') ? again.folder : join(folder, again.folder)).sort()).toEqual(['created.json', 'report.html', 'source', 'walkforward.json']) // prettier-ignore
  expect(readdirSync(join(folder, '.baleen/walkforwards'))).toEqual([again.id])
})

it('says of a part of a grid how many points it has, and that the seed draws them', async () => {
  const answer = await walk('-p', 'fast=4:12:4', '-p', 'slow=20:40:20', '--sampler', 'grid', '--trials', '3', '--seed', '2')
  expect([answer.code, answer.stderr]).toEqual([0, ''])
  expect(answer.stdout).toMatch(/Sampler +grid, 3 of its 6 points, drawn by the seed, the same ones in every window, 18 in all, seed 2/)
}) // prettier-ignore

requireComponent('Chromium', CHROMIUM !== undefined)('the page of a walk-forward analysis', () => {
  it('draws without a message, a request or a sideways scroll', async () => {
    const [id = ''] = readdirSync(join(folder, '.baleen/walkforwards'))
    const html = readFileSync(join(folder, '.baleen/walkforwards', id, 'report.html'), 'utf8')
    const browser = await PageBrowser.start()
    try {
      for (const width of [1280, 390]) {
        const { page, messages, requests } = await browser.visit(html, { width, colorScheme: 'dark' })
        await PageBrowser.drawAll(page)
        expect(messages).toEqual([])
        expect(requests).toHaveLength(1)
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
        expect(await page.locator('.vega-chart svg').count()).toBe(3)
      }
    } finally {
      await browser.close()
    }
  })
})

it.each([
  [['--windows', '9'], '--windows'],
  [['--sampler', 'luck'], '--sampler'],
  [['--objective', 'fun'], '--objective'],
  [['--anchored', '--rolling'], '--anchored'],
  [['--test', '36h'], '--test'],
  [['--detail', '1m'], '--detail'],
  [['-p', 'nothing=1:2'], 'nothing'],
])('refuses %j, naming what is wrong', async (more, named) => {
  const answer = await baleenHere(folder, words(...more))
  expect([answer.code, answer.stdout]).toEqual([2, ''])
  expect(answer.stderr).toContain(named)
  expect(existsSync(join(folder, '.baleen/walkforwards'))).toBe(true)
})
