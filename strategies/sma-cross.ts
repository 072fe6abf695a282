import { close, crossesAbove, crossesBelow, defineStrategy, int, sma } from 'baleen'

export default defineStrategy({
  name: 'sma-cross',
  description: 'Long while the fast simple average of the close is above the slow one, from cross to cross.',
  params: {
    fast: int(2, 20, 200, { unit: 'bars' }),
    slow: int(3, 50, 400, { unit: 'bars' }),
  },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, p.slow) }),
  enterLong: (f) => crossesAbove(f.fast, f.slow),
  exitLong: (f) => crossesBelow(f.fast, f.slow),
})
