import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spaceSize } from '../../../src/research/search-space.js'
import { parseSearch } from '../../../src/research/search-syntax.js'
import { drawnFrom, gridSampler } from '../../../src/research/samplers/grid.js'
import { randomOrder } from '../../../src/research/samplers/random-order.js'
import { randomSampler } from '../../../src/research/samplers/random.js'
import { sobolSampler } from '../../../src/research/samplers/sobol.js'
import { MOST_SOBOL_DIMENSIONS, scramble, sobolWords } from '../../../src/research/samplers/sobol-sequence.js'
import { int, real } from '../../../src/strategy/params.js'

describe('grid', () => {
  const specs = { fast: int(1, 1, 1000), slow: int(1, 1, 1000), size: real(0, 0, 1) }

  it('is nested loops, the last param fastest', () => {
    const points = gridSampler(parseSearch(specs, ['fast=1:3', 'slow=10:30:10'])).ask(99)
    expect(points.map(({ point }) => `${point['fast']}/${point['slow']}`)).toEqual([
      '1/10', '1/20', '1/30', '2/10', '2/20', '2/30', '3/10', '3/20', '3/30',
    ]) // prettier-ignore
  })

  it('of which fewer points are asked for than it has is drawn from the whole of it by the seed, without repeats', () => {
    const space = parseSearch(specs, ['fast=1:20', 'slow=1:20'])
    const part = (trials: number, seed: number): string[] =>
      gridSampler(space, { trials, seed })
        .ask(trials)
        .map(({ point }) => `${point['fast']}/${point['slow']}`)
    const drawn = part(200, 3)
    expect(new Set(drawn).size).toBe(200)
    // Of 20 values of the first param each has 20 points of 400: none is left out, and none is tried whole.
    const perValue = Array.from(
      { length: 20 },
      (_, at) => drawn.filter((one) => one.startsWith(`${at + 1}/`)).length,
    )
    expect(Math.min(...perValue)).toBeGreaterThan(2)
    expect(Math.max(...perValue)).toBeLessThan(18)
    expect(part(200, 4)).not.toEqual(drawn)
    expect(part(50, 3)).toEqual(drawn.slice(0, 50))
    expect(part(400, 3)).toEqual(
      gridSampler(space)
        .ask(400)
        .map(({ point }) => `${point['fast']}/${point['slow']}`),
    )
  })

  it('is whole, and in its order, where the constraints leave no more points than are asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), (trials, seed) => {
        const space = parseSearch(specs, ['fast=1:10', 'slow=1:10'], ['fast<slow'])
        const whole = gridSampler(space).ask(100)
        expect(whole).toHaveLength(45)
        const asked = gridSampler(space, { trials, seed }).ask(trials)
        const key = (one: (typeof whole)[number]): string => JSON.stringify(one.point)
        expect(drawnFrom(space, trials)).toBe(trials < 45 ? 45 : undefined)
        expect(asked).toHaveLength(Math.min(trials, 45))
        if (trials >= 45) expect(asked).toEqual(whole)
        else expect(new Set([...asked.map(key), ...whole.map(key)]).size).toBe(45)
      }),
      { numRuns: 30 },
    )
  })

  it('draws every point about as often, on a logarithmic scale too', () => {
    const space = parseSearch(specs, ['fast=1:20:log'])
    const counts = new Float64Array(21)
    for (let seed = 0; seed < 2000; seed++)
      for (const { point } of gridSampler(space, { trials: 2, seed }).ask(2))
        counts[point['fast'] as number]!++
    const chiSquare = counts.subarray(1).reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
    // 99.9 % of χ² with 19 degrees of freedom.
    expect(chiSquare).toBeLessThan(43.8)
  })

  it('refuses what has no steps and what has too many points, and says how it comes to be so many', () => {
    expect(() => gridSampler(parseSearch(specs, ['size']))).toThrow(/a grid needs a step.*params\.size/)
    expect(() => gridSampler(parseSearch(specs, ['fast', 'slow']))).toThrow(/1000 fast × 1000 slow has more than 100000 points.*1000000 points/)
    expect(() => gridSampler(parseSearch(specs, ['fast=1:20']), { most: 19 })).toThrow('more than 19')
    expect(gridSampler(parseSearch(specs, ['fast=1:20']), { most: 20 }).ask(30)).toHaveLength(20)
  }) // prettier-ignore
})

describe('random order', () => {
  it('is a permutation, of any size and seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.nat(), (size, seed) => {
        const order = randomOrder(size, seed)
        const places = Array.from({ length: size }, (_, place) => order(place))
        expect(new Set(places).size).toBe(size)
        expect(Math.min(...places)).toBe(0)
        expect(Math.max(...places)).toBe(size - 1)
      }),
    )
  })

  it('puts every number first about as often, and leaves no pattern from place to place', () => {
    const counts = new Float64Array(20)
    let rises = 0
    for (let seed = 0; seed < 4000; seed++) {
      const order = randomOrder(20, seed)
      counts[order(0)]!++
      if (order(1) > order(0)) rises++
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
    // 99.9 % of χ² with 19 degrees of freedom.
    expect(chiSquare).toBeLessThan(43.8)
    expect(Math.abs(rises / 4000 - 0.5)).toBeLessThan(0.03)
  })

  it('reaches sizes beyond 32 bits', () => {
    const order = randomOrder(2 ** 52, 5)
    const places = Array.from({ length: 2000 }, (_, place) => order(place))
    expect(new Set(places).size).toBe(2000)
    const mean = places.reduce((sum, value) => sum + value / 2 ** 52, 0) / 2000
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03)
  })
})

describe('random points', () => {
  it('of a number without steps are uniform on its scale', () => {
    const space = parseSearch({ size: real(0.001, 0.01, 1) }, ['size=0.001:1:log'])
    const logs = randomSampler(space, 4).ask(3000).map(({ point }) => Math.log10(point['size'] as number))
    const thirds = [-2, -1, 0].map((edge) => logs.filter((value) => value < edge && value >= edge - 1).length)
    for (const count of thirds) expect(Math.abs(count - 1000)).toBeLessThan(90)
  }) // prettier-ignore

  it('on a logarithmic scale of steps the low values come first, as often as their part of the scale', () => {
    const space = parseSearch({ fast: int(1, 1, 1000), slow: int(1, 1, 1000) }, ['fast=1:1000:log', 'slow=1:1000:log'])
    expect(spaceSize(space)).toBe(1e6)
    const low = randomSampler(space, 1).ask(1000).filter(({ point }) => (point['fast'] as number) <= 31).length
    expect(low).toBeGreaterThan(450)
    expect(low).toBeLessThan(620)
  }) // prettier-ignore
})

describe('Sobol sequence', () => {
  it('begins as Joe & Kuo’s program prints it', () => {
    const words = sobolWords(4)
    const points = Array.from({ length: 8 }, (_, place) => words(place).map((word) => word / 2 ** 32))
    expect(points).toEqual([
      [0, 0, 0, 0],
      [0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25],
      [0.25, 0.75, 0.75, 0.75],
      [0.375, 0.375, 0.625, 0.875],
      [0.875, 0.875, 0.125, 0.375],
      [0.625, 0.125, 0.875, 0.625],
      [0.125, 0.625, 0.375, 0.125],
    ])
  })

  it.each([
    [100, [1778384896, 3791650816, 2986344448, 3254779904, 2046820352, 2785017856]],
    [777, [2973761536, 2730491904, 1388314624, 1019215872, 1505755136, 1832910848]],
    [4095, [1048576, 4038066176, 1058013184, 969932800, 1408237568, 2377121792]],
  ])(
    'point %d has the words that SciPy 1.17 gives, in dimensions 1, 5, 10, 21, 38 and 64',
    (place, expected) => {
      const words = sobolWords(64)(place)
      expect([0, 4, 9, 20, 37, 63].map((at) => words[at])).toEqual(expected)
    },
  )

  const pointsOf = (seed: number | undefined, dimensions: number, count: number): number[][] => {
    const words = sobolWords(dimensions)
    return Array.from({ length: count }, (_, place) =>
      words(place).map((word, at) => (seed === undefined ? word : scramble(word, (seed + at) * 0x9e3779b1)) / 2 ** 32),
    )
  } // prettier-ignore

  it.each([undefined, 1, 2])(
    '2^k points fill each of 2^k intervals of every dimension once (scrambled by %s)',
    (seed) => {
      for (const k of [1, 3, 6, 9]) {
        const points = pointsOf(seed, MOST_SOBOL_DIMENSIONS, 2 ** k)
        for (let at = 0; at < MOST_SOBOL_DIMENSIONS; at++)
          expect(new Set(points.map((point) => Math.floor(point[at]! * 2 ** k))).size).toBe(2 ** k)
      }
    },
  )

  it.each([undefined, 3])('the first two dimensions are a (0, m, 2)-net: every dyadic box of area 2^−k has one point (scrambled by %s)', (seed) => {
    const k = 8
    const points = pointsOf(seed, 2, 2 ** k)
    for (let wide = 0; wide <= k; wide++) {
      const boxes = points.map(([x, y]) => `${Math.floor(x! * 2 ** wide)}/${Math.floor(y! * 2 ** (k - wide))}`)
      expect(new Set(boxes).size).toBe(2 ** k)
    }
  }) // prettier-ignore

  it('scrambling keeps what two numbers share at the front, and mixes the rest', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer({ min: 0, max: 31 }), fc.integer(), (word, other, shared, key) => {
        const mask = shared === 0 ? 0 : -1 << (32 - shared)
        const twin = (word & mask) | (other & ~mask)
        const differ = (scramble(word >>> 0, key) ^ scramble(twin >>> 0, key)) >>> 0
        const before = (word ^ twin) >>> 0
        expect(Math.clz32(differ)).toBe(Math.clz32(before))
      }),
    )
  }) // prettier-ignore

  it('integrates a smooth function far better than chance does', () => {
    const f = (x: readonly number[]): number => x.reduce((product, value) => product * (1 + (value - 0.5)), 1)
    const error = (points: number[][]): number =>
      Math.abs(points.reduce((sum, x) => sum + f(x), 0) / points.length - 1)
    const even = [1, 2, 3, 4, 5].map((seed) => error(pointsOf(seed * 7, 5, 1024)))
    // A random sample of 1,024 has a standard error of √((13/12)^5 − 1) / 32 = 0.022.
    for (const value of even) expect(value).toBeLessThan(0.004)
  })

  it('has as many dimensions as its table, and says so', () => {
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`p${at}`, real(0, 0, 1)]))
    expect(MOST_SOBOL_DIMENSIONS).toBe(64)
    expect(() => sobolSampler(parseSearch(many, []), 1)).toThrow(/at most 64 dimensions.*65 params/)
  })

  it('covers a space more evenly than chance: no tenth of a range is empty after 32 trials', () => {
    const specs = { a: real(0, 0, 1), b: real(0, 0, 1), c: real(0, 0, 1) }
    for (let seed = 0; seed < 20; seed++) {
      const points = sobolSampler(parseSearch(specs, []), seed).ask(32)
      for (const name of ['a', 'b', 'c'])
        expect(new Set(points.map(({ point }) => Math.floor((point[name] as number) * 10))).size).toBe(10)
    }
  })
})
