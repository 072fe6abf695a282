import { noTarget } from '../../src/risk/settings.js'
import type { Scenario } from './scenario.js'

/** Stop losses: taker orders that trigger on a touch and fill at their level, or at an open beyond it. */
export const STOPS: readonly Scenario[] = [
  {
    name: 'a long’s stop triggers at a touch, on the entry bar already',
    cells: ['stop long touch'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 98, 101]], says: 'L.' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['close 1', 'stop', 'sells', 10, 98, 0],
    ],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'a short’s stop triggers at a touch, on the entry bar already',
    cells: ['stop short touch'],
    market: { bars: [[100, 100, 100, 100], [100, 102, 99, 99]], says: 'S.' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'sells', 10, 100, 0],
      ['close 1', 'stop', 'buys', 10, 102, 0],
    ],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'one tick short of the stop is not the stop',
    market: { bars: [[100, 100, 100, 100], [100, 101, 98.5, 99]], says: 'L.' }, // prettier-ignore
    fills: [['open 1', 'entry', 'buys', 10, 100, 0]],
    finalEquity: 9_990,
  },
  {
    name: 'a long’s stop that is traded through fills at its level',
    cells: ['stop long through'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [99, 99.5, 90, 98.5]], says: 'L..' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['close 2', 'stop', 'sells', 10, 98, 0],
    ],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'a short’s stop that is traded through fills at its level',
    cells: ['stop short through'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [101, 110, 100.5, 101]], says: 'S..' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'sells', 10, 100, 0],
      ['close 2', 'stop', 'buys', 10, 102, 0],
    ],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'a long’s stop behind a gap fills at the open',
    cells: ['stop long gap'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [97, 99, 95, 96]], says: 'L..' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'stop', 'sells', 10, 97, 0],
    ],
    trades: [['stop-loss', -30]],
  },
  {
    name: 'a short’s stop behind a gap fills at the open',
    cells: ['stop short gap'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [103, 105, 101, 104]], says: 'S..' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'sells', 10, 100, 0],
      ['open 2', 'stop', 'buys', 10, 103, 0],
    ],
    trades: [['stop-loss', -30]],
  },
  {
    name: 'a long’s stop slips below its level and pays the taker fee',
    // entry 100.5; stop 98.5 · 0.999 = 98.4015 → 98; fees 1.005 and 0.98
    market: {
      bars: [[100, 100, 100, 100], [100, 101, 98.5, 101]], // prettier-ignore
      says: 'L.',
      instrument: { takerFee: 0.001, makerFee: 0.5 },
    },
    slippageBps: 10,
    fills: [
      ['open 1', 'entry', 'buys', 10, 100.5, 1.005],
      ['close 1', 'stop', 'sells', 10, 98, 0.98],
    ],
    trades: [['stop-loss', -26.985]],
  },
  {
    name: 'a short’s stop slips above its level and pays the taker fee',
    // entry 99.5; stop 101.5 · 1.001 = 101.6015 → 102; fees 0.995 and 1.02
    market: {
      bars: [[100, 100, 100, 100], [100, 101.5, 99, 99]], // prettier-ignore
      says: 'S.',
      instrument: { takerFee: 0.001, makerFee: 0.5 },
    },
    slippageBps: 10,
    fills: [
      ['open 1', 'entry', 'sells', 10, 99.5, 0.995],
      ['close 1', 'stop', 'buys', 10, 102, 1.02],
    ],
    trades: [['stop-loss', -27.015]],
  },
  {
    name: 'a stop behind a gap slips from the open',
    // entry at 100.5, stop 98.5; open 97 · 0.999 = 96.903 → 96.5
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [97, 97, 97, 97]], says: 'L..' }, // prettier-ignore
    slippageBps: 10,
    fills: [
      ['open 1', 'entry', 'buys', 10, 100.5, 0],
      ['open 2', 'stop', 'sells', 10, 96.5, 0],
    ],
    trades: [['stop-loss', -40]],
  },
  {
    name: 'the distance is the decision’s, the level follows from the fill: a long filled at 103 stops at 101',
    market: { bars: [[100, 100, 100, 100], [103, 104, 101.5, 103], [102, 102, 101, 102]], says: 'L..' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 103, 0],
      ['close 2', 'stop', 'sells', 10, 101, 0],
    ],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'a long’s stop is rounded to the tick that loses more',
    // distance 2.02 from a close of 101; 102 − 2.02 = 99.98 → 99.5; 1,000 / 101 = 9.90 → 9 lots
    market: {
      bars: [[101, 101, 101, 101], [102, 102, 100, 101], [100, 100, 99.5, 100]], // prettier-ignore
      says: 'L..',
      instrument: { lotSize: 1 },
    },
    fills: [
      ['open 1', 'entry', 'buys', 9, 102, 0],
      ['close 2', 'stop', 'sells', 9, 99.5, 0],
    ],
    trades: [['stop-loss', -22.5]],
  },
  {
    name: 'a short’s stop is rounded to the tick that loses more',
    // 102 + 2.02 = 104.02 → 104.5
    market: {
      bars: [[101, 101, 101, 101], [102, 104, 102, 103], [103, 104.5, 103, 104]], // prettier-ignore
      says: 'S..',
      instrument: { lotSize: 1 },
    },
    fills: [
      ['open 1', 'entry', 'sells', 9, 102, 0],
      ['close 2', 'stop', 'buys', 9, 104.5, 0],
    ],
    trades: [['stop-loss', -22.5]],
  },
  {
    name: 'an ATR stop stands at its multiple of the range that the decision knew',
    // 2 · 1.5 = 3 → 97; the later range of 9 changes nothing
    market: {
      bars: [[100, 100, 100, 100], [100, 101, 97.5, 100], [100, 100, 97, 99]], // prettier-ignore
      says: 'L..',
      atr: [1.5, 9, 9],
    },
    risk: { stop: { kind: 'atr', multiple: 2, period: 14 } },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['close 2', 'stop', 'sells', 10, 97, 0],
    ],
    trades: [['stop-loss', -30]],
  },
  {
    name: 'no entry while the range of an ATR stop is undefined, or so wide that the stop would lie at zero',
    market: {
      bars: [[100, 100, 100, 100], [100, 100, 100, 100], [100, 100, 100, 100]], // prettier-ignore
      says: 'LL.',
      atr: [NaN, 50, 1],
    },
    risk: { stop: { kind: 'atr', multiple: 2, period: 14 }, target: noTarget() },
    fills: [],
    blocked: { 'no-stop': 2 },
  },
  {
    name: 'same-close policy: the stop does not act on the bar at whose close the fill was',
    market: { bars: [[100, 101, 90, 100], [100, 101, 98, 99]], says: 'L.' }, // prettier-ignore
    policies: { fillAt: 'same-close' },
    fills: [
      ['close 0', 'entry', 'buys', 10, 100, 0],
      ['close 1', 'stop', 'sells', 10, 98, 0],
    ],
    trades: [['stop-loss', -20]],
  },
]
