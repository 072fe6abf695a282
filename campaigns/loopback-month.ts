import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordMonth } from '../test/sources/recorded-month.js'
import type { CampaignOptions } from './options.js'

/** Faults of each kind, of all requests. */
const CHANCE = 0.05

/** Growth from the first third to the last that is none: heaps breathe, DuckDB keeps what it once took, a server counts how often it was asked. */
const FLAT = { heapMb: 16, residentMb: 120, handles: 3 } as const

/**
 * Records `size` days of virtual time (30 are reported) with 5 % faults of each kind and an outage: what is in the data folder must be the world's truth as far as it was told, every gap must be
 * listed, the budget kept, nothing asked inside a Retry-After, memory and handles flat.
 */
export async function loopbackMonth({ size, seed }: CampaignOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-loopback-month-'))
  try {
    const { problems, faults, heapMb, residentMb, handles, ...figures } = await recordMonth({ folder, days: size, seed, chance: CHANCE, told: (text) => console.log(text) }) // prettier-ignore
    console.table(faults)
    console.table(figures)
    const grown = Object.entries({ heapMb, residentMb, handles }).flatMap(([name, [first, last]]) => {
      if (first === undefined || last === undefined) return []
      console.log(
        `${name}: ${first.toFixed(1)} in the first third of the days, ${last.toFixed(1)} in the last`,
      )
      return last > first + FLAT[name as keyof typeof FLAT] ? [`${name} grows from ${first} to ${last}`] : []
    })
    const wrong = [...problems, ...grown]
    for (const one of wrong) console.log(one)
    console.log(`loopback-month: ${Math.max(0, size - wrong.length)} passed, ${wrong.length} failed`)
    return wrong.length
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
