import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DataSurvey } from '../../src/core/data-survey.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { loadPageKit } from '../../src/jobs/page-kit.js'
import { formatValue } from '../../src/metrics/format.js'
import { compareRuns } from '../../src/report/comparison.js'
import { comparisonPage } from '../../src/report/comparison-page.js'
import { dataPage } from '../../src/report/data-page.js'
import { importFile } from '../../src/store/import.js'
import { openStore } from '../../src/store/store.js'
import { surveyStore } from '../../src/store/survey.js'
import { CHROMIUM } from '../chromium.js'
import { requireComponent } from '../require.js'
import { comparedRun, START } from './comparison-example.js'

const HOSTILE = `</script></title></style><script>window.pwned=1</script><img src="http://192.0.2.1/x.png" onerror="window.pwned=1"><svg onload="window.pwned=1">'"\``

interface Visit {
  readonly page: Page
  readonly messages: string[]
  readonly requests: string[]
}

/** Funding with a hole, open interest with an assumed known-at, flows that were known late: each with something to find. */
async function exampleSurvey(folder: string): Promise<DataSurvey> {
  const store = openStore(join(folder, 'data'))
  const file = (name: string, lines: string[]): string => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`)
    return join(folder, name)
  }
  const hours = Array.from({ length: 40 * 24 }, (_, hour) => hour)
  const close = (hour: number): number => (hour === 500 ? 250 : 100 + ((hour * hour * 7) % 13) / 10)
  const candles = hours.filter((hour) => hour < 100 || hour >= 130).map((hour) => `${START + hour * HOUR_MS},${close(hour)},${close(hour)},${close(hour)},${close(hour)},10`) // prettier-ignore
  const flows = hours.filter((hour) => hour % 24 === 0).map((hour) => `${START + hour * HOUR_MS},${START + (hour + 26 + (hour % 7)) * HOUR_MS},${100 + (hour % 5)},${90 + (hour % 3)}`) // prettier-ignore
  const interest = hours.map((hour) => `${START + hour * HOUR_MS},${1000 + (hour % 17)}`)
  await importFile(store, { file: file('c.csv', ['ts,open,high,low,close,volume', ...candles]), kind: 'candles', instrument: 'test:AAA-PERP', intervalMs: HOUR_MS, now: 0, flags: ['synthetic'] }) // prettier-ignore
  await importFile(store, { file: file('f.csv', ['time,known,inflow,outflow', ...flows]), kind: 'exchange-flows', asset: 'AAA', intervalMs: DAY_MS, knownAtColumn: 'known', now: 0 }) // prettier-ignore
  await importFile(store, { file: file('o.csv', ['time,open_interest', ...interest]), kind: 'open-interest', venue: 'test', asset: 'AAA', unit: 'base', intervalMs: HOUR_MS, knownLagMs: HOUR_MS, now: 0 }) // prettier-ignore
  return surveyStore(store, { outlierDeviations: 15 })
}

requireComponent('Chromium', CHROMIUM !== undefined)('pages in a real browser', () => {
  let browser: Browser
  let survey: DataSurvey
  const folder = mkdtempSync(join(tmpdir(), 'baleen-pages-'))

  beforeAll(async () => {
    survey = await exampleSurvey(folder)
    const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] // prettier-ignore
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args })
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })

  async function visit(text: string, width = 1280): Promise<Visit> {
    const path = join(folder, 'page.html')
    writeFileSync(path, text)
    const page = await browser.newPage({ viewport: { width, height: 900 } })
    const visited: Visit = { page, messages: [], requests: [] }
    page.on('console', (message) => visited.messages.push(message.text()))
    page.on('pageerror', (error) => visited.messages.push(String(error)))
    page.on('request', (request) => visited.requests.push(request.url()))
    await page.goto(pathToFileURL(path).href, { waitUntil: 'load' })
    return visited
  }

  /** Opens every fold and looks at every chart, so that whatever could go wrong does. */
  async function lookAtAll({ page }: Visit): Promise<void> {
    await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
    const charts = await page.locator('.time-chart').all()
    for (const [index, chart] of charts.entries()) {
      await chart.scrollIntoViewIfNeeded()
      await page.locator('.time-chart[data-drawn="true"]').nth(index).waitFor({ state: 'attached' })
    }
  }

  const sideways = 'document.documentElement.scrollWidth - window.innerWidth'

  it.each([
    ['desktop', 1280],
    ['phone', 360],
  ])(
    'the data report shows what the survey says, without message, request or sideways scroll: %s',
    async (_name, width) => {
      const visited = await visit(dataPage(survey, await loadPageKit()), width)
      const { page, messages, requests } = visited
      const tile = (key: string): Promise<string | null> => page.textContent(`.tiles [data-key="${key}"] dd`)
      const rows = survey.series.reduce((sum, one) => sum + one.rows, 0)
      expect(await tile('series')).toBe('3')
      expect(await tile('rows')).toContain(formatValue(rows, 'count'))
      expect(await tile('gaps')).toContain('1')
      expect(await tile('gaps')).toContain('30 events missing')
      expect(await tile('assumed')).toContain('1')
      expect(await page.textContent('header')).toContain('partly synthetic data')
      expect(await page.textContent('.warnings')).toContain('SYNTHETIC: 1 of 3 series')
      const [candles] = survey.series
      expect(candles?.coverage.missingEvents).toBe(30)
      const strip = page.locator('#coverage tr', { hasText: 'test:AAA-PERP@1h' })
      expect(await strip.textContent()).toContain(formatValue(candles!.coverage.share, 'fraction'))
      // Every day of the series is somewhere on its strip, and the pieces say so.
      expect(await strip.locator('rect').count()).toBeGreaterThan(3)
      await lookAtAll(visited)
      expect(await page.locator('.time-chart').count()).toBe(2)
      expect(await page.textContent('#details')).toContain('outlying return')
      expect(await page.evaluate(sideways)).toBeLessThanOrEqual(0)
      expect(messages).toEqual([])
      expect(requests).toHaveLength(1)
      await page.close()
    },
  )

  it('the data report unfolds a series when its name is clicked, and filters its table', async () => {
    const { page } = await visit(dataPage(survey, await loadPageKit()))
    expect(await page.locator('details.series[open]').count()).toBe(0)
    await page.click('#coverage a:has-text("test:AAA-PERP@1h")')
    await page.waitForSelector('details.series[open]')
    expect(await page.locator('details.series[open] summary').textContent()).toBe('candles/test:AAA-PERP@1h')
    await page.fill('#series input[type="search"]', 'flows')
    expect(await page.locator('#series tbody tr').count()).toBe(1)
    expect(await page.textContent('#series tbody')).toContain('exchange-flows/AAA')
    await page.close()
  })

  it('the comparison shows the figures of the comparison', async () => {
    const wave = (bar: number): number => 10_000 + bar + 200 * Math.sin(bar / 100)
    const comparison = compareRuns([comparedRun(), comparedRun({ id: 'b-0123456789ab', inputs: new Map([['strategy.params.fast', '12']]) }, 60, wave)]) // prettier-ignore
    for (const width of [1280, 360]) {
      const visited = await visit(comparisonPage(comparison, await loadPageKit()), width)
      const { page, messages, requests } = visited
      for (const one of comparison.headline) {
        const cells = await page.locator(`#figures tr[data-key="${one.key}"] td.number`).allTextContents()
        expect(cells, one.key).toEqual(one.values.map(({ value }) => (value === undefined ? 'n/a' : formatValue(value, one.unit)))) // prettier-ignore
        const bold = await page.locator(`#figures tr[data-key="${one.key}"] strong`).count()
        expect(bold, one.key).toBe(one.best.length)
      }
      expect(await page.textContent('#differences')).toContain('A: 10\nB: 12')
      expect(await page.textContent('#together')).toContain(
        formatValue(comparison.common!.correlation[0]![1]!.value!, 'ratio'),
      )
      await lookAtAll(visited)
      expect(await page.locator('.time-chart').count()).toBe(2)
      const last = await page.locator('#curves .time-chart').first().locator('.readout').textContent()
      expect(last).toContain(formatValue(comparison.runs[0]!.equity.equity.at(-1)! / 10_000 - 1, 'fraction'))
      expect(await page.evaluate(sideways)).toBeLessThanOrEqual(0)
      expect(messages).toEqual([])
      expect(requests).toHaveLength(1)
      await page.close()
    }
  })

  it('runs of different periods are cut to what they share, and twenty of them still fit', async () => {
    const runs = Array.from({ length: 20 }, (_, run) =>
      comparedRun({ id: `r${run}-0123456789ab`, startTime: START + run * DAY_MS, inputs: new Map([['seed', String(run)]]) }, 60, (bar) => 10_000 + run * bar),
    ) // prettier-ignore
    const visited = await visit(comparisonPage(compareRuns(runs), await loadPageKit()), 390)
    await lookAtAll(visited)
    expect(await visited.page.textContent('#curves')).toContain('do not cover the same time')
    expect(await visited.page.locator('#figures strong').count()).toBe(0)
    expect(await visited.page.evaluate(sideways)).toBeLessThanOrEqual(0)
    expect(visited.messages).toEqual([])
    await visited.page.close()
  })

  it('no name executes anything, wherever it stands', async () => {
    const runs = [HOSTILE, 'plain'].map((name) =>
      comparedRun({ id: name, strategy: name, preset: name, dataHash: name, decisionCode: name, instruments: [{ id: name, quote: name }], inputs: new Map([[name, name], ['same', name]]) }),
    ) // prettier-ignore
    const [first] = survey.series
    const hostile: DataSurvey = {
      ...survey,
      folder: HOSTILE,
      series: Array.from({ length: 60 }, (_, index) => ({ ...first!, id: `${first!.kind}/${HOSTILE}${index}`, flags: [HOSTILE], files: [HOSTILE], sources: [HOSTILE], asset: HOSTILE, checks: first!.checks.map((check) => ({ ...check, title: HOSTILE, criterion: HOSTILE, worst: [{ time: 0, text: HOSTILE, score: 1 }] })), quarantined: { rows: 1, reasons: [{ reason: HOSTILE, rows: 1 }] } })),
    } // prettier-ignore
    const kit = await loadPageKit()
    for (const text of [comparisonPage(compareRuns(runs), kit), dataPage(hostile, kit)]) {
      const { page, messages, requests } = await visit(text)
      expect(await page.evaluate('window.pwned')).toBeUndefined()
      expect(await page.locator('img').count()).toBe(0)
      expect(messages).toEqual([])
      expect(requests).toHaveLength(1)
      await page.close()
    }
  })
})
