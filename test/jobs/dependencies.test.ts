import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashDependencies, installedPackages } from '../../src/jobs/dependencies.js'
import { ROOT } from '../cli/run-cli.js'

let root: string
const write = (path: string, content: object): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), JSON.stringify(content))
}
const home = (): string => join(root, 'node_modules/baleen')

/** As npm installs it beside others: hoisted, except where two versions are needed. */
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'baleen-dependencies-')))
  write('node_modules/baleen/package.json', {
    version: '0.1.0',
    dependencies: { a: '^1.0.0', '@s/b': '*', gone: '1' },
    optionalDependencies: { windows: '1' },
    devDependencies: { dev: '1' },
  })
  write('node_modules/a/package.json', { version: '1.2.3', dependencies: { '@s/b': '2' } })
  write('node_modules/a/node_modules/@s/b/package.json', { version: '2.0.0', dependencies: { a: '1' } })
  write('node_modules/@s/b/package.json', { version: '1.0.0' })
  write('node_modules/dev/package.json', { version: '1.0.0' })
  write('node_modules/stranger/package.json', { version: '1.0.0' })
})
afterEach(() => rmSync(root, { recursive: true }))

describe('the packages that a run stands on', () => {
  it('are all that can be reached as installed, both of two versions, cycles and absent ones included', () => {
    expect(installedPackages(home())).toEqual(['@s/b@1.0.0', '@s/b@2.0.0', 'a@1.2.3', 'gone@absent'])
  })

  it('are found where they are links into a store of packages', () => {
    rmSync(join(root, 'node_modules/a'), { recursive: true })
    write('store/a/node_modules/a/package.json', { version: '1.2.4', dependencies: { '@s/b': '2' } })
    write('store/a/node_modules/@s/b/package.json', { version: '2.0.1' })
    symlinkSync(join(root, 'store/a/node_modules/a'), join(root, 'node_modules/a'))
    expect(installedPackages(home())).toEqual(['@s/b@1.0.0', '@s/b@2.0.1', 'a@1.2.4', 'gone@absent'])
  })

  it('are hashed by the lockfile, or as installed where the package came without one', () => {
    const before = hashDependencies(home())
    expect(before).toMatchObject({ dependenciesFrom: 'installed', dependencies: expect.stringMatching(/^[0-9a-f]{64}$/) as string }) // prettier-ignore
    write('node_modules/stranger/package.json', { version: '9.9.9' })
    expect(hashDependencies(home())).toEqual(before)
    write('node_modules/a/node_modules/@s/b/package.json', { version: '2.0.1' })
    expect(hashDependencies(home()).dependencies).not.toBe(before.dependencies)
    write('node_modules/baleen/package-lock.json', {})
    const locked = hashDependencies(home())
    expect(locked.dependenciesFrom).toBe('lockfile')
    write('node_modules/baleen/package-lock.json', { changed: 1 })
    expect(hashDependencies(home()).dependencies).not.toBe(locked.dependencies)
  })

  it("of this package are read from this machine's node_modules", () => {
    const packages = installedPackages(ROOT)
    expect(packages.some((text) => text.startsWith('@duckdb/node-api@'))).toBe(true)
    expect(packages.some((text) => text.startsWith('@duckdb/node-bindings@'))).toBe(true)
    expect(packages.filter((text) => text.endsWith('@absent'))).toEqual([])
    expect(packages.some((text) => text.startsWith('vitest@'))).toBe(false)
  })
})
