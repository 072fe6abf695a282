import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killRecorder, PHASES } from '../test/sources/killed-recorder.js'
import type { CampaignOptions } from './options.js'

/** Of the kills, at least so many strike each phase. */
const LEAST_SHARE = 0.1

/**
 * Kills the real recorder `size` times (200 are reported) while it records a loopback world, and counts what it was doing. Then no answer that was acknowledged may be lost or doubled, and the data folder
 * must hold just what the answers told.
 */
export async function recorderKill({ size, seed }: CampaignOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-recorder-kill-'))
  try {
    const { phases, problems, answers, rows, days } = await killRecorder({ folder, kills: size, seed, speed: 1_500, told: (text) => console.log(text) }) // prettier-ignore
    console.table(phases)
    console.log(`SYNTHETIC world; ${days} days of it, ${answers} answers, ${rows} rows held against them`)
    const rare = PHASES.filter((phase) => size >= 40 && phases[phase] < LEAST_SHARE * size)
    const wrong = [...problems, ...rare.map((phase) => `only ${phases[phase]} of ${size} kills struck ${phase}`)] // prettier-ignore
    for (const one of wrong) console.log(one)
    console.log(`recorder-kill: ${size - wrong.length} passed, ${wrong.length} failed`)
    return wrong.length
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
