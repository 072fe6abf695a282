import type { MarginTerms } from '../../src/core/instrument.js'
import { cashFraction, limitEntry, noStop, noTarget, percentStop, percentTrail } from '../../src/risk/settings.js' // prettier-ignore
import type { Row, Scenario } from './scenario.js'

const FLAT: Row = [100, 100, 100, 100]
const QUIET: Row = [100, 101, 99, 100]
const LONG = ['open 1', 'entry', 'buys', 10, 100, 0] as const
const SHORT = ['open 1', 'entry', 'sells', 10, 100, 0] as const
const LONG_IN_A = ['open 1', 'entry', 'buys', 10, 100, 0, 'test:A'] as const

function margin(maintenanceRate: number): MarginTerms {
  return { tiers: [{ fromNotional: 0, maintenanceRate, maxLeverage: 10 }], liquidationFee: 0 }
}

/** Terms that change while an instrument trades; the hour of a change counts from the first open, so bar 1 opens at 1. */
export const DATED_TERMS: readonly Scenario[] = [
  // Ticks
  {
    name: 'a fill at an open is rounded to the tick of that very open',
    // 100.5 is on the old tick of 0.5, and 101 the next of the new one
    market: { bars: [FLAT, [100.5, 101, 100, 100.5]], says: 'L.', changes: [{ hour: 1, tickSize: 1 }] },
    fills: [['open 1', 'entry', 'buys', 10, 101, 0]],
  },
  {
    name: 'a change inside a bar is for the next one',
    market: { bars: [FLAT, [100.5, 101, 100, 100.5]], says: 'L.', changes: [{ hour: 1.25, tickSize: 1 }] },
    fills: [['open 1', 'entry', 'buys', 10, 100.5, 0]],
  },
  {
    name: 'a change before the first bar is the instrument’s own from the first bar on',
    market: { bars: [FLAT, [100.5, 101, 100, 100.5]], says: 'S.', changes: [{ hour: -1_000, tickSize: 1 }] },
    fills: [['open 1', 'entry', 'sells', 10, 100, 0]],
  },
  {
    name: 'a later change is none yet',
    market: { bars: [FLAT, [100.5, 101, 100, 100.5]], says: 'L.', changes: [{ hour: 2, tickSize: 1 }] },
    fills: [['open 1', 'entry', 'buys', 10, 100.5, 0]],
  },
  {
    name: 'levels stand on the tick of the bar of the fill that sets them',
    // on a tick of 5: stop 98 → 95, target 104 → 105; a low of 95.5 and a high of 105 reach neither
    market: { bars: [FLAT, [100, 105, 95.5, 100], [100, 101, 95, 96]], says: 'L..', changes: [{ hour: 1, tickSize: 5 }] }, // prettier-ignore
    fills: [LONG, ['close 2', 'stop', 'sells', 10, 95, 0]],
    trades: [['stop-loss', -50]],
  },
  {
    name: 'a level stays where it was set; what it is filled at is on the tick of the bar that hits it',
    // 2.5 away: 97.5, touched exactly; sold at 97 on the new tick of 1
    market: {
      bars: [FLAT, QUIET, [100, 100, 98, 99], [99, 99, 97.5, 98]],
      says: 'L...',
      changes: [{ hour: 2, tickSize: 1 }],
    },
    risk: { stop: percentStop(0.025) },
    fills: [LONG, ['close 3', 'stop', 'sells', 10, 97, 0]],
    trades: [['stop-loss', -30]],
  },
  {
    name: 'through a target is one tick of the bar that meets it',
    // on a tick of 2, a high of 104.5 is not yet through 104; 106 is
    market: {
      bars: [FLAT, QUIET, [100, 104.5, 100, 104], [104, 106, 103, 105]],
      says: 'L...',
      changes: [{ hour: 2, tickSize: 2 }],
    },
    fills: [LONG, ['close 3', 'target', 'sells', 10, 104, 0]],
    trades: [['take-profit', 40]],
  },
  {
    name: 'the ratchet at a close uses the tick of the bar that closes, though its successor’s begins there',
    // a high of 110 → 107.8 → 107.5 on the tick of bar 1 (107 on the next); touched at 107.5, sold at 107
    market: {
      bars: [FLAT, [100, 110, 99, 109], [109, 109, 107.5, 108]],
      says: 'L..',
      changes: [{ hour: 2, tickSize: 1 }],
    },
    risk: { stop: percentStop(0.05), trailing: percentTrail(0.02), target: noTarget() },
    fills: [LONG, ['close 2', 'stop', 'sells', 10, 107, 0]],
    trades: [['trailing-stop', 70]],
  },
  {
    name: 'the price of a resting entry is on the tick of the close that decides it',
    // 100 − 1 = 99, on the tick of 2 that begins at that close 98; a low of 96 is through by one such tick
    market: { bars: [FLAT, [100, 100, 98, 99], [99, 99, 96, 99]], says: 'L..', changes: [{ hour: 1, tickSize: 2 }] }, // prettier-ignore
    risk: { entry: limitEntry(0.01, 2), riskPerTrade: 0.005, maxPosition: 0.5, stop: percentStop(0.05) },
    fills: [['close 2', 'entry', 'buys', 10, 98, 0]],
  },
  {
    name: 'the price of a resting entry stays where it was set',
    // 100 − 1.5 = 98.5, one tick of 0.5 below which is 98; the tick of 2 asks for more than half of it: below 97.5
    market: { bars: [FLAT, QUIET, [100, 100, 98, 99], [99, 99, 97, 98]], says: 'L...', changes: [{ hour: 2, tickSize: 2 }] }, // prettier-ignore
    risk: { entry: limitEntry(0.015, 3), riskPerTrade: 0.005, maxPosition: 0.5, stop: percentStop(0.05) },
    fills: [['close 3', 'entry', 'buys', 10, 98.5, 0]],
  },

  // Lots and the smallest order
  {
    name: 'a size is in lots of the close that decides it',
    market: { bars: [FLAT, QUIET], says: 'L.', changes: [{ hour: 1, lotSize: 3 }] },
    fills: [['open 1', 'entry', 'buys', 9, 100, 0]],
  },
  {
    name: 'a lot that changes after the close that decides is none yet',
    market: { bars: [FLAT, QUIET], says: 'L.', changes: [{ hour: 1.5, lotSize: 3 }] },
    fills: [LONG],
  },
  {
    name: 'no lot holds an exit back: what is held leaves whole',
    market: { bars: [FLAT, QUIET, QUIET], says: 'Ss.', changes: [{ hour: 2, lotSize: 3 }] },
    fills: [SHORT, ['open 2', 'exit', 'buys', 10, 100, 0]],
    trades: [['signal', 0]],
  },
  {
    name: 'the smallest notional is that of the close that decides',
    market: { bars: [FLAT, QUIET, QUIET], says: 'L..', changes: [{ hour: 2, minNotional: 1_001 }] },
    fills: [LONG],
    blocked: { 'min-notional': 0 },
  },
  {
    name: 'a smallest notional that begins at a close blocks what that close decides',
    market: { bars: [FLAT, QUIET, QUIET], says: 'L..', changes: [{ hour: 1, minNotional: 1_001 }] },
    fills: [],
    blocked: { 'min-notional': 1 },
  },

  // Fees
  {
    name: 'a fee is that of the bar of the fill: one for the entry, another for the exit',
    // 10 · 100 · 0.001 and 0.002
    market: {
      bars: [FLAT, QUIET, FLAT],
      says: 'Ll.',
      instrument: { takerFee: 0.001 },
      changes: [{ hour: 2, takerFee: 0.002 }],
    },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 1],
      ['open 2', 'exit', 'sells', 10, 100, 2],
    ],
    trades: [['signal', -3]],
  },
  {
    name: 'changes add up in order: what a later one leaves out stays as an earlier one set it',
    // maker 0.003 from hour 1 and still at hour 2, where only the taker’s changes
    market: {
      bars: [FLAT, QUIET, [100, 104.5, 99, 104]],
      says: 'L..',
      instrument: { takerFee: 0.001, makerFee: 0.001 },
      changes: [
        { hour: 1, takerFee: 0.002, makerFee: 0.003 },
        { hour: 2, takerFee: 0.05 },
      ],
    },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 2],
      ['close 2', 'target', 'sells', 10, 104, 3.12],
    ],
    trades: [['take-profit', 34.88]],
  },
  {
    name: 'a fill inside a bar pays the fee of the bar’s open, whatever changes in it',
    market: {
      bars: [FLAT, QUIET, [100, 100, 98, 99]],
      says: 'L..',
      instrument: { takerFee: 0.001 },
      changes: [{ hour: 2.5, takerFee: 0.05 }],
    },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 1],
      ['close 2', 'stop', 'sells', 10, 98, 0.98],
    ],
    trades: [['stop-loss', -21.98]],
  },
  {
    name: 'the end of the data is a fill at a close, on the terms that hold there',
    // a fee of 0.002 and a tick of 2 from the last close on: 101 → 100
    market: {
      bars: [FLAT, [100, 102, 99, 101]],
      says: 'L.',
      instrument: { takerFee: 0.001 },
      changes: [{ hour: 2, takerFee: 0.002, tickSize: 2 }],
    },
    policies: { endOfData: 'close' },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 1],
      ['close 1', 'exit', 'sells', 10, 100, 2],
    ],
    trades: [['end-of-data', -3]],
  },
  {
    name: 'where bars cease early, the end of the data is on the terms at the end of the run',
    market: [
      {
        id: 'test:A',
        bars: [QUIET, [100, 101, 99, 101]],
        says: 'L.',
        instrument: { takerFee: 0.001 },
        changes: [{ hour: 2.5, takerFee: 0.002 }],
      },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET], says: '...' },
    ],
    policies: { endOfData: 'close' },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 1, 'test:A'],
      ['close 2', 'exit', 'sells', 10, 101, 2.02, 'test:A'],
    ],
    trades: [['end-of-data', 6.98]],
  },
  {
    name: 'same-close policy: a fill at a close is on the terms that hold there',
    market: {
      bars: [[100, 101, 99, 101], [101, 101, 101, 101]], // prettier-ignore
      says: 'L.',
      instrument: { takerFee: 0.001, lotSize: 1 },
      changes: [{ hour: 1, takerFee: 0.002, tickSize: 2 }],
    },
    policies: { fillAt: 'same-close' },
    // 1,000 / 101 = 9.9 → 9 lots; 101 → 102; 9 · 102 · 0.002
    fills: [['close 0', 'entry', 'buys', 9, 102, 1.836]],
  },
  {
    name: 'a fee that was set for the run wins over every change',
    // 0.0005 of 1,000
    market: {
      bars: [FLAT, QUIET, FLAT],
      says: 'Ll.',
      instrument: { takerFee: 0.001 },
      changes: [{ hour: 2, takerFee: 0.002 }],
    },
    costs: { takerFee: 0.0005 },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0.5],
      ['open 2', 'exit', 'sells', 10, 100, 0.5],
    ],
    trades: [['signal', -1]],
  },

  // Margin
  {
    name: 'margin terms that begin with the first bar are terms to be leveraged on',
    market: { bars: [FLAT, QUIET], says: 'L.', changes: [{ hour: 0, margin: margin(0.04) }] },
    risk: { leverage: 4 },
    fills: [LONG],
  },
  {
    name: 'the liquidation level is set on the margin terms of the bar of the fill',
    // (100 − 25) / (1 − 0.0625) = 80, against 75 / 0.96 = 78.125 before
    market: {
      bars: [FLAT, QUIET, [90, 91, 80, 85]],
      says: 'L..',
      instrument: { margin: margin(0.04) },
      changes: [{ hour: 1, margin: margin(0.0625) }],
    },
    risk: { stop: noStop(), target: noTarget(), leverage: 4, sizing: cashFraction(0.025) },
    fills: [LONG, ['close 2', 'liquidation', 'sells', 10, 75, 0]],
  },
  {
    name: 'margin terms that change later do not move the level of what is held',
    // 80 stays, though the new rate alone would say 75 / 0.75 = 100
    market: {
      bars: [FLAT, QUIET, [90, 91, 80.5, 85]],
      says: 'L..',
      instrument: { margin: margin(0.0625) },
      changes: [{ hour: 2, margin: margin(0.25) }],
    },
    risk: { stop: noStop(), target: noTarget(), leverage: 4, sizing: cashFraction(0.025) },
    fills: [LONG],
    finalEquity: 9_850,
  },

  // Listing
  {
    name: 'bars that open before the listing decide nothing',
    market: { bars: [QUIET, QUIET, QUIET, QUIET], says: 'LLL.', listed: 2 },
    fills: [['open 3', 'entry', 'buys', 10, 100, 0]],
    blocked: { 'in-position': 0 },
    entryOrders: 1,
  },
  {
    name: 'a listing inside a bar leaves that bar to warm up',
    market: { bars: [QUIET, QUIET, QUIET, QUIET], says: 'LLL.', listed: 1.5 },
    fills: [['open 3', 'entry', 'buys', 10, 100, 0]],
  },
  {
    name: 'a listing at the first open changes nothing',
    market: { bars: [QUIET, QUIET], says: 'S.', listed: 0 },
    fills: [SHORT],
  },
  {
    name: 'one instrument is listed while another trades',
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, QUIET, QUIET], says: 'L...' },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: 'LLS.', listed: 2 },
    ],
    fills: [LONG_IN_A, ['open 3', 'entry', 'sells', 10, 100, 0, 'test:B']],
  },

  // Delisting
  {
    name: 'a long is closed at the last close before the delisting, with slippage, half spread and fee',
    // 101 · (1 − 0.002) = 100.798 → 100.5; entry 100.2 → 100.5; fees 1.005 each
    market: [
      {
        id: 'test:A',
        bars: [QUIET, QUIET, [100, 101, 99, 101], [150, 150, 150, 150], [150, 150, 150, 150]],
        says: 'L....',
        delisted: 3,
        instrument: { takerFee: 0.001, makerFee: 0.05 },
      },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET, QUIET], says: '.....' },
    ],
    slippageBps: 10,
    costs: { halfSpreadBps: 10 },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100.5, 1.005, 'test:A'],
      ['close 2', 'exit', 'sells', 10, 100.5, 1.005, 'test:A'],
    ],
    trades: [['delisted', -2.01]],
    finalEquity: 9_997.99,
  },
  {
    name: 'a short is bought back at the last close before the delisting; one inside a bar takes that bar away',
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, [100, 101, 98, 98], [50, 50, 50, 50], QUIET], says: 'S....', delisted: 3.5 }, // prettier-ignore
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET, QUIET], says: '.....' },
    ],
    fills: [
      ['open 1', 'entry', 'sells', 10, 100, 0, 'test:A'],
      ['close 2', 'exit', 'buys', 10, 98, 0, 'test:A'],
    ],
    trades: [['delisted', 20]],
  },
  {
    name: 'where an instrument’s bars cease before its delisting, its last close is the last there is',
    market: [
      { id: 'test:A', bars: [QUIET, [100, 101, 99, 101]], says: 'L.', delisted: 3 },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '....' },
    ],
    fills: [LONG_IN_A, ['close 1', 'exit', 'sells', 10, 101, 0, 'test:A']],
    trades: [['delisted', 10]],
  },
  {
    name: 'no entry is decided at the last close, and none after it',
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, QUIET, QUIET], says: '..LL', delisted: 3 },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '....' },
    ],
    fills: [],
    blocked: { delisted: 1, 'end-of-data': 0 },
    entryOrders: 0,
  },
  {
    name: 'an entry decided a bar earlier fills, and is closed at the last close',
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, [100, 101, 99, 99], QUIET], says: '.L..', delisted: 3 },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '....' },
    ],
    fills: [
      ['open 2', 'entry', 'buys', 10, 100, 0, 'test:A'],
      ['close 2', 'exit', 'sells', 10, 99, 0, 'test:A'],
    ],
    trades: [['delisted', -10]],
  },
  {
    name: 'a stop inside the last bar goes before the delisting',
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, [100, 100, 98, 99], QUIET], says: 'L...', delisted: 3 },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '....' },
    ],
    fills: [LONG_IN_A, ['close 2', 'stop', 'sells', 10, 98, 0, 'test:A']],
    trades: [['stop-loss', -20]],
  },
  {
    name: 'an exit signal at the last close is the delisting’s',
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, QUIET, [90, 90, 90, 90]], says: 'L.l.', delisted: 3 },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '....' },
    ],
    fills: [LONG_IN_A, ['close 2', 'exit', 'sells', 10, 100, 0, 'test:A']],
    trades: [['delisted', 0]],
  },
  {
    name: 'a limit that rests ends with the delisting, and sets its money free',
    // A’s 125 units at 80 had all of it
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, [100, 100, 70, 75]], says: 'L..', delisted: 2 },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, [100, 100, 79, 80]], says: '..L.' },
    ],
    risk: { stop: noStop(), target: noTarget(), sizing: cashFraction(1), entry: limitEntry(0.2, 5) },
    fills: [['close 3', 'entry', 'buys', 125, 80, 0, 'test:B']],
    entryOrders: 2,
  },
  {
    name: 'what is delisted has no funding to pay any more',
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, QUIET, QUIET], says: 'L...', delisted: 3, funding: [[3.5, 0.01, 100]] }, // prettier-ignore
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '....' },
    ],
    fills: [LONG_IN_A, ['close 2', 'exit', 'sells', 10, 100, 0, 'test:A']],
    trades: [['delisted', 0]],
    funding: 0,
  },
  {
    name: 'a delisting at the very end of the run is one, and the policy leave-open does not hold it up',
    market: { bars: [QUIET, QUIET, [100, 101, 99, 101]], says: 'L..', delisted: 3 },
    fills: [LONG, ['close 2', 'exit', 'sells', 10, 101, 0]],
    trades: [['delisted', 10]],
  },
  {
    name: 'a delisting after the end of the run is none yet',
    market: { bars: [QUIET, QUIET, [100, 101, 99, 101]], says: 'L..', delisted: 4 },
    policies: { endOfData: 'close' },
    fills: [LONG, ['close 2', 'exit', 'sells', 10, 101, 0]],
    trades: [['end-of-data', 10]],
  },
  {
    name: 'a delisting has no cap of volume',
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, QUIET, QUIET], says: 'L...', delisted: 3, volume: [20, 0, 0, 0] },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '....' },
    ],
    costs: { participation: 0.5 },
    fills: [LONG_IN_A, ['close 2', 'exit', 'sells', 10, 100, 0, 'test:A']],
    trades: [['delisted', 0]],
  },
  {
    name: 'a delisting closes on the terms of that close',
    market: [
      {
        id: 'test:A',
        bars: [QUIET, QUIET, [100, 101, 99, 101], QUIET],
        says: 'L...',
        delisted: 3,
        changes: [{ hour: 3, takerFee: 0.001, tickSize: 2 }],
      },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET, QUIET], says: '....' },
    ],
    fills: [LONG_IN_A, ['close 2', 'exit', 'sells', 10, 100, 1, 'test:A']],
    trades: [['delisted', -1]],
  },
  {
    name: 'a resting entry fills in the lots that are in force in its bar',
    // 10 were sent; lots of 4 from bar 2 on
    market: {
      bars: [FLAT, QUIET, [100, 100.5, 97.5, 99]],
      says: 'L..',
      changes: [{ hour: 2, lotSize: 4 }],
    },
    risk: { riskPerTrade: 0.002, maxPosition: 0.5, entry: limitEntry(0.02, 3) },
    fills: [['close 2', 'entry', 'buys', 8, 98, 0]],
  },
  {
    name: 'same-close policy: at the last close before a delisting an opposite signal still closes, and enters nothing',
    market: [
      { id: 'test:A', bars: [FLAT, [100, 101, 99, 101]], says: 'LS', delisted: 2 },
      { id: 'test:B', bars: [QUIET, QUIET, QUIET], says: '...' },
    ],
    policies: { fillAt: 'same-close' },
    risk: { reversal: true },
    fills: [
      ['close 0', 'entry', 'buys', 10, 100, 0, 'test:A'],
      ['close 1', 'exit', 'sells', 10, 101, 0, 'test:A'],
    ],
    trades: [['signal', 10]],
    blocked: { delisted: 1 },
  },
]
