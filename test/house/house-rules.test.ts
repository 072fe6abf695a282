import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  importFaults,
  importsOf,
  purityFaults,
  sourceFiles,
  strategyImportFaults,
  switchedOffTests,
} from './rules.js'

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

  it('shipped strategies import only the package by its name', () => {
    expect(sourceFiles(root, 'strategies').flatMap(strategyImportFaults)).toEqual([])
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
  ])('import: %s: %s', (path, text) => {
    expect(importFaults(at(path, text))).toHaveLength(1)
  })

  it('allows what the table allows', () => {
    const text = `import { a } from './b.js'\nimport { z } from 'zod'\nimport type { C } from '../core/columns.js'`
    expect(importFaults(at('src/features/a.ts', text))).toEqual([])
    expect(importsOf(at('src/features/a.ts', text))).toEqual(['./b.js', 'zod', '../core/columns.js'])
  })

  it.each([
    'const t = Date.now()', 'const now = Date["now"]', 'const t = new Date()', 'const t = new Date', 'const s = Date()',
    'const r = Math.random()', 'const { random } = { random: Math.random }', 'const t = performance.now()',
    'if (process.env.X) {}', 'setTimeout(() => {}, 1)', 'await fetch("x")', 'console.log(1)', 'const u = import.meta.url',
    'const f = globalThis.fetch', 'const { env } = process',
  ])('purity: %s', (text) => {
    expect(purityFaults(at('src/metrics/a.ts', text))).not.toEqual([])
    expect(purityFaults(at('src/cli/a.ts', text))).toEqual([])
  }) // prettier-ignore

  it('purity: a date of a given instant, and names that only look alike, are fine', () => {
    const text = `const d = new Date(0).toISOString()\nfunction f(process: number) { return { process: 1 }.process }\nconst a = order.process`
    expect(purityFaults(at('src/core/a.ts', text))).toEqual([])
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
