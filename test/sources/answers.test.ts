import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  answerLog,
  readAnswers,
  storedBody,
  type StoredAnswer,
} from '../../src/sources/smart-money/answer-log.js'
import { withoutKey } from '../../src/sources/smart-money/hide-key.js'
import { Secret } from '../../src/sources/smart-money/secret.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-answers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const answerOf = (body: string | Buffer, more: Partial<StoredAnswer> = {}): StoredAnswer => ({ fetchedAt: Date.UTC(2026, 0, 1), url: 'http://127.0.0.1/v1/x', params: {}, status: 200, headers: {}, ...storedBody(Buffer.from(body)), ...more }) // prettier-ignore

describe('answers', () => {
  const path = join(folder, '2026-01-01.ndjson')
  const all = ['one', '{"sum":"2"}', 'three\n'].map((body) => answerOf(body))

  test('come back as they were kept; what was acknowledged and is gone is missed', async () => {
    const log = answerLog(folder)
    for (const one of all) await log.add(one)
    expect(await readAnswers(path)).toEqual(all)
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.toString().replace('"status":200', '"status":201'))
    await expect(readAnswers(path)).rejects.toThrow(`file ${path}, row 1`)
    writeFileSync(path, bytes)
    const second = bytes.indexOf('\n', bytes.indexOf('\n') + 1) + 1
    for (const length of [second, second + 9]) {
      truncateSync(path, length)
      await expect(readAnswers(path)).rejects.toThrow('missing at the end')
    }
    // A line that was never acknowledged is none.
    rmSync(`${path}-head`)
    expect(await readAnswers(path)).toEqual(all.slice(0, 2))
  })
})

describe('a key that a server sends back', () => {
  const key = 'sm_"a/b\\c+d'
  const hidden = (body: string | Buffer, more: Partial<StoredAnswer> = {}): StoredAnswer => withoutKey(answerOf(body, more), new Secret(key)) // prettier-ignore

  test.each([
    ['as it is', `you: ${key}.`, 'you: [secret].'],
    ['in JSON', JSON.stringify({ key }), '{"key":"[secret]"}'],
    ['in an address', `?k=${encodeURIComponent(key)}`, '?k=[secret]'],
    ['in base64', Buffer.from(key).toString('base64').replace(/=+$/, ''), '[secret]'],
  ])('is taken out %s', (_how, body, expected) => {
    const { body: shown, sha256, redacted } = hidden(body)
    expect([shown, redacted]).toEqual([expected, true])
    expect(sha256).toBe(storedBody(Buffer.from(expected)).sha256)
  })

  test('among bytes that are no text, in headers and failures too; nothing else is changed', () => {
    const bytes = hidden(Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(key), Buffer.from([0xfe])]))
    expect(Buffer.from(bytes.body, 'base64')).toEqual(Buffer.concat([Buffer.from([0xff, 0]), Buffer.from('[secret]'), Buffer.from([0xfe])])) // prettier-ignore
    expect(hidden('', { headers: { 'x-echo': key }, failure: `no ${key}` })).toMatchObject({ headers: { 'x-echo': '[secret]' }, failure: 'no [secret]' }) // prettier-ignore
    const clean = answerOf('{"a":1}')
    expect(withoutKey(clean, new Secret(key))).toBe(clean)
  })
})
