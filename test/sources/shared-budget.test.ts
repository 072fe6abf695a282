import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { RequestBudget } from '../../src/sources/smart-money/budget.js'
import { Secret } from '../../src/sources/smart-money/secret.js'
import { budgetFile, sharedBudgetFolder } from '../../src/sources/smart-money/shared-budget.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-budget-'))
afterAll(() => rmSync(root, { recursive: true }))

const NOW = Date.UTC(2026, 0, 10, 12)
const SPENDER = fileURLToPath(new URL('budget-spender.ts', import.meta.url))

function spender(path: string, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', SPENDER, path, String(NOW), String(wanted)], { stdio: ['ignore', 'pipe', 'inherit'] }) // prettier-ignore
    let said = ''
    child.stdout.on('data', (text: Buffer) => (said += text.toString()))
    child.on('error', reject)
    child.on('close', () => resolve(Number(said)))
  })
}

describe('one key, one budget', () => {
  it('two processes and this one spend no more than the plan has, and not a request is lost', async () => {
    const path = join(root, 'minute', 'budget.json')
    const own = await RequestBudget.open(path, { perMinute: 14, perDay: 1_000 }, true)
    await own.learn(NOW, { perMinute: 14, perDay: 1_000 })
    const others = [spender(path, 8), spender(path, 8)]
    let given = 0
    for (let request = 0; request < 8; request++) if ((await own.take(NOW)) === undefined) given++
    const all = [given, ...(await Promise.all(others))]
    expect(all.reduce((sum, count) => sum + count, 0)).toBe(14)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ usedToday: 14, usedThisMinute: 14 })
  })

  it('what one is told, all obey: a Retry-After, and the limits of the plan', async () => {
    const path = join(root, 'told', 'budget.json')
    const [one, other] = [await RequestBudget.open(path, undefined, true), await RequestBudget.open(path, undefined, true)] // prettier-ignore
    await one.refused(NOW, NOW + 90_000)
    expect([await other.take(NOW + 89_999), await other.take(NOW + 90_000)]).toEqual([
      NOW + 90_000,
      undefined,
    ])
    await one.learn(NOW + 90_000, { perMinute: 7, perDay: 1_000 }, 900)
    expect(await other.take(NOW + 90_000)).toBeUndefined()
    expect(other.limits.perMinute).toBe(7)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ usedToday: 901 })
  })

  it('lies under a hash of the address and the key; a world on this machine and a program without a key have their own', () => {
    const settingsFolder = join(root, 'settings')
    const place = (baseUrl: string, key?: string) => ({ baseUrl, key: key === undefined ? undefined : new Secret(key), settingsFolder, ownFile: 'own.json' }) // prettier-ignore
    const folder = (baseUrl: string, key?: string): string | undefined => sharedBudgetFolder(place(baseUrl, key)) // prettier-ignore
    const api = 'https://api.example.org'
    const shared = folder(api, 'sm_first')
    expect(shared).toMatch(/settings\/budgets\/[0-9a-f]{16}$/)
    expect(folder(`${api}/`, 'sm_first')).toBe(shared)
    expect(new Set([shared, folder(api, 'sm_other'), folder('https://other.example.org', 'sm_first')]).size).toBe(3) // prettier-ignore
    expect([folder(api), folder('http://127.0.0.1:8080', 'sm_first')]).toEqual([undefined, undefined])
    expect(budgetFile(place(api, 'sm_first'))).toBe(join(shared!, 'budget.json'))
    expect(budgetFile(place(api))).toBe('own.json')
  })
})
