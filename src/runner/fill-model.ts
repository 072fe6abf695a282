import { ConfigError } from '../core/errors.js'
import { tradingConfigOf, type SessionSettings } from '../engine/session.js'
import type { CostSettings } from '../engine/options.js'
import type { Broker } from './broker.js'
import { PaperBroker } from './paper-broker.js'
import { QuotesBroker } from './quotes-broker.js'
import type { QuoteFillSettings } from '../execution/quote-fills.js'

/**
 * Who fills the orders of a session on paper: `bars` asks the replay's own venue what a closed bar does to them, `quotes` lets them meet best bid and ask
 * as they are told of them.
 */
export const FILL_MODELS = ['bars', 'quotes'] as const
export type FillModel = (typeof FILL_MODELS)[number]

export function isFillModel(name: string): name is FillModel {
  return (FILL_MODELS as readonly string[]).includes(name)
}

/** A fill model by its name. Throws ConfigError for one that there is not. */
export function parseFillModel(name: string): FillModel {
  if (isFillModel(name)) return name
  throw new ConfigError(`there is no such fill model; there are ${FILL_MODELS.join(', ')}`, { field: '--fill-model', value: name }) // prettier-ignore
}

/** Throws ConfigError for a fill model that stored data cannot feed: there are no quotes in them. */
export function requireFedByStoredData(model: FillModel): void {
  if (model === 'bars') return
  throw new ConfigError('stored data hold no best bid and ask: sessions on them fill by bars', { field: '--fill-model', value: model }) // prettier-ignore
}

/** What a broker on paper is opened with. */
export interface PaperBrokerOptions extends SessionSettings {
  readonly costs: CostSettings
  /** Of the model `quotes`; what is left out is as in DEFAULT_QUOTE_FILLS. */
  readonly quotes?: Partial<QuoteFillSettings>
}

/** The broker of a fill model. */
export function makePaperBroker(model: FillModel, options: PaperBrokerOptions): Broker {
  const { costs, quotes, startingBalance, startTime } = options
  const config = tradingConfigOf(options)
  switch (model) {
    case 'bars':
      return new PaperBroker({ config, costs, startingBalance, startTime })
    case 'quotes':
      return new QuotesBroker({ config, startingBalance, startTime, ...(quotes && { quotes }) })
  }
}
