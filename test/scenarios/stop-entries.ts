import { atrStopEntry, cashFraction, noStop, noTarget, percentStop, percentTrail, stopEntry } from '../../src/risk/settings.js' // prettier-ignore
import type { Row, Scenario } from './scenario.js'

const FLAT: Row = [100, 100, 100, 100]
const QUIET: Row = [100, 101, 99, 100]
/** Touches a trigger of 102 from above a stop of 100, or one of 98 from below it. */
const UP: Row = [101, 102, 101, 101.5]
const DOWN: Row = [99, 99, 98, 98.5]

/** 20 of the 10,000 at risk over a stop 2 away: 10 units at any price. Bought at 102 (stop 100, target 106) or sold at 98 (100, 94). */
const TEN = { riskPerTrade: 0.002, maxPosition: 0.5 }
const STOP = { ...TEN, entry: stopEntry(0.02) }
const STOP_3_BARS = { ...TEN, entry: stopEntry(0.02, 3) }
/** By cash, 25 % beyond the close: nothing protects the position. */
const BARE = { stop: noStop(), target: noTarget(), entry: stopEntry(0.25) }

const BOUGHT = ['close 1', 'entry', 'buys', 10, 102, 0] as const
const SOLD = ['close 1', 'entry', 'sells', 10, 98, 0] as const

/** Entries that wait for the price to move on, as takers: 2 % beyond the close they were decided on. */
export const STOP_ENTRIES: readonly Scenario[] = [
  {
    name: 'a long’s stop entry triggers at a touch and fills at its trigger, inside the bar',
    cells: ['stop entry long touch'],
    market: { bars: [FLAT, UP], says: 'L.' },
    risk: STOP,
    fills: [BOUGHT],
    blocked: { unfilled: 0 },
    entryOrders: 1,
    finalEquity: 9_995,
  },
  {
    name: 'a short’s stop entry triggers at a touch and fills at its trigger, inside the bar',
    cells: ['stop entry short touch'],
    market: { bars: [FLAT, DOWN], says: 'S.' },
    risk: STOP,
    fills: [SOLD],
    finalEquity: 9_995,
  },
  {
    name: 'one tick short of a stop entry’s trigger is not the trigger',
    market: { bars: [FLAT, [100.5, 101.5, 98.5, 101]], says: 'L.' },
    risk: STOP,
    fills: [],
    blocked: { unfilled: 1 },
    entryOrders: 1,
  },
  {
    name: 'a long’s stop entry that is traded through fills at its trigger',
    cells: ['stop entry long through'],
    market: { bars: [FLAT, [101, 104, 100.5, 103]], says: 'L.' },
    risk: STOP,
    fills: [BOUGHT],
    finalEquity: 10_010,
  },
  {
    name: 'a short’s stop entry that is traded through fills at its trigger',
    cells: ['stop entry short through'],
    market: { bars: [FLAT, [99, 99.5, 96, 97]], says: 'S.' },
    risk: STOP,
    fills: [SOLD],
    finalEquity: 10_010,
  },
  {
    name: 'an open beyond a long’s trigger fills at that open',
    cells: ['stop entry long gap'],
    // its stop is 101
    market: { bars: [FLAT, [103, 104, 101.5, 103.5]], says: 'L.' },
    risk: STOP,
    fills: [['open 1', 'entry', 'buys', 10, 103, 0]],
    finalEquity: 10_005,
  },
  {
    name: 'an open beyond a short’s trigger fills at that open',
    cells: ['stop entry short gap'],
    market: { bars: [FLAT, [97, 98.5, 96, 96.5]], says: 'S.' },
    risk: STOP,
    fills: [['open 1', 'entry', 'sells', 10, 97, 0]],
    finalEquity: 10_005,
  },
  {
    name: 'an open exactly at a long’s trigger fills at that instant',
    cells: ['stop entry long touch'],
    market: { bars: [FLAT, [102, 103, 101, 102]], says: 'L.' },
    risk: STOP,
    fills: [['open 1', 'entry', 'buys', 10, 102, 0]],
  },
  {
    name: 'an open exactly at a short’s trigger fills at that instant',
    cells: ['stop entry short touch'],
    market: { bars: [FLAT, [98, 99, 97, 98]], says: 'S.' },
    risk: STOP,
    fills: [['open 1', 'entry', 'sells', 10, 98, 0]],
  },
  {
    name: 'inside the bar it slips above its trigger and pays the taker fee',
    // 102 · 1.001 = 102.102 → 102.5; 10 · 102.5 · 0.001 = 1.025; lost to slippage 10 · 0.5. Its stop is 100.5.
    market: { bars: [FLAT, UP], says: 'L.', instrument: { takerFee: 0.001, makerFee: 0.5 } },
    risk: STOP,
    slippageBps: 10,
    fills: [['close 1', 'entry', 'buys', 10, 102.5, 1.025]],
    slippage: 5,
  },
  {
    name: 'inside the bar it slips below its trigger and pays the taker fee',
    // 98 · 0.999 = 97.902 → 97.5; 10 · 97.5 · 0.001
    market: { bars: [FLAT, DOWN], says: 'S.', instrument: { takerFee: 0.001, makerFee: 0.5 } },
    risk: STOP,
    slippageBps: 10,
    fills: [['close 1', 'entry', 'sells', 10, 97.5, 0.975]],
    slippage: 5,
  },
  {
    name: 'behind a gap it slips from the open',
    // 103 · 1.001 = 103.103 → 103.5; 10 · 103.5 · 0.001. Its stop is 101.5.
    market: { bars: [FLAT, [103, 104, 102, 103]], says: 'L.', instrument: { takerFee: 0.001, makerFee: 0.5 } }, // prettier-ignore
    risk: STOP,
    slippageBps: 10,
    fills: [['open 1', 'entry', 'buys', 10, 103.5, 1.035]],
  },
  {
    name: 'a long’s trigger is rounded up to the tick',
    // 101 + 2.02 = 103.02 → 103.5; 20 / 2.02 = 9.9 → 9 lots; its stop 103.5 − 2.02 = 101.48 → 101
    market: {
      bars: [[101, 101, 101, 101], [101, 103, 101, 102.5], [102.5, 103.5, 101.5, 103]], // prettier-ignore
      says: 'L..',
      instrument: { lotSize: 1 },
    },
    risk: STOP_3_BARS,
    fills: [['close 2', 'entry', 'buys', 9, 103.5, 0]],
  },
  {
    name: 'a short’s trigger is rounded down to the tick',
    // 101 − 2.02 = 98.98 → 98.5; its stop 98.5 + 2.02 = 100.52 → 101
    market: {
      bars: [[101, 101, 101, 101], [101, 101, 99, 99.5], [99.5, 100.5, 98.5, 99]], // prettier-ignore
      says: 'S..',
      instrument: { lotSize: 1 },
    },
    risk: STOP_3_BARS,
    fills: [['close 2', 'entry', 'sells', 9, 98.5, 0]],
  },

  // The bar of the fill
  {
    name: 'a long’s trigger and its stop in one bar are undecided: stopped out',
    cells: ['stop entry long both'],
    market: { bars: [FLAT, [101, 102.5, 100, 101]], says: 'L.' },
    risk: STOP,
    fills: [BOUGHT, ['close 1', 'stop', 'sells', 10, 100, 0]],
    trades: [['stop-loss', -20]],
    undecided: 1,
  },
  {
    name: 'a short’s trigger and its stop in one bar are undecided: stopped out',
    cells: ['stop entry short both'],
    market: { bars: [FLAT, [99, 100, 97.5, 99]], says: 'S.' },
    risk: STOP,
    fills: [SOLD, ['close 1', 'stop', 'buys', 10, 100, 0]],
    trades: [['stop-loss', -20]],
    undecided: 1,
  },
  {
    name: 'optimistic policy: a long’s trigger and its stop in one bar leave it held, to be stopped out in the next',
    cells: ['stop entry long both'],
    market: { bars: [FLAT, [101, 102.5, 100, 101], [101, 101, 100, 100.5]], says: 'L..' },
    risk: STOP,
    policies: { undecided: 'optimistic' },
    fills: [BOUGHT, ['close 2', 'stop', 'sells', 10, 100, 0]],
    trades: [['stop-loss', -20]],
    undecided: 0,
  },
  {
    name: 'optimistic policy: a short’s trigger and its stop in one bar leave it held',
    cells: ['stop entry short both'],
    market: { bars: [FLAT, [99, 100, 97.5, 99]], says: 'S.' },
    risk: STOP,
    policies: { undecided: 'optimistic' },
    fills: [SOLD],
    undecided: 0,
    finalEquity: 9_990,
  },
  {
    name: 'an open on the far side of the stop decides nothing: the stop fills at its own price',
    // the position came after the open of 99, so it cannot have been stopped out there
    market: { bars: [FLAT, [99, 102, 98.5, 101]], says: 'L.' },
    risk: STOP,
    fills: [BOUGHT, ['close 1', 'stop', 'sells', 10, 100, 0]],
    trades: [['stop-loss', -20]],
    undecided: 1,
  },
  {
    name: 'the stop in the bar of the fill slips and pays as any stop',
    // bought at 102.5, stop 100.5 · 0.999 = 100.3995 → 100; fees 10.25 and 10; −25 − 20.25
    market: { bars: [FLAT, [101, 102, 100.5, 101]], says: 'L.', instrument: { takerFee: 0.01 } },
    risk: STOP,
    slippageBps: 10,
    fills: [
      ['close 1', 'entry', 'buys', 10, 102.5, 10.25],
      ['close 1', 'stop', 'sells', 10, 100, 10],
    ],
    trades: [['stop-loss', -45.25]],
    undecided: 1,
  },
  {
    name: 'filled at the open’s instant, the stop in that bar is decided',
    market: { bars: [FLAT, [103, 104, 101, 102]], says: 'L.' },
    risk: STOP,
    fills: [
      ['open 1', 'entry', 'buys', 10, 103, 0],
      ['close 1', 'stop', 'sells', 10, 101, 0],
    ],
    trades: [['stop-loss', -20]],
    undecided: 0,
  },
  {
    name: 'filled at the open’s instant, the target acts in that bar',
    // 103 + 4 = 107
    market: { bars: [FLAT, [103, 107.5, 102, 107]], says: 'L.' },
    risk: STOP,
    fills: [
      ['open 1', 'entry', 'buys', 10, 103, 0],
      ['close 1', 'target', 'sells', 10, 107, 0],
    ],
    trades: [['take-profit', 40]],
  },
  {
    name: 'filled at the open’s instant, a short’s stop and target in that bar are undecided: the stop',
    cells: ['stop entry short both'],
    // sold at 97: stop 99, target 93
    market: { bars: [FLAT, [97, 99, 92.5, 98]], says: 'S.' },
    risk: STOP,
    fills: [
      ['open 1', 'entry', 'sells', 10, 97, 0],
      ['close 1', 'stop', 'buys', 10, 99, 0],
    ],
    trades: [['stop-loss', -20]],
    undecided: 1,
  },
  {
    name: 'a long’s target does not act in the bar inside which the trigger was, but at the next open',
    // 106, passed by the next open
    market: { bars: [FLAT, [101, 110, 101, 109], [109, 110, 108, 109]], says: 'L..' },
    risk: STOP,
    fills: [BOUGHT, ['open 2', 'target', 'sells', 10, 106, 0]],
    trades: [['take-profit', 40]],
  },
  {
    name: 'a short’s target does not act in the bar inside which the trigger was, but in the next',
    // 94
    market: { bars: [FLAT, [99, 99, 90, 95], [95, 96, 93.5, 95]], says: 'S..' },
    risk: STOP,
    fills: [SOLD, ['close 2', 'target', 'buys', 10, 94, 0]],
    trades: [['take-profit', 40]],
  },
  {
    name: 'after a trigger inside the bar the trailing stop follows its close, not its high',
    // from the fill 102 · 0.98 = 99.96 → 99.5; at the close of 103 → 100.94 → 100.5; the high of 110 would have been 107.5
    market: {
      bars: [FLAT, [101, 110, 101, 103], [103, 103, 101, 102], [102, 102, 100.5, 101]],
      says: 'L...',
    },
    risk: { ...STOP, riskPerTrade: 0.005, stop: percentStop(0.05), trailing: percentTrail(0.02), target: noTarget() }, // prettier-ignore
    fills: [BOUGHT, ['close 3', 'stop', 'sells', 10, 100.5, 0]],
    trades: [['trailing-stop', -15]],
  },

  // How long it rests
  {
    name: 'by default a stop entry rests for one bar',
    market: { bars: [FLAT, QUIET, UP], says: 'L..' },
    risk: STOP,
    fills: [],
    blocked: { unfilled: 1 },
  },
  {
    name: 'a stop entry with a life of three bars triggers in the third',
    market: { bars: [FLAT, QUIET, QUIET, DOWN], says: 'S...' },
    risk: STOP_3_BARS,
    fills: [['close 3', 'entry', 'sells', 10, 98, 0]],
  },
  {
    name: 'a stop entry with a life of three bars does not trigger in the fourth',
    market: { bars: [FLAT, QUIET, QUIET, QUIET, DOWN], says: 'S....' },
    risk: STOP_3_BARS,
    fills: [],
    blocked: { unfilled: 1 },
  },
  {
    name: 'same-close policy: the bar at whose close a stop entry was decided does not trigger it',
    market: { bars: [[100, 110, 100, 100], UP], says: 'L.' }, // prettier-ignore
    risk: STOP,
    policies: { fillAt: 'same-close' },
    fills: [BOUGHT],
  },
  {
    name: 'a stop entry is not chased over a missing bar: the bar after it opens too late',
    market: { bars: [FLAT, null, [103, 104, 102, 103]], says: 'L .' },
    risk: STOP,
    fills: [],
    blocked: { unfilled: 1, stale: 0 },
  },
  {
    name: 'an exit signal withdraws a stop entry',
    market: { bars: [FLAT, QUIET, UP], says: 'Ll.' },
    risk: STOP_3_BARS,
    fills: [],
    blocked: { withdrawn: 1, unfilled: 0 },
  },
  {
    name: 'the opposite entry signal withdraws a stop entry and sends its own',
    market: { bars: [FLAT, QUIET, DOWN], says: 'LS.' },
    risk: STOP_3_BARS,
    fills: [['close 2', 'entry', 'sells', 10, 98, 0]],
    blocked: { withdrawn: 1 },
    entryOrders: 2,
  },
  {
    name: 'a halt for the day’s loss withdraws a short’s stop entry',
    // A: half the cash over 75, 66 lots sold; at a close of 83 it has lost 528 of 10,000. B would have filled in bar 3.
    market: [
      { id: 'test:A', bars: [FLAT, [100, 100, 75, 75], [75, 83, 75, 83], [83, 83, 83, 83]], says: 'S...', instrument: { lotSize: 1 } }, // prettier-ignore
      { id: 'test:B', bars: [FLAT, QUIET, QUIET, [100, 100, 75, 80]], says: 'S...' },
    ],
    risk: { ...BARE, entry: stopEntry(0.25, 3), sizing: cashFraction(0.5) },
    fills: [['close 1', 'entry', 'sells', 66, 75, 0, 'test:A']],
    blocked: { withdrawn: 1 },
    entryOrders: 2,
  },

  // Size, price, account
  {
    name: 'it is sized by its trigger, not by the close',
    // 10,000 / 125
    market: { bars: [FLAT, [110, 125, 110, 120]], says: 'L.' },
    risk: { ...BARE, sizing: cashFraction(1) },
    fills: [['close 1', 'entry', 'buys', 80, 125, 0]],
    finalEquity: 9_600,
  },
  {
    name: 'an open far beyond the trigger shrinks it to what can be paid',
    // decided 80 · 125; 10,000 / 160
    market: { bars: [FLAT, [160, 160, 160, 160]], says: 'L.' },
    risk: { ...BARE, sizing: cashFraction(1) },
    fills: [['open 1', 'entry', 'buys', 62.5, 160, 0]],
  },
  {
    name: 'an open so far beyond the trigger that no lot is left gives it up',
    // decided 80 → 50, one lot; 10,000 / 250 = 40
    market: { bars: [FLAT, [250, 250, 250, 250]], says: 'L.', instrument: { lotSize: 50 } },
    risk: { ...BARE, sizing: cashFraction(1) },
    fills: [],
    blocked: { lot: 1, unfilled: 0 },
  },
  {
    name: 'a short’s open far below the trigger does not enlarge it',
    // 10,000 / 75 = 133.3 → 133 lots
    market: { bars: [FLAT, [50, 50, 50, 50]], says: 'S.', instrument: { lotSize: 1 } },
    risk: { ...BARE, sizing: cashFraction(1) },
    fills: [['open 1', 'entry', 'sells', 133, 50, 0]],
  },
  {
    name: 'a stop entry that rests reserves its quantity at its trigger',
    // A: 6,000 / 125 = 48; B has 4,000: 32
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, QUIET], says: 'L..' },
      { id: 'test:B', bars: [FLAT, QUIET, [124, 125, 124, 125]], says: '.L.' },
    ],
    risk: { maxPosition: 0.6, entry: stopEntry(0.25, 3) },
    fills: [['close 2', 'entry', 'buys', 32, 125, 0, 'test:B']],
  },
  {
    name: 'a stop entry that rests takes the last slot',
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, QUIET], says: 'S..' },
      { id: 'test:B', bars: [FLAT, QUIET, UP], says: '.L.' },
    ],
    risk: { ...STOP_3_BARS, maxPositions: 1 },
    fills: [],
    blocked: { 'max-positions': 1 },
    entryOrders: 1,
  },
  {
    name: 'no stop entry without a distance, or with a trigger of zero',
    market: { bars: [FLAT, QUIET, QUIET], says: 'SS.', atr: [NaN, 50, 1] },
    risk: { ...TEN, entry: atrStopEntry(2) },
    fills: [],
    blocked: { 'no-price': 2, 'no-stop': 0 },
    entryOrders: 0,
  },
  {
    name: 'a short’s stop distance is measured against its trigger',
    // 90 away from a trigger of 75, of a close of 100
    market: { bars: [FLAT, QUIET], says: 'S.' },
    risk: { entry: stopEntry(0.25), stop: percentStop(0.9) },
    fills: [],
    blocked: { 'no-stop': 1 },
  },
  {
    name: 'a reversal sells at the next open and lets the new side’s stop entry rest',
    // decided at 102: 102 − 2.04 = 99.96 → 99.5, its stop 101.54 → 102; 20 / 2.04 = 9.8 → 9 lots
    market: {
      bars: [FLAT, [101, 102.5, 101, 102], [101.5, 101.5, 99.5, 100]],
      says: 'LS.',
      instrument: { lotSize: 1 },
    },
    risk: { ...STOP, reversal: true },
    fills: [BOUGHT, ['open 2', 'exit', 'sells', 10, 101.5, 0], ['close 2', 'entry', 'sells', 9, 99.5, 0]],
    trades: [['signal', -5]],
    finalEquity: 9_990.5,
  },

  // Funding
  {
    name: 'a settlement inside the bar of a trigger is paid where it costs',
    market: { bars: [FLAT, UP], says: 'L.', funding: [[1.5, 0.01, 100]] },
    risk: STOP,
    fills: [BOUGHT],
    funding: -10,
  },
  {
    name: 'a settlement inside the bar of a short’s trigger that would pay was before it',
    market: { bars: [FLAT, DOWN], says: 'S.', funding: [[1.5, 0.01, 100]] },
    risk: STOP,
    fills: [SOLD],
    funding: 0,
  },
  {
    name: 'the settlement at the open of the bar inside which it triggers is not its',
    market: { bars: [FLAT, UP], says: 'L.', funding: [[1, 0.01, 100]] },
    risk: STOP,
    fills: [BOUGHT],
    funding: 0,
  },
  {
    name: 'triggered by the open, it pays what is settled there where that costs',
    market: { bars: [FLAT, [97, 98.5, 96, 96.5]], says: 'S.', funding: [[1, -0.01, 100]] },
    risk: STOP,
    fills: [['open 1', 'entry', 'sells', 10, 97, 0]],
    funding: -10,
  },
]
