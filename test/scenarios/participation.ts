import {
  cashFraction,
  ladder,
  limitEntry,
  noStop,
  noTarget,
  percentTarget,
  percentTrail,
  rewardToRisk,
  stopEntry,
} from '../../src/risk/settings.js'
import type { Row, Scenario } from './scenario.js'

const FLAT: Row = [100, 100, 100, 100]
const QUIET: Row = [100, 101, 99, 100]
const LONG = ['open 1', 'entry', 'buys', 10, 100, 0] as const
const SHORT = ['open 1', 'entry', 'sells', 10, 100, 0] as const

/** Half of the mean volume of the bars before: of bars of 10 units, 5. */
const HALF = { participation: 0.5 }
const LOTS = { lotSize: 1 }
/** The entry of 10 fits into half of 20; then 5 (of 20, 0), 3 (of 20, 0, 0: 3.3), 2 (of 20, 0, 0, 0: 2.5). */
const DRYING_UP = [20, 0, 0, 0, 0]

const TEN = { riskPerTrade: 0.002, maxPosition: 0.5 }

/** Fills take no more than a share of the mean volume of the bars before; the rest goes on, or is given up. */
export const PARTICIPATION: readonly Scenario[] = [
  {
    name: 'an entry fills in two parts, at two opens, and pays its fee on each',
    // 5 · 100 · 0.001, 5 · 101 · 0.001; 10 · (101 − 100.5) less 1.005
    market: {
      bars: [FLAT, [100, 101, 99, 101], [101, 102, 100, 101]],
      says: 'L..',
      volume: [10, 10, 10],
      instrument: { takerFee: 0.001 },
    },
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'buys', 5, 100, 0.5],
      ['open 2', 'entry', 'buys', 5, 101, 0.505],
    ],
    blocked: { 'no-volume': 0 },
    entryOrders: 1,
    finalEquity: 10_003.995,
  },
  {
    name: 'a short’s entry fills in two parts',
    market: { bars: [FLAT, [100, 101, 99, 99], [99, 100, 98, 99]], says: 'S..', volume: [10, 10, 10] },
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'sells', 5, 100, 0],
      ['open 2', 'entry', 'sells', 5, 99, 0],
    ],
    finalEquity: 10_005,
  },
  {
    name: 'what is left of an entry lives for one more bar only',
    market: { bars: [FLAT, QUIET, QUIET, QUIET, QUIET], says: 'L....', volume: [10, 10, 10, 10, 10] },
    costs: { participation: 0.3 },
    fills: [
      ['open 1', 'entry', 'buys', 3, 100, 0],
      ['open 2', 'entry', 'buys', 3, 100, 0],
    ],
    blocked: { 'no-volume': 0 },
  },
  {
    name: 'a bar’s own volume is not known at its open, and counts from the next on',
    // half of 10, though bar 1 traded 1,000; then half of (10 + 1,000) / 2
    market: { bars: [FLAT, QUIET, QUIET], says: 'L..', volume: [10, 1_000, 0] },
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'buys', 5, 100, 0],
      ['open 2', 'entry', 'buys', 5, 100, 0],
    ],
  },
  {
    name: 'the mean is over all bars before, while there are fewer than 20',
    // half of 4 is 2; half of (4 + 12) / 2 is 4; 4 units are never bought
    market: { bars: [FLAT, QUIET, QUIET, QUIET], says: 'L...', volume: [4, 12, 100, 100] },
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'buys', 2, 100, 0],
      ['open 2', 'entry', 'buys', 4, 100, 0],
    ],
  },
  {
    name: 'the mean is over 20 bars: the 21st before does not count',
    // bars 1 to 20 traded 10 each; bar 0, with 1,000, is out
    market: {
      bars: Array.from({ length: 22 }, () => QUIET),
      says: `${'.'.repeat(20)}L.`,
      volume: [1_000, ...Array.from({ length: 21 }, () => 10)],
    },
    costs: HALF,
    fills: [['open 21', 'entry', 'buys', 5, 100, 0]],
  },
  {
    name: 'the mean is over 20 bars: the 20th before does count',
    // (1,000 + 19 · 10) / 20 = 59.5
    market: {
      bars: Array.from({ length: 22 }, () => QUIET),
      says: `${'.'.repeat(19)}L..`,
      volume: [1_000, ...Array.from({ length: 21 }, () => 10)],
    },
    costs: HALF,
    fills: [['open 20', 'entry', 'buys', 10, 100, 0]],
  },
  {
    name: 'bars that are missing do not count',
    // a quarter of (10 + 30) / 2
    market: { bars: [FLAT, null, FLAT, QUIET], says: '. L.', volume: [10, 0, 30, 0] },
    costs: { participation: 0.25 },
    fills: [['open 3', 'entry', 'buys', 5, 100, 0]],
  },
  {
    name: 'bars before the start of the run count',
    // a quarter of (30 + 10) / 2
    firstBar: 1,
    market: { bars: [FLAT, FLAT, QUIET], says: '.L.', volume: [30, 10, 0] },
    costs: { participation: 0.25 },
    fills: [['open 2', 'entry', 'buys', 5, 100, 0]],
  },
  {
    name: 'a fill takes whole lots of what it may',
    // half of 10, in lots of 2: 4, 4, and 2 are never bought
    market: { bars: [FLAT, QUIET, QUIET, QUIET], says: 'L...', volume: [10, 10, 10, 10], instrument: { lotSize: 2 } }, // prettier-ignore
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'buys', 4, 100, 0],
      ['open 2', 'entry', 'buys', 4, 100, 0],
    ],
  },
  {
    name: 'an entry of which nothing fills in two bars is given up for want of volume',
    // half of 1 is less than a lot, twice; what bar 3 could take comes too late
    market: {
      bars: [FLAT, QUIET, QUIET, QUIET],
      says: 'L...',
      volume: [1, 1, 1_000, 1_000],
      instrument: LOTS,
    },
    costs: HALF,
    fills: [],
    blocked: { 'no-volume': 1 },
    entryOrders: 1,
  },
  {
    name: 'a bar in which no lot filled is the first of the two',
    // half of 1: none; half of (1 + 19) / 2: 5; the other 5 are not waited for
    market: { bars: [FLAT, QUIET, QUIET, QUIET], says: 'L...', volume: [1, 19, 100, 100], instrument: LOTS },
    costs: HALF,
    fills: [['open 2', 'entry', 'buys', 5, 100, 0]],
    blocked: { 'no-volume': 0 },
  },
  {
    name: 'where a volume is not recorded no entry is made',
    market: { bars: [FLAT, FLAT, QUIET, QUIET], says: '.L..', volume: [NaN, 1_000, 1_000, 1_000] },
    costs: HALF,
    fills: [],
    blocked: { 'no-volume': 1 },
  },
  {
    name: 'the smallest notional is asked of the order, not of each of its fills',
    // 10 · 100 is enough, though 5 · 100 is not
    market: {
      bars: [FLAT, QUIET, QUIET],
      says: 'L..',
      volume: [10, 10, 10],
      instrument: { minNotional: 900 },
    },
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'buys', 5, 100, 0],
      ['open 2', 'entry', 'buys', 5, 100, 0],
    ],
  },
  {
    name: 'what is left of an entry grows old over a missing bar: the next one opens two intervals after the decision',
    market: { bars: [FLAT, QUIET, null, QUIET], says: 'L. .', volume: [10, 40, 0, 100] },
    costs: HALF,
    fills: [['open 1', 'entry', 'buys', 5, 100, 0]],
  },
  {
    name: 'two instruments have a budget each',
    market: [
      { id: 'test:A', bars: [FLAT, QUIET], says: 'L.', volume: [10, 10] },
      { id: 'test:B', bars: [FLAT, QUIET], says: 'L.', volume: [16, 16] },
    ],
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'buys', 5, 100, 0, 'test:A'],
      ['open 1', 'entry', 'buys', 8, 100, 0, 'test:B'],
    ],
  },
  {
    name: 'same-close policy: the bar that closes counts in the mean at its close',
    // half of (10 + 30) / 2
    market: { bars: [FLAT, FLAT, QUIET], says: '.L.', volume: [10, 30, 0] },
    policies: { fillAt: 'same-close' },
    costs: HALF,
    fills: [['close 1', 'entry', 'buys', 10, 100, 0]],
  },

  // What is held
  {
    name: 'stop and target follow the average of what was bought, for all of it',
    // 5 at 100, 5 at 102: 101, target 105 (a first fill alone had 104), for 10: half of (10 + 10 + 40) / 3
    market: {
      bars: [FLAT, [100, 102, 99, 102], [102, 104.5, 99.5, 102], [102, 105.5, 101, 105]],
      says: 'L...',
      volume: [10, 10, 40, 0],
    },
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'buys', 5, 100, 0],
      ['open 2', 'entry', 'buys', 5, 102, 0],
      ['close 3', 'target', 'sells', 10, 105, 0],
    ],
    trades: [['take-profit', 40]],
  },
  {
    name: 'a short’s stop follows the average of what was sold, for all of it',
    // 5 at 100, 5 at 98: 99, stop 101 (a first fill alone had 102)
    market: {
      bars: [FLAT, [100, 101, 98, 98], [98, 100.5, 97.5, 98], [98, 101, 98, 100]],
      says: 'S...',
      volume: [10, 10, 40, 0],
    },
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'sells', 5, 100, 0],
      ['open 2', 'entry', 'sells', 5, 98, 0],
      ['close 3', 'stop', 'buys', 10, 101, 0],
    ],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'after a part of an entry its target stands for that part',
    // bar 3 has a budget of 30; 3 of 10 were bought in each of two bars
    market: {
      bars: [FLAT, QUIET, QUIET, [100, 104.5, 99, 104]],
      says: 'L...',
      volume: [10, 10, 280, 0],
    },
    costs: { participation: 0.3 },
    fills: [
      ['open 1', 'entry', 'buys', 3, 100, 0],
      ['open 2', 'entry', 'buys', 3, 100, 0],
      ['close 3', 'target', 'sells', 6, 104, 0],
    ],
    trades: [['take-profit', 24]],
  },
  {
    name: 'the rungs of a ladder are shares of all that was bought',
    // 5 and 5: a rung of half is 5, though after the first part it was 2.5
    market: {
      bars: [FLAT, QUIET, QUIET, [100, 102.5, 99, 102]],
      says: 'L...',
      volume: [10, 10, 40, 0],
    },
    risk: { target: ladder({ at: rewardToRisk(1), share: 0.5 }, { at: percentTarget(0.04), share: 0.5 }) },
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'buys', 5, 100, 0],
      ['open 2', 'entry', 'buys', 5, 100, 0],
      ['close 3', 'target', 'sells', 5, 102, 0],
    ],
  },

  // Exits
  {
    name: 'an exit at the market goes on at each next open until it is done',
    market: {
      bars: [FLAT, QUIET, [100, 101, 99, 101], [101, 102, 100, 102], [102, 102, 102, 102]],
      says: 'Ll...',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      LONG,
      ['open 2', 'exit', 'sells', 5, 100, 0],
      ['open 3', 'exit', 'sells', 3, 101, 0],
      ['open 4', 'exit', 'sells', 2, 102, 0],
    ],
    // (500 + 303 + 204) / 10
    trades: [['signal', 7, 100.7]],
  },
  {
    name: 'what an exit leaves is still held, and pays funding for it',
    // 5 units are held at half past two: 0.01 · 100 · 5
    market: {
      bars: [FLAT, QUIET, QUIET, QUIET, QUIET],
      says: 'Ll...',
      volume: DRYING_UP,
      funding: [[2.5, 0.01, 100]],
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      LONG,
      ['open 2', 'exit', 'sells', 5, 100, 0],
      ['open 3', 'exit', 'sells', 3, 100, 0],
      ['open 4', 'exit', 'sells', 2, 100, 0],
    ],
    trades: [['signal', -5]],
    funding: -5,
  },
  {
    name: 'a long’s stop fills what it may at its price; the rest follows at the opens, for the same reason',
    // −5 · 2 − 3 · 3 − 2 · 4; (490 + 291 + 192) / 10
    market: {
      bars: [FLAT, QUIET, [100, 100, 98, 98], [97, 97, 96, 96], [96, 96, 96, 96]],
      says: 'L....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      LONG,
      ['close 2', 'stop', 'sells', 5, 98, 0],
      ['open 3', 'exit', 'sells', 3, 97, 0],
      ['open 4', 'exit', 'sells', 2, 96, 0],
    ],
    trades: [['stop-loss', -27, 97.3]],
  },
  {
    name: 'a short’s stop fills what it may at its price; the rest follows at the opens, slipping as takers do',
    // sold at 99.5; stop 101.5 · 1.001 → 102, then 103 · 1.001 → 103.5 and 104 · 1.001 → 104.5: −5 · 2.5 − 3 · 4 − 2 · 5
    market: {
      bars: [FLAT, [100, 101, 99, 100], [100, 101.5, 100, 101], [103, 104, 103, 104], [104, 104, 104, 104]],
      says: 'S....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    slippageBps: 10,
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'sells', 10, 99.5, 0],
      ['close 2', 'stop', 'buys', 5, 102, 0],
      ['open 3', 'exit', 'buys', 3, 103.5, 0],
      ['open 4', 'exit', 'buys', 2, 104.5, 0],
    ],
    trades: [['stop-loss', -34.5]],
  },
  {
    name: 'a stop for which nothing is left is a market order all the same: it leaves at the opens, though the price recovers',
    // the entry took all of bar 1; the target of 104, which bar 2 passes, is gone: −5 · 1 + 3 · 4 + 2 · 4
    market: {
      bars: [FLAT, [100, 101, 98, 99], [99, 105, 99, 104], [104, 105, 103, 104], [104, 104, 104, 104]],
      says: 'L....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      LONG,
      ['open 2', 'exit', 'sells', 5, 99, 0],
      ['open 3', 'exit', 'sells', 3, 104, 0],
      ['open 4', 'exit', 'sells', 2, 104, 0],
    ],
    trades: [['stop-loss', 15]],
  },
  {
    name: 'a short’s stop for which nothing is left leaves at the opens',
    market: {
      bars: [FLAT, [100, 102, 99, 101], [101, 101.5, 100, 101], [101, 101, 101, 101], [101, 101, 101, 101]],
      says: 'S....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      SHORT,
      ['open 2', 'exit', 'buys', 5, 101, 0],
      ['open 3', 'exit', 'buys', 3, 101, 0],
      ['open 4', 'exit', 'buys', 2, 101, 0],
    ],
    trades: [['stop-loss', -10]],
  },
  {
    name: 'a stop behind a gap fills what it may at that open, the rest at the following ones',
    market: {
      bars: [FLAT, QUIET, [97, 97, 90, 95], [95, 96, 94, 95], [94, 94, 94, 94]],
      says: 'L....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      LONG,
      ['open 2', 'stop', 'sells', 5, 97, 0],
      ['open 3', 'exit', 'sells', 3, 95, 0],
      ['open 4', 'exit', 'sells', 2, 94, 0],
    ],
    // −15 − 15 − 12
    trades: [['stop-loss', -42]],
  },
  {
    name: 'after a part of a stop the target is gone: the rest leaves at the market, at whatever the open is',
    // bar 3 opens beyond the target of 104 and takes 3; bar 4, at 103, 2: −10 + 15 + 6
    market: {
      bars: [FLAT, QUIET, [100, 100, 98, 98], [105, 106, 104, 105], [103, 103, 103, 103]],
      says: 'L....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      LONG,
      ['close 2', 'stop', 'sells', 5, 98, 0],
      ['open 3', 'exit', 'sells', 3, 105, 0],
      ['open 4', 'exit', 'sells', 2, 103, 0],
    ],
    trades: [['stop-loss', 11]],
  },
  {
    name: 'a target fills what it may and goes on resting at its price',
    market: {
      bars: [FLAT, QUIET, [100, 104.5, 100, 104], [104, 104.5, 103, 104], [104, 104.5, 103, 104]],
      says: 'L....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      LONG,
      ['close 2', 'target', 'sells', 5, 104, 0],
      ['close 3', 'target', 'sells', 3, 104, 0],
      ['close 4', 'target', 'sells', 2, 104, 0],
    ],
    trades: [['take-profit', 40, 104]],
  },
  {
    name: 'after a part of a target the rest is stopped out, as far as the volume goes',
    // 5 · 4 − 3 · 2 − 2 · 1
    market: {
      bars: [FLAT, QUIET, [100, 100, 95.5, 96], [96, 102, 96, 101], [101, 101, 101, 101]],
      says: 'S....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      SHORT,
      ['close 2', 'target', 'buys', 5, 96, 0],
      ['close 3', 'stop', 'buys', 3, 102, 0],
      ['open 4', 'exit', 'buys', 2, 101, 0],
    ],
    trades: [['stop-loss', 12]],
    undecided: 0,
  },
  {
    name: 'the rungs of one bar share its budget, the nearest first',
    // 5 in bar 2 are the first rung; 5 more at 104 in what bars 3 and 4 allow
    market: {
      bars: [FLAT, QUIET, [100, 105, 100, 104], [104, 104.5, 103, 104], [104, 104.5, 103, 104]],
      says: 'L....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    risk: { target: ladder({ at: rewardToRisk(1), share: 0.5 }, { at: percentTarget(0.04), share: 0.5 }) },
    costs: HALF,
    fills: [
      LONG,
      ['close 2', 'target', 'sells', 5, 102, 0],
      ['close 3', 'target', 'sells', 3, 104, 0],
      ['close 4', 'target', 'sells', 2, 104, 0],
    ],
    trades: [['take-profit', 30]],
  },
  {
    name: 'a reversal shares the budget of the open: the exit first, then what is left for the entry',
    // half of (20 + 40) / 2 is 15: 10 and 5; half of (20 + 40 + 0) / 3 is 10: the other 5
    market: {
      bars: [FLAT, QUIET, QUIET, QUIET],
      says: 'LS..',
      volume: [20, 40, 0, 0],
    },
    risk: { reversal: true },
    costs: HALF,
    fills: [
      LONG,
      ['open 2', 'exit', 'sells', 10, 100, 0],
      ['open 2', 'entry', 'sells', 5, 100, 0],
      ['open 3', 'entry', 'sells', 5, 100, 0],
    ],
    trades: [['signal', 0]],
  },
  {
    name: 'a limit that turns a position around waits for all of the old one to leave, and is not yet short of volume',
    // exits of 5 (half of 20, 0), then 5 (of 20, 0, 10) at the opens; the limit of 102 is passed by the first of them, met again
    // beside the second, where its one more bar begins, and filled in that: half of (20 + 0 + 10 + 80) / 4 is more than 10
    market: {
      bars: [
        FLAT,
        [100, 100.5, 97.5, 100],
        [103, 103.5, 101, 102],
        [102, 103, 101, 102],
        [102, 102.5, 101, 101],
      ],
      says: 'LS...',
      volume: [20, 0, 10, 80, 0],
      instrument: LOTS,
    },
    risk: { ...TEN, entry: limitEntry(0.02, 3), reversal: true },
    costs: HALF,
    fills: [
      ['close 1', 'entry', 'buys', 10, 98, 0],
      ['open 2', 'exit', 'sells', 5, 103, 0],
      ['open 3', 'exit', 'sells', 5, 102, 0],
      ['close 4', 'entry', 'sells', 10, 102, 0],
    ],
    trades: [['signal', 45, 102.5]],
  },
  {
    name: 'a trade of which one part was undecided is undecided',
    // stop and target in bar 2: the stop, for 5; what follows at the opens is plain
    market: {
      bars: [FLAT, QUIET, [100, 104.5, 98, 98], [97, 97, 96, 96], [96, 96, 96, 96]],
      says: 'L....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      LONG,
      ['close 2', 'stop', 'sells', 5, 98, 0],
      ['open 3', 'exit', 'sells', 3, 97, 0],
      ['open 4', 'exit', 'sells', 2, 96, 0],
    ],
    trades: [['stop-loss', -27]],
    undecided: 1,
  },
  {
    name: 'where a volume is not recorded an exit fills whole, and is counted',
    market: { bars: [FLAT, QUIET, [101, 101, 101, 101]], says: 'Ll.', volume: [20, NaN, 0] },
    costs: HALF,
    fills: [LONG, ['open 2', 'exit', 'sells', 10, 101, 0]],
    trades: [['signal', 10]],
    flags: ['volume-unknown'],
  },
  {
    name: 'where a volume is not recorded a stop fills whole, and is counted',
    market: { bars: [FLAT, QUIET, [100, 102, 99, 101]], says: 'S..', volume: [20, NaN, 0] },
    costs: HALF,
    fills: [SHORT, ['close 2', 'stop', 'buys', 10, 102, 0]],
    trades: [['stop-loss', -20]],
    flags: ['volume-unknown'],
  },
  {
    name: 'the end of the data has no cap',
    market: { bars: [FLAT, QUIET, [100, 101, 99, 101]], says: 'L..', volume: DRYING_UP.slice(0, 3) },
    policies: { endOfData: 'close' },
    costs: HALF,
    fills: [LONG, ['close 2', 'exit', 'sells', 10, 101, 0]],
    trades: [['end-of-data', 10]],
  },
  {
    name: 'a liquidation has no cap',
    // 250 / (100 · 0.25) = 10; 75 / 0.9375 = 80, ended at 75
    market: {
      bars: [FLAT, QUIET, [90, 91, 80, 85]],
      says: 'L..',
      volume: DRYING_UP.slice(0, 3),
      instrument: {
        margin: {
          tiers: [{ fromNotional: 0, maintenanceRate: 0.0625, maxLeverage: 10 }],
          liquidationFee: 0.01,
        },
      },
    },
    risk: { stop: noStop(), target: noTarget(), leverage: 4, sizing: cashFraction(0.025) },
    costs: HALF,
    fills: [LONG, ['close 2', 'liquidation', 'sells', 10, 75, 7.5]],
    trades: [['liquidation', -257.5]],
  },
  {
    name: 'same-close policy: an exit fills what it may at the close that decides it, and goes on at the opens',
    // 0.3 of 20 at the close and the open that follow each other: 6 and 4; then 3 of (20, 0), twice, 2 of (20, 0, 0), 1, 1: 3 + 4 + 2 + 2
    market: {
      bars: [
        FLAT,
        FLAT,
        [101, 101, 101, 101],
        [102, 102, 102, 102],
        [102, 102, 102, 102],
        [102, 102, 102, 102],
      ],
      says: 'Ll....',
      volume: [20, 0, 0, 0, 0, 0],
      instrument: LOTS,
    },
    policies: { fillAt: 'same-close' },
    costs: { participation: 0.3 },
    fills: [
      ['close 0', 'entry', 'buys', 6, 100, 0],
      ['open 1', 'entry', 'buys', 4, 100, 0],
      ['close 1', 'exit', 'sells', 3, 100, 0],
      ['open 2', 'exit', 'sells', 3, 101, 0],
      ['open 3', 'exit', 'sells', 2, 102, 0],
      ['open 4', 'exit', 'sells', 1, 102, 0],
      ['open 5', 'exit', 'sells', 1, 102, 0],
    ],
    trades: [['signal', 11]],
  },
  {
    name: 'same-close policy: what a stop leaves is nothing that the close decides, and goes on at the opens',
    // 10 at the close; 5 of (20, 0) at the stop of 98; 3 of (20, 0, 0), 2 of (20, 0, 0, 0): −10 − 9 − 8
    market: {
      bars: [FLAT, FLAT, [100, 100, 98, 99], [97, 97, 96, 96], [96, 96, 96, 96]],
      says: 'L....',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    policies: { fillAt: 'same-close' },
    costs: HALF,
    fills: [
      ['close 0', 'entry', 'buys', 10, 100, 0],
      ['close 2', 'stop', 'sells', 5, 98, 0],
      ['open 3', 'exit', 'sells', 3, 97, 0],
      ['open 4', 'exit', 'sells', 2, 96, 0],
    ],
    trades: [['stop-loss', -27]],
  },
  {
    name: 'an exit that is out when the bar has opened has its volume: stop and target in that bar decide nothing',
    // bar 2 meets both 98 and 104
    market: {
      bars: [FLAT, QUIET, [100, 105, 97, 100], [101, 101, 101, 101], [102, 102, 102, 102]],
      says: 'Ll...',
      volume: DRYING_UP,
      instrument: LOTS,
    },
    costs: HALF,
    fills: [
      LONG,
      ['open 2', 'exit', 'sells', 5, 100, 0],
      ['open 3', 'exit', 'sells', 3, 101, 0],
      ['open 4', 'exit', 'sells', 2, 102, 0],
    ],
    trades: [['signal', 7]],
    undecided: 0,
  },
  {
    name: 'what an exit has left is liquidated, though a stop lies before',
    // 80, as below; the stop of 98 has nothing left to sell with: 5 · 25, and 5 · 75 · 0.01
    market: {
      bars: [FLAT, QUIET, [100, 100, 80, 85]],
      says: 'Ll.',
      volume: DRYING_UP.slice(0, 3),
      instrument: {
        ...LOTS,
        margin: {
          tiers: [{ fromNotional: 0, maintenanceRate: 0.0625, maxLeverage: 10 }],
          liquidationFee: 0.01,
        },
      },
    },
    risk: { leverage: 4, sizing: cashFraction(0.025) },
    costs: HALF,
    fills: [LONG, ['open 2', 'exit', 'sells', 5, 100, 0], ['close 2', 'liquidation', 'sells', 5, 75, 3.75]],
    trades: [['liquidation', -128.75]],
  },
  {
    name: 'cancel-all policy: an exit that found its bar in time but no volume in it is not old',
    // a lot of 10: of (20, 0) and (20, 0, 0) half is none, of (20, 0, 0, 100) it is 15
    market: {
      bars: [FLAT, QUIET, QUIET, QUIET, [101, 101, 101, 101]],
      says: 'Ll...',
      volume: [20, 0, 0, 100, 0],
      instrument: { lotSize: 10 },
    },
    policies: { staleOrders: 'cancel-all' },
    costs: HALF,
    fills: [LONG, ['open 4', 'exit', 'sells', 10, 101, 0]],
    trades: [['signal', 10]],
  },
  {
    name: 'an entry that two bars gave no lot is over at the close of the second, which may decide another',
    // half of 1, twice; half of (1 + 1 + 1,000) / 3
    market: {
      bars: [FLAT, QUIET, QUIET, QUIET],
      says: 'L.L.',
      volume: [1, 1, 1_000, 0],
      instrument: LOTS,
    },
    costs: HALF,
    fills: [['open 3', 'entry', 'buys', 10, 100, 0]],
    blocked: { 'no-volume': 1, 'in-position': 0 },
    entryOrders: 2,
  },
  {
    name: 'a trailing stop keeps what it has reached where a further fill takes the fixed one down',
    // 100: fixed 98, trailing 97. A high of 101: trailing 97.97. 5 more at 98.5: 99.25, fixed 97.25; half of (10 + 50) / 2 is 15
    market: {
      bars: [FLAT, [100, 101, 98.5, 98.5], [98.5, 99, 97.5, 98]],
      says: 'L..',
      volume: [10, 50, 0],
    },
    risk: { trailing: percentTrail(0.03) },
    costs: HALF,
    fills: [
      ['open 1', 'entry', 'buys', 5, 100, 0],
      ['open 2', 'entry', 'buys', 5, 98.5, 0],
      ['close 2', 'stop', 'sells', 10, 97.5, 0],
    ],
    trades: [['trailing-stop', -17.5]],
  },
  {
    name: 'a trade that is left open is undecided too, where a part of it was',
    market: {
      bars: [FLAT, QUIET, [100, 104.5, 98, 98]],
      says: 'L..',
      volume: DRYING_UP.slice(0, 3),
      instrument: LOTS,
    },
    costs: HALF,
    fills: [LONG, ['close 2', 'stop', 'sells', 5, 98, 0]],
    trades: [],
    undecided: 1,
  },

  // Resting entries
  {
    name: 'a further fill inside a bar can bring liquidation into that very bar',
    // 5 at 98 are in the first tier: (98 − 24.5) / 0.95 = 77.4. 10 are in the second: (98 − 24.5 − 30 / 10) / 0.9 = 78.3; 98 · 0.75 = 73.5
    market: {
      bars: [FLAT, [100, 100.5, 97.5, 99], [99, 99.5, 78, 85]],
      says: 'L..',
      volume: [10, 10, 0],
      instrument: {
        ...LOTS,
        margin: {
          tiers: [
            { fromNotional: 0, maintenanceRate: 0.05, maxLeverage: 10 },
            { fromNotional: 600, maintenanceRate: 0.1, maxLeverage: 5 },
          ],
          liquidationFee: 0.01,
        },
      },
    },
    risk: {
      stop: noStop(),
      target: noTarget(),
      leverage: 4,
      sizing: cashFraction(0.025),
      entry: limitEntry(0.02, 3),
    },
    costs: HALF,
    fills: [
      ['close 1', 'entry', 'buys', 5, 98, 0],
      ['close 2', 'entry', 'buys', 5, 98, 0],
      ['close 2', 'liquidation', 'sells', 10, 73.5, 7.35],
    ],
    trades: [['liquidation', -252.35]],
  },
  {
    name: 'a limit entry fills what it may; the rest rests in the next bar, beyond its own life',
    market: {
      bars: [FLAT, [100, 100.5, 97.5, 99], [99, 99.5, 97.5, 99], [99, 99.5, 97, 99]],
      says: 'L...',
      volume: [10, 10, 10, 10],
    },
    risk: { ...TEN, entry: limitEntry(0.02) },
    costs: HALF,
    fills: [
      ['close 1', 'entry', 'buys', 5, 98, 0],
      ['close 2', 'entry', 'buys', 5, 98, 0],
    ],
    blocked: { unfilled: 0, 'no-volume': 0 },
    entryOrders: 1,
  },
  {
    name: 'the rest of a limit entry ends with the position that it would have added to',
    // bar 2 has room for 12.5: the stop takes 5 of them, and the limit of 98, traded through before it, no more
    market: {
      bars: [FLAT, [100, 100.5, 97.5, 99], [99, 99.5, 96, 97], QUIET],
      says: 'L...',
      volume: [10, 40, 100, 100],
    },
    risk: { ...TEN, entry: limitEntry(0.02) },
    costs: HALF,
    fills: [
      ['close 1', 'entry', 'buys', 5, 98, 0],
      ['close 2', 'stop', 'sells', 5, 96, 0],
    ],
    trades: [['stop-loss', -10]],
    blocked: { 'no-volume': 0, unfilled: 0 },
  },
  {
    name: 'a further entry fill gives a rung that has sold its share the share of what came after',
    // 5 at 98: a rung of half sells 2.5 at 100; 5 more at 98 make it 5: another 2.5 at 100, and 5 at 102
    market: {
      bars: [FLAT, [100, 100.5, 97.5, 99], [99, 100.5, 97.5, 99], [99, 103, 98.5, 102]],
      says: 'L...',
      volume: [10, 40, 100, 100],
    },
    risk: {
      ...TEN,
      entry: limitEntry(0.02),
      target: ladder({ at: rewardToRisk(1), share: 0.5 }, { at: percentTarget(0.04), share: 0.5 }),
    },
    costs: HALF,
    fills: [
      ['close 1', 'entry', 'buys', 5, 98, 0],
      ['close 2', 'target', 'sells', 2.5, 100, 0],
      ['close 2', 'entry', 'buys', 5, 98, 0],
      ['close 3', 'target', 'sells', 2.5, 100, 0],
      ['close 3', 'target', 'sells', 5, 102, 0],
    ],
    trades: [['take-profit', 30]],
  },
  {
    name: 'the rest of a limit entry rests in the next bar only, whatever life it had left',
    market: {
      bars: [FLAT, [100, 100.5, 97.5, 99], QUIET, [99, 99.5, 97.5, 99]],
      says: 'L...',
      volume: [10, 10, 10, 10],
    },
    risk: { ...TEN, entry: limitEntry(0.02, 5) },
    costs: HALF,
    fills: [['close 1', 'entry', 'buys', 5, 98, 0]],
    blocked: { 'no-volume': 0 },
  },
  {
    name: 'bars in which a limit entry was not met do not count against it',
    market: {
      bars: [FLAT, QUIET, [100, 102.5, 99.5, 101], [101, 102.5, 100, 101]],
      says: 'S...',
      volume: [10, 10, 10, 10],
    },
    risk: { ...TEN, entry: limitEntry(0.02, 2) },
    costs: HALF,
    fills: [
      ['close 2', 'entry', 'sells', 5, 102, 0],
      ['close 3', 'entry', 'sells', 5, 102, 0],
    ],
  },
  {
    name: 'the rest of a limit entry that the next open has passed fills there, at its price',
    market: {
      bars: [FLAT, [100, 100.5, 97.5, 99], [97, 98, 96.5, 97]],
      says: 'L..',
      volume: [10, 10, 10],
    },
    risk: { ...TEN, entry: limitEntry(0.02) },
    costs: HALF,
    fills: [
      ['close 1', 'entry', 'buys', 5, 98, 0],
      ['open 2', 'entry', 'buys', 5, 98, 0],
    ],
  },
  {
    name: 'a stop entry fills what it may; the rest at the next open that is beyond its trigger',
    // 102 and 103: 102.5, stop 100.5
    market: {
      bars: [FLAT, [101, 102, 101, 102], [103, 104, 101, 103]],
      says: 'L..',
      volume: [10, 10, 10],
    },
    risk: { ...TEN, entry: stopEntry(0.02) },
    costs: HALF,
    fills: [
      ['close 1', 'entry', 'buys', 5, 102, 0],
      ['open 2', 'entry', 'buys', 5, 103, 0],
    ],
    finalEquity: 10_005,
  },
  {
    name: 'a limit entry that is met twice where no lot may be taken is given up for want of volume',
    market: {
      bars: [FLAT, [100, 100.5, 97.5, 99], [99, 99.5, 97.5, 99], [99, 99.5, 97.5, 99]],
      says: 'L...',
      volume: [1, 1, 1_000, 1_000],
      instrument: LOTS,
    },
    risk: { ...TEN, entry: limitEntry(0.02, 5) },
    costs: HALF,
    fills: [],
    blocked: { 'no-volume': 1, unfilled: 0 },
  },
]
