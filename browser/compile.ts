import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const entry = fileURLToPath(new URL('page/main.ts', import.meta.url))

/** The text of src/report/page/script.ts: what browser/page/main.ts and all it imports bundle to, as one script. */
export async function pageScriptText(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    tsconfigRaw: {},
  })
  const script = outputFiles[0]?.text.replaceAll(/^\s*\/\/ .*\n/gm, '')
  if (script === undefined || /<\/script|<!--/i.test(script))
    throw new Error('browser/page/main.ts: not one script')
  return [
    '/** What a page runs: made of browser/page/main.ts by `npm run build:browser`. */',
    `export const PAGE_SCRIPT = ${JSON.stringify(script)}`,
    '',
  ].join('\n')
}
