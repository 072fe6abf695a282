import { execFileSync, spawn } from 'node:child_process'
import { PROGRAM } from '../../test/cli/run-cli.js'

/** How often memory is looked at, ms. */
const EVERY_MS = 1_000

export interface WatchedSweep {
  readonly code: number | null
  readonly seconds: number
  /** Undefined where it failed. */
  readonly verdict: Verdict | undefined
  /** The line that says what took how long. */
  readonly took: string
  /** Resident memory over time, with the trials that were done by then; Infinity once it is judged. */
  readonly memory: readonly { readonly trials: number; readonly megabytes: number }[]
}

interface Verdict {
  readonly verdict: string
  readonly reasons: readonly string[]
}

/** Of what `--json` answers. */
interface SweepAnswer {
  readonly result: { readonly judgement?: { readonly verdict: Verdict } }
}

/** Runs `baleen sweep … --json` in a process of its own, repeats its progress, and watches its memory. */
export function watchedSweep(folder: string, words: readonly string[]): Promise<WatchedSweep> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now()
    const child = spawn(process.execPath, [...PROGRAM, 'sweep', ...words, '--json'], { cwd: folder })
    const memory: { trials: number; megabytes: number }[] = []
    let [stdout, took, trials] = ['', '', 0]
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
    child.stderr.on('data', (text: Buffer) => {
      for (const line of text
        .toString()
        .split('\n')
        .filter((one) => one !== '')) {
        console.log(`  ${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(5)} s  ${line}`)
        trials = line.startsWith('Judging') ? Infinity : (trialsDone(line) ?? trials)
        if (line.startsWith('Took ')) took = line
      }
    })
    const timer = setInterval(() => {
      const megabytes = residentMegabytes(child.pid as number)
      if (megabytes !== undefined) memory.push({ trials, megabytes })
    }, EVERY_MS)
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(timer)
      const verdict = code === 0 ? (JSON.parse(stdout) as SweepAnswer).result.judgement?.verdict : undefined
      resolve({ code, seconds: (performance.now() - startedMs) / 1_000, verdict, took, memory })
    })
  })
}

/** `8,704 of 10,000 trials, 163/s …` → 8,704. */
function trialsDone(line: string): number | undefined {
  const [, done] = /^([\d,]+) of [\d,]+ trials/.exec(line) ?? []
  return done === undefined ? undefined : Number(done.replaceAll(',', ''))
}

/** Undefined where the process has ended. */
function residentMegabytes(pid: number): number | undefined {
  try {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024
  } catch {
    return undefined
  }
}
