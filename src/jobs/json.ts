import { canonicalJson } from '../core/canonical-json.js'
import { DataError } from '../core/errors.js'
import { hashText } from '../store/files.js'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

const NON_FINITE: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity }

/** Data as JSON can hold it: NaN and infinities become the strings that name them, columns become arrays, −0 becomes 0. */
export function plain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? (value === 0 ? 0 : value) : String(value)
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, plain)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}

/** The reverse of `plain` for numbers: strings that name a number JSON lacks become that number. */
export function revive(value: Json): unknown {
  if (typeof value === 'string') return Object.hasOwn(NON_FINITE, value) ? NON_FINITE[value] : value
  if (Array.isArray(value)) return value.map(revive)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revive(member as Json)]))
}

/** The text of a JSON file of a run: sorted keys, two spaces, a newline at the end. Throws TypeError on what is not data. */
export function stableJson(value: unknown): string {
  return `${canonicalJson(plain(value), 2)}\n`
}

/** The same with its own SHA-256 among the fields, for a file that nothing else keeps a sum of. */
export function summedJson(fields: Readonly<Record<string, unknown>>): string {
  return stableJson({ ...fields, sha256: hashText(stableJson(fields)) })
}

/** What `summedJson` was given; files of earlier versions have no sum. Throws DataError where the file is not as it was written. */
export function unsummed(json: Json, file: string): Json {
  const changed = (): DataError => new DataError('the file is not as it was stored: it was changed or damaged', { file }) // prettier-ignore
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw changed()
  const { sha256, ...fields } = json as Record<string, Json>
  if (sha256 === undefined) return json
  if (hashText(stableJson(fields)) !== sha256) throw changed()
  return fields
}

/** One difference between two values as they read in JSON. */
export interface JsonDifference {
  /** `params.fast`, or `` for the whole. */
  readonly path: string
  readonly before: Json | undefined
  readonly after: Json | undefined
}

/** Every leaf at which two JSON values differ, in the order of their paths. */
export function jsonDifferences(
  before: Json | undefined,
  after: Json | undefined,
  path = '',
): JsonDifference[] {
  if (isBranch(before) && isBranch(after) && Array.isArray(before) === Array.isArray(after)) {
    const left = before as Record<string, Json>
    const right = after as Record<string, Json>
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])]
    return names.flatMap((name) =>
      jsonDifferences(own(left, name), own(right, name), path === '' ? name : `${path}.${name}`),
    )
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }]
}

function isBranch(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null
}

function own(of: Record<string, Json>, name: string): Json | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined
}
