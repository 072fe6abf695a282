import {
  atrLimitEntry,
  cashFraction,
  limitEntry,
  noStop,
  noTarget,
  percentStop,
  percentTrail,
} from '../../src/risk/settings.js'
import type { Row, Scenario } from './scenario.js'

const FLAT: Row = [100, 100, 100, 100]
const QUIET: Row = [100, 101, 99, 100]
/** One tick through a limit of 98, or of 102, and no further. */
const DIP: Row = [100, 100.5, 97.5, 99]
const PEAK: Row = [100, 102.5, 99.5, 101]

/** 20 of the 10,000 at risk over a stop 2 away: 10 units at any price. Bought at 98 (stop 96, target 102) or sold at 102 (104, 98). */
const TEN = { riskPerTrade: 0.002, maxPosition: 0.5 }
const LIMIT = { ...TEN, entry: limitEntry(0.02) }
const LIMIT_3_BARS = { ...TEN, entry: limitEntry(0.02, 3) }
/** All by cash, 20 % below the close: nothing protects the position. */
const BARE = { stop: noStop(), target: noTarget(), entry: limitEntry(0.2) }

const BOUGHT = ['close 1', 'entry', 'buys', 10, 98, 0] as const
const SOLD = ['close 1', 'entry', 'sells', 10, 102, 0] as const
const BOUGHT_AT_OPEN = ['open 1', 'entry', 'buys', 10, 98, 0] as const
const SOLD_AT_OPEN = ['open 1', 'entry', 'sells', 10, 102, 0] as const

/** Entries that wait at a better price, as makers: 2 % off the close they were decided on. */
export const LIMIT_ENTRIES: readonly Scenario[] = [
  {
    name: 'a long’s limit fills at its price, inside the bar, once traded through by a tick',
    cells: ['limit entry long through'],
    market: { bars: [FLAT, DIP], says: 'L.' },
    risk: LIMIT,
    fills: [BOUGHT],
    blocked: { unfilled: 0 },
    entryOrders: 1,
    finalEquity: 10_010,
  },
  {
    name: 'a short’s limit fills at its price, inside the bar, once traded through by a tick',
    cells: ['limit entry short through'],
    market: { bars: [FLAT, PEAK], says: 'S.' },
    risk: LIMIT,
    fills: [SOLD],
    blocked: { unfilled: 0 },
    finalEquity: 10_010,
  },
  {
    name: 'a long’s limit that is only touched does not fill, and is over after its one bar',
    cells: ['limit entry long touch'],
    market: { bars: [FLAT, [100, 101, 98, 99], DIP], says: 'L..' },
    risk: LIMIT,
    fills: [],
    blocked: { unfilled: 1 },
    entryOrders: 1,
  },
  {
    name: 'a short’s limit that is only touched does not fill, and is over after its one bar',
    cells: ['limit entry short touch'],
    market: { bars: [FLAT, [100, 102, 99, 101], PEAK], says: 'S..' },
    risk: LIMIT,
    fills: [],
    blocked: { unfilled: 1 },
  },
  {
    name: 'touch policy: a touch fills a long’s limit',
    cells: ['limit entry long touch'],
    market: { bars: [FLAT, [100, 101, 98, 99]], says: 'L.' },
    risk: LIMIT,
    policies: { targetFill: 'touch' },
    fills: [BOUGHT],
  },
  {
    name: 'touch policy: a touch fills a short’s limit',
    cells: ['limit entry short touch'],
    market: { bars: [FLAT, [100, 102, 99, 101]], says: 'S.' },
    risk: LIMIT,
    policies: { targetFill: 'touch' },
    fills: [SOLD],
  },
  {
    name: 'without a tick a limit at 98 is not met at 98 and is met at anything below',
    market: {
      bars: [FLAT, [100, 101, 98, 99], [99, 99, 97.999, 98.5]],
      says: 'L..',
      instrument: { tickSize: 0 },
    },
    risk: LIMIT_3_BARS,
    fills: [['close 2', 'entry', 'buys', 10, 98, 0]],
  },
  {
    name: 'an open beyond a long’s limit fills it at that instant, at its own price',
    cells: ['limit entry long gap'],
    market: { bars: [FLAT, [97, 98, 96.5, 97.5]], says: 'L.' },
    risk: LIMIT,
    fills: [BOUGHT_AT_OPEN],
    finalEquity: 9_995,
  },
  {
    name: 'an open beyond a short’s limit fills it at that instant, at its own price',
    cells: ['limit entry short gap'],
    market: { bars: [FLAT, [103, 103.5, 102, 102.5]], says: 'S.' },
    risk: LIMIT,
    fills: [SOLD_AT_OPEN],
    finalEquity: 9_995,
  },
  {
    name: 'open-price policy: an open beyond a long’s limit fills it at the open',
    cells: ['limit entry long gap'],
    market: { bars: [FLAT, [97, 98, 96.5, 97.5]], says: 'L.' },
    risk: LIMIT,
    policies: { targetGap: 'open-price' },
    fills: [['open 1', 'entry', 'buys', 10, 97, 0]],
    finalEquity: 10_005,
  },
  {
    name: 'open-price policy: an open beyond a short’s limit fills it at the open',
    cells: ['limit entry short gap'],
    market: { bars: [FLAT, [103, 103.5, 102, 102.5]], says: 'S.' },
    risk: LIMIT,
    policies: { targetGap: 'open-price' },
    fills: [['open 1', 'entry', 'sells', 10, 103, 0]],
    finalEquity: 10_005,
  },
  {
    name: 'an open exactly at the limit has not passed it: one tick more fills inside the bar',
    market: { bars: [FLAT, [98, 99, 97.5, 98.5]], says: 'L.' },
    risk: LIMIT,
    fills: [BOUGHT],
  },
  {
    name: 'an open exactly at the limit and no lower fills nothing',
    market: { bars: [FLAT, [98, 99, 98, 98.5]], says: 'L.' },
    risk: LIMIT,
    fills: [],
    blocked: { unfilled: 1 },
  },
  {
    name: 'touch policy: an open exactly at the limit fills at the open',
    market: { bars: [FLAT, [98, 99, 98, 98.5]], says: 'L.' },
    risk: LIMIT,
    policies: { targetFill: 'touch' },
    fills: [BOUGHT_AT_OPEN],
  },
  {
    name: 'a long’s limit is rounded down to the tick',
    // 101 − 2.02 = 98.98 → 98.5, so a low of 98.5 only touches; 20 / 2.02 = 9.9 → 9 lots
    market: {
      bars: [[101, 101, 101, 101], [100, 101, 98.5, 99], [99, 99, 98, 98.5]], // prettier-ignore
      says: 'L..',
      instrument: { lotSize: 1 },
    },
    risk: LIMIT_3_BARS,
    fills: [['close 2', 'entry', 'buys', 9, 98.5, 0]],
  },
  {
    name: 'a short’s limit is rounded up to the tick',
    // 101 + 2.02 = 103.02 → 103.5
    market: {
      bars: [[101, 101, 101, 101], [102, 103.5, 101, 103], [103, 104, 103, 103.5]], // prettier-ignore
      says: 'S..',
      instrument: { lotSize: 1 },
    },
    risk: LIMIT_3_BARS,
    fills: [['close 2', 'entry', 'sells', 9, 103.5, 0]],
  },
  {
    name: 'the entry pays the maker fee and no slippage, its stop the taker fee and slippage',
    // 10 · 98 · 0.001 = 0.98; 96 · 0.999 = 95.904 → 95.5, fee 9.55; −25 − 0.98 − 9.55
    market: {
      bars: [FLAT, DIP, [98, 98, 96, 97]],
      says: 'L..',
      instrument: { makerFee: 0.001, takerFee: 0.01 },
    },
    risk: LIMIT,
    slippageBps: 10,
    fills: [
      ['close 1', 'entry', 'buys', 10, 98, 0.98],
      ['close 2', 'stop', 'sells', 10, 95.5, 9.55],
    ],
    trades: [['stop-loss', -35.53]],
    slippage: 5,
  },

  // The bar of the fill
  {
    name: 'a long filled inside the bar is stopped out in it: the price had to pass the limit first, so it is decided',
    cells: ['limit entry long both'],
    market: { bars: [FLAT, [100, 110, 96, 97]], says: 'L.' },
    risk: LIMIT,
    // the high of 110 is beyond the target of 102, which does not act yet
    policies: { undecided: 'optimistic' },
    fills: [BOUGHT, ['close 1', 'stop', 'sells', 10, 96, 0]],
    trades: [['stop-loss', -20]],
    undecided: 0,
  },
  {
    name: 'a short filled inside the bar is stopped out in it, decided',
    cells: ['limit entry short both'],
    market: { bars: [FLAT, [100, 104, 90, 103]], says: 'S.' },
    risk: LIMIT,
    fills: [SOLD, ['close 1', 'stop', 'buys', 10, 104, 0]],
    trades: [['stop-loss', -20]],
    undecided: 0,
  },
  {
    name: 'one tick short of the stop in the bar of the fill is not the stop',
    market: { bars: [FLAT, [100, 100.5, 96.5, 97]], says: 'L.' },
    risk: LIMIT,
    fills: [BOUGHT],
    finalEquity: 9_990,
  },
  {
    name: 'a long’s target does not act in the bar inside which the limit filled, but in the next',
    market: { bars: [FLAT, [100, 110, 97.5, 100], [100, 102.5, 100, 101]], says: 'L..' },
    risk: LIMIT,
    fills: [BOUGHT, ['close 2', 'target', 'sells', 10, 102, 0]],
    trades: [['take-profit', 40]],
  },
  {
    name: 'a short’s target does not act in the bar inside which the limit filled, but in the next',
    market: { bars: [FLAT, [100, 102.5, 90, 100], [100, 100.5, 97.5, 98]], says: 'S..' },
    risk: LIMIT,
    fills: [SOLD, ['close 2', 'target', 'buys', 10, 98, 0]],
    trades: [['take-profit', 40]],
  },
  {
    name: 'filled at the open’s instant, a long’s target acts in that bar',
    market: { bars: [FLAT, [97, 102.5, 96.5, 102]], says: 'L.' },
    risk: LIMIT,
    fills: [BOUGHT_AT_OPEN, ['close 1', 'target', 'sells', 10, 102, 0]],
    trades: [['take-profit', 40]],
  },
  {
    name: 'filled at the open’s instant, a long’s stop and target in that bar are undecided: the stop',
    cells: ['limit entry long both'],
    market: { bars: [FLAT, [97, 102.5, 96, 100]], says: 'L.' },
    risk: LIMIT,
    fills: [BOUGHT_AT_OPEN, ['close 1', 'stop', 'sells', 10, 96, 0]],
    trades: [['stop-loss', -20]],
    undecided: 1,
  },
  {
    name: 'optimistic policy: filled at the open’s instant, a short’s stop and target in that bar are the target',
    cells: ['limit entry short both'],
    market: { bars: [FLAT, [103, 104, 97.5, 100]], says: 'S.' },
    risk: LIMIT,
    policies: { undecided: 'optimistic' },
    fills: [SOLD_AT_OPEN, ['close 1', 'target', 'buys', 10, 98, 0]],
    trades: [['take-profit', 40]],
    undecided: 1,
  },
  {
    name: 'an open beyond a long’s limit and its stop is both, at one open',
    cells: ['limit entry long gap', 'limit entry long both'],
    market: { bars: [FLAT, [95, 97, 94, 96]], says: 'L.' },
    risk: LIMIT,
    fills: [BOUGHT_AT_OPEN, ['open 1', 'stop', 'sells', 10, 95, 0]],
    trades: [['stop-loss', -30]],
    undecided: 0,
  },
  {
    name: 'an open beyond a short’s limit and its stop is both, at one open',
    cells: ['limit entry short gap', 'limit entry short both'],
    market: { bars: [FLAT, [105, 106, 103, 104]], says: 'S.' },
    risk: LIMIT,
    fills: [SOLD_AT_OPEN, ['open 1', 'stop', 'buys', 10, 105, 0]],
    trades: [['stop-loss', -30]],
    undecided: 0,
  },
  {
    name: 'open-price policy: bought at an open of 95 the stop is 93, and stands',
    market: { bars: [FLAT, [95, 97, 93.5, 96]], says: 'L.' },
    risk: LIMIT,
    policies: { targetGap: 'open-price' },
    fills: [['open 1', 'entry', 'buys', 10, 95, 0]],
    finalEquity: 10_010,
  },
  {
    name: 'after a fill inside the bar a long’s trailing stop follows its close, not its high',
    // from the fill 98 · 0.98 = 96.04 → 96; at the close of 99 → 97.02 → 97; the high of 110 would have been 107.5
    market: { bars: [FLAT, [100, 110, 97.5, 99], [99, 99, 97.5, 98], [98, 98.5, 97, 97.5]], says: 'L...' },
    risk: { ...LIMIT, riskPerTrade: 0.005, stop: percentStop(0.05), trailing: percentTrail(0.02), target: noTarget() }, // prettier-ignore
    fills: [BOUGHT, ['close 3', 'stop', 'sells', 10, 97, 0]],
    trades: [['trailing-stop', -10]],
  },
  {
    name: 'after a fill inside the bar a short’s trailing stop follows its close, not its low',
    // from the fill 102 · 1.02 = 104.04 → 104.5; at the close of 101 → 103.02 → 103.5; the low of 90 would have been 92
    market: { bars: [FLAT, [100, 102.5, 90, 101], [101, 103.5, 101, 102]], says: 'S..' },
    risk: { ...LIMIT, riskPerTrade: 0.005, stop: percentStop(0.05), trailing: percentTrail(0.02), target: noTarget() }, // prettier-ignore
    fills: [SOLD, ['close 2', 'stop', 'buys', 10, 103.5, 0]],
    trades: [['trailing-stop', -15]],
  },
  {
    name: 'a time exit counts from the bar of the fill, not of the decision',
    market: { bars: [FLAT, QUIET, DIP, [99, 99, 99, 99], [100, 100, 100, 100]], says: 'L....' },
    risk: { ...LIMIT_3_BARS, timeExitBars: 1 },
    fills: [
      ['close 2', 'entry', 'buys', 10, 98, 0],
      ['open 4', 'exit', 'sells', 10, 100, 0],
    ],
    trades: [['time', 20]],
  },
  {
    name: 'an exit signal at the close of the bar of the fill goes at the next open',
    market: { bars: [FLAT, DIP, [99, 99, 99, 99]], says: 'Ll.' },
    risk: LIMIT_3_BARS,
    fills: [BOUGHT, ['open 2', 'exit', 'sells', 10, 99, 0]],
    trades: [['signal', 10]],
    blocked: { withdrawn: 0 },
  },

  // How long it rests
  {
    name: 'by default it rests for one bar: the next one’s dip comes too late',
    market: { bars: [FLAT, QUIET, DIP], says: 'L..' },
    risk: LIMIT,
    fills: [],
    blocked: { unfilled: 1 },
  },
  {
    name: 'with a life of three bars it fills in the third',
    market: { bars: [FLAT, QUIET, QUIET, DIP], says: 'L...' },
    risk: LIMIT_3_BARS,
    fills: [['close 3', 'entry', 'buys', 10, 98, 0]],
    blocked: { unfilled: 0 },
  },
  {
    name: 'with a life of three bars it does not fill in the fourth',
    market: { bars: [FLAT, QUIET, QUIET, QUIET, DIP], says: 'L....' },
    risk: LIMIT_3_BARS,
    fills: [],
    blocked: { unfilled: 1 },
  },
  {
    name: 'same-close policy: a limit never fills in the bar at whose close it was decided, but in the next',
    market: { bars: [[100, 101, 90, 100], DIP], says: 'L.' }, // prettier-ignore
    risk: LIMIT,
    policies: { fillAt: 'same-close' },
    fills: [BOUGHT],
  },
  {
    name: 'a missing bar takes the life of one bar with it: the bar after it opens too late',
    market: { bars: [FLAT, null, DIP], says: 'L .' },
    risk: LIMIT,
    fills: [],
    blocked: { unfilled: 1, stale: 0 },
  },
  {
    name: 'missing bars inside a longer life do not make it old: it fills in the bar that opens within it',
    // decided at hour 1, lives for bars that open before hour 4
    market: { bars: [FLAT, null, null, DIP], says: 'L  .' },
    risk: LIMIT_3_BARS,
    fills: [['close 3', 'entry', 'buys', 10, 98, 0]],
    blocked: { unfilled: 0, stale: 0 },
    flags: ['bars-missing'],
  },
  {
    name: 'a bar that opens at the very end of the life is one too late',
    // decided at hour 1, lives for bars that open before hour 4; the bar at hour 4 gaps through it
    market: { bars: [FLAT, QUIET, null, null, [97, 98, 96, 97]], says: 'L.  .' },
    risk: LIMIT_3_BARS,
    fills: [],
    blocked: { unfilled: 1 },
  },
  {
    name: 'once it is over, the same close decides a new one, from that close',
    // 99 − 1.98 = 97.02 → 97; 20 / 1.98 = 10.1 → 10 lots
    market: {
      bars: [FLAT, [100, 100, 98.5, 99], [99, 99, 96.5, 97]],
      says: 'LL.',
      instrument: { lotSize: 1 },
    },
    risk: LIMIT,
    fills: [['close 2', 'entry', 'buys', 10, 97, 0]],
    blocked: { unfilled: 1, 'in-position': 0 },
    entryOrders: 2,
  },
  {
    name: 'while it rests, further entry signals are for a position that is already on its way',
    market: { bars: [FLAT, QUIET, QUIET, DIP], says: 'LLL.' },
    risk: LIMIT_3_BARS,
    fills: [['close 3', 'entry', 'buys', 10, 98, 0]],
    blocked: { 'in-position': 2 },
    entryOrders: 1,
  },
  {
    name: 'what still rests after the last bar ends with the data',
    market: { bars: [FLAT, QUIET], says: 'L.' },
    risk: LIMIT_3_BARS,
    policies: { endOfData: 'close' },
    fills: [],
    blocked: { 'end-of-data': 1, unfilled: 0 },
  },

  // What withdraws it
  {
    name: 'an exit signal withdraws a long’s limit',
    market: { bars: [FLAT, QUIET, DIP], says: 'Ll.' },
    risk: LIMIT_3_BARS,
    fills: [],
    blocked: { withdrawn: 1, unfilled: 0 },
  },
  {
    name: 'an exit signal withdraws a short’s limit',
    market: { bars: [FLAT, QUIET, PEAK], says: 'Ss.' },
    risk: LIMIT_3_BARS,
    fills: [],
    blocked: { withdrawn: 1, unfilled: 0 },
  },
  {
    name: 'the other side’s exit signal withdraws nothing',
    market: { bars: [FLAT, QUIET, DIP], says: 'Ls.' },
    risk: LIMIT_3_BARS,
    fills: [['close 2', 'entry', 'buys', 10, 98, 0]],
    blocked: { withdrawn: 0 },
  },
  {
    name: 'the opposite entry signal withdraws a long’s limit and sends its own',
    // the second bar meets both prices
    market: { bars: [FLAT, QUIET, [100, 102.5, 97, 99]], says: 'LS.' },
    risk: LIMIT_3_BARS,
    fills: [['close 2', 'entry', 'sells', 10, 102, 0]],
    blocked: { withdrawn: 1, 'in-position': 0 },
    entryOrders: 2,
    finalEquity: 10_030,
  },
  {
    name: 'the opposite entry signal withdraws a short’s limit and sends its own',
    market: { bars: [FLAT, QUIET, [100, 103, 97.5, 101]], says: 'SL.' },
    risk: LIMIT_3_BARS,
    fills: [['close 2', 'entry', 'buys', 10, 98, 0]],
    blocked: { withdrawn: 1 },
    entryOrders: 2,
    finalEquity: 10_030,
  },
  {
    name: 'both entry signals at once withdraw nothing and decide nothing',
    market: { bars: [FLAT, QUIET, DIP], says: 'LB.' },
    risk: LIMIT_3_BARS,
    fills: [['close 2', 'entry', 'buys', 10, 98, 0]],
    blocked: { withdrawn: 0, 'long-and-short': 1 },
  },
  {
    name: 'entry and exit of its own side at once withdraw it and send no other',
    market: { bars: [FLAT, QUIET, DIP], says: 'LX.' },
    risk: LIMIT_3_BARS,
    fills: [],
    blocked: { withdrawn: 1, 'exit-on-same-bar': 1 },
    entryOrders: 1,
  },
  {
    name: 'a bar whose signal is unknown withdraws nothing',
    market: { bars: [FLAT, QUIET, DIP], says: 'L?.' },
    risk: LIMIT_3_BARS,
    fills: [['close 2', 'entry', 'buys', 10, 98, 0]],
    blocked: { withdrawn: 0 },
  },
  {
    name: 'an exit signal at the close that would have been its end anyhow counts as withdrawn',
    market: { bars: [FLAT, QUIET], says: 'Ll' },
    risk: LIMIT,
    fills: [],
    blocked: { withdrawn: 1, unfilled: 0 },
  },
  {
    name: 'a halt for the day’s loss withdraws what rests',
    // A: half the cash, 62.5 at 80; at a close of 71 it has lost 562.5 of 10,000. B would have filled in bar 3.
    market: [
      { id: 'test:A', bars: [FLAT, [100, 100, 79, 80], [80, 80, 71, 71], [71, 71, 71, 71]], says: 'L...' },
      { id: 'test:B', bars: [FLAT, QUIET, QUIET, [100, 100, 79, 80]], says: 'L...' },
    ],
    risk: { ...BARE, entry: limitEntry(0.2, 3), sizing: cashFraction(0.5) },
    fills: [['close 1', 'entry', 'buys', 62.5, 80, 0, 'test:A']],
    blocked: { withdrawn: 1 },
    entryOrders: 2,
  },

  // The account
  {
    name: 'resting, it takes the last slot',
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, QUIET], says: 'L..' },
      { id: 'test:B', bars: [FLAT, QUIET, DIP], says: '.L.' },
    ],
    risk: { ...LIMIT_3_BARS, maxPositions: 1 },
    fills: [],
    blocked: { 'max-positions': 1 },
    entryOrders: 1,
  },
  {
    name: 'at the close at which it is over, its slot and its money are there for others',
    // 10,000 / 80 = 125. The one that decides is listed, and named, before the one that is over.
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, [100, 100, 79, 80]], says: '.L.' },
      { id: 'test:B', bars: [FLAT, QUIET, QUIET], says: 'L..' },
    ],
    risk: { ...BARE, sizing: cashFraction(1), maxPositions: 1 },
    fills: [['close 2', 'entry', 'buys', 125, 80, 0, 'test:A']],
    blocked: { unfilled: 1, 'max-positions': 0, 'no-capital': 0 },
    entryOrders: 2,
  },
  {
    name: 'resting, it reserves its quantity at its own price',
    // A: 6,000 / 80 = 75 units; B has the 4,000 that are left: 50 units
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, QUIET], says: 'L..' },
      { id: 'test:B', bars: [FLAT, QUIET, [100, 100, 79.5, 80]], says: '.L.' },
    ],
    risk: { maxPosition: 0.6, entry: limitEntry(0.2, 3) },
    fills: [['close 2', 'entry', 'buys', 50, 80, 0, 'test:B']],
    entryOrders: 2,
  },
  {
    name: 'a short that rests reserves its quantity at its own price too',
    // A: 6,000 / 120 = 50 units; B has 4,000: 33.33 → 33 lots
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, QUIET], says: 'S..' },
      { id: 'test:B', bars: [FLAT, QUIET, [100, 120.5, 100, 119]], says: '.S.', instrument: { lotSize: 1 } },
    ],
    risk: { maxPosition: 0.6, entry: limitEntry(0.2, 3) },
    fills: [['close 2', 'entry', 'sells', 33, 120, 0, 'test:B']],
    entryOrders: 2,
  },
  {
    name: 'what it reserves holds the taker fee: a maker’s is not promised',
    // A: 75 · 80 · 1.25 = 7,500; B: 2,500 / 1.25 / 80 = 25, which fills as maker
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, QUIET], says: 'L..', instrument: { takerFee: 0.25 } },
      {
        id: 'test:B',
        bars: [FLAT, QUIET, [100, 100, 79.5, 80]],
        says: '.L.',
        instrument: { takerFee: 0.25 },
      },
    ],
    risk: { maxPosition: 0.6, entry: limitEntry(0.2, 3) },
    fills: [['close 2', 'entry', 'buys', 25, 80, 0, 'test:B']],
  },
  {
    name: 'just before the fill it is cut to what can still be paid',
    // 5,000 each, 62.5 at 80. A pays 0.1 · 80 · 62.5 = 500 of funding: B has 10,000 − 5,000 − 500 = 4,500 → 56.25
    market: [
      { id: 'test:A', bars: [FLAT, [100, 100, 79, 80], [80, 80, 80, 80]], says: 'L..', funding: [[2, 0.1, 80]] }, // prettier-ignore
      { id: 'test:B', bars: [FLAT, QUIET, [100, 100, 79, 80]], says: 'L..' },
    ],
    risk: {
      entry: limitEntry(0.2, 2),
      maxPosition: 0.5,
      stop: percentStop(0.5),
      riskPerTrade: 0.5,
      dailyLossLimit: 0,
    },
    fills: [
      ['close 1', 'entry', 'buys', 62.5, 80, 0, 'test:A'],
      ['close 2', 'entry', 'buys', 56.25, 80, 0, 'test:B'],
    ],
    funding: -500,
  },
  {
    name: 'two that fill inside one bar go in the order of their ranks',
    market: [
      { id: 'test:A', bars: [FLAT, DIP], says: 'L.', score: [0.8, 0.5] },
      { id: 'test:B', bars: [FLAT, DIP], says: 'L.', score: [0.9, 0.5] },
    ],
    risk: LIMIT,
    fills: [
      ['close 1', 'entry', 'buys', 10, 98, 0, 'test:B'],
      ['close 1', 'entry', 'buys', 10, 98, 0, 'test:A'],
    ],
  },
  {
    name: 'inside one bar what is held is stopped out before others are bought, however the run lists them',
    market: [
      { id: 'test:B', bars: [FLAT, QUIET, DIP], says: 'L..' },
      { id: 'test:A', bars: [FLAT, DIP, [99, 99, 96, 97]], says: 'L..' },
    ],
    risk: LIMIT_3_BARS,
    fills: [
      ['close 1', 'entry', 'buys', 10, 98, 0, 'test:A'],
      ['close 2', 'stop', 'sells', 10, 96, 0, 'test:A'],
      ['close 2', 'entry', 'buys', 10, 98, 0, 'test:B'],
    ],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'each that fills inside a bar is followed at once by its own stop',
    market: [
      { id: 'test:A', bars: [FLAT, [100, 100, 96, 97]], says: 'L.' },
      { id: 'test:B', bars: [FLAT, [100, 100, 96, 97]], says: 'L.' },
    ],
    risk: LIMIT,
    fills: [
      ['close 1', 'entry', 'buys', 10, 98, 0, 'test:A'],
      ['close 1', 'stop', 'sells', 10, 96, 0, 'test:A'],
      ['close 1', 'entry', 'buys', 10, 98, 0, 'test:B'],
      ['close 1', 'stop', 'sells', 10, 96, 0, 'test:B'],
    ],
    trades: [
      ['stop-loss', -20],
      ['stop-loss', -20],
    ],
  },

  // Size and price at the decision
  {
    name: 'the largest position is taken at the limit’s price, for a long and for a short',
    // 1,000 / 80 = 12.5; 1,000 / 120 = 8.3 → 8 lots (at the close of 100 either would be 10). Stop 2 away: risk allows 100.
    market: [
      { id: 'test:A', bars: [FLAT, [100, 100, 79.5, 90]], says: 'L.' },
      { id: 'test:B', bars: [FLAT, [100, 120.5, 100, 110]], says: 'S.', instrument: { lotSize: 1 } },
    ],
    risk: { entry: limitEntry(0.2) },
    fills: [
      ['close 1', 'entry', 'buys', 12.5, 80, 0, 'test:A'],
      ['close 1', 'entry', 'sells', 8, 120, 0, 'test:B'],
    ],
  },
  {
    name: 'the minimum notional is measured at the limit’s price',
    // long 10 · 98 = 980, short 10 · 102 = 1,020
    market: [
      { id: 'test:A', bars: [FLAT, DIP], says: 'L.', instrument: { minNotional: 1_000 } },
      { id: 'test:B', bars: [FLAT, PEAK], says: 'S.', instrument: { minNotional: 1_000 } },
    ],
    risk: LIMIT,
    fills: [['close 1', 'entry', 'sells', 10, 102, 0, 'test:B']],
    blocked: { 'min-notional': 1 },
    entryOrders: 1,
  },
  {
    name: 'a stop that would lie below zero from the limit’s price is no stop',
    // 90 away: from 80 below zero, from 120 at 210
    market: [
      { id: 'test:A', bars: [FLAT, QUIET], says: 'L.' },
      { id: 'test:B', bars: [FLAT, QUIET], says: 'S.' },
    ],
    risk: { entry: limitEntry(0.2), stop: percentStop(0.9) },
    fills: [],
    blocked: { 'no-stop': 1, unfilled: 1 },
    entryOrders: 1,
  },
  {
    name: 'no limit without a distance, or with a price of zero',
    // 2 · NaN; 2 · 50 = the close; 2 · 0
    market: { bars: [FLAT, QUIET, QUIET, QUIET], says: 'LLL.', atr: [NaN, 50, 0, 1] },
    risk: { ...TEN, entry: atrLimitEntry(2) },
    fills: [],
    blocked: { 'no-price': 3, 'no-stop': 0 },
    entryOrders: 0,
  },
  {
    name: 'a limit by the average range stands where the decision knew it to',
    // 100 − 2 · 1.5 = 97: a low of 97 touches, 96.5 is through; the later range of 9 changes nothing
    market: { bars: [FLAT, [100, 101, 97, 99], [99, 99, 96.5, 98]], says: 'L..', atr: [1.5, 9, 9] },
    risk: { ...TEN, entry: atrLimitEntry(2, 2) },
    fills: [['close 2', 'entry', 'buys', 10, 97, 0]],
  },
  {
    name: 'stop and target stand at the distances of the decision’s close from the fill',
    // 98 − 2 = 96, 98 + 4 = 102: 101.5 and 96.5 meet neither
    market: { bars: [FLAT, DIP, [99, 102, 96.5, 99], [99, 102.5, 98, 102]], says: 'L...' },
    risk: LIMIT,
    fills: [BOUGHT, ['close 3', 'target', 'sells', 10, 102, 0]],
    trades: [['take-profit', 40]],
  },

  // Turning around
  {
    name: 'a reversal sells at the next open and lets the new side’s limit rest',
    // decided at 100: exit at the open of bar 2, limit of 102 inside it; equity 10,020 → 10.02 → 10 lots
    market: { bars: [FLAT, [100, 100.5, 97.5, 100], PEAK], says: 'LS.', instrument: { lotSize: 1 } },
    risk: { ...LIMIT, reversal: true },
    fills: [BOUGHT, ['open 2', 'exit', 'sells', 10, 100, 0], ['close 2', 'entry', 'sells', 10, 102, 0]],
    trades: [['signal', 20]],
    finalEquity: 10_030,
  },
  {
    name: 'a reversal whose limit is not met has sold all the same',
    market: { bars: [FLAT, [100, 100.5, 97.5, 100], [100, 102, 99, 101]], says: 'LS.' },
    risk: { ...LIMIT, reversal: true },
    fills: [BOUGHT, ['open 2', 'exit', 'sells', 10, 100, 0]],
    trades: [['signal', 20]],
    blocked: { unfilled: 1 },
  },
  {
    name: 'a reversal whose open is beyond the new limit is an exit and an entry at one open',
    // the long’s own target is 102, and its exit goes first, at 103
    market: {
      bars: [FLAT, [100, 100.5, 97.5, 100], [103, 103.5, 101, 102]],
      says: 'LS.',
      instrument: { lotSize: 1 },
    },
    risk: { ...LIMIT, reversal: true },
    fills: [BOUGHT, ['open 2', 'exit', 'sells', 10, 103, 0], ['open 2', 'entry', 'sells', 10, 102, 0]],
    trades: [['signal', 50]],
  },

  // Funding
  {
    name: 'inside the bar of its fill a long has seen the settlements from the last one back that cost it most',
    // back from the last: 1, then 1 − 10 = −9, then −9 + 4 = −5: the worst is to have come before the last alone
    market: {
      bars: [FLAT, DIP],
      says: 'L.',
      funding: [[1.2, 0.004, 100], [1.4, -0.01, 100], [1.6, 0.001, 100]], // prettier-ignore
    },
    risk: LIMIT,
    fills: [BOUGHT],
    funding: -1,
  },
  {
    name: 'inside the bar of its fill a short has seen the settlements from the last one back that cost it most',
    // back from the last: −4, then −4 + 10 = 6
    market: {
      bars: [FLAT, PEAK],
      says: 'S.',
      funding: [[1.2, -0.01, 100], [1.6, 0.004, 100]], // prettier-ignore
    },
    risk: LIMIT,
    fills: [SOLD],
    funding: -6,
  },
  {
    name: 'a settlement inside the bar of the fill that would pay was before it',
    market: { bars: [FLAT, DIP], says: 'L.', funding: [[1.5, -0.01, 100]] },
    risk: LIMIT,
    fills: [BOUGHT],
    funding: 0,
  },
  {
    name: 'the settlement at the open of the bar inside which it fills is not its',
    market: { bars: [FLAT, DIP, QUIET], says: 'L..', funding: [[1, 0.01, 100], [2, 0.01, 100]] }, // prettier-ignore
    risk: LIMIT,
    fills: [BOUGHT],
    funding: -10,
  },
  {
    name: 'filled at the open’s instant it pays what is settled there where that costs',
    market: { bars: [FLAT, [97, 98, 96.5, 97.5]], says: 'L.', funding: [[1, 0.01, 100]] },
    risk: LIMIT,
    fills: [BOUGHT_AT_OPEN],
    funding: -10,
  },
  {
    name: 'filled at the open’s instant it never receives what is settled there',
    market: { bars: [FLAT, [97, 98, 96.5, 97.5]], says: 'L.', funding: [[1, -0.01, 100]] },
    risk: LIMIT,
    fills: [BOUGHT_AT_OPEN],
    funding: 0,
  },
  {
    name: 'a settlement without a rate inside the bar of the fill counts as held over',
    market: { bars: [FLAT, DIP], says: 'L.', funding: [[1.5, NaN, 100]] },
    risk: LIMIT,
    fills: [],
    fails: 'test:A was held over a funding settlement whose rate was not recorded',
  },
]
