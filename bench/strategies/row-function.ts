import { cashFraction, close, defineStrategy, int, noStop, noTarget, sma } from 'baleen'

/** The cross as a function of two features that is asked on every bar. */
export default defineStrategy({
  name: 'row-function',
  description: 'Long with all cash while the fast average is above the slow one.',
  params: { fast: int(2, 20, 2_000), slow: int(3, 50, 2_000) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, p.slow) }),
  signal: ({ fast, slow }) => (fast > slow ? 1 : 0),
  risk: () => ({
    sizing: cashFraction(1),
    stop: noStop(),
    target: noTarget(),
    dailyLossLimit: 0,
    allowShort: false,
  }),
})
