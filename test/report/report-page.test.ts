import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExitReason } from '../../src/core/orders.js'
import { loadPageKit } from '../../src/jobs/page-kit.js'
import { formatValue } from '../../src/metrics/index.js'
import type { PageKit } from '../../src/report/page/index.js'
import { reportPage, type ReportExtras } from '../../src/report/index.js'
import { CHROMIUM } from '../chromium.js'
import { requireComponent } from '../require.js'
import { PageBrowser } from './browser.js'
import { exampleResult, exampleSummary, type ExampleChanges } from './example.js'

const HOSTILE = [
  `</title></style></script><script>window.pwned=1</script>`,
  `<img src="http://192.0.2.1/x.png" onerror="window.pwned=1">`,
  `'"><svg onload="window.pwned=1">`,
  '${window.pwned=1}`',
  `<!--<script>]]>&lt;&#60;`,
  `javascript:window.pwned=1`,
  `"+(window.pwned=1)+"`,
  `{{window.pwned=1}}`,
] as const

/** A run of which every name is an attack, some 2,000 of them. */
function hostileChanges(): ExampleChanges {
  const name = (index: number): string => `${HOSTILE[index % HOSTILE.length]!}#${index}`
  const names = (count: number, from: number): string[] => Array.from({ length: count }, (_, index) => name(from + index)) // prettier-ignore
  const example = exampleResult()
  const ids = names(10, 0)
  const trades = Array.from({ length: 600 }, (_, index) => ({
    ...example.trades[index % example.trades.length]!,
    id: index + 1,
    instrumentId: ids[index % ids.length]!,
    exitReason: name(index + 100) as ExitReason,
  }))
  const result = exampleResult({
    params: Object.fromEntries(names(300, 1000).map((text) => [text, text])),
    trades,
    instruments: ids.map((id) => ({ ...example.instruments[0]!, id })),
  })
  return {
    result,
    runId: name(1),
    strategy: name(2),
    preset: name(3),
    warnings: names(200, 2000),
    data: names(100, 3000).map((text) => ({ instrument: text, feeds: text, series: text, notes: [text] })),
    settings: names(100, 4000).map((text) => [text, text]),
    reproduce: names(100, 5000).map((text) => [text, text]),
    inputs: names(20, 6000).join('\n'),
    signals: ids.map((instrument) => ({ ...exampleSummary().signals[0]!, instrument, legs: [{ leg: name(7), present: 1, active: 1, lowest: 0, highest: 1, facts: [] }] })), // prettier-ignore
    sensitivity: {
      undecidedShare: { reason: name(4) },
      pessimistic: { reason: name(5) },
      optimistic: { finalEquity: 1, totalReturn: 0.1, trades: 1 },
      costs: [{ factor: 1, outcome: { reason: name(6) } }],
      oneBarLate: { reason: name(7) },
      shuffledIds: { reason: name(8) },
    },
    extras: { checks: { checks: names(50, 7000).map((text) => ({ name: text, outcome: 'failed' as const, detail: text })) } }, // prettier-ignore
  }
}

let kit: PageKit
beforeAll(async () => void (kit = await loadPageKit()))

requireComponent('Chromium', CHROMIUM !== undefined)('the report in a real browser', () => {
  let browser: PageBrowser
  beforeAll(async () => void (browser = await PageBrowser.start()))
  afterAll(() => browser?.close())

  it.each([
    ['desktop', 1280],
    ['phone', 375],
  ])('draws everything without a message, a request or a sideways scroll: %s', async (_name, width) => {
    const { page, messages, requests } = await browser.visit(reportPage(kit, exampleSummary()), { width })
    await PageBrowser.drawAll(page)
    expect(messages).toEqual([])
    expect(requests).toHaveLength(1)
    const titles = await page.locator('section h2').allTextContents()
    expect(titles).toEqual(['Returns', 'Figures', 'Trades', 'Signal', 'Robustness', 'Reproduce'])
    const charts = (await page.locator('figcaption strong').allTextContents()).join('\n')
    for (const title of [
      'Cumulative return',
      'Underwater',
      'Rolling volatility',
      'Rolling Sharpe',
      'Rolling beta',
      'Monthly returns',
      'Yearly returns',
      'Return quantiles',
      'Distribution of daily returns',
      'MAE against result',
      'MFE against result',
      'by hour',
      'by weekday',
      'What costs took',
      'and its trades',
      'Score',
      'Forward return by score decile',
    ])
      // prettier-ignore
      expect(charts).toContain(title)
    expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0) // prettier-ignore
    const cut = `[...document.querySelectorAll('.scroll:has(.pairs), .scroll:has(.texts)')].filter((one) => one.scrollWidth > one.clientWidth).length`
    expect(await page.evaluate(cut)).toBe(0)
    await page.close()
  })

  it('tiles say what the metrics of the run say', async () => {
    const summary = exampleSummary()
    const { page } = await browser.visit(reportPage(kit, summary))
    for (const metric of summary.metrics.tiles) {
      const text = await page.locator(`header ~ .tiles [data-key="${metric.key}"] dd`).textContent()
      if (metric.value === undefined) expect(text).toBe(`n/a${metric.reason}`)
      else expect(text).toBe(formatValue(metric.value, metric.unit))
    }
    await page.close()
  })

  it('the list of trades filters by side and exit, and its CSV holds what is left', async () => {
    const summary = exampleSummary()
    const { page } = await browser.visit(reportPage(kit, summary))
    await page.selectOption('.records select[aria-label="Side"]', '=short')
    await page.selectOption('.records select[aria-label="Exit reason"]', '=stop-loss')
    const wanted = summary.result.trades.filter(({ side, exitReason }) => side === -1 && exitReason === 'stop-loss')
    expect(await page.textContent('.pages span')).toContain(`of ${wanted.length} (40 in all)`)
    expect(await page.locator('.records tbody tr').count()).toBe(wanted.length)
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('.csv')])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    const lines = Buffer.concat(chunks).toString().trim().split('\r\n')
    expect(lines.slice(1).map((line) => Number(line.split(',')[0]))).toEqual(wanted.map(({ id }) => id))
    expect(lines[0]).toContain('"Fees"')
    await page.close()
  }) // prettier-ignore

  it('2,000 names that are scripts are shown as text and do nothing, wherever they stand', async () => {
    const html = reportPage(kit, exampleSummary(hostileChanges()))
    expect(html.split('window.pwned=1').length).toBeGreaterThan(2_000)
    const { page, messages, requests } = await browser.visit(html)
    await PageBrowser.drawAll(page)
    await page.selectOption('select[data-shows="prices"]', '3')
    await page.locator('.vega-chart path[aria-label]').first().hover({ force: true })
    await page.locator('.time-chart .u-over').first().hover({ force: true })
    for (const button of await page.locator('th button').all()) if (await button.isVisible()) await button.click()
    expect(await page.evaluate(`'pwned' in window`)).toBe(false)
    expect(messages).toEqual([])
    expect(requests).toHaveLength(1)
    // Vega adds an empty form of its own to every chart.
    expect(await page.locator('img, iframe, object, link, embed, base, form:not(.vega-bindings:empty)').count()).toBe(0)
    expect(await page.locator('script:not([type])').count()).toBe(3)
    expect(await page.textContent('h1')).toContain(HOSTILE[2])
    await page.close()
  }) // prettier-ignore

  it('a run of a million bars opens within 3 seconds of work, and draws every chart', async () => {
    const { page, messages, requests } = await browser.visit(minutes(kit, 1_000_000, 20_000))
    expect(await PageBrowser.workSecondsOfLoading(page)).toBeLessThan(3)
    await PageBrowser.drawAll(page)
    expect(messages).toEqual([])
    expect(new Set(requests).size).toBe(1)
    await page.close()
  })
})

/** The page of a run of bars of a minute: one bar stands out, the forty trades of the example come again and again. */
function minutes(kit: PageKit, bars: number, trades: number): string {
  const [start, timeframeMs] = [Date.UTC(2030, 0, 1), 60_000]
  const time = Float64Array.from({ length: bars }, (_, bar) => start + (bar + 1) * timeframeMs)
  const equity = time.map((_, bar) => 10_000 + (bar === 12_345 ? 9_876.5 : bar % 97))
  const days = Float64Array.from({ length: Math.floor(bars / 1440) + 1 }, (_, day) => start + day * 86_400_000) // prettier-ignore
  const base = exampleResult()
  const close = time.map((_, bar) => 100 + Math.sin(bar / 800))
  const result = exampleResult({
    timeframeMs,
    startTime: start,
    endTime: start + bars * timeframeMs,
    equity: { time, equity, adverse: equity, exposure: equity.map(() => 0.5) },
    daily: { time: days, equity: days.map((_, day) => 10_000 + day) },
    finalEquity: equity.at(-1)!,
    trades: Array.from({ length: trades }, (_, id) => ({ ...base.trades[id % 40]!, id: id + 1 })),
    instruments: [{ ...base.instruments[0]!, bars, closeTime: time, close, open: close }],
  })
  return reportPage(kit, exampleSummary({ result }))
}

describe('the report as a text', () => {
  it('shows an undefined figure as n/a with its reason, never as 0 or NaN', () => {
    const page = reportPage(kit, exampleSummary({ result: exampleResult({ trades: [] }) }))
    expect(page.includes('n/a')).toBe(true)
    const visible = page.replaceAll(/<(script|style)[^>]*>.*?<\/\1>/gs, '')
    expect(visible).not.toMatch(/NaN|Infinity|>undefined/)
    expect(page.includes('No trade was made')).toBe(true)
  })

  it('stays under 3 MB for 50,000 bars and for 20,000 trades of a million, keeps extremes and says what it left out', () => {
    const million = minutes(kit, 1_000_000, 20_000)
    expect(minutes(kit, 50_000, 1_000).length).toBeLessThan(2_500_000)
    expect(million.length).toBeLessThan(3_000_000)
    // 19,876.5 / 10,000 − 1, one bar of a million.
    expect(million.includes('0.98765')).toBe(true)
    expect(million.includes('no extreme is lost')).toBe(true)
    expect(million.includes('The 4,000 trades with the largest results, of 20,000')).toBe(true)
  })

  it('leaves out what a run does not carry, and shows what it does', () => {
    const extras: ReportExtras = {
      sweepVerdict: { sweepId: 'crosses-1', trials: 200, ledgerTrials: 345, verdict: { verdict: 'no', reasons: ['SPA p <b>0.61</b>'], gates: [] } }, // prettier-ignore
      monteCarlo: { draws: 1000, seed: 0, days: 90, meanBlockDays: { value: 5 }, trades: 9, ordersAsDeep: { reason: 'no trade' }, figures: [{ label: 'Total return', unit: 'fraction', drawn: 'days', low: { value: -0.1 }, median: { value: 0.05 }, high: { value: 0.2 }, actual: { value: 0.07 } }] }, // prettier-ignore
      checks: { checks: [{ name: 'Future bars removed', outcome: 'passed', detail: 'same signals' }] },
    }
    const [without, whole] = [reportPage(kit, exampleSummary()), reportPage(kit, exampleSummary({ extras, sample: 'out-of-sample' }))] // prettier-ignore
    for (const title of ['Verdict: no', 'Monte Carlo', 'Checks']) {
      expect(without.includes(`<h3>${title}`)).toBe(false)
      expect(whole.includes(`<h3>${title}`)).toBe(true)
    }
    expect(whole).toContain('best of 200 trials of crosses-1, 345 in the ledger then')
    expect(whole).toContain('SPA p &lt;b&gt;0.61')
    expect(without.includes('>in-sample<')).toBe(true)
    expect(whole.includes('>out-of-sample<')).toBe(true)
    const old = reportPage(kit, { ...exampleSummary(), charts: undefined })
    expect(old.includes('kept no data for charts')).toBe(true)
  })
})
