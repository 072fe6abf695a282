import { cashFraction, noStop, noTarget, percentStop } from '../../src/risk/settings.js'
import type { Row, Scenario } from './scenario.js'

const QUIET: Row = [100, 101, 99, 100]
const TWO: readonly Row[] = [QUIET, QUIET]

/** How large an entry is, and which bound decided. 2 % of 10,000 at risk: 200 over the stop's distance. */
export const SIZING: readonly Scenario[] = [
  {
    name: 'a 2 % stop would allow 100 units: the 10 % cap binds',
    market: { bars: TWO, says: 'L.' },
    policies: { endOfData: 'close' },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['close 1', 'exit', 'sells', 10, 100, 0],
    ],
    boundBy: ['max-position'],
  },
  {
    name: 'a 50 % stop allows 4 units: risk binds',
    market: { bars: TWO, says: 'L.' },
    risk: { stop: percentStop(0.5) },
    fills: [['open 1', 'entry', 'buys', 4, 100, 0]],
    boundBy: ['risk'],
  },
  {
    name: 'conviction of a plain long (0.70) is three quarters, before the cap',
    market: { bars: TWO, says: 'L.', score: [0.7, 0.5] },
    risk: { stop: percentStop(0.5) },
    fills: [['open 1', 'entry', 'buys', 3, 100, 0]],
    boundBy: ['risk'],
  },
  {
    name: 'conviction of a plain short (0.30) is three quarters too',
    market: { bars: TWO, says: 'S.', score: [0.3, 0.5] },
    risk: { stop: percentStop(0.5) },
    fills: [['open 1', 'entry', 'sells', 3, 100, 0]],
    boundBy: ['risk'],
  },
  {
    name: 'a strong score on either side has full conviction',
    market: [
      { id: 'test:A', bars: TWO, says: 'L.', score: [0.8, 0.5] },
      { id: 'test:B', bars: TWO, says: 'S.', score: [0.1, 0.5] },
    ],
    risk: { stop: percentStop(0.5) },
    fills: [
      ['open 1', 'entry', 'sells', 4, 100, 0, 'test:B'],
      ['open 1', 'entry', 'buys', 4, 100, 0, 'test:A'],
    ],
  },
  {
    name: 'conviction before the cap leaves a capped size as it is',
    market: { bars: TWO, says: 'L.', score: [0.7, 0.5] },
    fills: [['open 1', 'entry', 'buys', 10, 100, 0]],
    boundBy: ['max-position'],
  },
  {
    name: 'conviction after the cap scales the capped size',
    market: { bars: TWO, says: 'L.', score: [0.7, 0.5] },
    risk: { conviction: 'after-cap' },
    fills: [['open 1', 'entry', 'buys', 7.5, 100, 0]],
    boundBy: ['max-position'],
  },
  {
    name: 'free cash binds, fee included: 10,000 / 1.01 / 100 = 99.0099, in whole lots 99',
    market: { bars: TWO, says: 'L.', instrument: { takerFee: 0.01, lotSize: 1 } },
    risk: { maxPosition: 1 },
    fills: [['open 1', 'entry', 'buys', 99, 100, 99]],
    boundBy: ['cash'],
    finalEquity: 9_901,
  },
  {
    name: 'an open that gapped up shrinks an all-cash entry to what it can pay',
    market: { bars: [QUIET, [125, 125, 125, 125]], says: 'L.', instrument: { lotSize: 1 } },
    risk: { maxPosition: 1 },
    fills: [['open 1', 'entry', 'buys', 80, 125, 0]],
    finalEquity: 10_000,
  },
  {
    name: 'a short’s margin is reserved like a long’s cost: the gap up shrinks it too',
    market: { bars: [QUIET, [125, 125, 125, 125]], says: 'S.', instrument: { lotSize: 1 } },
    risk: { maxPosition: 1 },
    fills: [['open 1', 'entry', 'sells', 80, 125, 0]],
    finalEquity: 10_000,
  },
  {
    name: 'an open that gapped down does not enlarge an entry sized at the decision',
    market: { bars: [QUIET, [80, 80, 80, 80]], says: 'L.' },
    fills: [['open 1', 'entry', 'buys', 10, 80, 0]],
  },
  {
    name: 'sizeAt fill policy: the quantity comes from the price of the fill',
    // 10 % of 10,000 at 80
    market: { bars: [QUIET, [80, 80, 80, 80]], says: 'L.' },
    policies: { sizeAt: 'fill' },
    fills: [['open 1', 'entry', 'buys', 12.5, 80, 0]],
  },
  {
    name: 'rounded down to the lot',
    market: { bars: TWO, says: 'L.', instrument: { lotSize: 3 } },
    fills: [['open 1', 'entry', 'buys', 9, 100, 0]],
  },
  {
    name: 'a quotient that is whole but for float noise is whole: 10 units are 100 lots of 0.1',
    market: { bars: TWO, says: 'L.', instrument: { lotSize: 0.1 } },
    fills: [['open 1', 'entry', 'buys', 10, 100, 0]],
  },
  {
    name: 'less than a lot is no order',
    market: { bars: TWO, says: 'L.', instrument: { lotSize: 20 } },
    fills: [],
    blocked: { lot: 1 },
  },
  {
    name: 'exactly the minimum notional is an order',
    market: { bars: TWO, says: 'L.', instrument: { minNotional: 1_000 } },
    fills: [['open 1', 'entry', 'buys', 10, 100, 0]],
  },
  {
    name: 'under the minimum notional is none',
    market: { bars: TWO, says: 'L.', instrument: { minNotional: 1_000.5 } },
    fills: [],
    blocked: { 'min-notional': 1 },
  },
  {
    name: 'the minimum notional is checked again at the fill',
    // decided 10 · 100 = 1,000, at the open 10 · 90 = 900
    market: { bars: [QUIET, [90, 90, 90, 90]], says: 'L.', instrument: { minNotional: 1_000 } },
    fills: [],
    blocked: { 'min-notional': 1 },
  },
  {
    name: 'no minimum holds an exit back',
    market: {
      bars: [QUIET, QUIET, [50, 50, 50, 50]],
      says: 'Ll.',
      instrument: { minNotional: 1_000, lotSize: 1 },
    },
    fills: [
      ['open 1', 'entry', 'buys', 10, 100, 0],
      ['open 2', 'exit', 'sells', 10, 50, 0],
    ],
    trades: [['signal', -500]],
  },
  {
    name: 'spot cannot be short',
    market: { bars: TWO, says: 'S.', instrument: { kind: 'spot' } },
    fills: [],
    blocked: { 'not-shortable': 1 },
  },
  {
    name: 'a perpetual is not sold short where the strategy does not allow it',
    market: { bars: TWO, says: 'S.' },
    risk: { allowShort: false },
    fills: [],
    blocked: { 'not-shortable': 1 },
  },
  {
    name: 'equity at the decision is the capital: after a profit of 1,000 the cap is 1,100',
    // all cash in, 100 units from 100 to 110; at 110, 10 % of 11,000 … the cap of a second instrument is 1,100
    market: [
      { id: 'test:A', bars: [QUIET, QUIET, [110, 110, 110, 110], [110, 110, 110, 110]], says: 'L...' },
      { id: 'test:B', bars: [QUIET, QUIET, [100, 100, 100, 100], [100, 100, 100, 100]], says: '..L.' },
    ],
    risk: { maxPosition: 0.5, target: noTarget() },
    fills: [
      ['open 1', 'entry', 'buys', 50, 100, 0, 'test:A'],
      // equity 10,500: half is 5,250, but only 5,000 are free
      ['open 3', 'entry', 'buys', 50, 100, 0, 'test:B'],
    ],
    boundBy: ['max-position', 'cash'],
  },
  {
    name: 'a share of the free cash',
    market: { bars: TWO, says: 'L.' },
    risk: { sizing: cashFraction(0.25), stop: noStop(), target: noTarget() },
    fills: [['open 1', 'entry', 'buys', 25, 100, 0]],
    boundBy: ['fixed'],
  },
]
