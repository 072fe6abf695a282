import { atrTrail, noTarget, percentStop, percentTarget, percentTrail } from '../../src/risk/settings.js'
import type { Row, Scenario } from './scenario.js'

const LONG_ENTRY = ['open 1', 'entry', 'buys', 10, 100, 0] as const
const SHORT_ENTRY = ['open 1', 'entry', 'sells', 10, 100, 0] as const
/** Up to 110, then the level is 110 · 0.98 = 107.8 → 107.5. The rise's own low of 99 came before the level was raised. */
const RISE: readonly Row[] = [[100, 100, 100, 100], [100, 110, 99, 109]] // prettier-ignore
/** Down to 90, then the level is 90 · 1.02 = 91.8 → 92. */
const FALL: readonly Row[] = [[100, 100, 100, 100], [100, 101, 90, 91]] // prettier-ignore
const TRAIL_2 = { stop: percentStop(0.05), trailing: percentTrail(0.02), target: noTarget() }

/** Trailing stops: tested against the extremes up to the bar before, then raised, never lowered. */
export const TRAILING_STOPS: readonly Scenario[] = [
  {
    name: 'long, traded through: the level of the bar before, not of the rise inside the bar',
    cells: ['trailing stop long through'],
    market: { bars: [...RISE, [109, 109.5, 107, 108]], says: 'L..' },
    risk: TRAIL_2,
    fills: [LONG_ENTRY, ['close 2', 'stop', 'sells', 10, 107.5, 0]],
    trades: [['trailing-stop', 75]],
  },
  {
    name: 'short, traded through',
    cells: ['trailing stop short through'],
    market: { bars: [...FALL, [91, 93, 90.5, 92]], says: 'S..' },
    risk: TRAIL_2,
    fills: [SHORT_ENTRY, ['close 2', 'stop', 'buys', 10, 92, 0]],
    trades: [['trailing-stop', 80]],
  },
  {
    name: 'long, touched',
    cells: ['trailing stop long touch'],
    market: { bars: [...RISE, [109, 109.5, 107.5, 108]], says: 'L..' },
    risk: TRAIL_2,
    fills: [LONG_ENTRY, ['close 2', 'stop', 'sells', 10, 107.5, 0]],
    trades: [['trailing-stop', 75]],
  },
  {
    name: 'short, touched',
    cells: ['trailing stop short touch'],
    market: { bars: [...FALL, [91, 92, 90.5, 91]], says: 'S..' },
    risk: TRAIL_2,
    fills: [SHORT_ENTRY, ['close 2', 'stop', 'buys', 10, 92, 0]],
    trades: [['trailing-stop', 80]],
  },
  {
    name: 'long, one tick short of it: nothing',
    market: { bars: [...RISE, [109, 109.5, 108, 108]], says: 'L..' },
    risk: TRAIL_2,
    fills: [LONG_ENTRY],
    finalEquity: 10_080,
  },
  {
    name: 'long, behind a gap: the open',
    cells: ['trailing stop long gap'],
    market: { bars: [...RISE, [106, 107, 105, 106]], says: 'L..' },
    risk: TRAIL_2,
    fills: [LONG_ENTRY, ['open 2', 'stop', 'sells', 10, 106, 0]],
    trades: [['trailing-stop', 60]],
  },
  {
    name: 'short, behind a gap: the open',
    cells: ['trailing stop short gap'],
    market: { bars: [...FALL, [94, 95, 93, 94]], says: 'S..' },
    risk: TRAIL_2,
    fills: [SHORT_ENTRY, ['open 2', 'stop', 'buys', 10, 94, 0]],
    trades: [['trailing-stop', 60]],
  },
  {
    name: 'long, trailing stop and target in one bar: undecided, the stop',
    cells: ['trailing stop long both'],
    market: { bars: [...RISE, [109, 113, 107, 110]], says: 'L..' },
    risk: { ...TRAIL_2, target: percentTarget(0.12) },
    fills: [LONG_ENTRY, ['close 2', 'stop', 'sells', 10, 107.5, 0]],
    trades: [['trailing-stop', 75]],
    undecided: 1,
  },
  {
    name: 'short, trailing stop and target in one bar: undecided, the stop',
    cells: ['trailing stop short both'],
    market: { bars: [...FALL, [91, 93, 87.5, 90]], says: 'S..' },
    risk: { ...TRAIL_2, target: percentTarget(0.12) },
    fills: [SHORT_ENTRY, ['close 2', 'stop', 'buys', 10, 92, 0]],
    trades: [['trailing-stop', 80]],
    undecided: 1,
  },
  {
    name: 'tighter than the fixed stop from the entry on, it is the stop of the entry bar too',
    market: { bars: [[100, 100, 100, 100], [100, 101, 98, 99]], says: 'L.' }, // prettier-ignore
    risk: TRAIL_2,
    fills: [LONG_ENTRY, ['close 1', 'stop', 'sells', 10, 98, 0]],
    trades: [['trailing-stop', -20]],
  },
  {
    name: 'it only ratchets: lower highs do not lower it',
    market: { bars: [...RISE, [109, 109, 108, 108], [108, 108, 107.5, 108]], says: 'L...' },
    risk: TRAIL_2,
    fills: [LONG_ENTRY, ['close 3', 'stop', 'sells', 10, 107.5, 0]],
    trades: [['trailing-stop', 75]],
  },
  {
    name: 'until the price has moved by the activation, the fixed stop stands alone; then it follows',
    // 5 % = 105; a high of 104 does nothing, so a low of 96 is above the fixed 95; a high of 105 → 102.9 → 102.5
    market: {
      bars: [[100, 100, 100, 100], [100, 104, 99, 103], [103, 105, 96, 104], [104, 104.5, 102, 103]], // prettier-ignore
      says: 'L...',
    },
    risk: { ...TRAIL_2, trailing: percentTrail(0.02, 0.05) },
    fills: [LONG_ENTRY, ['close 3', 'stop', 'sells', 10, 102.5, 0]],
    trades: [['trailing-stop', 25]],
  },
  {
    name: 'before the activation a stop is the fixed one, and says so',
    market: { bars: [[100, 100, 100, 100], [100, 104, 99, 103], [103, 103, 94, 94]], says: 'L..' }, // prettier-ignore
    risk: { ...TRAIL_2, trailing: percentTrail(0.02, 0.05) },
    fills: [LONG_ENTRY, ['close 2', 'stop', 'sells', 10, 95, 0]],
    trades: [['stop-loss', -50]],
  },
  {
    name: 'activation of a short, by the low',
    // 95 → 96.9 → 97
    market: { bars: [[100, 100, 100, 100], [100, 102, 95, 96], [96, 97, 96, 96]], says: 'S..' }, // prettier-ignore
    risk: { ...TRAIL_2, trailing: percentTrail(0.02, 0.05) },
    fills: [SHORT_ENTRY, ['close 2', 'stop', 'buys', 10, 97, 0]],
    trades: [['trailing-stop', 30]],
  },
  {
    name: 'an ATR trail uses the range of the last completed bar and does not fall back when it widens',
    // at entry 100 − 2 · 1.5 = 97; after bar 1: 106 − 2 · 1 = 104; after bar 2: 106 − 2 · 3 = 100 stays 104
    market: {
      bars: [[100, 100, 100, 100], [100, 106, 97.5, 105], [105, 106, 104.5, 105], [105, 105, 104, 105]], // prettier-ignore
      says: 'L...',
      atr: [1.5, 1, 3, 3],
    },
    risk: { stop: percentStop(0.05), trailing: atrTrail(2), target: noTarget() },
    fills: [LONG_ENTRY, ['close 3', 'stop', 'sells', 10, 104, 0]],
    trades: [['trailing-stop', 40]],
  },
  {
    name: 'an ATR trail of a short, in the entry bar from the range of the decision',
    // 100 + 2 · 1 = 102
    market: { bars: [[100, 100, 100, 100], [100, 102, 99, 100]], says: 'S.', atr: [1, 9] }, // prettier-ignore
    risk: { stop: percentStop(0.05), trailing: atrTrail(2), target: noTarget() },
    fills: [SHORT_ENTRY, ['close 1', 'stop', 'buys', 10, 102, 0]],
    trades: [['trailing-stop', -20]],
  },
  {
    name: 'no entry while the range of an ATR trail is undefined',
    market: { bars: [[100, 100, 100, 100], [100, 102, 99, 100]], says: 'L.', atr: [NaN, 1] }, // prettier-ignore
    risk: { stop: percentStop(0.05), trailing: atrTrail(2), target: noTarget() },
    fills: [],
    blocked: { 'no-stop': 1 },
  },
]
