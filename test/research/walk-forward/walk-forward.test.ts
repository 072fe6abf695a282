import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../../src/metrics/statistic.js'
import { parseSearch } from '../../../src/research/search-syntax.js'
import type { TrialStatistics } from '../../../src/research/trial-statistics.js'
import { paramStability } from '../../../src/research/walk-forward/choices.js'
import { isChoosable, OBJECTIVES, parseRanking, rate } from '../../../src/research/walk-forward/ranking.js'
import { walkForwardVerdict } from '../../../src/research/walk-forward/verdict.js'
import { choice, int, real } from '../../../src/strategy/params.js'

const specs = { fast: int(2, 5, 50), size: real(0.1, 1, 2), mode: choice(['a', 'b'], 'a') }
const statistics = (given: Partial<TrialStatistics>): TrialStatistics => ({
  ...(Object.fromEntries(
    OBJECTIVES.map((name) => [name, unknown('not told')]),
  ) as unknown as TrialStatistics),
  ...given,
})

describe('ranking', () => {
  it('takes more of a return and less of a drawdown', () => {
    const told = statistics({ sharpe: known(1.5), maxDrawdown: known(0.2) })
    const score = (objective: string): unknown => rate(parseRanking(specs, objective, []).ranking, told)
    expect(score('sharpe')).toEqual({ state: 'complete', score: 1.5 })
    expect(score('maxDrawdown')).toEqual({ state: 'complete', score: -0.2 })
    expect(score('calmar')).toEqual({ state: 'unrated', reason: 'calmar: not told' })
  })

  it('tells conditions on trials from constraints on params, and chooses nothing that breaks one', () => {
    const { ranking, paramConstraints } = parseRanking(specs, 'sharpe', ['fast<size', 'trades>=30', 'maxDrawdown<0.3']) // prettier-ignore
    expect(paramConstraints).toEqual(['fast<size'])
    const rated = (trades: number, maxDrawdown: number): ReturnType<typeof rate> =>
      rate(ranking, statistics({ sharpe: known(1), trades: known(trades), maxDrawdown: known(maxDrawdown) }))
    expect(isChoosable(rated(30, 0.29))).toBe(true)
    expect(rated(24, 0.29)).toEqual({ state: 'complete', score: 1, violation: 0.2 })
    expect(isChoosable(rated(24, 0.29))).toBe(false)
    // Strictly below.
    expect(isChoosable(rated(30, 0.3))).toBe(false)
    // A figure that is n/a holds to nothing.
    expect(isChoosable(rate(ranking, statistics({ sharpe: known(1), trades: known(40) })))).toBe(false)
  })

  it('refuses what it does not know by name', () => {
    expect(() => parseRanking(specs, 'sharp', [])).toThrow('--objective')
    expect(() => parseRanking(specs, 'sharpe', ['trades>=fast'])).toThrow('compared with a number')
  })
})

it('stability: still choices have no spread, wild ones all of the range; words have none', () => {
  const { dimensions } = parseSearch(specs, ['fast=10:50:10', 'size=0.1:2', 'mode'])
  const at = (fast: number, size: number, mode: string): Record<string, number | string> => ({ fast, size, mode }) // prettier-ignore
  const [fast, size, mode] = paramStability(dimensions, [at(10, 1, 'a'), at(50, 1, 'b'), undefined, at(10, 1, 'a')]) // prettier-ignore
  expect(fast).toEqual({ name: 'fast', values: [10, 50, undefined, 10], distinct: 2, spread: 1, commonest: 2 / 3 }) // prettier-ignore
  expect(size).toMatchObject({ distinct: 1, spread: 0, commonest: 1 })
  expect(mode).toMatchObject({ distinct: 2, spread: undefined, commonest: 2 / 3 })
})

it('the verdict asks for a net gain and for half of what was promised, each limit to the digit', () => {
  const judged = (net: number, efficiency: number | string): string =>
    walkForwardVerdict({
      windows: 6,
      netReturn: known(net),
      efficiency: typeof efficiency === 'number' ? known(efficiency) : unknown(efficiency),
      gainingWindows: known(1),
      outOfSample: new Float64Array(1),
    }).verdict
  expect(judged(0.1, 0.5)).toBe('held up')
  expect(judged(0.1, 0.4999)).toBe('did not hold up')
  expect(judged(0, 3)).toBe('did not hold up')
  expect(judged(-0.1, 'nothing was gained in sample')).toBe('did not hold up')
  expect(judged(0.1, 'nothing was gained in sample')).toBe('not judged')
})
