import { ConfigError } from '../core/errors.js'
import { durationName } from '../core/time.js'
import { tradingConfigOf, type SessionSettings } from '../engine/session.js'
import type { CostSettings } from '../engine/options.js'
import type { Broker } from './broker.js'
import { PaperBroker } from './paper-broker.js'
import { QuotesBroker } from './quotes-broker.js'
import type { SessionFile } from './session-file.js'
import { DEFAULT_QUOTE_FILLS, type QuoteFillSettings } from '../execution/quote-fills.js'

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

/** By which options of `paper start` the settings of `quotes` are given. */
export const QUOTE_OPTIONS: Readonly<Record<keyof QuoteFillSettings, string>> = {
  sendLatencyMs: '--send-latency-ms',
  answerLatencyMs: '--answer-latency-ms',
  quoteLifeMs: '--quote-life',
  touchWaitMs: '--touch-wait',
  beyondSize: 'quotes.beyondSize',
  impactBps: 'quotes.impactBps',
}

/** All settings of the model `quotes`, those that were not given as in DEFAULT_QUOTE_FILLS. Throws ConfigError for a latency that can be none. */
export function quoteFillSettings(given: Partial<QuoteFillSettings>): QuoteFillSettings {
  const settings = { ...DEFAULT_QUOTE_FILLS, ...given }
  for (const name of ['sendLatencyMs', 'answerLatencyMs'] as const) {
    const value = settings[name]
    if (value >= 0 && value <= LONGEST_LATENCY_MS) continue
    throw new ConfigError(`a latency is from 0 to ${LONGEST_LATENCY_MS}`, { field: QUOTE_OPTIONS[name], value, unit: 'ms' }) // prettier-ignore
  }
  return settings
}

/** In words, as a session says how its orders fill. */
export function fillWords({ quotes, source: { kind } }: Pick<SessionFile, 'quotes' | 'source'>): string {
  if (quotes !== undefined) {
    const { sendLatencyMs, answerLatencyMs, quoteLifeMs } = quotes
    return `by quotes: best bid and ask${kind === 'stored' ? ' as recorded' : ''}, ${sendLatencyMs} ms to the venue, ${answerLatencyMs} ms back, none older than ${durationName(quoteLifeMs)}`
  }
  if (kind === 'live') return 'by bars, as those of a backtest'
  return 'by bars, as those of a backtest; --fill-model quotes takes recorded best bid and ask, where the data folder holds them'
} // prettier-ignore

/** Assumed: whoever is further away than this cannot trade by quotes that live ten seconds. */
const LONGEST_LATENCY_MS = 10_000

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
