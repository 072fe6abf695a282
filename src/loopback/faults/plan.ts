import { z } from 'zod'
import { ConfigError } from '../../core/errors.js'
import { parseTimeRange } from '../../core/time.js'

/** What can go wrong, and where: with the exchange's REST side, its streams, the Smart Money API. */
export const FAULTS: Readonly<Record<string, { readonly where: readonly Where[]; readonly about: string }>> = {
  'rate-limit': { where: ['exchange', 'api'], about: '429, with Retry-After unless retryAfterS is null' },
  ban: { where: ['exchange'], about: '418 with Retry-After' },
  'server-error': { where: ['exchange', 'api'], about: 'status, 503 by default' },
  'slow-drip': { where: ['exchange', 'api'], about: 'the body comes in pieces, delayMs of real time apart' },
  garbled: { where: ['exchange', 'api', 'stream'], about: 'the text breaks off in the middle, with status 200' },
  duplicate: { where: ['exchange', 'api', 'stream'], about: 'a row or message comes twice' },
  reorder: { where: ['exchange', 'api', 'stream'], about: 'a row or message changes places with the next' },
  gap: { where: ['exchange', 'api', 'stream'], about: 'a row or message is left out, whenever it is asked for' },
  late: { where: ['exchange', 'api', 'stream'], about: 'nothing is known until delayMs after its time' },
  frozen: { where: ['exchange', 'api', 'stream'], about: 'answers stay what they were at `from`, with fresh stamps' },
  'open-as-closed': { where: ['stream'], about: 'an open candle says that it is closed' },
  'unknown-fields': { where: ['exchange', 'api', 'stream'], about: 'objects have fields that nobody documented' },
  'unknown-enums': { where: ['exchange', 'api'], about: 'words of a closed list are others' },
  'clock-skew': { where: ['exchange', 'api', 'stream'], about: "the server's own time is skewMs off" },
  disconnect: { where: ['stream'], about: 'the socket is cut' },
  silence: { where: ['stream'], about: 'the socket stays open and says nothing' },
} // prettier-ignore

export const WHERE = ['exchange', 'stream', 'api'] as const
export type Where = (typeof WHERE)[number]

export type FaultName =
  | 'rate-limit' | 'ban' | 'server-error' | 'slow-drip' | 'garbled' | 'duplicate' | 'reorder' | 'gap' | 'late' | 'frozen'
  | 'open-as-closed' | 'unknown-fields' | 'unknown-enums' | 'clock-skew' | 'disconnect' | 'silence' // prettier-ignore

/** One thing that goes wrong, for as long and as often as it says. */
export interface FaultRule {
  readonly fault: FaultName
  readonly where: Where
  /** Only paths or streams that hold this text. */
  readonly path?: string
  /** Of each request, row or message; default 1. */
  readonly chance: number
  /** Virtual UTC ms, half-open; default always. */
  readonly startMs: number
  readonly endMs: number
  readonly retryAfterS: number | null
  readonly status: number
  readonly delayMs: number
  readonly skewMs: number
}

/** What goes wrong in a world. Equal plans do equal harm to equal questions, in whatever order they are asked. */
export interface FaultPlan {
  readonly seed: number
  readonly rules: readonly FaultRule[]
}

export const NO_FAULTS: FaultPlan = { seed: 0, rules: [] }

const names = Object.keys(FAULTS) as [FaultName, ...FaultName[]]
const ruleSchema = z.strictObject({
  fault: z.enum(names),
  where: z.enum(WHERE),
  path: z.string().min(1).optional(),
  chance: z.number().gt(0).max(1).default(1),
  /** `2024-01-05..2024-01-06`, or instants with a Z. */
  during: z.string().optional(),
  retryAfterS: z.number().int().min(0).nullable().default(30),
  status: z.number().int().min(500).max(599).default(503),
  delayMs: z.number().int().min(0).optional(),
  skewMs: z.number().int().optional(),
})
const planSchema = z.strictObject({ seed: z.number().int().default(1), rules: z.array(ruleSchema) })

/** Reads a plan, as it stands in a JSON file. Throws ConfigError naming the file and what is wrong. */
export function parseFaultPlan(json: unknown, file: string = 'fault plan'): FaultPlan {
  const parsed = planSchema.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ConfigError(issue?.message ?? 'not a fault plan', { file, field: issue?.path.map(String).join('.') ?? '' }) // prettier-ignore
  }
  const rules = parsed.data.rules.map(({ during, path, delayMs, skewMs, ...rule }, at): FaultRule => {
    const place = { file, field: `rules.${at}` }
    const { where } = FAULTS[rule.fault]!
    if (!where.includes(rule.where))
      throw new ConfigError(`${rule.fault} happens to ${where.join(', ')}`, { ...place, value: rule.where })
    const range = during === undefined ? { startMs: -Infinity, endMs: Infinity } : parseTimeRange(during)
    if (rule.fault === 'frozen' && range.startMs === -Infinity)
      throw new ConfigError('a frozen source needs a time to freeze at: during', place)
    if (rule.fault === 'late' && delayMs === undefined) throw new ConfigError('late by how much: delayMs', place) // prettier-ignore
    if (rule.fault === 'clock-skew' && skewMs === undefined) throw new ConfigError('off by how much: skewMs', place) // prettier-ignore
    return { ...rule, ...range, ...(path !== undefined && { path }), delayMs: delayMs ?? 20, skewMs: skewMs ?? 0 } // prettier-ignore
  })
  return { seed: parsed.data.seed, rules }
}
