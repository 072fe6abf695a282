import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { secondsOf } from './clock.js'
import type { Host } from './host.js'
import { peakRssMb, resultOf, WrongAnswer, type BenchmarkResult, type BenchmarkRow } from './harness.js'
import { median } from './median.js'

const REPETITIONS = 3
/** Milliseconds that one may wait for a host that others work on. */
const PATIENCE_MS = 10_000
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

/** What a process of its own says of one repetition. */
interface OwnRun {
  readonly seconds: number
  readonly reference: number | null
  readonly peakRssMb: number
  readonly answerHash: string
}

/** The other side of `measureInOwnProcess`: does the work once and prints an OwnRun. The reference runs after the peak is taken. */
export async function runOnce(row: BenchmarkRow, withReference: boolean): Promise<void> {
  await row.warmUp?.()
  let answer: unknown
  const seconds = await secondsOf(async () => (answer = await row.run()))
  const peak = peakRssMb()
  const reference = withReference ? (row.reference?.(answer as never) ?? null) : null
  const own: OwnRun = { seconds, reference, peakRssMb: peak, answerHash: row.hash(answer as never) }
  process.stdout.write(JSON.stringify(own))
}

/** What `npm run bench` says of a row that it is asked for alone. */
export async function measureApart(
  { name }: BenchmarkRow,
  options: readonly string[],
): Promise<BenchmarkResult> {
  const { stdout } = await ownProcess(['--only', name, '--json', ...options])
  const [result] = JSON.parse(stdout) as [BenchmarkResult]
  return result
}

function ownProcess(args: readonly string[]): Promise<{ readonly stdout: string }> {
  return promisify(execFile)(process.execPath, [...process.execArgv, MAIN, ...args])
}

/**
 * Takes a row's time and peak memory in three processes of its own, one after the other: median time, highest peak.
 *
 * @throws WrongAnswer where two of them answer differently
 */
export async function measureInOwnProcess(
  row: BenchmarkRow,
  folder: string,
  host: Host,
  options: readonly string[],
): Promise<BenchmarkResult> {
  await row.prepare?.()
  const runs: OwnRun[] = []
  const plain: number[] = []
  let undisturbed = 0
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const before = await host.waitForFullSpeed(performance.now() + PATIENCE_MS)
    const own = ['--once', row.name, '--folder', folder, ...(repetition === 0 ? ['--reference'] : [])]
    const { stdout } = await ownProcess([...own, ...options])
    runs.push(JSON.parse(stdout) as OwnRun)
    const after = await host.speed()
    plain.push((before + after) / 2)
    if (host.isFull(before) && host.isFull(after)) undisturbed++
  }
  const [first] = runs as [OwnRun]
  if (runs.some(({ answerHash }) => answerHash !== first.answerHash))
    throw new WrongAnswer(`${row.name} gave ${runs.map(({ answerHash }) => answerHash).join(', ')}`)
  return resultOf(row, {
    seconds: median(runs.map(({ seconds }) => seconds)),
    plain: median(plain),
    repetitions: REPETITIONS,
    undisturbed,
    reference: first.reference,
    peakRssMb: Math.max(...runs.map((run) => run.peakRssMb)),
    answerHash: first.answerHash,
  })
}
