import type { SearchSpace } from '../search-space.js'
import { gridSampler } from './grid.js'
import { randomSampler } from './random.js'
import type { Sampler, SamplerName } from './sampler.js'
import { sobolSampler } from './sobol.js'
import { tpeSampler } from './tpe.js'

export const SAMPLER_NAMES: readonly SamplerName[] = ['grid', 'random', 'sobol', 'tpe']

/** The sampler of a name. `seed` is a whole number, `trials` how many will be asked for in all: of a grid that has more they are drawn by the seed. */
export function makeSampler(name: SamplerName, space: SearchSpace, seed: number, trials: number): Sampler {
  switch (name) {
    case 'grid':
      return gridSampler(space, { trials, seed })
    case 'random':
      return randomSampler(space, seed)
    case 'sobol':
      return sobolSampler(space, seed)
    case 'tpe':
      return tpeSampler(space, { seed })
  }
}

/** Whether what it proposes depends on what became of earlier trials. */
export function learns(name: SamplerName): boolean {
  return name === 'tpe'
}
