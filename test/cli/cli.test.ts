import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { POLICY_VALUES } from '../../src/core/policies.js'
import type { RunInputs } from '../../src/jobs/manifest.js'
import { formatMetric } from '../../src/metrics/format.js'
import { findMetric, type MetricsReport } from '../../src/metrics/metrics-report.js'
import { literal, withDuckDB } from '../../src/store/duckdb.js'
import { baleen, baleenHere, PROGRAM, ROOT, type Answer } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-cli-'))
const MARKET = ['--data', 'data/demo']
const INSTRUMENTS = ['--instruments', 'data/demo/instruments.json']
const BTC = ['-i', 'synthetic:BTCUSDT-PERP']
const run = (...words: string[]): Promise<Answer> => baleenHere(folder, words)
/** As a process of its own, where that is the point, or where a strategy file changes, which one process reads once. */
const start = (...words: string[]): Promise<Answer> => baleen(folder, words)
const json = (answer: Answer): Record<string, unknown> => JSON.parse(answer.stdout) as Record<string, unknown>

/** Two invented markets: one as a person sees it, the one that this proposes next as a program does. */
let [demo, other]: Answer[] = []
beforeAll(async () => {
  demo = await start('demo', '--seed', '2')
  other = await run('demo', '--edge', '0', '--out', 'data/luck', '--runs', 'other', '--json')
  for (const strategy of ['trend-breakout', 'sma-cross'])
    expect((await start(...MARKET, 'backtest', strategy, ...INSTRUMENTS)).code).toBe(0)
  await exportCandles('candles.csv')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The invented hours of BTC as a file of one's own. */
async function exportCandles(file: string): Promise<void> {
  const [stored = ''] = readdirSync(join(folder, 'data/demo/candles')).filter((name) => name.includes('BTC'))
  const [from, to] = [join(folder, 'data/demo/candles', stored), join(folder, file)].map(literal)
  const columns = 'eventTime::BIGINT AS time, open, high, low, close, volume'
  await withDuckDB((connection) =>
    connection.run(`COPY (SELECT ${columns} FROM ${from} ORDER BY time) TO ${to} (FORMAT csv)`),
  )
}

describe('demo', () => {
  it('makes a market, a run and its report, and says that all of it is synthetic and with what edge', () => {
    expect([demo?.code, other?.code]).toEqual([0, 0])
    const told = JSON.parse(other?.stdout ?? '') as Record<string, unknown>
    expect(told).toMatchObject({ synthetic: true, seed: 1, edge: 0, folder: 'data/luck', series: 16 })
    expect(demo?.stderr).toContain('seed 2')
    expect(told['recipe']).toContain('edge 0')
    expect(other?.stderr).toContain('SYNTHETIC')
    expect(demo?.stdout).toMatch(/^SYNTHETIC DATA[^]*An edge of 0\.03 was put in/)
    for (const text of ['smart-money#', 'Holding#'].map((name) => name.slice(0, -1)))
      expect(demo?.stdout).toContain(text)
    const report = /^Report {2}(.+)$/m.exec(demo?.stdout ?? '')?.[1] ?? ''
    expect(readFileSync(join(folder, report), 'utf8')).toMatch(/synthetic/i)
    expect(existsSync(join(folder, 'data/demo/manifest.json'))).toBe(true)
  })

  it('shows what the stored run says', async () => {
    const [id = ''] = /smart-money-[0-9a-f]{12}/.exec(demo?.stdout ?? '') ?? []
    const shown = json(await run('runs', 'show', id, '--json')) as {
      manifest: { inputs: RunInputs }
      results: { metrics: MetricsReport }
    }
    expect(shown.manifest.inputs.data.synthetic).toBe(true)
    for (const key of ['totalReturn', 'holdReturn', 'scaledHoldReturn', 'trades', 'holdMaxDrawdown'])
      expect(demo?.stdout).toContain(formatMetric(findMetric(shown.results.metrics, key)))
  })

  it('will not replace a folder that is no demo', async () => {
    mkdirSync(join(folder, 'precious'))
    writeFileSync(join(folder, 'precious/thesis.txt'), 'mine')
    const answer = await run('demo', '--out', 'precious')
    expect([answer.code, answer.stdout]).toEqual([2, ''])
    expect(readdirSync(join(folder, 'precious'))).toEqual(['thesis.txt'])
  })

  it('names only next commands that exist', async () => {
    const next = (demo?.stdout ?? '').split('\n').filter((line) => line.startsWith('  npx baleen '))
    expect(next).toHaveLength(3)
    // What opens a browser only notes what it was asked to open.
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" > '${join(folder, 'opened')}'\n`, {
      mode: 0o755,
    })
    for (const line of next) {
      const answer = await baleen(folder, line.trim().split(' ').slice(2), {
        PATH: `${bin}:${process.env['PATH']}`,
      })
      expect([line, answer.code]).toEqual([line, 0])
    }
    expect(next[0]).toMatch(/ report smart-money-[0-9a-f]{12} --open$/)
    expect(next[2]).toContain('--edge 0')
  }, 600_000)
})

describe('backtest', () => {
  it('prints one JSON document under --json and keeps logs off stdout', async () => {
    const answer = await start(
      ...MARKET,
      'backtest',
      'sma-cross',
      ...INSTRUMENTS,
      ...BTC,
      '-p',
      'fast=10',
      '--timerange',
      '2024-02-01..2024-03-31',
      '--json',
      '-v',
    )
    expect(answer.code).toBe(0)
    const result = json(answer) as {
      runId: string
      inputs: { strategy: { params: object }; range: { startTime: number } }
      synthetic: boolean
      warnings: string[]
      result: { startTime: number }
    }
    expect(result.inputs.strategy.params).toEqual({ fast: 10, slow: 50 })
    expect(result.inputs.range.startTime).toBe(Date.UTC(2024, 1, 1))
    expect(result.result.startTime).toBe(Date.UTC(2024, 1, 1))
    expect(result.synthetic).toBe(true)
    expect(result.warnings.join()).toContain('Few trades')
    expect(answer.stderr).toContain('strategy file')
  })

  it('shows data, signal and funnel before the result, and warnings after it', async () => {
    const { code, stdout, stderr } = await run(
      ...MARKET,
      'backtest',
      'smart-money',
      '--preset',
      'tutorial',
      ...INSTRUMENTS,
      ...BTC,
    )
    expect([code, stderr]).toEqual([0, ''])
    const parts = ['SYNTHETIC DATA', '\nData\n', 'Signal, before results', 'From bars to fills', 'Result (pessimistic)', 'Warnings', '\nRun '].map((part) => stdout.indexOf(part)) // prettier-ignore
    expect(parts).toEqual([...parts].sort((a, b) => a - b))
    expect(parts[0]).toBeGreaterThanOrEqual(0)
    expect(stdout).toContain('whale-positions/synthetic:biggest')
    expect(stdout).not.toMatch(/\u001b/)
  })

  it('makes the report of a stored run again from its folder alone: the same page', async () => {
    const words = [...MARKET, 'backtest', 'sma-cross', ...INSTRUMENTS, ...BTC, '-p', 'fast=12']
    const { runId } = json(await run(...words, '--json')) as Record<string, string>
    const stored = join(folder, '.baleen/runs', runId ?? '', 'report.html')
    const { code, stdout, stderr } = await run(
      '--data',
      'nowhere',
      'report',
      runId ?? '',
      '--out',
      'memos/memo.html',
    )
    expect([code, stdout, stderr]).toEqual([0, 'memos/memo.html\n', ''])
    const made = readFileSync(join(folder, 'memos/memo.html'), 'utf8')
    expect(made === readFileSync(stored, 'utf8')).toBe(true)
    rmSync(stored)
    expect((await run('report', runId ?? '')).stdout).toBe(`.baleen/runs/${runId}/report.html\n`)
    expect(made === readFileSync(stored, 'utf8')).toBe(true)
    expect((await run('runs', 'replay', runId ?? '')).code).toBe(0)
  })

  it('puts a copy of the page where it is told, or into reports/ where there is one', async () => {
    const words = [...MARKET, 'backtest', 'sma-cross', ...INSTRUMENTS, ...BTC, '-p', 'fast=11']
    const { runId, page } = json(await run(...words, '--out', 'pages/mine', '--json')) as Record<
      string,
      string
    >
    expect(page).toBe(`pages/mine/${runId}.html`)
    const stored = readFileSync(join(folder, '.baleen/runs', runId ?? '', 'report.html'), 'utf8')
    expect(readFileSync(join(folder, page ?? ''), 'utf8')).toBe(stored)
    expect((await run(...words)).stdout).toContain(`Report .baleen/runs/${runId}/report.html`)
    const named = await run(...words, '--out', 'pages/mine.html')
    expect(named.stdout).toContain('Report pages/mine.html')
    expect(statSync(join(folder, 'pages/mine.html')).isFile()).toBe(true)
    if (existsSync('/proc/self')) {
      const refused = await run(...words, '--out', '/proc/x.html')
      expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('file /proc/x.html') })
    }
    mkdirSync(join(folder, 'reports'))
    expect((await run(...words)).stdout).toContain(`Report reports/${runId}.html`)
    expect(readdirSync(join(folder, 'reports'))).toEqual([`${runId}.html`])
    rmSync(join(folder, 'reports'), { recursive: true })
  })

  it('gives the same run again, from a config file as from the command line', async () => {
    const settings = { strategy: 'sma-cross', instruments: 'data/demo/instruments.json', instrument: ['synthetic:ETHUSDT-PERP'], params: { slow: 60 }, policies: { fillAt: 'same-close' }, slippage: 3, fee: 0.001 } // prettier-ignore
    writeFileSync(join(folder, 'config.json'), JSON.stringify(settings))
    const first = json(await run(...MARKET, 'backtest', '--config', 'config.json', '--json'))
    const words = [
      'sma-cross',
      ...INSTRUMENTS,
      '-i',
      'synthetic:ETHUSDT-PERP',
      '-p',
      'slow=60',
      '-S',
      'fillAt=same-close',
      '--slippage',
      '3',
      '--fee',
      '0.001',
    ]
    const second = json(await run(...MARKET, 'backtesting', ...words, '--json'))
    expect(second['runId']).toBe(first['runId'])
    expect([first['existed'], second['existed']]).toEqual([false, true])
    const third = json(await run(...MARKET, 'backtest', '--config', 'config.json', '-p', 'slow=61', '--json'))
    expect(third['runId']).not.toBe(first['runId'])
  })

  it('keeps a seed with the run, from the command line or a config file', async () => {
    const words = [...MARKET, 'backtest', 'sma-cross', ...INSTRUMENTS, ...BTC, '-p', 'fast=13', '--json']
    type Seeded = { runId: string; inputs: { seed: number | null }; metrics: unknown }
    const plain = json(await run(...words)) as Seeded
    const seeded = json(await run(...words, '--seed', '7')) as Seeded
    expect([plain.inputs.seed, seeded.inputs.seed]).toEqual([null, 7])
    expect(seeded.runId).not.toBe(plain.runId)
    expect(seeded.metrics).toEqual(plain.metrics)
    writeFileSync(join(folder, 'seed.json'), '{"seed": 7}')
    expect((json(await run(...words, '--config', 'seed.json')) as Seeded).runId).toBe(seeded.runId)
  })

  it('keeps fee tiers, dated terms, margin, spread and participation with the run, and replays it', async () => {
    const [btc] = JSON.parse(readFileSync(join(folder, 'data/demo/instruments.json'), 'utf8')) as object[]
    const dated = {
      ...btc,
      source: 'invented',
      feeTiers: { vip1: { makerFee: 0, takerFee: 0.0003 } },
      margin: {
        tiers: [{ fromNotional: 0, maintenanceRate: 0.004, maxLeverage: 125 }],
        liquidationFee: 0.0125,
      },
      listed: '2023-12-01',
      delisted: '2030-01-01T08:00Z',
      changes: [{ from: '2024-03-01', tickSize: 0.5, source: 'invented too' }],
    }
    writeFileSync(join(folder, 'dated.json'), JSON.stringify([dated]))
    const words = ['sma-cross', '--instruments', 'dated.json', '--fee-tier', 'vip1', '--half-spread', '0.5']
    const made = json(
      await run(...MARKET, 'backtest', ...words, '--participation', '0.05', '--json'),
    ) as unknown as { runId: string; inputs: RunInputs }
    expect(made.inputs.costs).toEqual({ slippageBps: 1, halfSpreadBps: 0.5, participation: 0.05 })
    expect(made.inputs.instruments).toEqual([
      {
        ...btc,
        venue: 'synthetic',
        makerFee: 0,
        takerFee: 0.0003,
        margin: dated.margin,
        listedAt: Date.UTC(2023, 11, 1),
        delistedAt: Date.UTC(2030, 0, 1, 8),
        changes: [{ from: Date.UTC(2024, 2, 1), tickSize: 0.5 }],
        sources: ['invented', 'invented too'],
      },
    ])
    const settings = { strategy: 'sma-cross', instruments: 'dated.json', feeTier: 'vip1', halfSpread: 0.5, participation: 0.05 } // prettier-ignore
    writeFileSync(join(folder, 'costs.json'), JSON.stringify(settings))
    const again = json(await run(...MARKET, 'backtest', '--config', 'costs.json', '--json'))
    expect([again['runId'], again['existed']]).toEqual([made.runId, true])
    const replayed = await run('runs', 'replay', made.runId, '--json')
    expect([replayed.code, json(replayed)['identical']]).toEqual([0, true])
  })

  it('lets finer candles decide, measures other assumptions, shows both, and replays the run', async () => {
    const [header = '', ...hours] = readFileSync(join(folder, 'candles.csv'), 'utf8').trim().split('\n') // prettier-ignore
    const bars = hours.map((line) => line.split(',').map(Number) as [number, number, number, number, number, number]) // prettier-ignore
    const days = Array.from({ length: Math.floor(bars.length / 24) }, (_, day) => {
      const part = bars.slice(day * 24, day * 24 + 24)
      const of = (column: number): number[] => part.map((bar) => bar[column] as number)
      const volume = of(5).reduce((sum, value) => sum + value, 0)
      return [of(0)[0], of(1)[0], Math.max(...of(2)), Math.min(...of(3)), of(4).at(-1), volume].join()
    })
    writeFileSync(join(folder, 'days.csv'), [header, ...days].join('\n'))
    const candles = ['--as', 'candles', '--instrument', 'synthetic:BTCUSDT-PERP']
    expect((await run(...MARKET, 'data', 'import', 'days.csv', ...candles, '--interval', '1d')).code).toBe(0)
    writeFileSync(
      join(folder, 'narrow.ts'),
      `import { above, close, defineStrategy, percentStop, percentTarget, sma } from 'baleen'
export default defineStrategy({
  name: 'narrow', description: 'stop and target inside most days', params: {},
  features: () => ({ fast: sma(close, 2), slow: sma(close, 4) }),
  enterLong: (f) => above(f.fast, f.slow),
  risk: () => ({ stop: percentStop(0.01), target: percentTarget(0.01) }),
})
`,
    )
    const words = ['narrow.ts', ...INSTRUMENTS, ...BTC, '--timeframe', '1d']
    interface Made {
      runId: string
      inputs: RunInputs
      result: { undecidedExits: number; finalEquity: number; path: { kind: string; steps: number } }
      detail?: { asked: number; found: number; decided: number }
      sensitivity?: { costs: object[]; pessimistic: { finalEquity: number }; shuffledIds: object }
    }
    const make = async (...more: string[]): Promise<Made> =>
      json(await run(...MARKET, 'backtest', ...words, ...more, '--json')) as unknown as Made
    const coarse = await make()
    expect(coarse.inputs).not.toHaveProperty('detailMs')
    expect(coarse.result.undecidedExits).toBeGreaterThan(3)
    expect(coarse.result.path.kind).toBe('skipping')
    const made = await make('--detail', '1h', '--sensitivity', '--half-spread', '0.5')
    expect(made.inputs).toMatchObject({ detailMs: 3_600_000, sensitivity: true, seed: 0 })
    expect(made.inputs.data.series.map(({ feeds, id }) => [feeds, id])).toContainEqual(['finer-candles', 'candles/synthetic:BTCUSDT-PERP@1h']) // prettier-ignore
    const { asked, found, decided } = made.detail ?? { asked: 0, found: 0, decided: 0 }
    expect([found, made.result.undecidedExits]).toEqual([asked, asked - decided])
    expect(decided).toBeGreaterThan(0)
    expect(made.sensitivity?.pessimistic.finalEquity).toBe(made.result.finalEquity)
    expect(made.sensitivity?.costs).toHaveLength(3)
    expect(made.sensitivity?.shuffledIds).toEqual({ reason: 'one instrument' })

    const run2 = await run(...MARKET, 'backtest', ...words, '--detail', '1h', '--sensitivity', '--half-spread', '0.5') // prettier-ignore
    const page = readFileSync(join(folder, '.baleen/runs', made.runId, 'report.html'), 'utf8')
    const shown = await run('runs', 'show', made.runId)
    for (const text of [run2.stdout, page, shown.stdout]) {
      expect(text).toContain('Under other assumptions')
      expect(text).toContain('Fees, slippage and half spread × 3')
      expect(text).toMatch(/stepped on [\d,]+ of [\d,]+ bars/)
    }
    for (const text of [run2.stdout, page])
      expect(text).toContain(`${asked}: ${found} found, ${decided} decided`)
    for (const text of [page, shown.stdout]) {
      expect(text).toContain('Half spread')
      expect(text).toMatch(/0\.5[ \u00a0]bps/)
      expect(text).toContain('1h candles, else by policy')
    }
    const stored = JSON.parse(readFileSync(join(folder, '.baleen/runs', made.runId, 'metrics.json'), 'utf8')) as Made // prettier-ignore
    expect([stored.result.path, stored.detail, stored.sensitivity]).toEqual([made.result.path, made.detail, made.sensitivity]) // prettier-ignore
    const replayed = await run('runs', 'replay', made.runId, '--json')
    expect([replayed.code, json(replayed)['identical']]).toEqual([0, true])

    writeFileSync(join(folder, 'detail.json'), '{"detail": "1h", "sensitivity": true, "halfSpread": 0.5}')
    expect((await make('--config', 'detail.json')).runId).toBe(made.runId)
    const off = await run(...MARKET, 'backtest', ...words, '--detail', '7h')
    expect([off.code, off.stderr]).toEqual([2, expect.stringContaining('must divide the bars of 1d')])
    const none = await run(...MARKET, 'backtest', ...words, '--detail', '1m')
    expect([none.code, none.stderr]).toEqual([3, expect.stringContaining('--interval 1m')])
  })

  it('runs a strategy file that lies anywhere, imports by relative path and needs no package beside it', async () => {
    const away = mkdtempSync(join(tmpdir(), 'baleen-away-'))
    writeFileSync(join(away, 'package.json'), '{"type": "commonjs"}')
    writeFileSync(join(away, 'length.ts'), 'export const length: number = 30\n')
    writeFileSync(
      join(away, 'mine.ts'),
      `import { close, crossesAbove, crossesBelow, defineStrategy, ema } from 'baleen'
import { length } from './length.js'
export default defineStrategy({
  name: 'mine', description: 'mine', params: {},
  features: () => ({ slow: ema(close, length) }),
  enterLong: (f) => crossesAbove(close, f.slow),
  exitLong: (f) => crossesBelow(close, f.slow),
})
`,
    )
    const words = [...MARKET, 'backtest', join(away, 'mine.ts'), ...INSTRUMENTS, ...BTC, '--json']
    const first = json(await start(...words)) as { runId: string; inputs: { code: { decision: string } } }
    writeFileSync(join(away, 'length.ts'), 'export const length: number = 31\n')
    const second = json(await start(...words)) as { runId: string; inputs: { code: { decision: string } } }
    expect(first.runId).toMatch(/^mine-/)
    expect(second.inputs.code.decision).not.toBe(first.inputs.code.decision)
    const replayed = await start('runs', 'replay', first.runId)
    expect(replayed.code).toBe(4)
    expect(replayed.stderr).toMatch(/metrics\.json .* became /)
    expect(replayed.stdout).toContain('code.decision')
    expect(replayed.stdout).toContain(
      'the strategy file changed since the run: length.ts; the source of the run is in',
    )
    const source = join(folder, '.baleen/runs', first.runId, 'source')
    expect(readFileSync(join(source, 'length.ts'), 'utf8')).toContain('30')
    expect(readFileSync(join(source, '../SHA256SUMS'), 'utf8')).toContain('source/mine.ts')
    writeFileSync(join(away, 'mine.ts'), 'export default 1')
    const broken = await start('runs', 'replay', first.runId)
    expect([broken.code, broken.stderr]).toEqual([
      3,
      expect.stringContaining('changed since the run: mine.ts'),
    ])
    rmSync(join(away, 'mine.ts'))
    const gone = await start('runs', 'replay', first.runId)
    expect([gone.code, gone.stderr]).toEqual([3, expect.stringContaining('source/mine.ts')])
    rmSync(away, { recursive: true })
  })

  it('refuses a perpetual without funding, and runs it when told to leave funding out', async () => {
    const bare = ['--data', 'bare', 'backtest', 'sma-cross', ...INSTRUMENTS, ...BTC]
    const imported = await run(
      '--data',
      'bare',
      'data',
      'import',
      'candles.csv',
      '--as',
      'candles',
      '--instrument',
      'synthetic:BTCUSDT-PERP',
      '--interval',
      '1h',
    )
    expect(imported.code).toBe(0)
    const refused = await run(...bare)
    expect([refused.code, refused.stdout]).toEqual([3, ''])
    expect(refused.stderr).toContain('--funding none')
    const told = await run(...bare, '--funding', 'none')
    expect(told.code).toBe(0)
    expect(told.stdout).toContain('Funding was left out on request')
    expect(told.stdout).toContain('left out on request')
  })
})

describe('runs', () => {
  it('list, show, compare and replay what is stored', async () => {
    const listed = JSON.parse((await run('runs', 'list', '--json')).stdout) as { id: string }[]
    // Newest first: the demo's are the last.
    const sma = listed.findLast(({ id }) => id.startsWith('sma-cross'))?.id ?? ''
    const trend = listed.findLast(({ id }) => id.startsWith('trend'))?.id ?? ''
    const table = (await run('runs', 'list')).stdout
    expect(table).toContain(sma)
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    const latest = json(await run('runs', 'show', 'latest', '--json'))
    expect(latest['id']).toBe(listed[0]?.id)
    const shown = json(await run('runs', 'show', sma, '--json')) as {
      manifest: { provenance: { command: string } }
    }
    expect(shown.manifest.provenance.command).toMatch(/^baleen --data data\/demo backtest/)
    const text = (await run('runs', 'show', sma.slice(-12, -4))).stdout
    for (const part of ['SYNTHETIC', 'Warnings\n! Synthetic data', 'From bars to fills', 'next-open', 'Starting balance', 'bps']) expect(text).toContain(part) // prettier-ignore
    const compared = json(await run('runs', 'compare', sma, trend, '--json')) as {
      inputs: { path: string }[]
      figures: unknown[]
    }
    expect(compared.inputs.map(({ path }) => path)).toContain('strategy.name')
    expect(compared.figures.length).toBeGreaterThan(10)
    const replayed = await run('runs', 'replay', trend, '--json')
    expect([replayed.code, json(replayed)]).toEqual([0, { changed: [], id: trend, identical: true }])
  })

  it('replay finds strategy and data of a run from any folder', async () => {
    mkdirSync(join(folder, 'elsewhere'))
    writeFileSync(
      join(folder, 'here.ts'),
      readFileSync(join(ROOT, 'strategies/sma-cross.ts'), 'utf8').replace("'sma-cross'", "'here'"),
    )
    const made = json(await run(...MARKET, 'backtest', './here.ts', ...INSTRUMENTS, ...BTC, '--json')) as {
      runId: string
    }
    const words = ['runs', 'replay', made.runId, '--runs', '../.baleen/runs', '--json']
    const replayed = await baleen(join(folder, 'elsewhere'), words)
    expect([replayed.code, json(replayed)['identical']]).toEqual([0, true])
  })

  it('replay names the data that changed, and the file that was damaged', async () => {
    const made = json(
      await run(...MARKET, 'backtest', 'sma-cross', ...INSTRUMENTS, ...BTC, '--runs', 'mine', '--json'),
    ) as { runId: string }
    const answer = await run('--data', 'data/luck', 'runs', 'replay', made.runId, '--runs', 'mine')
    expect(answer.code).toBe(4)
    expect(answer.stdout).toContain('data.series.0.hash')
    const path = join(folder, 'mine', made.runId, 'metrics.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace(/\d(?=\.\d{5})/, '9'))
    const damaged = await run('runs', 'show', made.runId, '--runs', 'mine')
    expect(damaged.code).toBe(3)
    expect(damaged.stderr).toContain('metrics.json')
  })
})

describe('help', () => {
  it('reaches commands inside commands, and lists the policies', async () => {
    const asked = await run('help', 'data', 'import')
    expect([asked.code, asked.stdout]).toEqual([0, (await run('data', 'import', '--help')).stdout])
    expect(asked.stdout).toContain('--known-lag')
    const help = (await run('backtest', '--help')).stdout
    expect(help).toContain('docs/execution.md')
    for (const [name, values] of Object.entries(POLICY_VALUES))
      expect(help).toContain(`${name}=${values.join('|')}`)
  })
})

describe('a config file in the folder', () => {
  it('stands behind every command, and the command line before it', async () => {
    const inner = join(folder, 'workspace')
    mkdirSync(inner)
    const settings = { data: '../data/demo', runs: 'mine', reports: 'pages', instruments: '../data/demo/instruments.json', strategy: 'sma-cross', params: { fast: 17 }, instrument: ['synthetic:BTCUSDT-PERP'] } // prettier-ignore
    writeFileSync(join(inner, 'baleen.config.json'), JSON.stringify(settings))
    const own = (...words: string[]): Promise<Answer> => baleenHere(inner, [...words, '--json'])
    const made = json(await own('backtest')) as unknown as { runId: string; page: string; inputs: RunInputs }
    expect(made.inputs.strategy.params).toMatchObject({ fast: 17 })
    expect(made.page).toBe(`pages/${made.runId}.html`)
    expect((JSON.parse((await own('runs', 'list')).stdout) as { id: string }[]).map(({ id }) => id)).toEqual([made.runId]) // prettier-ignore
    const shown = json(await own('runs', 'show', 'latest')) as unknown as { manifest: { provenance: { command: string } } } // prettier-ignore
    expect(shown.manifest.provenance.command).toBe('baleen backtest --json --config baleen.config.json')
    expect(JSON.parse((await own('runs', 'list', '--runs', '../other')).stdout)).toHaveLength(1)
    // Preset and parameters belong to the strategy beside them.
    const other = json(await own('backtest', 'trend-breakout')) as unknown as { inputs: RunInputs }
    expect(other.inputs.strategy.params).not.toHaveProperty('fast', 17)
  }, 600_000)
})

describe('strategy', () => {
  it('new writes a file that shows and backtests as it is, and is not replaced unasked', async () => {
    expect((await run('strategy', 'new', 'my-idea')).code).toBe(0)
    const shown = json(await run('strategy', 'show', 'my-idea', '--json'))
    expect(shown['values']).toEqual({ fast: 20, slow: 50, stopAtr: 2 })
    const answer = await run(...MARKET, 'backtest', 'my-idea', ...INSTRUMENTS, ...BTC, '--json')
    expect(answer.code).toBe(0)
    expect((json(answer)['result'] as { trades: number }).trades).toBeGreaterThan(0)
    expect((await run('strategy', 'new', 'my-idea')).code).toBe(2)
    expect((await run('strategy', 'new', '../evil')).code).toBe(2)
    const listed = JSON.parse((await run('strategy', 'list', '--json')).stdout) as { name: string }[]
    expect(listed.map(({ name }) => name).sort()).toEqual([
      'my-idea',
      'sma-cross',
      'smart-money',
      'trend-breakout',
    ])
  })
})

describe('what goes wrong', () => {
  it.each([
    [2, [], 'Usage: baleen'],
    [2, ['bactest'], 'Did you mean backtest?'],
    [2, ['backtest', '--timerang', 'x'], 'Did you mean --timerange?'],
    [2, ['backtest', 'smart-mony', ...INSTRUMENTS], 'sma-cross, smart-money, trend-breakout'],
    [
      2,
      ['backtest', 'sma-cross', ...INSTRUMENTS, '-p', 'fats=3'],
      'unknown parameter, did you mean fast? There are fast, slow',
    ],
    [2, ['backtest', 'sma-cross', ...INSTRUMENTS, '-p', 'fast'], 'must be key=value'],
    [
      2,
      ['backtest', 'sma-cross', ...INSTRUMENTS, '-S', 'fillAt=never'],
      'must be one of next-open, same-close',
    ],
    [2, ['backtest', 'sma-cross', ...INSTRUMENTS, '-S', 'constructor=x'], 'unknown policy'],
    [2, ['backtest', 'sma-cross', ...INSTRUMENTS, '--fee', '5'], '0.001 is 0.1 %'],
    [2, ['backtest', 'sma-cross', ...INSTRUMENTS, '--fee-tier', 'vip1'], 'no such fee tier; they list none'],
    [
      2,
      ['backtest', 'sma-cross', ...INSTRUMENTS, '--half-spread', '-1'],
      'field --half-spread, value -1 bps',
    ],
    [2, ['backtest', 'sma-cross', ...INSTRUMENTS, '--participation', '5'], '0.05 is 5 %'],
    [2, ['backtest', 'sma-cross', ...INSTRUMENTS, '--participation', '0'], 'field --participation, value 0'],
    [2, ['backtest', 'sma-cross', ...INSTRUMENTS, '--balance', 'lots'], 'Not a number'],
    [2, ['backtest', 'sma-cross', ...INSTRUMENTS, '--seed', '-1'], 'Not a whole number'],
    [2, ['backtest', 'sma-cross', ...INSTRUMENTS, '-i', 'x:Y'], 'the instruments file does not list it'],
    [2, ['backtest', 'sma-cross'], 'instruments.json'],
    [2, ['runs', 'show', '../../etc'], 'there is no such run'],
    [3, ['--data', 'nowhere', 'backtest', 'sma-cross', ...INSTRUMENTS], 'nowhere'],
    [
      3,
      [...MARKET, 'backtest', 'sma-cross', ...INSTRUMENTS, '--timerange', '1999-01-01..1999-02-01'],
      'no candle opens',
    ],
  ])('exits with %i: %j', async (code, words, message) => {
    const answer = await baleenHere(folder, words)
    expect([answer.code, answer.stdout]).toEqual([code, ''])
    expect(answer.stderr).toContain(message)
    expect(answer.stderr).not.toContain('    at ')
  })

  it('refuses unknown keys and wrong types in a config file, naming them', async () => {
    writeFileSync(join(folder, 'bad.json'), '{"strategy": "sma-cross", "slipage": 3}')
    expect((await run('backtest', '--config', 'bad.json')).stderr).toMatch(/bad\.json, field slipage/)
    writeFileSync(join(folder, 'bad.json'), '{"slippage": "3"}')
    expect((await run('backtest', '--config', 'bad.json')).stderr).toMatch(/field slippage/)
  })

  it('a bug asks to be reported and shows its stack only under -v', async () => {
    writeFileSync(
      join(folder, 'broken.mjs'),
      `import fs from 'node:fs'; fs.existsSync = () => { throw new TypeError('planted') }; import('node:module').then((m) => m.syncBuiltinESMExports())`,
    )
    const environment = { NODE_OPTIONS: `--import ${pathToFileURL(join(folder, 'broken.mjs')).href}` }
    const plain = await baleen(folder, ['runs', 'list'], environment)
    expect(plain.code).toBe(1)
    expect(plain.stderr).toMatch(/planted[^]*please report it/)
    expect(plain.stderr).not.toContain('    at ')
    expect((await baleen(folder, ['runs', 'list', '-v'], environment)).stderr).toContain('    at ')
  })

  it('a reader that stops early is no error, and an interrupt ends with 130', async () => {
    const start = [process.execPath, ...PROGRAM]
    const piped = spawn(
      'bash',
      [
        '-c',
        `set -o pipefail; ${start.map((word) => `'${word}'`).join(' ')} strategy show smart-money --json | head -c 1 >/dev/null`,
      ],
      { cwd: folder },
    )
    let stderr = ''
    piped.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
    expect([await new Promise((resolve) => piped.on('close', resolve)), stderr]).toEqual([0, ''])

    const child = spawn(
      process.execPath,
      [...PROGRAM, 'demo', '--out', 'interrupted', '--runs', 'interrupted-runs'],
      { cwd: folder },
    )
    child.stderr.once('data', () => child.kill('SIGINT'))
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130)
  })
})
