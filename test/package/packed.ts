import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROGRAM, ROOT, type Answer } from '../cli/run-cli.js'

interface PackageFile {
  readonly version: string
  readonly files: readonly string[]
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

export const PACKAGE: PackageFile = readJson(join(ROOT, 'package.json'))

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}

/** Runs a program of npm's as a person would type it; the settings of an `npm test` around us are not passed on. */
export function typed(folder: string, program: string, ...words: string[]): Promise<Answer> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(config_(local_)?prefix|lifecycle|package)/.test(name)),
  ) // prettier-ignore
  return new Promise((resolve, reject) => {
    execFile(program, words, { cwd: folder, env: environment, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') resolve({ code, stdout, stderr })
      else reject(error ?? new Error(`${program} did not start`))
    })
  })
}

/** Makes the tarball that would be published, in a new folder of its own, and answers that folder. */
export async function packedTarball(): Promise<{ folder: string; tarball: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-packed-'))
  const isBuilt = PROGRAM.length === 1
  const source = isBuilt ? ROOT : await builtCopy(join(folder, 'copy'))
  await expectDone(typed(source, 'npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', folder))
  return { folder, tarball: `baleen-${PACKAGE.version}.tgz` }
}

/** A copy of what is packed with `dist/` built from the sources as they are now: never into the repository, where others read it. */
async function builtCopy(folder: string): Promise<string> {
  mkdirSync(folder)
  for (const name of ['package.json', ...PACKAGE.files.filter((file) => file !== 'dist')])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  const words = ['--import', 'tsx', join(ROOT, 'scripts/build.ts'), join(folder, 'dist')]
  await expectDone(typed(ROOT, process.execPath, ...words))
  return folder
}

async function expectDone(answer: Promise<Answer>): Promise<void> {
  const { code, stdout, stderr } = await answer
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}${stderr}`)
}

type LockEntry = Readonly<Record<string, unknown>>

/**
 * Writes the lockfile of a project that depends on the tarball, with the very packages that this repository is locked to. npm then takes
 * them from its cache, which `npm ci` has filled: no other version, and no network.
 */
export function writeLockfile(project: string, tarball: string): void {
  const own = readJson<{ packages: Record<string, LockEntry & { dev?: boolean }> }>(
    join(ROOT, 'package-lock.json'),
  )
  const { dependencies = {}, devDependencies = {} } = readJson<Partial<PackageFile>>(
    join(project, 'package.json'),
  )
  const compiler = own.packages['node_modules/typescript']
  const shipped = Object.entries(own.packages).filter(([path, entry]) => path !== '' && entry.dev !== true)
  const lock = {
    name: 'project',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { dependencies, devDependencies },
      'node_modules/baleen': {
        version: PACKAGE.version,
        resolved: tarball,
        dependencies: PACKAGE.dependencies,
        bin: { baleen: 'dist/cli/main.js' },
      },
      ...Object.fromEntries(shipped),
      ...('typescript' in devDependencies ? { 'node_modules/typescript': compiler } : {}),
    },
  }
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(lock))
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
