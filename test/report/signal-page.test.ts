import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import { loadPageKit } from '../../src/jobs/page-kit.js'
import { gaussian } from '../research/gaussian.js'
import { formatValue } from '../../src/metrics/format.js'
import type { PageKit } from '../../src/report/page/index.js'
import { signalPage, type SignalColumnsOf, type SignalSummary } from '../../src/report/index.js'
import { bps } from '../../src/report/signal-tables.js'
import { thinnedRows } from '../../src/report/thinned-rows.js'
import type { StudiedInstrument } from '../../src/research/signal-input.js'
import { studySignal } from '../../src/research/signal-study.js'
import { CHROMIUM } from '../chromium.js'
import { requireComponent } from '../require.js'

const START = Date.UTC(2030, 0, 1)
const HOSTILE = `</title></style><script>window.pwned=1</script><img src="http://192.0.2.1/x.png" onerror="window.pwned=1"><svg onload="window.pwned=1">'"\``

/** An invented study: two legs, one of which leans towards the next return, on instruments of any name. */
function example(
  ids: readonly string[],
  leg: string,
): { summary: SignalSummary; columns: SignalColumnsOf[] } {
  const bars = 24 * 75
  const instruments = ids.map((id, index): StudiedInstrument => {
    const random = xoroshiro128plus(index + 1)
    const moves = Array.from({ length: bars + 1 }, () => gaussian(random) / 200)
    const open = new Float64Array(bars)
    let price = 100
    for (let bar = 0; bar < bars; bar++) open[bar] = price *= 1 + moves[bar]!
    const bounded = (value: number): number => Math.min(1, Math.max(0, value))
    const knowing = Float64Array.from(open, (_, bar) => (bar % 97 < 5 ? NaN : bounded(0.5 + 25 * (moves[bar + 2] ?? 0) + gaussian(random) / 8))) // prettier-ignore
    const idle = Float64Array.from(open, (_, bar) =>
      bounded(0.5 + Math.sin(bar / 50) / 3 + gaussian(random) / 50),
    )
    const score = knowing.map((value, bar) => 0.6 * value + 0.4 * idle[bar]!)
    const rows = (test: (value: number) => boolean): Int32Array => Int32Array.from(Array.from(score.keys()).filter((row) => test(score[row]!) && !test(score[row - 1] ?? NaN))) // prettier-ignore
    return {
      id,
      candles: { timeframeMs: HOUR_MS, openTime: open.map((_, bar) => START + bar * HOUR_MS), open, high: open, low: open, close: open, volume: open }, // prettier-ignore
      firstBar: 0,
      endBar: bars,
      settlements: undefined,
      slots: Int32Array.from(open.keys()),
      score,
      variants: [knowing, idle, idle, knowing],
      long: rows((value) => value >= 0.65),
      short: rows((value) => value < 0.35),
      costPerFill: 0.0006,
    }
  })
  const study = studySignal(instruments, {
    timeframeMs: HOUR_MS,
    horizons: [1, 4, 24, 168],
    focus: 4,
    fillAt: 'next-open',
    variants: [
      { kind: 'alone', leg, weightShare: 0.6 },
      { kind: 'alone', leg: 'idle', weightShare: 0.4 },
      { kind: 'without', leg, weightShare: 0.6 },
      { kind: 'without', leg: 'idle', weightShare: 0.4 },
    ],
    chance: (below) => 7 % below,
    shifts: 19,
  })
  return {
    summary: {
      strategy: 'example',
      preset: undefined,
      synthetic: true,
      startTime: START,
      endTime: START + bars * HOUR_MS,
      study,
      signals: [],
      data: [{ instrument: ids[0]!, feeds: 'candles', series: 'candles/x', notes: ['1,800 rows'] }],
      warnings: ['Synthetic data: invented prices.'],
      params: { fast: 3 },
      settings: [['Bars', '1h']],
      command: 'baleen signal example',
      reproduce: [['Seed', '0']],
    },
    columns: instruments.map(({ id, candles, score, variants }) => ({
      instrument: id,
      closeTime: candles.openTime.map((time) => time + HOUR_MS),
      score: score!,
      legs: [
        { leg, values: variants[0]! },
        { leg: 'idle', values: variants[1]! },
      ],
    })),
  }
}

it('thinned rows keep the extremes of every column, what is unknown, and both ends', () => {
  const wave = Float64Array.from({ length: 10_000 }, (_, row) => Math.sin(row))
  const spike = Float64Array.from({ length: 10_000 }, (_, row) => (row === 5_003 ? 9 : row === 777 ? -9 : row === 42 ? NaN : 0)) // prettier-ignore
  const rows = thinnedRows([wave, spike], 10_000, 600)
  expect(rows.length).toBeLessThanOrEqual(602)
  expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b))
  for (const row of [0, 42, 777, 5_003, 9_999]) expect(rows).toContain(row)
  expect(thinnedRows([wave], 3, 600)).toEqual([0, 1, 2])
})

requireComponent('Chromium', CHROMIUM !== undefined)('the page of a study in a real browser', () => {
  let browser: Browser
  let kit: PageKit
  const folder = mkdtempSync(join(tmpdir(), 'baleen-signal-page-'))

  beforeAll(async () => {
    kit = await loadPageKit()
    const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] // prettier-ignore
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args })
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })

  async function visit(
    text: string,
    width: number,
  ): Promise<{ page: Page; messages: string[]; requests: string[] }> {
    const path = join(folder, 'page.html')
    writeFileSync(path, text)
    const page = await browser.newPage({ viewport: { width, height: 800 } })
    const [messages, requests]: [string[], string[]] = [[], []]
    page.on('console', (message) => messages.push(message.text()))
    page.on('pageerror', (error) => messages.push(String(error)))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(pathToFileURL(path).href, { waitUntil: 'load' })
    // Charts are drawn when they come into view.
    for (const chart of await page.locator('figure:visible').all()) {
      await chart.scrollIntoViewIfNeeded()
      await expect.poll(() => chart.getAttribute('data-drawn'), { timeout: 20_000 }).toBe('true')
    }
    return { page, messages, requests }
  }

  it.each([
    ['desktop', 1280],
    ['phone', 360],
  ])('draws every chart without a message, a request or a sideways scroll: %s', async (_name, width) => {
    const { summary, columns } = example(['synthetic:A', 'synthetic:B'], 'knowing')
    const { page, messages, requests } = await visit(signalPage(kit, summary, columns), width)
    expect([messages, requests.length]).toEqual([[], 1])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    expect(await page.locator('figure:visible svg').count()).toBeGreaterThanOrEqual(5)
    expect(await page.locator('.label.loud').innerText()).toBe('SYNTHETIC DATA')
    await page.close()
  })

  it('shows the figures of the study, every one of the tables, and what is n/a with its reason', async () => {
    const { summary, columns } = example(['synthetic:A', 'synthetic:B'], 'knowing')
    const { page } = await visit(signalPage(kit, summary, columns), 1280)
    const score = summary.study.score!
    const figure = (name: string): Promise<string> => page.locator(`[data-figure="${name}"] dd`).innerText()
    const rank = score.decay[1]!.rank
    const deciles = score.deciles[1]!
    const ratio = (value: number | undefined): string => formatValue(value!, 'ratio')
    // The leg that leans towards the next return must have been found.
    expect(rank.tStatistic.value).toBeGreaterThan(3)
    expect(await figure('rank-ic')).toBe(`${ratio(rank.value.value)}\nt ${ratio(rank.tStatistic.value)}; 95 %: ${ratio(rank.lower.value)} to ${ratio(rank.upper.value)}`) // prettier-ignore
    expect(await figure('spread')).toContain(bps(deciles.topMinusBottom.value.value!))
    expect(await figure('after-costs')).toContain(bps(deciles.spreadAfterCosts.value!))
    expect(await figure('coverage')).toContain(`${formatValue(score.coverage.reduce((sum, { scored }) => sum + scored, 0), 'count')} of 3,600`) // prettier-ignore
    const cells = (section: string, heading: string): Promise<string[][]> =>
      page
        .locator(`#${section} .table`, { has: page.locator('h3', { hasText: heading }) })
        .locator('tbody tr')
        .evaluateAll((rows) =>
          rows.map((row) =>
            [...row.querySelectorAll('td')].map((cell) => cell.innerText.replaceAll('\u00a0', ' ')),
          ),
        )
    const decay = await cells('decay', 'Information coefficient by horizon')
    expect(decay.map(([, value, error, t]) => [value, error, t])).toEqual(
      score.decay.map(({ rank: one }) =>
        [one.value, one.standardError, one.tStatistic].map(({ value }) =>
          value === undefined ? 'n/a' : ratio(value),
        ),
      ),
    )
    expect(decay[3]![4]).toBe('n/a (9 of 20 stretches)')
    const byDecile = await cells('deciles', 'Forward return by score decile')
    expect(byDecile.map(([, , count, mean]) => [count, mean])).toEqual(
      deciles.buckets.map(({ mean }) => [formatValue(mean.observations, 'count'), bps(mean.value.value!)]),
    )
    const legs = await cells('legs', 'Legs')
    expect(legs.map(([name, , , value]) => [name, value])).toEqual([
      ['whole score', ratio(rank.value.value)],
      ...score.legs!.variants.map((one) => [one.kind === 'alone' ? `${one.leg} alone` : `without ${one.leg}`, ratio(one.rank.value.value)]), // prettier-ignore
    ])
    await page.close()
  })

  it('a script in any name is text', async () => {
    const { summary, columns } = example([HOSTILE, `${HOSTILE}2`], HOSTILE)
    const hostile: SignalSummary = {
      ...summary,
      strategy: HOSTILE,
      preset: HOSTILE,
      warnings: [HOSTILE],
      params: { [HOSTILE]: HOSTILE },
      command: HOSTILE,
      settings: [[HOSTILE, HOSTILE]],
      reproduce: [[HOSTILE, HOSTILE]],
      data: [{ instrument: HOSTILE, feeds: HOSTILE, series: HOSTILE, notes: [HOSTILE] }],
    }
    const { page, messages, requests } = await visit(signalPage(kit, hostile, columns), 1280)
    expect([messages, requests.length]).toEqual([[], 1])
    expect(await page.evaluate('"pwned" in window')).toBe(false)
    expect(await page.locator('h1').innerText()).toContain('<script>window.pwned=1</script>')
    await page.close()
  })
})
