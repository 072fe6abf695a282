import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { runningClock } from '../../src/loopback/clock.js'
import { serveLoopback } from '../../src/loopback/server.js'
import { simulatedWorld } from '../../src/loopback/simulated-world.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import { unpackedDays, answersOf } from '../../src/sources/recorder/recording.js'
import { PROGRAM } from '../cli/run-cli.js'
import { allAnswers, differences, identityOf, readings, storedFacts, toldBy } from './recorded.js'

export const PHASES = ['asking', 'storing', 'compacting', 'waiting'] as const
export type Phase = (typeof PHASES)[number]

export interface KilledRecorder {
  /** Kills by what it was doing. */
  readonly phases: Readonly<Record<Phase | 'starting', number>>
  /** What is wrong; nothing where all is well. */
  readonly problems: readonly string[]
  readonly answers: number
  readonly rows: number
  readonly days: number
}

export interface KillOptions {
  readonly folder: string
  readonly kills: number
  readonly seed: number
  readonly speed: number
  readonly told?: (text: string) => void
}

const INSTRUMENT = 'synthetic:BTCUSDT-PERP'

/** How long a phase is waited for, real ms. */
const PATIENCE_MS = 8_000

/**
 * Records a loopback world with the real program and kills it so many times, at random moments, the phase that was struck least first; lets it end in peace, and holds the data folder
 * against the answers that were acknowledged.
 */
export async function killRecorder({
  folder,
  kills,
  seed,
  speed,
  told,
}: KillOptions): Promise<KilledRecorder> {
  const random = seededRandom(seed, 0x6b696c6c)
  const world = simulatedWorld({ days: 90, seed: 3, instruments: 1, timeframeMs: HOUR_MS / 12 })
  const clock = runningClock({ startMs: world.startTime + 2 * DAY_MS - HOUR_MS, endMs: world.endTime, speed })
  const loopback = await serveLoopback({ world, clock })
  const [recording, data] = [join(folder, 'recording'), join(folder, 'data')]
  const words = ['--data', data, 'data', 'record', INSTRUMENT, '--recording', recording, '--assets', 'BTC', '--loopback', loopback.urls.smartMoneyApi, '--timeframe', '5m', '--book-every', '5m', '-v'] // prettier-ignore
  const environment = { ...process.env, SMARTMONEY_API_KEY: 'sm_loopback_pro' }
  const phases = { starting: 0, asking: 0, storing: 0, compacting: 0, waiting: 0 }
  const acknowledged = new Set<string>()
  const problems: string[] = []
  try {
    for (let kill = 0; kill < kills; kill++) {
      const target = PHASES.reduce((least, phase) => (phases[phase] < phases[least] ? phase : least))
      const phase = await struck(words, environment, target, target === 'compacting' ? drawBelow(random, 12) : drawBelow(random, 25), drawBelow(random, 4)) // prettier-ignore
      phases[phase]++
      // Acknowledged is what stands in the log whole when the process is dead.
      for (const day of await unpackedDays(recording))
        for await (const answer of answersOf(recording, day)) acknowledged.add(identityOf(answer))
      if ((kill + 1) % 20 === 0) told?.(`${kill + 1} kills: ${JSON.stringify(phases)}, ${acknowledged.size} answers`) // prettier-ignore
    }
    const quiet = start(words, environment)
    await quiet.seen('waiting', 0, PATIENCE_MS)
    quiet.child.kill('SIGTERM')
    const code = await quiet.ended
    if (code !== 143) problems.push(`SIGTERM ended it with ${code}: ${quiet.said()}`)
    const importing = start(['--data', data, 'data', 'record', 'import', '--recording', recording, '--loopback', loopback.urls.smartMoneyApi], environment) // prettier-ignore
    if ((await importing.ended) !== 0) problems.push(`the import ended otherwise: ${importing.said()}`)
  } finally {
    clock.stop()
    await loopback.close()
  }
  const answers = await allAnswers(recording)
  const identities = answers.map(identityOf)
  const there = new Set(identities)
  const lost = [...acknowledged].filter((identity) => !there.has(identity))
  if (lost.length > 0) problems.push(`${lost.length} acknowledged answers are lost, such as ${lost[0]}`)
  if (there.size !== identities.length) problems.push(`${identities.length - there.size} answers are doubled`)
  let rows = 0
  for (const reading of readings(INSTRUMENT)) {
    const stored = await storedFacts(data, reading.series)
    if (stored.length === 0) problems.push(`${reading.series}: nothing was recorded`)
    problems.push(...differences(reading.series, toldBy(answers, reading), stored))
    rows += stored.length
  }
  const days = new Set(answers.map(({ fetchedAt }) => Math.floor(fetchedAt / DAY_MS))).size
  return { phases, problems, answers: answers.length, rows, days }
}

/** Starts it, waits until it has done something so many times, and some ms more, and kills it. Answers what it was doing. */
async function struck(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  target: Phase,
  times: number,
  moreMs: number,
): Promise<Phase | 'starting'> {
  const running = start(words, environment)
  await running.seen(target, times, PATIENCE_MS)
  await new Promise((resolve) => setTimeout(resolve, moreMs))
  running.child.kill('SIGKILL')
  await running.ended
  return running.phase()
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  phase(): Phase | 'starting'
  said(): string
  seen(phase: Phase, times: number, withinMs: number): Promise<void>
}

function start(words: readonly string[], environment: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, [...PROGRAM, ...words], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] }) // prettier-ignore
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  let [rest, last, tail] = ['', 'starting' as Phase | 'starting', '']
  let listener: (phase: Phase) => void = () => undefined
  child.stderr!.on('data', (data: Buffer) => {
    const lines = (rest + data.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const phase = PHASES.find((one) => line.startsWith(`${one} `))
      if (phase === undefined) tail = `${tail}\n${line}`.slice(-2_000)
      else {
        last = phase
        listener(phase)
      }
    }
  })
  return {
    child,
    ended,
    phase: () => last,
    said: () => tail,
    seen: (phase, times, withinMs) =>
      new Promise((resolve) => {
        let count = 0
        const begun = setTimeout(resolve, withinMs + 60_000)
        let patience: NodeJS.Timeout | undefined
        const done = (): void => {
          clearTimeout(begun)
          clearTimeout(patience)
          resolve()
        }
        void ended.then(done)
        listener = (one) => {
          // Patience begins with the first word, and not while a day that an earlier kill left is made into facts: that takes as long as it takes.
          if (one !== 'compacting' || phase === 'compacting') patience ??= setTimeout(done, withinMs)
          if (one === phase && count++ >= times) done()
        }
      }),
  }
}
