import { resolve } from 'node:path'
import type { SamplerName } from '../../src/research/samplers/sampler.js'
import type { Study } from './study.js'

/** One setting of every factor: no trial has an edge in any of them. */
export interface NoiseCell {
  readonly strategy: 'sma-cross' | 'trend-breakout' | 'trend-long-short' | 'smart-money'
  readonly sampler: SamplerName
  readonly trials: 50 | 500
  readonly costs: 'none' | 'real'
  /** A year. */
  readonly drift: -0.3 | 0 | 0.3
}

export const FACTORS = ['strategy', 'sampler', 'trials', 'costs', 'drift'] as const

const STRATEGIES = ['sma-cross', 'trend-breakout', 'trend-long-short', 'smart-money'] as const
const DRIFTS = [-0.3, 0, 0.3] as const

/** The cell of a study: any 96 in a row hold every cell once, any number of them every level of a factor about as often. */
export function noiseCell(index: number): NoiseCell {
  const rest = (5 * Math.floor(index / 12) + index) % 8
  return {
    strategy: STRATEGIES[index % 4]!,
    drift: DRIFTS[index % 3]!,
    sampler: (rest & 1) === 0 ? 'sobol' : 'tpe',
    trials: (rest & 2) === 0 ? 50 : 500,
    costs: (rest & 4) === 0 ? 'none' : 'real',
  }
}

/** What is searched, as broadly as somebody would who looks for anything that works. */
const SEARCHES: Readonly<Record<NoiseCell['strategy'], Pick<Study, 'preset' | 'search' | 'constraints'> & { readonly file: string }>> = {
  'sma-cross': { file: 'sma-cross', preset: 'default', search: ['fast=2:100', 'slow=10:400'], constraints: ['fast<slow'] },
  'trend-breakout': { file: 'trend-breakout', preset: 'default', search: ['fast', 'slow', 'channel', 'stopAtr', 'target'], constraints: ['fast<slow'] },
  'trend-long-short': { file: 'trend-breakout', preset: 'long-short', search: ['fast', 'slow', 'channel', 'stopAtr', 'target'], constraints: ['fast<slow'] },
  'smart-money': { file: 'smart-money', preset: 'default', search: ['whaleWeight', 'derivativesWeight', 'onChainWeight', 'confirmationWeight', 'buyFrom=0.5:0.75', 'sellBelow=0.25:0.5', 'stop=0.01:0.1', 'target=0.5:5'], constraints: [] },
} // prettier-ignore

/** Rules under which a fill costs nothing on average; the engine's own are against us on purpose, which would help the verdict. */
const FAIR = { targetFill: 'touch', targetGap: 'open-price', fundingAtFill: 'held-before' } as const

export function noiseStudy({ strategy, sampler, trials, costs }: Omit<NoiseCell, 'drift'>, seed: number): Study {
  const { file, ...search } = SEARCHES[strategy]
  const isFree = costs === 'none'
  return {
    ...search,
    strategyFile: resolve(`strategies/${file}.ts`),
    sampler,
    trials,
    costs: isFree ? { slippageBps: 0, takerFee: 0, makerFee: 0 } : { slippageBps: 2 },
    policies: isFree ? FAIR : {},
    seed,
  }
} // prettier-ignore
