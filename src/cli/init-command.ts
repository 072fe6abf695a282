import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { PACKAGE_ROOT } from '../jobs/package-info.js'
import { makeFolder } from '../store/files.js'
import { writingTo } from '../store/refusals.js'
import { shellQuote } from './arguments.js'
import { dependencyOnThis } from './init-dependency.js'
import { IGNORED, workspaceFiles } from './init-files.js'
import { packageWith } from './init-package.js'
import { ioOf, type Io } from './io.js'

interface Flags {
  readonly keep?: boolean
}

/** `init [dir]`: a folder of one's own to research in. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('make a workspace: a strategy, a config, an instruments file, a data folder')
    .argument('[dir]', 'folder of the workspace, made where it is absent', '.')
    .option('--keep', 'keep files that are there and write the others')
    .addHelpText(
      'after',
      `
Never replaces a file. A package.json that is there gets what it lacks, a .gitignore its missing lines.

Examples:
  baleen init
  baleen init my-research`,
    )
    .action(async (dir: string, flags: Flags, command: Command) => init(ioOf(command), dir, flags))
}

async function init(io: Io, dir: string, { keep }: Flags): Promise<void> {
  const folder = resolve(dir)
  if (folder === PACKAGE_ROOT)
    throw new ConfigError('this is the folder of baleen itself: name another for the workspace', {
      field: 'dir',
      value: dir,
    })
  const files = Object.entries(workspaceFiles())
  const there = files.map(([name]) => name).filter((name) => existsSync(join(folder, name)))
  if (there.length > 0 && keep !== true) {
    throw new ConfigError(
      `nothing was written, since some files are there already (${there.join(', ')}); --keep keeps them and writes the others`,
      { file: folder },
    )
  }
  await makeFolder(folder)
  const manifest = await writingTo(folder, () => writePackage(folder))
  const ignored = await writingTo(folder, () => writeIgnored(folder))
  const made = files.filter(([name]) => !there.includes(name))
  for (const [name, text] of made) await write(join(folder, name), text)

  const next = nextCommands(dir, folder)
  const written = [...manifest, ...ignored, ...made.map(([name]) => name)]
  if (io.json) {
    io.printJson({ folder, written, kept: there, next })
    return
  }
  io.print(io.bold(`A workspace in ${dir === '.' ? 'this folder' : dir}`))
  for (const one of written) io.print(`  ${one}`)
  if (there.length > 0) io.print(`Kept as they were: ${there.join(', ')}`)
  io.print(`\nNext:\n${next.map((line) => `  ${line}`).join('\n')}`)
}

/** Answers what was written, in words; nothing where the file has all that is needed. */
function writePackage(folder: string): string[] {
  const path = join(folder, 'package.json')
  const existing = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  const needs = {
    name: packageName(folder),
    dependencies: { baleen: dependencyOnThis(realpathSync(folder), realpathSync(PACKAGE_ROOT)) },
    devDependencies: { typescript: compilerVersion() },
    scripts: { check: 'tsc', demo: 'baleen demo' },
  }
  const { text, added } = packageWith(needs, existing)
  if (added.length === 0) return []
  writeFileSync(path, text)
  return [existing === undefined ? 'package.json' : `package.json (added ${added.join(', ')})`]
}

/** The compiler that baleen's own types are checked with. */
function compilerVersion(): string {
  const text = readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')
  const { devDependencies } = JSON.parse(text) as { devDependencies: { typescript: string } }
  return devDependencies.typescript
}

/** A name that npm accepts, after the folder. */
function packageName(folder: string): string {
  const name = basename(folder).toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-').replaceAll(/^-+|-+$/g, '') // prettier-ignore
  return ['', 'baleen', 'node-modules'].includes(name) ? 'research' : name
}

function writeIgnored(folder: string): string[] {
  const path = join(folder, '.gitignore')
  const existing = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const lines = existing.split(/\r?\n/)
  const missing = IGNORED.filter((line) => !lines.includes(line))
  if (missing.length === 0) return []
  const gap = existing === '' || existing.endsWith('\n') ? '' : '\n'
  writeFileSync(path, `${existing}${gap}${missing.join('\n')}\n`)
  return [existing === '' ? '.gitignore' : `.gitignore (added ${missing.join(' ')})`]
}

async function write(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path))
  await writingTo(path, () => writeFileSync(path, text, { flag: 'wx' }))
}

function nextCommands(dir: string, folder: string): string[] {
  const enter = folder === process.cwd() ? '' : `cd ${shellQuote(dir)} && `
  return [`${enter}npm install`, 'npx baleen demo']
}
