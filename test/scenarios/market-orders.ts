import { noStop, noTarget, cashFraction } from '../../src/risk/settings.js'
import type { Scenario } from './scenario.js'

/** Market entries and exits: when and where they fill, and which of two wishes wins. */
export const MARKET_ORDERS: readonly Scenario[] = [
  {
    name: 'a long entry fills at the next open, wherever it gapped to, not at the close it was decided on',
    cells: ['market entry long gap'],
    market: { bars: [[100, 100, 100, 100], [101, 102, 100.5, 101]], says: 'L.' }, // prettier-ignore
    fills: [['open 1', 'entry', 'buys', 10, 101, 0]],
    finalEquity: 10_000,
  },
  {
    name: 'a short entry fills at the next open, wherever it gapped to',
    cells: ['market entry short gap'],
    market: { bars: [[100, 100, 100, 100], [99, 99.5, 98, 98.5]], says: 'S.' }, // prettier-ignore
    fills: [['open 1', 'entry', 'sells', 10, 99, 0]],
    finalEquity: 10_005,
  },
  {
    name: 'slippage and the tick are against a buyer, above the bar’s own high, and the fee is on that price',
    // 101 · 1.001 = 101.101 → 101.5; 10 · 101.5 · 0.001 = 1.015
    market: {
      bars: [[100, 100, 100, 100], [101, 101, 101, 101]], // prettier-ignore
      says: 'L.',
      instrument: { takerFee: 0.001, makerFee: 0.5 },
    },
    slippageBps: 10,
    fills: [['open 1', 'entry', 'buys', 10, 101.5, 1.015]],
    finalEquity: 9_993.985,
  },
  {
    name: 'slippage and the tick are against a seller, below the bar’s own low',
    // 99 · 0.999 = 98.901 → 98.5
    market: {
      bars: [[100, 100, 100, 100], [99, 99, 99, 99]], // prettier-ignore
      says: 'S.',
      instrument: { takerFee: 0.001 },
    },
    slippageBps: 10,
    fills: [['open 1', 'entry', 'sells', 10, 98.5, 0.985]],
    finalEquity: 9_994.015,
  },
  {
    name: 'same-close policy: a long entry fills at the close it was decided on',
    market: { bars: [[99, 101, 90, 100], [101, 102, 100.5, 101]], says: 'L.' }, // prettier-ignore
    policies: { fillAt: 'same-close' },
    fills: [['close 0', 'entry', 'buys', 10, 100, 0]],
    finalEquity: 10_010,
  },
  {
    name: 'same-close policy: a short entry and its exit fill at the closes they were decided on',
    market: { bars: [[99, 110, 90, 100], [99, 101, 98, 99]], says: 'Ss' }, // prettier-ignore
    policies: { fillAt: 'same-close' },
    fills: [
      ['close 0', 'entry', 'sells', 10, 100, 0],
      ['close 1', 'exit', 'buys', 10, 99, 0],
    ],
    trades: [['signal', 10]],
  },
  {
    name: 'a long exit by signal fills at the next open, gap and all',
    cells: ['market exit long gap'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100.5], [103, 103, 90, 95]], says: 'Ll.' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'exit', 'sells', 10, 103, 0],
    ],
    trades: [['signal', 30]],
  },
  {
    name: 'a short exit by signal fills at the next open, gap and all',
    cells: ['market exit short gap'],
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [97, 110, 97, 105]], says: 'Ss.' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'sells', 10, 100, 0],
      ['open 2', 'exit', 'buys', 10, 97, 0],
    ],
    trades: [['signal', 30]],
  },
  {
    name: 'exits slip and round against us too: a long’s',
    // entry 100 · 1.001 = 100.1 → 100.5; exit 103 · 0.999 = 102.897 → 102.5; fees 1.005 + 1.025
    market: {
      bars: [[100, 100, 100, 100], [100, 101, 99.5, 100.5], [103, 103, 102, 102]], // prettier-ignore
      says: 'Ll.',
      instrument: { takerFee: 0.001 },
    },
    slippageBps: 10,
    fills: [
      ['open 1', 'entry', 'buys', 10, 100.5, 1.005],
      ['open 2', 'exit', 'sells', 10, 102.5, 1.025],
    ],
    trades: [['signal', 17.97]],
    finalEquity: 10_017.97,
  },
  {
    name: 'exits slip and round against us too: a short’s',
    // entry 100 · 0.999 = 99.9 → 99.5; exit 97 · 1.001 = 97.097 → 97.5; fees 0.995 + 0.975
    market: {
      bars: [[100, 100, 100, 100], [100, 100.5, 99, 100], [97, 97, 97, 97]], // prettier-ignore
      says: 'Ss.',
      instrument: { takerFee: 0.001 },
    },
    slippageBps: 10,
    fills: [
      ['open 1', 'entry', 'sells', 10, 99.5, 0.995],
      ['open 2', 'exit', 'buys', 10, 97.5, 0.975],
    ],
    trades: [['signal', 18.03]],
    finalEquity: 10_018.03,
  },
  {
    name: 'an opposite entry signal only closes, unless reversal was asked for',
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [101, 101, 101, 101]], says: 'LS.' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'exit', 'sells', 10, 101, 0],
    ],
    trades: [['signal', 10]],
    blocked: { 'exit-on-same-bar': 1 },
  },
  {
    name: 'reversal of a long is two orders at one open',
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [101, 102, 100, 101]], says: 'LS.' }, // prettier-ignore
    risk: { reversal: true },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'exit', 'sells', 10, 101, 0],
      ['open 2', 'entry', 'sells', 10, 101, 0],
    ],
    trades: [['signal', 10]],
  },
  {
    name: 'reversal of a short is two orders at one open, with the money that the first sets free',
    // all cash: 100 units short of 100; at the close of 100 the position is worth the 10,000 again; at 99 they buy 100.
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [99, 99, 99, 99]], says: 'SL.' }, // prettier-ignore
    risk: { reversal: true, sizing: cashFraction(1), stop: noStop(), target: noTarget() },
    fills: [
      ['open 1', 'entry', 'sells', 100, 100, 0],
      ['open 2', 'exit', 'buys', 100, 99, 0],
      ['open 2', 'entry', 'buys', 100, 99, 0],
    ],
    trades: [['signal', 100]],
    boundBy: ['fixed', 'fixed'],
  },
  {
    name: 'a reversal into a short that is not allowed still closes the long',
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [101, 102, 100, 101]], says: 'LS.' }, // prettier-ignore
    risk: { reversal: true, allowShort: false },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'exit', 'sells', 10, 101, 0],
    ],
    trades: [['signal', 10]],
    blocked: { 'not-shortable': 1 },
  },
  {
    name: 'exit beats entry on a bar',
    market: { bars: [[100, 100, 100, 100], [100, 100, 100, 100], [100, 100, 100, 100]], says: 'XY.' }, // prettier-ignore
    fills: [],
    blocked: { 'exit-on-same-bar': 2 },
  },
  {
    name: 'exit beats entry on a bar: an opposite entry that is vetoed so still closes what is held, and turns nothing around',
    market: { bars: [[100, 100, 100, 100], [100, 100, 100, 100], [100, 100, 100, 100]], says: 'LY.' }, // prettier-ignore
    risk: { reversal: true },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'exit', 'sells', 10, 100, 0],
    ],
    trades: [['signal', 0]],
    blocked: { 'exit-on-same-bar': 1 },
  },
  {
    name: 'long and short at once open nothing and close nothing, and are counted',
    market: {
      bars: [[100, 100, 100, 100], [100, 100, 100, 100], [100, 100, 100, 100], [100, 100, 100, 100]], // prettier-ignore
      says: 'BLB.',
    },
    risk: { reversal: true },
    fills: [['open 2', 'entry', 'buys', 10, 100, 0]],
    blocked: { 'long-and-short': 2 },
  },
  {
    name: 'a stop hit in the bar at whose close the exit is signalled leaves nothing to exit',
    market: { bars: [[100, 100, 100, 100], [100, 101, 97, 99], [105, 105, 105, 105]], says: 'Ll.' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['close 1', 'stop', 'sells', 10, 98, 0],
    ],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'an exit fills at its open before the bar can touch the stop or the target',
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [100, 110, 90, 100]], says: 'Ll.' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'exit', 'sells', 10, 100, 0],
    ],
    trades: [['signal', 0]],
  },
  {
    name: 'an exit fills at its open even where that open is beyond the stop, as the signal’s exit',
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [95, 96, 90, 95]], says: 'Ll.' }, // prettier-ignore
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'exit', 'sells', 10, 95, 0],
    ],
    trades: [['signal', -50]],
  },
  {
    name: 'no second entry while the first is held',
    market: { bars: [[100, 100, 100, 100], [100, 101, 99, 100], [100, 101, 99, 100]], says: 'LLL' }, // prettier-ignore
    fills: [['open 1', 'entry', 'buys', 10, 100, 0]],
    blocked: { 'in-position': 2, 'end-of-data': 0 },
  },
  {
    name: 'an unknown signal neither enters nor exits, and stops stay',
    market: {
      bars: [[100, 100, 100, 100], [100, 100, 100, 100], [100, 101, 99, 100], [100, 100, 97.5, 99]], // prettier-ignore
      says: '?L??',
    },
    fills: [
      ['open 2', 'entry', 'buys', 10, 100, 0],
      ['close 3', 'stop', 'sells', 10, 98, 0],
    ],
    trades: [['stop-loss', -20]],
  },
]
