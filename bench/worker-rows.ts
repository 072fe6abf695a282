import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { compileStrategy, type Candles } from 'baleen'
import { runTrials, TrialWorkers, type TrialOutcome, type TrialParams } from 'baleen/lab'
import { wallSecondsOf } from './clock.js'
import { WrongAnswer, type BenchmarkRow } from './harness.js'
import { median } from './median.js'
import { hashOf, outcomesHash } from './hash.js'
import smaCrossStop from './strategies/sma-cross-stop.js'
import { hourly, hourlyPairs, HOURS, marketOf, minutely, minutePairs, MINUTES } from './sweep-rows.js'

/**
 * A thread compiles its code for itself, and what the compiler makes of it differs from thread to thread: one sweeps the same trials in up to a tenth less time than another. So many
 * times the threads are new, and a ratio is told of all of them.
 */
const THREAD_SETS = 5

/** Sweeps before the clock, of each set: until then the compiler is at work beside the threads. */
const WARM_UPS = 12

/** Of so many trials one has its daily returns in the hash of an answer. */
const SAMPLED = 64

const STRATEGY_FILE = fileURLToPath(new URL('./strategies/sma-cross-stop.ts', import.meta.url))

/** Each pair with some stops. A sweep of the pairs alone takes 45 ms: two threads are hardly at work by then, and nobody needs them for it. */
function withStops(pairs: readonly TrialParams[], stops: readonly number[]): TrialParams[] {
  return pairs.flatMap((pair) => stops.map((stop) => ({ ...pair, stop })))
}

const hourlyTrials = withStops(hourlyPairs, [0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08])
/** On a million bars 100 pairs take long enough, but a fifth of it for averages, which each thread computes for itself. */
const minuteTrials = withStops(minutePairs, [0.01, 0.02, 0.04, 0.08])

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

/** What is kept of a sweep for its hash. Not the outcomes: where all are kept, full collections come by, beside the threads. */
class KeptOfSweep {
  private readonly tradeHashes: string[] = []
  private readonly figures: number[] = []
  private readonly returns: Float64Array[] = []

  add({ trial, tradeHash, finalEquity, maxDrawdown, dailyReturns }: TrialOutcome): void {
    this.tradeHashes.push(tradeHash)
    this.figures.push(finalEquity, maxDrawdown)
    if (trial % SAMPLED === 0) this.returns.push(dailyReturns.slice())
  }

  hash(): string {
    return hashOf(...this.tradeHashes, this.figures, ...this.returns)
  }
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
  params: readonly TrialParams[],
  floor: { readonly value: number } | { readonly shareOfControl: number },
): BenchmarkRow {
  const alu = new AluWorkers()
  const pool = new TrialWorkers(2)
  const sweep = (
    threads: TrialWorkers,
    onOutcome: (outcome: TrialOutcome) => void,
    lendsReturns = true,
  ): Promise<void> =>
    threads.run({ strategyFile: STRATEGY_FILE, market: marketOf(candles()), params, lendsReturns }, onOutcome)
  const keptOf = async (threads: TrialWorkers): Promise<KeptOfSweep> => {
    const kept = new KeptOfSweep()
    await sweep(threads, (outcome) => kept.add(outcome))
    return kept
  }
  const secondsOfSweep = (threads: TrialWorkers): Promise<number> =>
    wallSecondsOf(() => sweep(threads, () => undefined))
  const withNewThreads = async (pairs: number, onPair: (speedUp: number) => Promise<void>): Promise<void> => {
    const [one, two] = [new TrialWorkers(1), new TrialWorkers(2)]
    try {
      for (let warmUp = 0; warmUp < WARM_UPS; warmUp++)
        for (const threads of [one, two]) await secondsOfSweep(threads)
      for (let pair = 0; pair < pairs; pair++)
        await onPair((await secondsOfSweep(one)) / (await secondsOfSweep(two)))
    } finally {
      await Promise.all([one.close(), two.close()])
    }
  }
  return {
    name,
    bars,
    trials: params.length,
    workers: 2,
    // Its threads have heaps of their own; the one that delivers would have the heap of all rows, and collect it while they work.
    isApart: true,
    floor: { value: 'value' in floor ? floor.value : floor.shareOfControl, unit: 'x' },
    run: () => keptOf(pool),
    hash: (kept: KeptOfSweep) => kept.hash(),
    ratio: async (repetitions) => {
      await pool.close()
      const speedUps: number[] = []
      const controls: number[] = []
      for (let set = 0; set < THREAD_SETS; set++)
        await withNewThreads(repetitions, async (speedUp) => {
          speedUps.push(speedUp)
          if ('shareOfControl' in floor) controls.push(await alu.speedUp())
        })
      const measured = median(speedUps)
      const outcomes: TrialOutcome[] = []
      await sweep(pool, (outcome) => outcomes.push(outcome), false)
      expectSameAlone(name, candles(), params, outcomes)
      return 'value' in floor ? { measured } : { measured, floor: floor.shareOfControl * median(controls) }
    },
    close: async () => {
      await Promise.all([alu.close(), pool.close()])
    },
  }
}

/** @throws WrongAnswer where threads say anything else than this thread does */
function expectSameAlone(
  name: string,
  candles: Candles,
  params: readonly TrialParams[],
  outcomes: readonly TrialOutcome[],
): void {
  const alone: TrialOutcome[] = []
  const trials = params.map((values) => compileStrategy(smaCrossStop, values))
  runTrials({ market: marketOf(candles), trials }, (outcome) => alone.push(outcome))
  if (outcomesHash(alone) !== outcomesHash(outcomes))
    throw new WrongAnswer(`${name}: threads answer otherwise than one thread alone`)
}

/** Two threads: columns that fit the cache, and columns that do not. */
export function workerRows(): BenchmarkRow[] {
  return [
    aluRow(),
    workersRow('two-workers', HOURS, hourly, hourlyTrials, { shareOfControl: 0.9 }),
    workersRow('two-workers-minute', MINUTES, minutely, minuteTrials, { value: 1.5 }),
  ]
}
