import { cashFraction, noStop, noTarget } from '../../src/risk/settings.js'
import type { Row, Scenario } from './scenario.js'

const QUIET: Row = [100, 101, 99, 100]
const TWO: readonly Row[] = [QUIET, QUIET]
const FOUR: readonly Row[] = [QUIET, QUIET, QUIET, QUIET]

/** Several instruments on one account. */
export const ACCOUNTS: readonly Scenario[] = [
  {
    name: 'the last slot goes to the score farthest from 0.5',
    market: [
      { id: 'test:A', bars: TWO, says: 'L.', score: [0.7, 0.5] },
      { id: 'test:B', bars: TWO, says: 'L.', score: [0.9, 0.5] },
    ],
    risk: { maxPositions: 1 },
    fills: [['open 1', 'entry', 'buys', 10, 100, 0, 'test:B']],
    blocked: { 'max-positions': 1 },
    entryOrders: 1,
  },
  {
    name: 'a short at 0.1 is farther from 0.5 than a long at 0.8',
    market: [
      { id: 'test:A', bars: TWO, says: 'L.', score: [0.8, 0.5] },
      { id: 'test:B', bars: TWO, says: 'S.', score: [0.1, 0.5] },
    ],
    risk: { maxPositions: 1 },
    fills: [['open 1', 'entry', 'sells', 10, 100, 0, 'test:B']],
    blocked: { 'max-positions': 1 },
  },
  {
    name: 'a tie goes to the smaller instrument id, however the run lists them',
    market: [
      { id: 'test:B', bars: TWO, says: 'L.', score: [0.9, 0.5] },
      { id: 'test:A', bars: TWO, says: 'S.', score: [0.1, 0.5] },
    ],
    risk: { maxPositions: 1 },
    fills: [['open 1', 'entry', 'sells', 10, 100, 0, 'test:A']],
    blocked: { 'max-positions': 1 },
  },
  {
    name: 'a slot that is being left at the next open may be taken at it',
    market: [
      { id: 'test:A', bars: FOUR, says: 'Ll..' },
      { id: 'test:B', bars: FOUR, says: '.L..' },
    ],
    risk: { maxPositions: 1 },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0, 'test:A'],
      ['open 2', 'exit', 'sells', 10, 100, 0, 'test:A'],
      ['open 2', 'entry', 'buys', 10, 100, 0, 'test:B'],
    ],
    trades: [['signal', 0]],
  },
  {
    name: 'a slot whose exit could not fill, for want of a bar, is not taken',
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, null, QUIET], says: 'Ll .' },
      { id: 'test:B', bars: FOUR, says: '.L..' },
    ],
    risk: { maxPositions: 1 },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0, 'test:A'],
      ['open 3', 'exit', 'sells', 10, 100, 0, 'test:A'],
    ],
    trades: [['signal', 0]],
    blocked: { 'max-positions': 1 },
  },
  {
    name: 'money that an exit frees at the next open is not yet there at the decision',
    // A holds 6,000 and leaves at open 2; B, decided at the same close, is sized by the 4,000 that are free then
    market: [
      { id: 'test:A', bars: FOUR, says: 'Ll..' },
      { id: 'test:B', bars: FOUR, says: '.L..' },
    ],
    risk: { maxPosition: 0.6 },
    fills: [
      ['open 1', 'entry', 'buys', 60, 100, 0, 'test:A'],
      ['open 2', 'exit', 'sells', 60, 100, 0, 'test:A'],
      ['open 2', 'entry', 'buys', 40, 100, 0, 'test:B'],
    ],
    trades: [['signal', 0]],
  },
  {
    name: 'with all the money in one instrument, the other has no capital',
    market: [
      { id: 'test:A', bars: FOUR, says: 'L...' },
      { id: 'test:B', bars: FOUR, says: '.L..' },
    ],
    risk: { sizing: cashFraction(1), stop: noStop(), target: noTarget() },
    fills: [['open 1', 'entry', 'buys', 100, 100, 0, 'test:A']],
    blocked: { 'no-capital': 1 },
  },
  {
    name: 'two entries of one close share the money in rank order',
    market: [
      { id: 'test:A', bars: TWO, says: 'L.', score: [0.8, 0.5] },
      { id: 'test:B', bars: TWO, says: 'L.', score: [0.9, 0.5] },
    ],
    risk: { maxPosition: 0.6 },
    fills: [
      ['open 1', 'entry', 'buys', 60, 100, 0, 'test:B'],
      ['open 1', 'entry', 'buys', 40, 100, 0, 'test:A'],
    ],
  },
  {
    name: 'at the open the better rank is paid first: what is left shrinks the other',
    // decided 60 and 40 at 100; B opens at 150: 60 · 150 = 9,000, and A gets the 1,000 that are left
    market: [
      { id: 'test:A', bars: TWO, says: 'L.', score: [0.8, 0.5] },
      { id: 'test:B', bars: [QUIET, [150, 150, 150, 150]], says: 'L.', score: [0.9, 0.5] },
    ],
    risk: { maxPosition: 0.6 },
    fills: [
      ['open 1', 'entry', 'buys', 60, 150, 0, 'test:B'],
      ['open 1', 'entry', 'buys', 10, 100, 0, 'test:A'],
    ],
  },
  {
    name: 'same-close policy: money and slot freed at a close are there for the entry at that close',
    market: [
      { id: 'test:A', bars: FOUR, says: 'Ll..' },
      { id: 'test:B', bars: FOUR, says: '.L..' },
    ],
    risk: { maxPositions: 1 },
    policies: { fillAt: 'same-close' },
    fills: [
      ['close 0', 'entry', 'buys', 10, 100, 0, 'test:A'],
      ['close 1', 'exit', 'sells', 10, 100, 0, 'test:A'],
      ['close 1', 'entry', 'buys', 10, 100, 0, 'test:B'],
    ],
    trades: [['signal', 0]],
  },
  {
    name: 'a stop that gaps at an open frees neither slot nor money for an entry at that very open',
    // the entry is decided while A still holds the only slot
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, [90, 90, 90, 90], [90, 90, 90, 90]], says: 'L...' },
      { id: 'test:B', bars: FOUR, says: '.LL.' },
    ],
    risk: { maxPositions: 1 },
    // 10,000 − 100: 990 / 100
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0, 'test:A'],
      ['open 2', 'stop', 'sells', 10, 90, 0, 'test:A'],
      ['open 3', 'entry', 'buys', 9.9, 100, 0, 'test:B'],
    ],
    trades: [['stop-loss', -100]],
    blocked: { 'max-positions': 1 },
  },
]
