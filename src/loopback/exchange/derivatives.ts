import { DAY_MS, HOUR_MS } from '../../core/time.js'
import { lastPrice } from '../bars-at.js'
import { decimal } from '../decimal.js'
import type { View } from '../reply.js'
import { isKnown, knownRows, lowerBound, newestRow } from '../world.js'
import { refuse } from './errors.js'
import { INTERVALS, windowOf } from './parameters.js'
import type { Listed } from './venue.js'

type Query = Readonly<Record<string, string>>

/** The venue keeps so much of the history of open interest: "only the data of the latest 1 month is available". */
const INTEREST_HISTORY_MS = 30 * DAY_MS

/**
 * Settled funding, oldest first; the newest where no start is given. Source: Binance USDⓈ-M futures, "Get Funding Rate History", `GET /fapi/v1/fundingRate` (limit
 * 100, at most 1,000): symbol, fundingRate, fundingTime, markPrice. A mark that was not recorded is an empty text, as the venue's old rows have it.
 */
export function fundingRates(listed: Listed, query: Query, { knownMs }: View): object[] {
  const { funding, symbol } = listed
  if (funding === undefined) return []
  const { startTime, endTime, limit } = windowOf(query, 100, 1_000)
  const rows: number[] = []
  if (startTime === undefined) {
    for (const row of knownRows(funding, knownMs, -Infinity, endTime)) {
      if (rows.push(row) === limit) break
    }
    rows.reverse()
  } else {
    const { eventTime } = funding
    for (let row = lowerBound(eventTime, startTime); row < eventTime.length && rows.length < limit; row++) {
      if (eventTime[row]! > Math.min(endTime ?? Infinity, knownMs)) break
      if (isKnown(funding, row, knownMs)) rows.push(row)
    }
  }
  const { rate, mark } = funding.values
  return rows.map((row) => ({
    symbol,
    fundingRate: decimal(rate![row]!),
    fundingTime: funding.eventTime[row]!,
    markPrice: Number.isNaN(mark![row]!) ? '' : decimal(mark![row]!),
  }))
}

/** Source: Binance USDⓈ-M futures, "Get Funding Rate Info", `GET /fapi/v1/fundingInfo`. */
export function fundingInfo(listed: readonly Listed[], { knownMs }: View): object[] {
  return listed.flatMap(({ symbol, funding }) => {
    const row = newestRow(funding, knownMs)
    if (funding === undefined || row === undefined) return []
    const fundingIntervalHours = funding.values['intervalMs']![row]! / HOUR_MS
    return [{ symbol, adjustedFundingRateCap: '0.02000000', adjustedFundingRateFloor: '-0.02000000', fundingIntervalHours, disclaimer: false }] // prettier-ignore
  })
}

/**
 * Source: Binance USDⓈ-M futures, "Mark Price", `GET /fapi/v1/premiumIndex`: symbol, markPrice, indexPrice, estimatedSettlePrice, lastFundingRate ("the latest
 * funding rate"), interestRate, nextFundingTime, time. A world has one price, which stands for mark and index; the rate is the last one settled.
 */
export function premiumIndex(listed: Listed, { knownMs, clockMs }: View): object {
  const { symbol, candles, instrument, funding } = listed
  const price = lastPrice(candles, knownMs, instrument.tickSize) ?? refuse('symbol')
  const row = newestRow(funding, knownMs)
  const settled = funding !== undefined && row !== undefined
  const intervalMs = settled ? funding.values['intervalMs']![row]! : 8 * HOUR_MS
  return {
    symbol,
    markPrice: decimal(price),
    indexPrice: decimal(price),
    estimatedSettlePrice: decimal(price),
    lastFundingRate: settled ? decimal(funding.values['rate']![row]!) : '',
    interestRate: '0.00010000',
    nextFundingTime: (Math.floor(knownMs / intervalMs) + 1) * intervalMs,
    time: clockMs,
  }
}

/** Source: Binance USDⓈ-M futures, "Open Interest", `GET /fapi/v1/openInterest`: openInterest (base units), symbol, time: when it was so. */
export function openInterest({ symbol, openInterest: facts }: Listed, { knownMs }: View): object {
  const row = newestRow(facts, knownMs)
  if (facts === undefined || row === undefined) refuse('symbol')
  return {
    symbol,
    openInterest: decimal(facts.values['openInterest']![row]!),
    time: facts.eventTime[row]!,
  }
}

/**
 * Source: Binance USDⓈ-M futures, "Open Interest Statistics", `GET /futures/data/openInterestHist` (period 5m to 1d, limit 30, at most 500, the latest month): symbol,
 * sumOpenInterest (base units), sumOpenInterestValue (quote units, at the price when it was known), timestamp. A world's rows stand at their own times: those that lie on the period's grid.
 */
export function openInterestHistory(listed: Listed, query: Query, { knownMs }: View): object[] {
  const { symbol, openInterest: facts, candles, instrument } = listed
  const period = query['period']
  if (period === undefined || period === '') refuse('mandatory', 'period')
  const periodMs = INTERVALS.get(period)
  if (periodMs === undefined || periodMs < INTERVALS.get('5m')! || periodMs > DAY_MS)
    refuse('limit', 'period')
  if (facts === undefined) return []
  const { startTime, endTime, limit } = windowOf(query, 30, 500)
  const from = Math.max(startTime ?? -Infinity, knownMs - INTEREST_HISTORY_MS)
  const rows = [...knownRows(facts, knownMs, from, endTime)].filter((row) => facts.eventTime[row]! % periodMs === 0) // prettier-ignore
  rows.reverse()
  const picked = startTime === undefined ? rows.slice(-limit) : rows.slice(0, limit)
  return picked.map((row) => {
    const amount = facts.values['openInterest']![row]!
    const price = lastPrice(candles, facts.knownAt[row]!, instrument.tickSize) ?? NaN
    return {
      symbol,
      sumOpenInterest: decimal(amount),
      sumOpenInterestValue: decimal(Math.round(amount * price * 100) / 100),
      timestamp: facts.eventTime[row]!,
    }
  })
}
