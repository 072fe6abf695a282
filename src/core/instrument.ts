export type InstrumentKind = 'spot' | 'perpetual'

/** One step of a venue's table of margins: from this notional (quote units) on. */
export interface MarginTier {
  readonly fromNotional: number
  /** Maintenance margin, a fraction of the notional. */
  readonly maintenanceRate: number
  readonly maxLeverage: number
}

/** What a venue asks of positions on margin. Without it a position cannot be leveraged, nor liquidated. */
export interface MarginTerms {
  /** By rising notional, the first from 0. */
  readonly tiers: readonly MarginTier[]
  /** Fraction of the notional at the bankruptcy price. */
  readonly liquidationFee: number
}

/** The venue's rules that may change while an instrument trades. */
export interface InstrumentTerms {
  readonly tickSize: number
  readonly lotSize: number
  /** In quote units; applies to entries. */
  readonly minNotional: number
  readonly makerFee: number
  readonly takerFee: number
  readonly margin?: MarginTerms
}

/** Terms that hold from a time on, in place of earlier ones; what is left out stays as it was. */
export interface TermsChange extends Partial<InstrumentTerms> {
  /** UTC ms. */
  readonly from: number
}

/** What can be traded, and the venue's rules for it. Fees are fractions of the notional; a tick or lot of 0 means "not quantised". */
export interface Instrument extends InstrumentTerms {
  /** `binance:BTCUSDT-PERP`: unique, and the key of its candles in the store. */
  readonly id: string
  readonly venue: string
  readonly kind: InstrumentKind
  readonly base: string
  readonly quote: string
  /** By time, oldest first. */
  readonly changes?: readonly TermsChange[]
  /** UTC ms; bars that open before it, or close after its end, are not traded. */
  readonly listedAt?: number
  readonly delistedAt?: number
  /** Where the figures are from, in the words of whoever gave them. */
  readonly sources?: readonly string[]
}
