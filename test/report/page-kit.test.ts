import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadPageKit } from '../../src/jobs/page-kit.js'
import { safe } from '../../src/report/markup.js'
import {
  makePage,
  pageBanner,
  pageTable,
  recordTable,
  RISK_NOTICE,
  timeChart,
  vegaChart,
  type PageKit,
} from '../../src/report/page/index.js'
import { table } from '../../src/report/table.js'
import { CHROMIUM } from '../chromium.js'
import { requireComponent } from '../require.js'
import { PageBrowser } from './browser.js' // prettier-ignore

const DAY_MS = 86_400_000
const START = Date.UTC(2030, 0, 1)
const time = Array.from({ length: 300 }, (_, day) => START + day * DAY_MS)
const values = time.map((_, day) => Math.sin(day / 20) / 3)

function page(kit: PageKit): string {
  const line = (title: string, group: string): ReturnType<typeof timeChart> =>
    timeChart({ title, height: 160, data: { group, unit: 'fraction', time, hasLogarithmic: true, series: [{ label: title, values, ink: 'strategy', unit: 'fraction' }] } }) // prettier-ignore
  const bars = {
    data: { values: [{ name: 'up', value: 2 }, { name: 'down', value: -1 }] }, // prettier-ignore
    width: 'container',
    height: 100,
    mark: 'bar',
    encoding: {
      x: { field: 'name', type: 'nominal' },
      y: { field: 'value', type: 'quantitative' },
      color: { condition: { test: 'datum.value > 0', value: 'var(--gain)' }, value: 'var(--loss)' },
      tooltip: [{ field: 'name', title: 'Name' }],
    },
  }
  return makePage(kit, {
    title: 'A page',
    banner: pageBanner({ title: 'A page', lines: ['of everything'], labels: [{ text: 'Synthetic', isLoud: true }], warnings: ['Few'] }), // prettier-ignore
    sections: [
      { id: 'charts', title: 'Charts', body: safe`${line('First', 'one')}${line('Second', 'one')}${line('Apart', 'other')}${vegaChart(kit, { title: 'Bars', spec: bars })}` }, // prettier-ignore
      {
        id: 'tables',
        title: 'Tables',
        body: safe`${pageTable(table('Figures', ['Name', 'Amount#', 'Share#'], [['a', '1,200.50', '3.0 %'], ['b', '-7.00', 'n/a'], ['c', '80.00', '12.0 %']]))}
          ${recordTable({ rowsPerPage: 10, csvName: 'things.csv', columns: [{ name: 'Kind', values: time.map((_, row) => (row % 3 === 0 ? '=odd"' : 'plain')), isChoice: true }, { name: 'Value', unit: 'ratio', values: values.map((value, row) => (row === 5 ? null : value)) }] })}`,
      },
    ],
    footer: RISK_NOTICE,
  }) // prettier-ignore
}

requireComponent('Chromium', CHROMIUM !== undefined)('pages in a real browser', () => {
  let browser: PageBrowser
  let html: string
  beforeAll(async () => {
    browser = await PageBrowser.start()
    html = page(await loadPageKit())
  })
  afterAll(() => browser?.close())

  it('every chart is drawn, in the light and in the dark, without a message or a request', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, messages, requests } = await browser.visit(html, { colorScheme })
      await PageBrowser.drawAll(page)
      expect(await page.locator('.time-chart canvas').count()).toBe(3)
      expect(await page.locator('.vega-chart svg').count()).toBe(1)
      await page.click('#theme')
      expect(await page.evaluate('document.documentElement.dataset.theme')).toBe(colorScheme === 'light' ? 'dark' : 'light') // prettier-ignore
      expect(messages).toEqual([])
      expect(requests).toHaveLength(1)
      await page.close()
    }
  })

  it('a range chosen in one chart is shown by all of its group and by no other; a double click shows everything', async () => {
    const { page } = await browser.visit(html)
    await PageBrowser.drawAll(page)
    const ranges = (): Promise<string[]> => page.locator('.time-chart').evaluateAll((charts) => charts.map((chart) => (chart as unknown as { dataset: { range: string } }).dataset.range)) // prettier-ignore
    const everything = `${time[0]}..${time.at(-1)}`
    expect(await ranges()).toEqual([everything, everything, everything])
    const box = await page.locator('.time-chart .u-over').first().boundingBox()
    const [x, y, width] = [box?.x ?? 0, (box?.y ?? 0) + 40, box?.width ?? 0]
    await page.mouse.move(x + width * 0.25, y)
    await page.mouse.down()
    await page.mouse.move(x + width * 0.5, y, { steps: 5 })
    await page.mouse.up()
    const [first, second, apart] = await ranges()
    expect(second).toBe(first)
    expect(apart).toBe(everything)
    const [from = NaN, to = NaN] = (first ?? '').split('..').map(Number)
    const span = time.at(-1)! - START
    expect((from - START) / span).toBeCloseTo(0.25, 1)
    expect((to - START) / span).toBeCloseTo(0.5, 1)
    await page.mouse.dblclick(x + width / 2, y)
    expect(await ranges()).toEqual([everything, everything, everything])
    await page.close()
  })

  it('points to the same instant in all charts of a group, and says the values there', async () => {
    const { page } = await browser.visit(html)
    await PageBrowser.drawAll(page)
    const box = await page.locator('.time-chart .u-over').first().boundingBox()
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + 50)
    const said = await page.locator('.time-chart .when').allTextContents()
    expect(said[0]).toMatch(/^2030-0[56]-/)
    expect(said[1]).toBe(said[0])
    expect(said[2]).toBe('2030-10-27 00:00')
    await page.locator('.vega-chart path[aria-label]').first().hover()
    expect(await page.textContent('.tooltip')).toContain('Name: ')
    await page.close()
  })

  it('draws a logarithmic scale of returns', async () => {
    const { page, messages } = await browser.visit(html)
    await PageBrowser.drawAll(page)
    const button = page.locator('button.scale').first()
    await button.click()
    expect(await button.getAttribute('aria-pressed')).toBe('true')
    expect(await page.locator('.time-chart').first().locator('canvas').count()).toBe(1)
    expect(messages).toEqual([])
    await page.close()
  })

  it('sorts tables by their numbers, what has none last', async () => {
    const { page } = await browser.visit(html)
    const names = (): Promise<string[]> => page.locator('table[data-sortable] tbody td:first-child').allTextContents() // prettier-ignore
    await page.click('th button:text-is("Amount")')
    expect(await names()).toEqual(['a', 'c', 'b'])
    await page.click('th button:text-is("Amount")')
    expect(await names()).toEqual(['b', 'c', 'a'])
    await page.click('th button:text-is("Share")')
    expect(await names()).toEqual(['c', 'a', 'b'])
    await page.close()
  })

  it('filters, sorts, pages and saves records', async () => {
    const { page } = await browser.visit(html)
    const count = (): Promise<string | null> => page.textContent('.pages span')
    expect(await count()).toBe('1–10 of 300')
    await page.click('.pages button:text-is("Next")')
    expect(await count()).toBe('11–20 of 300')
    await page.selectOption('.records select', '==odd"')
    expect(await count()).toBe('1–10 of 100 (300 in all)')
    await page.click('.records th button:text-is("Value")')
    const column = await page.locator('.records td.number').allTextContents()
    expect(column.map(Number)).toEqual(column.map(Number).sort((a, b) => b - a))
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('.csv')])
    expect(download.suggestedFilename()).toBe('things.csv')
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    const lines = Buffer.concat(chunks).toString().trim().split('\r\n')
    expect(lines).toHaveLength(101)
    expect(lines[0]).toBe('"Kind","Value"')
    // A spreadsheet must not take the text for a formula.
    expect(lines[1]).toMatch(/^"'=odd""",-?\d/)
    await page.close()
  })

  it('the policy stops a script that got in', async () => {
    const broken = html.replace('<main>', '<main><script>window.pwned=1</script><img src=x onerror="window.pwned=1">') // prettier-ignore
    const { page, messages } = await browser.visit(broken)
    expect(await page.evaluate(`'pwned' in window`)).toBe(false)
    expect(messages.join()).toContain('Content Security Policy')
    await page.close()
  })
})
