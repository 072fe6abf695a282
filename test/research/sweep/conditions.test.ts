import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/core/errors.js'
import { known, unknown } from '../../../src/metrics/statistic.js'
import { type Condition, parseConditions, violationOf } from '../../../src/research/sweep/conditions.js'
import { parseObjective, scoreOf, STATISTIC_KEYS } from '../../../src/research/sweep/objective.js'
import type { TrialStatistics } from '../../../src/research/trial-statistics.js'
import { int } from '../../../src/strategy/params.js'

const specs = { fast: int(2, 5, 50), slow: int(10, 20, 200) }

function statistics(values: Partial<Record<keyof TrialStatistics, number>>): TrialStatistics {
  const all = STATISTIC_KEYS.map((key) => [key, values[key] === undefined ? unknown('not given') : known(values[key])]) // prettier-ignore
  return Object.fromEntries(all) as unknown as TrialStatistics
}

describe('constraints', () => {
  it('between params are told from conditions on what came of a trial', () => {
    const { constraints, conditions } = parseConditions(specs, [
      'fast<slow',
      'trades>=30',
      '0.3 > maxDrawdown',
    ])
    expect(constraints).toEqual(['fast<slow'])
    expect(conditions).toEqual([
      { key: 'trades', operator: '>=', limit: 30 },
      { key: 'maxDrawdown', operator: '<', limit: 0.3 },
    ])
  })

  it.each([
    ['trade>=30', /trade is neither a param \(fast, slow\) nor a statistic \(.*trades/],
    ['trades', /a constraint is fast<slow or stop>=2/],
    ['trades==3', /a constraint is/],
    ['trades>=sharpe', /compared with a number/],
    ['trades>=fast', /compared with a number/],
    ['', /a constraint is/],
  ])('%j is refused with the text, and says what it can be', (text, words) => {
    expect(() => parseConditions(specs, [text])).toThrow(ConfigError)
    expect(() => parseConditions(specs, [text])).toThrow(words)
    expect(() => parseConditions(specs, [text])).toThrow(JSON.stringify(text))
  })

  it('a param hides a statistic of its name', () => {
    const named = { ...specs, trades: int(1, 2, 3) }
    expect(parseConditions(named, ['trades>=2'])).toEqual({ constraints: ['trades>=2'], conditions: [] })
  })
})

describe('a condition', () => {
  it('is broken exactly where it does not hold, by more the farther off', () => {
    const operators = ['<', '<=', '>', '>='] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...operators),
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: -5, max: 5 }),
        (operator, limit, value) => {
          const conditions: Condition[] = [{ key: 'sharpe', operator, limit }]
          const violation = violationOf(conditions, statistics({ sharpe: value }))
          const holds = { '<': value < limit, '<=': value <= limit, '>': value > limit, '>=': value >= limit }
          expect(violation === undefined).toBe(holds[operator])
          if (violation === undefined) return
          expect(violation.size).toBeGreaterThan(0)
          expect(violation.reason).toContain(`sharpe is ${value}`)
          const farther = operator.startsWith('<') ? value + 1 : value - 1
          const more = violationOf(conditions, statistics({ sharpe: farther }))
          expect(more?.size).toBeGreaterThan(violation.size)
        },
      ),
    )
  })

  it('is not held to by a statistic that is n/a, and says why that is', () => {
    const violation = violationOf([{ key: 'sharpe', operator: '>', limit: 0 }], statistics({}))
    expect(violation).toEqual({ size: Infinity, reason: 'sharpe>0: sharpe is n/a, not given' })
  })
})

describe('an objective', () => {
  it('of which less is better counts the other way, and n/a stays n/a', () => {
    expect(scoreOf(parseObjective('maxDrawdown'), statistics({ maxDrawdown: 0.2 }))).toEqual({ value: -0.2 })
    expect(scoreOf(parseObjective('sharpe'), statistics({ sharpe: 2 }))).toEqual({ value: 2 })
    expect(scoreOf(parseObjective('sharpe'), statistics({}))).toEqual({ reason: 'not given' })
  })

  it('that is none is refused with what there is', () => {
    expect(() => parseObjective('sharp')).toThrow(/there are totalReturn, .*sharpe/)
    expect(() => parseObjective('toString')).toThrow(ConfigError)
  })
})
