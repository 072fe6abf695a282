import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, resolveConfig } from 'prettier'
import { afterAll, describe, expect, it } from 'vitest'
import { parseInstruments } from '../../src/core/parse-instruments.js'
import { readConfigFile } from '../../src/jobs/config-file.js'
import { dependencyOnThis } from '../../src/cli/init-dependency.js'
import { EXAMPLE_CSV, workspaceFiles } from '../../src/cli/init-files.js'
import { packageWith } from '../../src/cli/init-package.js'
import { baleen, baleenHere, ROOT } from './run-cli.js'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'baleen-init-')))
afterAll(() => rmSync(root, { recursive: true }))

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, 'a-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const packageOf = (folder: string): Record<string, Record<string, string>> =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, Record<string, string>>

describe('init', () => {
  it('makes a named folder, links it to the clone it came from, and says what to type next', async () => {
    const answer = await baleen(root, ['init', 'my research'])
    expect([answer.code, answer.stderr]).toEqual([0, ''])
    expect(answer.stdout).toMatch(/Next:\n {2}cd 'my research' && npm install\n {2}npx baleen demo\n$/)
    const folder = join(root, 'my research')
    const files = Object.keys(workspaceFiles())
    for (const name of ['package.json', '.gitignore', ...files]) {
      expect(answer.stdout).toContain(`  ${name}\n`)
      expect(existsSync(join(folder, name))).toBe(true)
    }
    const { dependencies, name } = packageOf(folder)
    expect(name).toBe('my-research')
    expect(realpathSync(join(folder, dependencies?.['baleen']?.slice('file:'.length) ?? ''))).toBe(realpathSync(ROOT))
    await readConfigFile('baleen.config.json', folder)
    expect(parseInstruments(JSON.parse(readFileSync(join(folder, 'instruments.json'), 'utf8')), 'i')).toHaveLength(1)
  })

  it('writes nothing where a file is in the way, or keeps it when told to', async () => {
    const folder = folderWith({ 'README.md': 'mine', 'tsconfig.json': '{}' })
    const refused = await baleen(folder, ['init'])
    expect([refused.code, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toMatch(/README\.md, tsconfig\.json.*--keep/)
    expect(readdirSync(folder).sort()).toEqual(['README.md', 'tsconfig.json'])
    const kept = await baleenHere(folder, ['init', '--keep', '--json'])
    expect(JSON.parse(kept.stdout)).toMatchObject({ kept: ['README.md', 'tsconfig.json'] })
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('mine')
    expect(existsSync(join(folder, 'strategies/my-first.ts'))).toBe(true)
  })

  it('adds to a package.json and a .gitignore what they lack, and changes nothing that stands there', async () => {
    const before = { name: 'theirs', type: 'commonjs', scripts: { check: 'true' }, dependencies: { baleen: '9.9.9' } }
    const folder = folderWith({ 'package.json': JSON.stringify(before, null, 4), '.gitignore': 'node_modules/\nsecret' })
    const answer = await baleenHere(folder, ['init'])
    expect(answer.stdout).toContain('package.json (added devDependencies.typescript, scripts.demo)')
    expect(packageOf(folder)).toEqual({ ...before, devDependencies: { typescript: expect.any(String) }, scripts: { check: 'true', demo: 'baleen demo' } })
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toContain('\n    "name"')
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('node_modules/\nsecret\n.baleen/\ndata/*\n!data/README.md\nreports/\nsessions/\n')
  })

  it('refuses the folder of baleen itself, and a package.json that is none', async () => {
    expect((await baleenHere(ROOT, ['init'])).stderr).toContain('folder of baleen itself')
    const folder = folderWith({ 'package.json': '{' })
    const answer = await baleenHere(folder, ['init'])
    expect([answer.code, readdirSync(folder)]).toEqual([2, ['package.json']])
    expect(answer.stderr).toMatch(/not JSON.*package\.json/)
  })
}) // prettier-ignore

describe('what a workspace depends on', () => {
  /** A package as npm would have installed it into a project that asked for it so. */
  function installed(asked: string | undefined): string {
    const project = folderWith({ 'package.json': JSON.stringify(asked === undefined ? {} : { dependencies: { baleen: asked } }) }) // prettier-ignore
    const folder = join(project, 'node_modules/baleen')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"version": "1.2.3"}')
    return folder
  }

  it.each([
    ['^1.2.0', '1.2.3'],
    ['latest', '1.2.3'],
    ['1.2.3', '1.2.3'],
    ['github:someone/baleen#main', 'github:someone/baleen#main'],
    ['https://example.org/baleen.tgz', 'https://example.org/baleen.tgz'],
  ])('as asked for: %s becomes %s', (asked, spec) => {
    expect(dependencyOnThis(join(root, 'w'), installed(asked))).toBe(spec)
  })

  it('a tarball keeps its place, seen from the workspace', () => {
    writeFileSync(join(root, 'baleen-1.2.3.tgz'), '')
    expect(dependencyOnThis(join(root, 'w/x'), installed('file:../baleen-1.2.3.tgz'))).toBe('file:../../baleen-1.2.3.tgz') // prettier-ignore
  })

  it('the folder itself where the tarball is gone, nothing says how it came, or it is a clone', () => {
    for (const asked of ['file:../gone.tgz', undefined]) {
      const folder = installed(asked)
      expect(dependencyOnThis(root, folder)).toBe(`file:${folder.slice(root.length + 1)}`)
    }
    expect(dependencyOnThis(root, join(root, 'clone'))).toBe('file:clone')
  })

  it('a link in node_modules is seen through by its caller', () => {
    const clone = folderWith({ 'package.json': '{}' })
    mkdirSync(join(root, 'node_modules'))
    symlinkSync(clone, join(root, 'node_modules/baleen'))
    expect(dependencyOnThis(root, realpathSync(join(root, 'node_modules/baleen')))).toBe(`file:${clone.slice(root.length + 1)}`) // prettier-ignore
  })
})

describe('the files of a workspace', () => {
  const files = workspaceFiles()

  it('are formatted as the project is, and equal whenever they are made', async () => {
    expect(workspaceFiles()).toEqual(files)
    for (const [name, text] of Object.entries(files)) {
      if (!/\.(ts|md)$/.test(name)) continue
      const config = await resolveConfig(join(ROOT, 'strategies/sma-cross.ts'))
      expect([name, await check(text, { ...config, filepath: name })]).toEqual([name, true])
    }
  })

  it('hold half a year of candles whose columns need no explanation', () => {
    const lines = (files[EXAMPLE_CSV] ?? '').trim().split('\n')
    expect(lines).toHaveLength(1 + 180 * 24)
    expect(lines[0]).toBe('time,open,high,low,close,volume')
    for (const line of lines.slice(1)) {
      const [open = NaN, high = NaN, low = NaN, close = NaN] = line.split(',').slice(1).map(Number)
      if (!(low <= Math.min(open, close) && high >= Math.max(open, close) && low > 0)) throw new Error(line)
    }
  })

  it('a package.json that has everything is left as it is, to the byte', () => {
    const needs = { name: 'n', dependencies: { a: '1' }, devDependencies: {}, scripts: {} }
    const text = '{"devDependencies":{"a":"2"}}'
    expect(packageWith(needs, text)).toEqual({ text, added: [] })
  })
})
