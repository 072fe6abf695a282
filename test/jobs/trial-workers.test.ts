import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { CheckError, ConfigError, DataError } from '../../src/core/errors.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { prepareMarket } from '../../src/engine/market.js'
import { runTrials, type TrialOutcome } from '../../src/engine/trials.js'
import { loadStrategyFile } from '../../src/jobs/strategy-file.js'
import { onSharedMemory } from '../../src/jobs/shared-memory.js'
import { cutTrials, TrialChunks } from '../../src/jobs/trial-chunks.js'
import { packError, unpackError } from '../../src/jobs/trial-messages.js'
import {
  runTrialsInParallel,
  TrialWorkers,
  type ParallelTrialOptions,
  type TrialParams,
} from '../../src/jobs/trial-workers.js'
import { compileStrategy } from '../../src/strategy/compile.js'
import { dataOf, instrumentOf } from '../engine/scripted.js'
import { walk } from '../features/candles.js'
import { smartMoneyFacts } from '../strategy/helpers.js'

const shipped = (name: string): string =>
  fileURLToPath(new URL(`../../strategies/${name}.ts`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'baleen-trials-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A strategy file of its own, outside the package. */
function strategyFile(name: string, text: string): string {
  const file = join(folder, `${name}.ts`)
  writeFileSync(file, text)
  return file
}

const fails = strategyFile(
  'fails',
  `import { close, defineStrategy, int } from 'baleen'
export default defineStrategy({
  name: 'fails',
  description: 'Answers a score that is none from some bar on.',
  params: { from: int(0, 0, 100_000), wrong: int(2, 2, 100) },
  features: () => ({ close }),
  signal: ({ close }, { from, wrong }) => (from > 0 && close > 0 && from < 1e5 ? wrong : 0.5),
})`,
)

const BARS = 40 * 24
const candles = walk(BARS, 5)
const start = candles.openTime[0] as number
const rates = Array.from({ length: 3 * 40 }, (_, at) => Math.sin(at) / 2_000)
const market = prepareMarket({
  instruments: [
    {
      ...dataOf(candles, instrumentOf({ id: 'walk:BTCUSDT-PERP', kind: 'perpetual' }), {
        time: Float64Array.from(rates, (_, at) => start + (at + 1) * 8 * HOUR_MS),
        rate: Float64Array.from(rates),
        mark: new Float64Array(rates.length).fill(NaN),
      }),
      facts: smartMoneyFacts(start, start + 40 * DAY_MS, 5),
    },
  ],
  startTime: start + DAY_MS,
  endTime: Infinity,
  startingBalance: 10_000,
  costs: { slippageBps: 2 },
})

const smaParams: TrialParams[] = [2, 3, 5, 8, 13].flatMap((fast) =>
  [20, 34, 55].map((slow) => ({ fast, slow })),
)
const sweep: ParallelTrialOptions = {
  strategyFile: shipped('sma-cross'),
  market,
  params: smaParams,
  chunkTrials: 4,
  keepTrades: true,
}

async function inParallel(
  options: ParallelTrialOptions & { readonly workers?: number },
): Promise<TrialOutcome[]> {
  const outcomes: TrialOutcome[] = []
  await runTrialsInParallel(options, (outcome) => outcomes.push(outcome))
  return outcomes
}

/** In this thread, one after the other. */
async function alone({ strategyFile, params, ...options }: ParallelTrialOptions): Promise<TrialOutcome[]> {
  const strategy = await loadStrategyFile(strategyFile)
  const trials = params.map((values) => compileStrategy(strategy, values, options.preset))
  const outcomes: TrialOutcome[] = []
  runTrials({ ...options, trials }, (outcome) => outcomes.push(outcome))
  return outcomes
}

/** With every bit of the numbers, so that −0 and the kinds of NaN count. */
function bits(outcomes: readonly TrialOutcome[]): unknown[] {
  return outcomes.map(({ dailyReturns, params, ...rest }) => [
    { ...rest, params: { ...params } },
    Array.from(new BigUint64Array(Float64Array.from(dailyReturns).buffer)),
  ])
}

describe('trials in threads', () => {
  it('give the same bytes for one, two and three threads as without any', async () => {
    const expected = await alone(sweep)
    expect(expected.map(({ trial }) => trial)).toEqual(smaParams.map((_, at) => at))
    expect(expected.some(({ closedTrades }) => (closedTrades?.length ?? 0) > 20)).toBe(true)
    expect(new Set(expected.map(({ tradeHash }) => tradeHash)).size).toBe(smaParams.length)
    for (const workers of [1, 2, 3])
      expect(bits(await inParallel({ ...sweep, workers }))).toEqual(bits(expected))
    const byBar = { ...sweep, keepTrades: false, path: 'bar-by-bar' } as const
    const seen = await inParallel({ ...byBar, workers: 2 })
    expect(new Set(seen.map(({ path }) => path))).toEqual(new Set(['bar-by-bar']))
    expect(bits(seen)).toEqual(bits(await alone(byBar)))
  })

  it('come in order where each chunk has hands of trials from the whole of a sweep', async () => {
    const windows = Array.from({ length: 14 }, (_, at) => 2 + 3 * at)
    const params = windows.flatMap((fast, at) => windows.slice(at + 1).map((slow) => ({ fast, slow })))
    const options = { ...sweep, params, keepTrades: false }
    const expected = await alone(options)
    expect(new Set(expected.map(({ tradeHash }) => tradeHash)).size).toBeGreaterThan(80)
    for (const [workers, chunkTrials] of [
      [2, 18],
      [3, 20],
      [2, undefined],
    ] as const) {
      const sized = chunkTrials === undefined ? options : { ...options, chunkTrials }
      expect(bits(await inParallel({ ...sized, workers }))).toEqual(bits(expected))
    }
  })

  it('give the same bytes for any size of chunk, and for strategies that read facts', async () => {
    const options = {
      ...sweep,
      strategyFile: shipped('smart-money'),
      preset: 'tutorial',
      policies: { rearm: 'none' as const },
      params: [0.1, 0.3, 0.5, 0.9, 1].map((whaleWeight) => ({ whaleWeight, buyFrom: 0.55 })),
    }
    const expected = bits(await alone(options))
    const workers = new TrialWorkers(2)
    try {
      for (const chunkTrials of [1, 2, 5, 100]) {
        const outcomes: TrialOutcome[] = []
        await workers.run({ ...options, chunkTrials }, (outcome) => outcomes.push(outcome))
        expect(bits(outcomes)).toEqual(expected)
      }
    } finally {
      await workers.close()
    }
  })

  it('run no further ahead than what waits to be delivered, and go on when it has been', async () => {
    const log = join(folder, 'begun')
    const counted = strategyFile(
      'counted',
      `import { appendFileSync } from 'node:fs'
import { close, defineStrategy, int, sma } from 'baleen'
export default defineStrategy({
  name: 'counted',
  description: 'Long above its average; writes down each trial that begins.',
  params: { bars: int(2, 2, 500) },
  features: ({ bars }) => {
    appendFileSync(${JSON.stringify(log)}, bars + '\\n')
    return { close, mean: sma(close, bars) }
  },
  signal: ({ close, mean }) => (close > mean ? 1 : 0),
})`,
    )
    const begun = (): number => new Set(readFileSync(log, 'utf8').trim().split('\n')).size
    const params = Array.from({ length: 60 }, (_, at) => ({ bars: 2 + at }))
    const options = { ...sweep, keepTrades: false, strategyFile: counted, params, chunkTrials: 1 }
    const outcomes: TrialOutcome[] = []
    let ahead = 0
    await runTrialsInParallel({ ...options, workers: 2 }, (outcome) => {
      // Threads have all the time they want while this one sleeps.
      if (outcomes.length === 0) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
        ahead = begun()
      }
      outcomes.push(outcome)
    })
    expect(ahead).toBe(8)
    expect(begun()).toBe(60)
    expect(bits(outcomes)).toEqual(bits(await alone(options)))
  })

  it('stay for the next run, and come back after they were closed', async () => {
    const workers = new TrialWorkers(2)
    const expected = bits(await alone(sweep))
    try {
      for (let run = 0; run < 3; run++) {
        const outcomes: TrialOutcome[] = []
        await workers.run(sweep, (outcome) => outcomes.push(outcome))
        expect(bits(outcomes)).toEqual(expected)
        if (run === 1) await workers.close()
      }
    } finally {
      await workers.close()
    }
  })

  it('lend daily returns, which are those of the trial as long as it is told of, in the memory of a few chunks', async () => {
    const workers = new TrialWorkers(2)
    const expected = bits(await alone(sweep))
    try {
      // The memory of one run is that of the next, whatever chunks it has.
      for (const chunkTrials of [4, 1, undefined, 1]) {
        const outcomes: TrialOutcome[] = []
        const places = new Set<number>()
        const memory = new Set<ArrayBufferLike>()
        await workers.run(
          { ...sweep, chunkTrials, lendsReturns: true } as ParallelTrialOptions,
          (outcome) => {
            const { dailyReturns } = outcome
            places.add(dailyReturns.byteOffset)
            memory.add(dailyReturns.buffer)
            outcomes.push({ ...outcome, dailyReturns: dailyReturns.slice() })
          },
        )
        expect(bits(outcomes)).toEqual(expected)
        expect(memory.size).toBe(1)
        if (chunkTrials === 1) expect(places.size).toBe(8)
      }
    } finally {
      await workers.close()
    }
  })

  it('lend none unless asked: what was told of stays as it is', async () => {
    const told: TrialOutcome[] = []
    const then: Float64Array[] = []
    await runTrialsInParallel({ ...sweep, chunkTrials: 1, workers: 1 }, (outcome) => {
      told.push(outcome)
      then.push(outcome.dailyReturns.slice())
    })
    expect(told.map(({ dailyReturns }) => dailyReturns)).toEqual(then)
    expect(told.some(({ dailyReturns }) => dailyReturns.buffer instanceof SharedArrayBuffer)).toBe(false)
  })

  it('have nothing to say of no trials', async () => {
    expect(await inParallel({ ...sweep, params: [], workers: 1 })).toEqual([])
  })

  it('refuse a number of threads or of trials a chunk that is none', async () => {
    expect(() => new TrialWorkers(0)).toThrow(ConfigError)
    await expect(inParallel({ ...sweep, chunkTrials: 0.5, workers: 1 })).rejects.toThrow(ConfigError)
  })

  it('read columns that lie on shared memory where they are; others are copied there once', () => {
    const shared = new Float64Array(new SharedArrayBuffer(16), 8)
    const plain = Float64Array.of(1, 2, NaN).subarray(1)
    const { a, b, c, d } = onSharedMemory({ a: shared, b: [plain, { plain }], c: 'text', d: undefined })
    expect(a).toBe(shared)
    expect(b).toEqual([plain, { plain }])
    const [first, { plain: second }] = b as [Float64Array, { plain: Float64Array }]
    expect(first.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(second).toBe(first)
    expect([c, d]).toEqual(['text', undefined])
  })
})

describe('a run that fails ends with the error of its thread', () => {
  const params = [{}, {}, {}, { from: 7, wrong: 7 }, { from: 9, wrong: 9 }, {}, {}]

  it.each([1, 3])('with %i threads, the first failing trial and all outcomes before it', async (workers) => {
    const seen: number[] = []
    const run = runTrialsInParallel(
      { ...sweep, strategyFile: fails, params, chunkTrials: 1, workers },
      ({ trial }) => seen.push(trial),
    )
    const error = await run.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(CheckError)
    expect((error as CheckError).message).toMatch(/fails.* 7/)
    expect((error as CheckError).exitCode).toBe(4)
    expect(seen).toEqual([0, 1, 2])
  })

  it('when the strategy file does not load', async () => {
    const broken = strategyFile('broken', 'export default 1 +')
    await expect(inParallel({ ...sweep, strategyFile: broken, workers: 2 })).rejects.toThrow(/does not load/)
    const absent = join(folder, 'absent.ts')
    await expect(inParallel({ ...sweep, strategyFile: absent, workers: 2 })).rejects.toThrow(/absent/)
  })

  it('when params cannot cross to a thread, and leaves workers that can run again', async () => {
    const workers = new TrialWorkers(2)
    try {
      const odd = { fast: () => 1 } as unknown as TrialParams
      await expect(workers.run({ ...sweep, params: [odd] }, () => undefined)).rejects.toThrow(/cloned/)
      const outcomes: TrialOutcome[] = []
      await workers.run(sweep, (outcome) => outcomes.push(outcome))
      expect(bits(outcomes)).toEqual(bits(await alone(sweep)))
    } finally {
      await workers.close()
    }
  })

  it('when the receiver of outcomes throws', async () => {
    let calls = 0
    const run = runTrialsInParallel({ ...sweep, workers: 2 }, () => {
      if (++calls === 3) throw new RangeError('the disk is full')
    })
    await expect(run).rejects.toThrow('the disk is full')
    expect(calls).toBe(3)
  })

  it('when a thread ends by itself', async () => {
    const quits = strategyFile('quits', 'process.exit(3)')
    await expect(inParallel({ ...sweep, strategyFile: quits, workers: 2 })).rejects.toThrow(/exit code 3/)
  })

  it('and errors keep class, message, exit code and place', () => {
    const error = new DataError('no price', {
      file: 'a.parquet',
      row: 3,
      field: 'close',
      value: NaN,
      unit: 'USDT',
    })
    const copy = unpackError(structuredClone(packError(error)))
    expect(copy).toBeInstanceOf(DataError)
    expect(copy).toEqual(error)
    expect([copy.message, copy.name, copy.stack]).toEqual([error.message, error.name, error.stack])
    expect((copy as DataError).place).toEqual(error.place)
    expect(unpackError(structuredClone(packError('odd'))).message).toBe('odd')
    const odd = new ConfigError('odd', { value: () => 1 })
    expect(unpackError(structuredClone(packError(odd))).message).toBe(odd.message)
  })
})

describe('a run whose failures are asked for', () => {
  const params = [{}, { from: 3, wrong: 3 }, {}, { from: 7, wrong: 7 }, { from: -1 }, {}, {}]

  it.each([
    [1, 7],
    [2, 2],
    [3, 1],
  ])(
    'with %i threads and chunks of %i, tells each in its place and goes on',
    async (workers, chunkTrials) => {
      const seen: (number | string)[] = []
      await runTrialsInParallel(
        {
          ...sweep,
          strategyFile: fails,
          params,
          chunkTrials,
          workers,
          onFailure: (trial, error) => seen.push(`${trial} ${error.constructor.name}`),
        },
        ({ trial }) => seen.push(trial),
      )
      expect(seen).toEqual([0, '1 CheckError', 2, '3 CheckError', '4 ConfigError', 5, 6])
    },
  )

  it('gives the others the outcomes that they have without them', async () => {
    const alone = await inParallel({ ...sweep, strategyFile: fails, params: [{}], workers: 1 })
    const among: TrialOutcome[] = []
    await runTrialsInParallel(
      { ...sweep, strategyFile: fails, params, chunkTrials: 7, workers: 1, onFailure: () => undefined },
      (outcome) => among.push(outcome),
    )
    for (const outcome of among) expect({ ...outcome, trial: 0 }).toEqual(alone[0])
  })
})

describe('trials that fail in the hands of several chunks', () => {
  const sometimes = strategyFile(
    'sometimes',
    `import { close, defineStrategy, int, sma } from 'baleen'
export default defineStrategy({
  name: 'sometimes',
  description: 'Long above its average, but for those that answer a score that is none.',
  params: { bars: int(2, 3, 500), wrong: int(0, 0, 100) },
  features: ({ bars }) => ({ close, mean: sma(close, bars) }),
  signal: ({ close, mean }, { wrong }) => (wrong > 0 ? wrong : close > mean ? 1 : 0),
})`,
  )
  const wrongOnes = [3, 20, 21, 38, 45]
  const params = Array.from({ length: 50 }, (_, at) => ({
    bars: 2 + 3 * at,
    wrong: wrongOnes.includes(at) ? 7 : 0,
  }))
  const options = { ...sweep, strategyFile: sometimes, keepTrades: false, workers: 2, chunkTrials: 18 }

  it('are told in their places, and the others have the outcomes that they have without them', async () => {
    const right = params.filter(({ wrong }) => wrong === 0)
    const expected = await alone({ ...options, params: right })
    expect(new Set(expected.map(({ tradeHash }) => tradeHash)).size).toBeGreaterThan(40)
    const places: number[] = []
    const outcomes: TrialOutcome[] = []
    const onFailure = (trial: number): unknown => places.push(trial)
    await runTrialsInParallel({ ...options, params, onFailure }, (outcome) => {
      places.push(outcome.trial)
      outcomes.push(outcome)
    })
    expect(places).toEqual(params.map((_, at) => at))
    const numbered = outcomes.map((outcome, at) => ({ ...outcome, trial: at }))
    expect(bits(numbered)).toEqual(bits(expected))
  })

  it('end a run before the first trial of the first chunk that has one', async () => {
    for (const wrong of [8, 20, 44]) {
      const seen: number[] = []
      const run = runTrialsInParallel(
        { ...options, params: params.map(({ bars }, at) => ({ bars, wrong: at === wrong ? 7 : 0 })) },
        ({ trial }) => seen.push(trial),
      )
      await expect(run).rejects.toThrow(CheckError)
      const chunks = new TrialChunks(cutTrials(params.length, 2, 1, true, 18))
      const failed = Array.from({ length: chunks.count }, (_, chunk) => chunks.trialsOf(chunk)).find((trials) => trials.includes(wrong)) as number[] // prettier-ignore
      expect(seen).toEqual(params.map((_, at) => at).slice(0, failed[0]))
    }
  })
})

describe('a run that is cancelled', () => {
  it('ends with the reason, delivers nothing more, and leaves workers that can run again', async () => {
    const workers = new TrialWorkers(2)
    try {
      const controller = new AbortController()
      let calls = 0
      const run = workers.run({ ...sweep, signal: controller.signal }, () => {
        if (++calls === 2) controller.abort(new Error('enough'))
      })
      await expect(workers.run(sweep, () => undefined)).rejects.toThrow(/running/)
      await expect(run).rejects.toThrow('enough')
      expect(calls).toBe(2)
      const outcomes: TrialOutcome[] = []
      await workers.run(sweep, (outcome) => outcomes.push(outcome))
      expect(outcomes).toHaveLength(smaParams.length)
    } finally {
      await workers.close()
    }
  })

  it('does not wait for a trial that never ends', async () => {
    const reached = join(folder, 'reached')
    const text = `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(reached)}, '')\nfor (;;);`
    const controller = new AbortController()
    const run = inParallel({
      ...sweep,
      strategyFile: strategyFile('endless', text),
      workers: 1,
      signal: controller.signal,
    })
    while (!existsSync(reached)) await new Promise((resolve) => setTimeout(resolve, 20))
    controller.abort(new Error('too long'))
    await expect(run).rejects.toThrow('too long')
  })

  it('does not begin where the signal was given before', async () => {
    const run = inParallel({ ...sweep, workers: 1, signal: AbortSignal.abort(new Error('before')) })
    await expect(run).rejects.toThrow('before')
  })
})
