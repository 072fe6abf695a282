import { cashFraction, limitEntry, noStop, noTarget } from '../../src/risk/settings.js'
import type { Row, Scenario } from './scenario.js'

/** Half of the cash in A, 50 units at 100: a close of 90 is exactly 5 % of the 10,000 that the day began with. */
const HALF_IN_A = { sizing: cashFraction(0.5), stop: noStop(), target: noTarget(), dailyLossLimit: 0.05 }
const QUIET: Row = [100, 100, 100, 100]
const A_ENTRY = ['open 1', 'entry', 'buys', 50, 100, 0, 'test:A'] as const

/** The daily loss limit: since 00:00 UTC, unrealised included, strictly above 5 %, over at the next 00:00. */
export const DAILY_LOSS: readonly Scenario[] = [
  {
    name: 'a loss of exactly the limit, unrealised, does not halt',
    market: [
      { id: 'test:A', bars: [QUIET, [100, 100, 90, 90], [90, 90, 90, 90]], says: 'L..' },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET], says: '.L.' },
    ],
    risk: HALF_IN_A,
    fills: [A_ENTRY, ['open 2', 'entry', 'buys', 25, 100, 0, 'test:B']],
    blocked: { halted: 0 },
  },
  {
    name: 'one tick more halts every entry of the account, before the entries of that close',
    market: [
      { id: 'test:A', bars: [QUIET, [100, 100, 89.5, 89.5], [89.5, 89.5, 89.5, 89.5], [89.5, 89.5, 89.5, 89.5]], says: 'L...' }, // prettier-ignore
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '.LL.' },
    ],
    risk: HALF_IN_A,
    fills: [A_ENTRY],
    blocked: { halted: 2 },
  },
  {
    name: 'a halt stays for the day although the loss is won back, and is realised loss as well',
    market: [
      { id: 'test:A', bars: [QUIET, [100, 100, 80, 80], [99, 99, 99, 99], [99, 99, 99, 99]], says: 'Ll..' },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '..L.' },
    ],
    risk: HALF_IN_A,
    fills: [A_ENTRY, ['open 2', 'exit', 'sells', 50, 99, 0, 'test:A']],
    trades: [['signal', -50]],
    blocked: { halted: 1 },
  },
  {
    name: 'the halt is over at the bar that closes at 00:00 UTC, and the new day begins with that equity',
    // bar 2 closes at midnight: equity 9,450 begins the day. Bar 3: 9,000 is 4.76 % below it. Bar 4: 8,950 is 5.29 %.
    startHour: 21,
    policies: { rearm: 'none' },
    market: [
      { id: 'test:A', bars: [QUIET, [100, 100, 89, 89], [89, 89, 89, 89], [89, 89, 80, 80], [80, 80, 79, 79], [79, 79, 79, 79]], says: 'L.....' }, // prettier-ignore
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET, QUIET, QUIET], says: '.LLlL.' },
    ],
    risk: HALF_IN_A,
    fills: [
      A_ENTRY,
      ['open 3', 'entry', 'buys', 25, 100, 0, 'test:B'],
      ['open 4', 'exit', 'sells', 25, 100, 0, 'test:B'],
    ],
    trades: [['signal', 0]],
    blocked: { halted: 2 },
  },
  {
    name: 'a loss in the bar that closes at 00:00 UTC belongs to the day that is over',
    startHour: 22,
    market: [
      { id: 'test:A', bars: [QUIET, [100, 100, 80, 80], [80, 80, 80, 80]], says: 'L..' },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET], says: '.L.' },
    ],
    risk: HALF_IN_A,
    fills: [A_ENTRY, ['open 2', 'entry', 'buys', 25, 100, 0, 'test:B']],
    blocked: { halted: 0 },
  },
  {
    name: 'flatten option: what is held is closed at the next open',
    market: [
      { id: 'test:A', bars: [QUIET, [100, 100, 89.5, 89.5], [90, 90, 90, 90]], says: 'L..' },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET], says: '.L.' },
    ],
    risk: { ...HALF_IN_A, onDailyLoss: 'flatten' },
    fills: [A_ENTRY, ['open 2', 'exit', 'sells', 50, 90, 0, 'test:A']],
    trades: [['daily-loss', -500]],
    blocked: { halted: 1 },
  },
  {
    name: 'a limit of 0 is no limit',
    market: [
      { id: 'test:A', bars: [QUIET, [100, 100, 50, 50], [50, 50, 50, 50]], says: 'L..' },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET], says: '.L.' },
    ],
    risk: { ...HALF_IN_A, dailyLossLimit: 0 },
    fills: [A_ENTRY, ['open 2', 'entry', 'buys', 25, 100, 0, 'test:B']],
    blocked: { halted: 0 },
  },
  {
    name: 'same-close policy: a fee that is paid at a close counts at the next one, and an entry that rests is withdrawn there',
    // 20 / 2 = 10 at 99, fee 0.99, and as much to leave: only at the close of bar 3 is that above 1.5, and bar 4 passes the limit of 100
    market: {
      bars: [
        [100, 100, 100, 100],
        [100, 100, 98, 99],
        [99, 99, 99, 99],
        [99, 99, 99, 99],
        [99, 101, 99, 101],
      ],
      says: 'L.S..',
      instrument: { takerFee: 0.001, makerFee: 0.001 },
    },
    risk: {
      entry: limitEntry(0.01, 5),
      reversal: true,
      riskPerTrade: 0.002,
      maxPosition: 0.5,
      dailyLossLimit: 0.00015,
    },
    policies: { fillAt: 'same-close' },
    fills: [
      ['close 1', 'entry', 'buys', 10, 99, 0.99],
      ['close 2', 'exit', 'sells', 10, 99, 0.99],
    ],
    trades: [['signal', -1.98]],
    blocked: { withdrawn: 1 },
    entryOrders: 2,
  },
  {
    name: 'a short’s loss counts the same',
    market: [
      { id: 'test:A', bars: [QUIET, [100, 110.5, 100, 110.5], [110.5, 110.5, 110.5, 110.5]], says: 'S..' },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET], says: '.L.' },
    ],
    risk: HALF_IN_A,
    fills: [['open 1', 'entry', 'sells', 50, 100, 0, 'test:A']],
    blocked: { halted: 1 },
  },
]
