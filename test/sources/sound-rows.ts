import { ASSUMED_ROWS, type AssumedField } from '../../src/core/smart-money-rows.js'

/**
 * A second reading of the assumptions about the API's rows, which shares no code with the mapper: what a row must become, as JSON, or undefined where it must be put aside. It reads the same file of
 * assumptions, since that is what both are held to.
 */
export function expectedRow(family: string, row: unknown): string | undefined {
  if (family === 'confirm') return expectedConfirm(row)
  const { fields, list } = ASSUMED_ROWS[family]!
  return mapped(list === 'per_venue' ? [{ name: 'venue', kind: 'text', required: true }, ...fields] : fields, row) // prettier-ignore
}

/** Rows of a body as they are told, or undefined where it holds no list of them. Of `per_venue`, each with its name. */
export function rowsOf(family: string, body: unknown): unknown[] | undefined {
  if (family === 'confirm') return [body]
  const { list } = ASSUMED_ROWS[family]!
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return undefined
  const told = Object.getOwnPropertyDescriptor(body, list)?.value as unknown
  if (list !== 'per_venue') return Array.isArray(told) ? told : undefined
  if (told === null || typeof told !== 'object' || Array.isArray(told)) return undefined
  return Object.entries(told).map(([venue, row]) => {
    if (row === null || typeof row !== 'object' || Array.isArray(row)) return row as unknown
    const named = Object.fromEntries(Object.entries(row as object))
    Object.defineProperty(named, 'venue', { value: venue, enumerable: true, configurable: true })
    return named
  })
}

const [YEAR_2010, YEAR_2100] = [1_262_304_000, 4_102_444_800]

function mapped(fields: readonly AssumedField[], row: unknown): string | undefined {
  if (row === null || typeof row !== 'object' || Array.isArray(row)) return undefined
  const own = new Map(Object.entries(row))
  const out: { eventTime?: number; measures: [string, unknown][]; texts: [string, string][]; times: [string, number][] } = { measures: [], texts: [], times: [] } // prettier-ignore
  for (const { name, kind, required, words } of fields) {
    const value = own.get(name) as unknown
    const isThere = own.has(name) && value !== null
    if (required === true && !isThere) return undefined
    switch (kind) {
      case 'seconds': {
        if (!isThere) break
        if (typeof value !== 'number' || value < YEAR_2010 || value >= YEAR_2100) return undefined
        if (name === 'ts') out.eventTime = Math.round(value * 1_000)
        else out.times.push([name, Math.round(value * 1_000)])
        break
      }
      case 'text': {
        if (!isThere) break
        if (typeof value !== 'string' || value.length > 500) return undefined
        if (words !== undefined && words.every((word) => word !== value)) return undefined
        out.texts.push([name, value])
        break
      }
      case 'measure':
      case 'count': {
        const isNumber = typeof value === 'number' && value > -Infinity && value < Infinity
        const silence = value === null ? 'null' : value === undefined ? 'absent' : value === 'unavailable' ? 'unavailable' : value === 'NO_DATA' ? 'no-data' : undefined // prettier-ignore
        if (!isNumber && silence === undefined) return undefined
        if (required === true && !isNumber) return undefined
        if (kind === 'count' && isNumber && (value < 0 || value > 2 ** 53 - 1 || value % 1 !== 0)) return undefined // prettier-ignore
        out.measures.push([name, isNumber ? { state: 'measured', value } : { state: silence }])
      }
    }
  }
  return JSON.stringify({
    ...(out.eventTime !== undefined && { eventTime: out.eventTime }),
    measures: Object.fromEntries(out.measures),
    texts: Object.fromEntries(out.texts),
    times: Object.fromEntries(out.times),
  })
}

const CONFIRM: readonly AssumedField[] = [
  { name: 'ts', kind: 'seconds', required: true },
  { name: 'symbol', kind: 'text', required: true },
  { name: 'direction', kind: 'text', required: true, words: ['long', 'short'] },
  { name: 'confidence', kind: 'text', required: true, words: ['HIGH', 'MEDIUM', 'LOW', 'VETO', 'NO_DATA'] },
  { name: 'composite', kind: 'measure' },
  { name: 'size_mult', kind: 'measure' },
  { name: 'model_version', kind: 'text' },
  { name: 'action', kind: 'text' },
]

function expectedConfirm(body: unknown): string | undefined {
  const text = mapped(CONFIRM, body)
  if (text === undefined) return undefined
  const row = JSON.parse(text) as { measures: Record<string, unknown>; texts: Record<string, string> }
  const isSilent = row.texts['confidence'] === 'NO_DATA' || Object.getOwnPropertyDescriptor(body, 'unsupported')?.value === true // prettier-ignore
  if (isSilent) row.measures['composite'] = { state: 'no-data' }
  return JSON.stringify(row)
}
