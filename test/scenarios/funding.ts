import { noStop, noTarget, cashFraction } from '../../src/risk/settings.js'
import type { Row, Scenario } from './scenario.js'

const QUIET: Row = [100, 101, 99, 100]
const LONG_ENTRY = ['open 1', 'entry', 'buys', 10, 100, 0] as const
const SHORT_ENTRY = ['open 1', 'entry', 'sells', 10, 100, 0] as const
/** 1 % of a mark of 100 on 10 units is 10. */
const PAYS_LONGS = 0.01
const PAYS_SHORTS = -0.01

/** Funding: longs pay a positive rate, shorts receive it; a fill at the instant pays where adverse and never receives. */
export const FUNDING: readonly Scenario[] = [
  {
    name: 'a long pays a positive rate',
    market: { bars: [QUIET, QUIET, QUIET], says: 'L..', funding: [[2, 0.01, 100]] },
    fills: [LONG_ENTRY],
    funding: -10,
    finalEquity: 9_990,
  },
  {
    name: 'a short receives a positive rate',
    market: { bars: [QUIET, QUIET, QUIET], says: 'S..', funding: [[2, 0.01, 100]] },
    fills: [SHORT_ENTRY],
    funding: 10,
    finalEquity: 10_010,
  },
  {
    name: 'a long receives a negative rate, on the mark and not on the last price',
    market: { bars: [QUIET, QUIET, QUIET], says: 'L..', funding: [[2, -0.01, 120]] },
    fills: [LONG_ENTRY],
    funding: 12,
    finalEquity: 10_012,
  },
  {
    name: 'a short pays a negative rate',
    market: { bars: [QUIET, QUIET, QUIET], says: 'S..', funding: [[2, -0.01, 120]] },
    fills: [SHORT_ENTRY],
    funding: -12,
    finalEquity: 9_988,
  },
  {
    name: 'a settlement inside a bar, off the grid, goes to who holds',
    market: { bars: [QUIET, QUIET, QUIET], says: 'L..', funding: [[2.25, 0.01, 100]] },
    fills: [LONG_ENTRY],
    funding: -10,
  },
  {
    name: 'settlements before the entry are not paid',
    market: { bars: [QUIET, QUIET, QUIET], says: 'L..', funding: [[0, 0.01, 100], [0.5, 0.01, 100]] }, // prettier-ignore
    fills: [LONG_ENTRY],
    funding: 0,
  },
  {
    name: 'a long that enters at the instant pays',
    market: { bars: [QUIET, QUIET], says: 'L.', funding: [[1, PAYS_LONGS, 100]] },
    fills: [LONG_ENTRY],
    funding: -10,
  },
  {
    name: 'a long that enters at the instant never receives',
    market: { bars: [QUIET, QUIET], says: 'L.', funding: [[1, PAYS_SHORTS, 100]] },
    fills: [LONG_ENTRY],
    funding: 0,
  },
  {
    name: 'a short that enters at the instant pays',
    market: { bars: [QUIET, QUIET], says: 'S.', funding: [[1, PAYS_SHORTS, 100]] },
    fills: [SHORT_ENTRY],
    funding: -10,
  },
  {
    name: 'a short that enters at the instant never receives',
    market: { bars: [QUIET, QUIET], says: 'S.', funding: [[1, PAYS_LONGS, 100]] },
    fills: [SHORT_ENTRY],
    funding: 0,
  },
  {
    name: 'a long that leaves at the instant pays',
    market: { bars: [QUIET, QUIET, QUIET], says: 'Ll.', funding: [[2, PAYS_LONGS, 100]] },
    fills: [LONG_ENTRY, ['open 2', 'exit', 'sells', 10, 100, 0]],
    trades: [['signal', -10]],
    funding: -10,
    finalEquity: 9_990,
  },
  {
    name: 'a long that leaves at the instant never receives',
    market: { bars: [QUIET, QUIET, QUIET], says: 'Ll.', funding: [[2, PAYS_SHORTS, 100]] },
    fills: [LONG_ENTRY, ['open 2', 'exit', 'sells', 10, 100, 0]],
    trades: [['signal', 0]],
    funding: 0,
  },
  {
    name: 'a short that leaves at the instant pays',
    market: { bars: [QUIET, QUIET, QUIET], says: 'Ss.', funding: [[2, PAYS_SHORTS, 100]] },
    fills: [SHORT_ENTRY, ['open 2', 'exit', 'buys', 10, 100, 0]],
    trades: [['signal', -10]],
    funding: -10,
  },
  {
    name: 'a short that leaves at the instant never receives',
    market: { bars: [QUIET, QUIET, QUIET], says: 'Ss.', funding: [[2, PAYS_LONGS, 100]] },
    fills: [SHORT_ENTRY, ['open 2', 'exit', 'buys', 10, 100, 0]],
    trades: [['signal', 0]],
    funding: 0,
  },
  {
    name: 'a reversal at the instant pays once, with the side that it costs: the long that leaves',
    market: { bars: [QUIET, QUIET, QUIET], says: 'LS.', funding: [[2, PAYS_LONGS, 100]] },
    risk: { reversal: true },
    fills: [LONG_ENTRY, ['open 2', 'exit', 'sells', 10, 100, 0], ['open 2', 'entry', 'sells', 10, 100, 0]],
    trades: [['signal', -10]],
    funding: -10,
  },
  {
    name: 'a reversal at the instant pays once, with the side that it costs: the short that comes',
    market: { bars: [QUIET, QUIET, QUIET], says: 'LS.', funding: [[2, PAYS_SHORTS, 100]] },
    risk: { reversal: true },
    fills: [LONG_ENTRY, ['open 2', 'exit', 'sells', 10, 100, 0], ['open 2', 'entry', 'sells', 10, 100, 0]],
    trades: [['signal', 0]],
    funding: -10,
  },
  {
    name: 'held-before policy: an entry at the instant does not pay',
    market: { bars: [QUIET, QUIET], says: 'L.', funding: [[1, PAYS_LONGS, 100]] },
    policies: { fundingAtFill: 'held-before' },
    fills: [LONG_ENTRY],
    funding: 0,
  },
  {
    name: 'held-before policy: an exit at the instant receives',
    market: { bars: [QUIET, QUIET, QUIET], says: 'Ll.', funding: [[2, PAYS_SHORTS, 100]] },
    policies: { fundingAtFill: 'held-before' },
    fills: [LONG_ENTRY, ['open 2', 'exit', 'sells', 10, 100, 0]],
    trades: [['signal', 10]],
    funding: 10,
  },
  {
    name: 'a stop inside a bar with a settlement that costs: it may have come first, so it is paid',
    market: { bars: [QUIET, QUIET, [100, 100, 98, 99]], says: 'L..', funding: [[2.5, PAYS_LONGS, 100]] },
    fills: [LONG_ENTRY, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -30]],
    funding: -10,
  },
  {
    name: 'a stop inside a bar with a settlement that would pay: it may have come later, so it is not received',
    market: { bars: [QUIET, QUIET, [100, 100, 98, 99]], says: 'L..', funding: [[2.5, PAYS_SHORTS, 100]] },
    fills: [LONG_ENTRY, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -20]],
    funding: 0,
  },
  {
    name: 'a stop inside a bar with several settlements: held up to the one after which most was paid',
    // a short: +4, then −10, then +1: the worst moment to leave is after the second, at −6
    market: {
      bars: [QUIET, QUIET, [100, 102, 99, 101]],
      says: 'S..',
      funding: [[2.2, 0.004, 100], [2.4, -0.01, 100], [2.6, 0.001, 100]], // prettier-ignore
    },
    fills: [SHORT_ENTRY, ['close 2', 'stop', 'buys', 10, 102, 0]],
    trades: [['stop-loss', -26]],
    funding: -6,
  },
  {
    name: 'a stop behind a gap left at the open: a settlement later in the bar is not paid',
    market: { bars: [QUIET, QUIET, [97, 99, 95, 96]], says: 'L..', funding: [[2.5, PAYS_LONGS, 100]] },
    fills: [LONG_ENTRY, ['open 2', 'stop', 'sells', 10, 97, 0]],
    trades: [['stop-loss', -30]],
    funding: 0,
  },
  {
    name: 'a stop behind a gap at the instant pays where it costs',
    market: { bars: [QUIET, QUIET, [97, 99, 95, 96]], says: 'L..', funding: [[2, PAYS_LONGS, 100]] },
    fills: [LONG_ENTRY, ['open 2', 'stop', 'sells', 10, 97, 0]],
    trades: [['stop-loss', -40]],
    funding: -10,
  },
  {
    name: 'a stop behind a gap at the instant never receives',
    market: { bars: [QUIET, QUIET, [97, 99, 95, 96]], says: 'L..', funding: [[2, PAYS_SHORTS, 100]] },
    fills: [LONG_ENTRY, ['open 2', 'stop', 'sells', 10, 97, 0]],
    trades: [['stop-loss', -30]],
    funding: 0,
  },
  {
    name: 'a stop inside the bar was held at the bar’s open, so it receives what was settled there',
    market: { bars: [QUIET, QUIET, [100, 100, 98, 99]], says: 'L..', funding: [[2, PAYS_SHORTS, 100]] },
    fills: [LONG_ENTRY, ['close 2', 'stop', 'sells', 10, 98, 0]],
    trades: [['stop-loss', -10]],
    funding: 10,
  },
  {
    name: 'without a mark, the last close before the settlement, flagged',
    // close of bar 1 is 103: 0.01 · 103 · 10
    market: { bars: [QUIET, [100, 103, 99, 103], QUIET], says: 'L..', funding: [[2, 0.01, NaN]] },
    fills: [LONG_ENTRY],
    funding: -10.3,
    flags: ['funding-mark-missing'],
  },
  {
    name: 'a missing rate under a position ends the run, naming instrument, field and time',
    market: { bars: [QUIET, QUIET, QUIET], says: 'L..', funding: [[2, NaN, 100]] },
    fills: [],
    fails: 'test:A was held over a funding settlement whose rate was not recorded',
  },
  {
    name: 'flag policy: a missing rate under a position is not charged, and counted',
    market: { bars: [QUIET, QUIET, QUIET], says: 'L..', funding: [[2, NaN, 100]] },
    policies: { missingFunding: 'flag' },
    fills: [LONG_ENTRY],
    funding: 0,
    flags: ['funding-rate-missing'],
    finalEquity: 10_000,
  },
  {
    name: 'a missing rate while nothing is held is nobody’s',
    market: { bars: [QUIET, QUIET, QUIET], says: '.L.', funding: [[1, NaN, 100]] },
    fills: [['open 2', 'entry', 'buys', 10, 100, 0]],
    flags: [],
  },
  {
    name: 'a position whose own bar is missing has still paid: the account says so at the next close of any instrument',
    // A, half the cash, pays 0.1 · 100 · 50 = 500 at hour 2 and has no bar there; at B's close of hour 2 the loss is 5 %
    // exactly, so with a limit of 4 % B may not enter.
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, null, QUIET], says: 'L. .', funding: [[2, 0.1, 100]] },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '..L.' },
    ],
    risk: { sizing: cashFraction(0.5), stop: noStop(), target: noTarget(), dailyLossLimit: 0.04 },
    fills: [['open 1', 'entry', 'buys', 50, 100, 0, 'test:A']],
    blocked: { halted: 1 },
    funding: -500,
  },
  {
    name: 'same-close policy: a fill at the close is before the settlement at that instant',
    // at hour 2 the long has left and does not pay; at hour 3 the new one receives
    market: { bars: [QUIET, QUIET, QUIET, QUIET], says: 'LlL.', funding: [[2, PAYS_LONGS, 100], [3, PAYS_SHORTS, 100]] }, // prettier-ignore
    policies: { fillAt: 'same-close', rearm: 'none' },
    fills: [
      ['close 0', 'entry', 'buys', 10, 100, 0],
      ['close 1', 'exit', 'sells', 10, 100, 0],
      ['close 2', 'entry', 'buys', 10, 100, 0],
    ],
    funding: 10,
  },
]
