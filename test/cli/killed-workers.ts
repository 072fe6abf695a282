import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { differenceOf, placeOf, sweepFiles, type KillGround } from './killed-sweep.js'
import { baleen, PROGRAM, type Answer } from './run-cli.js'

/** A strategy whose trials take their time, without work, so that a kill strikes one under way. It waits in threads alone, where trials are run. */
function slowCross(trialMs: number): string {
  return `import { isMainThread } from 'node:worker_threads'
import { above, close, crossesAbove, defineStrategy, int, sma } from 'baleen'
export default defineStrategy({
  name: 'slow-cross',
  description: 'Crosses of two averages, without haste.',
  params: { fast: int(2, 5, 40), slow: int(10, 20, 90) },
  features: (p) => {
    if (!isMainThread) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${trialMs})
    return { fast: sma(close, p.fast), slow: sma(close, p.slow) }
  },
  enterLong: (f) => crossesAbove(f.fast, f.slow),
  exitLong: (f) => above(f.slow, f.fast),
})
`
}

export interface QueueGroundSize {
  readonly samplers: readonly KillGround['sampler'][]
  readonly trials: number
  readonly generation: number
  readonly trialMs: number
}

/** Invents a small market in `root`, and runs a slow sweep by each sampler to its end, on this machine alone. */
export async function prepareQueueGround(
  root: string,
  size: QueueGroundSize,
): Promise<readonly KillGround[]> {
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'slow-cross.ts'), slowCross(size.trialMs))
  await succeed(root, ['data', 'simulate', '--days', '60', '--seed', '7', '--instruments', '1'])
  const grounds: KillGround[] = []
  for (const sampler of size.samplers) {
    const words = ['sweep', './slow-cross.ts', '--sampler', sampler, '--trials', String(size.trials), '--generation', String(size.generation), '--constraint', 'fast<slow', '-i', 'synthetic:BTCUSDT-PERP'] // prettier-ignore
    const startedMs = performance.now()
    const whole = join(root, `whole-${sampler}`)
    await succeed(root, [...words, ...placeOf(whole), '--jobs', '2'])
    grounds.push({ sampler, folder: root, words, files: sweepFiles(whole), wallMs: performance.now() - startedMs }) // prettier-ignore
  }
  return grounds
}

async function succeed(folder: string, words: readonly string[]): Promise<void> {
  const answer = await baleen(folder, words)
  if (answer.code !== 0) throw new Error(`${words.join(' ')}: ${answer.stderr}`)
}

/** A command that goes on beside us. */
export interface Running {
  readonly child: ChildProcess
  readonly answer: Promise<Answer>
  /** Settles once a line of stderr matches. */
  says(pattern: RegExp): Promise<void>
}

export function start(folder: string, words: readonly string[]): Running {
  const child = spawn(process.execPath, [...PROGRAM, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }) // prettier-ignore
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  const answer = new Promise<Answer>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  return {
    child,
    answer,
    says: async (pattern) => {
      while (!pattern.test(stderr)) {
        if (child.exitCode !== null) throw new Error(`ended without saying ${pattern}: ${stderr}`)
        // Killed by us: whoever waited has gone on.
        if (child.signalCode !== null) return
        await delay(10)
      }
    },
  }
}

export function startWorker(folder: string, queue: string, ...more: readonly string[]): Running {
  return start(folder, ['worker', '--queue', queue, '--jobs', '1', ...more])
}

/** The sweep of a ground, by the workers at a queue, in a place of its own. */
export function startSweep({ folder, words }: KillGround, place: string, queue: string): Running {
  return start(folder, [...words, ...placeOf(place), '--executor', 'bullmq', '--queue', queue, '--resume'])
}

/** What differs from the sweep that nobody disturbed, or is wrong with the ledger, in words; undefined where nothing is. */
export async function problemOf(
  { folder, files }: KillGround,
  place: string,
  last: Answer,
): Promise<string | undefined> {
  if (last.code !== 0) return `ends with ${last.code}: ${last.stderr.trim()}`
  const verified = await baleen(folder, ['ledger', 'verify', '--ledger', join(place, 'ledger')])
  if (verified.code !== 0) return verified.stderr.trim()
  return differenceOf(files, sweepFiles(place))
}

/**
 * Runs the sweep by some workers; one of them is killed with SIGKILL some time after its first job, and replaced, over and over until the sweep ends. Which one and how
 * long after, `kills` says.
 */
export async function sweepByKilledWorkers(
  ground: KillGround,
  place: string,
  queue: string,
  workers: number,
  kills: () => { readonly afterMs: number; readonly worker: number },
): Promise<{ readonly problem: string | undefined; readonly killed: number }> {
  const running = Array.from({ length: workers }, () => startWorker(ground.folder, queue))
  const sweep = startSweep(ground, place, queue)
  let isOver = false
  const end = sweep.answer.then(() => (isOver = true))
  let killed = 0
  try {
    for (;;) {
      const { afterMs, worker } = kills()
      const victim = running[worker]!
      // On a busy machine a worker may take long to start: one that is killed before it has done anything proves nothing.
      await Promise.race([victim.says(/^Trials /m).then(() => delay(afterMs)), end])
      if (isOver) break
      victim.child.kill('SIGKILL')
      running[worker] = startWorker(ground.folder, queue)
      killed++
    }
    return { problem: await problemOf(ground, place, await sweep.answer), killed }
  } finally {
    for (const { child } of running) child.kill('SIGKILL')
    await Promise.all(running.map(({ answer }) => answer))
  }
}
