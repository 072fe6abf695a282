import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { RecordingStatus } from '../../src/sources/recorder/status.js'
import { killRecorder } from '../sources/killed-recorder.js'
import { baleenHere } from './run-cli.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-record-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('data record', () => {
  it('loses and doubles nothing that was acknowledged, whenever kill -9 strikes it; SIGTERM ends it; status and import read what it left', async () => {
    const { phases, problems, answers } = await killRecorder({
      folder: root,
      kills: 3,
      seed: 2,
      speed: 3_000,
    })
    expect(problems).toEqual([])
    // Each kill struck, whatever it was doing.
    expect(Object.values(phases).reduce((sum, count) => sum + count, 0)).toBe(3)
    expect(answers).toBeGreaterThan(20)
    const status = await baleenHere(root, ['data', 'record', 'status', '--json'])
    expect(status.code).toBe(0)
    const { running, series } = JSON.parse(status.stdout) as RecordingStatus
    expect([running, series.some(({ id }) => id === 'api:confirm:BTC')]).toEqual([null, true])
    const words = await baleenHere(root, ['data', 'record', 'status'])
    expect(words.stdout).toMatch(/NOTHING RECORDS THERE NOW[^]*OPEN GAP[^]*Budget of the API: .*\nDisk: /)
  })

  it.each([
    [['data', 'record', 'kraken:BTCUSDT'], 'only binance can be recorded'],
    [['data', 'record', '--no-smart-money'], 'nothing to record'],
    [['data', 'record', 'binance:BTCUSDT', '--timeframe', '7m'], 'the exchange has 1m, 3m'],
    [['data', 'record', '--loopback', 'http://example.org'], 'a world on this machine'],
    [['data', 'download'], 'say what to download'],
    [['data', 'download', 'kraken:BTCUSDT'], 'only binance can be asked'],
    [['data', 'download', '--smart-money', 'nonsense'], 'series are made of whale_positions'],
    [
      ['data', 'download', 'binance:BTCUSDT', '--what', 'trades'],
      'must be of candles, funding, open-interest',
    ],
    [
      ['data', 'download', 'binance:BTCUSDT', '--timerange', '2999-01-01..'],
      'nothing of the time range is past',
    ],
  ])('refuses %j', async (words, why) => {
    const { code, stderr } = await baleenHere(root, words)
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)])
  })

  it('says that nothing was recorded where nothing was, and that no world answers', async () => {
    const none = await baleenHere(root, ['data', 'record', 'status', '--recording', 'none'])
    expect([none.code, none.stderr]).toEqual([3, expect.stringContaining('nothing was recorded there yet')])
    const nobody = await baleenHere(root, ['data', 'download', 'a:B', '--loopback', 'http://127.0.0.1:9'])
    expect([nobody.code, nobody.stderr]).toEqual([5, expect.stringContaining('no world answers there')])
  })
})
