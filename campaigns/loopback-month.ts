import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordMonth } from '../test/sources/recorded-month.js'
import type { CampaignOptions } from './options.js'

/** Faults of each kind, of all requests. */
const CHANCE = 0.05

/** Growth that is none: heaps breathe. */
const FLAT = { heapMb: 40, handles: 3 } as const

/**
 * Records `size` days of virtual time (30 are reported) with 5 % faults of each kind and an outage: what is in the data folder must be the world's truth as far as it was told, every gap must be
 * listed, the budget kept, nothing asked inside a Retry-After, memory and handles flat.
 */
export async function loopbackMonth({ size, seed }: CampaignOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-loopback-month-'))
  try {
    const { problems, faults, heapMb, handles, ...figures } = await recordMonth({ folder, days: size, seed, chance: CHANCE, told: (text) => console.log(text) }) // prettier-ignore
    console.table(faults)
    console.table(figures)
    const [heap, heapLater] = heapMb
    const [open, openLater] = handles
    console.log(`heap ${heap.toFixed(0)} MB in the middle, ${heapLater.toFixed(0)} MB at the end; ${open.toFixed(1)} and ${openLater.toFixed(1)} handles`) // prettier-ignore
    const grown = [
      ...(heapLater > heap + FLAT.heapMb ? ['memory grows'] : []),
      ...(openLater > open + FLAT.handles ? ['handles grow'] : []),
    ]
    const wrong = [...problems, ...grown]
    for (const one of wrong) console.log(one)
    console.log(`loopback-month: ${Math.max(0, size - wrong.length)} passed, ${wrong.length} failed`)
    return wrong.length
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
