import type { Reply } from '../reply.js'
import type { FaultInjector } from './injector.js'
import type { Where } from './plan.js'

/** Names under which answers keep their rows. */
const ROWS = ['rows', 'data', 'candles', 'consensus', 'symbols', 'per_venue']

type Json = Record<string, unknown>

/** Rows of a body, and how to put others in their place; undefined where it has none. */
function rowsOf(
  body: unknown,
): { readonly rows: readonly unknown[]; put(rows: readonly unknown[]): unknown } | undefined {
  // prettier-ignore
  if (Array.isArray(body)) return { rows: body, put: (rows) => rows }
  if (typeof body !== 'object' || body === null) return undefined
  const name = ROWS.find((one) => Array.isArray((body as Json)[one]))
  if (name === undefined) return undefined
  return { rows: (body as Json)[name] as unknown[], put: (rows) => ({ ...body, [name]: rows }) }
}

/** What tells a row from others in every answer that holds it. */
function nameOfRow(row: unknown): string {
  if (Array.isArray(row)) return `row ${String(row[0])}`
  if (typeof row !== 'object' || row === null) return `row ${String(row)}`
  const { ts, fundingTime, timestamp, symbol, wallet, direction } = row as Json
  const parts = [ts ?? fundingTime ?? timestamp, symbol, wallet, direction].filter((part) => part !== undefined) // prettier-ignore
  return `row ${parts.map(String).join(' ')}`
}

/** Leaves out, repeats and swaps rows of an answer. */
export function harmRows(
  faults: FaultInjector,
  where: Where,
  path: string,
  body: unknown,
  nowMs: number,
): unknown {
  // prettier-ignore
  const found = rowsOf(body)
  if (found === undefined) return body
  const strikes = (fault: 'gap' | 'duplicate' | 'reorder', row: unknown): boolean =>
    faults.strikes(fault, where, path, nameOfRow(row), nowMs) !== undefined
  const harmed = found.rows
    .filter((row) => !strikes('gap', row))
    .flatMap((row) => (strikes('duplicate', row) ? [row, row] : [row]))
  for (let at = 0; at + 1 < harmed.length; at++) {
    if (!strikes('reorder', harmed[at])) continue
    const swapped = harmed[at]
    harmed[at] = harmed[at + 1]
    harmed[++at] = swapped
  }
  return found.put(harmed)
}

/** Fields whose words come from a closed list. */
const ENUMS: ReadonlySet<string> = new Set(['status', 'contractType', 'confidence', 'action', 'decision', 'direction', 'state', 'data_mode']) // prettier-ignore

/** Replaces words of closed lists by one that nobody knows. */
export function withUnknownEnums(value: unknown): unknown {
  return mapFields(value, (name, word) => (ENUMS.has(name) && typeof word === 'string' ? `NEW_${word}` : word)) // prettier-ignore
}

function mapFields(value: unknown, change: (name: string, value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapFields(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, mapFields(change(name, item), change)]),
  )
}

/** Fields that a later version might add: a text, a number, a tree, and names that reach for prototypes. */
const NEWCOMERS = '"zz_new":"x","zz_number":1e308,"zz_tree":{"deep":[null]},"constructor":{"a":1},"__proto__":{"polluted":true}' // prettier-ignore

/** Adds them to every object of a JSON text; done on the text, since `__proto__` is no field that a literal could hold. */
export function withUnknownFields(text: string): string {
  let inString = false
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!
    out += letter
    if (letter === '\\' && inString) out += text[++at] ?? ''
    else if (letter === '"') inString = !inString
    else if (letter === '{' && !inString) out += text[at + 1] === '}' ? NEWCOMERS : `${NEWCOMERS},`
  }
  return out
}

/** The first part of a text, and a letter that no JSON has there. */
export function garbled(text: string): string {
  return `${text.slice(0, Math.ceil(text.length * 0.6))}\u0000<`
}

/** An answer as it goes out. */
export interface Sent {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** Real time between pieces of the body; undefined sends it whole. */
  readonly dripMs?: number
}

/** What befalls a whole answer on its way out. */
export function send(
  faults: FaultInjector,
  where: Where,
  path: string,
  what: string,
  reply: Reply,
  nowMs: number,
): Sent {
  // prettier-ignore
  const strikes = (fault: 'unknown-enums' | 'unknown-fields' | 'garbled' | 'slow-drip') =>
    faults.strikes(fault, where, path, what, nowMs)
  const headers = { 'content-type': 'application/json;charset=UTF-8', ...reply.headers }
  if (reply.status !== 200) return { status: reply.status, headers, text: JSON.stringify(reply.body) }
  const whole = harmRows(faults, where, path, reply.body, nowMs)
  let text = JSON.stringify(strikes('unknown-enums') === undefined ? whole : withUnknownEnums(whole))
  if (strikes('unknown-fields') !== undefined) text = withUnknownFields(text)
  if (strikes('garbled') !== undefined) text = garbled(text)
  const drip = strikes('slow-drip')
  return { status: 200, headers, text, ...(drip !== undefined && { dripMs: drip.delayMs }) }
}
