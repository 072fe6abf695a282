import { describe, expect, it } from 'vitest'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { chart, lines } from '../../src/notebook/chart.js'
import { linesContents } from '../../src/notebook/lines.js'
import { show } from '../../src/notebook/show.js'
import { table } from '../../src/report/table.js'
import { judge } from '../../src/research/overfitting/verdict.js'
import { instrumentLevels, simulateMarket } from '../../src/market/index.js'
import { HOUR_MS } from '../../src/core/time.js'

const TIMES = Float64Array.from({ length: 5 }, (_, hour) => Date.UTC(2024, 0, 1, hour))

describe('show', () => {
  it('escapes whatever comes from data: names, texts, titles', async () => {
    const hostile = '<img src=x onerror=alert(1)>"\'&'
    for (const html of [
      await show(table(hostile, [hostile, 'b#'], [[hostile, '1']])),
      await show([{ [hostile]: hostile }]),
      await lines(TIMES, { [hostile]: TIMES }, { title: hostile, note: hostile }),
    ]) {
      expect(html).not.toContain('<img')
      expect(html).toContain('&lt;img')
    }
  })

  it('runs no script, asks for nothing, and styles nothing but itself', async () => {
    const html = await lines(TIMES, { close: TIMES })
    expect(html).toMatch(/^<div class="baleen-cell">/)
    expect(html).not.toMatch(/<script|@import|url\((?!#)/)
    const style = /<style>([^]*?)<\/style>/.exec(html)?.[1] ?? ''
    const selectors = style.split('}').flatMap((rule) => (rule.includes('{') ? (rule.split('{')[0] ?? '').split(',') : [])) // prettier-ignore
    expect(selectors.length).toBeGreaterThan(10)
    expect(selectors.filter((one) => !/^\s*(div)?\.baleen-cell/.test(one))).toEqual([])
  })

  it('shows the first and the last rows of columns, times in UTC, and says NaN where there is none', async () => {
    const many = Float64Array.from({ length: 1000 }, (_, row) => (row === 1 ? NaN : row + 0.5))
    const html = await show({ openTime: many.map((_, row) => TIMES[0]! + row * HOUR_MS), close: many })
    expect(html).toContain('1,000 rows, 2024-01-01 to 2024-02-11 UTC')
    expect(html).toContain('2024-01-01 01:00')
    expect(html).toContain('NaN')
    expect(html).toContain('999.5')
    expect(html).not.toContain('500.5')
    expect((html.match(/<tr>/g) ?? []).length).toBe(1 + 5 + 1 + 3)
  })

  it('shows candles as the market makes them, an empty answer as none, and refuses what has no columns', async () => {
    const market = { startTime: TIMES[0]!, bars: 30, timeframeMs: HOUR_MS, instruments: instrumentLevels(1), edge: 0, driftPerHour: 0, gaps: false } // prettier-ignore
    const [{ candles }] = simulateMarket(market, xoroshiro128plus(1)).instruments as unknown as [
      { candles: object },
    ]
    expect(await show(candles)).toContain('30 rows')
    expect(await show([])).toContain('0 rows')
    await expect(show({ a: 1 })).rejects.toThrow('no column')
  })

  it('shows a verdict with every reason and every gate', async () => {
    const none = { reason: 'not run' }
    const verdict = judge({
      spaPValue: { value: 0.7 }, deflatedSharpe: none, overfitting: { probability: none, probabilityOfLoss: none, isPlateau: false },
      randomEntryPValue: none, walkForwardNet: none, walkForwardEfficiency: none, days: 10, minimumTrackRecordDays: none, trades: 3,
      returnAtTwiceCosts: none, keptOneBarLate: none, pessimisticReturn: none, checks: [],
    } as unknown as Parameters<typeof judge>[0]) // prettier-ignore
    const html = await show(verdict)
    expect(html).toContain('Verdict: no')
    for (const { name } of verdict.gates) expect(html).toContain(name)
    for (const reason of verdict.reasons) expect(html).toContain(reason.slice(0, 20))
  })
})

describe('charts', () => {
  it('are SVG in the colours of light paper, with ids of their own, and the same for the same data', async () => {
    const spec = { height: 50, data: { values: [{ a: 1, b: 2 }, { a: 2, b: 3 }] }, mark: 'rect', encoding: { x: { field: 'a', type: 'quantitative' }, color: { field: 'b', type: 'quantitative', scale: { range: ['var(--loss)', 'var(--gain)'] } } } } // prettier-ignore
    const [first, again, other] = await Promise.all([
      chart({ title: 'x', spec }),
      chart({ title: 'x', spec }),
      chart({ title: 'x', spec: { ...spec, height: 60 } }),
    ])
    expect(first).toContain('<svg')
    expect(first).toBe(again)
    expect(first?.split('<svg')[1]).not.toContain('var(--')
    const ids = (html = ''): string[] => [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id ?? '')
    expect(ids(first).length).toBeGreaterThan(0)
    expect(ids(first).filter((id) => ids(other).includes(id))).toEqual([])
    for (const [, id] of (first ?? '').matchAll(/url\(#([^)]+)\)/g)) expect(ids(first)).toContain(id)
  })

  it('break a line where a value is missing, and keep the extremes of long columns', () => {
    const length = 20_000
    const time = Float64Array.from({ length }, (_, row) => row * HOUR_MS)
    const spike = new Float64Array(length)
    spike[12_345] = 99
    spike.fill(NaN, 3_000, 5_000)
    const { spec } = linesContents(time, { spike }, {}) as { spec: { layer: { data: { values: { value: number | null }[] } }[] } } // prettier-ignore
    const values = (spec.layer[0]?.data.values ?? []).map(({ value }) => value)
    expect(values.length).toBeLessThan(1_000)
    expect(values).toContain(99)
    expect(values).toContain(null)
  })

  it('refuse columns of other lengths, naming the column and both lengths', () => {
    expect(() => linesContents(TIMES, { close: new Float64Array(4) }, {})).toThrow(/5 rows.*close.*4/)
  })
})
