import { canonicalJson } from '../core/canonical-json.js'

/** Numbers that JSON has no word for, and the zero whose sign it drops. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
])
/** The key of an object that stands for such a number; no row of the journal has a field of this name. */
const KEY = '$number'

/** A row's body as text: keys sorted, every number given back to the last bit. */
export function journalText(body: unknown): string {
  return canonicalJson(marked(body))
}

/** The body of a row's text. Throws SyntaxError where it is none. */
export function journalBody(text: string): unknown {
  return unmarked(JSON.parse(text))
}

function marked(value: unknown): unknown {
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return { [KEY]: '-0' }
    return Number.isFinite(value) ? value : { [KEY]: String(value) }
  }
  if (Array.isArray(value)) return value.map(marked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, marked(field)]))
}

function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked)
  if (typeof value !== 'object' || value === null) return value
  const record = value as Record<string, unknown>
  const special = record[KEY]
  if (typeof special === 'string') {
    const number = SPECIAL.get(special)
    if (number === undefined) throw new SyntaxError(`no number is called ${special}`)
    return number
  }
  return Object.fromEntries(Object.entries(record).map(([key, field]) => [key, unmarked(field)]))
}
