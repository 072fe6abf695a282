import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseInstruments } from '../../src/core/parse-instruments.js'
import { ROOT } from '../cli/run-cli.js'
import { brokenLinks, page, pages, type Block } from './documents.js'
import { copyWorkspace, makeWorkspace, runCommands, writeBlock } from './workspace.js'

const all = pages()
const blocks = all.flatMap((one) => one.blocks)
const instrumentsExample = blocks.find(({ page: name, language }) => name === 'docs/instruments.md' && language === 'json') // prettier-ignore
const [perpetual] = JSON.parse(instrumentsExample?.text ?? '[]') as unknown[]

const commandsOf = (name: string, word: string): string =>
  blocks
    .filter(({ page: of, language, text }) => of === name && language === 'sh' && text.includes(word))
    .flatMap(({ text }) => text.split('\n').filter((line) => line.includes(word)))
    .join('\n')

/** What the reader of a page has done before; the first hour and the simulator begin with nothing. */
const BEFORE: Readonly<Record<string, string>> = {
  'docs/config.md': commandsOf('docs/first-hour.md', 'data import'),
  'docs/signals.md': 'cp strategies/my-first.ts mine.ts',
}
/** Pages whose examples trade the perpetual that README imports, and begin with it. */
const RECORDED: readonly string[] = [
  'docs/checks.md',
  'docs/monte-carlo.md',
  'docs/report.md',
  'docs/signals.md',
]

describe('every command of the documents', () => {
  const root = mkdtempSync(join(tmpdir(), 'baleen-docs-'))
  beforeAll(async () => {
    await makeWorkspace(join(root, 'first'))
    const recorded = join(root, 'recorded')
    copyWorkspace(join(root, 'first'), recorded)
    writeBlock(recorded, 'instruments.json', JSON.stringify([perpetual]))
    const imported = await runCommands(recorded, commandsOf('README.md', 'data import'))
    expect([imported.code, imported.code === 0 ? '' : imported.stderr]).toEqual([0, ''])
  })
  afterAll(() => rmSync(root, { recursive: true }))

  const told = all.filter((one) => one.blocks.some(({ language }) => language === 'sh'))
  it.each(told.map((one) => [one.name, one.blocks] as const))(
    '%s: runs as it stands, in its order, in a workspace',
    async (name, blocksOfPage) => {
      const folder = join(root, name.replaceAll('/', '-'))
      copyWorkspace(join(root, RECORDED.includes(name) ? 'recorded' : 'first'), folder)
      if (name === 'README.md') writeBlock(folder, 'instruments.json', JSON.stringify([perpetual]))
      const before = await runCommands(folder, BEFORE[name] ?? '')
      expect([before.code, before.code === 0 ? '' : before.stderr]).toEqual([0, ''])
      const failures: unknown[] = []
      for (const block of blocksOfPage) {
        if (block.file !== undefined) writeBlock(folder, block.file, block.text)
        if (block.language !== 'sh' || block.notRun !== undefined) continue
        const answer = await runCommands(folder, block.text)
        if (answer.code !== 0) failures.push({ at: `${block.page}:${block.line}`, ...answer })
      }
      expect(failures).toEqual([])
    },
    600_000,
  )

  it('is run, or says why it is not', () => {
    const run = blocks.filter(({ language, notRun }) => language === 'sh' && notRun === undefined)
    expect(run.length).toBeGreaterThan(10)
    expect(blocks.filter(({ language }) => ['bash', 'shell', 'console'].includes(language))).toEqual([])
  })

  it('that fails is noticed', async () => {
    expect((await runCommands(join(root, 'first'), 'baleen strategy show no-such\ntrue')).code).toBe(2)
    expect((await runCommands(join(root, 'first'), 'npx other')).code).toBe(127)
  })
})

describe('every listing of the documents', () => {
  it('a strategy or config that is shown whole compiles', () => {
    const whole = blocks.filter(({ language, text }) => language === 'ts' && /^import .*|^} from 'baleen/m.test(text)) // prettier-ignore
    expect(whole.map(({ page: name }) => name)).toEqual(expect.arrayContaining(['README.md', 'docs/strategies.md', 'docs/first-hour.md'])) // prettier-ignore
    const [first] = whole
    if (first === undefined) throw new Error('no listing')
    const misspelt = { ...first, text: first.text.replace('p.trend', 'p.trned') }
    const told = typeErrors([...whole, misspelt])
    expect(told.slice(0, -1).flat()).toEqual([])
    expect(told.at(-1)?.join()).toContain('trned')
  })

  it('JSON is JSON, and a list of instruments is one', () => {
    const listings = blocks.filter(({ language }) => language === 'json')
    for (const { page: name, text } of listings) {
      const value: unknown = JSON.parse(text)
      if (Array.isArray(value)) expect(parseInstruments(value, name).length).toBeGreaterThan(0)
    }
  })
})

describe('every link of the documents', () => {
  it('leads to a file and a heading', () => {
    expect(brokenLinks(all, existsSync)).toEqual([])
  })

  it('that leads nowhere is noticed', () => {
    const bad = page('docs/a.md', '# A title\n[x](b.md) [y](#a-title) [z](#no) ![p](../images/none.png)\n')
    expect(brokenLinks([bad], existsSync)).toEqual(['docs/a.md: b.md', 'docs/a.md: #no', 'docs/a.md: ../images/none.png']) // prettier-ignore
  })
})

/** What the compiler says of each of the listings, as a file of its own among the project's strategies. */
function typeErrors(listings: readonly Block[]): string[][] {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object
  }
  const texts = new Map(listings.map(({ text }, at) => [join(ROOT, `strategies/listing-${at}.ts`), text]))
  const names = [...texts.keys()]
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: names }, ts.sys, ROOT)
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram(names, options, {
    ...host,
    fileExists: (path) => texts.has(path) || host.fileExists(path),
    readFile: (path) => texts.get(path) ?? host.readFile(path),
    getSourceFile: (path, language) => {
      const text = texts.get(path)
      return text === undefined ? host.getSourceFile(path, language) : ts.createSourceFile(path, text, language) // prettier-ignore
    },
  })
  return names.map((name, at) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(
        ({ messageText }) => `${listings[at]?.page}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      ),
  )
}
