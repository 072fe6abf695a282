import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { runningClock, type VirtualClock } from '../../src/loopback/clock.js'
import { type Loopback, serveLoopback } from '../../src/loopback/server.js'
import { simulatedWorld } from '../../src/loopback/simulated-world.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import { answerDays, answersOf, unpackedDays } from '../../src/sources/recorder/recording.js'
import { PROGRAM, ROOT } from '../cli/run-cli.js'
import { allAnswers, differences, identityOf, readings, storedFacts, toldBy } from './recorded.js'

/** `starting`: it has said nothing yet, and may be mending what the life before it left. */
export const PHASES = ['asking', 'storing', 'compacting', 'waiting', 'starting'] as const
export type Phase = (typeof PHASES)[number]

export interface KilledRecorder {
  /** Kills by what it was doing. */
  readonly phases: Readonly<Record<Phase, number>>
  /** What is wrong; nothing where all is well. */
  readonly problems: readonly string[]
  /** That the recorders said were stored, by their words on stderr, and that were still on their way when they died. */
  readonly acknowledged: number
  readonly underWay: number
  /** That the logs hold in the end, those of the last lives in peace too. */
  readonly answers: number
  readonly rows: number
  readonly days: number
}

export interface KillOptions {
  readonly folder: string
  /** Of recorders; a multiple of `together`. */
  readonly kills: number
  /** 1, the default, is the program itself; more are as many recorders in one process, each with folders and a world of its own: a kill strikes them all, each in what it was doing. */
  readonly together?: number
  readonly seed: number
  readonly speed: number
  readonly told?: (text: string) => void
}

const INSTRUMENT = 'synthetic:BTCUSDT-PERP'
const SEVERAL = fileURLToPath(new URL('recorder-process.ts', import.meta.url))

/** How long a phase is waited for once a recorder works, and at the longest, real ms: a machine may have other things to do. */
const PATIENCE_MS = 8_000
const LONGEST_MS = 300_000
/** Within so much of its start a recorder is struck that is to be struck before it says anything: to start takes about as long. */
const START_MS = 1_500

/** One recorder through all its lives: its folders, its world, and what was ever found in its log. */
interface Place {
  readonly recording: string
  readonly data: string
  readonly loopback: Loopback
  readonly asked: () => number
  readonly found: Set<string>
  readonly packed: Set<string>
}

/**
 * Records loopback worlds and kills the recorders so many times, at random moments, the phase that was struck least first; lets them end in peace, and holds the data folders
 * against the answers that were acknowledged: by the recorder's own words, which are read outside of it, and by the server, which counted what it was asked.
 */
export async function killRecorder(options: KillOptions): Promise<KilledRecorder> {
  const { kills, seed, speed, told, together = 1 } = options
  const random = seededRandom(seed, 0x6b696c6c)
  const world = simulatedWorld({ days: 90, seed: 3, instruments: 1, timeframeMs: HOUR_MS / 12 })
  const running = runningClock({
    startMs: world.startTime + 2 * DAY_MS - HOUR_MS,
    endMs: world.endTime,
    speed,
  })
  const clock = leapingClock(running)
  const places: Place[] = []
  for (let number = 0; number < together; number++) {
    let asked = 0
    const loopback = await serveLoopback({ world, clock, asked: (_, path) => (asked += /^\/(v1|fapi)\//.test(path) ? 1 : 0) }) // prettier-ignore
    const at = (name: string): string => join(options.folder, number === 0 ? name : `${name}-${number}`)
    places.push({ recording: at('recording'), data: at('data'), loopback, asked: () => asked, found: new Set(), packed: new Set() }) // prettier-ignore
  }
  const several = together === 1 ? '' : await bundledRecorders(join(options.folder, 'program'))
  const start = (): Running => (together === 1 ? startProgram(recordingWords(places[0]!)) : startSeveral(several, places)) // prettier-ignore
  const phases = { starting: 0, asking: 0, storing: 0, compacting: 0, waiting: 0 }
  const problems: string[] = []
  let [acknowledged, underWay] = [0, 0]
  try {
    for (let kill = 0; kill < kills; kill += together) {
      const target = PHASES.reduce((least, phase) => (phases[phase] < phases[least] ? phase : least))
      // A day is over when the recorders begin, or ends while they work.
      if (target === 'compacting' && drawBelow(random, 3) > 0)
        clock.leapTo((Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS - drawBelow(random, 2) * 10 * MINUTE_MS)
      const life = start()
      if (target === 'starting') await delay(drawBelow(random, START_MS))
      else await life.seen(drawBelow(random, together), target, drawBelow(random, 8), PATIENCE_MS)
      await delay(drawBelow(random, 4))
      life.child.kill('SIGKILL')
      await life.ended
      for (const [number, place] of places.entries()) {
        const { phase, stored } = life.heard(number)
        phases[phase]++
        // Said to be stored is what something was said after; the last word may be of one that was on its way.
        const least = phase === 'storing' ? stored - 1 : stored
        const fresh = await collect(place)
        acknowledged += least
        underWay += fresh - least
        const where = `kill ${kill + number + 1}`
        if (fresh < least) problems.push(`${where}: ${least} answers were acknowledged in this life, and ${fresh} are in the log`) // prettier-ignore
        if (fresh > stored) problems.push(`${where}: ${fresh} answers are in the log, and ${stored} were told of in this life`) // prettier-ignore
      }
      if (kill % 20 < together) told?.(`${kill + together} kills: ${JSON.stringify(phases)}, ${acknowledged} acknowledged, ${problems.length} problems`) // prettier-ignore
    }
    problems.push(...(together === 1 ? await endInPeace(places[0]!) : await endAll(start(), places)))
  } finally {
    running.stop()
    for (const { loopback } of places) await loopback.close()
  }
  const ends = await Promise.all(places.map(compared))
  return {
    phases,
    problems: [...problems, ...ends.flatMap((end) => end.problems)],
    acknowledged,
    underWay,
    answers: ends.reduce((sum, { answers }) => sum + answers, 0),
    rows: ends.reduce((sum, { rows }) => sum + rows, 0),
    days: Math.max(...ends.map(({ days }) => days)),
  }
}

/** A clock that may be set forward while nobody looks. */
function leapingClock(clock: VirtualClock): VirtualClock & { leapTo(timeMs: number): void } {
  let aheadMs = 0
  return {
    speed: clock.speed,
    now: () => clock.now() + aheadMs,
    at: (timeMs, callback) => clock.at(timeMs - aheadMs, callback),
    stop: () => clock.stop(),
    leapTo: (timeMs) => (aheadMs += Math.max(0, timeMs - clock.now() - aheadMs)),
  }
}

/** Adds what the log holds; answers how many are new. */
async function collect({ recording, found, packed }: Place): Promise<number> {
  const before = found.size
  const plain = new Set(await unpackedDays(recording))
  for (const day of await answerDays(recording)) {
    if (!plain.has(day) && packed.has(day)) continue
    if (!plain.has(day)) packed.add(day)
    for await (const answer of answersOf(recording, day)) found.add(identityOf(answer))
  }
  return found.size - before
}

/** The program itself goes on, ends by SIGTERM, and puts what there is into the data folder. */
async function endInPeace(place: Place): Promise<string[]> {
  const problems: string[] = []
  const quiet = startProgram(recordingWords(place))
  await quiet.seen(0, 'waiting', 0, PATIENCE_MS)
  quiet.child.kill('SIGTERM')
  const code = await quiet.ended
  if (code !== 143) problems.push(`SIGTERM ended it with ${code}: ${quiet.said()}`)
  const importing = startProgram(['--data', place.data, 'data', 'record', 'import', '--recording', place.recording, '--loopback', place.loopback.urls.smartMoneyApi]) // prettier-ignore
  if ((await importing.ended) !== 0) problems.push(`the import ended otherwise: ${importing.said()}`)
  return problems
}

/** The same of several in one process. */
async function endAll(life: Running, places: readonly Place[]): Promise<string[]> {
  for (const number of places.keys()) if (life.heard(number).phase !== 'waiting') await life.seen(number, 'waiting', 0, PATIENCE_MS)
  life.child.kill('SIGTERM')
  const code = await life.ended
  return code === 0 ? [] : [`the end in peace was ${code}: ${life.said()}`]
} // prettier-ignore

/** The log in the end, and the data folder, against all that was ever found. */
async function compared({ recording, data, found, asked }: Place): Promise<Pick<KilledRecorder, 'problems' | 'answers' | 'rows' | 'days'>> {
  const problems: string[] = []
  const answers = await allAnswers(recording)
  const identities = answers.map(identityOf)
  const there = new Set(identities)
  const lost = [...found].filter((identity) => !there.has(identity))
  if (lost.length > 0) problems.push(`${lost.length} acknowledged answers are lost, such as ${lost[0]}`)
  if (there.size !== identities.length) problems.push(`${identities.length - there.size} answers are doubled`)
  // What had no answer may never have reached the server.
  const answered = answers.filter(({ status }) => status !== null).length
  if (answered > asked()) problems.push(`the log holds ${answered} answers of the server, which was asked ${asked()} times`)
  let rows = 0
  for (const reading of readings(INSTRUMENT)) {
    const stored = await storedFacts(data, reading.series)
    if (stored.length === 0) problems.push(`${reading.series}: nothing was recorded`)
    problems.push(...differences(reading.series, toldBy(answers, reading), stored))
    rows += stored.length
  }
  const days = new Set(answers.map(({ fetchedAt }) => Math.floor(fetchedAt / DAY_MS))).size
  return { problems, answers: answers.length, rows, days }
} // prettier-ignore

/** What is heard of one recorder in one life. */
interface Heard {
  phase: Phase
  /** How often it said that it stores an answer. */
  stored: number
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  heard(number: number): Readonly<Heard>
  said(): string
  /** Waits until one of them has done something so many times, or all patience is gone. */
  seen(number: number, phase: Phase, times: number, withinMs: number): Promise<void>
}

function recordingWords({ data, recording, loopback }: Place): string[] {
  return ['--data', data, 'data', 'record', INSTRUMENT, '--recording', recording, '--assets', 'BTC', '--loopback', loopback.urls.smartMoneyApi, '--timeframe', '5m', '--book-every', '5m', '-v'] // prettier-ignore
}

function startProgram(words: readonly string[]): Running {
  return start([...PROGRAM, ...words])
}

/** In one file, since to load a hundred takes longer than most lives. */
async function bundledRecorders(folder: string): Promise<string> {
  mkdirSync(folder)
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const outfile = join(folder, 'recorders.mjs')
  await build({ entryPoints: [SEVERAL], outfile, bundle: true, packages: 'external', format: 'esm', platform: 'node', logLevel: 'warning' }) // prettier-ignore
  return outfile
}

function startSeveral(program: string, places: readonly Place[]): Running {
  const told = places.map(({ recording, data, loopback }) => ({ folder: recording, data, url: loopback.urls.smartMoneyApi })) // prettier-ignore
  return start([program, JSON.stringify(told)])
}

/** A line of a recorder: of several, each begins with its number. */
const LINE = new RegExp(`^(?:(\\d+) )?(${PHASES.join('|')}) `)

function start(words: readonly string[]): Running {
  const child = spawn(process.execPath, words, { env: { ...process.env, SMARTMONEY_API_KEY: 'sm_loopback_pro' }, stdio: ['ignore', 'ignore', 'pipe'] }) // prettier-ignore
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  let [rest, tail] = ['', '']
  const lives = new Map<number, Heard>()
  const lifeOf = (number: number): Heard => {
    const life = lives.get(number) ?? { phase: 'starting', stored: 0 }
    lives.set(number, life)
    return life
  }
  let listener: (number: number, phase: Phase) => void = () => undefined
  child.stderr!.on('data', (data: Buffer) => {
    const lines = (rest + data.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [, number = '0', phase] = LINE.exec(line) ?? []
      if (phase === undefined) tail = `${tail}\n${line}`.slice(-2_000)
      else {
        const life = lifeOf(Number(number))
        life.phase = phase as Phase
        if (phase === 'storing') life.stored++
        listener(Number(number), phase as Phase)
      }
    }
  })
  return {
    child,
    ended,
    heard: lifeOf,
    said: () => tail,
    seen: (number, phase, times, withinMs) =>
      new Promise((resolve) => {
        let count = 0
        const begun = setTimeout(resolve, LONGEST_MS)
        let patience: NodeJS.Timeout | undefined
        const done = (): void => {
          clearTimeout(begun)
          clearTimeout(patience)
          resolve()
        }
        void ended.then(done)
        listener = (from, one) => {
          if (from !== number) return
          // Patience begins with the first word, and not while a day that an earlier kill left is made into facts: that takes as long as it takes.
          if (one !== 'compacting' || phase === 'compacting') patience ??= setTimeout(done, withinMs)
          if (one === phase && count++ >= times) done()
        }
      }),
  }
}
