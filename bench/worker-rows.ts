import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { compileStrategy, type Candles, type Strategy } from 'baleen'
import { runTrials, TrialWorkers, type TrialOutcome, type TrialParams } from 'baleen/lab'
import { wallSecondsOf } from './clock.js'
import { WrongAnswer, type BenchmarkRow } from './harness.js'
import { median } from './median.js'
import { hashOf, outcomesHash } from './hash.js'
import smaCross from './strategies/sma-cross.js'
import smaCrossStop from './strategies/sma-cross-stop.js'
import { hourly, hourlyPairs, HOURS, marketOf, minutely, minutePairs, MINUTES } from './sweep-rows.js'

/** A ratio of two times is twice as unsteady as a time, and the host changes its speed between the two: so many times as many are taken. */
const PAIRS_PER_REPETITION = 3

/** Sweeps before the clock: each thread compiles its code for itself, next to threads that work. */
const WARM_UPS = 5

interface SweptStrategy {
  readonly strategy: Strategy
  readonly file: string
}

const crosses: SweptStrategy = {
  strategy: smaCross,
  file: fileURLToPath(new URL('./strategies/sma-cross.ts', import.meta.url)),
}
const crossesWithStop: SweptStrategy = {
  strategy: smaCrossStop,
  file: fileURLToPath(new URL('./strategies/sma-cross-stop.ts', import.meta.url)),
}

/** All pairs of 50 averages, each with eight stops. A sweep of all pairs alone takes 45 ms: two threads are hardly at work by then, and nobody needs them for it. */
const pairsWithStops: readonly TrialParams[] = hourlyPairs.flatMap((pair) =>
  [0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08].map((stop) => ({ ...pair, stop })),
)

/**
 * Multiplications and additions of what stays in registers. Eight chains, none of which waits for another: one alone leaves most of a core's
 * units idle, which a neighbour on the same core may then have for nothing, and says 2 of threads that get 1.6 for any other work.
 */
const ALU_STEPS = 40_000_000
const ALU_LOOP = `
const { parentPort } = require('node:worker_threads')
function loop(steps) {
  let [a, b, c, d, e, f, g, h] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
  for (let i = 0; i < steps; i++) {
    a = a * 0.999 + 0.1
    b = b * 0.999 + 0.1
    c = c * 0.999 + 0.1
    d = d * 0.999 + 0.1
    e = e * 0.999 + 0.1
    f = f * 0.999 + 0.1
    g = g * 0.999 + 0.1
    h = h * 0.999 + 0.1
  }
  return a + b + c + d + e + f + g + h
}
parentPort.on('message', (steps) => parentPort.postMessage(loop(steps)))`

class AluWorkers {
  private workers: Worker[] = []

  /** Speed-up of two threads over one, on the same work: more than two is the host's doing. */
  async speedUp(): Promise<number> {
    const one = await wallSecondsOf(() => this.run(1))
    return Math.min(2, one / (await wallSecondsOf(() => this.run(2))))
  }

  async run(count: number): Promise<number[]> {
    while (this.workers.length < count) this.workers.push(new Worker(ALU_LOOP, { eval: true, execArgv: [] }))
    const answers = this.workers.slice(0, count).map(async (worker) => {
      const answered = once(worker, 'message')
      worker.postMessage(ALU_STEPS / count)
      const [answer] = (await answered) as [number]
      return answer
    })
    return Promise.all(answers)
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()))
    this.workers = []
  }
}

/** What this host gives two threads at best. */
function aluRow(): BenchmarkRow {
  const alu = new AluWorkers()
  return {
    name: 'two-workers-alu',
    bars: ALU_STEPS,
    trials: 1,
    workers: 2,
    run: () => alu.run(2),
    hash: (answers: readonly number[]) => hashOf(answers),
    ratio: async (repetitions) => ({ measured: await medianOf(repetitions, () => alu.speedUp()) }),
    close: () => alu.close(),
  }
}

async function medianOf(repetitions: number, of: () => Promise<number>): Promise<number> {
  const values: number[] = []
  for (let repetition = 0; repetition < repetitions; repetition++) values.push(await of())
  return median(values)
}

/**
 * A sweep by the parallel runner on two threads against the same runner on one, layout of the market included.
 *
 * @param floor of the speed-up, or the share of what the control reaches in the same minute
 */
function workersRow(
  name: string,
  bars: number,
  candles: () => Candles,
  swept: SweptStrategy,
  params: readonly TrialParams[],
  floor: { readonly value: number } | { readonly shareOfControl: number },
): BenchmarkRow {
  const alu = new AluWorkers()
  const pools = { one: new TrialWorkers(1), two: new TrialWorkers(2) }
  const sweep = (pool: TrialWorkers, onOutcome: (outcome: TrialOutcome) => void): Promise<void> =>
    pool.run({ strategyFile: swept.file, market: marketOf(candles()), params }, onOutcome)
  const outcomesOf = async (pool: TrialWorkers): Promise<TrialOutcome[]> => {
    const outcomes: TrialOutcome[] = []
    await sweep(pool, (outcome) => outcomes.push(outcome))
    return outcomes
  }
  /** Each outcome is let go as it comes. */
  const secondsOfSweep = (pool: TrialWorkers): Promise<number> =>
    wallSecondsOf(() => sweep(pool, () => undefined))
  return {
    name,
    bars,
    trials: params.length,
    workers: 2,
    // Its threads have heaps of their own; the one that hands out their trials would have the heap of all rows, and collect it while they work.
    isApart: true,
    floor: { value: 'value' in floor ? floor.value : floor.shareOfControl, unit: 'x' },
    run: () => outcomesOf(pools.two),
    hash: (outcomes: readonly TrialOutcome[]) => outcomesHash(outcomes),
    ratio: async (repetitions) => {
      expectSameAlone(name, candles(), swept, params, await outcomesOf(pools.one))
      for (let warmUp = 0; warmUp < WARM_UPS; warmUp++)
        for (const pool of [pools.one, pools.two]) await secondsOfSweep(pool)
      const speedUps: number[] = []
      const controls: number[] = []
      for (let pair = 0; pair < repetitions * PAIRS_PER_REPETITION; pair++) {
        const one = await secondsOfSweep(pools.one)
        speedUps.push(one / (await secondsOfSweep(pools.two)))
        if ('shareOfControl' in floor) controls.push(await alu.speedUp())
      }
      const measured = median(speedUps)
      return 'value' in floor ? { measured } : { measured, floor: floor.shareOfControl * median(controls) }
    },
    close: async () => {
      await Promise.all([alu.close(), pools.one.close(), pools.two.close()])
    },
  }
}

/** @throws WrongAnswer where threads say anything else than this thread does */
function expectSameAlone(
  name: string,
  candles: Candles,
  { strategy }: SweptStrategy,
  params: readonly TrialParams[],
  outcomes: readonly TrialOutcome[],
): void {
  const alone: TrialOutcome[] = []
  const trials = params.map((values) => compileStrategy(strategy, values))
  runTrials({ market: marketOf(candles), trials }, (outcome) => alone.push(outcome))
  if (outcomesHash(alone) !== outcomesHash(outcomes))
    throw new WrongAnswer(`${name}: threads answer otherwise than one thread alone`)
}

/** Two threads: columns that fit the cache, and columns that do not. */
export function workerRows(): BenchmarkRow[] {
  return [
    aluRow(),
    workersRow('two-workers', HOURS, hourly, crossesWithStop, pairsWithStops, { shareOfControl: 0.9 }),
    workersRow('two-workers-minute', MINUTES, minutely, crosses, minutePairs, { value: 1.5 }),
  ]
}
