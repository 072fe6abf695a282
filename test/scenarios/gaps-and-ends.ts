import type { Row, Scenario } from './scenario.js'

const QUIET: Row = [100, 101, 99, 100]
const LONG_ENTRY = ['open 1', 'entry', 'buys', 10, 100, 0] as const
const SHORT_ENTRY = ['open 1', 'entry', 'sells', 10, 100, 0] as const

/** Missing bars, and the end of the data. */
export const GAPS_AND_ENDS: readonly Scenario[] = [
  {
    name: 'one missing bar: an entry of exactly one interval of age still fills at the next bar there is',
    market: { bars: [QUIET, null, [101, 102, 100.5, 101]], says: 'L .' },
    fills: [['open 2', 'entry', 'buys', 10, 101, 0]],
    flags: ['bars-missing'],
  },
  {
    name: 'two missing bars: an older entry is given up, and flagged',
    market: { bars: [QUIET, null, null, [101, 102, 100.5, 101]], says: 'L  .' },
    fills: [],
    blocked: { stale: 1 },
    flags: ['bars-missing', 'order-stale'],
  },
  {
    name: 'fill policy: an old entry fills all the same',
    market: { bars: [QUIET, null, null, [101, 102, 100.5, 101]], says: 'S  .' },
    policies: { staleOrders: 'fill' },
    fills: [['open 3', 'entry', 'sells', 10, 101, 0]],
    flags: ['bars-missing'],
  },
  {
    name: 'an exit is kept over missing bars',
    market: { bars: [QUIET, QUIET, null, null, [99, 99, 99, 99]], says: 'Ll  .' },
    fills: [LONG_ENTRY, ['open 4', 'exit', 'sells', 10, 99, 0]],
    trades: [['signal', -10]],
  },
  {
    name: 'a reversal over missing bars closes and does not turn around',
    market: { bars: [QUIET, QUIET, null, null, [99, 99, 99, 99]], says: 'LS  .' },
    risk: { reversal: true },
    fills: [LONG_ENTRY, ['open 4', 'exit', 'sells', 10, 99, 0]],
    trades: [['signal', -10]],
    blocked: { stale: 1 },
  },
  {
    name: 'cancel-all policy: an old exit is given up, and the stop meets the gap instead',
    market: { bars: [QUIET, QUIET, null, null, [95, 96, 94, 95]], says: 'Ss  .' },
    policies: { staleOrders: 'cancel-all' },
    // a short gains from this gap: its target of 96 is passed by the open
    fills: [SHORT_ENTRY, ['open 4', 'target', 'buys', 10, 96, 0]],
    trades: [['take-profit', 40]],
  },
  {
    name: 'a long’s stop meets missing bars at the next real open',
    cells: ['stop long gap'],
    market: { bars: [QUIET, QUIET, null, null, [90, 96, 89, 95]], says: 'L.  .' },
    fills: [LONG_ENTRY, ['open 4', 'stop', 'sells', 10, 90, 0]],
    trades: [['stop-loss', -100]],
  },
  {
    name: 'a short’s stop meets missing bars at the next real open',
    cells: ['stop short gap'],
    market: { bars: [QUIET, QUIET, null, null, [110, 111, 109, 110]], says: 'S.  .' },
    fills: [SHORT_ENTRY, ['open 4', 'stop', 'buys', 10, 110, 0]],
    trades: [['stop-loss', -100]],
  },
  {
    name: 'end of data: closed at the last close with slippage and fee',
    // entry 100 · 1.001 → 100.5, fee 1.005; exit 101 · 0.999 = 100.899 → 100.5, fee 1.005
    market: { bars: [QUIET, [100, 102, 99, 101]], says: 'L.', instrument: { takerFee: 0.001 } },
    policies: { endOfData: 'close' },
    slippageBps: 10,
    fills: [
      ['open 1', 'entry', 'buys', 10, 100.5, 1.005],
      ['close 1', 'exit', 'sells', 10, 100.5, 1.005],
    ],
    trades: [['end-of-data', -2.01]],
    finalEquity: 9_997.99,
  },
  {
    name: 'end of data: a short is bought back at the last close',
    market: { bars: [QUIET, [100, 101, 98, 99]], says: 'S.' },
    policies: { endOfData: 'close' },
    fills: [SHORT_ENTRY, ['close 1', 'exit', 'buys', 10, 99, 0]],
    trades: [['end-of-data', 10]],
    finalEquity: 10_010,
  },
  {
    name: 'end of data: the last entry signal stays unfilled, and is counted',
    market: { bars: [QUIET, QUIET], says: '.L' },
    policies: { endOfData: 'close' },
    fills: [],
    blocked: { 'end-of-data': 1 },
  },
  {
    name: 'end of data: the last exit signal stays unfilled; the close is the end’s',
    market: { bars: [QUIET, [100, 101, 99, 101]], says: 'Ll' },
    policies: { endOfData: 'close' },
    fills: [LONG_ENTRY, ['close 1', 'exit', 'sells', 10, 101, 0]],
    trades: [['end-of-data', 10]],
  },
  {
    name: 'leave-open policy: nothing is sold, equity is at the last close',
    market: { bars: [QUIET, [100, 102, 99, 101]], says: 'L.', instrument: { takerFee: 0.001 } },
    fills: [['open 1', 'entry', 'buys', 10, 100, 1]],
    trades: [],
    finalEquity: 10_009,
  },
  {
    name: 'an instrument whose data end early is closed at its own last close, at the end of the run',
    market: [
      { id: 'test:A', bars: [QUIET, [100, 101, 99, 101]], says: 'L.' },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET], says: '...' },
    ],
    policies: { endOfData: 'close' },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0, 'test:A'],
      ['close 2', 'exit', 'sells', 10, 101, 0, 'test:A'],
    ],
    trades: [['end-of-data', 10]],
  },
  {
    name: 'an instrument whose data end early pays funding for as long as it is held',
    market: [
      { id: 'test:A', bars: [QUIET, QUIET], says: 'L.', funding: [[2, 0.01, 100], [3, 0.01, 100]] }, // prettier-ignore
      { id: 'test:B', bars: [QUIET, QUIET, QUIET], says: '...' },
    ],
    policies: { endOfData: 'close' },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0, 'test:A'],
      ['close 2', 'exit', 'sells', 10, 100, 0, 'test:A'],
    ],
    trades: [['end-of-data', -10]],
    funding: -10,
    finalEquity: 9_990,
  },
]
