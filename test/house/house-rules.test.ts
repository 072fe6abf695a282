import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import config from '../../vitest.config.js'
import { findProgram } from '../chromium.js'
import { purityFaults } from './purity.js'
import { importFaults, importsOf, strategyImportFaults, switchedOffTests } from './rules.js'
import { sourceFiles } from './source-files.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const sources = sourceFiles(root, 'src')

describe('the house rules hold', () => {
  it('every import between folders of src/ is in the table of layers', () => {
    expect(sources.flatMap(importFaults)).toEqual([])
  })

  it('pure folders have no clock, randomness, environment, files, timers or network', () => {
    expect(sources.flatMap(purityFaults)).toEqual([])
  })

  it('no test is switched off, and none switches off the others', () => {
    expect(sourceFiles(root, 'test').flatMap(switchedOffTests)).toEqual([])
  })

  it('no file is empty', () => {
    const folders = ['bench', 'browser', 'campaigns', 'scripts', 'src', 'strategies', 'test']
    const empty = folders
      .flatMap((folder) => sourceFiles(root, folder))
      .filter(({ text }) => text.trim() === '')
    expect(empty.map(({ path }) => path)).toEqual([])
  })

  it('shipped strategies import only the package by its name', () => {
    expect(sourceFiles(root, 'strategies').flatMap(strategyImportFaults)).toEqual([])
  })

  it('a missing snapshot fails, in continuous integration and out of it', () => {
    expect(config.test?.update).toBe('none')
  })

  it('a program outside npm is found where the shell of .ci/run finds it', () => {
    const shell = execFileSync('sh', ['-c', 'command -v sh'], { encoding: 'utf8' }).trim()
    expect(findProgram('sh', process.env['PATH'] ?? '')).toBe(shell)
    expect(findProgram('sh', join(root, 'docs'))).toBeUndefined()
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain('command -v chromium')
  })

  it('tsc is the pinned one', () => {
    const pinned = (
      JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        devDependencies: Record<string, string>
      }
    ).devDependencies['typescript']
    const answer = execFileSync(process.execPath, [join(root, 'node_modules/.bin/tsc'), '--version'], {
      encoding: 'utf8',
    })
    expect(answer.trim()).toBe(`Version ${pinned}`)
  })
})

describe('the checkers catch what they are for', () => {
  const at = (path: string, text: string) => ({ path, text })

  it.each([
    ['src/core/a.ts', `import { x } from '../store/index.js'`],
    ['src/core/a.ts', `import type { X } from '../engine/options.js'`],
    ['src/core/a.ts', `export * from '../metrics/index.js'`],
    ['src/core/a.ts', `type X = import('../engine/options.js').ReplayOptions`],
    ['src/trading/deep/a.ts', `const x = await import('../../execution/fees.js')`],
    ['src/features/a.ts', `import { readFileSync } from 'node:fs'`],
    ['src/engine/a.ts', `import { DuckDBInstance } from '@duckdb/node-api'`],
    ['src/engine/a.ts', `const x = await import(name)`],
    ['src/core/a.ts', `import { x } from '../index.js'`],
    ['src/store/a.ts', `import { replay } from '../engine/replay.js'`],
    ['src/strategy/a.ts', `import { ema } from 'baleen'`],
    ['src/newcomer/a.ts', ``],
    ...[
      `import { readFileSync } from 'fs'`,
      `import { randomBytes } from 'crypto'`,
      `import fs = require('node:fs')`,
      `export * from 'node:os'`,
      `const x = await import('fs')`,
      'const x = await import(`fs`)',
      `import { request } from 'undici'`,
      `import WebSocket from 'ws'`,
      `import Database from 'better-sqlite3'`,
      `import { z } from 'zod'`,
      `import 'tsx/esm'`,
      `let x: import('node:fs').Stats`,
    ].map((text) => ['src/engine/a.ts', text]),
    ['src/index.ts', `export { readFileSync } from 'fs'`],
  ])('import: %s: %s', (path, text) => {
    expect(importFaults(at(path, text))).toHaveLength(1)
  })

  it('allows what the table allows', () => {
    const text = `import { a } from './b.js'\nimport { z } from 'zod'\nimport type { C } from '../core/columns.js'`
    expect(importFaults(at('src/core/a.ts', text))).toEqual([])
    expect(importsOf(at('src/core/a.ts', text))).toEqual(['./b.js', 'zod', '../core/columns.js'])
    expect(importFaults(at('src/store/a.ts', `import { open } from 'fs'`))).toEqual([])
  })

  const declared = 'declare const a, b, date, day, f, name, order, parts, text, timeMs, x; '
  const pure = (path: string, text: string): string[] => purityFaults(at(path, declared + text))
  it.each([
    'const t = Date.now()', 'const now = Date["now"]', 'const t = new Date()', 'const t = new Date', 'const s = Date()',
    'const r = Math.random()', 'const { random } = { random: Math.random }', 'const t = performance.now()',
    'if (process.env.X) {}', 'setTimeout(() => {}, 1)', 'await fetch("x")', 'console.log(1)', 'const u = import.meta.url',
    'const f = globalThis.fetch', 'const { env } = process',
    'const { now } = Date', 'const { random } = Math', 'const m = Math', 'const D = Date', 'new (class extends Date {})()',
    'const r = Math[name]()', 'const r = Math["max"](1)', 'f(Math)', 'const t = Date.parse("2020-01-01T00:00")',
    'eval("1")', '(0, eval)("1")', 'new Function("return 1")()', 'Function("return 1")()', 'const F = Function',
    '(() => 1).constructor("return 1")()', 'const { constructor: F } = f', `Reflect.get(Math, 'random')()`,
    'new Date(2020, 1, 1)', 'new Date("2020-01-01T00:00")', 'new Date(`${day}T00:00`)', 'new Date(...parts)',
    'new Intl.DateTimeFormat()', 'x.toLocaleString()', 'x?.toLocaleUpperCase()', 'x["toLocaleString"]()', 'a.localeCompare(b)',
    'new Date(0).getHours()', 'new Date(0).toDateString()', 'const { getMonth: m } = date', 'new Worker("a.js")',
    'new WeakRef(x)', 'structuredClone(x)', 'Atomics.wait(a, 0, 0)', 'require("fs")', 'module.exports = 1', 'x = __dirname',
    'function f(process: number) { return process }; const e = process.env',
  ])('purity: %s', (text) => {
    expect(pure('src/metrics/a.ts', text)).not.toEqual([])
    expect(pure('src/index.ts', text)).not.toEqual([])
    expect(pure('src/cli/a.ts', text)).toEqual([])
  }) // prettier-ignore

  it('purity: a date of a given instant, and names that only look alike, are fine', () => {
    const text = `
      const d = new Date(timeMs).toISOString() + new Date(Date.UTC(2020, 1)).getUTCHours() + Math.max(1, Math.PI)
      function f(process: number) { return { process: 1 }.process + process }
      class Ema { constructor(readonly fetch: Date, readonly env: NodeJS.ProcessEnv) {} }
      const n = order.process`
    expect(pure('src/core/a.ts', text)).toEqual([])
    expect(pure('src/core/a.ts', '')).toEqual([])
  })

  it('purity: what one file may do, another may not', () => {
    const text = 'const f = new Function(text)'
    for (const path of ['src/features/loop.ts', 'src/strategy/row-loop.ts'])
      expect(pure(path, text)).toEqual([])
    expect(pure('src/features/ema.ts', text)).toHaveLength(1)
    expect(pure('src/features/loop.ts', 'Function(text)')).toHaveLength(1)
  })

  it('switched-off tests', () => {
    for (const owner of ['it', 'test', 'describe', 'describe.each([1])', 'it.concurrent']) {
      for (const how of ['only', 'skip', 'todo']) {
        expect(switchedOffTests(at('test/a.test.ts', `${owner}.${how}('x', () => {})`))).toHaveLength(1)
      }
    }
    expect(
      switchedOffTests(at('test/a.test.ts', `describe.skipIf(!there)('x', () => {}); list.only('x')`)),
    ).toEqual([])
  })

  it('strategies', () => {
    expect(
      strategyImportFaults(at('strategies/a.ts', `import { ema } from 'baleen'\nimport fs from 'node:fs'`)),
    ).toHaveLength(1)
  })
})
