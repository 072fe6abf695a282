import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { declaredDimension, dimensionText, levelCount, type NumberDimension, unitOf, valueAtLevel, valueAtUnit } from '../../src/research/search-dimension.js' // prettier-ignore
import { checkPoint, indexOfPoint, isAllowed, pointAtIndex, pointKey, pointOf, searchSpace, spaceSize } from '../../src/research/search-space.js' // prettier-ignore
import { parseConstraint, parseSearch } from '../../src/research/search-syntax.js'
import { choice, flag, int, paramValues, real } from '../../src/strategy/params.js'

const specs = {
  fast: int(5, 12, 50, { unit: 'bars' }),
  slow: int(20, 48, 200),
  stop: real(1, 2, 5, { step: 0.25 }),
  size: real(0.001, 0.02, 1),
  mode: choice(['plain', 'strict', 'loose']),
  short: flag(),
}
const parse = (texts: string[], constraints: string[] = []) => parseSearch(specs, texts, constraints)

describe('a search is read from a command line', () => {
  it('ranges, lists, fixed values and declared ranges, in declared order whatever the order typed', () => {
    const space = parse([
      'mode=strict,loose',
      'slow=20:200:20',
      'fast=5:50:5',
      'short',
      'stop=3',
      'size=0.01:0.1:log',
    ])
    expect(space.dimensions.map(dimensionText)).toEqual([
      'fast=5:50:5',
      'slow=20:200:20',
      'size=0.01:0.1:log',
      'mode=strict,loose',
      'short=false,true',
    ])
    expect(space.fixed).toEqual({ stop: 3 })
    expect(spaceSize(space)).toBe(Infinity)
  })

  it('a range without a step takes the declared one; numbers in a list are put in order', () => {
    expect(parse(['fast=5:50']).dimensions[0]).toMatchObject({ lowest: 5, highest: 50, step: 1, scale: 'linear' })
    expect(parse(['size=0.1:0.2']).dimensions[0]).toMatchObject({ step: undefined })
    expect(parse(['fast = 21, 8,13 ']).dimensions[0]).toEqual({ kind: 'list', name: 'fast', values: [8, 13, 21], isOrdered: true })
    expect(parse(['fast=5:50:5:log']).dimensions[0]).toMatchObject({ step: 5, scale: 'log' })
  }) // prettier-ignore

  it('nothing at all searches every param over its declared range; unnamed params keep their defaults', () => {
    expect(parse([]).dimensions).toHaveLength(6)
    expect(parse(['fast']).fixed).toEqual({ slow: 48, stop: 2, size: 0.02, mode: 'plain', short: false })
    expect(parse(['fast']).dimensions).toEqual([declaredDimension(specs, 'fast')])
  })

  it('params that are not named keep the values of a preset, those that are do not', () => {
    const space = parseSearch(specs, ['fast=5:50', 'slow=30'], [], { fast: 20, slow: 100, mode: 'loose' })
    expect(space.fixed).toEqual({ slow: 30, stop: 2, size: 0.02, mode: 'loose', short: false })
    expect(space.dimensions.map(({ name }) => name)).toEqual(['fast'])
    expect(() => parseSearch(specs, ['fast'], [], { mode: 'wild' })).toThrow('one of plain')
  })

  it.each<[string[], string[], RegExp]>([
    [['fsat=5:50'], [], /unknown parameter.*fast.*params\.fsat/],
    [['fast=4:50'], [], /within 5 and 50.*params\.fast.*value 4 bars/],
    [['fast=5:51'], [], /within 5 and 50.*value 51/],
    [['fast=5:50:4'], [], /not 5 plus whole steps of 4; the last would be 49.*value 50/],
    [['fast=5:50:2.5'], [], /whole number.*value 7\.5/],
    [['stop=1:5:0.1'], [], /whole steps of 0\.25.*value 1\.1/],
    [['fast=50:5'], [], /lowest value is above the highest/],
    [['fast=5:50:-5'], [], /step must be above 0/],
    [['fast=5:50:5:5'], [], /lowest:highest:step/],
    [['fast=5:'], [], /lowest:highest:step.*value "5:"/],
    [['fast=a:b'], [], /lowest:highest:step/],
    [['mode=1:2'], [], /takes words, not a range: plain, strict, loose/],
    [['mode=plain,wild'], [], /one of plain, strict, loose.*"wild"/],
    [['mode=plain,plain'], [], /listed twice/],
    [['fast=5', 'fast=6'], [], /given twice.*params\.fast/],
    [['fast=5:50', 'fast=6'], [], /given twice/],
    [['fast', 'fast=5:10'], [], /given twice/],
    [['=5:50'], [], /a search is fast=5:50:5/],
    [['5:50'], [], /a search is/],
    [['fast'], ['fast<<slow'], /a constraint is fast<slow/],
    [['fast'], ['fast<mode'], /compares numbers; mode is a choice/],
    [['fast'], ['fast<slower'], /slower is no param/],
  ])('%j %j is refused with words', (texts, constraints, words) => {
    expect(() => parse(texts, constraints)).toThrow(words)
  })

  it('a logarithmic scale does not reach 0', () => {
    const wide = { level: real(0, 1, 10), count: int(0, 1, 10) }
    expect(() => parseSearch(wide, ['level=0:1:log'])).toThrow('logarithmic scale needs a lowest value')
    expect(() => parseSearch(wide, ['count=0:8:log'])).toThrow('logarithmic')
    expect(parseSearch(wide, ['count=1:8:log']).dimensions[0]).toMatchObject({ scale: 'log' })
  })

  it('constraints compare params and numbers', () => {
    expect(parseConstraint(' fast<slow')).toEqual({ left: 'fast', operator: '<', right: 'slow' })
    expect(parseConstraint('stop >= 2.5')).toEqual({ left: 'stop', operator: '>=', right: 2.5 })
    const space = parse(['fast=20:50:10', 'slow=20:50:10'], ['fast<slow', 'slow<=40'])
    const pairs = Array.from({ length: spaceSize(space) }, (_, index) => pointAtIndex(space, index)).filter((point) => isAllowed(space, point)).map(({ fast, slow }) => `${fast}/${slow}`)
    expect(pairs).toEqual(['20/30', '20/40', '30/40'])
  }) // prettier-ignore

  it('points of a finite space are numbered, and each is found by its number', () => {
    const space = parse(['fast=5:50:5', 'stop=1:5:0.25', 'size=0.01:0.1:0.001:log', 'mode', 'short'])
    fc.assert(fc.property(fc.nat(spaceSize(space) - 1), (index) => indexOfPoint(space, pointAtIndex(space, index)) === index))
  }) // prettier-ignore
})

describe('dimensions', () => {
  const numbers = fc
    .record({ lowest: fc.integer({ min: 1, max: 400 }), step: fc.integer({ min: 1, max: 40 }), steps: fc.nat(60), per: fc.constantFrom(1, 4, 10, 1000), isLog: fc.boolean() })
    .map(({ lowest, step, steps, per, isLog }): NumberDimension => ({
      kind: 'number', name: 'x', lowest: (lowest + step) / per, highest: Number(((lowest + step + steps * step) / per).toPrecision(15)), step: step / per, scale: isLog ? 'log' : 'linear',
    })) // prettier-ignore

  it('every unit gives a value of the dimension, and each level has a unit that gives it back', () => {
    fc.assert(
      fc.property(
        numbers,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (dimension, unit) => {
          const levels = Array.from({ length: levelCount(dimension) }, (_, level) =>
            valueAtLevel(dimension, level),
          )
          expect(levels).toContain(valueAtUnit(dimension, unit))
          expect(levels[0]).toBe(dimension.lowest)
          expect(levels.at(-1)).toBe(dimension.highest)
          expect(new Set(levels).size).toBe(levels.length)
          for (const value of levels) expect(valueAtUnit(dimension, unitOf(dimension, value))).toBe(value)
          expect(valueAtUnit(dimension, 0)).toBe(dimension.lowest)
          expect(valueAtUnit(dimension, 1 - 2 ** -53)).toBe(dimension.highest)
        },
      ),
    )
  })

  it('values are decimal: no digits that binary steps leave', () => {
    const tenth = declaredDimension({ x: real(0.1, 0.1, 0.9, { step: 0.1 }) }, 'x')
    expect(Array.from({ length: 9 }, (_, level) => valueAtLevel(tenth, level))).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
  }) // prettier-ignore

  it('a declared range that its step does not divide ends at its last step', () => {
    expect(declaredDimension({ x: int(1, 1, 10, { step: 4 }) }, 'x')).toMatchObject({
      lowest: 1,
      highest: 9,
      step: 4,
    })
  })

  it('linear units are shared out alike, logarithmic ones by the logarithm', () => {
    const count = (scale: 'linear' | 'log'): number => {
      const dimension: NumberDimension = { kind: 'number', name: 'x', lowest: 1, highest: 64, step: 1, scale }
      return Array.from({ length: 1000 }, (_, at) => valueAtUnit(dimension, at / 1000)).filter((value) => (value as number) <= 8).length
    }
    expect(count('linear')).toBe(125)
    expect(count('log') / 1000).toBeCloseTo(Math.log(8.5 / 0.5) / Math.log(64.5 / 0.5), 2)
  }) // prettier-ignore
})

describe('points', () => {
  const space = parse(['fast=10:20:5', 'mode', 'short'])

  it('are numbered like nested loops, the last param fastest, each with the values of all params', () => {
    const points = Array.from({ length: spaceSize(space) }, (_, index) => pointAtIndex(space, index))
    expect(points).toHaveLength(18)
    expect(points[0]).toEqual({ fast: 10, slow: 48, stop: 2, size: 0.02, mode: 'plain', short: false })
    expect(points[1]).toMatchObject({ fast: 10, mode: 'plain', short: true })
    expect(points[17]).toMatchObject({ fast: 20, mode: 'loose', short: true })
    expect(new Set(points.map((point) => pointKey(space, point))).size).toBe(18)
    for (const point of points) {
      expect(paramValues(specs, point)).toEqual(point)
      expect(() => checkPoint(space, point)).not.toThrow()
    }
  })

  it('outside of the space are refused by the param that is outside', () => {
    const point = pointOf(space, [10, 'plain', true])
    expect(() => checkPoint(space, { ...point, fast: 11 })).toThrow(/not in the search space, fast=10:20:5.*params\.fast, value 11/)
    expect(() => checkPoint(space, { ...point, slow: 50 })).toThrow(/fixed at 48.*params\.slow/)
    expect(() => checkPoint(space, { ...point, fast: 300 })).toThrow('within 5 and 50')
    expect(() => checkPoint(searchSpace(specs, { ...space, constraints: [parseConstraint('fast>=15')] }), point)).toThrow('breaks a constraint')
  }) // prettier-ignore
})
