import { rmSync } from 'node:fs'
import { request as ask } from 'node:http'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/core/errors.js'
import { isAllowed, requireLoopback } from '../../src/monitor/access.js'
import { serveStatus, type StatusServer } from '../../src/monitor/server.js'
import { SessionWatch } from '../../src/monitor/session-view.js'
import { statusOf } from '../../src/monitor/status-tables.js'
import { CHROMIUM } from '../chromium.js'
import { requireComponent } from '../require.js'
import { NOW, ports, testSession, writeHealth, type TestSession } from './stored-session.js'

const TOKEN = 'a-token-of-the-test'
const SCRIPT = '<script>window.ran=1</script><img src=x onerror="window.ran=1">'
let made: TestSession
let watch: SessionWatch
let server: StatusServer
let now = NOW

beforeAll(async () => {
  made = await testSession({ bars: 80, name: SCRIPT })
  writeHealth(made)
  watch = await SessionWatch.open(made.folder, made.id, ports({ now: () => now }))
  const alerts = (): never => [{ time: NOW, severity: 'critical', title: SCRIPT, detail: SCRIPT }] as never
  server = await serveStatus({
    look: async () => statusOf(await watch.look()),
    token: TOKEN,
    port: 0,
    alerts,
  })
})
afterAll(async () => {
  await server.close()
  watch.close()
  made.session.close()
  rmSync(made.folder, { recursive: true, force: true })
})

interface Got {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

/** Asks with headers as they are, which fetch would not let through. */
function get(path: string, headers: Readonly<Record<string, string>> = { authorization: `Bearer ${TOKEN}` }, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = ask({ host: '127.0.0.1', port: server.port, path, method, headers }, (answer) => {
      let text = ''
      answer.on('data', (part: Buffer) => (text += part.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }))
    })
    sent.on('error', reject)
    sent.end()
  })
} // prettier-ignore

describe('who may ask', () => {
  const bearer = { authorization: `Bearer ${TOKEN}` }

  test('whoever has the token, in full', async () => {
    for (const path of ['/healthz', '/metrics', '/page.json', '/session.json']) {
      expect((await get(path)).status).toBe(200)
      for (const authorization of [
        '',
        `Bearer ${TOKEN}x`,
        `Bearer ${TOKEN.slice(1)}`,
        `Basic ${TOKEN}`,
        'Bearer ',
      ])
        expect((await get(path, { authorization })).status, `${path} ${authorization}`).toBe(401)
      expect((await get(`${path}?token=${TOKEN}`, {})).status).toBe(401)
    }
    expect(isAllowed('Bearer ', '')).toBe(false)
  })

  test('under its own name and from its own origin: all else is refused before it is looked at', async () => {
    const own = `127.0.0.1:${server.port}`
    for (const headers of [
      { ...bearer, host: 'evil.example' },
      { ...bearer, host: `evil.example:${server.port}` },
      { ...bearer, host: '127.0.0.1' },
      { ...bearer, host: own, origin: 'http://evil.example' },
      { ...bearer, host: own, origin: 'null' },
      { ...bearer, host: own, origin: `http://127.0.0.1:${server.port + 1}` },
    ])
      for (const path of ['/', '/page.json', '/nowhere'])
        expect((await get(path, headers)).status, JSON.stringify(headers)).toBe(403)
    expect((await get('/healthz', { ...bearer, host: `localhost:${server.port}`, origin: `http://${own}` })).status).toBe(200) // prettier-ignore
  })

  test('for what there is: other paths, ways out of a folder and other methods find nothing', async () => {
    for (const path of [
      '/../session.json',
      '/..%2f..%2fetc/passwd',
      '/%2e%2e/journal.sqlite',
      '/journal.sqlite',
      '/page.json/',
      '/%00',
      '//etc/passwd',
      '/constructor',
      '/__proto__',
    ])
      // prettier-ignore
      expect([404, 400], path).toContain((await get(path)).status)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await get('/page.json', bearer, method)).status).toBe(404)
  })

  test('on this machine only, and with a token worth the name', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.org', ''])
      expect(() => requireLoopback(host)).toThrow(ConfigError)
    const look = (): never => undefined as never
    await expect(serveStatus({ look, token: 'short', port: 0 })).rejects.toThrow('BALEEN_TOKEN')
    await expect(serveStatus({ look, token: TOKEN, port: server.port })).rejects.toThrow('the port is taken')
  })
})

describe('what is answered', () => {
  test('the page alone holds nothing of the session, and may run nothing but its own script', async () => {
    const { text, headers } = await get('/', {})
    expect(text).not.toContain(made.id)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self'/) // prettier-ignore
    expect(headers['cache-control']).toBe('no-store')
  })

  test('health by progress: 503 once nothing is told any more', async () => {
    expect(await get('/healthz')).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^live: last close/),
    })
    now = NOW + 120_000
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    expect(await get('/healthz')).toMatchObject({ status: 503, text: expect.stringMatching(/^stalled: /) })
    now = NOW
    await new Promise((resolve) => setTimeout(resolve, 1_050))
  })

  test('metrics as Prometheus reads them; what is not known has no sample', async () => {
    const { text, headers } = await get('/metrics')
    expect(headers['content-type']).toContain('text/plain; version=0.0.4')
    const labels = `session="${made.id}",strategy="${SCRIPT.replaceAll('"', '\\"')}",mode="paper"`
    expect(text).toContain(`baleen_up{${labels}} 1`)
    expect(text).toContain(`baleen_equity_quote{${labels}} ${made.session.desk.session.state.markedEquity}`)
    expect(text).toMatch(/baleen_health_check\{check="equity".*\} 1/)
    expect(text).not.toContain('check="exchange"')
    expect(text).not.toContain('NaN')
    for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#')))
      expect(line).toMatch(/^baleen_\w+\{.*\} -?[\d.e+-]+$/)
  })

  test('JSON for programs', async () => {
    const json = JSON.parse((await get('/session.json')).text) as Record<string, unknown>
    expect(json).toMatchObject({ id: made.id, mode: 'paper', rows: expect.any(Number), liveness: { state: 'live' } }) // prettier-ignore
    // No cell of the gates says its row's name again.
    const { text } = await get('/page.json')
    expect(
      [/asked for by baleen promote alone/, /\(bars on time: /, /\(days on paper: /].map((part) =>
        part.test(text),
      ),
    ).toEqual([true, false, false])
    const held = made.session.desk.session.state.books.filter(({ side }) => side !== 0).length
    expect(json['positions']).toHaveLength(held)
  })
})

requireComponent('chromium', CHROMIUM !== undefined)('the status page in a browser', () => {
  test('shows the session, follows it, runs nothing of a name, and says when it is out of date', async () => {
    const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox', '--no-first-run', '--disable-background-networking'] }) // prettier-ignore
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
      const messages: string[] = []
      page.on('console', (message) => messages.push(message.text()))
      page.on('pageerror', (error) => messages.push(String(error)))
      // Asked again while the page loads itself anew: what was asked meanwhile is lost with the page it was asked of.
      const shown = async (expression: string): Promise<void> => {
        for (let tries = 0; tries < 400; tries++) {
          if ((await page.evaluate(expression).catch(() => false)) === true) return
          await page.waitForTimeout(25)
        }
        throw new Error(`never shown: ${expression}: ${await page.innerText('body')}`)
      }
      // A token typed into the address loads nothing but makes the page load itself: the one that was there is marked, so that it is not taken for the next.
      const typed = async (token: string): Promise<void> => {
        await page.evaluate('window.isBefore = true')
        await page.goto(`${server.url}/#token=${token}`)
        await shown('window.isBefore === undefined')
      }
      await page.goto(`${server.url}/`)
      await shown(`document.body.innerText.includes('needs its token')`)
      // As it is printed where the token is the environment's, then with what is no token, then with the token.
      await typed('')
      await shown(`document.body.innerText.includes('put your own token')`)
      await typed('…')
      await shown(`sessionStorage.getItem('baleen-token') === '%E2%80%A6' && document.body.innerText.includes('put your own token')`)
      // Letters that mean something in addresses, a bare % above all.
      const odd = 'a%41%zz%<"`>+&=#%2'
      await typed(odd)
      await shown(`sessionStorage.getItem('baleen-token') === ${JSON.stringify(odd)} && document.body.innerText.includes('put your own token')`)
      await typed(TOKEN)
      await shown(`document.querySelectorAll('section').length === 9`)
      expect(page.url()).toBe(`${server.url}/`)
      expect(await page.innerText('h1')).toContain(SCRIPT)
      expect(await page.evaluate('window.ran')).toBeUndefined()
      expect(await page.evaluate(`document.querySelectorAll('section img, section script').length`)).toBe(0)
      expect(await page.locator('svg:visible').count()).toBe(3)
      await shown('document.querySelector(".label.paper").innerText === "PAPER"')
      const shots = process.env['BALEEN_SHOTS']
      for (const [width, colorScheme] of [[1280, 'light'], [390, 'dark']] as const) {
        await page.setViewportSize({ width, height: 900 })
        await page.emulateMedia({ colorScheme })
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
        // Charts are as wide as the screen and their letters can be read; no label lies over another.
        const charts = (await page.evaluate(`[...document.querySelectorAll('svg')].filter((svg) => svg.getClientRects().length > 0).map((svg) => {
          const boxes = [...svg.querySelectorAll('text')].map((text) => text.getBoundingClientRect())
          const isOver = (a, b) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom
          return [svg.getBoundingClientRect().right <= innerWidth, Math.min(...boxes.map(({ height }) => height)) >= 9, boxes.some((a, at) => boxes.slice(at + 1).some((b) => isOver(a, b)))]
        })`)) as unknown[]
        expect(charts).toEqual([0, 1, 2].map(() => [true, true, false]))
        if (shots !== undefined) await page.screenshot({ path: join(shots, `status-${width}.png`), fullPage: true })
      }
      const { desk } = made.session
      desk.changeMode({ time: desk.session.lastDecided, mode: 'halted', reason: 'looked wrong' })
      await shown(`document.body.innerText.includes('halted (looked wrong)')`)
      // Of tokens that were none.
      expect(messages.filter((text) => !text.includes('401'))).toEqual([])
      await server.close()
      await shown(`document.getElementById('lost').innerText.startsWith('Out of date')`)
    } finally {
      await browser.close()
    }
  }) // prettier-ignore
})
