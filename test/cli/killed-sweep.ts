import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { baleen, PROGRAM } from './run-cli.js'

/** A sweep that nobody disturbed, to compare with. */
export interface KillGround {
  readonly sampler: 'sobol' | 'tpe'
  /** Where the data are. */
  readonly folder: string
  /** Words of the sweep, without where it is stored. */
  readonly words: readonly string[]
  readonly files: Readonly<Record<string, string>>
  /** What it took, with the start of the program. */
  readonly wallMs: number
}

/** Invents a small market in `root`, and runs a sweep by each sampler to its end. */
export async function prepareKillGround(root: string): Promise<readonly KillGround[]> {
  mkdirSync(root, { recursive: true })
  const made = await baleen(root, ['data', 'simulate', '--days', '60', '--seed', '7', '--instruments', '1'])
  if (made.code !== 0) throw new Error(made.stderr)
  const grounds: KillGround[] = []
  for (const sampler of ['sobol', 'tpe'] as const) {
    const words = ['sweep', 'sma-cross', '--sampler', sampler, '--trials', '120', '--generation', '8', '--constraint', 'fast<slow', '-i', 'synthetic:BTCUSDT-PERP'] // prettier-ignore
    const startedMs = performance.now()
    const whole = await baleen(root, [...words, ...placeOf(join(root, `whole-${sampler}`)), '--jobs', '1'])
    if (whole.code !== 0) throw new Error(whole.stderr)
    const files = sweepFiles(join(root, `whole-${sampler}`))
    grounds.push({ sampler, folder: root, words, files, wallMs: performance.now() - startedMs })
  }
  return grounds
}

export function placeOf(folder: string): readonly string[] {
  return ['--sweeps', join(folder, 'sweeps'), '--ledger', join(folder, 'ledger')]
}

/** Say when a sweep was begun, and by which words. */
const TOLD = ['created.json', 'report.html']

/** All files of the one sweep below a folder, but those that say how it was begun. */
export function sweepFiles(folder: string): Readonly<Record<string, string>> {
  const sweeps = join(folder, 'sweeps')
  const [id = ''] = existsSync(sweeps) ? readdirSync(sweeps).filter((name) => !name.startsWith('.')) : []
  const files = readdirSync(join(sweeps, id), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !TOLD.includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    files.sort().map((path) => [relative(sweeps, path), readFileSync(path, 'base64')]),
  )
}

/**
 * Starts the sweep in a place of its own and kills it with SIGKILL after each of some times, resuming it in between; then lets it end. What differs from the
 * undisturbed one, in words; undefined where no byte does.
 */
export async function killedSweep(
  { folder, words, files }: KillGround,
  place: string,
  killsAfterMs: readonly number[],
  jobs: number,
): Promise<{ readonly problem: string | undefined; readonly killed: number }> {
  const all = [...words, ...placeOf(place), '--jobs', String(jobs), '--resume']
  let killed = 0
  for (const afterMs of killsAfterMs) if (await killAfter(folder, all, afterMs)) killed++
  const last = await baleen(folder, all)
  if (last.code !== 0) return { problem: `ends with ${last.code}: ${last.stderr.trim()}`, killed }
  const verified = await baleen(folder, ['ledger', 'verify', '--ledger', join(place, 'ledger')])
  if (verified.code !== 0) return { problem: verified.stderr.trim(), killed }
  return { problem: differenceOf(files, sweepFiles(place)), killed }
}

/** Whether the process was still there to be killed. */
function killAfter(folder: string, words: readonly string[], afterMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...PROGRAM, ...words], { cwd: folder, stdio: 'ignore' })
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      clearTimeout(timer)
      resolve(signal === 'SIGKILL')
    })
  })
}

export function differenceOf(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string | undefined {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  const different = names.filter((name) => before[name] !== after[name])
  const about = (name: string): string =>
    `${name}${name in before ? (name in after ? '' : ' (absent)') : ' (surplus)'}`
  return different.length === 0 ? undefined : `differs in ${different.map(about).join(', ')}`
}
