import { ConfigError } from '../core/errors.js'

/** The typed tables of the store. */
export const KINDS = [
  'candles',
  'mark-candles',
  'funding',
  'open-interest',
  'whale-positions',
  'exchange-flows',
  'confirmations',
  'series',
] as const
export type Kind = (typeof KINDS)[number]

/** Provenance of a row's known-at. `assumed` is event time plus a lag: for research only, and shown wherever it is used. */
export const ORIGINS = ['recorded', 'assumed', 'unknown'] as const
export type Origin = (typeof ORIGINS)[number]

/** What a funding rate is. Only `settled` rates are ever charged. */
export const RATE_KINDS = ['settled', 'predicted', 'average'] as const
export type RateKind = (typeof RATE_KINDS)[number]

export interface Field {
  /** Column name in the store's Parquet files. */
  readonly name: string
  /** `side` reads long/short/buy/sell/1/-1 and stores +1 or −1. */
  readonly type: 'number' | 'text' | 'side'
  /** A row without it is quarantined; otherwise a missing value stays missing. */
  readonly required: boolean
  /** The file must have a column for it, though single values may be missing. */
  readonly columnRequired?: boolean
  readonly bounds?: 'positive' | 'not-negative' | 'minus-one-to-one'
  /** Two rows of one event time with different keys are different facts. */
  readonly key?: boolean
  /** Names by which recorded files commonly call it, tried in order after the field's own. */
  readonly aliases?: readonly string[]
}

export interface KindTable {
  readonly kind: Kind
  /** Which option names the series: `instrument` is venue:SYMBOL, `venue-asset` and `venue-list` join two options. */
  readonly subject: 'instrument' | 'venue-asset' | 'venue-list' | 'asset' | 'name'
  /** How known-at follows where the import does not say; `stated` means that it must say. */
  readonly knownAt: 'bar-close' | 'settlement' | 'stated'
  readonly fields: readonly Field[]
  /** The field that `--unit` is about, and the units it may be given in (first = as stored). */
  readonly unitField?: string
  readonly units: readonly string[]
}

/** Confidences with which a confirmation is an answer. With any other (NO_DATA, an unsupported symbol, none) it is absent. */
export const ANSWERED_CONFIDENCES = ['HIGH', 'MEDIUM', 'LOW', 'VETO'] as const

const price = (name: string): Field => ({ name, type: 'number', required: true, bounds: 'positive' })

const TABLES: Readonly<Record<Kind, KindTable>> = {
  candles: {
    kind: 'candles',
    subject: 'instrument',
    knownAt: 'bar-close',
    fields: [
      price('open'),
      price('high'),
      price('low'),
      price('close'),
      { name: 'volume', type: 'number', required: true, bounds: 'not-negative' },
    ],
    unitField: 'volume',
    units: ['base', 'contracts', 'usd'],
  },
  'mark-candles': {
    kind: 'mark-candles',
    subject: 'instrument',
    knownAt: 'bar-close',
    fields: [price('open'), price('high'), price('low'), price('close')],
    units: [],
  },
  funding: {
    kind: 'funding',
    subject: 'instrument',
    knownAt: 'settlement',
    fields: [
      { name: 'rate', type: 'number', required: true, aliases: ['funding_rate', 'fundingRate'] },
      { name: 'intervalMs', type: 'number', required: true, bounds: 'positive', aliases: ['interval_ms'] },
      {
        name: 'mark',
        type: 'number',
        required: false,
        bounds: 'positive',
        aliases: ['mark_price', 'markPrice'],
      },
    ],
    unitField: 'rate',
    units: ['fraction', 'percent', 'bps'],
  },
  'open-interest': {
    kind: 'open-interest',
    subject: 'venue-asset',
    knownAt: 'stated',
    fields: [
      {
        name: 'openInterest',
        type: 'number',
        required: true,
        bounds: 'positive',
        aliases: ['open_interest', 'oi'],
      },
    ],
    unitField: 'openInterest',
    units: ['base', 'usd', 'contracts'],
  },
  'whale-positions': {
    kind: 'whale-positions',
    subject: 'venue-list',
    knownAt: 'stated',
    fields: [
      { name: 'wallet', type: 'text', required: true, key: true },
      { name: 'asset', type: 'text', required: true, key: true, aliases: ['coin', 'symbol'] },
      { name: 'side', type: 'side', required: true, aliases: ['direction', 'position_type'] },
      { name: 'quantity', type: 'number', required: true, bounds: 'positive', aliases: ['size'] },
      { name: 'notional', type: 'number', required: true, bounds: 'positive', aliases: ['position_value'] },
      { name: 'leverage', type: 'number', required: true, bounds: 'positive' },
      { name: 'accountValue', type: 'number', required: false, aliases: ['account_value'] },
    ],
    units: [],
  },
  'exchange-flows': {
    kind: 'exchange-flows',
    subject: 'asset',
    knownAt: 'stated',
    fields: [
      { name: 'inflow', type: 'number', required: true, bounds: 'not-negative' },
      { name: 'outflow', type: 'number', required: true, bounds: 'not-negative' },
      { name: 'supply', type: 'number', required: false, bounds: 'positive' },
    ],
    units: ['base'],
  },
  confirmations: {
    kind: 'confirmations',
    subject: 'asset',
    knownAt: 'stated',
    fields: [
      { name: 'long', type: 'number', required: false, bounds: 'minus-one-to-one' },
      { name: 'short', type: 'number', required: false, bounds: 'minus-one-to-one' },
      { name: 'confidence', type: 'text', required: false, columnRequired: true },
      { name: 'modelVersion', type: 'text', required: false, aliases: ['model_version'] },
    ],
    units: [],
  },
  series: { kind: 'series', subject: 'name', knownAt: 'stated', fields: [], units: [] },
}

/** Whether rows of a kind are bars of an interval, with open, high, low and close. */
export function isBars({ knownAt }: KindTable): boolean {
  return knownAt === 'bar-close'
}

/** The table of a kind. `series` has no fields of its own: they are the user's. */
export function kindTable(kind: Kind): KindTable {
  return TABLES[kind]
}

/** Checks a word typed by a user. Throws ConfigError listing the kinds. */
export function parseKind(text: string): Kind {
  const kind = KINDS.find((known) => known === text)
  if (kind === undefined)
    throw new ConfigError(`a kind is one of ${KINDS.join(', ')}`, { field: '--as', value: text })
  return kind
}
