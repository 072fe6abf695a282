import { readFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const source = new URL('assembly/scan.ts', import.meta.url)

/** The text of src/strategy/scan-module.ts: what wasm/assembly/scan.ts compiles to. */
export async function scanModuleText(): Promise<string> {
  const text = readFileSync(source, 'utf8')
  const options = ['-O3', '--noAssert', '--converge', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd'] // prettier-ignore
  let bytes: Uint8Array | undefined
  const { error, stderr } = await asc.main(['scan.ts', '--outFile', 'scan.wasm', ...options], {
    readFile: (name) => (name === 'scan.ts' ? text : null),
    writeFile: (name, contents) => {
      if (name === 'scan.wasm' && typeof contents !== 'string') bytes = contents
    },
    listFiles: () => [],
  })
  if (error !== null || bytes === undefined) throw new Error(`wasm/assembly/scan.ts: ${stderr.toString()}`)
  return [
    '/** WebAssembly made of wasm/assembly/scan.ts by `npm run build:wasm`, in base64. */',
    `export const SCAN_MODULE =\n  '${Buffer.from(bytes).toString('base64')}'`,
    '',
  ].join('\n')
}
