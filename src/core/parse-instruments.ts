import { z } from 'zod'
import { ConfigError } from './errors.js'
import type { Instrument, InstrumentTerms, MarginTerms, MarginTier, TermsChange } from './instrument.js'
import { parseTimeRange } from './time.js'

/** One checked entry of an instruments file. What it describes depends on the fee tier. */
export interface InstrumentEntry {
  readonly id: string
  /** Names of the fee tiers that it lists. */
  readonly feeTiers: readonly string[]
  /** The instrument at this fee tier; at the entry's own choice where it does not list it, or none is named. */
  instrument(feeTier?: string): Instrument
}

/** A strict object whose unknown keys are answered with those that there are. */
function record<Shape extends z.core.$ZodShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const unknownKey = `there is no such key; there are ${Object.keys(shape).join(', ')}`
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? unknownKey : undefined),
  })
}

const FEE = 'a fee is a fraction of the notional: 0.001 is 0.1 %'
const RATE = 'a maintenance rate is a fraction above 0 and below 1: 0.004 is 0.4 %'
const SOURCE = 'say where these figures are from, such as a page and the day it was read'

const notNegative = z.number().min(0)
const fee = z.number().min(-0.01, FEE).max(0.1, FEE)
const source = z.string({ error: SOURCE }).trim().min(1, SOURCE)
const time = z
  .union([z.iso.date(), z.iso.datetime(), z.iso.datetime({ precision: -1 })], {
    error:
      'a time is a UTC day such as 2024-01-31, which means its start, or an instant such as 2024-01-31T08:00Z',
  })
  .transform((text) => parseTimeRange(`${text}..`).startMs)

const feeTiers = z.record(
  z.string().min(1),
  record({ makerFee: fee, takerFee: fee, source: source.exactOptional() }),
)

const margin = record({
  tiers: z
    .array(
      record({
        fromNotional: notNegative,
        maintenanceRate: z.number().gt(0, RATE).lt(1, RATE),
        maxLeverage: z.number().min(1, 'a largest leverage is 1 or more'),
      }),
    )
    .min(1, 'margin terms have at least one tier')
    .superRefine((tiers, context) => {
      tiers.forEach((tier, at) => {
        for (const [key, message] of tierFaults(tier, tiers[at - 1]))
          context.addIssue({ code: 'custom', path: [at, key], message })
      })
    }),
  liquidationFee: notNegative.max(0.1, 'a liquidation fee is a fraction of the notional: 0.005 is 0.5 %'),
  source: source.exactOptional(),
})

function* tierFaults(
  tier: MarginTier,
  before: MarginTier | undefined,
): Generator<[keyof MarginTier, string]> {
  if (before === undefined && tier.fromNotional !== 0)
    yield ['fromNotional', 'the first tier begins at a notional of 0']
  if (before !== undefined && !(tier.fromNotional > before.fromNotional))
    yield ['fromNotional', 'a tier begins above the one before it']
  if (before !== undefined && tier.maintenanceRate < before.maintenanceRate)
    yield ['maintenanceRate', 'a maintenance rate is not below that of the tier before']
  if (before !== undefined && tier.maxLeverage > before.maxLeverage)
    yield ['maxLeverage', 'a largest leverage is not above that of the tier before']
  if (!(tier.maintenanceRate < 1 / tier.maxLeverage))
    yield [
      'maintenanceRate',
      'a maintenance rate is below 1 / maxLeverage: a position opened at that leverage would be liquidated at once',
    ]
}

const terms = { tickSize: notNegative, lotSize: notNegative, makerFee: fee, takerFee: fee }

const change = record({
  from: time,
  tickSize: terms.tickSize.exactOptional(),
  lotSize: terms.lotSize.exactOptional(),
  minNotional: notNegative.exactOptional(),
  makerFee: terms.makerFee.exactOptional(),
  takerFee: terms.takerFee.exactOptional(),
  feeTiers: feeTiers.exactOptional(),
  margin: margin.exactOptional(),
  source,
})

const entrySchema = record({
  id: z
    .string()
    .regex(/^[a-z0-9_-]+:[A-Za-z0-9._-]+$/, 'an id is venue:SYMBOL, such as binance:BTCUSDT-PERP'),
  kind: z.enum(['spot', 'perpetual'], {
    error: 'kind is spot or perpetual; a coin-margined (inverse) contract cannot be traded as a linear one',
  }),
  base: z.string().min(1),
  quote: z.string().min(1),
  ...terms,
  minNotional: notNegative.default(0),
  feeTiers: feeTiers.exactOptional(),
  feeTier: z.string().exactOptional(),
  margin: margin.exactOptional(),
  changes: z.array(change).exactOptional(),
  listed: time.exactOptional(),
  delisted: time.exactOptional(),
  source: source.exactOptional(),
}).superRefine((entry, context) => {
  for (const { path, message } of entryFaults(entry)) context.addIssue({ code: 'custom', path, message })
})

type Entry = z.infer<typeof entrySchema>
type Change = z.infer<typeof change>
type FeeTiers = z.infer<typeof feeTiers>
type Margin = z.infer<typeof margin>

interface Fault {
  readonly path: (string | number)[]
  readonly message: string
}

/** What is wrong between the parts of an entry, each of which is right by itself. */
function* entryFaults(entry: Entry): Generator<Fault> {
  const tiers = entry.feeTiers ?? {}
  if (entry.feeTier !== undefined && !Object.hasOwn(tiers, entry.feeTier))
    yield { path: ['feeTier'], message: `the entry lists no such fee tier${listed(tiers)}` }
  if (entry.source === undefined) {
    for (const [name, tier] of Object.entries(tiers))
      if (tier.source === undefined) yield { path: ['feeTiers', name, 'source'], message: SOURCE }
    if (entry.margin !== undefined && entry.margin.source === undefined)
      yield { path: ['margin', 'source'], message: SOURCE }
  }
  if (entry.kind === 'spot' && entry.margin !== undefined) yield { path: ['margin'], message: SPOT_MARGIN }
  if (entry.listed !== undefined && entry.delisted !== undefined && !(entry.delisted > entry.listed))
    yield { path: ['delisted'], message: 'an instrument is delisted after it is listed' }
  for (const [at, one] of (entry.changes ?? []).entries()) {
    for (const { path, message } of changeFaults(entry, one, entry.changes?.[at - 1]))
      yield { path: ['changes', at, ...path], message }
  }
}

const SPOT_MARGIN = 'only perpetuals are traded on margin'

function* changeFaults(entry: Entry, one: Change, before: Change | undefined): Generator<Fault> {
  if (before !== undefined && one.from <= before.from)
    yield {
      path: ['from'],
      message: one.from === before.from ? 'two changes begin at one time' : 'changes are listed oldest first',
    }
  if (entry.kind === 'spot' && one.margin !== undefined) yield { path: ['margin'], message: SPOT_MARGIN }
  const tiers = entry.feeTiers ?? {}
  const unknown = Object.keys(one.feeTiers ?? {}).find((name) => !Object.hasOwn(tiers, name))
  if (unknown !== undefined)
    yield {
      path: ['feeTiers', unknown],
      message: `the entry itself lists no such fee tier${listed(tiers)}`,
    }
  const fees = one.makerFee ?? one.takerFee
  if (fees !== undefined && entry.feeTiers !== undefined && one.feeTiers === undefined)
    yield { path: ['feeTiers'], message: 'fees change here: say what the fee tiers pay from then on' }
  if (Object.keys(one).every((key) => key === 'from' || key === 'source'))
    yield {
      path: [],
      message: `a change says what changes: ${Object.keys(change.shape).slice(1, -1).join(', ')}`,
    }
}

function listed(tiers: FeeTiers): string {
  const names = Object.keys(tiers)
  return names.length === 0 ? '' : `; it lists ${names.join(', ')}`
}

function instrumentOf(
  { feeTiers, feeTier, margin, changes, listed, delisted, source, ...plain }: Entry,
  asked: string | undefined,
): Instrument {
  const tier = asked !== undefined && Object.hasOwn(feeTiers ?? {}, asked) ? asked : feeTier
  const sources = [source, ...sourcesOf(feeTiers, margin, tier), ...(changes ?? []).flatMap((one) => [one.source, ...sourcesOf(one.feeTiers, one.margin, tier)])].filter((text) => text !== undefined) // prettier-ignore
  return {
    ...plain,
    venue: plain.id.slice(0, plain.id.indexOf(':')),
    ...feesOf(feeTiers, tier),
    ...marginOf(margin),
    ...(changes === undefined ? {} : { changes: changes.map((one) => changeOf(one, tier)) }),
    ...(listed === undefined ? {} : { listedAt: listed }),
    ...(delisted === undefined ? {} : { delistedAt: delisted }),
    ...(sources.length === 0 ? {} : { sources: [...new Set(sources)] }),
  }
}

/** Under a fee tier a change of the plain fees is none of ours. */
function changeOf(
  { source: _source, feeTiers, margin, makerFee, takerFee, ...plain }: Change,
  tier: string | undefined,
): TermsChange {
  const fees = {
    ...(makerFee === undefined ? {} : { makerFee }),
    ...(takerFee === undefined ? {} : { takerFee }),
  }
  return { ...plain, ...(tier === undefined ? fees : feesOf(feeTiers, tier)), ...marginOf(margin) }
}

function tierOf(tiers: FeeTiers | undefined, name: string | undefined): FeeTiers[string] | undefined {
  return tiers !== undefined && name !== undefined && Object.hasOwn(tiers, name) ? tiers[name] : undefined
}

function feesOf(
  tiers: FeeTiers | undefined,
  name: string | undefined,
): Partial<Pick<InstrumentTerms, 'makerFee' | 'takerFee'>> {
  const tier = tierOf(tiers, name)
  return tier === undefined ? {} : { makerFee: tier.makerFee, takerFee: tier.takerFee }
}

function marginOf(given: Margin | undefined): { readonly margin?: MarginTerms } {
  if (given === undefined) return {}
  return { margin: { tiers: given.tiers, liquidationFee: given.liquidationFee } }
}

function sourcesOf(
  tiers: FeeTiers | undefined,
  margin: Margin | undefined,
  tier: string | undefined,
): (string | undefined)[] {
  return [tierOf(tiers, tier)?.source, margin?.source]
}

/** Units of the figures, by the last name of their path. */
const UNITS: Readonly<Record<string, string>> = {
  tickSize: 'quote',
  lotSize: 'base',
  minNotional: 'quote',
  makerFee: 'fraction',
  takerFee: 'fraction',
  fromNotional: 'quote',
  maintenanceRate: 'fraction',
  maxLeverage: 'times',
  liquidationFee: 'fraction',
  from: 'UTC',
  listed: 'UTC',
  delisted: 'UTC',
}

function refusalWords(issue: z.core.$ZodIssue | undefined, key: string, value: unknown): string {
  if (issue?.code !== 'invalid_type' || !issue.message.startsWith('Invalid input'))
    return issue?.message ?? 'not an instrument'
  if (value === undefined && key !== '') return `${key} is missing`
  const hint = /Fee$/.test(key) ? `; ${FEE}` : ''
  return `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}${issue.expected === 'number' ? ', without quotes or a sign of its unit' : ''}${hint}`
}

function refusal(
  file: string,
  row: number,
  entry: unknown,
  issue: z.core.$ZodIssue | undefined,
): ConfigError {
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const path = [...(issue?.path.map(String) ?? []), ...unknownKey]
  const value = path.reduce<unknown>((of, key) => (of as Record<string, unknown> | undefined)?.[key], entry)
  const unit = UNITS[path.at(-1) ?? '']
  const id = (entry as { readonly id?: unknown } | null)?.id
  const named = typeof id === 'string' && path[0] !== 'id' ? `${id}: ` : ''
  return new ConfigError(named + refusalWords(issue, path.at(-1) ?? '', value), {
    file,
    row,
    field: path.join('.') || 'instrument',
    value: typeof value === 'object' ? JSON.stringify(value) : value,
    ...(unit === undefined ? {} : { unit }),
  })
}

/**
 * Checks the contents of a user's instruments file (a JSON array; docs/instruments.md describes it). Throws ConfigError naming
 * file, entry (as row), field, value and unit.
 */
export function parseInstruments(json: unknown, file: string): InstrumentEntry[] {
  if (!Array.isArray(json))
    throw new ConfigError('an instruments file holds a JSON array of instruments', { file })
  if (json.length === 0) throw new ConfigError('the instruments file lists no instrument', { file })
  const seen = new Set<string>()
  return json.map((given: unknown, index) => {
    const { success, data, error } = entrySchema.safeParse(given)
    if (!success) throw refusal(file, index + 1, given, error.issues[0])
    if (seen.has(data.id))
      throw new ConfigError('an instrument is listed twice', {
        file,
        row: index + 1,
        field: 'id',
        value: data.id,
      })
    seen.add(data.id)
    return {
      id: data.id,
      feeTiers: Object.keys(data.feeTiers ?? {}),
      instrument: (feeTier) => instrumentOf(data, feeTier),
    }
  })
}
