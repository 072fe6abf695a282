import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

function campaign(...words: string[]): { status: number | null; stdout: string } {
  const args = ['--import', 'tsx', 'campaigns/main.ts', ...words]
  const env = { ...process.env, TSX_TSCONFIG_PATH: 'tsconfig.json' }
  return spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' })
}

/** `noise-calibration` of `npm run campaign -- noise-calibration --size 300`, wherever the documentation says it. */
function namesInDocumentation(): string[] {
  const files = [
    'README.md',
    ...readdirSync(join(root, 'docs'))
      .filter((one) => one.endsWith('.md'))
      .map((one) => `docs/${one}`),
  ]
  return files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/run campaign -- ([a-z-]+)/g)].map(
      ([, name]) => name ?? '',
    ),
  )
}

describe('npm run campaign', () => {
  const help = campaign()
  const listed = [...help.stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name)

  it('lists every campaign by its name', () => {
    expect(help.status).toBe(0)
    const modules = readdirSync(join(root, 'campaigns'))
      .filter((one) => one.endsWith('.ts') && !['main.ts', 'options.ts'].includes(one))
      .map((one) => one.slice(0, -'.ts'.length))
    expect(listed).toEqual(
      expect.arrayContaining([...modules, 'shuffled-days', 'parity', 'session-kill', 'deadlines']),
    )
  })

  it('knows every one that the documentation names', () => {
    expect(namesInDocumentation().length).toBeGreaterThan(3)
    expect(namesInDocumentation().filter((name) => !listed.includes(name))).toEqual([])
  })

  it('ends with the count that it is asked for, and refuses a name that is not there', () => {
    const none = campaign('payload-fuzz', '--size', '1')
    expect(none.stdout.trimEnd().split('\n').at(-1)).toMatch(/^payload-fuzz: \d+ passed, 0 failed$/)
    expect(none.status).toBe(0)
    expect(campaign('payload-fuz').status).toBe(2)
  })
})
