import { ConfigError } from '../core/errors.js'
import { durationName, parseDuration } from '../core/time.js'
import { type Kind, type RateKind, isBars, kindTable, parseKind } from './kinds.js'

/**
 * What a series is called: `kind/subject`, then `@timeframe` for candles of last and of mark prices, `@average` or `@predicted` for funding rates that no
 * venue charges, and `@version` of the model for confirmations. Examples: `candles/binance:BTCUSDT-PERP@1h`, `funding/hyperliquid:BTC-PERP@average`,
 * `open-interest/hyperliquid:BTC`, `whale-positions/hyperliquid:biggest`, `exchange-flows/BTC`, `confirmations/BTC@v2`,
 * `series/fear-and-greed`.
 */
export interface SeriesName {
  readonly kind: Kind
  readonly subject: string
  readonly qualifier: string | undefined
}

const VENUE_SUBJECT = /^[a-z0-9_-]+:[A-Za-z0-9][A-Za-z0-9._+-]*$/
const PLAIN_SUBJECT = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/

export function candlesId(instrumentId: string, timeframeMs: number): string {
  return `candles/${instrumentId}@${durationName(timeframeMs)}`
}

export function markCandlesId(instrumentId: string, timeframeMs: number): string {
  return `mark-candles/${instrumentId}@${durationName(timeframeMs)}`
}

export function fundingId(instrumentId: string, rateKind: RateKind = 'settled'): string {
  return rateKind === 'settled' ? `funding/${instrumentId}` : `funding/${instrumentId}@${rateKind}`
}

/** Confirmations of one version of the model behind them. */
export function confirmationsId(asset: string, modelVersion: string): string {
  return `confirmations/${asset}@${modelVersionName(modelVersion)}`
}

/** A version of the model as series are called by it: what a file name cannot hold is written as `_`. Of confirmations that name none it is unknown, a version like any other. */
export function modelVersionName(modelVersion: string = 'unknown'): string {
  return modelVersion.replaceAll(/[^A-Za-z0-9._+-]+/g, '_')
}

/** Checks the subject of a series; it also becomes part of a file name. Throws ConfigError naming the option. */
export function checkSubject(kind: Kind, subject: string, option: string): string {
  const plain = kind === 'exchange-flows' || kind === 'confirmations' || kind === 'series'
  if ((plain ? PLAIN_SUBJECT : VENUE_SUBJECT).test(subject)) return subject
  const shape = plain ? 'letters, digits and . _ + -' : 'venue:SYMBOL, such as binance:BTCUSDT-PERP'
  throw new ConfigError(`must be ${shape}`, { field: option, value: subject })
}

/** Takes a series id apart. Throws ConfigError where it is none. */
export function parseSeriesId(id: string): SeriesName {
  const match = /^([a-z-]+)\/([^/@]+)(?:@([^/@]+))?$/.exec(id)
  if (match === null) {
    throw new ConfigError('a series is kind/subject, such as funding/binance:BTCUSDT-PERP', {
      field: 'series',
      value: id,
    })
  }
  const kind = parseKind(match[1] ?? '')
  const subject = checkSubject(kind, match[2] ?? '', 'series')
  if (isBars(kindTable(kind))) parseDuration(match[3] ?? '', 'series')
  return { kind, subject, qualifier: match[3] }
}

/** Where the rows of a series lie, without the content's hash: `candles/binance_BTCUSDT-PERP@1h`. */
export function filePrefix(id: string): string {
  return id.replaceAll(':', '_')
}
