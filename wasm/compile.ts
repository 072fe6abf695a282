import { readFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

/** What is compiled, and the file of src/ that keeps it as text. */
export const MODULES = [
  { source: 'scan.ts', target: 'src/strategy/scan-module.ts', constant: 'SCAN_MODULE' },
  { source: 'order.ts', target: 'src/strategy/order-module.ts', constant: 'ORDER_MODULE' },
  { source: 'extremes.ts', target: 'src/engine/extremes-module.ts', constant: 'EXTREMES_MODULE' },
  { source: 'windows.ts', target: 'src/features/windows-module.ts', constant: 'WINDOWS_MODULE' },
  {
    source: 'stretches.ts',
    target: 'src/research/overfitting/stretches-module.ts',
    constant: 'STRETCHES_MODULE',
  },
] as const

/** The text of the file that keeps what a source compiles to. */
export async function moduleText({ source, constant }: (typeof MODULES)[number]): Promise<string> {
  const text = readFileSync(new URL(`assembly/${source}`, import.meta.url), 'utf8')
  const options = ['-O3', '--noAssert', '--converge', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd'] // prettier-ignore
  let bytes: Uint8Array | undefined
  const { error, stderr } = await asc.main([source, '--outFile', 'module.wasm', ...options], {
    readFile: (name) => (name === source ? text : null),
    writeFile: (name, contents) => {
      if (name === 'module.wasm' && typeof contents !== 'string') bytes = contents
    },
    listFiles: () => [],
  })
  if (error !== null || bytes === undefined) throw new Error(`wasm/assembly/${source}: ${stderr.toString()}`)
  return [
    `/** WebAssembly made of wasm/assembly/${source} by \`npm run build:wasm\`, in base64. */`,
    `export const ${constant} =\n  '${Buffer.from(bytes).toString('base64')}'`,
    '',
  ].join('\n')
}
