import { expect, it } from 'vitest'
import { known, unknown } from '../../../src/metrics/statistic.js'
import { parseSearch } from '../../../src/research/search-syntax.js'
import { paramStability } from '../../../src/research/walk-forward/choices.js'
import { walkForwardVerdict } from '../../../src/research/walk-forward/verdict.js'
import { choice, int, real } from '../../../src/strategy/params.js'

const specs = { fast: int(2, 5, 50), size: real(0.1, 1, 2), mode: choice(['a', 'b'], 'a') }
it('stability: still choices have no spread, wild ones all of the range; words have none', () => {
  const { dimensions } = parseSearch(specs, ['fast=10:50:10', 'size=0.1:2', 'mode'])
  const at = (fast: number, size: number, mode: string): Record<string, number | string> => ({ fast, size, mode }) // prettier-ignore
  const [fast, size, mode] = paramStability(dimensions, [at(10, 1, 'a'), at(50, 1, 'b'), undefined, at(10, 1, 'a')]) // prettier-ignore
  expect(fast).toEqual({ name: 'fast', values: [10, 50, undefined, 10], distinct: 2, spread: 1, commonest: 2 / 3 }) // prettier-ignore
  expect(size).toMatchObject({ distinct: 1, spread: 0, commonest: 1 })
  expect(mode).toMatchObject({ distinct: 2, spread: undefined, commonest: 2 / 3 })
})

it('the verdict asks for a net gain and for half of what was promised, each limit to the digit', () => {
  const judged = (net: number, efficiency: number | string, outlastsPurge = false): string =>
    walkForwardVerdict(
      {
        windows: 6,
        netReturn: known(net),
        efficiency: typeof efficiency === 'number' ? known(efficiency) : unknown(efficiency),
        gainingWindows: known(1),
        outOfSample: new Float64Array(1),
      },
      outlastsPurge,
    ).verdict
  expect(judged(0.1, 0.5)).toBe('held up')
  expect(judged(0.1, 0.4999)).toBe('did not hold up')
  expect(judged(0, 3)).toBe('did not hold up')
  expect(judged(-0.1, 'nothing was gained in sample')).toBe('did not hold up')
  expect(judged(0.1, 'nothing was gained in sample')).toBe('not judged')
  // A trade that outlasts the purge takes a good verdict away, never a bad one.
  expect(judged(0.1, 0.5, true)).toBe('not judged')
  expect(judged(0.1, 0.4999, true)).toBe('did not hold up')
})
