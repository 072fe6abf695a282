import { existsSync, readFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.js'
import { parseInstruments, type Instrument } from '../core/instrument.js'

export const DEFAULT_INSTRUMENTS_FILE = 'instruments.json'

/** Reads the user's one instruments file and picks the named ones, or all. Throws ConfigError naming file and entry. */
export function readInstruments(file: string, ids: readonly string[]): Instrument[] {
  if (!existsSync(file)) {
    throw new ConfigError(
      'there is no instruments file: it lists ticks, lots, minimum notionals and fees (see docs/concepts.md), and --instruments names it',
      { file },
    )
  }
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigError(`not JSON: ${error instanceof Error ? error.message : String(error)}`, { file })
  }
  const all = parseInstruments(json, file)
  if (ids.length === 0) return all
  return ids.map((id) => {
    const found = all.find((instrument) => instrument.id === id)
    if (found !== undefined) return found
    const known = all.map((instrument) => instrument.id).join(', ')
    throw new ConfigError(`the instruments file does not list it; it lists ${known}`, {
      file,
      field: '--instrument',
      value: id,
    })
  })
}
