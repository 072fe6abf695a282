import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { CHROMIUM } from '../chromium.js'

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
    await page.waitForFunction(`document.documentElement.dataset.ready === 'true'`)
    return { page, messages, requests }
  }

  /** Makes the window as high as the page, so that every chart is drawn, and waits for them. */
  static async drawAll(page: Page): Promise<void> {
    const height = (await page.evaluate('document.documentElement.scrollHeight')) as number
    await page.setViewportSize({ width: page.viewportSize()?.width ?? 1280, height: Math.min(height + 2000, 16_000) }) // prettier-ignore
    const waiting = `[...document.querySelectorAll('.time-chart, .vega-chart')].filter((one) => one.offsetParent !== null && one.dataset.drawn !== 'true').length`
    await page.waitForFunction(`${waiting} === 0`)
  }
}
