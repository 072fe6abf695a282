import {
  cashFraction,
  close,
  crossesAbove,
  crossesBelow,
  defineStrategy,
  int,
  noTarget,
  percentStop,
  real,
  sma,
} from 'baleen'

/** Crosses of two averages with a stop: what a researcher sweeps first. */
export default defineStrategy({
  name: 'sma-cross-stop',
  description: 'Long with all cash from cross to cross, or until the stop is met.',
  params: { fast: int(2, 20, 2_000), slow: int(3, 50, 2_000), stop: real(0.001, 0.02, 0.5) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, p.slow) }),
  enterLong: (f) => crossesAbove(f.fast, f.slow),
  exitLong: (f) => crossesBelow(f.fast, f.slow),
  risk: (p) => ({
    sizing: cashFraction(1),
    stop: percentStop(p.stop),
    target: noTarget(),
    dailyLossLimit: 0,
  }),
})
