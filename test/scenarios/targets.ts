import type { Scenario } from './scenario.js'

/** Targets: resting limits, makers, filled at their own price when traded through by one tick. */
export const TARGETS: readonly Scenario[] = [
  {
    name: 'a long’s target that is only touched does not fill',
    cells: ['target long touch'],
    market: { bars: [[100, 100, 100, 100], [100, 104, 99.5, 103]], says: 'L.' }, // prettier-ignore
    fills: [['open 1', 'entry', 'buys', 10, 100, 0]],
    finalEquity: 10_030,
  },
  {
    name: 'a short’s target that is only touched does not fill',
    cells: ['target short touch'],
    market: { bars: [[100, 100, 100, 100], [100, 100.5, 96, 97]], says: 'S.' }, // prettier-ignore
    fills: [['open 1', 'entry', 'sells', 10, 100, 0]],
    finalEquity: 10_030,
  },
  {
    name: 'touch policy: a touch fills a long’s target',
    cells: ['target long touch'],
    market: { bars: [[100, 100, 100, 100], [100, 104, 99.5, 103]], says: 'L.' }, // prettier-ignore
    policies: { targetFill: 'touch' },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['close 1', 'target', 'sells', 10, 104, 0],
    ],
    trades: [['take-profit', 40]],
  },
  {
    name: 'touch policy: a touch fills a short’s target',
    cells: ['target short touch'],
    market: { bars: [[100, 100, 100, 100], [100, 100.5, 96, 97]], says: 'S.' }, // prettier-ignore
    policies: { targetFill: 'touch' },
    fills: [
      ['open 1', 'entry', 'sells', 10, 100, 0],
      ['close 1', 'target', 'buys', 10, 96, 0],
    ],
    trades: [['take-profit', 40]],
  },
  {
    name: 'a long’s target, one tick through on the entry bar, fills at its price as maker and without slippage',
    cells: ['target long through'],
    // entry 100.5 (slipped), target 104.5; fees 10.05 (1 %) and 2.09 (0.2 %)
    market: {
      bars: [[100, 100, 100, 100], [100, 105, 99.5, 103]], // prettier-ignore
      says: 'L.',
      instrument: { takerFee: 0.01, makerFee: 0.002 },
    },
    slippageBps: 10,
    fills: [
      ['open 1', 'entry', 'buys', 10, 100.5, 10.05],
      ['close 1', 'target', 'sells', 10, 104.5, 2.09],
    ],
    trades: [['take-profit', 27.86]],
  },
  {
    name: 'a short’s target, one tick through, fills at its price as maker and without slippage',
    cells: ['target short through'],
    // entry 99.5, target 95.5; fees 9.95 and 1.91
    market: {
      bars: [[100, 100, 100, 100], [100, 100.5, 99, 99], [99, 100, 95, 97]], // prettier-ignore
      says: 'S..',
      instrument: { takerFee: 0.01, makerFee: 0.002 },
    },
    slippageBps: 10,
    fills: [
      ['open 1', 'entry', 'sells', 10, 99.5, 9.95],
      ['close 2', 'target', 'buys', 10, 95.5, 1.91],
    ],
    trades: [['take-profit', 28.14]],
  },
  {
    name: 'an open beyond a long’s target fills it at its own price',
    cells: ['target long gap'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [106, 107, 105, 106]], says: 'L..' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'target', 'sells', 10, 104, 0],
    ],
    trades: [['take-profit', 40]],
  },
  {
    name: 'an open beyond a short’s target fills it at its own price',
    cells: ['target short gap'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [94, 95, 93, 94]], says: 'S..' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'sells', 10, 100, 0],
      ['open 2', 'target', 'buys', 10, 96, 0],
    ],
    trades: [['take-profit', 40]],
  },
  {
    name: 'open-price policy: an open beyond a long’s target fills at the open',
    cells: ['target long gap'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [106, 107, 105, 106]], says: 'L..' }, // prettier-ignore
    policies: { targetGap: 'open-price' },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'target', 'sells', 10, 106, 0],
    ],
    trades: [['take-profit', 60]],
  },
  {
    name: 'open-price policy: an open beyond a short’s target fills at the open',
    cells: ['target short gap'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [94, 95, 93, 94]], says: 'S..' }, // prettier-ignore
    policies: { targetGap: 'open-price' },
    fills: [
      ['open 1', 'entry', 'sells', 10, 100, 0],
      ['open 2', 'target', 'buys', 10, 94, 0],
    ],
    trades: [['take-profit', 60]],
  },
  {
    name: 'an open exactly at the target is no gap: the high must still trade through',
    market: { bars: [[100, 100, 100, 100], [104, 104, 103, 103.5], [104, 104.5, 104, 104]], says: 'L..' }, // prettier-ignore
    // the entry itself gaps to 104, so its target is 108: held to the end
    fills: [['open 1', 'entry', 'buys', 10, 104, 0]],
    finalEquity: 10_000,
  },
  {
    name: 'an open exactly at the target and one tick more fills at the target inside the bar',
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [104, 104.5, 104, 104]], says: 'L..' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['close 2', 'target', 'sells', 10, 104, 0],
    ],
    trades: [['take-profit', 40]],
  },
  {
    name: 'a long’s target is rounded to the tick that is harder to reach',
    // 2 · 2.02 from a close of 101; 102 + 4.04 = 106.04 → 106.5, so a high of 106.5 only touches, 107 goes through
    market: {
      bars: [[101, 101, 101, 101], [102, 106.5, 101, 102], [102, 107, 102, 103]], // prettier-ignore
      says: 'L..',
      instrument: { lotSize: 1 },
    },
    fills: [
      ['open 1', 'entry', 'buys', 9, 102, 0],
      ['close 2', 'target', 'sells', 9, 106.5, 0],
    ],
    trades: [['take-profit', 40.5]],
  },
  {
    name: 'a short’s target is rounded to the tick that is harder to reach',
    // 102 − 4.04 = 97.96 → 97.5; a low of 97.5 only touches
    market: {
      bars: [[101, 101, 101, 101], [102, 103, 97.5, 102], [102, 102, 97, 103 - 1]], // prettier-ignore
      says: 'S..',
      instrument: { lotSize: 1 },
    },
    fills: [
      ['open 1', 'entry', 'sells', 9, 102, 0],
      ['close 2', 'target', 'buys', 9, 97.5, 0],
    ],
    trades: [['take-profit', 40.5]],
  },
  {
    name: 'without a tick, anything beyond the target is through it',
    market: {
      bars: [[100, 100, 100, 100], [100, 104, 99, 103], [103, 104.001, 103, 104]], // prettier-ignore
      says: 'L..',
      instrument: { tickSize: 0 },
    },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['close 2', 'target', 'sells', 10, 104, 0],
    ],
    trades: [['take-profit', 40]],
  },
  {
    name: 'same-close policy: the target does not act on the bar at whose close the fill was',
    market: { bars: [[100, 120, 100, 100], [100, 104.5, 99, 103]], says: 'L.' }, // prettier-ignore
    policies: { fillAt: 'same-close' },
    fills: [
      ['close 0', 'entry', 'buys', 10, 100, 0],
      ['close 1', 'target', 'sells', 10, 104, 0],
    ],
    trades: [['take-profit', 40]],
  },
]
