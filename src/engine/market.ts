import { ConfigError } from '../core/errors.js'
import { requireMargin } from '../core/instrument-terms.js'
import { DEFAULT_POLICIES, type Policies } from '../core/policies.js'
import { termsTimelines } from '../trading/state.js'
import type { ReplayOptions } from './options.js'
import type { Market } from './simulation.js'
import { timelineOf } from './timeline.js'
import { barRange, layTrack } from './track.js'

/** The policies of a run: its own win over the strategy's, which win over the defaults. */
export function effectivePolicies(options: Pick<ReplayOptions, 'strategy' | 'policies'>): Policies {
  return { ...DEFAULT_POLICIES, ...options.strategy.policies, ...options.policies }
}

export type MarketOptions = Pick<
  ReplayOptions,
  'instruments' | 'startTime' | 'endTime' | 'startingBalance' | 'costs'
>

/**
 * Checks the input of a run and lays it out once, for as many trials as there will be. O(bars). Throws ConfigError for settings that cannot
 * be run, DataError for candles or funding that cannot be trusted.
 */
export function prepareMarket(options: MarketOptions): Market {
  checkOptions(options)
  const { instruments, startTime, endTime, costs, startingBalance } = options
  const ranges = instruments.map((data) => barRange(data, startTime, endTime))
  const timeline = timelineOf(ranges)
  const needsVolume = costs.participation !== undefined
  const tracks = instruments.map((data, index) =>
    layTrack(index, data, ranges[index] as (typeof ranges)[number], timeline, endTime, needsVolume),
  )
  const { takerFee, makerFee } = costs
  const terms = termsTimelines({
    instruments: instruments.map(({ instrument }) => instrument),
    ...(takerFee === undefined ? {} : { takerFee }),
    ...(makerFee === undefined ? {} : { makerFee }),
  })
  return { timeline, tracks, terms, costs, startingBalance }
}

/** Refuses leverage that the instruments of a market do not grant. */
export function requireLeverage({ tracks, timeline }: Market, leverage: number): void {
  for (const { data } of tracks) requireMargin(data.instrument, leverage, timeline.openTime[0] as number)
}

function checkOptions({ instruments, costs, startingBalance }: MarketOptions): void {
  if (!(startingBalance > 0 && startingBalance < Infinity)) {
    throw new ConfigError('a starting balance is a positive amount of the quote asset', {
      field: 'startingBalance',
      value: startingBalance,
    })
  }
  if (instruments.length === 0)
    throw new ConfigError('a run needs at least one instrument', { field: 'instruments' })
  const quotes = new Set(instruments.map(({ instrument }) => instrument.quote))
  if (quotes.size > 1) {
    throw new ConfigError('instruments of one account share one quote asset', {
      field: 'quote',
      value: [...quotes].join(', '),
    })
  }
  const ids = instruments.map(({ instrument }) => instrument.id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined)
    throw new ConfigError('an instrument is named twice', { field: 'instruments', value: twice })
  if (!(costs.slippageBps >= 0 && costs.slippageBps < 10_000)) {
    throw new ConfigError('slippage must be 0 or more', {
      field: 'slippage',
      value: costs.slippageBps,
      unit: 'bps',
    })
  }
  const { halfSpreadBps = 0, participation = 1 } = costs
  if (!(halfSpreadBps >= 0 && halfSpreadBps < 10_000)) {
    throw new ConfigError('half the spread must be 0 or more', {
      field: 'halfSpread',
      value: halfSpreadBps,
      unit: 'bps',
    })
  }
  if (!(participation > 0 && participation < Infinity)) {
    throw new ConfigError('a share of the volume must be above 0', {
      field: 'participation',
      value: participation,
    })
  }
}
