import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { parseInstruments, type InstrumentEntry } from '../core/parse-instruments.js'

export const DEFAULT_INSTRUMENTS_FILE = 'instruments.json'

/** The instruments file that a data folder holds, as a simulated market's does; undefined where it holds none. */
export function instrumentsBeside(dataFolder: string): string | undefined {
  const file = join(dataFolder, DEFAULT_INSTRUMENTS_FILE)
  return existsSync(file) ? file : undefined
}

/** The file that is read where one is named: that of the data folder stands in for the default one where there is none. */
export function instrumentsFileOf(file: string, dataFolder: string): string {
  const isAbsent = file === DEFAULT_INSTRUMENTS_FILE && !existsSync(file)
  return isAbsent ? (instrumentsBeside(dataFolder) ?? file) : file
}

/**
 * Reads the user's one instruments file and picks the named ones, or all, at the fee tier asked for where they list it. Throws
 * ConfigError naming file and entry.
 *
 * @param dataFolder may hold an instruments file too, as a simulated market does: ids are looked for in it after the user's own, and
 *   it stands in for the default file where there is none
 */
export function readInstruments(
  file: string,
  ids: readonly string[],
  feeTier?: string,
  dataFolder?: string,
): Instrument[] {
  const beside = dataFolder === undefined ? undefined : instrumentsBeside(dataFolder)
  const others = beside === undefined ? [] : readEntries(beside)
  const own = readEntries(dataFolder === undefined ? file : instrumentsFileOf(file, dataFolder))
  const picked = ids.length === 0 ? own : pick([...own, ...others], ids, file)
  if (feeTier !== undefined) checkFeeTier(picked, feeTier, file)
  return picked.map((entry) => entry.instrument(feeTier))
}

function readEntries(file: string): readonly InstrumentEntry[] {
  if (!existsSync(file)) {
    throw new ConfigError(
      'there is no instruments file: it lists ticks, lots, minimum notionals and fees (see docs/instruments.md), and --instruments names it',
      { file },
    )
  }
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigError(`not JSON: ${error instanceof Error ? error.message : String(error)}`, { file })
  }
  return parseInstruments(json, file)
}

function pick(
  entries: readonly InstrumentEntry[],
  ids: readonly string[],
  file: string,
): readonly InstrumentEntry[] {
  return ids.map((id) => {
    const found = entries.find((entry) => entry.id === id)
    if (found !== undefined) return found
    const known = [...new Set(entries.map((entry) => entry.id))].join(', ')
    throw new ConfigError(`the instruments file does not list it; it lists ${known}`, {
      file,
      field: '--instrument',
      value: id,
    })
  })
}

/** A tier that no instrument of the run lists would change nothing. */
function checkFeeTier(entries: readonly InstrumentEntry[], feeTier: string, file: string): void {
  const known = [...new Set(entries.flatMap(({ feeTiers }) => feeTiers))]
  if (known.includes(feeTier)) return
  const answer = known.length === 0 ? 'they list none' : `there are ${known.join(', ')}`
  throw new ConfigError(`the instruments of the run list no such fee tier; ${answer}`, {
    file,
    field: '--fee-tier',
    value: feeTier,
  })
}
