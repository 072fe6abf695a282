import {
  above,
  cashFraction,
  defineStrategy,
  fact,
  int,
  noTarget,
  percentStop,
  percentTarget,
  percentTrail,
  real,
} from 'baleen'

/** Enters on one bar in a hundred; what differs between trials is how it leaves. */
export default defineStrategy({
  name: 'one-percent',
  description: 'Long on the bars that a series picks, until a level is met.',
  params: {
    stop: real(0.001, 0.01, 0.5),
    target: real(0, 0, 0.5, { description: '0: none' }),
    trail: real(0, 0, 0.5, { description: '0: none' }),
    dailyLossLimit: real(0, 0, 0.5),
    timeExitBars: int(0, 0, 100_000),
  },
  features: () => ({ pick: fact('picks', 'pick') }),
  enterLong: (f) => above(f.pick, 0.5),
  risk: (p) => ({
    sizing: cashFraction(1),
    stop: percentStop(p.stop),
    target: p.target > 0 ? percentTarget(p.target) : noTarget(),
    ...(p.trail > 0 && { trailing: percentTrail(p.trail) }),
    dailyLossLimit: p.dailyLossLimit,
    timeExitBars: p.timeExitBars,
  }),
})
