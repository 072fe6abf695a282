import {
  atrStop,
  choice,
  defineStrategy,
  flag,
  percentStop,
  real,
  rewardToRisk,
  smartMoneyFeatures,
  smartMoneyGates,
  smartMoneyParams,
} from 'baleen'

export default defineStrategy({
  name: 'smart-money',
  description:
    'One score of whales, derivatives, exchange flows and confirmation; buys when it is high, sells when it is low.',
  params: {
    ...smartMoneyParams,
    buyFrom: real(0.5, 0.65, 1, { unit: 'score' }),
    sellBelow: real(0.01, 0.35, 0.5, { unit: 'score' }),
    short: flag(true, 'also sell short where the instrument can be shorted'),
    rearm: flag(true, 'after an exit, wait until the signal was off or the whale snapshot is newer'),
    riskPerTrade: real(0.001, 0.02, 0.2, { unit: 'share of equity' }),
    maxPosition: real(0.01, 0.1, 1, { unit: 'share of equity' }),
    dailyLossLimit: real(0, 0.05, 0.5, { unit: 'share of equity' }),
    conviction: choice(['before-cap', 'after-cap', 'off'], 'where the strength of the score scales the size'),
    stop: real(0.001, 0.02, 0.5, { unit: 'share of the price' }),
    stopAtr: real(0, 0, 20, { unit: 'average true ranges', description: 'instead of the share, above 0' }),
    target: real(0.1, 2, 20, { unit: 'stop distances' }),
    reversal: flag(false, 'an opposite signal turns the position around'),
    flattenAfterStale: real(0, 0, 1000, { unit: 'hours', description: 'without a score; 0: never' }),
    riskFreeRate: real(0, 0, 0.2, { unit: 'a year' }),
  },
  features: smartMoneyFeatures,
  score: 'score',
  coverage: 'coverage',
  rearm: 'whaleSnapshot',
  thresholds: (p) => ({ long: p.buyFrom, short: p.sellBelow }),
  gates: smartMoneyGates,
  risk: (p) => ({
    riskPerTrade: p.riskPerTrade,
    maxPosition: p.maxPosition,
    dailyLossLimit: p.dailyLossLimit,
    conviction: p.conviction,
    stop: p.stopAtr > 0 ? atrStop(p.stopAtr) : percentStop(p.stop),
    target: rewardToRisk(p.target),
    allowShort: p.short,
    reversal: p.reversal,
    flattenAfterStaleHours: p.flattenAfterStale,
  }),
  policies: (p) => (p.rearm ? {} : { rearm: 'none' }),
  riskFreeRate: (p) => p.riskFreeRate,
  // The tutorial scores every asset by Bitcoin's exchange flows; nothing else ever does.
  series: (p): Record<string, string> =>
    p.legs === 'tutorial' ? { 'exchange-flows': 'exchange-flows/BTC' } : {},
  chosenOn: (p) =>
    p.legs === 'calibrated'
      ? [
          'The thresholds of funding, open interest and flows were chosen on data up to 2026-03: earlier bars are in-sample.',
        ]
      : [],
  presets: {
    default: { description: 'thresholds that fire on real markets', params: {} },
    relative: {
      description: 'funding, open interest and flows against their own last 90 days',
      params: { legs: 'relative' },
    },
    tutorial: {
      description: "the public tutorial's arithmetic, long only, to compare with",
      params: {
        legs: 'tutorial',
        fundingHigh: 0.005,
        fundingLow: -0.005,
        openInterestHigh: 0.15,
        openInterestLow: -0.15,
        flowHigh: 0,
        flowLow: 0,
        short: false,
        rearm: false,
        riskFreeRate: 0.02,
      },
    },
  },
})
