import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { CHROMIUM } from '../chromium.js'

/** What the script of a page says when it has run. */
const READY = `document.documentElement.dataset.ready === 'true'`

/** A page as it was opened, with all that it said and asked for. */
export interface Visit {
  readonly page: Page
  /** Of the console, and errors. */
  readonly messages: readonly string[]
  /** The page itself is the first. */
  readonly requests: readonly string[]
}

export interface VisitOptions {
  readonly width?: number
  readonly colorScheme?: 'light' | 'dark'
}

/** A real browser that opens texts as files. */
export class PageBrowser {
  private readonly folder = mkdtempSync(join(tmpdir(), 'baleen-page-'))

  private constructor(private readonly browser: Browser) {}

  static async start(): Promise<PageBrowser> {
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
    const args = ['--no-sandbox', '--no-first-run', ...quiet]
    return new PageBrowser(await chromium.launch({ executablePath: CHROMIUM ?? '', args }))
  }

  async close(): Promise<void> {
    await this.browser.close()
    rmSync(this.folder, { recursive: true })
  }

  /** Opens a page and waits until its script has run. */
  async visit(html: string, { width = 1280, colorScheme = 'light' }: VisitOptions = {}): Promise<Visit> {
    const path = join(this.folder, 'page.html')
    writeFileSync(path, html)
    const page = await this.browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    const [messages, requests]: [string[], string[]] = [[], []]
    page.on('console', (message) => messages.push(message.text()))
    page.on('pageerror', (error) => messages.push(String(error)))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(pathToFileURL(path).href, { waitUntil: 'load' })
    await until(page, READY)
    return { page, messages, requests }
  }

  /** Loads the page again: what its thread had to do until its script had run, a time that does not grow on a busy machine. */
  static async workSecondsOfLoading(page: Page): Promise<number> {
    const client = await page.context().newCDPSession(page)
    await client.send('Performance.enable', { timeDomain: 'threadTicks' })
    const seconds = async (): Promise<number> => {
      const { metrics } = await client.send('Performance.getMetrics')
      return metrics.find(({ name }) => name === 'TaskDuration')!.value
    }
    const before = await seconds()
    await page.reload({ waitUntil: 'load' })
    await until(page, READY)
    return (await seconds()) - before
  }

  /** Goes through the page until every chart that is not hidden is drawn, and back to its top. */
  static async drawAll(page: Page): Promise<void> {
    const undrawn = `[...document.querySelectorAll('.time-chart, .vega-chart')].find((one) => one.offsetParent !== null && one.dataset.drawn !== 'true')`
    await until(page, `(() => { const one = ${undrawn}; one?.scrollIntoView({ behavior: 'instant' }); return one === undefined })()`) // prettier-ignore
    await page.evaluate('scrollTo({ top: 0, behavior: "instant" })')
    await page.waitForTimeout(100)
  }
}

/** Waits for an expression to hold. Playwright's own way evaluates it inside the page, which a strict policy forbids. */
async function until(page: Page, expression: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if ((await page.evaluate(expression)) === true) return
    await page.waitForTimeout(25)
  }
  throw new Error(`never became true: ${expression}`)
}
