import { ConfigError } from '../core/errors.js'
import { tradingConfigOf, type SessionSettings } from '../engine/session.js'
import type { CostSettings } from '../engine/options.js'
import type { Broker } from './broker.js'
import { PaperBroker } from './paper-broker.js'

/** Who fills the orders of a session on paper: `bars` asks the replay's own venue what a closed bar does to them. */
export const FILL_MODELS = ['bars'] as const
export type FillModel = (typeof FILL_MODELS)[number]

export function isFillModel(name: string): name is FillModel {
  return (FILL_MODELS as readonly string[]).includes(name)
}

/** A fill model by its name. Throws ConfigError for one that there is not. */
export function parseFillModel(name: string): FillModel {
  if (isFillModel(name)) return name
  throw new ConfigError(`there is no such fill model; there are ${FILL_MODELS.join(', ')}`, { field: '--fill-model', value: name }) // prettier-ignore
}

/** What a broker on paper is opened with. */
export interface PaperBrokerOptions extends SessionSettings {
  readonly costs: CostSettings
}

/** The broker of a fill model. */
export function makePaperBroker(model: FillModel, options: PaperBrokerOptions): Broker {
  const { costs, startingBalance, startTime } = options
  switch (model) {
    case 'bars':
      return new PaperBroker({ config: tradingConfigOf(options), costs, startingBalance, startTime })
  }
}
