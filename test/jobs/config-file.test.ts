import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { POLICY_VALUES } from '../../src/core/policies.js'
import { ConfigError } from '../../src/core/errors.js'
import { configJsonSchema, findConfigFile, readConfigFile } from '../../src/jobs/config-file.js'
import { ROOT } from '../cli/run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function read(contents: unknown, name = 'a.json'): Promise<unknown> {
  writeFileSync(join(folder, name), typeof contents === 'string' ? contents : JSON.stringify(contents))
  return readConfigFile(name, folder)
}

describe('a config file', () => {
  it('says the same as JSON and as a TypeScript or JavaScript module', async () => {
    const said = { balance: 2_000, policies: { fillAt: 'same-close' }, instrument: ['a:B'], params: { fast: 3 } } // prettier-ignore
    expect(await read(said)).toEqual(said)
    const text = `export default ${JSON.stringify(said)}`
    expect(await read(text, 'a.mjs')).toEqual(said)
    expect(await read(`import type { Config } from 'baleen/lab'\n${text} satisfies Config`, 'a.ts')).toEqual(said) // prettier-ignore
  })

  it('has paths relative to itself', async () => {
    mkdirSync(join(folder, 'inner'), { recursive: true })
    const said = { data: 'd', runs: '../r', instruments: '/x/i.json', strategy: './mine.ts', reports: '.' }
    expect(await read(said, 'inner/c.json')).toEqual({ data: 'inner/d', runs: 'r', instruments: '/x/i.json', strategy: 'inner/mine.ts', reports: 'inner' }) // prettier-ignore
    expect(await read({ strategy: 'sma-cross' }, 'inner/c.json')).toEqual({ strategy: 'sma-cross' })
    expect(await read({ data: '.' })).toEqual({ data: '.' })
  })

  it.each([
    [{ slipage: 3 }, /unknown key; there are data, runs, .*\(file a\.json, field slipage\)/],
    [{ policies: { fillAtt: 'x' } }, /unknown key; there are fillAt, .*field policies\.fillAtt\)/],
    [{ policies: { fillAt: 'never' } }, /must be one of next-open, same-close.*field policies\.fillAt, value "never"\)/],
    [{ slippage: '3' }, /must be a number .*field slippage, value "3" bps\)/],
    [{ fee: 5 }, /0\.001 is 0\.1 % .*field fee, value 5 fraction\)/],
    [{ balance: 0 }, /above 0 .*field balance, value 0 quote\)/],
    [{ halfSpread: -1 }, /value -1 bps/],
    [{ participation: 5 }, /0\.05 is 5 %.*value 5 fraction/],
    [{ timeframe: 'hourly' }, /such as 15m, 1h or 1d .*field timeframe, value "hourly"/],
    [{ timerange: '2024' }, /2024-01-01\.\.2024-06-30 .*field timerange, value "2024"/],
    [{ seed: 1.5 }, /whole number .*value 1\.5/],
    [{ instrument: [] }, /leave it out for all.*field instrument/],
    [{ instrument: ['a:B', 3] }, /field instrument\.1, value 3/],
    [{ params: { fast: [1] } }, /field params\.fast, value "\[1\]"/],
    [{ facts: { whales: '' } }, /must not be empty.*field facts\.whales/],
    [[], /must be an object/],
    ['{', /not JSON: .*file a\.json/],
  ])('%j is refused, naming what and where', async (contents, message) => {
    const failure = await read(contents).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConfigError)
    expect((failure as Error).message).toMatch(message)
  }) // prettier-ignore

  it('that is no module, or exports nothing, is refused by name', async () => {
    await expect(read('export default {', 'b.mjs')).rejects.toThrow(/does not load.*b\.mjs/)
    await expect(read('export const a = 1', 'c.mjs')).rejects.toThrow(/export default.*c\.mjs/)
    await expect(readConfigFile('absent.json', folder)).rejects.toThrow(/no such config file.*absent\.json/)
  })

  it('is found by its name, and by one only', () => {
    expect(findConfigFile(folder)).toBeUndefined()
    writeFileSync(join(folder, 'baleen.config.ts'), '')
    expect(findConfigFile(folder)).toBe('baleen.config.ts')
    writeFileSync(join(folder, 'baleen.config.json'), '')
    expect(() => findConfigFile(folder)).toThrow('several config files')
  })
})

describe('the schema for editors', () => {
  const stored = JSON.parse(readFileSync(join(ROOT, 'config.schema.json'), 'utf8')) as {
    properties: Record<string, { properties: Record<string, { enum: string[] }> }>
  }

  it('is what config files are read by', () => {
    // Made anew by: node --import tsx -e "import('./src/jobs/config-file.ts').then((m) => console.log(JSON.stringify(m.configJsonSchema())))"
    expect(stored).toEqual(JSON.parse(JSON.stringify(configJsonSchema())))
  })

  it('knows every policy and its values', () => {
    const policies = Object.entries(stored.properties['policies']?.properties ?? {})
    expect(Object.fromEntries(policies.map(([name, one]) => [name, one.enum]))).toEqual(POLICY_VALUES)
  })
})
