import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../src/core/time.js'
import {
  compareRuns,
  differencesFromFirst,
  type ComparedMetric,
  type Comparison,
} from '../../src/report/comparison.js'
import { tradeOverlap } from '../../src/report/comparison-trades.js'
import { comparedRun, START, trade } from './comparison-example.js'

const common = (comparison: Comparison, key: string): ComparedMetric =>
  comparison.common!.metrics.find((one) => one.key === key)!
const figure = (comparison: Comparison, key: string): ComparedMetric =>
  comparison.headline.find((one) => one.key === key)!

describe('figures side by side', () => {
  it('mark the best where more or less is better, and nothing where it is a matter of taste', () => {
    const wave = (bar: number): number => 10_000 + bar + 200 * Math.sin(bar / 100)
    const comparison = compareRuns([comparedRun(), comparedRun({ id: 'b-0123456789ab' }, 60, wave)])
    expect(comparison.doubts.isComparable).toBe(true)
    expect(figure(comparison, 'totalReturn').best).toHaveLength(1)
    expect(figure(comparison, 'maxDrawdown').best).toEqual([0])
    expect(figure(comparison, 'trades').best).toEqual([])
    expect(figure(comparison, 'timeInMarket').best).toEqual([])
  })

  it('mark nothing where all are equal', () => {
    const comparison = compareRuns([comparedRun(), comparedRun({ id: 'b-0123456789ab' })])
    expect(comparison.headline.flatMap(({ best }) => best)).toEqual([])
    expect(comparison.differences).toEqual([])
    expect(differencesFromFirst(figure(comparison, 'totalReturn'))).toEqual([{ value: 0 }, { value: 0 }])
  })

  it.each([
    ['other data', { dataHash: 'e'.repeat(64) }, 'did not read the same data'],
    [
      'another instrument',
      { instruments: [{ id: 'test:BBB-PERP', quote: 'USDT' }] },
      'Different instruments: test:AAA-PERP (A); test:BBB-PERP (B)',
    ],
    [
      'synthetic data',
      { synthetic: true },
      'SYNTHETIC AGAINST RECORDED: B ran on synthetic data, A on recorded',
    ],
    ['another timeframe', { timeframeMs: DAY_MS }, 'Different timeframes: 1h (A); 1d (B)'],
    ['another period', { startTime: START + 10 * DAY_MS }, 'cut to 2030-01-11 to 2030-03-02'],
  ])('mark nothing and say why over %s', (_name, changes, words) => {
    const comparison = compareRuns([comparedRun(), comparedRun(changes, 60, (bar) => 10_000 + 2 * bar)])
    expect(comparison.doubts.isComparable).toBe(false)
    expect(comparison.headline.flatMap(({ best }) => best)).toEqual([])
    expect(comparison.doubts.warnings.join('\n')).toContain(words)
  })

  it('rank no sum of money of different balances, and say so', () => {
    const comparison = compareRuns([
      comparedRun(),
      comparedRun({ startingBalance: 20_000 }, 60, (bar) => 20_000 + bar),
    ])
    expect(comparison.doubts.warnings.join('\n')).toContain(
      'Different starting balances: 10,000.00 (A); 20,000.00 (B)',
    )
    const money = comparison.sections.flatMap(({ metrics }) => metrics).filter(({ unit }) => unit === 'money')
    expect(money.length).toBeGreaterThan(3)
    expect(money.flatMap(({ best }) => best)).toEqual([])
    expect(figure(comparison, 'totalReturn').best).toEqual([0])
  })

  it('warn of hindsight where several are compared, and of few trades', () => {
    const runs = [comparedRun(), comparedRun({ trades: [trade(0, 5)] }), comparedRun()]
    const { warnings } = compareRuns(runs).doubts
    expect(warnings.join('\n')).toContain('The best of 3 is chosen in hindsight')
    expect(warnings.join('\n')).toContain('Fewer than 30 trades: B.')
  })
})

describe('inputs', () => {
  it('are told where they differ, and where a run has none', () => {
    const other = new Map([
      ['strategy.params.fast', '12'],
      ['detailMs', '60000'],
    ])
    const { differences } = compareRuns([comparedRun(), comparedRun({ inputs: other })])
    expect(differences).toEqual([
      { path: 'strategy.params.fast', values: ['10', '12'] },
      { path: 'detailMs', values: [undefined, '60000'] },
    ])
  })
})

describe('the common period', () => {
  // The second run starts ten days later, at twice the balance.
  const late = { startTime: START + 10 * DAY_MS, startingBalance: 20_000 }
  const runs = [comparedRun({}, 60), comparedRun(late, 60, (bar) => 20_000 + 4 * bar)]

  it('holds whole days that both cover, with returns from its first day', () => {
    const comparison = compareRuns(runs)
    expect(comparison.common).toMatchObject({
      startTime: START + 10 * DAY_MS,
      endTime: START + 60 * DAY_MS,
      days: 50,
    })
    const [a, b] = common(comparison, 'totalReturn').values
    expect(a!.value).toBeCloseTo((10_000 + 60 * 24) / (10_000 + 10 * 24) - 1, 12)
    expect(b!.value).toBeCloseTo((4 * 50 * 24) / 20_000, 12)
  })

  it('does not exist where no two days are shared', () => {
    const apart = compareRuns([comparedRun(), comparedRun({ startTime: START + 59 * DAY_MS })])
    expect(apart.common).toBeUndefined()
    const never = compareRuns([comparedRun(), comparedRun({ startTime: START + 90 * DAY_MS })])
    expect(never.doubts.warnings.join('\n')).toContain('no time in common')
  })

  it('correlates daily returns: 1 with the like, −1 with the opposite, n/a below ten days and for a flat run', () => {
    const growing = (sign: number) => (bar: number) =>
      10_000 * 1.0001 ** (sign * Math.round(300 * Math.sin(bar / 40)))
    const up = comparedRun({}, 60, growing(1))
    const down = comparedRun({}, 60, growing(-1))
    const flat = comparedRun({}, 60, () => 10_000)
    const { correlation } = compareRuns([up, down, flat]).common!
    expect(correlation[0]![0]!.value).toBeCloseTo(1, 12)
    expect(correlation[0]![1]!.value).toBeLessThan(-0.99)
    expect(correlation[0]![1]).toEqual(correlation[1]![0])
    expect(correlation[0]![2]!.value).toBeUndefined()
    const short = compareRuns([comparedRun({}, 9, growing(1)), comparedRun({}, 9, growing(1))])
    expect(short.common!.correlation[0]![1]).toEqual({ reason: '9 common days, at least 10 needed' })
  })

  it('says n/a, not 0, of a run that lost everything', () => {
    const ruined = comparedRun({ metrics: comparedRun().metrics }, 60, (bar) => (bar > 700 ? 0.0 : 10_000))
    const { common: shared } = compareRuns([comparedRun(), ruined])
    expect(shared!.metrics.find(({ key }) => key === 'sharpe')!.values[1]).toEqual({
      reason: 'equity fell to zero',
    })
    expect(shared!.metrics.find(({ key }) => key === 'totalReturn')!.values[1]).toEqual({ value: -1 })
  })
})

describe('overlap of trades', () => {
  it('counts equal entries and shared time by hand', () => {
    const a = [trade(0, 10), trade(20, 30)]
    const b = [trade(0, 5), trade(25, 40), trade(50, 60, { side: -1 })]
    const { sameEntries, sharedTime } = tradeOverlap([a, b, []])
    expect(sameEntries[0]![1]).toEqual({ value: 1 / 2 })
    expect(sameEntries[1]![0]).toEqual({ value: 1 / 3 })
    // 5 of 20 hours, and 5 more from 25 to 30; of b's 30 hours the same ten.
    expect(sharedTime[0]![1]).toEqual({ value: 10 / 20 })
    expect(sharedTime[1]![0]).toEqual({ value: 10 / 30 })
    expect(sharedTime[2]![0]).toEqual({ reason: 'no time in a position' })
    expect(sameEntries[2]![2]).toEqual({ reason: 'no trade' })
  })

  it('takes no other side and no other instrument for the same', () => {
    const { sharedTime, sameEntries } = tradeOverlap([
      [trade(0, 10)],
      [trade(0, 10, { side: -1 })],
      [trade(0, 10, { instrumentId: 'test:BBB-PERP' })],
    ])
    for (const other of [1, 2]) {
      expect(sharedTime[0]![other]).toEqual({ value: 0 })
      expect(sameEntries[0]![other]).toEqual({ value: 0 })
    }
  })
})

describe('months', () => {
  it('stand side by side, absent where a run has none', () => {
    const late = comparedRun({ startTime: Date.UTC(2030, 1, 1) }, 28)
    const { monthly } = compareRuns([comparedRun({}, 31), late])
    expect(
      monthly.map(({ startTime, returns }) => [startTime, returns.map((value) => value === null)]),
    ).toEqual([
      [START, [false, true]],
      [Date.UTC(2030, 1, 1), [true, false]],
    ])
  })
})
