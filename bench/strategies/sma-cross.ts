import {
  cashFraction,
  close,
  crossesAbove,
  crossesBelow,
  defineStrategy,
  int,
  noStop,
  noTarget,
  sma,
} from 'baleen'

/** As other engines' benchmarks have it: all in at one cross, all out at the other, no stop. */
export default defineStrategy({
  name: 'sma-cross-all-in',
  description: 'Long with all cash from cross to cross.',
  params: { fast: int(2, 20, 2_000), slow: int(3, 50, 2_000) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, p.slow) }),
  enterLong: (f) => crossesAbove(f.fast, f.slow),
  exitLong: (f) => crossesBelow(f.fast, f.slow),
  risk: () => ({ sizing: cashFraction(1), stop: noStop(), target: noTarget(), dailyLossLimit: 0 }),
})
