import type { Scenario } from './scenario.js'

const LONG = { entry: ['open 1', 'entry', 'buys', 10, 100, 0] } as const
const SHORT = { entry: ['open 1', 'entry', 'sells', 10, 100, 0] } as const

/** Stop (98 or 102) and target (104 or 96) inside one bar. */
export const BOTH_LEVELS: readonly Scenario[] = [
  {
    name: 'long, both inside the bar: the stop, and undecided',
    cells: ['stop long both'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [100, 105, 97, 100]], says: 'L..' }, // prettier-ignore
    fills: [LONG.entry, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
    undecided: 1,
  },
  {
    name: 'short, both inside the bar: the stop, and undecided',
    cells: ['stop short both'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [100, 103, 95, 100]], says: 'S..' }, // prettier-ignore
    fills: [SHORT.entry, ['close 2', 'stop', 'buys', 10, 102, 0]],
    trades: [['stop-loss', -20]],
    undecided: 1,
  },
  {
    name: 'optimistic policy, long: the target, and still undecided',
    cells: ['target long both'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [100, 105, 97, 100]], says: 'L..' }, // prettier-ignore
    policies: { undecided: 'optimistic' },
    fills: [LONG.entry, ['close 2', 'target', 'sells', 10, 104, 0]],
    trades: [['take-profit', 40]],
    undecided: 1,
  },
  {
    name: 'optimistic policy, short: the target, and still undecided',
    cells: ['target short both'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [100, 103, 95, 100]], says: 'S..' }, // prettier-ignore
    policies: { undecided: 'optimistic' },
    fills: [SHORT.entry, ['close 2', 'target', 'buys', 10, 96, 0]],
    trades: [['take-profit', 40]],
    undecided: 1,
  },
  {
    name: 'long, opened beyond the target: the target, decided',
    cells: ['target long both'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [105, 106, 97, 100]], says: 'L..' }, // prettier-ignore
    fills: [LONG.entry, ['open 2', 'target', 'sells', 10, 104, 0]],
    trades: [['take-profit', 40]],
    undecided: 0,
  },
  {
    name: 'short, opened beyond the target: the target, decided',
    cells: ['target short both'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [95, 103, 94.5, 100]], says: 'S..' }, // prettier-ignore
    fills: [SHORT.entry, ['open 2', 'target', 'buys', 10, 96, 0]],
    trades: [['take-profit', 40]],
    undecided: 0,
  },
  {
    name: 'long, opened beyond the stop: the stop at the open, decided, by either policy',
    cells: ['stop long both'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [97, 105, 96, 100]], says: 'L..' }, // prettier-ignore
    policies: { undecided: 'optimistic' },
    fills: [LONG.entry, ['open 2', 'stop', 'sells', 10, 97, 0]],
    trades: [['stop-loss', -30]],
    undecided: 0,
  },
  {
    name: 'short, opened beyond the stop: the stop at the open, decided, by either policy',
    cells: ['stop short both'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [103, 104, 95, 100]], says: 'S..' }, // prettier-ignore
    policies: { undecided: 'optimistic' },
    fills: [SHORT.entry, ['open 2', 'stop', 'buys', 10, 103, 0]],
    trades: [['stop-loss', -30]],
    undecided: 0,
  },
  {
    name: 'stop-first policy: the stop even where the open was beyond the target',
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [105, 106, 97, 100]], says: 'L..' }, // prettier-ignore
    policies: { bothTouched: 'stop-first' },
    fills: [LONG.entry, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
    undecided: 0,
  },
  {
    name: 'the stop hit and the target only touched: no limit was filled, so nothing is undecided',
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [100, 104, 97, 100]], says: 'L..' }, // prettier-ignore
    policies: { undecided: 'optimistic' },
    fills: [LONG.entry, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
    undecided: 0,
  },
  {
    name: 'both on the entry bar: the fill at the open came before either, the stop before the target',
    market: { bars: [[100, 100, 100, 100], [100, 105, 97, 100]], says: 'L.' }, // prettier-ignore
    fills: [LONG.entry, ['close 1', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
    undecided: 1,
  },
]
