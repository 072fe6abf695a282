import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baleen, baleenHere, type Answer } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-pages-cli-'))
const run = (...words: string[]): Promise<Answer> => baleenHere(folder, words)
const runs: { strategy: string; runId: string }[] = []

beforeAll(async () => {
  const market = ['--data', 'data/demo']
  expect((await run(...market, 'data', 'simulate', '--days', '120')).code).toBe(0)
  for (const strategy of ['smart-money', 'trend-breakout', 'sma-cross']) {
    const words = [...market, 'backtest', strategy, '--instruments', 'data/demo/instruments.json', '--json']
    const { runId } = JSON.parse((await run(...words)).stdout) as { runId: string }
    runs.push({ strategy, runId })
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('data report', () => {
  const report = (...words: string[]): Promise<Answer> =>
    run('--data', 'data/demo', 'data', 'report', ...words)

  it('prints a table and what to know, and writes a page', async () => {
    const { code, stdout } = await report(
      '--instrument',
      'synthetic:BTCUSDT-PERP',
      '--out',
      'out/report.html',
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/candles\/synthetic:BTCUSDT-PERP@1h +2,880 .* 100\.00 %/)
    expect(stdout).toContain('SYNTHETIC')
    expect(stdout).toContain(`Page ${join(folder, 'out/report.html')}`)
    expect(readFileSync(join(folder, 'out/report.html'), 'utf8')).toContain('SYNTHETIC: 2 of 2 series')
  })

  it('answers JSON without a page, with the findings of each series', async () => {
    const { stdout } = await report('--kind', 'exchange-flows', '--json')
    const { series, leftOut } = JSON.parse(stdout) as { series: { id: string; findings: { key: string }[] }[]; leftOut: number } // prettier-ignore
    expect(series.map(({ id }) => id)).toEqual([
      'exchange-flows/BTC',
      'exchange-flows/ETH',
      'exchange-flows/SOL',
    ])
    expect(leftOut).toBe(13)
    expect(series[0]?.findings.map(({ key }) => key)).toContain('flag-synthetic')
    expect(existsSync(join(folder, 'data-report.html'))).toBe(false)
  })

  it.each([
    [3, ['nowhere'], 'no series fits; there are candles/'],
    [2, ['--kind', 'candle'], 'a kind is one of candles'],
    [3, ['--kind', 'funding', '--asset', 'DOGE'], 'no series fits'],
    [2, ['--outliers', '0'], 'Must be above 0'],
  ])('exits with %i for %j', async (code, words, text) => {
    const answer = await baleenHere(folder, ['--data', 'data/demo', 'data', 'report', ...words])
    expect([answer.code, answer.stderr]).toEqual([code, expect.stringContaining(text)])
  })
})

describe('report --compare', () => {
  const ids = (): string[] => runs.map(({ runId }) => runId)

  it('prints what differs and writes a page; --json has the same figures', async () => {
    const [a = '', b = '', c = ''] = ids()
    const { code, stdout, stderr } = await baleen(folder, [
      'report',
      a,
      '--compare',
      b,
      c,
      '--out',
      'compared.html',
    ])
    expect([code, stderr]).toEqual([0, ''])
    for (const words of ['What was set differently', 'Correlation of daily returns', 'SYNTHETIC DATA', 'chosen in hindsight', 'Page compared.html']) expect(stdout).toContain(words) // prettier-ignore
    expect(readFileSync(join(folder, 'compared.html'), 'utf8')).toContain('3 runs compared')
    const answer = JSON.parse(
      (await run('report', a, '--compare', b, '--json', '--out', 'two.html')).stdout,
    ) as {
      runs: { id: string }[]
      headline: { key: string; values: { value?: number }[] }[]
    }
    expect(answer.runs.map(({ id }) => id)).toEqual([a, b])
    const shown = JSON.parse((await run('runs', 'show', b, '--json')).stdout) as { results: { metrics: { tiles: { key: string; value?: number }[] } } } // prettier-ignore
    for (const { key, value } of shown.results.metrics.tiles)
      expect(answer.headline.find((one) => one.key === key)?.values[1]?.value, key).toBe(value)
  })

  it('refuses a run beside itself, and a run that is not there', async () => {
    const [a = ''] = ids()
    expect(await run('report', a, '--compare', a.slice(-12))).toMatchObject({ code: 2, stderr: expect.stringContaining('2 to 20 different runs') }) // prettier-ignore
    expect(await run('report', a, '--compare', 'nowhere')).toMatchObject({ code: 2, stderr: expect.stringContaining('no such run') }) // prettier-ignore
  })
})

describe('runs list and rm', () => {
  it('lists by strategy and by a figure', async () => {
    const listed = JSON.parse((await run('runs', 'list', '--sort', 'maxDrawdown', '--json')).stdout) as { tiles: { key: string; value: number }[] }[] // prettier-ignore
    const falls = listed.map(({ tiles }) => tiles.find(({ key }) => key === 'maxDrawdown')!.value)
    expect(falls).toEqual([...falls].sort((a, b) => b - a))
    const { stdout } = await run('runs', 'list', '--strategy', 'sma-cross', '--limit', '1')
    expect(stdout).toContain('sma-cross-')
    expect(stdout).not.toContain('smart-money-')
    expect(await run('runs', 'list', '--sort', 'beauty')).toMatchObject({ code: 2, stderr: expect.stringContaining('no run has such a figure') }) // prettier-ignore
  })

  it('asks before it deletes, and deletes where it is told to', async () => {
    const { runId = '' } = runs.find(({ strategy }) => strategy === 'sma-cross') ?? {}
    const before = readdirSync(join(folder, '.baleen/runs'))
    expect(await run('runs', 'rm', runId)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('say --yes'),
    })
    expect((await run('runs', 'rm', '--strategy', 'sma-cross', '--dry-run')).stdout).toContain(
      'Would delete 1 run',
    )
    expect(await run('runs', 'rm', '--older-than', '30d', '--yes')).toMatchObject({ code: 0, stdout: 'No run fits: nothing to delete.\n' }) // prettier-ignore
    expect(readdirSync(join(folder, '.baleen/runs'))).toEqual(before)
    writeFileSync(join(folder, '.baleen/runs', runId, 'equity.parquet'), 'changed')
    const removed = JSON.parse((await baleen(folder, ['runs', 'rm', '--damaged', '--yes', '--json'])).stdout) as { runs: { id: string; problem: string }[]; bytes: number } // prettier-ignore
    expect(removed.runs).toMatchObject([
      { id: runId, problem: expect.stringContaining('not as it was stored') },
    ])
    expect(removed.bytes).toBeGreaterThan(1000)
    expect(readdirSync(join(folder, '.baleen/runs'))).toEqual(before.filter((name) => name !== runId))
    expect((await run('runs', 'rm', 'nowhere', '--yes')).code).toBe(2)
  })
})
