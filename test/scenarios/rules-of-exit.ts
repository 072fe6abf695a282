import { cashFraction, noStop, noTarget } from '../../src/risk/settings.js'
import type { Row, Scenario } from './scenario.js'

const QUIET: Row = [100, 101, 99, 100]
const ENTRY = ['open 1', 'entry', 'buys', 10, 100, 0] as const

/** Time exits, and what arms a side again after an exit. */
export const RULES_OF_EXIT: readonly Scenario[] = [
  {
    name: 'time exit: two bars after the fill bar (bar 1), at the next open',
    market: { bars: [QUIET, QUIET, QUIET, QUIET, [101, 101, 101, 101]], says: 'L....' },
    risk: { timeExitBars: 2 },
    fills: [ENTRY, ['open 4', 'exit', 'sells', 10, 101, 0]],
    trades: [['time', 10]],
  },
  {
    name: 'time exit of a short, one bar',
    market: { bars: [QUIET, QUIET, QUIET, [99, 99, 99, 99]], says: 'S...' },
    risk: { timeExitBars: 1 },
    fills: [
      ['open 1', 'entry', 'sells', 10, 100, 0],
      ['open 3', 'exit', 'buys', 10, 99, 0],
    ],
    trades: [['time', 10]],
  },
  {
    name: 'time exit counts bars that exist, not hours',
    market: { bars: [QUIET, QUIET, null, null, QUIET, [101, 101, 101, 101]], says: 'L.  ..' },
    risk: { timeExitBars: 1 },
    fills: [ENTRY, ['open 5', 'exit', 'sells', 10, 101, 0]],
    trades: [['time', 10]],
  },
  {
    name: 'time exit under the same-close policy: two bars after the bar whose close filled',
    market: { bars: [QUIET, QUIET, [100, 101, 99, 101]], says: 'L..' },
    policies: { fillAt: 'same-close' },
    risk: { timeExitBars: 2 },
    fills: [
      ['close 0', 'entry', 'buys', 10, 100, 0],
      ['close 2', 'exit', 'sells', 10, 101, 0],
    ],
    trades: [['time', 10]],
  },
  {
    name: 'a stop before the time is up ends the trade; nothing is left to exit',
    market: { bars: [QUIET, QUIET, [100, 100, 98, 99], QUIET, QUIET], says: 'L....' },
    risk: { timeExitBars: 2 },
    fills: [ENTRY, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
  },
  {
    name: 're-arm: stopped out, a condition that has held ever since enters only after one bar without it',
    market: {
      bars: [QUIET, [100, 100, 98, 100], QUIET, QUIET, QUIET, QUIET, QUIET],
      says: 'LLLL.L.',
    },
    // 9,980 after the stop: 998 / 100
    fills: [ENTRY, ['close 1', 'stop', 'sells', 10, 98, 0], ['open 6', 'entry', 'buys', 9.98, 100, 0]],
    trades: [['stop-loss', -20]],
    blocked: { 'not-rearmed': 3 },
  },
  {
    name: 're-arm: the bar of the stop itself may be the bar without the condition',
    market: { bars: [QUIET, [100, 100, 98, 100], QUIET, QUIET], says: 'L.L.' },
    fills: [ENTRY, ['close 1', 'stop', 'sells', 10, 98, 0], ['open 3', 'entry', 'buys', 9.98, 100, 0]],
    trades: [['stop-loss', -20]],
    blocked: { 'not-rearmed': 0 },
  },
  {
    name: 're-arm: the bar that decides an exit does not arm, for it closed before the exit',
    market: { bars: [QUIET, QUIET, QUIET, QUIET, QUIET], says: 'LlLLL' },
    fills: [ENTRY, ['open 2', 'exit', 'sells', 10, 100, 0]],
    trades: [['signal', 0]],
    blocked: { 'not-rearmed': 3 },
  },
  {
    name: 're-arm: an unknown bar is not a bar without the condition',
    market: { bars: [QUIET, [100, 100, 98, 100], QUIET, QUIET, QUIET], says: 'LL?L.' },
    fills: [ENTRY, ['close 1', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
    blocked: { 'not-rearmed': 2 },
  },
  {
    name: 're-arm: a newer snapshot than at the entry arms without a bar in between',
    market: {
      bars: [QUIET, [100, 100, 98, 100], QUIET, QUIET, QUIET],
      says: 'LLLL.',
      rearmKey: [7, 7, 7, 8, 8],
    },
    fills: [ENTRY, ['close 1', 'stop', 'sells', 10, 98, 0], ['open 4', 'entry', 'buys', 9.98, 100, 0]],
    trades: [['stop-loss', -20]],
    blocked: { 'not-rearmed': 2 },
  },
  {
    name: 're-arm: the other side is armed all along',
    market: { bars: [QUIET, [100, 100, 98, 100], QUIET], says: 'LS.' },
    fills: [ENTRY, ['close 1', 'stop', 'sells', 10, 98, 0], ['open 2', 'entry', 'sells', 9.98, 100, 0]],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'policy rearm none: straight back in',
    market: { bars: [QUIET, [100, 100, 98, 100], QUIET], says: 'LL.' },
    policies: { rearm: 'none' },
    fills: [ENTRY, ['close 1', 'stop', 'sells', 10, 98, 0], ['open 2', 'entry', 'buys', 9.98, 100, 0]],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'policy one order a bar: a bar that stopped out decides no entry',
    market: { bars: [QUIET, [100, 100, 98, 100], QUIET, QUIET], says: 'LLL.' },
    policies: { rearm: 'none', ordersPerBar: 'one' },
    fills: [ENTRY, ['close 1', 'stop', 'sells', 10, 98, 0], ['open 3', 'entry', 'buys', 9.98, 100, 0]],
    trades: [['stop-loss', -20]],
    blocked: { 'order-on-same-bar': 1 },
  },
  {
    name: 'a position without a usable signal for two hours is given up where that is asked for',
    market: { bars: [QUIET, QUIET, QUIET, QUIET, [101, 101, 101, 101]], says: 'L.???' },
    risk: { flattenAfterStaleHours: 2 },
    fills: [ENTRY, ['open 4', 'exit', 'sells', 10, 101, 0]],
    trades: [['stale-signal', 10]],
  },
  {
    name: 'without stop and target a position waits for its signal',
    market: { bars: [QUIET, QUIET, [100, 150, 50, 60], [60, 60, 60, 60]], says: 'L.l.' },
    risk: { sizing: cashFraction(0.5), stop: noStop(), target: noTarget() },
    fills: [
      ['open 1', 'entry', 'buys', 50, 100, 0],
      ['open 3', 'exit', 'sells', 50, 60, 0],
    ],
    trades: [['signal', -2_000]],
    boundBy: ['fixed'],
  },
]
