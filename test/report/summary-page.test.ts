import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SUMMARY_STYLE, summaryPage, type RunSummary } from '../../src/report/index.js'
import { CHROMIUM } from '../chromium.js'
import { requireComponent } from '../require.js'
import { exampleSummary } from './example.js'

const STYLE_HASH = createHash('sha256').update(SUMMARY_STYLE).digest('base64')
const HOSTILE = `</title></style><script>window.pwned=1</script><img src="http://192.0.2.1/x.png" onerror="window.pwned=1"><svg onload="window.pwned=1">'"\``

interface Visit {
  readonly page: Page
  readonly messages: string[]
  readonly requests: string[]
}

requireComponent('Chromium', CHROMIUM !== undefined)('the summary page in a real browser', () => {
  let browser: Browser
  const folder = mkdtempSync(join(tmpdir(), 'baleen-page-'))

  beforeAll(async () => {
    const args = [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ]
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args })
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })

  async function visit(text: string, viewport: { width: number; height: number }): Promise<Visit> {
    const path = join(folder, 'page.html')
    writeFileSync(path, text)
    const page = await browser.newPage({ viewport })
    const visited: Visit = { page, messages: [], requests: [] }
    page.on('console', (message) => visited.messages.push(message.text()))
    page.on('pageerror', (error) => visited.messages.push(String(error)))
    page.on('request', (request) => visited.requests.push(request.url()))
    await page.goto(pathToFileURL(path).href, { waitUntil: 'load' })
    return visited
  }

  it.each([
    ['desktop', 1280],
    ['phone', 360],
  ])('shows everything without a message, a request or a sideways scroll: %s', async (_name, width) => {
    const { page, messages, requests } = await visit(summaryPage(exampleSummary(), STYLE_HASH), {
      width,
      height: 800,
    })
    expect(messages).toEqual([])
    expect(requests).toHaveLength(1)
    expect(await page.textContent('h1')).toContain('example')
    expect(await page.locator('.tiles div').count()).toBe(13)
    expect(await page.locator('svg path').count()).toBe(2)
    expect(await page.locator('.warnings li').count()).toBe(2)
    // The policy let the style through: a plain page would have no grid.
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.tiles')).display`)).toBe('grid')
    expect(
      await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
    ).toBeLessThanOrEqual(0)
    await page.close()
  })

  it('no value or note is cut at the edge of a phone: only tables of many numbers are scrolled', async () => {
    const notes = ['CROSS-VENUE', '8,761 rows', '2024-01-01 00:00 to 2024-12-31 23:00', 'ASSUMED']
    const line = { instrument: 'binance:BTCUSDT-PERP', feeds: 'whales', series: 'whale-positions/hyperliquid:biggest', notes } // prettier-ignore
    const text = summaryPage({ ...exampleSummary(), data: [line] }, STYLE_HASH)
    const { page } = await visit(text, { width: 375, height: 800 })
    const cut = `[...document.querySelectorAll('.scroll:not(:has(.numbers))')].filter((one) => one.scrollWidth > one.clientWidth).length`
    expect(await page.locator('.scroll:not(:has(.numbers))').count()).toBeGreaterThan(3)
    expect(await page.evaluate(cut)).toBe(0)
    await page.close()
  })

  it('hostile names and texts are shown as text and do nothing', async () => {
    const example = exampleSummary()
    const hostile: RunSummary = {
      ...example,
      runId: HOSTILE,
      strategy: HOSTILE,
      preset: HOSTILE,
      result: {
        ...example.result,
        params: { [HOSTILE]: HOSTILE },
        instruments: example.result.instruments.map((one) => ({ ...one, id: HOSTILE })),
      },
      warnings: [HOSTILE],
      data: [{ instrument: HOSTILE, feeds: HOSTILE, series: HOSTILE, notes: [HOSTILE] }],
      reproduce: [[HOSTILE, HOSTILE]],
    }
    const { page, messages, requests } = await visit(summaryPage(hostile, STYLE_HASH), {
      width: 1000,
      height: 800,
    })
    await page.waitForTimeout(50)
    expect(await page.evaluate(`'pwned' in window`)).toBe(false)
    expect(messages).toEqual([])
    expect(requests).toHaveLength(1)
    expect(await page.locator('script, img, iframe, object, link').count()).toBe(0)
    expect(await page.textContent('h1')).toContain(HOSTILE)
    await page.close()
  })

  it('the policy itself stops a script that got in', async () => {
    const broken = summaryPage(exampleSummary(), STYLE_HASH).replace(
      '<main>',
      '<main><script>window.pwned=1</script>',
    )
    const { page, messages } = await visit(broken, { width: 1000, height: 800 })
    expect(await page.evaluate(`'pwned' in window`)).toBe(false)
    expect(messages.join()).toContain('Content Security Policy')
    await page.close()
  })
})

it('an undefined figure is shown as n/a with its reason, never as 0 or NaN', () => {
  const page = summaryPage(exampleSummary({ result: { ...exampleSummary().result, trades: [] } }), STYLE_HASH)
  expect(page).toContain('n/a')
  expect(page).not.toMatch(/NaN|Infinity|>undefined/)
})
