import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killRecorder, PHASES } from '../test/sources/killed-recorder.js'
import type { CampaignOptions } from './options.js'

/** Recorders in one process, since to start one takes longer than what it does until it is killed. */
const TOGETHER = 4

/** Of the kills, at least so many strike each phase. */
const LEAST_SHARE = 0.1

/**
 * Kills recorders `size` times (200 are reported), four a process, while each records a loopback world, and counts what each was doing. Then no answer that was acknowledged may be lost or doubled, and the data folder
 * must hold just what the answers told.
 */
export async function recorderKill({ size, seed }: CampaignOptions): Promise<number> {
  const kills = Math.ceil(size / TOGETHER) * TOGETHER
  const folder = mkdtempSync(join(tmpdir(), 'baleen-recorder-kill-'))
  try {
    const { phases, problems, acknowledged, underWay, answers, rows, days } = await killRecorder({ folder, kills, together: TOGETHER, seed, speed: 600, told: (text) => console.log(text) }) // prettier-ignore
    console.table(phases)
    console.log(`SYNTHETIC world; ${days} days of it; the killed lives acknowledged ${acknowledged} answers and had ${underWay} more on their way in the log; ${answers} answers in the end, ${rows} rows held against them`) // prettier-ignore
    const rare = PHASES.filter((phase) => kills >= 40 && phases[phase] < LEAST_SHARE * kills)
    const wrong = [...problems, ...rare.map((phase) => `only ${phases[phase]} of ${kills} kills struck ${phase}`)] // prettier-ignore
    for (const one of wrong) console.log(one)
    console.log(`recorder-kill: ${kills - wrong.length} passed, ${wrong.length} failed`)
    return wrong.length
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
