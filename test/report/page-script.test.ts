import { expect, it } from 'vitest'
import { pageScriptText } from '../../browser/compile.js'
import { readFileSync } from 'node:fs'

it('the script of the pages is what browser/ bundles to: run `npm run build:browser`', async () => {
  const written = readFileSync(new URL('../../src/report/page/script.ts', import.meta.url), 'utf8')
  expect(written).toBe(await pageScriptText())
})
