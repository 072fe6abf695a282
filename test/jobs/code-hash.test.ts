import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  BUILD_RECORD,
  buildRecord,
  codeHashes,
  DECISION_FOLDERS,
  relativeImports,
} from '../../src/jobs/code-hash.js'

let root: string
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const hashes = (): ReturnType<typeof codeHashes> =>
  codeHashes(join(root, 'mine/strategy.ts'), join(root, 'dist'))

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'baleen-code-'))
  for (const folder of DECISION_FOLDERS) write(`dist/${folder}/a.js`, `export const ${folder} = 1\n`)
  write('dist/cli/main.js', 'print(1)\n')
  write('dist/index.js', 'export {}\n')
  write('package-lock.json', '{}')
  write('mine/strategy.ts', `import { x } from './lib/x.js'\nexport default x\n`)
  write('mine/lib/x.ts', `export { y as x } from '../y'\n`)
  write('mine/y.ts', `import table from './table.json' with { type: 'json' }\nexport const y = table\n`)
  write('mine/table.json', '{"a": 1}')
  write('mine/unrelated.ts', 'export {}\n')
})
afterEach(() => rmSync(root, { recursive: true }))

describe('codeHashes', () => {
  it('is stable, and knows nothing of line endings, source maps, declarations or unrelated files', () => {
    const before = hashes()
    write('dist/core/a.js', 'export const core = 1\r\n//# sourceMappingURL=a.js.map\r\n')
    write('dist/core/a.d.ts', 'export declare const core: 2')
    write('dist/core/a.js.map', '{}')
    write('mine/unrelated.ts', 'export const changed = true\n')
    expect(hashes()).toEqual(before)
  })

  it.each([
    ...DECISION_FOLDERS.map((folder) => `dist/${folder}/a.js`),
    'mine/strategy.ts',
    'mine/lib/x.ts',
    'mine/y.ts',
    'mine/table.json',
  ])('a change of %s changes the decision hash only', (path) => {
    const before = hashes()
    write(
      path,
      path.endsWith('strategy.ts')
        ? `import { x } from './lib/x.js'\nexport default 2 * x\n`
        : '{"changed": 1}',
    )
    const after = hashes()
    expect(after.decision).not.toBe(before.decision)
    expect({ ...after, decision: before.decision }).toEqual(before)
  })

  it('a change elsewhere changes the other hashes only', () => {
    const before = hashes()
    write('dist/cli/main.js', 'print(2)\n')
    expect(hashes()).toEqual({ ...before, other: hashes().other })
    expect(hashes().other).not.toBe(before.other)
    write('package-lock.json', '{"changed": 1}')
    expect(hashes().dependencies).not.toBe(before.dependencies)
  })

  it('moving code from one file to another, or renaming one, counts', () => {
    const before = hashes()
    rmSync(join(root, 'dist/core/a.js'))
    write('dist/core/b.js', 'export const core = 1\n')
    expect(hashes().decision).not.toBe(before.decision)
  })
})

describe('codeHashes of what was built', () => {
  const builtHashes = (): ReturnType<typeof codeHashes> =>
    codeHashes(join(root, 'mine/strategy.ts'), join(root, 'built'))
  const record = (): void =>
    write(`built/${BUILD_RECORD}`, JSON.stringify(buildRecord(join(root, 'dist'), join(root, 'built'))))
  beforeEach(() => {
    write('built/cli/main.js', `import '../chunks/all.js'\n`)
    write('built/chunks/all.js', 'export const all = 1\n')
    record()
  })

  it('are those of its sources as they were then', () => {
    const before = hashes()
    expect(builtHashes()).toEqual(before)
    write('dist/core/a.js', 'export const core = 2\n')
    expect(builtHashes()).toEqual(before)
    record()
    expect(builtHashes()).toEqual(hashes())
    expect(hashes()).not.toEqual(before)
  })

  it.each([
    ['changed', () => write('built/chunks/all.js', 'export const all = 2\n')],
    ['gone', () => rmSync(join(root, 'built/chunks/all.js'))],
    ['new', () => write('built/chunks/other.js', '')],
  ])('differ in both parts where a built file is %s', (_what, change) => {
    const before = builtHashes()
    change()
    const after = builtHashes()
    expect(after.decision).not.toBe(before.decision)
    expect(after.other).not.toBe(before.other)
  })
})

it('relativeImports follows every form of import, and cycles', () => {
  write(
    'mine/a.ts',
    `import './b.js'\nexport * from "./c.js"\nconst d = await import('./d.js')\nimport type { E } from './e.js'\nimport 'baleen'\n// from './gone.js'\n`,
  )
  for (const name of ['b', 'c', 'd', 'e']) write(`mine/${name}.ts`, `import './a.js'\n`)
  const found = relativeImports(join(root, 'mine/a.ts')).map((path) => path.slice(join(root, 'mine/').length))
  expect(found.sort()).toEqual(['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts'])
})
