import { z } from 'zod'
import { ConfigError } from './errors.js'

export type InstrumentKind = 'spot' | 'perpetual'

/** What can be traded, and the venue's rules for it. Fees are fractions of the notional; a tick or lot of 0 means "not quantised". */
export interface Instrument {
  /** `binance:BTCUSDT-PERP`: unique, and the key of its candles in the store. */
  readonly id: string
  readonly venue: string
  readonly kind: InstrumentKind
  readonly base: string
  readonly quote: string
  readonly tickSize: number
  readonly lotSize: number
  /** In quote units; applies to entries. */
  readonly minNotional: number
  readonly makerFee: number
  readonly takerFee: number
}

const fraction = z.number().min(-0.01).max(0.1)
const instrumentSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9_-]+:[A-Za-z0-9._-]+$/, 'an id is venue:SYMBOL, such as binance:BTCUSDT-PERP'),
  kind: z.enum(['spot', 'perpetual'], {
    error: 'kind is spot or perpetual; a coin-margined (inverse) contract cannot be traded as a linear one',
  }),
  base: z.string().min(1),
  quote: z.string().min(1),
  tickSize: z.number().min(0),
  lotSize: z.number().min(0),
  minNotional: z.number().min(0).default(0),
  makerFee: fraction,
  takerFee: fraction,
})

/** Checks the contents of a user's instruments file (a JSON array). Throws ConfigError naming file, entry, field and value. */
export function parseInstruments(json: unknown, file: string): Instrument[] {
  if (!Array.isArray(json))
    throw new ConfigError('an instruments file holds a JSON array of instruments', { file })
  if (json.length === 0) throw new ConfigError('the instruments file lists no instrument', { file })
  const seen = new Set<string>()
  return json.map((entry: unknown, index) => {
    const parsed = instrumentSchema.safeParse(entry)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : []
      const path = [...(issue?.path.map(String) ?? []), ...unknown.slice(0, 1)]
      let value: unknown = entry
      for (const key of path) value = (value as Record<string, unknown> | undefined)?.[key]
      throw new ConfigError(
        unknown.length > 0
          ? `there is no such key; there are ${Object.keys(instrumentSchema.shape).join(', ')}`
          : (issue?.message ?? 'not an instrument'),
        {
          file,
          row: index + 1,
          field: path.join('.') || 'instrument',
          value: typeof value === 'object' ? JSON.stringify(value) : value,
        },
      )
    }
    const { id } = parsed.data
    if (seen.has(id))
      throw new ConfigError('an instrument is listed twice', { file, row: index + 1, field: 'id', value: id })
    seen.add(id)
    return { ...parsed.data, venue: id.slice(0, id.indexOf(':')) }
  })
}
