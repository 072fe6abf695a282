import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Instrument } from '../../src/core/instrument.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { runBacktest } from '../../src/jobs/backtest.js'
import type { RunRequest } from '../../src/jobs/run.js'
import { loadStrategyFile } from '../../src/jobs/strategy-file.js'
import { TrialWorkers } from '../../src/jobs/trial-workers.js'
import { walkForward, type WalkForwardSettings } from '../../src/jobs/walk-forward/walk-forward.js'
import { findMetric } from '../../src/metrics/index.js'
import type { WalkForwardReport } from '../../src/report/index.js'
import { parseSearch } from '../../src/research/search-syntax.js'
import { parseConditions } from '../../src/research/sweep/conditions.js'
import { parseObjective } from '../../src/research/sweep/objective.js'
import { importFile } from '../../src/store/import.js'
import { openStore } from '../../src/store/store.js'
import { compileStrategy } from '../../src/strategy/compile.js'
import { random } from '../features/candles.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-walk-'))
const workers = new TrialWorkers(1)
afterAll(async () => {
  await workers.close()
  rmSync(folder, { recursive: true })
})

const START = Date.UTC(2024, 0, 1)
const DAYS = 220
const INSTRUMENT: Instrument = { id: 'test:XUSD', venue: 'test', kind: 'spot', base: 'X', quote: 'USD', tickSize: 0, lotSize: 0, minNotional: 0, makerFee: 0.0005, takerFee: 0.0005 } // prettier-ignore

const CROSS = `import { above, below, close, defineStrategy, int, sma } from 'baleen'
export default defineStrategy({
  name: 'cross', description: '', params: { fast: int(2, 4, 12), slow: int(8, 20, 60) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, p.slow) }),
  enterLong: (f) => above(f.fast, f.slow), exitLong: (f) => below(f.fast, f.slow),
})
`
/** Hours of a walk whose daily drift is told day by day. */
async function dataFolder(
  name: string,
  driftOf: (day: number) => number,
  noise = 0.004,
  days = DAYS,
): Promise<string> {
  const next = random(5)
  let price = 100
  const rows = Array.from({ length: days * 24 }, (_, bar) => {
    const open = price
    price *= 1 + driftOf(Math.floor(bar / 24)) + (next() - 0.5) * noise
    return [START + bar * HOUR_MS, open, Math.max(open, price) * 1.001, Math.min(open, price) * 0.999, price, 10].join() // prettier-ignore
  })
  const file = join(folder, `${name}.csv`)
  writeFileSync(file, ['time,open,high,low,close,volume', ...rows].join('\n'))
  const data = join(folder, name)
  await importFile(openStore(data), { file, kind: 'candles', instrument: INSTRUMENT.id, intervalMs: HOUR_MS, now: Date.UTC(2025, 0, 1) }) // prettier-ignore
  return data
}

function strategyFile(name: string, text: string): string {
  const path = join(folder, `${name}.ts`)
  writeFileSync(path, text)
  return path
}

function requestOf(file: string, data: string): RunRequest {
  return {
    strategyFile: file, strategyPath: file, preset: null, params: {}, dataFolder: data, instruments: [INSTRUMENT], timeframeMs: HOUR_MS,
    range: { startMs: -Infinity, endMs: Infinity }, startingBalance: 10_000, costs: { slippageBps: 1 }, policies: {}, funding: 'settled',
    factOverrides: {}, seed: null, command: '',
  } // prettier-ignore
}

async function walk(
  request: RunRequest,
  search: readonly string[],
  more: Partial<WalkForwardSettings> = {},
  conditionTexts: readonly string[] = [],
  objective = 'sharpe',
): Promise<WalkForwardReport> {
  const strategy = await loadStrategyFile(request.strategyFile)
  const { constraints, conditions } = parseConditions(strategy.params, conditionTexts)
  const settings: WalkForwardSettings = {
    space: parseSearch(strategy.params, search, constraints),
    ranking: { objective: parseObjective(objective), conditions },
    sampler: 'grid',
    trials: 1000,
    seed: 0,
    windows: 6,
    trainDays: 40,
    testDays: 30,
    isAnchored: false,
    purgeMs: undefined,
    ...more,
  }
  return (await walkForward(request, strategy, settings, workers)).report
}

describe('a walk-forward analysis', () => {
  it('chooses in each training what full backtests of that training rank first, and earns what a backtest of the test does', async () => {
    const file = strategyFile('cross', CROSS)
    const data = await dataFolder('noise', () => 0, 0.01)
    const request = requestOf(file, data)
    const report = await walk(request, ['fast=2:8:3', 'slow=10:50:20'], { purgeMs: 36 * HOUR_MS }, ['fast<slow']) // prettier-ignore
    const strategy = await loadStrategyFile(file)
    const backtest = (params: object, startMs: number, endMs: number): ReturnType<typeof runBacktest> =>
      runBacktest({ ...request, strategy: compileStrategy(strategy, { ...params }), range: { startMs, endMs } }) // prettier-ignore
    const end = START + DAYS * DAY_MS
    expect(report.windows).toHaveLength(6)
    for (const [at, window] of report.windows.entries()) {
      const testStart = end - (6 - at) * 30 * DAY_MS
      expect(window.test).toEqual({ startMs: testStart, endMs: testStart + 30 * DAY_MS })
      expect(window.training).toEqual({ startMs: testStart - 40 * DAY_MS, endMs: testStart - 36 * HOUR_MS })
    }
    // Two windows suffice for the slow way.
    for (const at of [0, 4]) {
      const { training, test, params, outOfSampleReturn, trades } = report.windows[at]!
      let best = { sharpe: -Infinity, fast: 0, slow: 0 }
      for (const fast of [2, 5, 8])
        for (const slow of [10, 30, 50]) {
          const { metrics } = await backtest({ fast, slow }, training.startMs, training.endMs)
          const sharpe = findMetric(metrics, 'sharpe').value ?? -Infinity
          if (sharpe > best.sharpe) best = { sharpe, fast, slow }
        }
      expect(params).toEqual({ fast: best.fast, slow: best.slow })
      const { result } = await backtest(params!, test.startMs, test.endMs)
      expect(outOfSampleReturn.value).toBeCloseTo(result.finalEquity / 10_000 - 1, 12)
      expect(trades).toBe(result.trades.length)
      expect(result.trades.length).toBeGreaterThan(3)
    }
    const compounded = report.windows.reduce((all, one) => all * (1 + (one.outOfSampleReturn.value ?? NaN)), 1) // prettier-ignore
    expect(report.netReturn.value).toBeCloseTo(compounded - 1, 12)
    expect(report.outOfSample.returns).toHaveLength(180)
    expect(report.outOfSample.time.at(-1)).toBe(end)
  })

  it('takes nothing from the last test: other days there change neither choices, purge nor what came before', async () => {
    const file = strategyFile('cross', CROSS)
    const [one, other] = [
      await dataFolder('one', () => 0, 0.01),
      await dataFolder('other', (day) => (day < DAYS - 30 ? 0 : 0.002), 0.01),
    ]
    const search = ['fast=2:8:3', 'slow=10:50:20']
    const [before, after] = [
      await walk(requestOf(file, one), search),
      await walk(requestOf(file, other), search),
    ]
    expect(after.windows.map(({ params }) => params)).toEqual(before.windows.map(({ params }) => params))
    expect(after.outOfSample.returns.slice(0, 150)).toEqual(before.outOfSample.returns.slice(0, 150))
    expect(after.outOfSample.returns.slice(150)).not.toEqual(before.outOfSample.returns.slice(150))
    expect(after.purgeMs).toBe(before.purgeMs)
    expect(before.purgeMs).toBeGreaterThan(0)
  })

  const SIDE = `import { above, choice, close, defineStrategy, sma } from 'baleen'
export default defineStrategy({
  name: 'side', description: '', params: { side: choice(['long', 'short'], 'long') },
  features: () => ({ close, mean: sma(close, 3) }),
  enterLong: (f, p) => above(f.close, p.side === 'long' ? 0 : 1e12),
  enterShort: (f, p) => above(f.close, p.side === 'short' ? 0 : 1e12),
})
`

  it('holds up where what paid goes on paying, and does not where it turns with every test', async () => {
    const file = strategyFile('side', SIDE)
    const perpetual = { ...INSTRUMENT, kind: 'perpetual' } as const
    const request = (data: string): RunRequest => ({ ...requestOf(file, data), instruments: [perpetual], funding: 'none' }) // prettier-ignore
    const rising = await dataFolder('steady', () => 0.0005, 0.004, 260)
    const steady = await walk(request(rising), ['side'], { trainDays: 70, purgeMs: 30 * DAY_MS }, [], 'totalReturn') // prettier-ignore
    expect(steady.windows.map(({ params }) => params?.['side'])).toEqual(Array(6).fill('long'))
    expect([steady.verdict, steady.gainingWindows]).toEqual(['held up', { value: 1 }])
    // Trades of tests are held for some days, which a purge of one does not keep out of training.
    const short = await walk(request(rising), ['side'], { trainDays: 70, purgeMs: DAY_MS }, [], 'totalReturn') // prettier-ignore
    expect([short.verdict, short.reason]).toEqual(['not judged', expect.stringContaining('held longer than the purge')]) // prettier-ignore
    expect(steady.params).toMatchObject([{ name: 'side', distinct: 1, spread: undefined, commonest: 1 }])
    // Trainings of 30 days right before each test see the other half of a swing of 60.
    const turning = await walk(
      request(await dataFolder('turning', (day) => (Math.floor((DAYS - 1 - day) / 30) % 2 === 0 ? 0.0005 : -0.0005))),
      ['side'],
      { trainDays: 30, purgeMs: 0 },
      [],
      'totalReturn',
    ) // prettier-ignore
    expect([turning.verdict, turning.gainingWindows]).toEqual(['did not hold up', { value: 0 }])
  })

  it('by a part of a grid chooses from the whole of it, not from where its loops begin', async () => {
    // The market rises; only the upper half of the levels buys.
    const level = `import { above, close, defineStrategy, int } from 'baleen'
export default defineStrategy({
  name: 'level', description: '', params: { level: int(1, 1, 40) },
  features: () => ({ close }),
  enterLong: (f, p) => above(f.close, p.level > 20 ? 0 : 1e12),
})
`
    const request = requestOf(strategyFile('level', level), await dataFolder('rising', () => 0.0005))
    const part = await walk(request, ['level'], { trials: 12, seed: 1 }, [], 'totalReturn')
    for (const { params, tried } of part.windows) expect([tried, (params?.['level'] as number) > 20]).toEqual([12, true]) // prettier-ignore
    expect([part.trials, part.drawnFrom]).toEqual([12, 40])
    const whole = await walk(request, ['level'], { trials: 40 }, [], 'totalReturn')
    for (const { params } of whole.windows) expect(params).toEqual({ level: 21 })
    expect(whole).not.toHaveProperty('drawnFrom')
  })

  it('says why it cannot judge where no trial may be chosen, and takes no 0 in its place', async () => {
    const file = strategyFile('cross', CROSS)
    const report = await walk(requestOf(file, await dataFolder('few', () => 0)), ['fast=2:8:3'], {}, ['trades>=100000']) // prettier-ignore
    expect(report.verdict).toBe('not judged')
    expect([report.netReturn.value, report.efficiency.value, report.windows[0]!.outOfSampleReturn.value]).toEqual([undefined, undefined, undefined]) // prettier-ignore
    expect(report.warnings[0]).toBe('Window 1: none of 3 trials may be chosen; the last one: trades>=100000: trades is 26.') // prettier-ignore
  })

  it('refuses fewer than six windows, and more than the data hold, with the days that are needed', async () => {
    const request = requestOf(strategyFile('cross', CROSS), await dataFolder('short', () => 0))
    await expect(walk(request, ['fast'], { windows: undefined, trainDays: 100 })).rejects.toThrow('220 days make 4 windows, at least 6 (280 days) needed') // prettier-ignore
    await expect(walk(request, ['fast'], { windows: 7 })).rejects.toThrow('need 250 days, the data hold 220')
    await expect(walk(request, ['fast'], { testDays: 20, windows: undefined })).rejects.toThrow('30 to 90')
  })

  it('is the same for any sampler seed twice over, and anchored trainings grow', async () => {
    const request = requestOf(strategyFile('cross', CROSS), await dataFolder('again', () => 0, 0.01))
    const settings = { sampler: 'tpe', trials: 40, seed: 3, isAnchored: true } as const
    const [one, other] = [await walk(request, [], settings), await walk(request, [], settings)]
    expect(one).toEqual(other)
    expect(one.windows.map(({ tried }) => tried)).toEqual(Array(6).fill(40))
    expect(new Set(one.windows.map(({ training }) => training.startMs)).size).toBe(1)
  })
})
