import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawBelow, seededRandom } from '../src/research/seeded-random.js'
import { readJournalRows } from '../src/runner/journal-file.js'
import { baleen, PROGRAM, type Answer } from '../test/cli/run-cli.js'
import type { CampaignOptions } from './options.js'

const STRATEGY = `import { above, below, close, defineStrategy, sma } from 'baleen'

export default defineStrategy({
  name: 'mine',
  description: '',
  params: {},
  features: () => ({ fast: sma(close, 3), slow: sma(close, 12) }),
  enterLong: (f) => above(f.fast, f.slow),
  exitLong: (f) => below(f.fast, f.slow),
})
`
const START = ['-q', 'paper', 'start', './mine.ts', '-i', 'synthetic:BTCUSDT-PERP', '--unpromoted', '--feed', 'stored', '--from', '2024-01-02', '--to', '2024-01-05'] // prettier-ignore

/** One thing that goes wrong with a disk, as words in front of the program. */
interface Fault {
  readonly name: string
  readonly isPossible: () => boolean
  /** The command that runs the program under the fault; `at` is drawn anew in each case. */
  readonly wrap: (program: readonly string[], at: number) => readonly string[]
  /** How late it may strike: `at` is below it. */
  readonly largest: number
  /** The session goes on, and says that it holds; else it ends with an error. */
  readonly isHold?: boolean
}

const hasStrace = (): boolean => spawnSync('strace', ['-V']).status === 0
const strace = (inject: string) => (program: readonly string[]): readonly string[] =>
  ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fdatasync,fsync', '-e', inject, ...program] // prettier-ignore

const FAULTS: readonly Fault[] = [
  {
    name: 'no file may grow any more',
    isPossible: () => true,
    largest: 300,
    // Blocks of 512 bytes in the shell; the signal is ignored, so that the write fails.
    wrap: (program, at) => ['sh', '-c', `trap '' XFSZ; ulimit -f ${60 + at}; exec "$@"`, 'sh', ...program],
  },
  {
    name: 'a sync fails',
    isPossible: hasStrace,
    largest: 80,
    wrap: (program, at) => strace(`inject=fsync,fdatasync:error=EIO:when=${3 + at}+`)(program),
  },
  {
    name: 'the disk is full as it is synced',
    isPossible: hasStrace,
    largest: 80,
    wrap: (program, at) => strace(`inject=fsync,fdatasync:error=ENOSPC:when=${3 + at}+`)(program),
  },
  {
    name: 'a sync takes three seconds, once',
    isPossible: hasStrace,
    largest: 60,
    isHold: true,
    wrap: (program, at) => strace(`inject=fsync,fdatasync:delay_enter=3000000:when=${20 + at}`)(program),
  },
] // prettier-ignore

/** A file system of its own that is soon full; undefined where this process may not mount one. */
function smallDisk(folder: string, kilobytes: number): string | undefined {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', disk])
  return mounted.status === 0 ? disk : undefined
}

/**
 * Runs sessions in processes of their own on a disk that fills up, fails or is slow. Expected: an error that names the file, or a hold that says why; and afterwards a journal that can be read, from which the session
 * goes on and ends as one that nobody disturbed. `size` cases.
 */
export async function diskFaults({ size, seed }: CampaignOptions): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'baleen-disk-'))
  const random = seededRandom(seed, 0x6469736b)
  let failed = 0
  try {
    const { ground, equity } = await prepare(root)
    const possible = FAULTS.filter(({ isPossible }) => isPossible())
    const names = [...possible.map(({ name }) => name), 'a disk of its own is full']
    let canMount = true
    for (let number = 0; number < size; number++) {
      const name = names[number % names.length]!
      const fault = possible.find((one) => one.name === name)
      const at = drawBelow(random, fault?.largest ?? 300)
      const folder = join(root, `case-${number}`)
      cpSync(ground, folder, { recursive: true })
      if (fault === undefined) canMount = canMount && smallDisk(folder, 90 + at) !== undefined
      const problem =
        fault === undefined && !canMount
          ? 'left out: a file system cannot be mounted here'
          : await problemOf(folder, fault, at, equity)
      if (fault === undefined && canMount) spawnSync('umount', [join(folder, 'disk')])
      if (problem !== undefined && !problem.startsWith('left out')) failed++
      console.log(`case ${number}: ${name}, at ${at}: ${problem ?? 'told, and gone on with'}`)
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  console.log(`disk-faults: ${size - failed} passed, ${failed} failed`)
  return failed
}

async function prepare(root: string): Promise<{ readonly ground: string; readonly equity: unknown }> {
  const ground = join(root, 'ground')
  mkdirSync(ground)
  writeFileSync(join(ground, 'mine.ts'), STRATEGY)
  await expectOk(
    baleen(ground, ['-q', 'data', 'simulate', '--days', '8', '--instruments', '1', '--seed', '5']),
  )
  const twin = await expectOk(baleen(ground, ['--json', ...START, '--sessions', join(root, 'twin')]))
  return { ground, equity: equityOf(twin) }
}

async function expectOk(running: Promise<Answer>): Promise<Answer> {
  const answer = await running
  if (answer.code !== 0) throw new Error(answer.stderr)
  return answer
}

function equityOf({ stdout }: Answer): unknown {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '{}'
  return (JSON.parse(last) as { equity?: unknown }).equity
}

async function problemOf(
  folder: string,
  fault: Fault | undefined,
  at: number,
  equity: unknown,
): Promise<string | undefined> {
  // prettier-ignore
  const sessions = fault === undefined ? join(folder, 'disk/sessions') : join(folder, 'sessions')
  const program = [process.execPath, ...PROGRAM, '--json', ...START, '--sessions', sessions]
  const answer = await runWords(folder, fault === undefined ? program : fault.wrap(program, at))
  if (!existsSync(sessions) || readdirSync(sessions).length === 0)
    return answer.code === 0 ? 'ended well without a session' : undefined
  const [id = ''] = readdirSync(sessions)
  if (fault === undefined) {
    // The disk is given room again.
    spawnSync('mount', ['-o', 'remount,size=64m', join(folder, 'disk')])
  }
  if (fault?.isHold === true) {
    const log = readFileSync(join(sessions, id, 'log.jsonl'), 'utf8')
    if (answer.code !== 0) return `ended with ${answer.code}: ${answer.stderr}`
    return log.includes('slow-journal') ? undefined : 'a slow journal held nothing up'
  }
  if (answer.code === 0) return 'the fault did not strike'
  if (answer.code !== 3) return `ended with ${answer.code}: ${answer.stderr.slice(0, 300)}`
  if (!answer.stderr.includes(folder) && !answer.stderr.includes('sessions')) return `the file is not named: ${answer.stderr}` // prettier-ignore
  if (!existsSync(join(sessions, id, 'session.json'))) return undefined
  const journal = join(sessions, id, 'journal.sqlite')
  if (existsSync(journal)) {
    try {
      await readJournalRows(journal)
    } catch (error) {
      // A journal whose tables were not written yet holds nothing.
      if (!String(error).includes('no such table')) return `cannot be read afterwards: ${String(error)}`
    }
  }
  const resumed = await baleen(folder, ['--json', '-q', 'paper', 'resume', id, '--sessions', sessions])
  if (resumed.code !== 0) return `cannot be resumed: ${resumed.stderr}`
  return equityOf(resumed) === equity ? undefined : 'ends with another equity after it was resumed'
}

function runWords(folder: string, [program = '', ...words]: readonly string[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: folder })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}
