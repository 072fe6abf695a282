/**
 * Takes the pictures of README.md anew: the report of a demo, light and dark. `npm run pictures`, with Chromium on the PATH. Everything
 * in them is synthetic, as their caption says.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { CHROMIUM } from '../test/chromium.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SIZE = { width: 1180, height: 1180 }
const LARGEST_BYTES = 300_000

if (CHROMIUM === undefined) throw new Error('there is no chromium on the PATH')
const folder = mkdtempSync(join(tmpdir(), 'baleen-pictures-'))
try {
  const words = [join(ROOT, 'dist/cli/main.js'), 'demo', '--json', '--quiet']
  const { page: report } = JSON.parse(execFileSync(process.execPath, words, { cwd: folder, encoding: 'utf8' })) as { page: string } // prettier-ignore
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  for (const scheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: SIZE, colorScheme: scheme })
    await page.goto(pathToFileURL(join(folder, report)).href)
    await page.waitForTimeout(4_000)
    const path = join(ROOT, `docs/images/report-${scheme}.png`)
    await page.screenshot({ path })
    const { size } = statSync(path)
    if (size > LARGEST_BYTES) throw new Error(`${path} has ${size} bytes: ${LARGEST_BYTES} at most`)
    process.stdout.write(`${path} ${size} bytes\n`)
  }
  await browser.close()
} finally {
  rmSync(folder, { recursive: true })
}
