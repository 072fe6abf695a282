import { performance } from 'node:perf_hooks'

/** One line of the benchmark: a piece of work, and what it is compared with in the same run. */
export interface BenchmarkRow {
  readonly name: string
  readonly bars: number
  readonly trials: number
  /** What has to be there before the first run; outside the clock. */
  readonly prepare?: () => Promise<void>
  /** Does the work once. */
  readonly run: () => unknown
  /** Hash of what `run` answered, taken outside the clock: it must not change from run to run. */
  readonly hash: (answer: never) => string
  /** The same number of bars through a plain loop that does the least that the work could do. */
  readonly plainLoop: () => number
}

export interface BenchmarkResult {
  readonly name: string
  readonly bars: number
  readonly trials: number
  readonly workers: number
  readonly seconds: number
  readonly mBarEvalsPerSecond: number
  readonly plainLoopMBarEvalsPerSecond: number
  readonly ratioToPlainLoop: number
  readonly peakRssMb: number
  readonly answerHash: string
}

const REPETITIONS = 9

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

async function secondsOf(work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

/**
 * Runs every row once, so that each has warmed the same code, then takes the median of nine repetitions of each, work and plain
 * loop by turns: this host's speed moves by a third, and the ratio within one run is what holds. Throws if an answer changes.
 */
export async function measure(
  rows: readonly BenchmarkRow[],
  onRow: (row: BenchmarkResult) => void,
): Promise<void> {
  const hashes = new Map<string, string>()
  for (const row of rows) {
    await row.prepare?.()
    row.plainLoop()
    hashes.set(row.name, row.hash((await row.run()) as never))
  }
  for (const row of rows) {
    const answerHash = hashes.get(row.name) as string
    const work: number[] = []
    const plain: number[] = []
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      let answer: unknown
      work.push(await secondsOf(async () => (answer = await row.run())))
      const hash = row.hash(answer as never)
      if (hash !== answerHash)
        throw new Error(`${row.name} gave ${hash} after ${answerHash} on the same input`)
      plain.push(await secondsOf(row.plainLoop))
    }
    const evals = (row.bars * row.trials) / 1e6
    const seconds = median(work)
    const plainSeconds = median(plain)
    onRow({
      name: row.name,
      bars: row.bars,
      trials: row.trials,
      workers: 1,
      seconds,
      mBarEvalsPerSecond: evals / seconds,
      plainLoopMBarEvalsPerSecond: evals / plainSeconds,
      ratioToPlainLoop: plainSeconds / seconds,
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
      answerHash,
    })
  }
}
