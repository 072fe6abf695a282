import {
  ASSUMED_ROWS,
  ASSUMPTIONS_VERSION,
  type AssumedField,
  CONFIDENCES,
} from '../../core/smart-money-rows.js'
import { SECOND_MS } from '../../core/time.js'

/** A number that the API tells, or why there is none: five different things, none of them 0. */
export type Measured =
  | { readonly state: 'measured'; readonly value: number }
  | { readonly state: 'null' | 'absent' | 'unavailable' | 'no-data' }

/** One row as typed facts. All records have no prototype. */
export interface MappedRow {
  /** UTC ms; undefined where the family has no time of its own. */
  readonly eventTime: number | undefined
  readonly measures: Readonly<Record<string, Measured>>
  /** Absent texts are left out. */
  readonly texts: Readonly<Record<string, string>>
  /** Other times of the row, UTC ms. */
  readonly times: Readonly<Record<string, number>>
}

/** A row that says something else than a row of its family: kept aside as it came, never used. */
export interface Quarantined {
  readonly reason: string
  /** Its place in the list; −1 for the whole body. */
  readonly index: number
  readonly row: unknown
}

export interface Mapped {
  /** Rows of different versions never go into one series. */
  readonly version: number
  readonly family: string
  readonly rows: readonly MappedRow[]
  readonly quarantined: readonly Quarantined[]
}

type Json = Readonly<Record<string, unknown>>

/** Rows of an answer by the assumptions about its family. Pure; never throws for what a body holds. */
export function mapRows(family: string, body: unknown): Mapped {
  const rows: MappedRow[] = []
  const quarantined: Quarantined[] = []
  const whole = (reason: string): Mapped => ({ version: ASSUMPTIONS_VERSION, family, rows: [], quarantined: [{ reason, index: -1, row: body }] }) // prettier-ignore
  const assumed = Object.hasOwn(ASSUMED_ROWS, family) ? ASSUMED_ROWS[family] : undefined
  if (assumed === undefined) return whole(`nothing is assumed of ${family}`)
  if (!isObject(body)) return whole('the body is no object')
  const list = ownValue(body, assumed.list)
  const entries = assumed.list === 'per_venue' ? venueRows(list) : Array.isArray(list) ? (list as unknown[]) : undefined // prettier-ignore
  if (entries === undefined) return whole(`${assumed.list} is no list`)
  const fields = assumed.list === 'per_venue' ? [VENUE, ...assumed.fields] : assumed.fields
  entries.forEach((row, index) => {
    const mapped = mapRow(fields, row)
    if (typeof mapped === 'string') quarantined.push({ reason: mapped, index, row })
    else rows.push(mapped)
  })
  return { version: ASSUMPTIONS_VERSION, family, rows, quarantined }
}

const VENUE: AssumedField = { name: 'venue', kind: 'text', required: true }

function venueRows(list: unknown): unknown[] | undefined {
  if (!isObject(list)) return undefined
  // Spread copies own fields by definition, so that a venue called __proto__ stays a name.
  return Object.entries(list).map(([venue, row]) => (isObject(row) ? { ...row, venue } : row))
}

/** The answer of `/v1/confirm`, whose fields are documented. */
const CONFIRM: readonly AssumedField[] = [
  { name: 'ts', kind: 'seconds', required: true },
  { name: 'symbol', kind: 'text', required: true },
  { name: 'direction', kind: 'text', required: true, words: ['long', 'short'] },
  { name: 'confidence', kind: 'text', required: true, words: CONFIDENCES },
  { name: 'composite', kind: 'measure' },
  { name: 'size_mult', kind: 'measure' },
  { name: 'model_version', kind: 'text' },
  { name: 'action', kind: 'text' },
]

/**
 * One confirmation. Where it says NO_DATA or unsupported, its composite is no data, whatever number stands there: the real body has 0.0. A confidence that nobody knows is
 * quarantined rather than read as any of those that there are.
 */
export function mapConfirm(body: unknown): Mapped {
  const mapped = mapRow(CONFIRM, body)
  const common = { version: ASSUMPTIONS_VERSION, family: 'confirm' }
  if (typeof mapped === 'string') return { ...common, rows: [], quarantined: [{ reason: mapped, index: -1, row: body }] } // prettier-ignore
  const isSilent = mapped.texts['confidence'] === 'NO_DATA' || ownValue(body as Json, 'unsupported') === true
  if (!isSilent) return { ...common, rows: [mapped], quarantined: [] }
  const measures = bare<Measured>([...Object.entries(mapped.measures), ['composite', { state: 'no-data' }]])
  return { ...common, rows: [{ ...mapped, measures }], quarantined: [] }
}

/** A row, or why it is none. */
function mapRow(fields: readonly AssumedField[], row: unknown): MappedRow | string {
  if (!isObject(row)) return 'the row is no object'
  let eventTime: number | undefined
  const measures: [string, Measured][] = []
  const texts: [string, string][] = []
  const times: [string, number][] = []
  for (const field of fields) {
    const { name, kind, required = false, words } = field
    const value = ownValue(row, name)
    if (required && (value === undefined || value === null)) return `${name} is missing`
    if (kind === 'seconds') {
      if (value === undefined || value === null) continue
      const time = timeOf(value)
      if (time === undefined) return `${name} is no unix time in seconds`
      if (name === 'ts') eventTime = time
      else times.push([name, time])
    } else if (kind === 'text') {
      if (value === undefined || value === null) continue
      if (typeof value !== 'string' || value.length > 500) return `${name} is no text`
      if (words !== undefined && !words.includes(value)) return `${name} is a word that nobody knows`
      texts.push([name, value])
    } else {
      const measured = measuredOf(value)
      if (measured === undefined) return `${name} is no number`
      if (required && measured.state !== 'measured') return `${name} is missing`
      if (kind === 'count' && measured.state === 'measured' && !(Number.isSafeInteger(measured.value) && measured.value >= 0)) return `${name} counts nothing` // prettier-ignore
      measures.push([name, measured])
    }
  }
  return { eventTime, measures: bare(measures), texts: bare(texts), times: bare(times) }
}

function measuredOf(value: unknown): Measured | undefined {
  if (value === undefined) return { state: 'absent' }
  if (value === null) return { state: 'null' }
  if (value === 'unavailable') return { state: 'unavailable' }
  if (value === 'NO_DATA') return { state: 'no-data' }
  // JSON can say 1e999.
  return typeof value === 'number' && Number.isFinite(value) ? { state: 'measured', value } : undefined
}

/** Years 2010 to 2100: milliseconds and days do not pass for seconds. */
const [EARLIEST_S, LATEST_S] = [Date.UTC(2010) / SECOND_MS, Date.UTC(2100) / SECOND_MS]

function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value >= EARLIEST_S && value < LATEST_S)) return undefined
  return Math.round(value * SECOND_MS)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What an object itself holds under a name, never what its prototype does. */
function ownValue(object: Json, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** A record without a prototype. */
function bare<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  const record = Object.create(null) as Record<string, T>
  for (const [name, value] of entries) record[name] = value
  return record
}
