import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom, drawBelow } from '../../src/research/seeded-random.js'
import { readJournalRows } from '../../src/runner/journal-file.js'
import { isInPart, type CampaignOptions } from '../options.js'
import { breachesOf, DEADLINE_FAULTS, type DeadlineFault, type Measured } from './deadline-faults.js'
import { faultyWorld, livePlace, LiveProgram, NO_JSON } from './live-program.js'

/** So many sessions run beside each other: they wait most of the time, and their starts are heavy. */
const BESIDE = 4

/** One fault that was played, with what was measured, or what went wrong. */
export interface Played {
  readonly fault: string
  readonly measured: readonly Measured[]
  readonly problems: readonly string[]
}

/**
 * Lets things go wrong around `baleen paper start --feed live`, the program as it is shipped, in real time against loopback worlds on this machine, and measures how long it takes until the session is safe:
 * held, halted, stopped, or known to be blind. Fails where that takes longer than the documents allow, never comes, or something is entered meanwhile. `size`: faults that are played, of each kind in turn.
 */
export async function deadlines(options: CampaignOptions): Promise<number> {
  const { size, seed } = options
  const root = mkdtempSync(join(tmpdir(), 'baleen-deadlines-'))
  try {
    const place = await livePlace(root)
    const random = seededRandom(seed, 0x64656164)
    const cases = Array.from({ length: size }, (_, at) => ({
      at,
      fault: DEADLINE_FAULTS[at % DEADLINE_FAULTS.length] as DeadlineFault,
      phase: 0.1 + drawBelow(random, 700) / 1_000,
    })).filter(({ at }) => isInPart(at, options))
    let [passed, failed] = [0, 0]
    const next = async (): Promise<void> => {
      for (let one = cases.shift(); one !== undefined; one = cases.shift()) {
        const played = await playFaults([one.fault], place, join(root, `sessions-${one.at}`), { speed: 1, phase: one.phase })
        const wrong = failuresOf(played)
        for (const line of linesOf(played)) console.log(line)
        for (const line of wrong) console.log(`  FAILED ${played.fault}: ${line}`)
        failed += wrong.length > 0 ? 1 : 0
        passed += wrong.length > 0 ? 0 : 1
      }
    }
    await Promise.all(Array.from({ length: BESIDE }, next))
    console.log(`deadlines: ${passed} passed, ${failed} failed`)
    return failed
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
} // prettier-ignore

/** Plays faults one after the other against one session in a world of its own, which is as the first of them wants it, and ends both. */
export async function playFaults(
  faults: readonly [DeadlineFault, ...DeadlineFault[]],
  place: string,
  sessions: string,
  { speed, phase }: { readonly speed: number; readonly phase: number },
): Promise<Played> {
  mkdirSync(sessions, { recursive: true })
  const [fault] = faults
  const name = faults.map((one) => one.name).join(', ')
  const world = await faultyWorld(fault.speed ?? speed)
  fault.before?.(world)
  const environment = fault.environment?.(sessions)
  const session = new LiveProgram({ place, sessions, world, ...fault.options, ...(environment && { environment }) }) // prettier-ignore
  try {
    if (fault.isEarly !== true) await session.untilLive()
    const measured: Measured[] = []
    for (const one of faults) {
      measured.push(...(await one.play(session, phase, place)))
      world.heal()
    }
    await session.end()
    const rows = session.id === '' ? [] : await readJournalRows(session.paths.journal)
    const printed = session.heard.filter(({ event }) => event === NO_JSON).slice(0, 1)
    const problems = [...breachesOf(rows), ...printed.map(({ message }) => `it printed what is no JSON: ${message}`)] // prettier-ignore
    return { fault: name, measured, problems }
  } catch (error) {
    return { fault: name, measured: [], problems: [error instanceof Error ? error.message : String(error)] } // prettier-ignore
  } finally {
    await session.end()
    await world.close()
  }
}

/** What is wrong with what was measured; empty where nothing is. */
export function failuresOf({ measured, problems }: Played): string[] {
  const late = measured.flatMap(({ state, tookMs, allowedMs }) => {
    if (tookMs <= allowedMs) return []
    return [Number.isNaN(tookMs) ? `${state} never came` : `${state} took ${seconds(tookMs)}, ${seconds(allowedMs)} are allowed`] // prettier-ignore
  })
  return [...late, ...problems]
}

function linesOf({ fault, measured }: Played): string[] {
  return measured.map(({ state, tookMs, allowedMs, rule }) => `${fault.padEnd(34)}${state.padEnd(32)}${seconds(tookMs).padStart(11)} of ${seconds(allowedMs).padStart(11)}  ${rule}`) // prettier-ignore
}

function seconds(ms: number): string {
  return Number.isNaN(ms) ? 'never' : `${(ms / 1_000).toFixed(2)} s`
}
