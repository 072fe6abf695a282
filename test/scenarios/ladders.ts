import {
  cashFraction,
  ladder,
  limitEntry,
  percentTarget,
  percentTrail,
  rewardToRisk,
} from '../../src/risk/settings.js'
import type { Row, Scenario } from './scenario.js'

const FLAT: Row = [100, 100, 100, 100]
const QUIET: Row = [100, 101, 99, 100]
const LONG = ['open 1', 'entry', 'buys', 10, 100, 0] as const
const SHORT = ['open 1', 'entry', 'sells', 10, 100, 0] as const

/** 10 units from 100 (stop 2 away): half at 102 or 98, half at 104 or 96. */
const HALVES = {
  target: ladder({ at: rewardToRisk(1), share: 0.5 }, { at: percentTarget(0.04), share: 0.5 }),
}
/** A quarter at each; half is left to the stop and to signals. */
const QUARTERS = {
  target: ladder({ at: rewardToRisk(1), share: 0.25 }, { at: percentTarget(0.04), share: 0.25 }),
}

/** Ladders: several targets, each for a share of what was entered. */
export const LADDERS: readonly Scenario[] = [
  {
    name: 'a long leaves in two halves, each at its own price as it is traded through',
    cells: ['ladder rung long through'],
    market: { bars: [FLAT, QUIET, [100, 102.5, 99, 102], [102, 104.5, 101, 104]], says: 'L...' },
    risk: HALVES,
    fills: [LONG, ['close 2', 'target', 'sells', 5, 102, 0], ['close 3', 'target', 'sells', 5, 104, 0]],
    trades: [['take-profit', 30, 103]],
    undecided: 0,
  },
  {
    name: 'a short leaves in two halves, each at its own price as it is traded through',
    cells: ['ladder rung short through'],
    market: { bars: [FLAT, QUIET, [100, 101, 97.5, 98], [98, 99, 95.5, 96]], says: 'S...' },
    risk: HALVES,
    fills: [SHORT, ['close 2', 'target', 'buys', 5, 98, 0], ['close 3', 'target', 'buys', 5, 96, 0]],
    trades: [['take-profit', 30, 97]],
  },
  {
    name: 'a long’s rung that is only touched does not fill',
    cells: ['ladder rung long touch'],
    market: { bars: [FLAT, QUIET, [100, 102, 99, 101]], says: 'L..' },
    risk: HALVES,
    fills: [LONG],
    finalEquity: 10_010,
  },
  {
    name: 'a short’s rung that is only touched does not fill, the nearer one that is passed does',
    cells: ['ladder rung short touch'],
    market: { bars: [FLAT, QUIET, [100, 101, 96, 97]], says: 'S..' },
    risk: HALVES,
    fills: [SHORT, ['close 2', 'target', 'buys', 5, 98, 0]],
    // 5 · 2 and 5 · 3
    finalEquity: 10_025,
  },
  {
    name: 'touch policy: a touch fills a rung',
    cells: ['ladder rung long touch'],
    market: { bars: [FLAT, QUIET, [100, 102, 99, 101]], says: 'L..' },
    risk: HALVES,
    policies: { targetFill: 'touch' },
    fills: [LONG, ['close 2', 'target', 'sells', 5, 102, 0]],
    finalEquity: 10_015,
  },
  {
    name: 'an open beyond a long’s first rung fills it there, at its own price, and not the second',
    cells: ['ladder rung long gap'],
    market: { bars: [FLAT, QUIET, [103, 103.5, 101, 102]], says: 'L..' },
    risk: HALVES,
    fills: [LONG, ['open 2', 'target', 'sells', 5, 102, 0]],
    finalEquity: 10_020,
  },
  {
    name: 'an open beyond a short’s first rung fills it there, at its own price, and not the second',
    cells: ['ladder rung short gap'],
    market: { bars: [FLAT, QUIET, [97, 98.5, 96.5, 98]], says: 'S..' },
    risk: HALVES,
    fills: [SHORT, ['open 2', 'target', 'buys', 5, 98, 0]],
    finalEquity: 10_020,
  },
  {
    name: 'open-price policy: an open beyond a rung fills it at the open',
    cells: ['ladder rung long gap'],
    market: { bars: [FLAT, QUIET, [103, 103.5, 101, 102]], says: 'L..' },
    risk: HALVES,
    policies: { targetGap: 'open-price' },
    fills: [LONG, ['open 2', 'target', 'sells', 5, 103, 0]],
  },
  {
    name: 'several rungs in one bar fill nearest first, at their own prices',
    market: { bars: [FLAT, QUIET, [100, 105, 99, 104]], says: 'L..' },
    risk: HALVES,
    fills: [LONG, ['close 2', 'target', 'sells', 5, 102, 0], ['close 2', 'target', 'sells', 5, 104, 0]],
    trades: [['take-profit', 30, 103]],
    undecided: 0,
  },
  {
    name: 'an open beyond both rungs fills both at that instant, at their own prices',
    market: { bars: [FLAT, QUIET, [105, 106, 104, 105]], says: 'L..' },
    risk: HALVES,
    fills: [LONG, ['open 2', 'target', 'sells', 5, 102, 0], ['open 2', 'target', 'sells', 5, 104, 0]],
    trades: [['take-profit', 30]],
  },
  {
    name: 'open-price policy: an open beyond both rungs of a short fills both at the open',
    market: { bars: [FLAT, QUIET, [95, 96, 94, 95]], says: 'S..' },
    risk: HALVES,
    policies: { targetGap: 'open-price' },
    fills: [SHORT, ['open 2', 'target', 'buys', 5, 95, 0], ['open 2', 'target', 'buys', 5, 95, 0]],
    trades: [['take-profit', 50, 95]],
  },
  {
    name: 'one rung passed by the open, the other inside the bar',
    market: { bars: [FLAT, QUIET, [103, 104.5, 101, 104]], says: 'L..' },
    risk: HALVES,
    fills: [LONG, ['open 2', 'target', 'sells', 5, 102, 0], ['close 2', 'target', 'sells', 5, 104, 0]],
    trades: [['take-profit', 30]],
  },
  {
    name: 'rungs act on the entry bar of a fill at its open',
    market: { bars: [FLAT, [100, 102.5, 99, 102]], says: 'L.' },
    risk: HALVES,
    fills: [LONG, ['close 1', 'target', 'sells', 5, 102, 0]],
  },
  {
    name: 'no rung acts in the bar inside which a limit entry filled',
    // bought at 98: rungs at 100 and 102
    market: { bars: [FLAT, [100, 103, 97.5, 99], [99, 100.5, 98.5, 100]], says: 'L..' },
    risk: { ...HALVES, entry: limitEntry(0.02), riskPerTrade: 0.002, maxPosition: 0.5 },
    fills: [
      ['close 1', 'entry', 'buys', 10, 98, 0],
      ['close 2', 'target', 'sells', 5, 100, 0],
    ],
  },
  {
    name: 'rungs are taken by their distance, in whatever order they are given',
    market: { bars: [FLAT, QUIET, [100, 102.5, 99, 102], [102, 104.5, 101, 104]], says: 'L...' },
    risk: { target: ladder({ at: percentTarget(0.04), share: 0.7 }, { at: rewardToRisk(1), share: 0.3 }) },
    fills: [LONG, ['close 2', 'target', 'sells', 3, 102, 0], ['close 3', 'target', 'sells', 7, 104, 0]],
    // 6 + 28; (306 + 728) / 10
    trades: [['take-profit', 34, 103.4]],
  },
  {
    name: 'a ladder of one rung for all is a target',
    market: { bars: [FLAT, QUIET, [100, 102.5, 99, 102]], says: 'L..' },
    risk: { target: ladder({ at: rewardToRisk(1), share: 1 }) },
    fills: [LONG, ['close 2', 'target', 'sells', 10, 102, 0]],
    trades: [['take-profit', 20]],
  },

  // Quantities
  {
    name: 'a rung takes whole lots, the last one all that is left',
    // 9 units: 4.5 → 3, then 6
    market: { bars: [FLAT, QUIET, [100, 105, 99, 104]], says: 'L..', instrument: { lotSize: 3 } },
    risk: HALVES,
    fills: [
      ['open 1', 'entry', 'buys', 9, 100, 0],
      ['close 2', 'target', 'sells', 3, 102, 0],
      ['close 2', 'target', 'sells', 6, 104, 0],
    ],
    trades: [['take-profit', 30]],
  },
  {
    name: 'three thirds are all of it',
    // 10 lots: 3, 3 and the 4 that are left, at 102, 104, 106
    market: { bars: [FLAT, QUIET, [100, 107, 99, 106]], says: 'L..', instrument: { lotSize: 1 } },
    risk: {
      target: ladder(
        { at: rewardToRisk(1), share: 1 / 3 },
        { at: rewardToRisk(2), share: 1 / 3 },
        { at: rewardToRisk(3), share: 1 / 3 },
      ),
    },
    fills: [
      LONG,
      ['close 2', 'target', 'sells', 3, 102, 0],
      ['close 2', 'target', 'sells', 3, 104, 0],
      ['close 2', 'target', 'sells', 4, 106, 0],
    ],
    // 6 + 12 + 24
    trades: [['take-profit', 42]],
  },
  {
    name: 'a rung of less than a lot is dropped',
    // 8 units: 0.25 · 8 = 2 → 0; all 8 at 104
    market: {
      bars: [FLAT, QUIET, [100, 102.5, 99, 102], [102, 104.5, 101, 104]],
      says: 'L...',
      instrument: { lotSize: 4 },
    },
    risk: { target: ladder({ at: rewardToRisk(1), share: 0.25 }, { at: percentTarget(0.04), share: 0.75 }) },
    fills: [
      ['open 1', 'entry', 'buys', 8, 100, 0],
      ['close 3', 'target', 'sells', 8, 104, 0],
    ],
    trades: [['take-profit', 32]],
  },
  {
    name: 'shares below 1: what is left goes with the stop',
    // 2.5 · 2 + 2.5 · 4 − 5 · 2; (255 + 260 + 490) / 10
    market: { bars: [FLAT, QUIET, [100, 105, 99, 104], [104, 110, 98, 99]], says: 'L...' },
    risk: QUARTERS,
    fills: [
      LONG,
      ['close 2', 'target', 'sells', 2.5, 102, 0],
      ['close 2', 'target', 'sells', 2.5, 104, 0],
      ['close 3', 'stop', 'sells', 5, 98, 0],
    ],
    trades: [['stop-loss', 5, 100.5]],
    undecided: 0,
  },
  {
    name: 'shares below 1: what is left of a short goes with the signal',
    // 2.5 · 2 + 2.5 · 4 + 5 · 5
    market: { bars: [FLAT, QUIET, [100, 101, 95, 96], [95, 95, 95, 95]], says: 'S.s.' },
    risk: QUARTERS,
    fills: [
      SHORT,
      ['close 2', 'target', 'buys', 2.5, 98, 0],
      ['close 2', 'target', 'buys', 2.5, 96, 0],
      ['open 3', 'exit', 'buys', 5, 95, 0],
    ],
    trades: [['signal', 40, 96]],
  },
  {
    name: 'each rung is rounded to the tick that is harder to reach',
    // decided at 101, bought at 102: 102 + 2.02 → 104.5, 102 + 4.04 → 106.5; 9 lots: 4 and 5. Stop 99.5.
    market: {
      bars: [[101, 101, 101, 101], [102, 104.5, 101, 104], [104, 105, 103, 105], [105, 107, 104, 106]], // prettier-ignore
      says: 'L...',
      instrument: { lotSize: 1 },
    },
    risk: HALVES,
    fills: [
      ['open 1', 'entry', 'buys', 9, 102, 0],
      ['close 2', 'target', 'sells', 4, 104.5, 0],
      ['close 3', 'target', 'sells', 5, 106.5, 0],
    ],
    // 10 + 22.5
    trades: [['take-profit', 32.5]],
  },

  // Rung and stop in one bar
  {
    name: 'a long’s stop and a rung in one bar: the stop takes all, undecided',
    cells: ['ladder rung long both'],
    market: { bars: [FLAT, QUIET, [100, 102.5, 98, 100]], says: 'L..' },
    risk: HALVES,
    fills: [LONG, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
    undecided: 1,
  },
  {
    name: 'a short’s stop and both rungs in one bar: the stop takes all, undecided',
    cells: ['ladder rung short both'],
    market: { bars: [FLAT, QUIET, [100, 102, 95, 100]], says: 'S..' },
    risk: HALVES,
    fills: [SHORT, ['close 2', 'stop', 'buys', 10, 102, 0]],
    trades: [['stop-loss', -20]],
    undecided: 1,
  },
  {
    name: 'optimistic policy: the rung of a long that was met fills, then the stop takes what remains',
    cells: ['ladder rung long both'],
    market: { bars: [FLAT, QUIET, [100, 102.5, 98, 100]], says: 'L..' },
    risk: HALVES,
    policies: { undecided: 'optimistic' },
    fills: [LONG, ['close 2', 'target', 'sells', 5, 102, 0], ['close 2', 'stop', 'sells', 5, 98, 0]],
    trades: [['stop-loss', 0, 100]],
    undecided: 1,
  },
  {
    name: 'optimistic policy: both rungs of a short fill, and nothing remains for the stop',
    cells: ['ladder rung short both'],
    market: { bars: [FLAT, QUIET, [100, 102, 95, 100]], says: 'S..' },
    risk: HALVES,
    policies: { undecided: 'optimistic' },
    fills: [SHORT, ['close 2', 'target', 'buys', 5, 98, 0], ['close 2', 'target', 'buys', 5, 96, 0]],
    trades: [['take-profit', 30]],
    undecided: 1,
  },
  {
    name: 'optimistic policy, shares below 1: both rungs, then the stop for what they left',
    // 5 + 10 − 10
    market: { bars: [FLAT, QUIET, [100, 105, 97, 100]], says: 'L..' },
    risk: QUARTERS,
    policies: { undecided: 'optimistic' },
    fills: [
      LONG,
      ['close 2', 'target', 'sells', 2.5, 102, 0],
      ['close 2', 'target', 'sells', 2.5, 104, 0],
      ['close 2', 'stop', 'sells', 5, 98, 0],
    ],
    trades: [['stop-loss', 5]],
    undecided: 1,
  },
  {
    name: 'a rung only touched beside a stop leaves nothing undecided',
    market: { bars: [FLAT, QUIET, [100, 102, 98, 100]], says: 'L..' },
    risk: HALVES,
    policies: { undecided: 'optimistic' },
    fills: [LONG, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
    undecided: 0,
  },
  {
    name: 'a rung passed by the open fills there; the stop then takes the rest of a long, decided',
    cells: ['ladder rung long both'],
    market: { bars: [FLAT, QUIET, [103, 103.5, 98, 99]], says: 'L..' },
    risk: HALVES,
    fills: [LONG, ['open 2', 'target', 'sells', 5, 102, 0], ['close 2', 'stop', 'sells', 5, 98, 0]],
    trades: [['stop-loss', 0, 100]],
    undecided: 0,
  },
  {
    name: 'a rung passed by the open fills there; the stop then takes the rest of a short, decided',
    cells: ['ladder rung short both'],
    market: { bars: [FLAT, QUIET, [97, 102.5, 96.5, 101]], says: 'S..' },
    risk: HALVES,
    fills: [SHORT, ['open 2', 'target', 'buys', 5, 98, 0], ['close 2', 'stop', 'buys', 5, 102, 0]],
    trades: [['stop-loss', 0, 100]],
    undecided: 0,
  },
  {
    name: 'a rung passed by the open, stop and next rung inside the bar: undecided again, the stop takes the rest',
    market: { bars: [FLAT, QUIET, [103, 105, 98, 100]], says: 'L..' },
    risk: HALVES,
    fills: [LONG, ['open 2', 'target', 'sells', 5, 102, 0], ['close 2', 'stop', 'sells', 5, 98, 0]],
    trades: [['stop-loss', 0]],
    undecided: 1,
  },
  {
    name: 'optimistic policy: a rung passed by the open, stop and next rung inside the bar: the rung',
    market: { bars: [FLAT, QUIET, [103, 105, 98, 100]], says: 'L..' },
    risk: HALVES,
    policies: { undecided: 'optimistic' },
    fills: [LONG, ['open 2', 'target', 'sells', 5, 102, 0], ['close 2', 'target', 'sells', 5, 104, 0]],
    trades: [['take-profit', 30]],
    undecided: 1,
  },
  {
    name: 'an open beyond a long’s stop takes all there, whatever rungs the bar meets',
    market: { bars: [FLAT, QUIET, [97, 105, 96, 100]], says: 'L..' },
    risk: HALVES,
    policies: { undecided: 'optimistic' },
    fills: [LONG, ['open 2', 'stop', 'sells', 10, 97, 0]],
    trades: [['stop-loss', -30]],
    undecided: 0,
  },
  {
    name: 'an open exactly at a short’s stop takes all there, whatever rungs the bar meets',
    market: { bars: [FLAT, QUIET, [102, 103, 95, 100]], says: 'S..' },
    risk: HALVES,
    policies: { undecided: 'optimistic' },
    fills: [SHORT, ['open 2', 'stop', 'buys', 10, 102, 0]],
    trades: [['stop-loss', -20]],
    undecided: 0,
  },
  {
    name: 'stop-first policy: the stop takes all although the open was beyond a rung',
    market: { bars: [FLAT, QUIET, [103, 103.5, 98, 99]], says: 'L..' },
    risk: HALVES,
    policies: { bothTouched: 'stop-first' },
    fills: [LONG, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
    undecided: 0,
  },
  {
    name: 'stop-first policy: nor does the optimistic one let a rung go first',
    market: { bars: [FLAT, QUIET, [100, 105, 98, 99]], says: 'L..' },
    risk: HALVES,
    policies: { bothTouched: 'stop-first', undecided: 'optimistic' },
    fills: [LONG, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'stop-first policy: where the stop is not touched the rungs fill as ever',
    market: { bars: [FLAT, QUIET, [103, 104.5, 101, 104]], says: 'L..' },
    risk: HALVES,
    policies: { bothTouched: 'stop-first' },
    fills: [LONG, ['open 2', 'target', 'sells', 5, 102, 0], ['close 2', 'target', 'sells', 5, 104, 0]],
    trades: [['take-profit', 30]],
  },

  // After a rung
  {
    name: 'after a rung the stop stands for what remains',
    market: { bars: [FLAT, QUIET, [100, 102.5, 99, 102], [102, 103, 97, 98]], says: 'L...' },
    risk: HALVES,
    fills: [LONG, ['close 2', 'target', 'sells', 5, 102, 0], ['close 3', 'stop', 'sells', 5, 98, 0]],
    trades: [['stop-loss', 0, 100]],
    undecided: 0,
  },
  {
    name: 'after a rung an exit signal takes what remains',
    market: { bars: [FLAT, QUIET, [100, 102.5, 99, 102], [101, 101, 101, 101]], says: 'L.l.' },
    risk: HALVES,
    fills: [LONG, ['close 2', 'target', 'sells', 5, 102, 0], ['open 3', 'exit', 'sells', 5, 101, 0]],
    trades: [['signal', 15, 101.5]],
  },
  {
    name: 'after a rung the end of the data takes what remains',
    market: { bars: [FLAT, QUIET, [100, 102.5, 99, 101]], says: 'L..' },
    risk: HALVES,
    policies: { endOfData: 'close' },
    fills: [LONG, ['close 2', 'target', 'sells', 5, 102, 0], ['close 2', 'exit', 'sells', 5, 101, 0]],
    trades: [['end-of-data', 15]],
  },
  {
    name: 'after a rung the position is still held: no further entry, and its time runs from the entry',
    market: { bars: [FLAT, QUIET, [100, 102.5, 99, 102], [102, 103, 101, 102], [103, 103, 103, 103]], says: 'L.L..' }, // prettier-ignore
    risk: { ...HALVES, timeExitBars: 2 },
    fills: [LONG, ['close 2', 'target', 'sells', 5, 102, 0], ['open 4', 'exit', 'sells', 5, 103, 0]],
    trades: [['time', 25]],
    blocked: { 'in-position': 1 },
  },
  {
    name: 'after a rung the trailing stop follows for what remains',
    // a high of 103 → 100.94 → 100.5
    market: { bars: [FLAT, QUIET, [100, 103, 99, 102], [102, 102.5, 100.5, 101]], says: 'L...' },
    risk: { ...HALVES, trailing: percentTrail(0.02) },
    fills: [LONG, ['close 2', 'target', 'sells', 5, 102, 0], ['close 3', 'stop', 'sells', 5, 100.5, 0]],
    trades: [['trailing-stop', 12.5]],
  },
  {
    name: 'rungs pay the maker fee and never slip',
    // entry 100.5 (slipped), stop 98.5, rungs 102.5 and 104.5; fees 10.05 + 1.025 + 1.045; 10 + 20 − 12.12
    market: {
      bars: [FLAT, [100, 101, 99, 100], [100, 103, 99, 103], [103, 105, 102, 104]],
      says: 'L...',
      instrument: { takerFee: 0.01, makerFee: 0.002 },
    },
    slippageBps: 10,
    risk: HALVES,
    fills: [
      ['open 1', 'entry', 'buys', 10, 100.5, 10.05],
      ['close 2', 'target', 'sells', 5, 102.5, 1.025],
      ['close 3', 'target', 'sells', 5, 104.5, 1.045],
    ],
    trades: [['take-profit', 17.88]],
    slippage: 5,
  },
  {
    name: 'funding is paid on what is held: on all before the rung, on half after it',
    // 0.01 · 100 · 10, then · 5
    market: {
      bars: [FLAT, QUIET, [100, 102.5, 99, 102], [102, 104.5, 101, 104]],
      says: 'L...',
      funding: [[2, 0.01, 100], [3, 0.01, 100]], // prettier-ignore
    },
    risk: HALVES,
    fills: [LONG, ['close 2', 'target', 'sells', 5, 102, 0], ['close 3', 'target', 'sells', 5, 104, 0]],
    trades: [['take-profit', 15]],
    funding: -15,
    finalEquity: 10_015,
  },
  {
    name: 'money that a rung frees is there for others at that close',
    // A: all 10,000 in 100 units, half out at 102; B then has 5,100 of free capital: 51 units at 100
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, [100, 102.5, 99, 100], FLAT], says: 'L...' },
      { id: 'test:B', bars: [FLAT, QUIET, QUIET, FLAT], says: '..L.' },
    ],
    risk: { ...HALVES, sizing: cashFraction(1) },
    fills: [
      ['open 1', 'entry', 'buys', 100, 100, 0, 'test:A'],
      ['close 2', 'target', 'sells', 50, 102, 0, 'test:A'],
      ['open 3', 'entry', 'buys', 51, 100, 0, 'test:B'],
    ],
    finalEquity: 10_100,
  },
]
