import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { codeFiles, codeHashes } from '../../src/jobs/code-hash.js'
import { ROOT, type Answer } from '../cli/run-cli.js'
import { PACKAGE, packedTarball, remove, typed, writeLockfile } from './packed.js'

/** An empty folder into which the packed tarball is installed, and what a newcomer types there, in this order. */
let packed: { folder: string; tarball: string }
let project: string
const type = (...words: string[]): Promise<Answer> => typed(project, words[0] ?? '', ...words.slice(1))
/** What `npx baleen` starts, without npm around it. */
const baleen = (...words: string[]): Promise<Answer> =>
  type(join(project, 'node_modules/.bin/baleen'), ...words)
// npm unpacks a hundred megabytes twice.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

// SQLite is not compiled again, which would take minutes: what was compiled for this repository, of the same sources, is copied.
const INSTALL = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts']
const SQLITE = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'

beforeAll(async () => {
  packed = await packedTarball()
  project = join(packed.folder, 'my-research')
  mkdirSync(project)
  const tarball = `file:../${packed.tarball}`
  writeFileSync(join(project, 'package.json'), JSON.stringify({ dependencies: { baleen: tarball } }))
  writeLockfile(project, tarball)
  const installed = await type('npm', 'ci', ...INSTALL)
  if (installed.code !== 0) throw new Error(`npm ci: ${installed.stderr}`)
  cpSync(join(ROOT, SQLITE), join(project, SQLITE))
})
afterAll(() => remove(packed.folder))

it('holds what a user needs and nothing of the tests', async () => {
  const names = readdirSync(join(project, 'node_modules/baleen'))
  for (const name of ['README.md', 'LICENSE', 'docs', 'dist', 'strategies', 'config.schema.json'])
    expect(names).toContain(name)
  for (const name of ['test', 'src', 'bench', 'wasm', 'node_modules']) expect(names).not.toContain(name)
  expect((await type('npx', '--no-install', 'baleen', '--version')).stdout.trim()).toBe(PACKAGE.version)
})

it('is built from the sources, with their hashes and the names of their classes', () => {
  const built = join(project, 'node_modules/baleen/dist')
  const strategy = join(ROOT, 'strategies/sma-cross.ts')
  const [ofBuilt, ofSource] = [built, join(ROOT, 'src')].map((root) => codeHashes(strategy, root))
  expect([ofBuilt?.decision, ofBuilt?.other]).toEqual([ofSource?.decision, ofSource?.other])
  expect(codeFiles(built).length).toBeLessThan(30)
  // Errors are told apart by the names of their classes: no two of one name may have been laid into one file.
  const classes = (root: string): string[] => [
    ...new Set(codeFiles(root).flatMap((path) => readFileSync(join(root, path), 'utf8').match(/(?<=\bclass )\w+(?=<| ?(?:extends\b|implements\b|\{))|\w+(?= ?= ?class\b)/g) ?? [])),
  ] // prettier-ignore
  const named = classes(join(ROOT, 'src'))
  expect(
    classes(built).filter((name) => !named.includes(name) && named.includes(name.replace(/\d+$/, ''))),
  ).toEqual([])
  expect(classes(built)).toContain('DataError')
})

it('makes a workspace whose own strategy type-checks and backtests with the installed package', async () => {
  const made = await baleen('init')
  expect([made.code, made.stderr]).toEqual([0, ''])
  const written = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as typeof PACKAGE
  expect(written.dependencies['baleen']).toBe(`file:../${packed.tarball}`)
  expect(written.devDependencies['typescript']).toBe(PACKAGE.devDependencies['typescript'])

  const [install = '', demo = ''] = made.stdout.split('Next:\n')[1]?.trim().split(/\n\s*/) ?? []
  expect([install, demo]).toEqual(['npm install', 'npx baleen demo'])
  writeLockfile(project, `file:../${packed.tarball}`)
  const installed = await type(...install.split(' '), ...INSTALL)
  expect([installed.code, installed.stderr]).toEqual([0, ''])

  expect((await type('npm', 'run', '--silent', 'check')).code).toBe(0)
  const strategy = join(project, 'strategies/my-first.ts')
  const text = readFileSync(strategy, 'utf8')
  writeFileSync(strategy, text.replace('p.slow', 'p.slew'))
  expect((await type('npm', 'run', '--silent', 'check')).stdout).toMatch(/slew/)
  writeFileSync(strategy, text)

  // The workspace's own README says what to type next.
  const readme = readFileSync(join(project, 'README.md'), 'utf8')
  const commands = readme.split('Your first backtest')[1]?.match(/(?<=^ {4}npx baleen ).*/gm) ?? []
  expect(commands).toHaveLength(4)
  const answers: Answer[] = []
  for (const command of commands) answers.push(await baleen(...command.split(' ')))
  expect(answers.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  expect(answers[1]?.stdout).toContain('SYNTHETIC')
  expect(answers[3]?.stdout.match(/my-first-[0-9a-f]{12}/g)).toHaveLength(2)
})

it('shows its demo, offline, and finds the machine ready', async () => {
  const demo = await baleen('demo')
  expect(demo.code).toBe(0)
  expect(demo.stdout).toContain('SYNTHETIC')
  for (const folder of ['data/demo/manifest.json', '.baleen/runs']) expect(existsSync(join(project, folder))).toBe(true)
  const doctor = await baleen('doctor')
  expect([doctor.code, doctor.stderr]).toEqual([0, ''])
}) // prettier-ignore
