import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import type { LoopbackUrls } from '../../src/loopback/server.js'
import { storedWorld } from '../../src/loopback/stored-world.js'
import { simulatedWorld } from '../../src/loopback/simulated-world.js'
import { simulateIntoStore } from '../../src/jobs/simulated-data.js'
import { baleenHere, PROGRAM } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-serve-'))
const started: ChildProcess[] = []
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

interface Told {
  readonly port: number
  readonly urls: LoopbackUrls
  readonly synthetic: boolean
  readonly instruments: readonly string[]
  readonly now: number
  readonly speed: number
}

/** Starts it as a process of its own; answers what it prints under --json, once it is there. */
async function serve(
  words: readonly string[],
): Promise<{ readonly told: Told; stop(signal: NodeJS.Signals): Promise<number | null> }> {
  // prettier-ignore
  const child = spawn(process.execPath, [...PROGRAM, '--json', ...words], { cwd: folder })
  started.push(child)
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  let [out, errors] = ['', '']
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
  const told = await new Promise<Told>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString()
      if (out.endsWith('}\n')) resolve(JSON.parse(out) as Told)
    })
    child.on('close', (code) => reject(new Error(`ended with ${code}: ${errors}`)))
  })
  return {
    told,
    stop: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

const answer = async (url: string): Promise<unknown> => (await fetch(url)).json()

describe('simulate serve', () => {
  it('serves an invented market with faults, its clock running, and ends cleanly on SIGTERM', async () => {
    writeFileSync(join(folder, 'faults.json'), JSON.stringify({ rules: [{ fault: 'ban', where: 'exchange', path: 'ping' }] })) // prettier-ignore
    const { told, stop } = await serve(['simulate', 'serve', '--days', '3', '--instruments', '1', '--timeframe', '5m', '--speed', '5000', '--faults', 'faults.json', '--truth', 'truth.ndjson']) // prettier-ignore
    expect(told).toMatchObject({ synthetic: true, speed: 5000, instruments: ['synthetic:BTCUSDT-PERP'] })
    for (const url of Object.values(told.urls)) expect(url).toContain(`127.0.0.1:${told.port}`)
    const { serverTime: before } = (await answer(`${told.urls.usdmRest}/time`)) as { serverTime: number }
    expect(before).toBeGreaterThanOrEqual(told.now)
    expect((await fetch(`${told.urls.usdmRest}/ping`)).status).toBe(418)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const { serverTime: after } = (await answer(`${told.urls.usdmRest}/time`)) as { serverTime: number }
    expect(after - before).toBeGreaterThan(0.05 * 5_000 * 900)
    expect(await answer(`${told.urls.smartMoneyApi}/v1/health`)).toMatchObject({ status: 'ok' })
    expect(await stop('SIGTERM')).toBe(143)
    expect(readFileSync(join(folder, 'truth.ndjson'), 'utf8')).toContain('"fault":"ban"')
  })

  it('serves a data folder: the very market that was simulated into it; Ctrl-C ends it with 130', async () => {
    const options = { days: 3, seed: 4, instruments: 2, timeframeMs: HOUR_MS }
    const data = join(folder, 'data')
    const { instruments } = await simulateIntoStore(options, { folder: data, now: 0 })
    const [kept, made] = [await storedWorld(data, instruments), simulatedWorld(options)]
    expect({ ...kept, name: '' }).toEqual({ ...made, name: '', whales: kept.whales })
    const rows = ({ eventTime, knownAt, texts, values }: NonNullable<typeof kept.whales>): string[] =>
      [...eventTime].map((time, row) => [time, knownAt[row], texts['wallet']![row], texts['asset']![row], texts['side']![row], values['notional']![row], values['leverage']![row]].join(' ')).sort() // prettier-ignore
    expect(rows(kept.whales!)).toEqual(rows(made.whales!))
    // As a workspace is begun: a file of the user's own, which lists something else.
    const other = {
      id: 'synthetic:OTHER',
      kind: 'spot',
      base: 'BTC',
      quote: 'USDT',
      tickSize: 0.01,
      lotSize: 0.001,
      minNotional: 5,
      makerFee: 0.001,
      takerFee: 0.001,
      source: 'invented',
    }
    writeFileSync(join(folder, 'instruments.json'), JSON.stringify([other]))
    const { told, stop } = await serve(['--data', 'data', 'simulate', 'serve', '--at', '2024-01-02T12:00Z', '--speed', '1']) // prettier-ignore
    expect(told).toMatchObject({ synthetic: true, instruments: instruments.map(({ id }) => id) })
    const candles = (await answer(`${told.urls.usdmRest}/klines?symbol=ETHUSDT&interval=1h&limit=2`)) as string[][] // prettier-ignore
    const { openTime, close } = made.instruments[1]!.candles
    expect([candles[0]![0], Number(candles[0]![4])]).toEqual([openTime[35], close[35]])
    expect(await stop('SIGINT')).toBe(130)
  })

  it.each([
    [['--speed', '20000'], 'must be from 1 to 10000'],
    [['--at', '2030-01-01', '--days', '2'], 'the world runs from 2024-01-01 00:00'],
    [['--faults', 'absent.json'], 'no JSON'],
    [['--port', '70000', '--days', '1'], 'a port is a whole number'],
  ])('refuses %j', async (words, why) => {
    const { code, stderr } = await baleenHere(folder, ['simulate', 'serve', '--timeframe', '1h', ...words])
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)])
  })

  it('refuses to invent a market and serve another', async () => {
    const { code, stderr } = await baleenHere(folder, ['--data', 'data', 'simulate', 'serve', '--days', '2'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('leave one of them out')])
  })
})
