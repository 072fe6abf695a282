import { limitEntry, stopEntry } from '../../src/risk/settings.js'
import type { Row, Scenario } from './scenario.js'

const FLAT: Row = [100, 100, 100, 100]
const QUIET: Row = [100, 101, 99, 100]
const HALF_SPREAD_10 = { halfSpreadBps: 10 }
/** 100 · 1.001 = 100.1 → 100.5, and 100 · 0.999 = 99.9 → 99.5. */
const LONG = ['open 1', 'entry', 'buys', 10, 100.5, 0] as const
const SHORT = ['open 1', 'entry', 'sells', 10, 99.5, 0] as const
const TEN = { riskPerTrade: 0.002, maxPosition: 0.5 }

/** Half the distance of bid and ask: takers pay it beside the slippage, makers do not. */
export const HALF_SPREAD: readonly Scenario[] = [
  {
    name: 'a market buyer pays the half spread, the fee is on that price, and it counts as slippage',
    // 10 · 100.5 · 0.001; 10 · 0.5
    market: { bars: [FLAT, QUIET], says: 'L.', instrument: { takerFee: 0.001 } },
    costs: HALF_SPREAD_10,
    fills: [['open 1', 'entry', 'buys', 10, 100.5, 1.005]],
    slippage: 5,
    finalEquity: 9_993.995,
  },
  {
    name: 'a market seller pays the half spread',
    market: { bars: [FLAT, QUIET], says: 'S.' },
    costs: HALF_SPREAD_10,
    fills: [SHORT],
    slippage: 5,
    finalEquity: 9_995,
  },
  {
    name: 'slippage and half spread are added, not compounded, and rounded once: a buyer’s',
    // 100 · (1 + 0.0050) = 100.5; 100 · 1.002 · 1.003 = 100.5006 would be 101
    market: { bars: [FLAT, QUIET], says: 'L.' },
    slippageBps: 20,
    costs: { halfSpreadBps: 30 },
    fills: [LONG],
    slippage: 5,
  },
  {
    name: 'slippage and half spread are added, not compounded: a seller’s',
    // without a tick: 100 · (1 − 0.0050) = 99.5; 100 · 0.998 · 0.997 = 99.5006
    market: { bars: [FLAT, QUIET], says: 'S.', instrument: { tickSize: 0 } },
    slippageBps: 20,
    costs: { halfSpreadBps: 30 },
    fills: [SHORT],
    slippage: 5,
  },
  {
    name: 'an exit by signal pays the half spread',
    // 103 · 0.999 = 102.897 → 102.5: 10 · 2; lost 5 and 5
    market: { bars: [FLAT, QUIET, [103, 103, 103, 103]], says: 'Ll.' },
    costs: HALF_SPREAD_10,
    fills: [LONG, ['open 2', 'exit', 'sells', 10, 102.5, 0]],
    trades: [['signal', 20]],
    slippage: 10,
  },
  {
    name: 'a long’s stop pays the half spread',
    // stop 98.5 · 0.999 = 98.4015 → 98: −25
    market: { bars: [FLAT, [100, 101, 98.5, 100]], says: 'L.' },
    costs: HALF_SPREAD_10,
    fills: [LONG, ['close 1', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -25]],
    slippage: 10,
  },
  {
    name: 'a short’s stop behind a gap pays the half spread from the open',
    // stop 101.5; 103 · 1.001 = 103.103 → 103.5: −40
    market: { bars: [FLAT, QUIET, [103, 104, 102, 103]], says: 'S..' },
    costs: HALF_SPREAD_10,
    fills: [SHORT, ['open 2', 'stop', 'buys', 10, 103.5, 0]],
    trades: [['stop-loss', -40]],
  },
  {
    name: 'a target pays none',
    // 100.5 + 4
    market: { bars: [FLAT, [100, 105, 99, 104]], says: 'L.' },
    costs: HALF_SPREAD_10,
    fills: [LONG, ['close 1', 'target', 'sells', 10, 104.5, 0]],
    trades: [['take-profit', 40]],
    slippage: 5,
  },
  {
    name: 'a limit entry pays none',
    market: { bars: [FLAT, [100, 100.5, 97.5, 99]], says: 'L.' },
    risk: { ...TEN, entry: limitEntry(0.02) },
    costs: HALF_SPREAD_10,
    fills: [['close 1', 'entry', 'buys', 10, 98, 0]],
    slippage: 0,
  },
  {
    name: 'a stop entry pays it: a long’s inside the bar',
    // 102 · 1.001 = 102.102 → 102.5
    market: { bars: [FLAT, [101, 102, 101, 102]], says: 'L.' },
    risk: { ...TEN, entry: stopEntry(0.02) },
    costs: HALF_SPREAD_10,
    fills: [['close 1', 'entry', 'buys', 10, 102.5, 0]],
    slippage: 5,
  },
  {
    name: 'a stop entry pays it: a short’s behind a gap',
    // 97 · 0.999 = 96.903 → 96.5
    market: { bars: [FLAT, [97, 98, 96, 97]], says: 'S.' },
    risk: { ...TEN, entry: stopEntry(0.02) },
    costs: HALF_SPREAD_10,
    fills: [['open 1', 'entry', 'sells', 10, 96.5, 0]],
    slippage: 5,
  },
  {
    name: 'the end of the data pays it',
    market: { bars: [FLAT, QUIET], says: 'L.' },
    policies: { endOfData: 'close' },
    costs: HALF_SPREAD_10,
    fills: [LONG, ['close 1', 'exit', 'sells', 10, 99.5, 0]],
    trades: [['end-of-data', -10]],
    slippage: 10,
  },
  {
    name: 'same-close policy: fills at a close pay it',
    market: { bars: [FLAT, QUIET], says: 'Ss' },
    policies: { fillAt: 'same-close' },
    costs: HALF_SPREAD_10,
    fills: [
      ['close 0', 'entry', 'sells', 10, 99.5, 0],
      ['close 1', 'exit', 'buys', 10, 100.5, 0],
    ],
    trades: [['signal', -10]],
  },
]
