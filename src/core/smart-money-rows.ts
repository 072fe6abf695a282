/**
 * ASSUMED, ALL OF IT. The public documents of the Smart Money API name the top-level fields of its answers and leave the shape of what lies in
 * `rows`, `consensus`, `symbols`, `data`, `candles` and `per_venue` unseen. This one file says what we take them to be. The loopback server
 * answers by it and the client's mapper reads by it, so that the day a real answer is seen there is one place to correct, and
 * `ASSUMPTIONS_VERSION` to raise: rows mapped by different versions are never put into one series.
 */
export const ASSUMPTIONS_VERSION = 1

/** The unit of `funding_rate`: an example threshold of 0.05 in an alert suggests percent per settlement interval. To be checked against a venue's own rates. */
export const ASSUMED_FUNDING_UNIT = 'percent per interval'

export interface AssumedField {
  /** As the API writes it. */
  readonly name: string
  /**
   * `seconds`: unix time; `text`; `measure`: a number that may also be null, absent, `unavailable` or NO_DATA, which are different things and never 0;
   * `count`: a measure that is whole and not negative.
   */
  readonly kind: 'seconds' | 'text' | 'measure' | 'count'
  /** Without it a row says nothing and is put into quarantine. */
  readonly required?: boolean
  readonly unit?: string
  /** A closed list: any other word puts the row into quarantine rather than being taken for one of these. */
  readonly words?: readonly string[]
}

export interface AssumedRow {
  /** Name of the list in the envelope; `per_venue` is an object by venue. */
  readonly list: string
  readonly fields: readonly AssumedField[]
}

const seconds: AssumedField = { name: 'ts', kind: 'seconds', required: true }
const symbol: AssumedField = { name: 'symbol', kind: 'text', required: true }
const direction: AssumedField = { name: 'direction', kind: 'text', required: true, words: ['long', 'short'] }
const measure = (name: string, unit: string): AssumedField => ({ name, kind: 'measure', unit })
const count = (name: string): AssumedField => ({ name, kind: 'count', unit: 'wallets' })
const text = (name: string, required: boolean = false): AssumedField => ({ name, kind: 'text', required })

/** Words of `confidence` that the documents name. */
export const CONFIDENCES: readonly string[] = ['HIGH', 'MEDIUM', 'LOW', 'VETO', 'NO_DATA']

/** By family of endpoints, named by path without `/v1/`. */
export const ASSUMED_ROWS: Readonly<Record<string, AssumedRow>> = {
  'history/confirmations': {
    list: 'rows',
    fields: [seconds, symbol, direction, measure('composite', '-1..1'), { name: 'confidence', kind: 'text', required: true, words: CONFIDENCES }, text('action'), measure('size_mult', 'multiple'), text('source'), text('model_version')],
  },
  'history/derivatives': {
    list: 'rows',
    fields: [seconds, symbol, text('exchange', true), measure('funding_rate', ASSUMED_FUNDING_UNIT), measure('funding_interval_hours', 'hours'), measure('mark_price', 'quote')],
  },
  'history/derivatives_agg': {
    list: 'rows',
    fields: [seconds, symbol, measure('open_interest', 'base'), measure('open_interest_usd', 'USD')],
  },
  'history/onchain': {
    list: 'rows',
    fields: [seconds, text('asset', true), text('metric', true), measure('value', 'native units'), { name: 'available_ts', kind: 'seconds' }],
  },
  'history/whale_positions': {
    list: 'rows',
    fields: [seconds, text('wallet', true), symbol, direction, measure('size', 'base'), measure('notional_usd', 'USD'), measure('leverage', 'times'), measure('account_value_usd', 'USD')],
  },
  'history/whale_consensus': {
    list: 'rows',
    fields: [seconds, symbol, count('long_count'), count('short_count'), measure('long_notional_usd', 'USD'), measure('short_notional_usd', 'USD')],
  },
  'whale-consensus': {
    list: 'consensus',
    fields: [seconds, symbol, count('long_count'), count('short_count'), measure('long_volume_usd', 'USD'), measure('short_volume_usd', 'USD'), measure('funding_rate', ASSUMED_FUNDING_UNIT), measure('lsr', 'ratio')],
  },
  'whales/crowding': {
    list: 'symbols',
    fields: [symbol, measure('gross_notional_usd', 'USD'), measure('net_notional_usd', 'USD'), measure('skew', '-1..1'), count('wallets'), measure('hhi', '0..1'), measure('avg_leverage', 'times')],
  },
  'derivatives/screener': {
    list: 'symbols',
    fields: [symbol, measure('oi_usd', 'USD'), measure('funding_rate', ASSUMED_FUNDING_UNIT), measure('price', 'quote'), text('crowding')],
  },
  'derivatives/funding-heatmap': {
    list: 'heatmap',
    fields: [symbol, text('exchange', true), measure('funding_rate', ASSUMED_FUNDING_UNIT), measure('funding_interval_hours', 'hours')],
  },
  'funding/normalised': {
    list: 'per_venue',
    fields: [measure('rate', ASSUMED_FUNDING_UNIT), measure('interval_hours', 'hours'), measure('rate_8h_equivalent', 'percent'), { name: 'settled_ts', kind: 'seconds' }],
  },
  'historical/funding': { list: 'data', fields: [seconds, measure('funding_rate', ASSUMED_FUNDING_UNIT)] },
  'historical/open-interest': { list: 'data', fields: [seconds, measure('open_interest', 'base'), measure('open_interest_usd', 'USD')] },
  'market/candles': {
    list: 'candles',
    fields: [seconds, ...['open', 'high', 'low', 'close'].map((name) => ({ ...measure(name, 'quote'), required: true })), { ...measure('volume', 'base'), required: true }],
  },
} // prettier-ignore

/** One plan in the `tiers` of `/v1/plans`; shape assumed. */
export interface AssumedPlan {
  readonly name: string
  readonly requests_per_day: number
  readonly requests_per_minute: number
  /** Symbols that may be asked about; null is all. */
  readonly symbols: readonly string[] | null
}

/** `/v1/usage`; shape assumed. */
export interface AssumedUsage {
  readonly plan: string
  readonly used_today: number
  readonly requests_per_day: number
  readonly requests_per_minute: number
  /** Unix seconds: when `used_today` begins anew. */
  readonly resets_at: number
}
