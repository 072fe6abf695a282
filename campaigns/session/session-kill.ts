import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseInstruments } from '../../src/core/parse-instruments.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { simulateIntoStore } from '../../src/jobs/simulated-data.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import { DEFAULT_HOLD_LIMITS } from '../../src/runner/hold.js'
import { JournalFile } from '../../src/runner/journal-file.js'
import { createSession } from '../../src/runner/session-folder.js'
import { onStoredData } from '../../src/runner/session-request.js'
import { PROGRAM } from '../../test/cli/run-cli.js'
import type { CampaignOptions } from '../options.js'

/** Where a kill strikes, and how many such moments it lets pass at most: so that every life gets somewhere, and none to the end. */
const PHASES = { 'before-intent': 6, 'after-intent': 5, 'after-fill': 4, 'during-write': 90 } as const
type Phase = keyof typeof PHASES

/** The longest that a session may take to be ready again, of 99 in 100, ms. */
const READY_MS = 4_000
/** With fewer starts than these there is no 99th in 100. */
const ENOUGH_STARTS = 100
/** Each phase has at least this share of the kills, once there are enough of them. */
const LEAST_SHARE = 0.1

const STRATEGY = `import { above, below, close, defineStrategy, sma } from 'baleen'

export default defineStrategy({
  name: 'killed',
  description: '',
  params: {},
  features: () => ({ fast: sma(close, 2), slow: sma(close, 5) }),
  enterLong: (f) => above(f.fast, f.slow),
  enterShort: (f) => below(f.fast, f.slow),
  risk: () => ({ allowShort: true, reversal: true, dailyLossLimit: 0.01, stop: { kind: 'percent', fraction: 0.006 } }),
})
`
const ROOT = new URL('../..', import.meta.url).pathname
const HOOK = new URL('kill-hook.mjs', import.meta.url).href

/**
 * Ends `baleen paper resume` by kill -9 at moments that are drawn: before an intent is written, once it is durable and nothing was sent, after a fill, in the middle of writing. It is resumed each
 * time; whenever it comes to the end of its data, its journal must be that of a twin which nobody disturbed, row for row: nothing lost, nothing doubled. `size` kills.
 */
export async function sessionKill({ size, seed }: CampaignOptions): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'baleen-session-kill-'))
  try {
    const place = await killPlace(root)
    const words = PROGRAM
    const whole = await live(words, place, 'twin', undefined)
    const twin = await rowsOf(place, 'twin')
    const random = seededRandom(seed, 0x73656b69)
    const names = Object.keys(PHASES) as Phase[]
    const struck = Object.fromEntries(names.map((name) => [name, 0])) as Record<Phase, number>
    const readyMs: number[] = []
    const wrong: string[] = []
    let [kills, ends] = [0, 0]
    const finish = async (): Promise<void> => {
      const last = await live(words, place, 'killed', undefined)
      if (last.signal !== null || last.code !== 0) wrong.push(`after ${kills} kills it ended with ${last.code ?? last.signal}: ${last.stderr}`)
      ends++
      const rows = await rowsOf(place, 'killed')
      const at = rows.findIndex((row, index) => row !== twin[index])
      if (at >= 0 || rows.length !== twin.length)
        wrong.push(`after ${kills} kills row ${at} is ${rows[at]?.slice(0, 200)}, the twin's is ${twin[at]?.slice(0, 200)}`)
      rmSync(join(place.folder, 'killed'), { recursive: true })
      cpSync(join(place.folder, 'fresh'), join(place.folder, 'killed'), { recursive: true })
    }
    while (kills < size) {
      const phase = names[kills % names.length] as Phase
      const life = await live(words, place, 'killed', `${phase}:${1 + drawBelow(random, PHASES[phase])}`)
      if (life.readyMs !== undefined) readyMs.push(life.readyMs)
      if (life.signal === 'SIGKILL') {
        kills++
        struck[phase]++
      } else if (life.code === 0) await finish()
      else {
        wrong.push(`a life ended with ${life.code ?? life.signal}: ${life.stderr}`)
        break
      }
    }
    await finish()
    readyMs.sort((a, b) => a - b)
    const p99 = readyMs[Math.min(readyMs.length - 1, Math.floor(readyMs.length * 0.99))] ?? NaN
    if (readyMs.length >= ENOUGH_STARTS && !(p99 <= READY_MS))
      wrong.push(`ready again after ${Math.round(p99)} ms at p99, ${READY_MS} ms are allowed`)
    for (const name of names)
      if (kills >= ENOUGH_STARTS && struck[name] < LEAST_SHARE * kills) wrong.push(`${struck[name]} kills ${name}: too few`)
    console.table(struck)
    console.log(`${kills} kills, ${ends} sessions brought to their end, ${twin.length} rows each, the twin's took ${Math.round(whole.wholeMs)} ms`)
    console.log(`ready again after ${Math.round(readyMs[Math.floor(readyMs.length / 2)] ?? NaN)} ms in the median, ${Math.round(p99)} ms at p99 (limit ${READY_MS} ms), start of the process included`)
    for (const one of wrong) console.log(one)
    console.log(`session-kill: ${kills + ends - wrong.length} passed, ${wrong.length} failed`)
    return wrong.length
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
} // prettier-ignore

interface KillPlace {
  readonly folder: string
  readonly id: string
}

/** A data folder, a strategy, and one session in three folders of sessions: fresh, to be killed, and its twin. */
async function killPlace(folder: string): Promise<KillPlace> {
  const strategyFile = join(folder, 'killed.ts')
  writeFileSync(strategyFile, STRATEGY)
  const dataFolder = join(folder, 'data')
  const startTime = Date.UTC(2024, 0, 1)
  await simulateIntoStore({ days: 12, startTime, timeframeMs: HOUR_MS, instruments: 1, seed: 4, edge: 0, driftPerYear: 0, gaps: false }, { folder: dataFolder, now: 1 })
  const file = join(dataFolder, 'instruments.json')
  const instruments = parseInstruments(JSON.parse(readFileSync(file, 'utf8')) as unknown, file).map((one) => one.instrument())
  const trading = { strategyFile, preset: null, params: {}, instruments, timeframeMs: HOUR_MS, startingBalance: 10_000, costs: { slippageBps: 1 }, policies: {}, funding: 'settled' as const, factOverrides: {} }
  const request = { trading, fillModel: 'bars' as const, holdLimits: DEFAULT_HOLD_LIMITS, promotion: null, now: 0 }
  const settings = await onStoredData(request, { dataFolder, startTime: startTime + DAY_MS, endTime: Infinity, speed: Infinity })
  mkdirSync(join(folder, 'fresh'))
  const { settings: { id } } = await createSession(join(folder, 'fresh'), settings)
  for (const name of ['killed', 'twin']) cpSync(join(folder, 'fresh'), join(folder, name), { recursive: true })
  return { folder, id }
} // prettier-ignore

interface Life {
  readonly code: number | null
  readonly signal: string | null
  readonly stderr: string
  /** Real ms from its start until it went on; undefined where it did not come so far. */
  readonly readyMs: number | undefined
  readonly wholeMs: number
}

/** One life of the process, killed at a moment or not. */
function live(words: readonly string[], { folder, id }: KillPlace, sessions: string, killAt: string | undefined): Promise<Life> {
  const hook = killAt === undefined ? [] : ['--import', HOOK]
  const began = performance.now()
  const child = spawn(process.execPath, [...hook, ...words, '--json', 'paper', 'resume', id, '--sessions', join(folder, sessions)], {
    cwd: folder,
    env: { ...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json'), ...(killAt !== undefined && { BALEEN_KILL_AT: killAt }) },
  })
  let [stderr, readyMs] = ['', undefined as number | undefined]
  child.stdout.on('data', (text: Buffer) => {
    if (readyMs === undefined && text.includes('"ready"')) readyMs = performance.now() - began
  })
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stderr, readyMs, wholeMs: performance.now() - began }))
  })
} // prettier-ignore

/** Everything but facts and settlements, which a feed may tell of again. */
async function rowsOf({ folder, id }: KillPlace, sessions: string): Promise<string[]> {
  const file = await JournalFile.open(join(folder, sessions, id, 'journal.sqlite'))
  try {
    const rows = file.read((row) => {
      throw new Error(`row ${row.seq} is torn`)
    })
    return rows.flatMap(({ kind, text }) => (kind === 'fact' || kind === 'settlement' ? [] : [`${kind} ${text}`]))
  } finally {
    file.close()
  }
} // prettier-ignore
