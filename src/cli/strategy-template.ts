/** A small strategy file to begin with, formatted as this project formats its own. */
export function strategyTemplate(name: string): string {
  return TEMPLATE.replaceAll('NAME', name)
}

const TEMPLATE = `import {
  atrStop,
  close,
  crossesAbove,
  crossesBelow,
  defineStrategy,
  ema,
  int,
  real,
  rewardToRisk,
} from 'baleen'

export default defineStrategy({
  name: 'NAME',
  description: 'Long when the fast average rises above the slow one, with a stop and a target.',

  // What may be varied: lowest, default, highest. On the command line: -p fast=12
  params: {
    fast: int(5, 20, 100, { unit: 'bars' }),
    slow: int(10, 50, 300, { unit: 'bars' }),
    stopAtr: real(0.5, 2, 6, { unit: 'average true ranges' }),
  },

  // What is calculated, bar by bar. No operator can see a later bar; during warm-up a feature is unknown.
  features: (p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow) }),

  // What is decided at the close of a bar. It is filled at the next open at the earliest.
  enterLong: (f) => crossesAbove(f.fast, f.slow),
  exitLong: (f) => crossesBelow(f.fast, f.slow),

  // What protects a position: the stop in average true ranges from the entry, the target twice as far.
  risk: (p) => ({ stop: atrStop(p.stopAtr), target: rewardToRisk(2) }),
})
`
