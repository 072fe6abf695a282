import { generateKeyPairSync } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CheckError, ConfigError, DataError } from '../../../src/core/errors.js'
import { requirePromoted } from '../../../src/runner/promotion/guard.js'
import { defaultKeyFolder, signingKey, trustedKey } from '../../../src/runner/promotion/keys.js'
import { appendPromotion, readPromotions } from '../../../src/runner/promotion/promotion-store.js'
import { PROMOTION_SCHEMA, type Promotion } from '../../../src/runner/promotion/record.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-promotions-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const keyPair = (): { readonly privateKey: string; readonly publicKey: string } =>
  generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
const keys = keyPair()
const hashes = {
  decision: 'd',
  params: 'p',
  limits: 'l',
  data: 'x',
  evidence: 'e',
  other: 'o',
  dependencies: 'n',
}
const promotion = (runId: string, more: Partial<Promotion> = {}): Promotion => ({
  schema: PROMOTION_SCHEMA,
  kind: 'promotion',
  at: '2026-01-01T00:00:00.000Z',
  stage: 'paper',
  strategy: 'x',
  runId,
  hashes,
  gates: [{ key: 'a', name: 'A', found: '1', asked: '1', isPassed: true }],
  ...more,
})

describe('records of promotions', () => {
  const folder = join(root, 'records')
  const file = join(folder, 'promotions.jsonl')
  const runs = ['x-1', 'x-2', 'x-3']
  let text = ''
  beforeAll(async () => {
    for (const run of runs) await appendPromotion(folder, promotion(run), keys)
    text = readFileSync(file, 'utf8')
  })

  const read = (): Promise<readonly Promotion[]> => readPromotions(folder, keys.publicKey)

  it('are read as they were written, in order; there are none at first', async () => {
    expect((await read()).map(({ runId }) => runId)).toEqual(runs)
    expect(await readPromotions(join(root, 'none'), keys.publicKey)).toEqual([])
  })

  it('no bit of them can be changed', async () => {
    const bytes = Buffer.from(text)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (byte, bit) => {
        const changed = Buffer.from(bytes)
        changed[byte] = changed[byte]! ^ (1 << bit)
        writeFileSync(file, changed)
        await expect(read()).rejects.toThrow(CheckError)
      }),
      { numRuns: 150 },
    )
    writeFileSync(file, text)
  })

  it('none can be taken out, moved, cut, added or signed by somebody else', async () => {
    const lines = text.split('\n').slice(0, -1).map((line) => `${line}\n`)
    const [one = '', two = '', three = ''] = lines
    for (const other of [two + three, one + three, two + one + three, one + one + two + three, text.slice(0, -1), text.slice(0, -30)]) {
      writeFileSync(file, other)
      await expect(read()).rejects.toThrow(/row [1-4]/)
    }
    writeFileSync(file, text)
    const stranger = keyPair()
    await expect(readPromotions(folder, stranger.publicKey)).rejects.toThrow('row 1')
    await expect(appendPromotion(folder, promotion('x-4'), stranger)).rejects.toThrow(CheckError)
    await expect(readPromotions(folder, 'no key')).rejects.toThrow('no key')
    appendFileSync(file, three)
    await expect(read()).rejects.toThrow('row 4')
    writeFileSync(file, text)
    expect(await read()).toHaveLength(3)
  }) // prettier-ignore
})

describe('the key', () => {
  it('is made once, readable by its owner alone, with its public half beside it', async () => {
    const folder = join(root, 'key')
    await expect(trustedKey(folder)).rejects.toThrow('nothing was promoted')
    const first = await signingKey(folder)
    expect(first.isNew).toBe(true)
    expect(await signingKey(folder)).toEqual({ key: first.key, isNew: false })
    expect(statSync(join(folder, 'promotion-key.pem')).mode & 0o777).toBe(0o600)
    const records = join(root, 'own')
    await appendPromotion(records, promotion('x-1'), { privateKey: first.key, publicKey: await trustedKey(folder) }) // prettier-ignore
    expect(await readPromotions(records, await trustedKey(folder))).toHaveLength(1)
  })

  it('is refused where others may read it', async () => {
    const folder = join(root, 'open-key')
    await signingKey(folder)
    chmodSync(join(folder, 'promotion-key.pem'), 0o644)
    await expect(signingKey(folder)).rejects.toThrow(DataError)
  })

  it('does not lie in a repository', async () => {
    mkdirSync(join(root, 'repository/.git'), { recursive: true })
    await expect(signingKey(join(root, 'repository/keys'))).rejects.toThrow(ConfigError)
  })

  it('lies with the settings of its user', () => {
    expect(defaultKeyFolder({}, '/home/a')).toBe('/home/a/.config/baleen')
    expect(defaultKeyFolder({ XDG_CONFIG_HOME: '/etc/mine' }, '/home/a')).toBe('/etc/mine/baleen')
  })
})

describe('what may run', () => {
  const { decision, params, limits, other, dependencies } = hashes
  const subject = { runId: 'x-1', hashes: { decision, params, limits, other, dependencies } }

  it('is what was promoted, at its stage or below', () => {
    const small = promotion('x-1', { stage: 'small' })
    expect(requirePromoted([small], subject, 'paper')).toBe(small)
    expect(requirePromoted([promotion('x-1'), promotion('x-2')], subject, 'paper').runId).toBe('x-1')
    expect(() => requirePromoted([promotion('x-1')], subject, 'small')).toThrow(/not promoted to small, but to paper/) // prettier-ignore
    expect(() => requirePromoted([promotion('x-2')], subject, 'paper')).toThrow(/not promoted to paper/)
  })

  it.each([
    ['decision', /the code that decides changed.*backtest it again/],
    ['params', /its params changed/],
    ['limits', /its limits changed/],
    ['other', /the code around it changed.*--carry-over/],
    ['dependencies', /the packages it stands on changed.*--carry-over/],
  ])('is refused where its %s changed', (part, message) => {
    const changed = { ...subject, hashes: { ...subject.hashes, [part]: 'another' } }
    expect(() => requirePromoted([promotion('x-1')], changed, 'paper')).toThrow(message)
  })

  it('goes by the newest record', () => {
    const carried = promotion('x-1', { kind: 'carry-over', hashes: { ...hashes, other: 'new' } })
    expect(() => requirePromoted([promotion('x-1'), carried], subject, 'paper')).toThrow('--carry-over')
    const now = { ...subject, hashes: { ...subject.hashes, other: 'new' } }
    expect(requirePromoted([promotion('x-1'), carried], now, 'paper')).toBe(carried)
  })
})
