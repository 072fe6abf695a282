import {
  cashFraction,
  ladder,
  limitEntry,
  noStop,
  noTarget,
  percentStop,
  percentTarget,
  stopEntry,
} from '../../src/risk/settings.js'
import type { MarginTerms } from '../../src/core/instrument.js'
import type { MarkRow, Row, Scenario } from './scenario.js'

const FLAT: Row = [100, 100, 100, 100]
const QUIET: Row = [100, 101, 99, 100]
const LONG = ['open 1', 'entry', 'buys', 10, 100, 0] as const
const SHORT = ['open 1', 'entry', 'sells', 10, 100, 0] as const

/**
 * At four times, a long from 100 is liquidated at (100 − 25) / (1 − 0.0625) = 80 and ends at 75. At twice, with a maintenance of a
 * quarter, a short from 100 is liquidated at (100 + 50) / (1 + 0.25) = 120 and ends at 150. The fee is 1 % of what that is worth.
 */
const FOUR: MarginTerms = {
  tiers: [{ fromNotional: 0, maintenanceRate: 0.0625, maxLeverage: 10 }],
  liquidationFee: 0.01,
}
const TWO: MarginTerms = {
  tiers: [{ fromNotional: 0, maintenanceRate: 0.25, maxLeverage: 2 }],
  liquidationFee: 0.01,
}
/** From a notional of 2,000 on the rate is a quarter, less the amount 2,000 · (0.25 − 0.0625) = 375. */
const TIERS: MarginTerms = {
  tiers: [
    { fromNotional: 0, maintenanceRate: 0.0625, maxLeverage: 10 },
    { fromNotional: 2_000, maintenanceRate: 0.25, maxLeverage: 4 },
  ],
  liquidationFee: 0.01,
}

/** 10 units, as without leverage; the stop at 70 or 130 is farther than the liquidation, the target at 120 or 80. */
const FAR_STOP = { stop: percentStop(0.3), riskPerTrade: 0.05, target: percentTarget(0.2) }
const AT_FOUR = { ...FAR_STOP, leverage: 4 }
const AT_TWO = { ...FAR_STOP, leverage: 2 }
/** Stop at 90 or 110: nearer than the liquidation. */
const NEAR_STOP = { ...FAR_STOP, stop: percentStop(0.1) }

/** Nothing but the liquidation: 10 units cost 250 at four times, 500 at twice. */
const BARE = { stop: noStop(), target: noTarget() }
const BARE_AT_FOUR = { ...BARE, leverage: 4, sizing: cashFraction(0.025) }
const BARE_AT_TWO = { ...BARE, leverage: 2, sizing: cashFraction(0.05) }
const CALM: MarkRow = [100, 101, 99]

/** Margin, its tiers, and what happens when it is used up. */
export const LEVERAGE: readonly Scenario[] = [
  {
    name: 'a long is liquidated at a touch and loses its margin and the fee',
    cells: ['liquidation long touch'],
    // −10 · 25, and 0.01 · 10 · 75
    market: { bars: [FLAT, QUIET, [90, 91, 80, 85]], says: 'L..', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    fills: [LONG, ['close 2', 'liquidation', 'sells', 10, 75, 7.5]],
    trades: [['liquidation', -257.5]],
    undecided: 0,
    flags: ['liquidation-on-last'],
    finalEquity: 9_742.5,
  },
  {
    name: 'a short is liquidated at a touch and loses its margin and the fee',
    cells: ['liquidation short touch'],
    // −10 · 50, and 0.01 · 10 · 150
    market: { bars: [FLAT, QUIET, [110, 120, 109, 115]], says: 'S..', instrument: { margin: TWO } },
    risk: AT_TWO,
    fills: [SHORT, ['close 2', 'liquidation', 'buys', 10, 150, 15]],
    trades: [['liquidation', -515]],
    undecided: 0,
    flags: ['liquidation-on-last'],
  },
  {
    name: 'one tick short of a long’s liquidation is none',
    market: { bars: [FLAT, QUIET, [90, 91, 80.5, 85]], says: 'L..', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    fills: [LONG],
    finalEquity: 9_850,
  },
  {
    name: 'one tick short of a short’s liquidation is none',
    market: { bars: [FLAT, QUIET, [110, 119.5, 109, 115]], says: 'S..', instrument: { margin: TWO } },
    risk: AT_TWO,
    fills: [SHORT],
    finalEquity: 9_850,
  },
  {
    name: 'traded through liquidation and stop, a long is liquidated: it came first, and costs no more than the margin',
    cells: ['liquidation long through'],
    market: { bars: [FLAT, QUIET, [90, 91, 40, 85]], says: 'L..', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    fills: [LONG, ['close 2', 'liquidation', 'sells', 10, 75, 7.5]],
    trades: [['liquidation', -257.5]],
    undecided: 0,
  },
  {
    name: 'traded through liquidation and stop, a short is liquidated: it came first, and costs no more than the margin',
    cells: ['liquidation short through'],
    market: { bars: [FLAT, QUIET, [110, 300, 109, 115]], says: 'S..', instrument: { margin: TWO } },
    risk: AT_TWO,
    fills: [SHORT, ['close 2', 'liquidation', 'buys', 10, 150, 15]],
    trades: [['liquidation', -515]],
    undecided: 0,
  },
  {
    name: 'an open past a long’s liquidation liquidates it there, at the same price',
    cells: ['liquidation long gap'],
    market: { bars: [FLAT, QUIET, [60, 79, 55, 77]], says: 'L..', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    fills: [LONG, ['open 2', 'liquidation', 'sells', 10, 75, 7.5]],
    trades: [['liquidation', -257.5]],
  },
  {
    name: 'an open past a short’s liquidation liquidates it there, at the same price',
    cells: ['liquidation short gap'],
    market: { bars: [FLAT, QUIET, [180, 190, 110, 115]], says: 'S..', instrument: { margin: TWO } },
    risk: AT_TWO,
    fills: [SHORT, ['open 2', 'liquidation', 'buys', 10, 150, 15]],
    trades: [['liquidation', -515]],
  },
  {
    name: 'an open exactly at the liquidation is past it',
    cells: ['liquidation long gap'],
    market: { bars: [FLAT, QUIET, [80, 85, 80, 85]], says: 'L..', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    fills: [LONG, ['open 2', 'liquidation', 'sells', 10, 75, 7.5]],
  },
  {
    name: 'it acts on the entry bar of a fill at its open',
    market: { bars: [FLAT, [100, 100, 80, 90]], says: 'L.', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    fills: [LONG, ['close 1', 'liquidation', 'sells', 10, 75, 7.5]],
  },

  // Against the stop and the target
  {
    name: 'a long’s stop that is nearer than the liquidation goes first',
    cells: ['liquidation long both'],
    market: { bars: [FLAT, QUIET, [95, 96, 60, 70]], says: 'L..', instrument: { margin: FOUR } },
    risk: { ...NEAR_STOP, leverage: 4 },
    fills: [LONG, ['close 2', 'stop', 'sells', 10, 90, 0]],
    trades: [['stop-loss', -100]],
    undecided: 0,
  },
  {
    name: 'a short’s stop that is nearer than the liquidation goes first',
    cells: ['liquidation short both'],
    market: { bars: [FLAT, QUIET, [105, 140, 104, 130]], says: 'S..', instrument: { margin: TWO } },
    risk: { ...NEAR_STOP, leverage: 2 },
    fills: [SHORT, ['close 2', 'stop', 'buys', 10, 110, 0]],
    trades: [['stop-loss', -100]],
    undecided: 0,
  },
  {
    name: 'an open past stop and liquidation of a long is the liquidation',
    cells: ['liquidation long gap', 'liquidation long both'],
    market: { bars: [FLAT, QUIET, [79.5, 85, 79, 85]], says: 'L..', instrument: { margin: FOUR } },
    risk: { ...NEAR_STOP, leverage: 4 },
    fills: [LONG, ['open 2', 'liquidation', 'sells', 10, 75, 7.5]],
    trades: [['liquidation', -257.5]],
  },
  {
    name: 'an open past the stop and one tick short of the liquidation of a long is the stop, at that open',
    market: { bars: [FLAT, QUIET, [80.5, 85, 60, 70]], says: 'L..', instrument: { margin: FOUR } },
    risk: { ...NEAR_STOP, leverage: 4 },
    fills: [LONG, ['open 2', 'stop', 'sells', 10, 80.5, 0]],
    trades: [['stop-loss', -195]],
  },
  {
    name: 'an open past stop and liquidation of a short is the liquidation',
    cells: ['liquidation short gap', 'liquidation short both'],
    market: { bars: [FLAT, QUIET, [120.5, 121, 110, 115]], says: 'S..', instrument: { margin: TWO } },
    risk: { ...NEAR_STOP, leverage: 2 },
    fills: [SHORT, ['open 2', 'liquidation', 'buys', 10, 150, 15]],
    trades: [['liquidation', -515]],
  },
  {
    name: 'an open past the stop and one tick short of the liquidation of a short is the stop, at that open',
    market: { bars: [FLAT, QUIET, [119.5, 140, 110, 115]], says: 'S..', instrument: { margin: TWO } },
    risk: { ...NEAR_STOP, leverage: 2 },
    fills: [SHORT, ['open 2', 'stop', 'buys', 10, 119.5, 0]],
    trades: [['stop-loss', -195]],
  },
  {
    name: 'a long’s stop exactly at the liquidation goes first',
    market: { bars: [FLAT, QUIET, [90, 91, 80, 85]], says: 'L..', instrument: { margin: FOUR } },
    risk: { ...FAR_STOP, leverage: 4, stop: percentStop(0.2) },
    fills: [LONG, ['close 2', 'stop', 'sells', 10, 80, 0]],
    trades: [['stop-loss', -200]],
  },
  {
    name: 'a short’s stop exactly at the liquidation goes first',
    market: { bars: [FLAT, QUIET, [110, 130, 109, 115]], says: 'S..', instrument: { margin: TWO } },
    risk: { ...FAR_STOP, leverage: 2, stop: percentStop(0.2) },
    fills: [SHORT, ['close 2', 'stop', 'buys', 10, 120, 0]],
    trades: [['stop-loss', -200]],
  },
  {
    name: 'a long’s liquidation and target in one bar are undecided: the liquidation',
    cells: ['liquidation long both'],
    market: { bars: [FLAT, QUIET, [100, 120.5, 80, 100]], says: 'L..', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    fills: [LONG, ['close 2', 'liquidation', 'sells', 10, 75, 7.5]],
    trades: [['liquidation', -257.5]],
    undecided: 1,
  },
  {
    name: 'a short’s liquidation and target in one bar are undecided: the liquidation',
    cells: ['liquidation short both'],
    market: { bars: [FLAT, QUIET, [100, 120, 79.5, 100]], says: 'S..', instrument: { margin: TWO } },
    risk: AT_TWO,
    fills: [SHORT, ['close 2', 'liquidation', 'buys', 10, 150, 15]],
    trades: [['liquidation', -515]],
    undecided: 1,
  },
  {
    name: 'optimistic policy: a long’s liquidation and target in one bar are the target',
    cells: ['liquidation long both'],
    market: { bars: [FLAT, QUIET, [100, 120.5, 80, 100]], says: 'L..', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    policies: { undecided: 'optimistic' },
    fills: [LONG, ['close 2', 'target', 'sells', 10, 120, 0]],
    trades: [['take-profit', 200]],
    undecided: 1,
  },
  {
    name: 'optimistic policy: a short’s liquidation and target in one bar are the target',
    cells: ['liquidation short both'],
    market: { bars: [FLAT, QUIET, [100, 120, 79.5, 100]], says: 'S..', instrument: { margin: TWO } },
    risk: AT_TWO,
    policies: { undecided: 'optimistic' },
    fills: [SHORT, ['close 2', 'target', 'buys', 10, 80, 0]],
    trades: [['take-profit', 200]],
    undecided: 1,
  },
  {
    name: 'optimistic policy: a rung and the liquidation in one bar are the rung, then the liquidation of the rest',
    // 5 · 20 − 5 · 25 − 0.01 · 5 · 75; (600 + 375) / 10
    market: { bars: [FLAT, QUIET, [100, 120.5, 80, 100]], says: 'L..', instrument: { margin: FOUR } },
    risk: { ...AT_FOUR, target: ladder({ at: percentTarget(0.2), share: 0.5 }) },
    policies: { undecided: 'optimistic' },
    fills: [
      LONG,
      ['close 2', 'target', 'sells', 5, 120, 0],
      ['close 2', 'liquidation', 'sells', 5, 75, 3.75],
    ],
    trades: [['liquidation', -28.75, 97.5]],
    undecided: 1,
  },
  {
    name: 'an exit decided at a close fills at an open past the liquidation, as the signal’s exit',
    market: { bars: [FLAT, QUIET, [78, 79, 76, 77]], says: 'Ll.', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    fills: [LONG, ['open 2', 'exit', 'sells', 10, 78, 0]],
    trades: [['signal', -220]],
  },
  {
    name: 'bought by a limit and liquidated inside one bar, decided',
    // 250 / (80 · 0.25) = 12.5 units; (80 − 20) / 0.9375 = 64, ended at 60; −12.5 · 20 − 0.01 · 12.5 · 60
    market: { bars: [FLAT, [100, 100, 64, 70]], says: 'L.', instrument: { margin: FOUR } },
    risk: { ...BARE_AT_FOUR, entry: limitEntry(0.2) },
    fills: [
      ['close 1', 'entry', 'buys', 12.5, 80, 0],
      ['close 1', 'liquidation', 'sells', 12.5, 60, 7.5],
    ],
    trades: [['liquidation', -257.5]],
    undecided: 0,
  },
  {
    name: 'bought by a limit, one tick short of the liquidation in that bar',
    market: { bars: [FLAT, [100, 100, 64.5, 70]], says: 'L.', instrument: { margin: FOUR } },
    risk: { ...BARE_AT_FOUR, entry: limitEntry(0.2) },
    fills: [['close 1', 'entry', 'buys', 12.5, 80, 0]],
  },
  {
    name: 'bought by a stop entry with the liquidation in the same bar: undecided, the liquidation',
    // 250 / (125 · 0.25) = 8 units; (125 − 31.25) / 0.9375 = 100, ended at 93.75; −8 · 31.25 − 0.01 · 8 · 93.75
    market: { bars: [FLAT, [110, 125, 100, 120]], says: 'L.', instrument: { margin: FOUR } },
    risk: { ...BARE_AT_FOUR, entry: stopEntry(0.25) },
    fills: [
      ['close 1', 'entry', 'buys', 8, 125, 0],
      ['close 1', 'liquidation', 'sells', 8, 93.75, 7.5],
    ],
    trades: [['liquidation', -257.5]],
    undecided: 1,
  },
  {
    name: 'optimistic policy: bought by a stop entry with the liquidation in the same bar, it is held',
    market: { bars: [FLAT, [110, 125, 100, 120]], says: 'L.', instrument: { margin: FOUR } },
    risk: { ...BARE_AT_FOUR, entry: stopEntry(0.25) },
    policies: { undecided: 'optimistic' },
    fills: [['close 1', 'entry', 'buys', 8, 125, 0]],
    undecided: 0,
    finalEquity: 9_960,
  },

  // What it is filled at, and what it costs
  {
    name: 'its price is not rounded, does not slip and pays its own fee alone',
    // bought at 100.5, fee 2.01: liquidated at 75.375 / 0.9375 = 80.4, ended at 75.375; fee 7.5375; −251.25 − 9.5475
    market: {
      bars: [FLAT, QUIET, [90, 91, 80, 85]],
      says: 'L..',
      instrument: { margin: FOUR, takerFee: 0.002, makerFee: 0.002 },
    },
    risk: AT_FOUR,
    slippageBps: 10,
    fills: [
      ['open 1', 'entry', 'buys', 10, 100.5, 2.01],
      ['close 2', 'liquidation', 'sells', 10, 75.375, 7.5375],
    ],
    trades: [['liquidation', -260.7975]],
    slippage: 5,
  },
  {
    name: 'its level is not rounded to the tick',
    // bought at 100.5: 80.4, which a low of 80.5 does not touch
    market: { bars: [FLAT, QUIET, [90, 91, 80.5, 85]], says: 'L..', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    slippageBps: 10,
    fills: [['open 1', 'entry', 'buys', 10, 100.5, 0]],
  },
  {
    name: 'funding is paid from the free balance and does not move the level',
    // 0.1 · 100 · 10 = 100 of a margin of 250, but 80.5 is still none; −250 − 7.5 − 100
    market: {
      bars: [FLAT, QUIET, [90, 91, 80.5, 85], [85, 86, 80, 85]],
      says: 'L...',
      funding: [[2, 0.1, 100]],
      instrument: { margin: FOUR },
    },
    risk: AT_FOUR,
    fills: [LONG, ['close 3', 'liquidation', 'sells', 10, 75, 7.5]],
    trades: [['liquidation', -357.5]],
    funding: -100,
  },
  {
    name: 'behind a gap it pays what is settled at that open where that costs, and nothing later',
    market: {
      bars: [FLAT, QUIET, [78, 79, 76, 77]],
      says: 'L..',
      funding: [[2, 0.01, 100], [2.5, 0.01, 100]], // prettier-ignore
      instrument: { margin: FOUR },
    },
    risk: AT_FOUR,
    fills: [LONG, ['open 2', 'liquidation', 'sells', 10, 75, 7.5]],
    trades: [['liquidation', -267.5]],
    funding: -10,
  },
  {
    name: 'inside the bar it may have come after a settlement that costs, and before one that would pay',
    market: {
      bars: [FLAT, QUIET, [90, 91, 80, 85]],
      says: 'L..',
      funding: [[2.3, 0.01, 100], [2.6, -0.01, 100]], // prettier-ignore
      instrument: { margin: FOUR },
    },
    risk: AT_FOUR,
    fills: [LONG, ['close 2', 'liquidation', 'sells', 10, 75, 7.5]],
    trades: [['liquidation', -267.5]],
    funding: -10,
  },
  {
    name: 'it is isolated: another instrument’s position keeps its margin and its place',
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, [90, 91, 60, 85]], says: 'L..', instrument: { margin: FOUR } },
      { id: 'test:B', bars: [FLAT, QUIET, QUIET], says: 'L..', instrument: { margin: FOUR } },
    ],
    risk: AT_FOUR,
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0, 'test:A'],
      ['open 1', 'entry', 'buys', 10, 100, 0, 'test:B'],
      ['close 2', 'liquidation', 'sells', 10, 75, 7.5, 'test:A'],
    ],
    trades: [['liquidation', -257.5]],
    finalEquity: 9_742.5,
  },
  {
    name: 'after it a side waits to be armed again, as after any exit',
    market: { bars: [FLAT, QUIET, [90, 100, 80, 100], QUIET], says: 'L.LL', instrument: { margin: FOUR } },
    risk: AT_FOUR,
    fills: [LONG, ['close 2', 'liquidation', 'sells', 10, 75, 7.5]],
    blocked: { 'not-rearmed': 2 },
  },

  // The mark
  {
    name: 'a long is liquidated on the mark’s low, although the last price stayed far off',
    market: {
      bars: [FLAT, QUIET, [100, 101, 95, 100]],
      says: 'L..',
      mark: [CALM, CALM, [100, 101, 80]],
      instrument: { margin: FOUR },
    },
    risk: BARE_AT_FOUR,
    fills: [LONG, ['close 2', 'liquidation', 'sells', 10, 75, 7.5]],
    flags: [],
  },
  {
    name: 'a short is liquidated on the mark’s high, although the last price stayed far off',
    market: {
      bars: [FLAT, QUIET, [100, 105, 99, 100]],
      says: 'S..',
      mark: [CALM, CALM, [100, 120, 99]],
      instrument: { margin: TWO },
    },
    risk: BARE_AT_TWO,
    fills: [SHORT, ['close 2', 'liquidation', 'buys', 10, 150, 15]],
    flags: [],
  },
  {
    name: 'a long is not liquidated on the last price where the mark stayed one tick short',
    market: {
      bars: [FLAT, QUIET, [100, 101, 60, 90]],
      says: 'L..',
      mark: [CALM, CALM, [100, 101, 80.5]],
      instrument: { margin: FOUR },
    },
    risk: BARE_AT_FOUR,
    fills: [LONG],
    flags: [],
    finalEquity: 9_900,
  },
  {
    name: 'a short is not liquidated on the last price where the mark stayed one tick short',
    market: {
      bars: [FLAT, QUIET, [100, 160, 99, 110]],
      says: 'S..',
      mark: [CALM, CALM, [100, 119.5, 99]],
      instrument: { margin: TWO },
    },
    risk: BARE_AT_TWO,
    fills: [SHORT],
    finalEquity: 9_900,
  },
  {
    name: 'a mark that opens past the liquidation does it at the open’s instant',
    market: {
      bars: [FLAT, QUIET, [100, 101, 95, 100]],
      says: 'L..',
      mark: [CALM, CALM, [79, 101, 79]],
      instrument: { margin: FOUR },
    },
    risk: BARE_AT_FOUR,
    fills: [LONG, ['open 2', 'liquidation', 'sells', 10, 75, 7.5]],
  },
  {
    name: 'a last price that opens past the liquidation does nothing where the mark did not',
    market: {
      bars: [FLAT, QUIET, [79, 101, 79, 100]],
      says: 'L..',
      mark: [CALM, CALM, [85, 101, 81]],
      instrument: { margin: FOUR },
    },
    risk: BARE_AT_FOUR,
    fills: [LONG],
    finalEquity: 10_000,
  },
  {
    name: 'stops stay with the last price: the mark does not trigger them',
    market: {
      bars: [FLAT, QUIET, [100, 101, 98.5, 100]],
      says: 'L..',
      mark: [CALM, CALM, [100, 101, 90]],
      instrument: { margin: FOUR },
    },
    risk: { leverage: 4 },
    fills: [LONG],
    finalEquity: 10_000,
  },

  // At a leverage of 1, and without margin data
  {
    name: 'a short at a leverage of 1 is liquidated too: it can lose what it was given and no more',
    // half the cash, 50 units: (100 + 100) / 1.25 = 160, ended at 200: all of its 5,000, and 1 % of 10,000
    market: { bars: [FLAT, QUIET, [100, 300, 100, 150]], says: 'S..', instrument: { margin: TWO } },
    risk: { ...BARE, sizing: cashFraction(0.5) },
    fills: [
      ['open 1', 'entry', 'sells', 50, 100, 0],
      ['close 2', 'liquidation', 'buys', 50, 200, 100],
    ],
    trades: [['liquidation', -5_100]],
    finalEquity: 4_900,
  },
  {
    name: 'a short at a leverage of 1 is not liquidated a tick before',
    market: { bars: [FLAT, QUIET, [100, 159.5, 100, 150]], says: 'S..', instrument: { margin: TWO } },
    risk: { ...BARE, sizing: cashFraction(0.5) },
    fills: [['open 1', 'entry', 'sells', 50, 100, 0]],
    finalEquity: 7_500,
  },
  {
    name: 'a long at a leverage of 1 has paid for all of it and cannot be liquidated',
    // (100 − 100) / 0.9375 = 0
    market: { bars: [FLAT, QUIET, [100, 100, 0.5, 1]], says: 'L..', instrument: { margin: FOUR } },
    risk: { ...BARE, sizing: cashFraction(0.1) },
    fills: [LONG],
    finalEquity: 9_010,
  },
  {
    name: 'without margin data nothing is liquidated',
    market: { bars: [FLAT, QUIET, [100, 300, 100, 150]], says: 'S..' },
    risk: { ...BARE, sizing: cashFraction(0.5) },
    fills: [['open 1', 'entry', 'sells', 50, 100, 0]],
    flags: [],
    finalEquity: 7_500,
  },
  {
    name: 'leverage above 1 without margin data is refused',
    market: { bars: [FLAT, QUIET], says: 'L.' },
    risk: { leverage: 2 },
    fills: [],
    refused: 'leverage',
  },
  {
    name: 'leverage above 1 on spot is refused, margin data or not',
    market: { bars: [FLAT, QUIET], says: 'L.', instrument: { kind: 'spot', margin: FOUR } },
    risk: { leverage: 2 },
    fills: [],
    refused: 'leverage',
  },
  {
    name: 'a largest position beyond the leverage is refused',
    market: { bars: [FLAT, QUIET], says: 'L.', instrument: { margin: FOUR } },
    risk: { leverage: 4, maxPosition: 4.5 },
    fills: [],
    refused: 'maxPosition',
  },

  // Size and margin
  {
    name: 'leverage changes the margin, not the size',
    market: { bars: [FLAT, QUIET], says: 'L.', instrument: { margin: FOUR } },
    risk: { leverage: 10 },
    fills: [LONG],
    boundBy: ['max-position'],
  },
  {
    name: 'the largest position may be as many times the equity',
    // 40,000 / 100, a margin of all 10,000; the risk of 1,000 over 2 would allow 500
    market: { bars: [FLAT, [100, 101, 99, 100.5]], says: 'L.', instrument: { margin: FOUR } },
    risk: { leverage: 4, maxPosition: 4, riskPerTrade: 0.1 },
    fills: [['open 1', 'entry', 'buys', 400, 100, 0]],
    boundBy: ['max-position'],
    finalEquity: 10_200,
  },
  {
    name: 'a share of the free cash is a share of the margin',
    // 1,000 / (100 · 0.25)
    market: { bars: [FLAT, QUIET], says: 'S.', instrument: { margin: FOUR } },
    risk: { ...BARE, leverage: 4, sizing: cashFraction(0.1) },
    fills: [['open 1', 'entry', 'sells', 40, 100, 0]],
    boundBy: ['fixed'],
  },
  {
    name: 'an entry costs its margin and the fee on its whole notional',
    // 10,000 / (100 · (0.25 + 0.25)) = 200, fee 5,000
    market: { bars: [FLAT, FLAT], says: 'L.', instrument: { margin: FOUR, takerFee: 0.25 } },
    risk: { leverage: 4, maxPosition: 4, riskPerTrade: 0.1 },
    fills: [['open 1', 'entry', 'buys', 200, 100, 5_000]],
    boundBy: ['cash'],
    finalEquity: 5_000,
  },
  {
    name: 'a share of the free cash pays the fee on the whole notional too',
    // 5,000 / (100 · (0.25 + 0.25)), fee 2,500
    market: { bars: [FLAT, FLAT], says: 'S.', instrument: { margin: FOUR, takerFee: 0.25 } },
    risk: { ...BARE, leverage: 4, sizing: cashFraction(0.5) },
    fills: [['open 1', 'entry', 'sells', 100, 100, 2_500]],
  },
  {
    name: 'an open that gapped up shrinks an entry to what pays margin and fee',
    // decided 200; 10,000 / (125 · (0.25 + 0.25)), fee 0.25 · 20,000
    market: { bars: [FLAT, [125, 125, 125, 125]], says: 'L.', instrument: { margin: FOUR, takerFee: 0.25 } },
    risk: { leverage: 4, maxPosition: 4, riskPerTrade: 0.1 },
    fills: [['open 1', 'entry', 'buys', 160, 125, 5_000]],
  },
  {
    name: 'an open that gapped up shrinks an entry to the margin that is there',
    // decided 400; 10,000 / (125 · 0.25)
    market: { bars: [FLAT, [125, 125, 125, 125]], says: 'L.', instrument: { margin: FOUR } },
    risk: { leverage: 4, maxPosition: 4, riskPerTrade: 0.1 },
    fills: [['open 1', 'entry', 'buys', 320, 125, 0]],
  },
  {
    name: 'what is held binds its margin only: the rest is there for another',
    // A: 300 units, a margin of 7,500; B: 2,500 / 25
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, QUIET], says: 'L..', instrument: { margin: FOUR } },
      { id: 'test:B', bars: [FLAT, QUIET, QUIET], says: '.S.', instrument: { margin: FOUR } },
    ],
    risk: { leverage: 4, maxPosition: 3, riskPerTrade: 0.1 },
    fills: [
      ['open 1', 'entry', 'buys', 300, 100, 0, 'test:A'],
      ['open 2', 'entry', 'sells', 100, 100, 0, 'test:B'],
    ],
    boundBy: ['max-position', 'cash'],
  },
  {
    name: 'a limit that rests reserves its margin only',
    // A: 30,000 / 80 = 375 units, a margin of 7,500; B: 2,500 / 20
    market: [
      { id: 'test:A', bars: [FLAT, QUIET, QUIET], says: 'L..', instrument: { margin: FOUR } },
      { id: 'test:B', bars: [FLAT, QUIET, [100, 100, 79.5, 80]], says: '.L.', instrument: { margin: FOUR } },
    ],
    risk: { leverage: 4, maxPosition: 3, riskPerTrade: 0.1, entry: limitEntry(0.2, 3) },
    fills: [['close 2', 'entry', 'buys', 125, 80, 0, 'test:B']],
    boundBy: ['cash'],
  },

  // Tiers
  {
    name: 'the tier is the entry notional’s, its rate less its amount: one tick short of the level',
    // 40 · 100 = 4,000: (75 − 375 / 40) / 0.75 = 87.5
    market: { bars: [FLAT, QUIET, [90, 91, 88, 90]], says: 'L..', instrument: { margin: TIERS } },
    risk: { ...BARE, leverage: 4, sizing: cashFraction(0.1) },
    fills: [['open 1', 'entry', 'buys', 40, 100, 0]],
  },
  {
    name: 'the tier is the entry notional’s, its rate less its amount: the level touched',
    // −40 · 25 − 0.01 · 40 · 75
    market: { bars: [FLAT, QUIET, [90, 91, 87.5, 90]], says: 'L..', instrument: { margin: TIERS } },
    risk: { ...BARE, leverage: 4, sizing: cashFraction(0.1) },
    fills: [
      ['open 1', 'entry', 'buys', 40, 100, 0],
      ['close 2', 'liquidation', 'sells', 40, 75, 30],
    ],
    trades: [['liquidation', -1_030]],
  },
  {
    name: 'a short of the upper tier is liquidated the later for the amount',
    // 40 · 100 at twice: (150 + 375 / 40) / 1.25 = 127.5; ended at 150: −2,000 − 60
    market: {
      bars: [FLAT, QUIET, [110, 127, 109, 110], [110, 127.5, 109, 110]],
      says: 'S...',
      instrument: { margin: TIERS },
    },
    risk: { ...BARE, leverage: 2, sizing: cashFraction(0.2) },
    fills: [
      ['open 1', 'entry', 'sells', 40, 100, 0],
      ['close 3', 'liquidation', 'buys', 40, 150, 60],
    ],
    trades: [['liquidation', -2_060]],
  },
  {
    name: 'the amounts of the tiers below add up',
    // 1,000 · 0.0625 + 2,000 · 0.125 = 312.5: (75 − 312.5 / 40) / 0.75 = 89.58 (of 2,000 · 0.125 alone it were 91.67)
    market: {
      bars: [FLAT, QUIET, [95, 96, 90, 92], [92, 93, 89.5, 90]],
      says: 'L...',
      instrument: {
        margin: {
          tiers: [
            { fromNotional: 0, maintenanceRate: 0.0625, maxLeverage: 10 },
            { fromNotional: 1_000, maintenanceRate: 0.125, maxLeverage: 5 },
            { fromNotional: 2_000, maintenanceRate: 0.25, maxLeverage: 4 },
          ],
          liquidationFee: 0,
        },
      },
    },
    risk: { ...BARE, leverage: 4, sizing: cashFraction(0.1) },
    fills: [
      ['open 1', 'entry', 'buys', 40, 100, 0],
      ['close 3', 'liquidation', 'sells', 40, 75, 0],
    ],
    trades: [['liquidation', -1_000]],
  },
  {
    name: 'one lot below the upper tier the lower one holds',
    // 19 · 100: 75 / 0.9375 = 80
    market: {
      bars: [FLAT, QUIET, [90, 91, 80.5, 90], [90, 91, 80, 90]],
      says: 'L...',
      instrument: { margin: TIERS, lotSize: 1 },
    },
    risk: { ...BARE, leverage: 4, sizing: cashFraction(0.0499) },
    fills: [
      ['open 1', 'entry', 'buys', 19, 100, 0],
      ['close 3', 'liquidation', 'sells', 19, 75, 14.25],
    ],
  },
  {
    name: 'exactly at its first notional the upper tier holds',
    // 20 · 100 = 2,000: (75 − 375 / 20) / 0.75 = 75, against 80 in the lower tier
    market: {
      bars: [FLAT, QUIET, [90, 91, 75.5, 90], [90, 91, 75, 90]],
      says: 'L...',
      instrument: { margin: TIERS, lotSize: 1 },
    },
    risk: { ...BARE, leverage: 4, sizing: cashFraction(0.05) },
    fills: [
      ['open 1', 'entry', 'buys', 20, 100, 0],
      ['close 3', 'liquidation', 'sells', 20, 75, 15],
    ],
  },
  {
    name: 'a tier that does not allow the leverage is not entered: the size is cut',
    // at five times the upper tier, of at most four, begins at 2,000: 20 units, in lots of 3 18; wanted were 40
    market: { bars: [FLAT, QUIET], says: 'L.', instrument: { margin: TIERS, lotSize: 3 } },
    risk: { leverage: 5, maxPosition: 0.4 },
    fills: [['open 1', 'entry', 'buys', 18, 100, 0]],
    boundBy: ['margin-tier'],
  },
  {
    name: 'the notional at which such a tier begins is of that tier already',
    // 20 · 100 = 2,000
    market: { bars: [FLAT, QUIET], says: 'S.', instrument: { margin: TIERS, lotSize: 1 } },
    risk: { leverage: 5, maxPosition: 0.4 },
    fills: [['open 1', 'entry', 'sells', 19, 100, 0]],
    boundBy: ['margin-tier'],
  },
  {
    name: 'a tier that allows exactly the leverage is entered',
    market: { bars: [FLAT, QUIET], says: 'S.', instrument: { margin: TIERS, lotSize: 3 } },
    risk: { leverage: 4, maxPosition: 0.4 },
    fills: [['open 1', 'entry', 'sells', 39, 100, 0]],
    boundBy: ['max-position'],
  },
  {
    name: 'nor is it entered by an open that gapped up',
    // decided 18 · 100 = 1,800; at 125 the tier allows 16, in lots of 3 15
    market: { bars: [FLAT, [125, 125, 125, 125]], says: 'L.', instrument: { margin: TIERS, lotSize: 3 } },
    risk: { leverage: 5, maxPosition: 0.4 },
    fills: [['open 1', 'entry', 'buys', 15, 125, 0]],
  },
  {
    name: 'the level follows the average of several entry fills and what they bought',
    // 20 of 40 at 100, 20 at 110: 4,200 from 105: (78.75 − 375 / 40) / 0.75 = 92.5, ended at 78.75: −1,050 − 31.5
    market: {
      bars: [FLAT, [100, 110, 99, 110], [110, 111, 105, 108], [108, 108, 93, 95], [95, 96, 92.5, 95]],
      says: 'L....',
      volume: [20, 20, 20, 20, 20],
      instrument: { margin: TIERS },
    },
    risk: { ...BARE, leverage: 4, sizing: cashFraction(0.1) },
    costs: { participation: 1 },
    fills: [
      ['open 1', 'entry', 'buys', 20, 100, 0],
      ['open 2', 'entry', 'buys', 20, 110, 0],
      ['close 4', 'liquidation', 'sells', 40, 78.75, 31.5],
    ],
    trades: [['liquidation', -1_081.5]],
  },
  {
    name: 'the level stays when part of the position has left, although what is left alone would be in a lower tier',
    // 40 units: 87.5; 20 leave at 104; 20 · 4 − 20 · 25 − 0.01 · 20 · 75
    market: {
      bars: [FLAT, QUIET, [100, 104.5, 99, 104], [104, 104, 88, 90], [90, 91, 87.5, 89]],
      says: 'L....',
      instrument: { margin: TIERS },
    },
    risk: {
      ...BARE,
      leverage: 4,
      sizing: cashFraction(0.1),
      target: ladder({ at: percentTarget(0.04), share: 0.5 }),
    },
    fills: [
      ['open 1', 'entry', 'buys', 40, 100, 0],
      ['close 2', 'target', 'sells', 20, 104, 0],
      ['close 4', 'liquidation', 'sells', 20, 75, 15],
    ],
    trades: [['liquidation', -435]],
  },
]
