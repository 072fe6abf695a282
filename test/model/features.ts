import type { GeneratedCase } from './generate.js'

/** What a generated case can use beyond plain market entries with a stop, a target and rules. */
export const FEATURES = [
  'trailing-percent',
  'trailing-atr',
  'cash-sizing',
  'shorts',
  'reversal',
  'time-exit',
  'flatten-after-stale',
  'halt-hold',
  'halt-flatten',
  'slot-limit',
  'funding',
  'missing-rate-fails',
  'shared-account',
  'same-close',
  'size-at-fill',
  'missing-bars',
  'warm-up',
  'long-and-sparse',
  'fee-override',
  'limit-entry',
  'stop-entry',
  'ladder',
  'leverage',
  'liquidation',
  'mark-candles',
  'participation',
  'unknown-volume',
  'half-spread',
  'dated-terms',
  'listing',
  'delisting',
] as const
export type Feature = (typeof FEATURES)[number]

function missesBars({ candles }: GeneratedCase['markets'][number]): boolean {
  const { openTime, timeframeMs } = candles
  return openTime.some((time, bar) => bar > 0 && time - (openTime[bar - 1] as number) > timeframeMs)
}

const USES: Readonly<Record<Feature, (generated: GeneratedCase) => boolean>> = {
  'trailing-percent': ({ risk }) => risk.trailing?.kind === 'percent',
  'trailing-atr': ({ risk }) => risk.trailing?.kind === 'atr',
  'cash-sizing': ({ risk }) => risk.sizing?.kind === 'cash',
  shorts: ({ risk }) => risk.allowShort === true,
  reversal: ({ risk }) => risk.reversal === true,
  'time-exit': ({ risk }) => (risk.timeExitBars ?? 0) > 0,
  'flatten-after-stale': ({ risk }) => (risk.flattenAfterStaleHours ?? 0) > 0,
  'halt-hold': ({ risk }) => (risk.dailyLossLimit ?? 0) > 0 && risk.onDailyLoss !== 'flatten',
  'halt-flatten': ({ risk }) => (risk.dailyLossLimit ?? 0) > 0 && risk.onDailyLoss === 'flatten',
  'slot-limit': ({ risk }) => (risk.maxPositions ?? Infinity) < Infinity,
  funding: ({ markets }) => markets.some(({ funding }) => funding !== undefined),
  'missing-rate-fails': ({ policies }) => policies.missingFunding === 'fail',
  'shared-account': ({ markets }) => markets.length > 1,
  'same-close': ({ policies }) => policies.fillAt === 'same-close',
  'size-at-fill': ({ policies }) => policies.sizeAt === 'fill',
  'missing-bars': ({ markets }) => markets.some(missesBars),
  'warm-up': ({ markets, startTime }) =>
    markets.some(({ candles }) => (candles.openTime[0] as number) < startTime),
  'long-and-sparse': ({ markets }) =>
    markets.some(({ script }) => script.says.length >= 500 && script.says.replace(/\./g, '').length < 50),
  'fee-override': ({ costs }) => costs.takerFee !== undefined || costs.makerFee !== undefined,
  'limit-entry': ({ risk }) => risk.entry?.kind === 'limit',
  'stop-entry': ({ risk }) => risk.entry?.kind === 'stop',
  ladder: ({ risk }) => risk.target?.kind === 'ladder',
  leverage: ({ risk }) => (risk.leverage ?? 1) > 1,
  liquidation: ({ markets }) => markets.some(({ instrument }) => instrument.margin !== undefined),
  'mark-candles': ({ markets }) => markets.some(({ mark }) => mark !== undefined),
  participation: ({ costs }) => costs.participation !== undefined,
  'unknown-volume': ({ costs, markets }) =>
    costs.participation !== undefined && markets.some(({ candles }) => candles.volume.some(Number.isNaN)),
  'half-spread': ({ costs }) => (costs.halfSpreadBps ?? 0) > 0,
  'dated-terms': ({ markets }) => markets.some(({ instrument }) => instrument.changes !== undefined),
  listing: ({ markets }) => markets.some(({ instrument }) => instrument.listedAt !== undefined),
  delisting: ({ markets }) => markets.some(({ instrument }) => instrument.delistedAt !== undefined),
}

/** Names of what a case uses. */
export function featuresOf(generated: GeneratedCase): readonly Feature[] {
  return FEATURES.filter((feature) => USES[feature](generated))
}
