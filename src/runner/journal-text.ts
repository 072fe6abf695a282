/** Numbers that JSON has no word for, and the zero whose sign it drops. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
])
/** The key of an object that stands for such a number; no row of the journal has a field of this name. */
const KEY = '$number'

/**
 * A row's body as text: JSON with sorted keys as `canonicalJson` writes it, every number given back to the last bit. Written in one go: a session that recovers writes the text of every row it has. Throws
 * TypeError for what is no JSON.
 */
export function journalText(body: unknown): string {
  if (typeof body === 'number') return numberText(body)
  if (typeof body === 'string' || typeof body === 'boolean' || body === null) return JSON.stringify(body)
  if (Array.isArray(body)) return listText(body)
  if (typeof body === 'object') return recordText(body as Readonly<Record<string, unknown>>)
  throw new TypeError(`the journal cannot hold a ${typeof body}`)
}

function numberText(value: number): string {
  if (Object.is(value, -0)) return `{"${KEY}":"-0"}`
  return Number.isFinite(value) ? String(value) : `{"${KEY}":"${value}"}`
}

function listText(list: readonly unknown[]): string {
  let text = '['
  for (let at = 0; at < list.length; at++) text += (at > 0 ? ',' : '') + journalText(list[at])
  return `${text}]`
}

function recordText(record: Readonly<Record<string, unknown>>): string {
  let text = '{'
  for (const key of sortedKeys(record)) {
    const value = record[key]
    if (value === undefined) continue
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${journalText(value)}`
  }
  return `${text}}`
}

/** Sorted, but for keys that are whole numbers: JSON of an object has these first, by their value. */
function sortedKeys(record: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(record)
  const isPlain = !/^\d/.test(keys[0] ?? '')
  keys.sort()
  return isPlain ? keys : Object.keys(Object.fromEntries(keys.map((key) => [key, 0])))
}

/** The body of a row's text. Throws SyntaxError where it is none. */
export function journalBody(text: string): unknown {
  const body: unknown = JSON.parse(text)
  return text.includes(KEY) ? unmarked(body) : body
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
  for (const key of Object.keys(record)) record[key] = unmarked(record[key])
  return record
}
